"""Closed by default: every view declares who may enter, and what was refused is remembered.

`requires` asks for sign-in, loads the object inside the viewer's scope (foreign and missing are both 404), asks the
permission table (403) and hands the loaded object to the view. A view that declares neither `requires` nor `public` is
refused at start-up.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from typing import Any, Protocol, TypeVar

from flask import Flask, abort, g, has_request_context, redirect, request, url_for
from sqlalchemy import ColumnElement, String, func, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.wrappers import Response

from foundation import clock
from foundation.db import Model, Moment, db, side_transaction

ViewFunction = TypeVar("ViewFunction", bound=Callable[..., Any])
SIGN_IN_ENDPOINT = "auth.sign_in"


class Viewer(Protocol):
    """Whoever is signed in, as far as access needs to know."""

    id: Mapped[int]

    def may(self, permission: StrEnum, subject: Any = None) -> bool: ...


class AccessEntry(Model):
    """One reading of a protected value, one refusal, one failed sign-in. Networks are kept coarse (/24, /48)."""

    __tablename__ = "access_entry"
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    subject_type: Mapped[str | None] = mapped_column(String(60))
    subject_id: Mapped[int | None]
    detail: Mapped[str | None] = mapped_column(String(200))
    network: Mapped[str | None] = mapped_column(String(60), index=True)
    request_id: Mapped[str | None] = mapped_column(String(40))


@dataclass(frozen=True)
class Access:
    """What a view declared: public, signed-in, or a permission on a kind of object."""

    public: bool
    permission: StrEnum | None = None
    on: type[Model] | None = None
    parameter: str | None = None


ScopeRule = Callable[[Any], ColumnElement[bool]]
_scope_rules: dict[type[Model], ScopeRule] = {}


def scope_of(model: type[Model]) -> Callable[[ScopeRule], ScopeRule]:
    """Register the function viewer -> condition that says which rows of a table a viewer may know to exist."""

    def register(rule: ScopeRule) -> ScopeRule:
        _scope_rules[model] = rule
        return rule

    return register


def visible(model: type[Model], viewer: Any) -> ColumnElement[bool]:
    """Return the condition that narrows a query of `model` to what the viewer may know to exist."""
    return _scope_rules[model](viewer)


def public(view: ViewFunction) -> ViewFunction:
    """Declare that anybody may call this view."""
    view.access = Access(public=True)  # type: ignore[attr-defined]
    return view


def requires(
    permission: StrEnum | None,
    *,
    on: type[Model] | None = None,
    by: str = "id",
    meaning: Callable[[Any], ColumnElement[bool]] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the permission a view asks for, on what.

    With `on`, the URL parameter `<table>_<by>` names the row; the view receives the loaded row as a keyword named after the table.
    `meaning` turns the parameter into a condition where no single column holds it.
    `permission` None means: any signed-in user, about himself. Permissions about a row are asked of that row; without
    `on`, of nothing in particular.
    """
    parameter = f"{on.__tablename__}_{by}" if on is not None else None

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(**arguments: Any) -> Any:
            viewer = g.get("viewer")
            if viewer is None:
                return _ask_to_sign_in()
            if on is not None and parameter is not None:
                value = arguments.pop(parameter)
                condition = meaning(value) if meaning is not None else getattr(on, by) == value
                subject = _load(on, condition, value, viewer)
                arguments[on.__tablename__] = subject
            else:
                subject = None
            if permission is not None and not viewer.may(permission, subject):
                log_access("refused", subject=subject, detail=str(permission))
                abort(403)
            return view(**arguments)

        guarded.access = Access(False, permission, on, parameter)  # type: ignore[attr-defined]
        return guarded

    return decorate


def _load(model: type[Model], condition: ColumnElement[bool], value: Any, viewer: Any) -> Model:
    row = db.session.execute(select(model).where(condition, visible(model, viewer))).scalar_one_or_none()
    if row is None:
        log_access("not_found", detail=f"{model.__tablename__} {value}"[:200])
        abort(404)
    return row


def _ask_to_sign_in() -> Response:
    if request.path.startswith("/api/"):
        abort(401)
    if request.accept_mimetypes.best == "application/json" or request.headers.get("X-Requested-With"):
        abort(401)
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for(SIGN_IN_ENDPOINT, next=target if target != "/" else None))


def log_access(
    kind: str, *, subject: Any = None, detail: str | None = None, user_id: int | None = None
) -> None:
    """Remember a reading, a refusal or a failed sign-in; written when the request's own transaction has ended."""
    viewer = g.get("viewer")
    entry = AccessEntry(
        at=clock.now(),
        kind=kind,
        user_id=user_id if user_id is not None else getattr(viewer, "id", None),
        subject_type=subject.__tablename__ if subject is not None else None,
        subject_id=getattr(subject, "id", None),
        detail=detail,
        network=client_network(),
        request_id=g.get("request_id"),
    )
    g.setdefault("access_entries", []).append(entry)


_after_transaction: list[Callable[[], None]] = []


def after_transaction(write: Callable[[], None]) -> None:
    """Add one of the few writes that happen beside a request's own transaction, after it has ended."""
    if write not in _after_transaction:
        _after_transaction.append(write)


def write_access_entries() -> None:
    """Write what `log_access` gathered. Called once, after the request's transaction has ended."""
    for write in _after_transaction:
        write()
    entries = g.pop("access_entries", None)
    if entries:
        with side_transaction() as session:
            session.add_all(entries)


def count_recent(
    kind: str,
    *,
    minutes: float,
    detail: str | None = None,
    network: str | None = None,
    since: datetime | None = None,
) -> int:
    """Count entries of a kind in the last minutes (and after `since`), for throttles."""
    return recent_tries(kind, minutes=minutes, detail=detail, network=network, since=since)[0]


def recent_tries(
    kind: str,
    *,
    minutes: float,
    detail: str | None = None,
    network: str | None = None,
    since: datetime | None = None,
) -> tuple[int, datetime | None]:
    """Return how many entries of a kind there are in the last minutes (and after `since`), and when the last was."""
    start = clock.now() - timedelta(minutes=minutes)
    query = select(func.count(), func.max(AccessEntry.at)).where(
        AccessEntry.kind == kind, AccessEntry.at > max(start, since or start)
    )
    if detail is not None:
        query = query.where(AccessEntry.detail == detail)
    if network is not None:
        query = query.where(AccessEntry.network == network)
    count, last = db.session.execute(query).one()
    return count, last


def client_network() -> str | None:
    """Return the caller's network, coarse on purpose: /24 for IPv4, /48 for IPv6."""
    if not has_request_context() or not request.remote_addr:
        return None
    try:
        address = ipaddress.ip_address(request.remote_addr)
    except ValueError:
        return None
    return str(ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))


class UndeclaredViews(RuntimeError):
    """Views that declare neither `requires` nor `public`."""


def declared_access(app: Flask, endpoint: str) -> Access | None:
    """Return what the view behind an endpoint declared."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return Access(public=True)
    return getattr(app.view_functions[endpoint], "access", None)


def refuse_undeclared(app: Flask) -> None:
    """Raise UndeclaredViews when any route has not said who may enter."""
    open_doors = [r.endpoint for r in app.url_map.iter_rules() if declared_access(app, r.endpoint) is None]
    if open_doors:
        raise UndeclaredViews(", ".join(sorted(set(open_doors))))
