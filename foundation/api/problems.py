"""Refusals for programs: one document for every one of them (RFC 9457, application/problem+json).

`type` is about:blank where the status says it all, else a name of ours; `detail` is a sentence in the language asked
for; `errors` names each fault by its place: a JSON pointer into the body, or a parameter.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, g, has_request_context, request
from werkzeug.exceptions import HTTPException

from foundation.api.shapes import BadValues, Fault, write_json
from foundation.db import is_reading
from foundation.errors import DomainError, TooMany
from foundation.i18n import _

PREFIX = "/api/v1"
MEDIA_TYPE = "application/problem+json"
_NAMES = "urn:ijaza:problem:"


class Refusal(DomainError):
    """A refusal with a name of its own, so that programs can tell it from others of the same status."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        kind: str | None = None,
        faults: Iterable[Fault] = (),
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.faults = tuple(faults)
        self.more = dict(more or {})


def refuse_values(error: BadValues, *, parameters: bool = False) -> Refusal:
    """Return the refusal of a body, or of parameters, that do not have the shape asked for."""
    refusal = Refusal(
        _("Some values cannot be taken; each is named with what is wrong."),
        status=422,
        kind="invalid-parameters" if parameters else "invalid-values",
        faults=error.faults,
    )
    return refusal


def is_api_request() -> bool:
    """Return whether the request at hand is one of the API, found or not."""
    return has_request_context() and (request.path + "/").startswith("/api/")


def show_problem(error: Exception, status: int, message: str | None) -> Response:
    """Return the document of a refusal, with the headers that belong to its status."""
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    document: dict[str, Any] = {"type": "about:blank", "title": phrase, "status": status}
    if isinstance(error, Refusal) and error.kind:
        document["type"] = _NAMES + error.kind
    detail = message or _sentence(status, error)
    if detail:
        document["detail"] = detail
    document["instance"] = f"urn:ijaza:request:{g.get('request_id', '')}"
    if isinstance(error, Refusal):
        document |= error.more
    faults = _faults_of(error)
    if faults:
        document["errors"] = faults
    response = Response(write_json(document), status, mimetype=MEDIA_TYPE)
    _set_headers(response, error, status)
    return response


def _faults_of(error: Exception) -> list[dict[str, str]]:
    if isinstance(error, Refusal):
        named = "parameter" if error.kind == "invalid-parameters" else "pointer"
        sign = "" if named == "parameter" else "#"
        return [{named: sign + fault.place, "detail": fault.message} for fault in error.faults]
    if isinstance(error, DomainError) and error.field:
        # What a reading request says stands in its parameters.
        place = {"parameter": error.field} if is_reading() else {"pointer": f"#/{error.field}"}
        return [place | {"detail": error.message}]
    return []


def _set_headers(response: Response, error: Exception, status: int) -> None:
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, HTTPException):
        allowed = dict(error.get_headers()).get("Allow")
        if allowed:
            response.headers["Allow"] = allowed
    if status == 401:
        known = ', error="invalid_token"' if "Authorization" in request.headers else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="ijaza"{known}'
    response.headers["Cache-Control"] = "no-store"


def _sentence(status: int, error: Exception) -> str | None:
    """Return what to say of a status when the error itself says nothing of ours."""
    if status == 415 and isinstance(error, HTTPException):
        return error.description
    sentences = {
        400: _("The request cannot be read."),
        401: _("Send a token that is valid: Authorization: Bearer …"),
        403: _("This token may not do that."),
        404: _("There is no such thing within the sight of this token."),
        405: _("This address does not take that method."),
        413: _("The body is too large."),
        415: _("Send the body as application/json."),
        429: _("Too many tries. Wait, then try again."),
        500: _("Something went wrong here. It has been noted under the number in `instance`."),
    }
    return sentences.get(status)
