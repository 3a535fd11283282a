"""The body of a request, read as strictly as JSON can be: one reading for everybody, no surprises behind it."""

import json
from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from foundation.api.problems import Refusal
from foundation.i18n import _

MOST_BYTES = 64 * 1024
DEEPEST = 16
MEDIA = {"POST": ("application/json",), "PATCH": ("application/json", "application/merge-patch+json")}


def read_body() -> Any:
    """Return the JSON of the request; raise 415 for another kind of content, 413 for too much, 400 for what is no JSON.

    Twice the same field, numbers that are none, and nesting deeper than any shape are refused: two programs would read
    them differently, or one would fall over.
    """
    if request.mimetype not in MEDIA[request.method]:
        raise UnsupportedMediaType(_("Send the body as application/json."))
    raw = request.get_data()
    try:
        text = raw.decode()
        _refuse_deep(text)
        return json.loads(text, object_pairs_hook=_once_each, parse_constant=_refuse_constant)
    except ValueError as error:
        raise Refusal(
            _("The body is not JSON that can be read: %(reason)s", reason=str(error)[:200]),
            status=400,
            kind="malformed-body",
        ) from error


def _refuse_deep(text: str) -> None:
    """Raise ValueError for deep nesting before the parser climbs down; brackets inside texts count, which does no harm."""
    depth = 0
    for sign in text:
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                raise ValueError("nested too deeply")
        elif sign in "]}":
            depth -= 1


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice in one object")
    return found


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a number")
