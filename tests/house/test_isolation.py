"""Isolation, proved: whatever belongs to one agency does not exist for another, route by route, act by act.

Both agencies of the world have people in the same cohorts. Every name, note and file of an agency carries a stem that is
nowhere else, so that a leak is seen wherever it stands: in a page, in an answer in JSON, inside a workbook or an archive.
"""

import io
import zipfile
from itertools import product

from werkzeug.test import TestResponse

from foundation.access import AccessEntry
from foundation.db import db
from tests.factories.world import NothingToShow, Side, Value
from tests.support.inhabited import WorldApp
from tests.support.routes import Route, address_of, list_routes

REFUSED = (403, 404)


def _routes_with_objects(inhabited: WorldApp) -> list[Route]:
    """Routes that name an object. The public ones need what a certificate or a letter gave to its bearer."""
    routes = list_routes(inhabited.app)
    return [route for route in routes if route.rule.arguments and not route.access.public]


def _strangers(inhabited: WorldApp) -> dict[str, int]:
    world = inhabited.world
    return {
        "officer of the other agency": world.b.officer,
        "trainee of the other agency": world.b.trainee,
        "officer without an agency": world.officer_of_nobody,
    }


def _text_of(response: TestResponse) -> str:
    """Return all that an answer says, the insides of workbooks and archives included."""
    body = response.get_data()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = (
                b"\n".join(packed.read(name) for name in packed.namelist())
                + "".join(packed.namelist()).encode()
            )
    text = body.decode("utf-8", "replace")
    return (
        text
        + str(response.headers.get("Location", ""))
        + str(response.headers.get("Content-Disposition", ""))
    )


def _leaks(response: TestResponse, side: Side) -> list[str]:
    text = _text_of(response).casefold()
    return [stem for stem in (side.stem, side.native_stem) if stem.casefold() in text]


def _right_answers(route: Route, arguments: dict[str, Value], inhabited: WorldApp) -> tuple[int, ...]:
    """404; where the address begins with something that both see (a cohort), the refusal of that act is right too."""
    first = route.access.parameter
    hidden = first is None or inhabited.world.is_owned({first: arguments[first]}, inhabited.world.a)
    return (404,) if hidden else REFUSED


def test_world_has_something_to_show_for_every_route(inhabited: WorldApp) -> None:
    missing = set()
    for route in list_routes(inhabited.app):
        try:
            list(inhabited.world.fill(route.rule, inhabited.world.a))
        except NothingToShow as error:
            missing.add(str(error))
    assert missing == set()


def test_objects_of_an_agency_do_not_exist_for_anybody_of_another(inhabited: WorldApp) -> None:
    world, wrong = inhabited.world, []
    for route, (who, user_id) in product(_routes_with_objects(inhabited), _strangers(inhabited).items()):
        for arguments in world.fill(route.rule, world.a):
            if not world.is_owned(arguments, world.a):
                continue
            address = address_of(inhabited.app, route, arguments)
            response = inhabited.ask(user_id, route.method, address)
            if response.status_code not in _right_answers(route, arguments, inhabited) or _leaks(
                response, world.a
            ):
                wrong.append(
                    f"{who}: {route.method} {address} -> {response.status_code} {_leaks(response, world.a)}"
                )
    assert not wrong, "\n".join(wrong)


def test_objects_of_two_agencies_cannot_be_mixed_in_one_address(inhabited: WorldApp) -> None:
    world, wrong = inhabited.world, []
    for route in _routes_with_objects(inhabited):
        if len(route.rule.arguments) < 2:
            continue
        for own in world.fill(route.rule, world.b):
            for foreign in world.fill(route.rule, world.a):
                for name in route.rule.arguments:
                    mixed: dict[str, Value] = {**own, name: foreign[name]}
                    if not world.is_owned({name: foreign[name]}, world.a):
                        continue
                    address = address_of(inhabited.app, route, mixed)
                    response = inhabited.ask(world.b.officer, route.method, address)
                    if response.status_code not in REFUSED or _leaks(response, world.a):
                        wrong.append(f"{route.method} {address} -> {response.status_code}")
    assert not wrong, "\n".join(wrong)


