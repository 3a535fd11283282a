"""An agency, its system's token, and a client that calls the API with it."""

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from accounts.models import Agency, ApiScope, ApiToken
from accounts.services import api_tokens
from foundation import clock
from foundation.db import db
from tests.factories.accounts import make_agency, make_agreement

PREFIX = "/api/v1"


class Caller:
    """An agency's own system: one token, real requests, each with a context of its own."""

    def __init__(self, app: Flask, token: ApiToken, secret: str) -> None:
        self.app = app
        self.agency: Agency = token.agency
        self.token = token
        self.secret = secret

    def call(self, method: str, path: str, *, key: str | None = None, **values: Any) -> TestResponse:
        """Send one request; a POST under a key of its own unless one is given."""
        headers = {"Authorization": f"Bearer {self.secret}"} | dict(values.pop("headers", {}))
        if method == "POST":
            headers.setdefault("Idempotency-Key", key or secrets.token_hex(8))
        db.session.rollback()
        address = path if path.startswith(PREFIX) else PREFIX + path
        with self.app.app_context():
            response = Client(self.app).open(address, method=method, headers=headers, **values)
        db.session.expire_all()
        return response

    def get(self, path: str, **values: Any) -> TestResponse:
        return self.call("GET", path, **values)

    def post(self, path: str, json: Any, **values: Any) -> TestResponse:
        return self.call("POST", path, json=json, **values)

    def walk(self, path: str) -> list[dict[str, Any]]:
        """Return every item of a list, following `next` from page to page."""
        items: list[dict[str, Any]] = []
        following: str | None = path
        while following:
            page = self.get(following).json
            items += page["items"]
            following = page["next"]
        return items


MakeCaller = Callable[..., Caller]


@pytest.fixture
def make_caller(app: Flask) -> MakeCaller:
    """Return a function that makes an agency with an agreement (or takes one) and gives its system a token."""

    def make(
        agency: Agency | None = None, *, scopes: Iterable[ApiScope] = tuple(ApiScope), days: int = 30
    ) -> Caller:
        if agency is None:
            agency = make_agency()
            make_agreement(agency)
        token, secret = api_tokens.give_token(
            agency,
            label="personnel system",
            scopes=scopes,
            expires_on=clock.today() + timedelta(days=days),
            actor=None,
        )
        db.session.commit()
        return Caller(app, token, secret)

    return make


@pytest.fixture
def caller(make_caller: MakeCaller) -> Caller:
    """One agency's system with every scope."""
    return make_caller()


def kind_of(response: TestResponse) -> str:
    """Return the name of a problem, without what all names begin with."""
    return str(response.json["type"]).rsplit(":", 1)[-1]
