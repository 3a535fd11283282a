"""A test client that is also a linter: every page any test opens must be well made."""

import hashlib
import re
import secrets
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts.models import User, UserSession
from foundation import clock
from foundation.db import db

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
OPTIONAL_END = frozenset(["li", "p", "td", "th", "tr", "thead", "tbody", "tfoot", "dd", "dt", "option"])


class PageLint(HTMLParser):
    """Reads a page and gathers what a careful reviewer would stop at."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.headings = 0
        self.in_label = 0
        self.form_methods: list[str] = []
        self.form_has_token: list[bool] = []
        self.language: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if len(values) != len(attributes):
            self.problems.append(f"<{tag}> repeats an attribute")
        if tag not in VOID:
            self.open.append(tag)
        for name, value in values.items():
            if name == "style" or name.startswith("on"):
                self.problems.append(f"<{tag}> has an inline {name}")
            if (
                name in ("href", "src", "action")
                and value
                and re.match(r"(https?:)?//", value)
                and "127.0.0.1" not in value
            ):
                self.problems.append(f"<{tag}> leads elsewhere: {value}")
            if name in ("for", "href", "action", "id") and value in ("None", "#None"):
                self.problems.append(f"<{tag}> {name} is {value}")
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag == "html":
            self.language = values.get("lang")
        elif tag == "h1":
            self.headings += 1
        elif tag == "style" or (tag == "script" and "src" not in values):
            self.problems.append(f"inline <{tag}>")
        elif tag == "label":
            self.in_label += 1
            if values.get("for"):
                self.labels.add(str(values["for"]))
        elif tag == "form":
            self.form_methods.append((values.get("method") or "get").lower())
            self.form_has_token.append(False)
        elif tag == "img" and "alt" not in values:
            self.problems.append("an image without alt")
        if tag in ("input", "select", "textarea"):
            if values.get("name") == "csrf_token" and self.form_has_token:
                self.form_has_token[-1] = True
            if values.get("type") not in ("hidden", "submit", "button") and not self.in_label:
                self.inputs.append(values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.in_label -= 1
        if tag in VOID:
            return
        while self.open and self.open[-1] != tag and self.open[-1] in OPTIONAL_END:
            self.open.pop()
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes <{self.open[-1] if self.open else 'nothing'}>")
            if tag in self.open:
                while self.open.pop() != tag:
                    pass
        else:
            self.open.pop()

    def finish(self) -> list[str]:
        """Return every problem found."""
        if self.headings != 1:
            self.problems.append(f"{self.headings} h1 headings")
        if not self.language:
            self.problems.append("no language on <html>")
        twice = {i for i in self.ids if self.ids.count(i) > 1}
        if twice:
            self.problems.append(f"ids used twice: {sorted(twice)}")
        for values in self.inputs:
            named = (
                values.get("aria-label") or values.get("aria-labelledby") or values.get("id") in self.labels
            )
            if not named:
                self.problems.append(f"an input without a label: {values}")
        for method, has_token in zip(self.form_methods, self.form_has_token, strict=True):
            if method == "post" and not has_token:
                self.problems.append("a form that posts without a CSRF token")
        return self.problems


def lint_page(html: str) -> list[str]:
    """Return what is wrong with a page, in sentences."""
    if not html.lstrip().lower().startswith("<!doctype html"):
        return []  # a fragment, swapped into a page that was linted itself
    lint = PageLint()
    lint.feed(html)
    return lint.finish()


class LintingClient(FlaskClient):
    """Posts with the CSRF token of its session, and refuses pages that are badly made."""

    csrf_token: str | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with_token = kwargs.pop("with_token", True)
        if kwargs.get("method", "GET") != "GET" and with_token:
            headers = dict(kwargs.get("headers") or {})
            headers.setdefault("X-CSRFToken", self._token())
            kwargs["headers"] = headers
        db.session.rollback()
        # A context of its own, as on a server: nothing of the test's session or of the request before is in it.
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        db.session.rollback()
        db.session.expire_all()
        if response.mimetype == "text/html" and not response.is_streamed:
            problems = lint_page(response.get_data(as_text=True))
            assert not problems, f"{response.request.path}: {problems}"
        return response

    def _token(self) -> str:
        """Return a token that fits this client's session, made as the pages make it."""
        from itsdangerous import URLSafeTimedSerializer

        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", hashlib.sha1(secrets.token_bytes(16)).hexdigest())  # noqa: S324
        secret = self.application.config["SECRET_KEY"]
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))


def sign_in_client(app: Flask, user: User) -> LintingClient:
    """Return a client with a signed-in session of the user, stored as a real sign-in stores it."""
    db.session.commit()
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(
        UserSession(
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            user_id=user.id,
            credential_version=user.credential_version,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=12),
        )
    )
    db.session.commit()
    client = app.test_client()
    assert isinstance(client, LintingClient)
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    return client