def test_what_both_agencies_share_shows_each_its_own_people_alone(inhabited: WorldApp) -> None:
    """Cohorts, courses and editions are the host's: seen by both, and no act upon them is theirs."""
    world, wrong = inhabited.world, []
    for route, (who, user_id) in product(_routes_with_objects(inhabited), _strangers(inhabited).items()):
        for arguments in world.fill(route.rule, world.b):
            if world.is_owned(arguments, world.b):
                continue
            address = address_of(inhabited.app, route, arguments)
            response = inhabited.ask(user_id, route.method, address)
            if found := _leaks(response, world.a):
                wrong.append(f"{who}: {route.method} {address} -> {response.status_code} {found}")
    assert not wrong, "\n".join(wrong)


def test_lists_exports_and_search_hold_no_foreign_name(inhabited: WorldApp) -> None:
    world, wrong = inhabited.world, []
    routes = [route for route in list_routes(inhabited.app, "GET") if not route.rule.arguments]
    questions = [
        "",
        f"?q={world.a.stem[:6]}",
        f"?q={world.a.native_stem[:4]}",
        "?q=Given",
        "?agency=1",
        "?state=",
    ]
    for route, (who, user_id) in product(routes, _strangers(inhabited).items()):
        for question in questions:
            response = inhabited.ask(user_id, route.method, route.rule.rule + question)
            if found := _leaks(response, world.a):
                wrong.append(f"{who}: {route.rule.rule}{question} {found}")
    assert not wrong, "\n".join(wrong)


def test_own_lists_do_hold_the_own_names(inhabited: WorldApp) -> None:
    """The proofs above would pass on empty pages: the officer's own pages say her people's names."""
    world = inhabited.world
    for address in (
        "/persons",
        "/search?q=Qamar",
        f"/nominations/{world.a.objects['nomination'][0]}",
        "/certificates",
    ):
        response = inhabited.ask(world.a.officer, "GET", address)
        assert response.status_code == 200, address
        assert _leaks(response, world.a), address


def test_own_objects_are_reached_by_their_own_officer(inhabited: WorldApp) -> None:
    world = inhabited.world
    seen = set()
    for route in _routes_with_objects(inhabited):
        if route.method != "GET":
            continue
        for arguments in world.fill(route.rule, world.a):
            response = inhabited.ask(world.a.officer, "GET", address_of(inhabited.app, route, arguments))
            if response.status_code == 200 and world.is_owned(arguments, world.a):
                seen.add(route.endpoint)
    assert {"persons.show", "nominations.show", "certificates.show", "agencies.show"} <= seen


def test_public_pages_of_a_certificate_say_what_is_printed_and_nothing_private(inhabited: WorldApp) -> None:
    world = inhabited.world
    for ending in ("", ".json"):
        response = inhabited.ask(None, "GET", f"/verify/{world.a.objects['code'][0]}{ending}")
        text = _text_of(response)
        assert response.status_code == 200
        assert f"GivenA {world.a.stem}" in text
        for private in ("1988-03", "@qamarzad.example", "captain", "looked into", "Directorate", "+962"):
            assert private not in text, private


def test_person_of_two_agencies_shows_neither_what_the_other_wrote(inhabited: WorldApp) -> None:
    world = inhabited.world
    dual = world.shared["person_of_both"][0]
    response = inhabited.ask(world.b.officer, "GET", f"/persons/{dual}")
    assert response.status_code == 200
    assert "Bothways" in response.get_data(as_text=True)
    assert _leaks(response, world.a) == []


def test_asking_for_a_foreign_object_is_remembered(inhabited: WorldApp) -> None:
    world = inhabited.world
    person = world.a.objects["person"][0]
    with inhabited.with_access_log():
        before = db.session.query(AccessEntry).count()
        inhabited.ask(world.b.officer, "GET", f"/persons/{person}")
        entry = db.session.query(AccessEntry).order_by(AccessEntry.id.desc()).first()
        assert entry is not None
        assert db.session.query(AccessEntry).count() == before + 1
    assert (entry.kind, entry.user_id, entry.detail) == ("not_found", world.b.officer, f"person {person}")
