"""Operations: what a view of the API takes, gives and needs, declared once, done and described from that.

The order of a request: the token (401), its scope (403), the object in sight (404) and the permission (403) by the same
`requires` as on pages, then the parameters and the body (4xx), `If-Match` (412, 428) or `Idempotency-Key`, then the view.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any, TypeVar

from flask import Blueprint, Flask, Response, abort, current_app, g, request, url_for
from sqlalchemy import Select

from foundation.access import Access, ViewFunction, declared_access, log_access
from foundation.api import addresses
from foundation.api.bodies import MOST_BYTES, read_body
from foundation.api.idempotency import once, set_tag
from foundation.api.problems import PREFIX, Refusal, is_api_request, refuse_values
from foundation.api.shapes import (
    BadValues,
    Between,
    Fault,
    Says,
    Text,
    read_parameters,
    read_shape,
    tag_of,
    write_json,
)
from foundation.db import Model, db
from foundation.i18n import _
from foundation.paging import MOST, BadCursor, Page, decode_cursor, encode_cursor, fetch_page
from foundation.web import csrf

DEFAULT_LIMIT = 100
T = TypeVar("T")


@dataclass(frozen=True)
class NoQuery:
    """No parameters."""


@dataclass(frozen=True)
class PageQuery:
    """Which part of a list."""

    limit: Annotated[int, Between(1, MOST), Says("How many at most.")] = DEFAULT_LIMIT
    cursor: Annotated[str, Text(2000), Says("Where the page before ended; follow `next` instead.")] | None = (
        None
    )


@dataclass(frozen=True)
class Listing:
    """One page of a list: the shapes on it, and the cursor of the next page if there is one."""

    items: Sequence[Any]
    cursor: str | None = None


@dataclass(frozen=True)
class Created:
    """Something new, and its address."""

    answer: Any
    location: str


@dataclass(frozen=True)
class Operation:
    """What a view declared. `listing` says that it answers a list of `answer`; `media` other than JSON is a file."""

    scope: StrEnum
    answer: type | None
    listing: bool
    body: type | None
    query: type
    status: int
    media: str
    represent: Callable[[Any], Any] | None


def api_blueprint(noun: str, import_name: str) -> Blueprint:
    """Return the blueprint of a noun: its endpoints are `<noun>_api.<verb>`, its addresses begin with the API's."""
    blueprint = Blueprint(f"{noun}_api", import_name, url_prefix=PREFIX)
    # There is no cookie to be misused: who calls says so by a token in a header that no page can send for him.
    csrf.exempt(blueprint)
    return blueprint


def operation(
    scope: StrEnum,
    *,
    answer: type | None = None,
    listing: bool = False,
    body: type | None = None,
    query: type = NoQuery,
    status: int = 200,
    media: str = "application/json",
    represent: Callable[[Any], Any] | None = None,
) -> Callable[[ViewFunction], ViewFunction]:
    """Declare an operation. Stands below `requires`.

    The view receives `query` and `body` as the shapes declared, and returns a shape, a Listing, Created or a response of
    its own. A POST is done once for each `Idempotency-Key`. A PATCH needs `represent`, which turns the loaded row into
    the shape that GET gives: its tag is what `If-Match` must name, compared while the row is held.
    """
    declared = Operation(scope, answer, listing, body, query, status, media, represent)

    def decorate(view: ViewFunction) -> ViewFunction:
        @wraps(view)
        def perform(**arguments: Any) -> Response:
            if query is not NoQuery or request.args:
                arguments |= _read_query(query)
            sent = read_body() if body is not None else None
            if body is not None:
                arguments["body"] = _read_sent(body, sent)
            if request.method == "PATCH" and represent is not None:
                _require_match(represent, arguments)
            if request.method == "POST":
                return once(lambda: _respond(declared, view(**arguments)), body=sent)
            return _respond(declared, view(**arguments))

        perform.operation = declared  # type: ignore[attr-defined]
        perform.most_bytes = MOST_BYTES  # type: ignore[attr-defined]
        return perform  # type: ignore[return-value]

    return decorate


def declared_operation(app: Flask, endpoint: str | None) -> Operation | None:
    """Return what the view behind an endpoint declared."""
    return getattr(app.view_functions.get(endpoint or ""), "operation", None)


