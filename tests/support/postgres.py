"""A PostgreSQL database of its own for the length of a block, on the server that the tests were given."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.conftest import POSTGRES


@contextmanager
def fresh_database() -> Iterator[str]:
    """Make an empty database and yield its address; it is gone afterwards, whoever is still connected."""
    assert POSTGRES is not None
    name = f"ijaza_test_{secrets.token_hex(5)}"
    engine = create_engine(make_url(POSTGRES), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        engine.dispose()
