"""Count what a page asks the database: a list of thirty must not ask more than a list of three."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from foundation.db import db


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Yield a list that fills with every reading statement sent inside the block."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
