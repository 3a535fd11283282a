"""What every answer has in common: its id, its security headers, its end of transaction, its errors in the reader's language."""

import hashlib
import logging
import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from foundation import access, db, static_files
from foundation.access import ViewFunction
from foundation.api.problems import is_api_request, show_problem
from foundation.config import Config
from foundation.errors import DomainError, TooMany
from foundation.i18n import LANGUAGE_COOKIE, LANGUAGE_NAMES, LANGUAGES, direction, language

log = logging.getLogger(__name__)
csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
FORM_BYTES = 2 * 1024 * 1024
KNOWN_ERRORS = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)
THEME_COOKIE = "ijaza_theme"
THEMES = ("", "light", "dark")


class RowNumber(IntegerConverter):
    """A whole number in an address that can be a row's: what no database could hold is not found."""

    def __init__(self, map: Map, **limits: Any) -> None:
        super().__init__(map, **({"max": 2**31 - 1} | limits))


def init_app(app: Flask, config: Config) -> None:
    """Give an application its headers, limits, cookies, error pages and the life of its requests."""
    https = urlsplit(config.public_url).scheme == "https"
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=FORM_BYTES,
        SESSION_COOKIE_NAME="__Host-ijaza" if https else "ijaza",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # Bound to the session instead of an hour: a form left open in the field must still be accepted.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    if config.production:
        app.config["TRUSTED_HOSTS"] = [urlsplit(config.public_url).hostname, "127.0.0.1", "localhost"]
    if config.trusted_proxies:
        n = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    # Before the CSRF check, which reads the body.
    app.before_request(_begin_request)
    app.url_map.converters["int"] = RowNumber
    csrf.init_app(app)
    app.after_request(_end_request)
    static_files.init_app(app)
    app.context_processor(_page_context)
    for error in (DomainError, HTTPException):
        app.register_error_handler(error, _show_error)
    for impossible in (DataError, OverflowError):
        app.register_error_handler(impossible, _refuse_impossible)
    app.register_error_handler(500, _show_error)
    app.add_url_rule("/language", view_func=set_language, methods=["POST"], endpoint="language.set")
    app.add_url_rule("/theme", view_func=set_theme, methods=["POST"], endpoint="theme.set")
    app.extensions["ijaza_https"] = https


def accepts_bytes(most: int) -> Callable[[ViewFunction], ViewFunction]:
    """Let a view receive larger bodies than forms have, up to `most` bytes. Stands below `requires` or `public`."""

    def declare(view: ViewFunction) -> ViewFunction:
        view.most_bytes = most  # type: ignore[attr-defined]
        return view

    return declare


def _begin_request() -> None:
    g.request_id = secrets.token_hex(8)
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "most_bytes", FORM_BYTES)
    if request.method in db.SAFE_METHODS:
        return
    # A second lock beside the CSRF token: browsers say where a request comes from, and no page of ours is elsewhere.
    if request.headers.get("Sec-Fetch-Site") == "cross-site" and not request.path.startswith("/api/"):
        raise BadRequest("cross-site request")


def _end_request(response: Response) -> Response:
    if request.endpoint != static_files.ENDPOINT:
        db.end_request(response.status_code)
        access.write_access_entries()
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if request.endpoint != static_files.ENDPOINT and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _page_context() -> dict[str, Any]:
    code = language()
    return {
        "language": code,
        "direction": direction(code),
        "languages": LANGUAGE_NAMES,
        "theme": request.cookies.get(THEME_COOKIE, "") if request else "",
        "viewer": g.get("viewer"),
        "current_user": g.get("viewer") or NOBODY,
        "demonstration": app_config().demonstration,
    }


class _Nobody:
    """Who is not signed in, as templates see him."""

    is_authenticated = False
    name = ""

    def may(self, _permission: str, _subject: Any = None) -> bool:
        return False


NOBODY = _Nobody()


def app_config() -> Config:
    """Return the settings of the application at work."""
    config: Config = current_app.extensions["ijaza_config"]
    return config


def _show_error(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error
    if isinstance(error, SecurityError) and not is_api_request():
        # Asked under a name that is not ours: no page can be made, for every address in it would carry that name.
        return Response("This host name is not served here.\n", 400, mimetype="text/plain")
    message = error.message if isinstance(error, DomainError) else None
    status = _status_of(error)
    if status >= 500 and not isinstance(error, HTTPException):
        log.exception("unhandled error", extra={"path": request.path})
    db.db.session.rollback()
    if is_api_request():
        return show_problem(error, status, message)
    headers = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, TooMany) else {}
    if _wants_json():
        return jsonify(error=message or getattr(error, "name", "error"), status=status), status, headers
    page = status if status in KNOWN_ERRORS else 400 if status < 500 else 500
    context = {"message": message, "request_id": g.get("request_id"), "csrf": isinstance(error, CSRFError)}
    return render_template(f"errors/{page}.html", status=status, **context), status, headers


def _refuse_impossible(error: Exception) -> ResponseReturnValue:
    """Answer 400 when the database cannot even hold what was sent: a number of thirty digits, a text with a zero byte."""
    log.warning("impossible value", extra={"path": request.path, "error": type(error).__name__})
    return _show_error(BadRequest("A value that was sent is impossible."))


def _status_of(error: Exception) -> int:
    if isinstance(error, DomainError):
        return error.status
    if isinstance(error, HTTPException):
        return error.code or 500
    return 500


def _wants_json() -> bool:
    accepts = request.accept_mimetypes
    return accepts.best == "application/json" or request.path.endswith(".json")


def wants_json() -> bool:
    """Return whether the caller asked for JSON rather than a page."""
    return _wants_json()


def same_site_target(target: str | None, fallback: str) -> str:
    """Return `target` when it is a path of this site, else `fallback`: a link may not send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return fallback
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else fallback


@access.public
def set_language() -> ResponseReturnValue:
    """Switch the language: in the cookie, and for a signed-in user as his own choice."""
    code = request.form.get("language", "")
    target = same_site_target(request.form.get("next"), url_for("desk.show"))
    # A language in the address would win over the choice just made.
    response = redirect(re.sub(r"([?&])language=[a-z]*&?", r"\1", target).rstrip("?&"), 303)
    if code in LANGUAGES:
        _remember(response, LANGUAGE_COOKIE, code)
        viewer = g.get("viewer")
        if viewer is not None:
            viewer.language = code
    return response


@access.public
def set_theme() -> ResponseReturnValue:
    """Remember light, dark, or whatever the device prefers (empty)."""
    theme = request.form.get("theme", "")
    response = redirect(same_site_target(request.form.get("next"), url_for("desk.show")), 303)
    if theme in THEMES:
        _remember(response, THEME_COOKIE, theme)
    return response


def _remember(response: BaseResponse, cookie: str, value: str) -> None:
    secure = request.is_secure
    response.set_cookie(
        cookie, value, max_age=static_files.YEAR_SECONDS, samesite="Lax", httponly=True, secure=secure
    )


def pdf_response(body: bytes, *, file_name: str) -> Response:
    """Return a PDF that is kept under its own name; see `frozen_response`."""
    return frozen_response(body, file_name=file_name, mimetype="application/pdf")


def frozen_response(body: bytes, *, file_name: str, mimetype: str) -> Response:
    """Return a file to be kept under its own name, never opened as a page; being frozen it may be compared by its tag."""
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.set_etag(hashlib.sha256(body).hexdigest())
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def forget_session() -> None:
    """Start a new browser session: nothing of the one before sign-in is carried over."""
    session.clear()
