"""The API's doors, operation by operation: which scope opens which, who is turned away how, and that no agency sees another's.

After a change that is meant, write the table anew with `IJAZA_TEST_PIN=1 ./ijaza test tests/house/test_api.py` and read the difference.
"""

import difflib
import os
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts.models import Agency, ApiScope
from accounts.services import api_tokens
from foundation.access import public, requires
from foundation.api import openapi, operations
from foundation.db import db
from tests.factories.world import TODAY, Side, Value
from tests.house.test_isolation import _leaks
from tests.house.test_reads_do_not_write import _fingerprint
from tests.support.inhabited import WorldApp
from tests.support.routes import Route, address_of, addresses, list_routes

TABLE = Path(__file__).parent / "api_matrix.txt"
HEADING = """\
# Every operation of the API: the scope and the permission it asks for, and which scopes open it for the agency's own.
# Written by tests/house/test_api.py; a change here is a change of what a token may do.
"""


def _operations(inhabited: WorldApp) -> list[Route]:
    return [route for route in list_routes(inhabited.app, api=True) if not route.access.public]


def _bodies(inhabited: WorldApp, side: Side) -> dict[str, Any]:
    """Return a body that each writing operation takes, about things of a side."""
    return {
        "people_api.register": {
            "birth_date": "1991-04-05",
            "family_name": side.stem,
            "given_names": "Newcomer",
        },
        "people_api.change": {"rank": "major"},
        "nominations_api.make": {
            "cohort": inhabited.world.shared["cohort_code"][1],
            "people": [side.objects["person_public_ref"][2]],
        },
        "nominations_api.withdraw": {"reason": "posted elsewhere"},
    }


def _call(
    inhabited: WorldApp, token: str | None, route: Route, address: str, side: Side, **headers: str
) -> TestResponse:
    values: dict[str, Any] = {}
    if route.method in ("POST", "PATCH"):
        values["json"] = _bodies(inhabited, side)[route.endpoint]
    if route.method == "PATCH":
        headers["If-Match"] = inhabited.call(side.token, "GET", address).headers.get("ETag", '"none"')
    return inhabited.call(token, route.method, address, headers=headers, **values)


@pytest.mark.parametrize("inhabited", ["sqlite"], indirect=True)
def test_each_scope_opens_what_the_table_says(inhabited: WorldApp) -> None:
    world, tokens = inhabited.world, {}
    agency = db.session.get_one(Agency, world.a.objects["agency"][0])
    for scope in ApiScope:
        tokens[scope] = api_tokens.give_token(
            agency, label=scope.value, scopes=[scope], expires_on=TODAY, actor=None
        )[1]
    db.session.commit()
    lines = []
    for route in _operations(inhabited):
        operation = operations.declared_operation(inhabited.app, route.endpoint)
        assert operation is not None
        opened = [
            scope.value
            for scope, token in tokens.items()
            if any(
                _call(inhabited, token, route, address, world.a).status_code not in (401, 403, 404)
                for address in addresses(inhabited.app, route, world, world.a)
            )
        ]
        asks = f"{operation.scope.value:<20} {route.access.permission!s:<18}"
        lines.append(f"{route.endpoint:<28} {route.method:<6} {asks} {' '.join(opened) or 'nothing'}")
    found = HEADING + "".join(f"{line}\n" for line in sorted(lines))
    if os.environ.get("IJAZA_TEST_PIN"):
        TABLE.write_text(found, encoding="utf-8")
    pinned = TABLE.read_text(encoding="utf-8")
    difference = difflib.unified_diff(
        pinned.splitlines(), found.splitlines(), "pinned", "found", lineterm="", n=0
    )
    assert found == pinned, "\n".join(difference)


def test_operation_without_a_scope_is_refused_at_start_up() -> None:
    app = Flask("unscoped")
    app.add_url_rule("/api/v1/open", "open", public(lambda: "open"))
    app.add_url_rule("/api/v1/back-door", "back_door", requires(None)(lambda: "anything"))
    with pytest.raises(operations.UnscopedViews, match="back_door"):
        operations.refuse_unscoped(app)


def test_without_a_token_every_operation_answers_401_also_to_a_signed_in_officer(inhabited: WorldApp) -> None:
    world, wrong = inhabited.world, []
    for route in _operations(inhabited):
        for address in addresses(inhabited.app, route, world, world.a):
            for response in (
                inhabited.call(None, route.method, address),
                inhabited.ask(world.a.officer, route.method, address),
            ):
                asked = response.headers.get("WWW-Authenticate", "")
                if response.status_code != 401 or not asked.startswith("Bearer"):
                    wrong.append(f"{route.method} {address}: {response.status_code} {asked}")
    assert not wrong, "\n".join(wrong)


