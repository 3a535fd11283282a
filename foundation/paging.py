"""Lists in pages by key, not by offset: page 400 costs what page 1 costs, and new rows shift nothing.

What is put together in memory anyway is cut by number.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from sqlalchemy import Row, Select, func, literal, select, tuple_

from foundation.db import Moment, db
from foundation.plain_text import is_plain

PAGE_SIZE = 50
MOST = 200


@dataclass(frozen=True)
class Page:
    """One page of Core rows, how many rows there are in all (None: not counted), and the addresses of its neighbours."""

    rows: Sequence[Row[Any]]
    count: int | None
    next_cursor: str | None = None
    previous_cursor: str | None = None
    sort: str = ""
    descending: bool = False
    # Row numbers are not known without counting what stands before; the pager shows the count alone.
    first: int | None = None
    last: int | None = None

    @property
    def next_url(self) -> str | None:
        return _address(after=self.next_cursor) if self.next_cursor else None

    @property
    def previous_url(self) -> str | None:
        return _address(before=self.previous_cursor) if self.previous_cursor else None


class BadCursor(ValueError):
    """A cursor that was not given out for this list."""


def fetch_page(
    query: Select[*tuple[Any, ...]],
    *,
    keys: Sequence[Any],
    descending: bool = False,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE_SIZE,
    sort: str = "",
    counted: bool = True,
    strict: bool = False,
) -> Page:
    """Return a page of a Core select (columns, not entities), ordered by `keys`, the last of which is unique.

    Keys must not be null. A cursor that was tampered with starts again at the first page; `strict` raises BadCursor.
    """
    size = max(1, min(size, MOST))
    count = _count(query) if counted else None
    backwards = before is not None
    values = decode_cursor(before if backwards else after, len(keys))
    if values and not all(_fits(value, key) for value, key in zip(values, keys, strict=True)):
        values = None
    if strict and values is None and (after or before):
        raise BadCursor("not a cursor of this list")
    ordered = query.add_columns(*(key.label(f"_key{i}") for i, key in enumerate(keys)))
    falling = descending != backwards
    if values is not None:
        mark = tuple_(*(literal(value, key.type) for value, key in zip(values, keys, strict=True)))
        ordered = ordered.where(tuple_(*keys) < mark if falling else tuple_(*keys) > mark)
    ordered = ordered.order_by(None).order_by(*(key.desc() if falling else key.asc() for key in keys))
    rows = list(db.session.execute(ordered.limit(size + 1)))
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = more if not backwards else values is not None
    has_previous = more if backwards else values is not None
    return Page(
        rows=rows,
        count=count,
        next_cursor=_encode(rows[-1], len(keys)) if rows and has_next else None,
        previous_cursor=_encode(rows[0], len(keys)) if rows and has_previous else None,
        sort=sort,
        descending=descending,
    )


def page_of_request(
    query: Select[*tuple[Any, ...]],
    *,
    sorts: Mapping[str, Sequence[Any]],
    default: str,
    size: int = PAGE_SIZE,
) -> Page:
    """Return the page that the request's `sort`, `after` and `before` ask for.

    `sorts` maps the names that may stand in `?sort=` to their keys; a leading minus turns the order round.
    """
    asked = request.args.get("sort", default)
    name = asked.removeprefix("-")
    if name not in sorts:
        asked, name = default, default.removeprefix("-")
    return fetch_page(
        query,
        keys=sorts[name],
        descending=asked.startswith("-"),
        after=request.args.get("after"),
        before=request.args.get("before"),
        size=size,
        sort=name,
    )


@dataclass(frozen=True)
class Cut:
    """One page of a list that is at hand as a whole: its rows, how many there are, and the addresses of its neighbours."""

    rows: Sequence[Any]
    count: int
    first: int
    last: int
    previous_url: str | None
    next_url: str | None


def cut(rows: Sequence[Any], *, size: int = PAGE_SIZE) -> Cut:
    """Return the page of a list that the address asks for by `?page=`; a number past the end gives the last page."""
    pages = max(1, -(-len(rows) // size))
    asked = request.args.get("page", default=1, type=int)
    page = min(max(1, asked), pages)
    start = (page - 1) * size
    shown = rows[start : start + size]
    return Cut(
        rows=shown,
        count=len(rows),
        first=start + 1 if shown else 0,
        last=start + len(shown),
        previous_url=_page_url(page - 1) if page > 1 else None,
        next_url=_page_url(page + 1) if page < pages else None,
    )


def _count(query: Select[*tuple[Any, ...]]) -> int:
    counting = select(func.count()).select_from(query.order_by(None).subquery())
    return db.session.execute(counting).scalar_one()


def _fits(value: Any, key: Any) -> bool:
    if isinstance(key.type, Moment):
        return isinstance(value, datetime) and value.tzinfo is not None
    if isinstance(value, str) and not is_plain(value):
        return False
    return isinstance(value, key.type.python_type) and not isinstance(value, datetime)


def _address(**changes: str | None) -> str:
    arguments = {key: value for key, value in request.args.items() if key not in ("after", "before")}
    arguments |= {key: value for key, value in changes.items() if value}
    return url_for(request.endpoint or "", **(request.view_args or {}), **arguments)  # type: ignore[arg-type]


def _encode(row: Row[Any], width: int) -> str:
    return encode_cursor([getattr(row, f"_key{i}") for i in range(width)])


def encode_cursor(values: Sequence[Any]) -> str:
    """Return the cursor of a row by its keys."""
    body = json.dumps([_tagged(value) for value in values], ensure_ascii=False)
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _tagged(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def decode_cursor(cursor: str | None, width: int) -> list[Any] | None:
    """Return the keys of a cursor, or None for what is none of so many keys."""
    if not cursor or len(cursor) > 2000:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != width:
            return None
        return [_untagged(value) for value in values]
    except (ValueError, binascii.Error, KeyError):
        return None


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        return (
            datetime.fromisoformat(value["moment"]) if "moment" in value else date.fromisoformat(value["day"])
        )
    if not isinstance(value, str | int | float):
        raise ValueError("not a key")
    return value


def _page_url(page: int) -> str:
    arguments: dict[str, Any] = {**request.args.to_dict(), "page": page}
    return url_for(request.endpoint or "", **(request.view_args or {}), **arguments)