def slice_list(rows: Sequence[T], *, key: Callable[[T], list[str]], asked: PageQuery) -> Listing:
    """Return the page that a request asks for of a list that is there whole, ordered by a key of its own for each row.

    Raises Refusal for a cursor that is none of this list.
    """
    ordered = sorted(rows, key=key)
    if asked.cursor is not None:
        mark = decode_cursor(asked.cursor, len(key(ordered[0])) if ordered else 0)
        if mark is None or not all(isinstance(value, str) for value in mark):
            raise _bad_cursor()
        ordered = [row for row in ordered if key(row) > mark]
    page, more = ordered[: asked.limit], len(ordered) > asked.limit
    return Listing(page, encode_cursor(key(page[-1])) if more else None)


def list_page(query: Select[*tuple[Any, ...]], *, keys: Sequence[Any], asked: PageQuery) -> Page:
    """Return the page of a Core select that a request asks for; raise Refusal for a cursor that is none of this list."""
    try:
        return fetch_page(query, keys=keys, after=asked.cursor, size=asked.limit, strict=True, counted=False)
    except BadCursor as error:
        raise _bad_cursor() from error


def _bad_cursor() -> Refusal:
    return Refusal(
        _("This cursor does not belong to this list. Begin again without one."),
        status=422,
        kind="invalid-parameters",
        faults=[Fault("cursor", _("Take it from the answer before."))],
    )


def init_app(app: Flask) -> None:
    """Teach an application the API's addresses and the question for the scope. After whoever recognises the caller."""
    addresses.init_app(app)
    app.before_request(_require_scope)


def refuse_unscoped(app: Flask) -> None:
    """Raise UnscopedViews when a view under the API is neither public nor an operation with a scope."""
    views = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    missing = [
        endpoint
        for endpoint in sorted(views)
        if declared_operation(app, endpoint) is None and declared_access(app, endpoint) != Access(public=True)
    ]
    if missing:
        raise UnscopedViews(", ".join(missing))


class UnscopedViews(RuntimeError):
    """Views of the API that do not say which scope a token needs."""


def _require_scope() -> None:
    """Ask for the token and its scope before anything is looked up."""
    if not is_api_request():
        return
    declared = declared_operation(current_app, request.endpoint)
    if declared is None:
        return
    if g.viewer is None:
        abort(401)
    if declared.scope not in g.scopes:
        log_access("refused", detail=f"scope {declared.scope}")
        raise Refusal(
            _("This token has not the scope %(scope)s.", scope=declared.scope.value),
            status=403,
            kind="missing-scope",
        )


def _read_query(shape: type) -> dict[str, Any]:
    try:
        query: Any = read_parameters(shape, dict(request.args.lists()))
    except BadValues as error:
        raise refuse_values(error, parameters=True) from error
    return {} if shape is NoQuery else {"query": query}


def _read_sent(shape: type, sent: Any) -> Any:
    try:
        return read_shape(shape, sent)
    except BadValues as error:
        raise refuse_values(error) from error


def _require_match(represent: Callable[[Any], Any], arguments: dict[str, Any]) -> None:
    """Hold the row, and be sure that the caller has seen it as it is: nobody overwrites what he never read."""
    if "If-Match" not in request.headers:
        raise Refusal(
            _("Say by If-Match which state you change; its tag is the ETag of the last answer."),
            status=428,
            kind="if-match-missing",
        )
    row = next(value for value in arguments.values() if isinstance(value, Model))
    db.session.refresh(row, with_for_update={"of": type(row)})
    if not request.if_match.contains(tag_of(write_json(represent(row)))):
        raise Refusal(
            _("It has changed meanwhile. Read it again, then change it."),
            status=412,
            kind="changed-meanwhile",
        )


def _respond(declared: Operation, answer: Any) -> Response:
    if isinstance(answer, Response):
        return _unless_known(answer)
    headers = {}
    if isinstance(answer, Created):
        headers["Location"] = answer.location
        answer = answer.answer
    if isinstance(answer, Listing):
        following = _next_address(answer.cursor) if answer.cursor else None
        if following:
            headers["Link"] = f'<{following}>; rel="next"'
        answer = {"items": answer.items, "next": following, "cursor": answer.cursor}
    body = write_json(answer)
    response = Response(body, declared.status, headers, mimetype="application/json")
    set_tag(response, body)
    return _unless_known(response)


def _unless_known(response: Response) -> Response:
    """Return 304 instead of what the caller has already."""
    if request.method in ("GET", "HEAD"):
        response.make_conditional(request)
    return response


def _next_address(cursor: str) -> str:
    arguments: dict[str, Any] = dict(request.view_args or {}) | request.args.to_dict()
    return url_for(request.endpoint or "", **(arguments | {"cursor": cursor}))
