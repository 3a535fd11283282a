"""The world on a database of its own, built once: what the guards ask for is rolled back after each request."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts.models import User
from foundation import db as database_module
from foundation.db import db
from tests.conftest import DATABASES, TestDatabase
from tests.factories.world import World, make_world
from tests.support.client import LintingClient, sign_in_client


class WorldApp:
    """The application on the world's database, and a client for each of its people."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database
        self.app: Flask = database.app
        with self.app.app_context():
            self.world: World = make_world()
            db.session.remove()
        self._clients: dict[int | None, LintingClient] = {}

    def client_of(self, user_id: int | None) -> LintingClient:
        """Return the client of a user, or of somebody who is not signed in."""
        if user_id not in self._clients:
            if user_id is None:
                client = self.app.test_client()
                assert isinstance(client, LintingClient)
            else:
                client = sign_in_client(self.app, db.session.get_one(User, user_id))
            self._clients[user_id] = client
        return self._clients[user_id]

    def ask(self, user_id: int | None, method: str, address: str, **values: Any) -> TestResponse:
        """Send one request as a user (None: not signed in); whatever was asked, the answer may never be a server error."""
        response = self.client_of(user_id).open(address, method=method, **values)
        assert response.status_code < 500 or address == "/readyz", f"{method} {address}: {response.status_code}"
        return response


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
    """The world, for requests that leave no trace: each is answered in full, then rolled back."""
    found = worlds(request.param)
    with found.app.app_context():
        for user_id in [*found.world.users.values(), found.world.b.officer, found.world.b.trainee]:
            found.client_of(user_id)
        # An error inside a view is the test's error, not a page that says sorry.
        monkeypatch.setitem(found.app.config, "PROPAGATE_EXCEPTIONS", True)

        def roll_back(_status: int) -> None:
            database_module.db.session.flush()
            database_module.db.session.rollback()

        monkeypatch.setattr(database_module, "end_request", roll_back)
        yield found
        db.session.rollback()
        db.session.remove()