def test_own_things_are_reached_and_the_other_agencys_do_not_exist(inhabited: WorldApp) -> None:
    """B's token gets 404 for everything of A that has a name in the API; the same requests with A's token find it."""
    world, wrong, reached = inhabited.world, [], set()
    for route in _operations(inhabited):
        for arguments in world.fill(route.rule, world.a):
            address = address_of(inhabited.app, route, arguments)
            own = _call(inhabited, world.a.token, route, address, world.a)
            if own.status_code < 400:
                reached.add((route.endpoint, route.method))
            elif own.status_code not in (404, 409, 422):
                wrong.append(f"own {route.method} {address} -> {own.status_code} {own.text[:200]}")
            if not world.is_owned(arguments, world.a):
                continue
            response = _call(inhabited, world.b.token, route, address, world.a)
            if response.status_code != 404 or _leaks(response, world.a):
                wrong.append(
                    f"{route.method} {address} -> {response.status_code} {_leaks(response, world.a)}"
                )
    assert not wrong, "\n".join(wrong)
    missed = {(route.endpoint, route.method) for route in _operations(inhabited)} - reached
    assert missed == set()


def test_what_is_shared_and_what_is_listed_holds_no_foreign_name(inhabited: WorldApp) -> None:
    world, wrong = inhabited.world, []
    questions: list[dict[str, str]] = [{}, {"limit": "1"}, {"q": world.a.stem[:6]}]
    questions += [{"cohort": str(code)} for code in world.shared["cohort_code"]]
    for route, question in product(_operations(inhabited), questions):
        if route.method != "GET":
            continue
        for arguments in world.fill(route.rule, world.b):
            address = address_of(inhabited.app, route, arguments)
            response = inhabited.call(world.b.token, "GET", address, query_string=question)
            if response.status_code == 200 and not question and not response.data:
                wrong.append(f"{address}: nothing to see")
            if found := _leaks(response, world.a):
                wrong.append(f"{address} {question}: {found}")
    assert not wrong, "\n".join(wrong)


def test_foreign_people_cannot_be_named_in_a_body(inhabited: WorldApp) -> None:
    world = inhabited.world
    body = _bodies(inhabited, world.a)["nominations_api.make"]
    response = inhabited.call(world.b.token, "POST", "/api/v1/nominations", json=body)
    assert response.status_code == 422
    assert response.json["errors"] == [
        {"pointer": "#/people/0", "detail": "There is no such person in the agency."}
    ]


def test_reading_writes_nothing_and_tells_caches_to_ask(inhabited: WorldApp) -> None:
    world, before, wrong = inhabited.world, _fingerprint(), []
    for route in _operations(inhabited):
        if route.method != "GET":
            continue
        for address in addresses(inhabited.app, route, world, world.a):
            response = inhabited.call(world.a.token, "GET", address)
            if response.status_code != 200:
                continue
            if response.headers.get("Cache-Control") != "private, no-cache" or "ETag" not in response.headers:
                wrong.append(f"{address}: {dict(response.headers)}")
            again = inhabited.call(
                world.a.token, "GET", address, headers={"If-None-Match": response.headers["ETag"]}
            )
            if (again.status_code, again.data) != (304, b""):
                wrong.append(f"{address}: {again.status_code} to a tag that still holds")
    assert not wrong, "\n".join(wrong)
    assert _fingerprint() == before


def test_no_row_number_is_sent(inhabited: WorldApp) -> None:
    """Ids of the database are nobody's business outside: no field is called so, and no address carries one."""
    schemas = openapi.describe(inhabited.app)["components"]["schemas"]
    fields = {name for schema in schemas.values() for name in schema.get("properties", ())}
    assert not {name for name in fields if name == "id" or name.endswith("_id")}
    assert not [
        rule for rule, _method, _operation in openapi.list_operations(inhabited.app) if "<int:" in rule.rule
    ]


