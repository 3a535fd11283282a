"""The description tells the truth: whatever it allows is answered as it says, whatever it forbids is refused.

Tried out by schemathesis with requests of its own invention; what it may meet beside success stands in `schemathesis.toml`,
each with its reason.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from foundation.api import openapi
from foundation.db import db
from tests.factories.world import World, make_world

CONFIG = Path(__file__).parent / "schemathesis.toml"
LEAST_CASES = 600


def _config(world: World) -> SchemathesisConfig:
    """Return the settings with a token, and with the names of things that there are: answers are looked at, not refusals alone."""
    settings: dict[str, Any] = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    settings["headers"] = {"Authorization": f"Bearer {world.a.token}"}
    course, number, person = str(world.a.objects["enrolment_place"][0]).split("/")
    place = {"course": course, "number": number, "person": person}
    by_path = {
        "/people/{person}": {"person": person},
        "/cohorts/{course}/{number}": {"course": course, "number": number},
        "/nominations/{course}/{number}/{person}": place,
        "/enrolments/{course}/{number}/{person}": place,
        "/certificates/{number}": {"number": world.a.objects["certificate_number"][0]},
        "/deeds/{number}": {"number": world.a.objects["deed_number"][0]},
        "/teams/{code}": {"code": world.a.objects["team_code"][0]},
        "/teams/{code}/readiness": {"code": world.a.objects["team_code"][0]},
        "/certificates/{number}/pdf": {"number": world.a.objects["certificate_number"][0]},
    }
    settings["operations"] = [
        {"include-path": path, "parameters": {f"path.{name}": value for name, value in names.items()}}
        for path, names in by_path.items()
    ]
    settings["operations"].append({"include-method": "PATCH", "parameters": {"header.If-Match": "*"}})
    return SchemathesisConfig.from_dict(settings)


# On one database: what is asked of it are the same services, whose tests run on both.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_description_holds_for_requests_that_nobody_thought_of(app: Flask) -> None:
    world = make_world()
    db.session.remove()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=_config(world))
    cases, answered, problems = 0, set(), set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            for interaction in event.recorder.interactions.values():
                cases += 1
                if interaction.response is not None and interaction.response.status_code < 300:
                    answered.add(event.recorder.label)
            for checks in event.recorder.checks.values():
                problems |= {
                    f"{event.recorder.label}: {check.name}: {check.failure_info.failure}"
                    for check in checks
                    if check.failure_info is not None
                }
        elif isinstance(event, events.NonFatalError | events.FatalError):
            problems.add(str(event.info if isinstance(event, events.NonFatalError) else event.exception))
    assert not problems, "\n\n".join(sorted(problems))
    assert cases >= LEAST_CASES
    paths = openapi.describe(app)["paths"]
    described = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert described - answered == set()


def test_description_is_printed_by_a_command(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["openapi"])
    assert printed.exit_code == 0
    document = json.loads(printed.stdout)
    assert document["openapi"] == "3.1.0"
    assert document == json.loads(json.dumps(openapi.describe(app)))
    client = app.test_client()
    assert client.get("/api/v1/openapi.json").json == document
    assert client.get("/api/v1/").json["description"] == "/api/v1/openapi.json"
