"""The world on a database of its own, and requests of all its people."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from accounts.models import User
from foundation import access
from foundation import db as database_module
from foundation.db import db
from tests.conftest import TestDatabase
from tests.factories.world import World, make_world
from tests.support.client import LintingClient, sign_in_client

WRITE_ENTRIES = access.write_access_entries
END_REQUEST = database_module.end_request


class WorldApp:
    """The application on the world's database, and a client for each of its people."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database
        self.app: Flask = database.app
        database.reset()
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
        if session := self.cookie_of(user_id):
            client.set_cookie(name, session)
        return client.open(address, method=method, **values)

    def call(self, token: str | None, method: str, address: str, **values: Any) -> TestResponse:
        """Send one request of the API with a token (None: without one)."""
        headers = dict(values.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if method == "POST":
            headers.setdefault("Idempotency-Key", secrets.token_hex(8))
        client = self.app.test_client()
        return client.open(address, method=method, headers=headers, with_token=False, **values)

    def cookie_of(self, user_id: int | None) -> str | None:
        """Return the session cookie of a user, who is signed in when he is not yet."""
        if user_id not in self._cookies:
            client = sign_in_client(self.app, db.session.get_one(User, user_id))
            cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
            assert cookie is not None
            self._cookies[user_id] = cookie.value
        return self._cookies[user_id]

    def forget_sessions(self) -> None:
        """Let everybody sign in anew."""
        self._cookies = {None: None}

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
