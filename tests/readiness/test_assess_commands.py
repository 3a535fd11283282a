"""`readiness assess`, `report` and `load-standards`: one document on standard output, honest exit codes."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask

from foundation import clock
from foundation.db import db
from readiness.models import Snapshot
from tests.factories.accounts import make_agency
from tests.factories.readiness import load, make_members, make_story_team, make_team


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["readiness", *arguments])


def document(result: Result) -> dict[str, Any]:
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_assess_says_the_story_before_and_after(app: Flask) -> None:
    make_story_team(make_agency("CPD"))
    db.session.commit()
    after = document(run(app, "assess", "--team", "cpd-mcm", "--standard", "mcm-team", "--json"))
    assert (after["team"], after["standard"], after["edition"]) == ("CPD-MCM", "mcm-team", "1")
    assert (after["filled"], after["required"]) == (17, 18)
    assert [(one["id"], one["need"], one["filled"]) for one in after["positions"]] == [
        ("LDR", 2, 1),
        ("TRI", 4, 4),
        ("RSP", 12, 12),
    ]
    (gap,) = after["bottlenecks"]
    assert (gap["positions"], gap["need"], gap["qualified"], gap["short"]) == (["LDR"], 2, 1, 1)
    assert gap["candidates"][0]["missing"] == ["M-MIM-320"]
    assert sum(line["usable"] for line in after["equipment"]) == 12
    assert [area["code"] for area in after["areas"]] == list("PSRTXD")
    assert after["snapshot"] is None
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    before = document(
        run(app, "assess", "--team", "CPD-MCM", "--standard", "mcm-team", "--on", yesterday, "--json")
    )
    assert (before["filled"], sum(line["on_hand"] for line in before["equipment"])) == (5, 0)
    assert before["level"] == 4
    assert db.session.query(Snapshot).count() == 0


def test_unknown_team_standard_and_day_are_refused_in_words(app: Flask) -> None:
    load()
    make_team(code="T-1")
    db.session.commit()
    for arguments in (
        ("--team", "NONE", "--standard", "mcm-team"),
        ("--team", "T-1", "--standard", "none"),
        ("--team", "T-1", "--standard", "mcm-team", "--on", "2025-01-01"),
    ):
        result = run(app, "assess", *arguments, "--json")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr
    assert run(app, "assess", "--team", "T-1", "--standard", "mcm-team", "--on", "today").exit_code == 2


def test_report_keeps_a_snapshot_and_writes_the_pdf(app: Flask, tmp_path: Path) -> None:
    team = make_team(code="T-1")
    make_members(team, 2, "M-MIM-320")
    db.session.commit()
    out = tmp_path / "report.pdf"
    found = document(
        run(
            app,
            "report",
            "--team",
            "T-1",
            "--standard",
            "mcm-team",
            "--language",
            "ar",
            "--out",
            str(out),
            "--json",
        )
    )
    assert found["snapshot"] == f"S-{clock.now().year}-0001"
    assert (found["filled"], found["language"]) == (2, "ar")
    assert out.read_bytes().startswith(b"%PDF-")
    assert db.session.query(Snapshot).one().number == found["snapshot"]


def test_load_standards_says_what_it_wrote(app: Flask) -> None:
    assert len(document(run(app, "load-standards", "--json"))["editions"]) == 11
    assert document(run(app, "load-standards", "--json"))["unchanged"] == 11
