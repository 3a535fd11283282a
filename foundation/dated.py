"""Rows that hold from a day to a day, both included, or for as long as nobody says otherwise: conditions to find them by."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_


def runs_on(model: Any, day: date) -> ColumnElement[bool]:
    """Return the condition that a row with `starts_on` and `ends_on` (None: open) includes a day."""
    return and_(model.starts_on <= day, not_over(model, day))


def not_over(model: Any, day: date) -> ColumnElement[bool]:
    """Return the condition that a row has not ended before a day, whether it has begun by then or not."""
    return or_(model.ends_on.is_(None), model.ends_on >= day)
