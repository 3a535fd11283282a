"""Reading changes nothing, and every answer carries what keeps browsers honest: every page, as every role, in three languages."""

import hashlib
from itertools import cycle

from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.models import User, UserSession
from accounts.permissions import Role
from foundation.access import AccessEntry
from foundation.db import db
from foundation.i18n import LANGUAGES
from foundation.web import HEADERS
from tests.support.inhabited import WorldApp
from tests.support.routes import address_of, list_routes

# Beside a request's own transaction: who was refused, and when a session was last used.
MAY_CHANGE = {AccessEntry.__tablename__, UserSession.__tablename__, "alembic_version"}


def _fingerprint() -> dict[str, str]:
    """Return a digest of every table's rows."""
    digests = {}
    for table in db.metadata.sorted_tables:
        if table.name in MAY_CHANGE:
            continue
        rows = db.session.execute(select(table).order_by(*table.primary_key.columns)).all()
        digests[table.name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    db.session.rollback()
    return digests


def _faults(response: TestResponse, *, signed_in: bool) -> list[str]:
    headers = response.headers
    faults = [f"{name}: {headers.get(name)}" for name, value in HEADERS.items() if headers.get(name) != value]
    if "unsafe" in headers.get("Content-Security-Policy", "unsafe"):
        faults.append("an unsafe policy")
    # A sealed file never changes: browsers may keep it for its reader, and ask before they show it again.
    kept = "private, no-cache" if response.mimetype == "application/pdf" else "no-store"
    if signed_in and headers.get("Cache-Control") != kept:
        faults.append(f"Cache-Control: {headers.get('Cache-Control')}")
    if not headers.get("X-Request-Id"):
        faults.append("no request id")
    return faults


def test_every_page_is_read_by_every_role_without_writing(inhabited: WorldApp) -> None:
    """Each page is a good page too: the client lints what it gets, a write or a server error fails the walk."""
    world, wrong = inhabited.world, []
    languages = cycle(LANGUAGES)
    # Pages in each state of their object are read by those who see most; the others read one of each.
    readers = [world.users[role] for role in (Role.PROGRAMME_MANAGER, Role.AGENCY_OFFICER)]
    before = _fingerprint()
    for user_id in (None, *world.users.values()):
        for route in list_routes(inhabited.app, "GET"):
            ending = f"?language={next(languages)}" if user_id is None else ""
            for number, arguments in enumerate(world.fill(route.rule, world.a)):
                if number and user_id not in readers:
                    break
                address = address_of(inhabited.app, route, arguments)
                response = inhabited.ask(user_id, "GET", address + ending)
                signed_in = user_id is not None and not route.access.public
                wrong += [f"{address}: {fault}" for fault in _faults(response, signed_in=signed_in)]
                if response.status_code >= 500 and route.endpoint != "health.ready":
                    wrong.append(f"{address}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
    assert _fingerprint() == before


def test_pages_answer_in_the_language_and_direction_of_their_reader(inhabited: WorldApp) -> None:
    seen = set()
    for user_id in inhabited.world.staff.values():
        page = inhabited.ask(user_id, "GET", "/").get_data(as_text=True)
        language = db.session.get_one(User, user_id).language
        assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
        seen.add(language)
    assert seen == set(LANGUAGES)
