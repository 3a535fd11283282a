"""Triggers that keep frozen rows frozen, and their survival when SQLite rebuilds a table."""

from collections.abc import Mapping

from sqlalchemy import Connection, text

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% rows are append-only', TG_TABLE_NAME; END $$
"""


def protect(connection: Connection, table: str) -> None:
    """Let the database itself refuse every update and delete of a table's rows."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} rows are append-only'); END"
                )
            )
        return
    connection.execute(text(_POSTGRES_FUNCTION))
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    )
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    )


def release(connection: Connection, table: str) -> None:
    """Take the protection away again, for a downgrade that drops the table."""
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
        return
    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}"))
    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}"))


def read_triggers(connection: Connection) -> dict[str, tuple[str, str]]:
    """Return SQLite's triggers as {name: (table, SQL)}."""
    rows = connection.execute(text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {name: (table, sql) for name, table, sql in rows}


def restore_triggers(connection: Connection, before: Mapping[str, tuple[str, str]]) -> None:
    """Create again the triggers that a table rebuild dropped; leave alone those whose table is gone."""
    now = read_triggers(connection)
    tables = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    for name, (table, sql) in before.items():
        if name not in now and table in tables:
            connection.execute(text(sql))
