"""The world on a database of its own, built once: what the guards ask for is rolled back after each request."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, got_request_exception
from flask import request as asked
from werkzeug.test import TestResponse

from accounts.models import User
from foundation import access
from foundation import db as database_module
from foundation.db import db
from tests.conftest import DATABASES, TestDatabase
from tests.factories.world import World, make_world
from tests.support.client import LintingClient, sign_in_client

WRITE_ENTRIES = access.write_access_entries


class WorldApp:
    """The application on the world's database, and a client for each of its people."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database
        self.app: Flask = database.app
        with self.app.app_context():
            self.world: World = make_world()
            db.session.remove()
        self.keeps_access_log = False
        self.known_acts: dict[str, Any] = {}
        self._cookies: dict[int | None, str | None] = {None: None}

    def ask(self, user_id: int | None, method: str, address: str, **values: Any) -> TestResponse:
        """Send one request as a user (None: not signed in), from a browser that knows nothing but his session."""
        client = self.app.test_client()
        assert isinstance(client, LintingClient)
        name = self.app.config["SESSION_COOKIE_NAME"]
        if user_id not in self._cookies:
            cookie = sign_in_client(self.app, db.session.get_one(User, user_id)).get_cookie(name)
            assert cookie is not None
            self._cookies[user_id] = cookie.value
        if session := self._cookies[user_id]:
            client.set_cookie(name, session)
        return client.open(address, method=method, **values)

    @contextmanager
    def with_access_log(self) -> Iterator[None]:
        """Keep the log of refusals for the length of a block; thousands of refusals would fill it for nothing."""
        self.keeps_access_log = True
        try:
            yield
        finally:
            self.keeps_access_log = False

    def sign_in_everybody(self) -> None:
        """Give everybody a session that is stored, before requests are rolled back."""
        for user_id in [
            *self.world.users.values(),
            self.world.b.officer,
            self.world.b.trainee,
            self.world.officer_of_nobody,
        ]:
            self.ask(user_id, "GET", "/healthz")


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], WorldApp]]:
    made: dict[str, WorldApp] = {}

    def get(kind: str) -> WorldApp:
        if kind not in made:
            made[kind] = WorldApp(TestDatabase(kind, tmp_path_factory.mktemp(f"world-{kind}")))
        return made[kind]

    yield get
    for world in made.values():
        world.database.close()


@pytest.fixture(params=DATABASES)
def inhabited(
    request: pytest.FixtureRequest, worlds: Callable[[str], WorldApp], monkeypatch: pytest.MonkeyPatch
) -> Iterator[WorldApp]:
    """The world, for requests that leave no trace: each is answered in full, then rolled back.

    Whatever a guard asks, and as whom: a server error fails it.
    """
    found = worlds(request.param)
    errors: list[str] = []

    def remember(_sender: Flask, exception: BaseException, **_extra: Any) -> None:
        place = traceback.extract_tb(exception.__traceback__)[-1]
        errors.append(
            f"{asked.method} {asked.full_path}: {exception!r:.300} ({place.filename}:{place.lineno})"
        )

    def roll_back(_status: int) -> None:
        try:
            db.session.flush()
        finally:
            db.session.rollback()

    with found.app.app_context(), got_request_exception.connected_to(remember, found.app):
        found.sign_in_everybody()
        monkeypatch.setattr(database_module, "end_request", roll_back)
        monkeypatch.setattr(
            access, "write_access_entries", lambda: found.keeps_access_log and WRITE_ENTRIES()
        )
        yield found
        db.session.rollback()
        db.session.remove()
    assert errors == []
