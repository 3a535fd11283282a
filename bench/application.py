"""A throw-away application to measure: instance folder, database, migrations, and browsers that are signed in.

SQLite always; PostgreSQL too when IJAZA_TEST_POSTGRES_URL names a server on which databases may be made.
"""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from werkzeug.test import Client, TestResponse

import wsgi
from accounts.models import User, UserSession
from foundation import clock, migrating
from foundation.config import load_config
from foundation.db import db

POSTGRES = "IJAZA_TEST_POSTGRES_URL"


def database_kinds() -> tuple[str, ...]:
    """Return the kinds of database that can be measured here."""
    return ("SQLite", "PostgreSQL") if os.environ.get(POSTGRES) else ("SQLite",)


@contextmanager
def throwaway_application(kind: str = "SQLite") -> Iterator[Flask]:
    """Yield a migrated, empty application in a context of its own; everything of it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ijaza-bench-") as folder, _database(kind) as address:
        environ = {"IJAZA_INSTANCE_DIR": folder, "IJAZA_DEMO": "0"}
        if address is not None:
            environ["IJAZA_DATABASE_URL"] = address
        app = wsgi.create_app(load_config(environ))
        with app.app_context():
            migrating.migrate()
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    if kind == "SQLite":
        yield None
        return
    server = make_url(os.environ[POSTGRES])
    name = f"ijaza_bench_{secrets.token_hex(4)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        engine.dispose()


class Browser:
    """Somebody's browser: real requests through the whole application, each with a context of its own, as on a server."""

    def __init__(self, app: Flask, user: User | None = None) -> None:
        self.app = app
        self._client = Client(app, use_cookies=True)
        self._token = ""
        if user is not None:
            self._sign_in(user)

    def get(self, address: str) -> TestResponse:
        """Open a page, and be sure that it is one."""
        with self.app.app_context():
            return self._checked(self._client.get(address))

    def post(self, address: str, body: dict[str, object]) -> TestResponse:
        """Send JSON as the pages' scripts do."""
        with self.app.app_context():
            response = self._client.post(address, json=body, headers={"X-CSRFToken": self._token})
        return self._checked(response)

    def _checked(self, response: TestResponse) -> TestResponse:
        if response.status_code != 200:
            raise RuntimeError(f"{response.request.path}: {response.status}")
        return response

    def _sign_in(self, user: User) -> None:
        """Store a session as a sign-in stores it, without the hashing of a password."""
        token, now = secrets.token_urlsafe(32), clock.now()
        row = UserSession(
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            user_id=user.id,
            credential_version=user.credential_version,
            created_at=now,
            # Ahead of now: noting that somebody was there, at most once a minute, would fall into a random request.
            last_seen_at=now + timedelta(hours=1),
            expires_at=now + timedelta(hours=12),
        )
        db.session.add(row)
        db.session.commit()
        serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        csrf = secrets.token_hex(20)
        cookie = serializer.dumps({"_user_id": token, "_fresh": True, "csrf_token": csrf})
        self._client.set_cookie(str(self.app.config["SESSION_COOKIE_NAME"]), cookie)
        self._token = str(
            URLSafeTimedSerializer(self.app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(csrf)
        )


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Yield a list that fills with every statement sent inside the block; beginnings and ends of transactions are none."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.upper().startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
