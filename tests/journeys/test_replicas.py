"""Two webs that know nothing of each other but the database and the folder: what one of them said, the other one keeps."""

import os
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.installation import ROOT
from tests.support.postgres import fresh_database
from tests.support.replicas import end, is_alive, start_web
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture(scope="module")
def webs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Start two webs at once on an empty database and an empty folder, with no secrets given; yield their ports."""
    folder = tmp_path_factory.mktemp("replicas")
    with fresh_database() as url:
        settings = {
            "PYTHONPATH": str(ROOT),
            "IJAZA_INSTANCE_DIR": str(folder),
            "IJAZA_DATABASE_URL": url,
            "IJAZA_REPLICAS": "2",
            "IJAZA_DEMO": "0",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IJAZA_")}
        started = [start_web(folder, kept | settings) for _ in range(2)]
        try:
            ports = (started[0][0], started[1][0])
            assert eventually(lambda: all(map(is_alive, ports)), within=120), _said(folder)
            yield ports
        finally:
            end([process for _port, process in started])


def _said(folder: Path) -> str:
    return "".join(path.read_text() for path in sorted(folder.glob("output-*")))


class Visitor:
    """Somebody whose requests go now to one web, now to the other."""

    def __init__(self) -> None:
        self.cookie = ""

    def ask(self, port: int, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {"Cookie": self.cookie} if self.cookie else {}
            if form is None:
                connection.request("GET", path, headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                connection.request("POST", path, urlencode(form), headers)
            answer = connection.getresponse()
            given = answer.getheader("Set-Cookie")
            self.cookie = given.partition(";")[0] if given else self.cookie
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def token(self, port: int) -> str:
        _status, page = self.ask(port, "/sign-in")
        found = TOKEN.search(page)
        assert found is not None, page
        return found.group(1)

    def sign_in(self, port: int, token: str, email: str) -> int:
        form = {"csrf_token": token, "email": email, "password": "not the right phrase"}
        return self.ask(port, "/sign-in", form)[0]


def test_a_form_that_one_web_gave_out_is_taken_by_the_other(webs: tuple[int, int]) -> None:
    visitor = Visitor()
    token = visitor.token(webs[0])

    assert visitor.sign_in(webs[1], token, "somebody@host.example") == 422
    assert visitor.sign_in(webs[1], "forged", "somebody@host.example") == 400


def test_failures_are_counted_together(webs: tuple[int, int]) -> None:
    visitor = Visitor()
    token = visitor.token(webs[0])

    answers = [visitor.sign_in(webs[number % 2], token, "guessed@host.example") for number in range(5)]

    assert answers == [422] * 5
    assert [visitor.sign_in(port, token, "guessed@host.example") for port in webs] == [429, 429]
