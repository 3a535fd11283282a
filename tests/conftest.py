"""Fixtures: a real database for each test (SQLite and PostgreSQL), real pages, and people to sign in as.

The migrated database is made once and copied for each test. A test that asks for `app` (or anything built on it) runs on
SQLite, and on PostgreSQL too when IJAZA_TEST_POSTGRES_URL names a server.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

import wsgi
from accounts.models import User
from foundation import migrating
from foundation.config import Config
from foundation.db import db
from tests.support.client import LintingClient, sign_in_client

POSTGRES = os.environ.get("IJAZA_TEST_POSTGRES_URL")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
KINDS = ("sqlite", "postgres")
DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)] if POSTGRES else ["sqlite"]
# Fixtures that many tests share and that take seconds to make.
SHARED = ("inhabited", "built")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send the tests of one shared thing, on one kind of database, to one worker: it is made once, not once for each."""
    for item in items:
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        for name in set(SHARED).intersection(getattr(item, "fixturenames", ())):
            kind = next((value for value in values if value in KINDS), "any")
            item.add_marker(pytest.mark.xdist_group(f"{name} {kind}"))


def make_config(folder: Path, database_url: str, **changes: Any) -> Config:
    """Return a configuration for tests: everything under one folder, secrets of its own."""
    values: dict[str, Any] = {
        "env": "development",
        "database_url": database_url,
        "storage_url": str(folder / "storage"),
        "secret_key": "test-secret-" + "s" * 32,
        "audit_key": "test-audit-" + "a" * 32,
        "field_key": "test-field-" + "f" * 32,
        "seal": None,
        "seal_password": None,
        "metrics_token": None,
        "public_url": "http://127.0.0.1:8000",
        "demo": False,
        "replicas": 1,
        "trusted_proxies": 0,
        "mail_url": None,
        "tsa_url": None,
        "instance_dir": folder,
        "debug": False,
    }
    return Config(**(values | changes))


class TestDatabase:
    """One database of one kind for this worker: migrated once, copied anew for each test."""

    __test__ = False

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if kind == "sqlite":
            self.file = folder / "test.db"
            self.url = f"sqlite:///{self.file}"
        else:
            assert POSTGRES is not None
            self.name = f"ijaza_test_{WORKER}_{secrets.token_hex(3)}"
            self.url = make_url(POSTGRES).set(database=self.name).render_as_string(hide_password=False)
            self._server(f'CREATE DATABASE "{self.name}"')
        self.app = wsgi.create_app(make_config(folder, self.url))
        self.app.test_client_class = LintingClient
        with self.app.app_context():
            migrating.migrate()
            db.session.remove()
            db.engine.dispose()
        if kind == "sqlite":
            shutil.copyfile(self.file, folder / "template.db")
        else:
            self.shape = self._read_shape()
            self.tables = self._list_tables()
            self._server(f'CREATE DATABASE "{self.name}_template" TEMPLATE "{self.name}"')

    def reset(self) -> None:
        """Start from the migrated template again."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        if self.kind == "sqlite":
            for ending in ("", "-wal", "-shm"):
                Path(f"{self.file}{ending}").unlink(missing_ok=True)
            shutil.copyfile(self.folder / "template.db", self.file)
        elif self._read_shape() == self.shape:
            self._empty()
        else:
            self._server(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
            self._server(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.name}_template"')

    def _empty(self) -> None:
        """Delete every row and begin counting anew: a tenth of what a copy of the template costs on a slow disk.

        As a replica would, without triggers and foreign keys; only the tests' server lets anybody do that.
        """
        statements = ["SET session_replication_role = replica"]
        statements += [f'DELETE FROM "{table}"' for table in self.tables]
        statements.append(
            "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
        )
        with self._connected() as connection:
            connection.exec_driver_sql("; ".join(statements))

    def _list_tables(self) -> list[str]:
        """Return every table with rows of tests: the models' and the engine's, not the migrations' mark."""
        with self._connected() as connection:
            return [name for name in inspect(connection).get_table_names() if name != "alembic_version"]

    def _read_shape(self) -> object:
        """Return what tells whether a test changed the tables themselves: relations, columns, constraints, triggers."""
        query = """
            SELECT md5(string_agg(name, ',' ORDER BY name)) FROM (
                SELECT concat(relname, relkind) AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
                UNION ALL SELECT concat(attrelid::regclass, '.', attname, atttypid) FROM pg_attribute
                    JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
                UNION ALL SELECT concat(tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
                UNION ALL SELECT concat(conrelid::regclass, conname) FROM pg_constraint
                    WHERE connamespace = 'public'::regnamespace
            ) AS names
        """
        with self._connected() as connection:
            return connection.exec_driver_sql(query).scalar_one()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        if self.kind == "postgres":
            self._server(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
            self._server(f'DROP DATABASE IF EXISTS "{self.name}_template" WITH (FORCE)')

    def _server(self, statement: str) -> None:
        assert POSTGRES is not None
        engine = create_engine(make_url(POSTGRES), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], TestDatabase]]:
    made: dict[str, TestDatabase] = {}

    def get(kind: str) -> TestDatabase:
        if kind not in made:
            made[kind] = TestDatabase(kind, tmp_path_factory.mktemp(f"db-{kind}"))
        return made[kind]

    yield get
    for database in made.values():
        database.close()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, databases: Callable[[str], TestDatabase]) -> TestDatabase:
    """A fresh database; the test runs once for each kind."""
    found = databases(request.param)
    found.reset()
    return found


@pytest.fixture
def app(database: TestDatabase) -> Iterator[Flask]:
    """The application on a fresh database, with a context for the test's own queries and services."""
    with database.app.app_context():
        yield database.app
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> LintingClient:
    """Somebody who is not signed in. Every page it opens is linted."""
    client = app.test_client()
    assert isinstance(client, LintingClient)
    return client


@pytest.fixture
def sign_in(app: Flask) -> Callable[[User], LintingClient]:
    """Return a function user -> client that is signed in as that user."""

    def start(user: User) -> LintingClient:
        return sign_in_client(app, user)

    return start
