"""A bare application on a database of its own: SQLite, and PostgreSQL as well when it is named."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from foundation.db import db
from tests.support.bare_app import create_bare_app, create_tables

POSTGRES = os.environ.get("IJAZA_TEST_POSTGRES_URL", "")
_POSTGRES_TOO = [pytest.param("postgresql", marks=pytest.mark.postgres)] if POSTGRES else []
ENGINES = ["sqlite", *_POSTGRES_TOO]
# What only PostgreSQL has can be tried only there.
collect_ignore = [] if POSTGRES else ["test_listener.py"]


@pytest.fixture(params=ENGINES)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    base = POSTGRES.replace("postgresql://", "postgresql+psycopg://", 1)
    schema = f"bare_{secrets.token_hex(6)}"
    engine = create_engine(base, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{base}{'&' if '?' in base else '?'}options=-csearch_path%3D{schema}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def bare_app(bare_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Yield the bare application inside its context, tables created."""
    app = create_bare_app(bare_url, tmp_path)
    with app.app_context():
        create_tables()
        yield app
        db.session.rollback()
        db.engine.dispose()
