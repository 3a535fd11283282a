"""The database: one session, one transaction a request, and the settings that keep SQLite honest under load.

SQLite is opened in WAL mode with synchronous=FULL, and every transaction that may write begins IMMEDIATE: a read lock that
wants to become a write lock fails at once under load, whatever the busy timeout. Requests that only read (GET, HEAD, OPTIONS)
begin plainly, and a flush during one of them is an error: nothing is written on a read.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask import Flask, has_app_context, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    UniqueConstraint,
    event,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from foundation.errors import DomainError

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_MILLISECONDS = 8000
TURN_MILLISECONDS = 20
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class _Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=_Base, session_options={"expire_on_commit": True})

if TYPE_CHECKING:

    class Model(_Base):
        """A table with a whole-number key."""

        __abstract__ = True
        id: Mapped[int] = mapped_column(primary_key=True)
else:

    class Model(db.Model):
        """A table with a whole-number key."""

        __abstract__ = True
        id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)


class WriteDuringRead(RuntimeError):
    """Something tried to write while answering a request that must only read."""


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be aware of its time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[StrEnum]):
    """A word out of an enumeration, kept as text."""

    impl = String
    cache_ok = True

    def __init__(self, enumeration: type[StrEnum]) -> None:
        super().__init__(30)
        self.enumeration = enumeration
        self._members = {member.value: member for member in enumeration}

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.enumeration(value).value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], StrEnum | None]:
        """Return the reader of a column; a list reads a thousand words, and this is three times as fast as by the usual hook."""
        members, enumeration = self._members, self.enumeration
        return lambda value: None if value is None else members.get(value) or enumeration(value)


_reading_override: ContextVar[bool | None] = ContextVar("ijaza_reading", default=None)


def is_at_hand() -> bool:
    """Return whether there is an application, and with it a database, to ask."""
    return bool(has_app_context())


def is_reading() -> bool:
    """Return whether the work at hand must not write: a safe request, or a `reading()` block."""
    override = _reading_override.get()
    if override is not None:
        return override
    return has_request_context() and request.method in SAFE_METHODS


@contextmanager
def reading() -> Iterator[None]:
    """Read without taking the write lock, and let go of the transaction at the end.

    For slow work between reading and writing (hashing a password), so that nobody waits for it.
    """
    token = _reading_override.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        _reading_override.reset(token)


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what the block did, or nothing of it. For jobs and commands; requests commit by their status."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def side_transaction() -> Iterator[Session]:
    """Yield a session of its own that commits at once, for the access log: it must survive a refused request.

    Call it only when the request's own transaction has ended: on SQLite two writers of one thread would wait for each other.
    """
    token = _reading_override.set(False)
    try:
        with Session(db.engine) as session, session.begin():
            yield session
    finally:
        _reading_override.reset(token)


@contextmanager
def conflict_as(constraint: str, error: DomainError) -> Iterator[None]:
    """Flush the block in a savepoint and translate the violation of one named constraint into a domain error.

    The database is the last word on uniqueness: a look beforehand would race. PostgreSQL names the constraint, SQLite
    only its columns, so both are compared.
    """
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as exc:
        if _violates(exc, constraint):
            raise error from exc
        raise


def _violates(exc: IntegrityError, constraint: str) -> bool:
    diagnosed = getattr(getattr(exc.orig, "diag", None), "constraint_name", None)
    if diagnosed is not None:
        return bool(diagnosed == constraint)
    text = str(exc.orig)
    if constraint in text:
        return True
    for table in db.metadata.tables.values():
        for candidate in table.constraints:
            if isinstance(candidate, UniqueConstraint) and candidate.name == constraint:
                return ", ".join(f"{table.name}.{column.name}" for column in candidate.columns) in text
        for index in table.indexes:
            if index.name == constraint:
                return ", ".join(f"{table.name}.{column.name}" for column in index.columns) in text
    return False


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: DBAPIConnection, _record: Any) -> None:
    if "sqlite3" not in type(connection).__module__:
        return
    # The driver must not begin transactions by itself; `_begin` below does, and says which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "foreign_keys=ON",
        # Without it REPLACE would take frozen rows away unseen by their triggers.
        "recursive_triggers=ON",
        "cache_size=-16000",
        "temp_store=MEMORY",
        "mmap_size=134217728",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if is_reading():
        connection.exec_driver_sql("BEGIN")
    elif not _wait_for_write_lock(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _wait_for_write_lock(connection: Connection) -> bool:
    """Begin to write, with the same chance as everybody else who waits; return False after `BUSY_MILLISECONDS`.

    SQLite's own waiting is unfair: whoever has waited long asks every 100 ms, a newcomer every few, and among eight
    saturated writers somebody was turned away after 8 s. In short waits, again and again, the longest was 0.8 s.
    """
    end = time.monotonic() + BUSY_MILLISECONDS / 1000
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={TURN_MILLISECONDS}")
    try:
        while time.monotonic() < end:
            try:
                cursor.execute("BEGIN IMMEDIATE")
                return True
            except sqlite3.OperationalError as exc:
                if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    return False
        return False
    finally:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        cursor.close()


@event.listens_for(Session, "before_flush")
def _refuse_flush_while_reading(session: Session, _context: Any, _instances: Any) -> None:
    if is_reading() and (
        session.new or session.deleted or any(session.is_modified(o) for o in session.dirty)
    ):
        raise WriteDuringRead(f"a flush while reading: {[*session.new, *session.dirty, *session.deleted]}")


@event.listens_for(Session, "do_orm_execute")
def _refuse_statement_while_reading(state: ORMExecuteState) -> None:
    if is_reading() and (state.is_insert or state.is_update or state.is_delete):
        raise WriteDuringRead("a writing statement while reading")


def init_app(app: Flask, *, database_url: str) -> None:
    """Bind the database to an application and let each request end its transaction by its status."""
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    options: dict[str, Any] = {"pool_pre_ping": not database_url.startswith("sqlite")}
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    db.init_app(app)


def end_request(status: int) -> None:
    """Commit when the status is below 400, else roll back."""
    if status < 400 and not is_reading():
        db.session.commit()
    else:
        db.session.rollback()
