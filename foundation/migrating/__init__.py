"""Bring the database to the shape of the models: numbered migrations, run before anything serves.

Alembic does the work. What it does not do by itself on SQLite is done in `env.py`: a table rebuild must neither empty the
children that refer to the table nor lose the triggers that keep frozen rows frozen.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from foundation.config import ROOT
from foundation.db import db
from foundation.migrating.delivery import ENGINE_PREFIX

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

VERSIONS = ROOT / "migrations"


def code_head() -> str:
    """Return the newest migration's number and name, read from the file names alone (no import of Alembic)."""
    return max(path.stem for path in VERSIONS.glob("[0-9]*.py"))


def database_head() -> str | None:
    """Return the migration the database stands at, or None when it is empty."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def migrate(target: str = "head") -> bool:
    """Upgrade the database; return whether anything had to be done. Call within an application context."""
    if db.engine.dialect.name == "sqlite" and db.engine.url.database:
        Path(db.engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    if target == "head" and database_head() == code_head():
        return False
    from alembic import command

    command.upgrade(alembic_config(), target)
    return True


def downgrade(target: str) -> None:
    """Take the database back to an earlier migration (for tests and for a failed release)."""
    from alembic import command

    command.downgrade(alembic_config(), target)


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Return whether the models speak for a table: those of the engine that delivers jobs are the engine's own."""
    return kind != "table" or name is None or not name.startswith(ENGINE_PREFIX)


def alembic_config() -> "AlembicConfig":
    """Return Alembic's configuration for this project."""
    # Alembic is imported only where it is used: it costs start-up time.
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("version_locations", str(VERSIONS))
    config.set_main_option("path_separator", "os")
    return config
