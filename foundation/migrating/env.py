"""Alembic's environment: runs inside the application context, on the application's engine."""

from typing import Any

from alembic import context
from sqlalchemy import text

from foundation.db import db
from foundation.migrating import is_ours
from foundation.migrating.triggers import read_triggers, restore_triggers

MIGRATION_LOCK = 4_915_001


def run() -> None:
    """Migrate with one connection; on SQLite with foreign keys off, checked again, and with triggers kept."""
    engine = db.engine
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            raw: Any = connection.connection.driver_connection
            # A table rebuild drops the old table, and with foreign keys on the drop empties ON DELETE CASCADE children.
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=OFF")
            if raw.execute("PRAGMA foreign_keys").fetchone()[0] != 0:
                raise RuntimeError("foreign keys could not be switched off before migrating")
            # While a table is rebuilt it is not there for a moment, and triggers of other tables that ask it must not mind.
            # A migration that renames a table for good has to write the references to it anew by itself.
            raw.execute("PRAGMA legacy_alter_table=ON")
            triggers = read_triggers(connection)
        else:
            connection.execute(text("SET lock_timeout = '30s'"))
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
        try:
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                render_as_batch=sqlite,
                transaction_per_migration=True,
                compare_type=True,
                include_name=is_ours,
            )
            with context.begin_transaction():
                context.run_migrations()
            if sqlite:
                restore_triggers(connection, triggers)
                broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
                if broken:
                    raise RuntimeError(f"foreign keys broken by a migration: {broken[:5]}")
            connection.commit()
        finally:
            if sqlite:
                connection.rollback()
                raw.execute("PRAGMA legacy_alter_table=OFF")
                raw.execute("PRAGMA foreign_keys=ON")
            else:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
                connection.commit()


run()
