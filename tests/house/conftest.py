"""The world on a database of its own, built once: what the guards ask for is rolled back after each request."""

import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, got_request_exception
from flask import request as asked

from foundation import access
from foundation import db as database_module
from foundation.db import db
from tests.conftest import DATABASES, TestDatabase
from tests.support.inhabited import WRITE_ENTRIES, WorldApp


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], WorldApp]]:
    made: dict[str, WorldApp] = {}

    def get(kind: str) -> WorldApp:
        if kind not in made:
            made[kind] = WorldApp(TestDatabase(kind, tmp_path_factory.mktemp(f"world-{kind}")))
        return made[kind]

    yield get
    for world in made.values():
        world.database.close()


@pytest.fixture(params=DATABASES)
def inhabited(
    request: pytest.FixtureRequest, worlds: Callable[[str], WorldApp], monkeypatch: pytest.MonkeyPatch
) -> Iterator[WorldApp]:
    """The world, for requests that leave no trace: each is answered in full, then rolled back.

    Whatever a guard asks, and as whom: a server error fails it.
    """
    found = worlds(request.param)
    errors: list[str] = []

    def remember(_sender: Flask, exception: BaseException, **_extra: Any) -> None:
        place = traceback.extract_tb(exception.__traceback__)[-1]
        errors.append(
            f"{asked.method} {asked.full_path}: {exception!r:.300} ({place.filename}:{place.lineno})"
        )

    def roll_back(_status: int) -> None:
        try:
            db.session.flush()
        finally:
            db.session.rollback()

    with found.app.app_context(), got_request_exception.connected_to(remember, found.app):
        found.sign_in_everybody()
        monkeypatch.setattr(database_module, "end_request", roll_back)
        monkeypatch.setattr(
            access, "write_access_entries", lambda: found.keeps_access_log and WRITE_ENTRIES()
        )
        yield found
        db.session.rollback()
        db.session.remove()
    assert errors == []
