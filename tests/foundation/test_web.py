"""What every answer has in common."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import User
from accounts.permissions import Role
from foundation.access import AccessEntry
from foundation.db import db
from foundation.web import same_site_target
from tests.conftest import make_config
from tests.factories.accounts import make_user
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/static/css/base.css", "/healthz", "/search"])
def test_every_answer_carries_the_security_headers(client: LintingClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Request-Id"]


def test_pages_are_not_kept_by_browsers_and_named_static_files_are(client: LintingClient) -> None:
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    sheet = find_sheet(client)
    assert re.fullmatch(r"/static/v-[0-9a-f]{12}/css/[a-z]+\.css", sheet)
    with client.get(sheet) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def find_sheet(client: LintingClient) -> str:
    return client.get("/sign-in").text.split('rel="stylesheet" href="')[1].split('"')[0]


@pytest.mark.parametrize("prefix", ["", "v-000000000000/", "v-/"])
def test_files_asked_for_by_no_name_or_by_that_of_another_release_are_not_kept(
    client: LintingClient, prefix: str
) -> None:
    with client.get(f"/static/{prefix}css/base.css") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("no-cache")


@pytest.mark.parametrize(
    "path", ["css/nothing.css", "../wsgi.py", "v-000000000000/../../wsgi.py", "v-1", "v-1/"]
)
def test_what_is_no_file_of_the_folder_is_not_found_and_not_kept(client: LintingClient, path: str) -> None:
    version = find_sheet(client).split("/")[2]
    for address in (f"/static/{path}", f"/static/{version}/{path}"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: LintingClient) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_https_installation_names_its_cookie_for_one_host(app: Flask) -> None:
    import wsgi

    config = app.extensions["ijaza_config"]
    https = wsgi.create_app(
        make_config(config.instance_dir, config.database_url, public_url="https://ijaza.example")
    )
    assert https.config["SESSION_COOKIE_NAME"] == "__Host-ijaza"
    assert https.config["SESSION_COOKIE_SECURE"] is True


def test_foreign_host_name_is_refused_in_production(app: Flask) -> None:
    import wsgi

    config = app.extensions["ijaza_config"]
    production = wsgi.create_app(
        make_config(
            config.instance_dir,
            config.database_url,
            env="production",
            public_url="https://ijaza.example",
            debug=True,
        )
    )
    assert production.config["TRUSTED_HOSTS"] == ["ijaza.example", "127.0.0.1", "localhost"]
    assert production.test_client().get("/healthz", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/sign-out", 405),
        ("POST", "/sign-in", 400),
        ("GET", "/users/99999999999999999999", 404),
    ],
)
def test_errors_are_pages_in_words_with_a_number_to_ask_by(
    client: LintingClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method, with_token=False)
    if path.startswith("/users"):
        assert answer.status_code in (302, 404)
        return
    assert answer.status_code == status
    assert answer.headers["X-Request-Id"] in answer.text
    assert "Traceback" not in answer.text


def test_errors_are_json_for_programs(client: LintingClient) -> None:
    answer = client.get("/nowhere", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (404, "application/json")


def test_form_of_another_site_is_refused(client: LintingClient) -> None:
    answer = client.post("/language", data={"language": "ar"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400


def test_form_without_the_page_s_token_is_refused_with_advice(client: LintingClient) -> None:
    answer = client.post("/language", data={"language": "ar"}, with_token=False)
    assert answer.status_code == 400
    assert "load the page again" in answer.text


def test_body_beyond_two_megabytes_is_refused(client: LintingClient) -> None:
    answer = client.post("/language", data={"language": "x" * (3 * 1024 * 1024)})
    assert answer.status_code in (400, 413)


def test_language_is_chosen_and_kept(client: LintingClient) -> None:
    answer = client.post("/language", data={"language": "ar", "next": "/sign-in"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert '<html lang="ar" dir="rtl"' in client.get("/sign-in").text


def test_language_of_a_signed_in_user_becomes_his_own(sign_in: SignIn, app: Flask) -> None:
    user = make_user(Role.AUDITOR)
    sign_in(user).post("/language", data={"language": "fr"})
    assert user.language == "fr"


@pytest.mark.parametrize("language", ["", "xx", "../../etc", "en\r\nSet-Cookie: a=b"])
def test_unknown_language_changes_nothing(client: LintingClient, language: str) -> None:
    answer = client.post("/language", data={"language": language})
    assert answer.status_code == 303
    assert "ijaza_language" not in answer.headers.get("Set-Cookie", "")


def test_look_is_chosen_and_kept(client: LintingClient) -> None:
    client.post("/theme", data={"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/sign-in").text
    client.post("/theme", data={"theme": "purple"})
    assert 'data-theme="dark"' in client.get("/sign-in").text


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://a.example/",
        "//a.example",
        "/\\a.example",
        "\\\\a.example",
        "javascript:x",
        "a/b",
        "http:/a",
    ],
)
def test_only_paths_of_this_site_are_followed(target: str | None) -> None:
    assert same_site_target(target, "/start") == "/start"


@pytest.mark.parametrize("target", ["/", "/users?q=a&b=c", "/persons/1#names"])
def test_paths_of_this_site_are_followed(target: str) -> None:
    assert same_site_target(target, "/start") == target


def test_refused_request_writes_nothing_but_the_access_log(sign_in: SignIn, app: Flask) -> None:
    user = make_user(Role.TRAINEE)
    sign_in(user).post("/users/invite", data={"email": "a@b.example"})
    assert db.session.scalars(select(User.id)).all() == [user.id]
    assert db.session.scalars(select(AccessEntry.kind)).all() == ["refused"]


def test_signed_in_page_asks_nobody_for_a_script_or_style_of_its_own(sign_in: SignIn, app: Flask) -> None:
    page = sign_in(make_user(Role.ADMINISTRATOR, name="<script>alert(1)</script>")).get("/account").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