HOSTILE: dict[str, tuple[Any, str, set[int]]] = {
    "nothing": (b"", "application/json", {400}),
    "no JSON": (b"{", "application/json", {400}),
    "another kind of content": (b"a=1", "application/x-www-form-urlencoded", {415}),
    "a form with a file": (b"--x\r\n", "multipart/form-data; boundary=x", {415}),
    "no kind of content": (b"{}", "", {415}),
    "a list": (b"[]", "application/json", {422}),
    "null": (b"null", "application/json", {422}),
    "a field twice": (b'{"reason": "a", "reason": "b"}', "application/json", {400}),
    "deep nesting": (b"[" * 30_000 + b"]" * 30_000, "application/json", {400}),
    "deep objects": (b'{"a":' * 5000 + b"1" + b"}" * 5000, "application/json", {400}),
    "not a number": (b'{"rank": NaN}', "application/json", {400}),
    "a number of 5000 digits": (b'{"rank": ' + b"9" * 5000 + b"}", "application/json", {400}),
    "no encoding": (b'{"rank": "\xff"}', "application/json", {400}),
    "much": (b'{"reason": "' + b"x" * 70_000 + b'"}', "application/json", {413}),
    "unknown field": (b'{"is_admin": true}', "application/json", {422}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_bad_bodies_are_refused_by_a_problem_document(inhabited: WorldApp, kind: str) -> None:
    body, content_type, statuses = HOSTILE[kind]
    world, wrong = inhabited.world, []
    for route in _operations(inhabited):
        if route.method not in ("POST", "PATCH"):
            continue
        address = next(addresses(inhabited.app, route, world, world.a))
        headers = {"If-Match": "*"} if route.method == "PATCH" else {}
        response = inhabited.call(
            world.a.token, route.method, address, data=body, content_type=content_type, headers=headers
        )
        wrong += _faults(response, statuses, f"{route.method} {address}")
    assert not wrong, "\n".join(wrong)


def test_bad_texts_are_refused_wherever_a_text_is_taken(inhabited: WorldApp) -> None:
    world, wrong = inhabited.world, []
    for route in _operations(inhabited):
        if route.method not in ("POST", "PATCH"):
            continue
        address = next(addresses(inhabited.app, route, world, world.a))
        good = _bodies(inhabited, world.a)[route.endpoint]
        for name, text in product(
            good, ("\0", "a\u202eb", "\ud800", "\x1b[31m", "x" * 5000, 7, [1], {"a": 1}, True)
        ):
            headers = {"If-Match": "*"} if route.method == "PATCH" else {}
            response = inhabited.call(
                world.a.token, route.method, address, json={**good, name: text}, headers=headers
            )
            wrong += _faults(response, {422}, f"{route.method} {address} {name}={text!r:.20}")
            if response.status_code == 422 and not response.json["errors"][0]["pointer"].startswith(
                f"#/{name}"
            ):
                wrong.append(f"{route.method} {address} {name}: {response.json['errors']}")
    assert not wrong, "\n".join(wrong)


def test_bad_names_in_addresses_are_not_found_and_bad_parameters_refused(inhabited: WorldApp) -> None:
    world, wrong = inhabited.world, []
    for route in _operations(inhabited):
        if route.method != "GET":
            continue
        arguments: dict[str, Value] = next(iter(world.fill(route.rule, world.a)))
        good = address_of(inhabited.app, route, arguments)
        for value in map(str, arguments.values()):
            for bad in ("%00", "999", "..", "x" * 500, "%D9%A0", "a'b", value.lower() + "x", "%2e%2e%2f"):
                response = inhabited.call(world.a.token, "GET", good.replace(value.split("/")[-1], bad))
                wrong += _faults(response, {404}, f"{good} with {bad:.20}")
        for question in (
            "?limit=1&limit=2",
            "?unknown=1",
            "?limit=0",
            "?limit=201",
            "?limit=a",
            "?limit=%D9%A1",
        ):
            response = inhabited.call(world.a.token, "GET", good + question)
            wrong += _faults(response, {422}, good + question)
        if not arguments:
            for cursor in ("x", "W10", "WyJhIiwgImIiXQ", "WzEsMiwzXQ", "%00", "A" * 1900):
                response = inhabited.call(world.a.token, "GET", f"{good}?cursor={cursor}")
                wrong += _faults(response, {422}, f"{good} cursor {cursor:.20}")
    assert not wrong, "\n".join(wrong)


def test_unknown_addresses_and_methods_are_problems_too(inhabited: WorldApp) -> None:
    token = inhabited.world.a.token
    wrong = []
    for address in ("/api/", "/api/v1/nothing", "/api/v2/people", "/api/v1/people/a/b/c"):
        wrong += _faults(inhabited.call(token, "GET", address), {404}, address)
    for method in ("PUT", "DELETE", "PATCH"):
        response = inhabited.call(token, method, "/api/v1/people")
        wrong += _faults(response, {405}, method)
        assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))
    assert not wrong, "\n".join(wrong)


def _faults(response: TestResponse, statuses: set[int], what: str) -> list[str]:
    """Return what is wrong with a refusal: its status, its kind of content, or its document."""
    if response.status_code not in statuses:
        return [f"{what}: {response.status_code} {response.text[:200]}"]
    if response.mimetype != "application/problem+json":
        return [f"{what}: {response.mimetype}"]
    problem = response.json
    whole = {"type", "title", "status", "detail", "instance"} <= set(problem)
    return [] if whole and problem["status"] == response.status_code else [f"{what}: {problem}"]
