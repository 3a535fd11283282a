"""Fixtures of the journeys: one browser for each module, a server and a fresh database for each."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from accounts.models import User
from foundation.db import db
from tests.conftest import POSTGRES, TestDatabase
from tests.support.browser import LiveServer, Visit, chromium, live_server, visit_as

# Replicas share a PostgreSQL database or nothing.
collect_ignore = [] if POSTGRES else ["test_replicas.py"]


# One for each module and no longer: while it lives an event loop runs in this thread, and sealing a PDF needs one of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def live_app(databases: Callable[[str], TestDatabase]) -> Iterator[Flask]:
    """The application on a fresh SQLite file, with a context for what the test prepares."""
    database = databases("sqlite")
    database.reset()
    with database.app.app_context():
        yield database.app
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def server(live_app: Flask) -> Iterator[LiveServer]:
    with live_server(live_app) as started:
        yield started


@pytest.fixture
def visit(browser: Browser, server: LiveServer) -> Iterator[Callable[..., Visit]]:
    """Return a function user -> device, at a desk or (phone=True) in the hand. No device may report a script's fault."""
    visits: list[Visit] = []

    def start(user: User, *, phone: bool = False, dark: bool = False) -> Visit:
        visits.append(visit_as(browser, server, user, phone=phone, dark=dark))
        return visits[-1]

    yield start
    faults = [fault for one in visits for fault in one.faults]
    for one in visits:
        one.context.close()
    assert faults == []
