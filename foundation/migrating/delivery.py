"""The tables and functions of procrastinate, which delivers jobs on PostgreSQL: made and taken away as its library brings them.

A test knows the digest of their text. When a later version of the library changes it, fresh databases get the new shape
from the migration that calls `install`, and one more migration brings the older ones there.
"""

from sqlalchemy import Connection, inspect, text

ENGINE_PREFIX = "procrastinate_"

_FUNCTIONS = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE starts_with(proname, :prefix) AND pronamespace = current_schema()::regnamespace
"""
_TYPES = """
    SELECT oid::regtype::text FROM pg_type
    WHERE starts_with(typname, :prefix) AND typtype IN ('c', 'e') AND typnamespace = current_schema()::regnamespace
"""


def install(connection: Connection) -> None:
    """Make them; SQLite needs none."""
    if connection.dialect.name != "postgresql":
        return
    # Loaded here, because the embedded profile does without it.
    from procrastinate.schema import SchemaManager

    # Sent as it stands: many statements, whose per cent signs are no parameters.
    connection.exec_driver_sql(SchemaManager.get_schema(), execution_options={"no_parameters": True})


def remove(connection: Connection) -> None:
    """Take them away with what they hold; the jobs' own rows stay."""
    if connection.dialect.name != "postgresql":
        return
    # The functions first, which know the tables' types, and with them the tables' triggers.
    for function in _names(connection, _FUNCTIONS):
        connection.exec_driver_sql(f"DROP FUNCTION {function} CASCADE")
    tables = [name for name in inspect(connection).get_table_names() if name.startswith(ENGINE_PREFIX)]
    connection.exec_driver_sql(f"DROP TABLE {', '.join(tables)}")
    for kind in _names(connection, _TYPES):
        connection.exec_driver_sql(f"DROP TYPE {kind}")


def _names(connection: Connection, query: str) -> list[str]:
    return list(connection.execute(text(query), {"prefix": ENGINE_PREFIX}).scalars())
