"""Who reaches what: asked of the running application route by route, and pinned in a table that people can read.

After a change that is meant, write the table anew with `IJAZA_TEST_PIN=1 ./ijaza test tests/house/test_access.py` and read the difference.
"""

import difflib
import os
from pathlib import Path

import pytest
from flask import Flask

from accounts.permissions import Role
from foundation.access import UndeclaredViews, declared_access, refuse_undeclared
from tests.support.inhabited import WorldApp
from tests.support.routes import Route, addresses, list_routes

TABLE = Path(__file__).parent / "access_matrix.txt"
HEADING = """\
# Every page and act: what it asks for, and which roles reach it for an object of their own.
# Written by tests/house/test_access.py; a change here is a change of who may do what.
"""


def test_every_route_declares_who_may_enter(inhabited: WorldApp) -> None:
    app = inhabited.app
    silent = [rule.rule for rule in app.url_map.iter_rules() if declared_access(app, rule.endpoint) is None]
    assert silent == []


def test_application_with_an_undeclared_view_does_not_start() -> None:
    app = Flask("undeclared")
    app.add_url_rule("/back-door", "back_door", lambda: "open")
    with pytest.raises(UndeclaredViews, match="back_door"):
        refuse_undeclared(app)


@pytest.mark.parametrize("inhabited", ["sqlite"], indirect=True)
def test_each_role_reaches_what_the_table_says(inhabited: WorldApp) -> None:
    lines = [_describe(inhabited, route) for route in list_routes(inhabited.app)]
    found = HEADING + "".join(f"{line}\n" for line in sorted(lines))
    if os.environ.get("IJAZA_TEST_PIN"):
        TABLE.write_text(found, encoding="utf-8")
    pinned = TABLE.read_text(encoding="utf-8")
    difference = difflib.unified_diff(
        pinned.splitlines(), found.splitlines(), "pinned", "found", lineterm="", n=0
    )
    assert found == pinned, "\n".join(difference)


def _describe(inhabited: WorldApp, route: Route) -> str:
    if route.access.public:
        asks, who = "public", "anybody"
    else:
        asks = str(route.access.permission or "signed-in")
        reached = [
            role.value
            for role, user_id in inhabited.world.users.items()
            if _reaches(inhabited, route, user_id)
        ]
        who = "everybody signed in" if len(reached) == len(Role) else " ".join(sorted(reached)) or "nobody"
    return f"{route.endpoint:<32} {route.method:<5} {asks:<36} {who}"


def _reaches(inhabited: WorldApp, route: Route, user_id: int) -> bool:
    """Return whether the user gets anything else than a refusal for any object that the world has for him."""
    for address in addresses(inhabited.app, route, inhabited.world, inhabited.world.a):
        response = inhabited.ask(user_id, route.method, address)
        if response.status_code not in (403, 404):
            assert response.location != f"/sign-in?next={address}", f"{route}: the session of the test ended"
            return True
    return False


def test_who_is_not_signed_in_is_asked_to_wherever_it_is_not_public(inhabited: WorldApp) -> None:
    wrong = []
    for route in list_routes(inhabited.app):
        if route.access.public:
            continue
        for address in addresses(inhabited.app, route, inhabited.world, inhabited.world.a):
            response = inhabited.ask(None, route.method, address)
            if response.status_code != 302 or not response.location.startswith("/sign-in"):
                wrong.append(f"{route}: {response.status_code} {response.location}")
            break
    assert wrong == []
