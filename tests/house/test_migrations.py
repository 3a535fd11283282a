"""Migrations reach the models, go down and up again with data, and a table rebuild loses neither children nor triggers."""

import hashlib
import os
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, func, inspect, select, text

from foundation import migrating
from foundation.db import db, transaction
from foundation.jobs import enqueue
from tests.factories.world import make_world

REBUILD = '''"""Rebuild a table with children and a frozen one."""

import sqlalchemy as sa
from alembic import op

revision = "9999_rebuild"
down_revision = "{head}"


def upgrade() -> None:
    """Add a column to each."""
    for table in ("person", "certificate_version", "deed", "deed_line", "custody_entry"):
        with op.batch_alter_table(table, recreate="auto") as batch:
            batch.add_column(sa.Column("rebuilt", sa.String(3)))
            batch.alter_column("id", existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    """Take it away."""
    for table in ("person", "certificate_version", "deed", "deed_line", "custody_entry"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("rebuilt")
'''


def _counts(tables: set[str]) -> dict[str, int]:
    counts = {
        table.name: db.session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in db.metadata.sorted_tables
        if table.name in tables
    }
    db.session.rollback()
    return counts


def _triggers(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return set(connection.execute(text(query)).scalars())


def _foreign_keys(connection: Connection) -> dict[str, int]:
    found = inspect(connection)
    return {table: len(found.get_foreign_keys(table)) for table in found.get_table_names()}


def _broken_references(connection: Connection) -> list[object]:
    if connection.dialect.name != "sqlite":
        return []  # PostgreSQL does not let one be broken
    return list(connection.execute(text("PRAGMA foreign_key_check")))


def _end_connections() -> None:
    db.session.remove()
    db.engine.dispose()


def test_migrations_make_exactly_the_models(app: Flask) -> None:
    assert migrating.database_head() == migrating.code_head()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": migrating.is_ours}
        )
        assert compare_metadata(context, db.metadata) == []


def test_down_and_up_again_keeps_what_lies_below(app: Flask) -> None:
    make_world()
    accounts = {"agency", "agreement", "person", "person_name", "affiliation", "app_user", "audit_entry"}
    before = _counts(accounts)
    with db.engine.connect() as connection:
        triggers = _triggers(connection)
    _end_connections()

    migrating.downgrade("0002_accounts")
    with db.engine.connect() as connection:
        assert "cohort" not in inspect(connection).get_table_names()
    assert _counts(accounts) == before
    assert migrating.migrate() is True
    assert migrating.migrate() is False

    assert _counts(accounts) == before
    with db.engine.connect() as connection:
        assert _triggers(connection) == triggers
        assert _broken_references(connection) == []


def test_down_to_nothing_leaves_nothing(app: Flask) -> None:
    _end_connections()
    migrating.downgrade("base")
    with db.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        assert _triggers(connection) == set()
    assert migrating.migrate() is True


def test_rebuilt_table_keeps_rows_children_triggers_and_references(app: Flask, tmp_path: Path) -> None:
    make_world()
    everything = {table.name for table in db.metadata.sorted_tables}
    before = _counts(everything)
    with db.engine.connect() as connection:
        triggers, references = _triggers(connection), _foreign_keys(connection)
    _end_connections()
    (tmp_path / "9999_rebuild.py").write_text(REBUILD.format(head=migrating.code_head()))
    config = migrating.alembic_config()
    config.set_main_option("version_locations", os.pathsep.join((str(migrating.VERSIONS), str(tmp_path))))

    command.upgrade(config, "head")

    assert _counts(everything) == before
    with db.engine.connect() as connection:
        assert _triggers(connection) == triggers
        assert _foreign_keys(connection) == references
        assert _broken_references(connection) == []
        columns = {column["name"] for column in inspect(connection).get_columns("certificate_version")}
        assert "rebuilt" in columns
    _end_connections()
    command.downgrade(config, migrating.code_head())
    with db.engine.connect() as connection:
        assert _triggers(connection) == triggers
    assert _counts(everything) == before


def test_the_engines_tables_are_those_that_the_migrations_know() -> None:
    digest = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()
    assert digest == "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009", (
        "The library's tables changed: bring older databases there by a migration, then write the new digest here."
    )


def test_what_waits_already_is_told_to_the_engine_that_comes(app: Flask) -> None:
    with transaction():
        job_id = enqueue("foundation.deliver_mail", 1).id
    _end_connections()
    migrating.downgrade("0009_delivery-1")
    assert _delivered() is None

    migrating.migrate()

    assert _delivered() == ([job_id] if db.engine.dialect.name == "postgresql" else None)


def _delivered() -> list[int] | None:
    """Return the jobs that the engine is to deliver; None where there is no engine."""
    with db.engine.connect() as connection:
        if "procrastinate_jobs" not in inspect(connection).get_table_names():
            return None
        query = text("SELECT CAST(args ->> 'job_id' AS integer) FROM procrastinate_jobs")
        return list(connection.execute(query).scalars())
