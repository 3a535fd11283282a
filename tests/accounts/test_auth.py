"""The way in and out."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import passwords, throttles, tokens
from accounts.demo.accounts import DEMO_PASSWORD
from accounts.models import User, UserSession
from accounts.permissions import Role
from accounts.tokens import LinkPurpose
from foundation import clock
from foundation.access import AccessEntry
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.jobs import run_pending
from foundation.mail import OutboxMail
from tests.conftest import make_config
from tests.factories.accounts import make_user
from tests.support.client import LintingClient

PASSWORD = "seven camels cross the wadi"
_HASH = passwords.hash_password(PASSWORD)
SignIn = Callable[[User], LintingClient]


@pytest.fixture
def user(app: Flask) -> User:
    user = make_user(Role.PROGRAMME_MANAGER, email="manager@host.example", password_hash=_HASH)
    db.session.commit()
    return user


def enter(
    client: LintingClient, email: str = "manager@host.example", password: str = PASSWORD, **kwargs: object
):
    return client.post("/sign-in", data={"email": email, "password": password}, **kwargs)


def test_start_page_leads_a_stranger_to_the_sign_in(client: LintingClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, "/sign-in")
    assert client.get("/sign-in").status_code == 200


def test_sign_in_with_the_right_password_opens_the_start_page(client: LintingClient, user: User) -> None:
    answer = enter(client)
    assert (answer.status_code, answer.location) == (303, "/")
    page = client.get("/").text
    assert "Work waiting" in page
    assert user.name in page


def test_address_may_be_typed_in_any_case_and_with_spaces(client: LintingClient, user: User) -> None:
    assert enter(client, email="  Manager@HOST.example ").status_code == 303


def test_unknown_address_and_wrong_password_get_the_same_answer(client: LintingClient, user: User) -> None:
    wrong = enter(client, password="something else entirely")
    unknown = enter(client, email="nobody@host.example")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    sentence = "This address and password do not belong together."
    assert sentence in wrong.text
    assert sentence in unknown.text
    assert db.session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_unknown_address_costs_one_hash_too(
    client: LintingClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str | None] = []
    monkeypatch.setattr(passwords, "is_password", lambda password, kept: bool(judged.append(kept)))
    enter(client, password="something else entirely")
    enter(client, email="nobody@host.example")
    assert judged == [_HASH, None]


def test_no_transaction_is_open_while_a_password_is_hashed(
    client: LintingClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_transactions: list[bool] = []

    def judge(password: str, kept: str | None) -> bool:
        open_transactions.append(db.session().in_transaction())
        return True

    monkeypatch.setattr(passwords, "is_password", judge)
    assert enter(client).status_code == 303
    assert open_transactions == [False]


def test_disabled_account_cannot_sign_in_and_is_told_nothing_more(client: LintingClient, user: User) -> None:
    user.disabled_at = clock.now()
    db.session.commit()
    answer = enter(client)
    assert answer.status_code == 422
    assert "do not belong together" in answer.text


def test_account_whose_invitation_waits_cannot_sign_in(client: LintingClient, user: User) -> None:
    user.password_hash = None
    db.session.commit()
    assert enter(client).status_code == 422


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", PASSWORD),
        ("manager@host.example", ""),
        ("x" * 300, PASSWORD),
        ("manager@host.example", "x" * 2000),
    ],
)
def test_empty_and_endless_entries_are_refused_before_anything_is_hashed(
    client: LintingClient, user: User, monkeypatch: pytest.MonkeyPatch, email: str, password: str
) -> None:
    monkeypatch.setattr(passwords, "is_password", lambda *_: pytest.fail("hashed"))
    assert enter(client, email=email, password=password).status_code == 422


def test_hostile_address_is_shown_as_text(client: LintingClient, user: User) -> None:
    answer = enter(client, email="<script>alert(1)</script>'\" OR 1=1 --")
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_next_page_is_opened_after_the_sign_in(client: LintingClient, user: User) -> None:
    answer = client.post(
        "/sign-in?next=/search?q=ab", data={"email": "manager@host.example", "password": PASSWORD}
    )
    assert answer.location == "/search?q=ab"


@pytest.mark.parametrize(
    "target",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"],
)
def test_next_never_leads_to_another_site(client: LintingClient, user: User, target: str) -> None:
    answer = client.post(
        "/sign-in",
        query_string={"next": target},
        data={"email": "manager@host.example", "password": PASSWORD},
    )
    assert answer.location == "/"


def test_sign_in_without_the_page_s_token_is_refused(client: LintingClient, user: User) -> None:
    assert enter(client, with_token=False).status_code == 400


def test_sixth_wrong_password_must_wait_and_the_wait_grows(client: LintingClient, user: User) -> None:
    start = clock.now()
    with clock.frozen_at(start):
        for _ in range(5):
            assert enter(client, password="wrong wrong wrong").status_code == 422
        first = enter(client)
        assert first.status_code == 429
        assert first.headers["Retry-After"] == "2"
        assert "Wait 2 seconds" in first.text
    with clock.frozen_at(start + timedelta(seconds=3)):
        assert enter(client, password="wrong wrong wrong").status_code == 422
        assert enter(client).headers["Retry-After"] == "4"
    with clock.frozen_at(start + timedelta(seconds=8)):
        assert enter(client).status_code == 303


def test_success_starts_the_count_afresh(client: LintingClient, user: User) -> None:
    start = clock.now()
    for second in range(4):
        with clock.frozen_at(start + timedelta(seconds=second)):
            enter(client, password="wrong wrong wrong")
    with clock.frozen_at(start + timedelta(seconds=5)):
        assert enter(client).status_code == 303
    with clock.frozen_at(start + timedelta(seconds=6)):
        stranger = client.application.test_client()
        for _ in range(4):
            assert enter(stranger, password="wrong wrong wrong").status_code == 422


def test_attack_from_one_network_does_not_shut_out_the_owner_elsewhere(
    client: LintingClient, user: User
) -> None:
    start = clock.now()
    attacker = {"REMOTE_ADDR": "203.0.113.7"}
    with clock.frozen_at(start):
        for _ in range(8):
            enter(client, password="wrong wrong wrong", environ_base=attacker)
        assert enter(client, environ_base=attacker).status_code == 429
        assert enter(client, environ_base={"REMOTE_ADDR": "198.51.100.9"}).status_code == 303


def test_guesses_from_many_networks_slow_the_address_down_by_a_minute_at_most(app: Flask, user: User) -> None:
    key = throttles.address_key(user.email)
    for number in range(200):
        db.session.add(
            AccessEntry(at=clock.now(), kind="sign_in_tried", detail=key, network=f"10.{number}.0.0/24")
        )
    db.session.commit()
    answer = enter(app.test_client())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_access_log_keeps_no_address_that_was_typed(client: LintingClient, user: User) -> None:
    enter(client, email="mistyped@host.example")
    details = db.session.scalars(select(AccessEntry.detail)).all()
    assert details
    assert not any("mistyped" in (detail or "") for detail in details)


def test_signing_in_again_ends_the_session_before(client: LintingClient, user: User) -> None:
    enter(client)
    enter(client)
    rows = db.session.scalars(select(UserSession).order_by(UserSession.id)).all()
    assert [row.ended_at is None for row in rows] == [False, True]


def test_sign_out_ends_the_session_on_the_server(sign_in: SignIn, user: User) -> None:
    client = sign_in(user)
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert db.session.scalar(select(UserSession.ended_at)) is not None
    assert client.get("/").location == "/sign-in"


def test_sign_out_by_a_link_does_nothing(sign_in: SignIn, user: User) -> None:
    client = sign_in(user)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/").status_code == 200


def test_invitation_sets_the_password_and_signs_in(client: LintingClient, app: Flask) -> None:
    user = make_user(Role.AUDITOR, name="Hana Saleh")
    token = tokens.make_link_token(user, LinkPurpose.INVITATION)
    db.session.commit()
    page = client.get(f"/invitations/{token}")
    assert "Hana Saleh" in page.text
    assert "Auditor" in page.text
    answer = client.post(f"/invitations/{token}", data={"password": PASSWORD, "again": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").status_code == 200
    assert db.session.scalars(select(AuditEntry.action)).all() == ["user:invitation_accepted"]


def test_invitation_counts_once(client: LintingClient, app: Flask) -> None:
    user = make_user(Role.AUDITOR)
    token = tokens.make_link_token(user, LinkPurpose.INVITATION)
    db.session.commit()
    client.post(f"/invitations/{token}", data={"password": PASSWORD, "again": PASSWORD})
    again = app.test_client().get(f"/invitations/{token}")
    assert again.status_code == 400
    assert "no longer valid" in again.text


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("", "", "Type a new password."),
        ("short", "short", "Use at least 12 characters"),
        ("password1234", "password1234", "among those tried first"),
        ("x" * 200, "x" * 200, "Use at most 128 characters."),
        (PASSWORD, "another sentence", "The two passwords differ."),
    ],
)
def test_poor_password_is_refused_with_its_reason(
    client: LintingClient, app: Flask, password: str, again: str, sentence: str
) -> None:
    user = make_user(Role.AUDITOR)
    token = tokens.make_link_token(user, LinkPurpose.INVITATION)
    db.session.commit()
    answer = client.post(f"/invitations/{token}", data={"password": password, "again": again})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(select(User.password_hash).where(User.id == user.id)) is None


def test_invitation_of_another_purpose_age_or_maker_is_refused(client: LintingClient, user: User) -> None:
    reset = tokens.make_link_token(user, LinkPurpose.RESET)
    for token in (reset, "nonsense", "x" * 5000, reset[:-2] + "xx"):
        assert client.get(f"/invitations/{token}").status_code == 400


def test_reset_link_goes_to_the_account_and_counts_once(
    client: LintingClient, user: User, tmp_path: Path
) -> None:
    answer = client.post("/reset", data={"email": "Manager@host.example"})
    assert answer.status_code == 200
    run_pending()
    letter = db.session.scalars(select(OutboxMail)).one()
    assert letter.to == "manager@host.example"
    path = letter.body_text.split("http://127.0.0.1:8000")[1].split()[0]
    db.session.rollback()
    fresh = "nine olives under the old bridge"
    answer = client.post(path, data={"password": fresh, "again": fresh})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert client.get(path).status_code == 400
    assert enter(client).status_code == 422
    assert enter(client, password=fresh).status_code == 303


def test_reset_ends_every_session(sign_in: SignIn, user: User) -> None:
    elsewhere = sign_in(user)
    token = tokens.make_link_token(user, LinkPurpose.RESET)
    fresh = "nine olives under the old bridge"
    elsewhere.application.test_client().post(f"/reset/{token}", data={"password": fresh, "again": fresh})
    assert elsewhere.get("/").location == "/sign-in"


def test_reset_of_an_unknown_address_answers_and_writes_the_same_and_sends_nothing(
    client: LintingClient, user: User
) -> None:
    known = client.post("/reset", data={"email": user.email})
    unknown = client.post("/reset", data={"email": "nobody@host.example"})
    assert known.status_code == unknown.status_code == 200
    assert "If an account has this address" in unknown.text
    run_pending()
    assert [letter.to for letter in db.session.scalars(select(OutboxMail))] == ["manager@host.example"]


def test_reset_link_is_not_sent_to_disabled_accounts(client: LintingClient, user: User) -> None:
    user.disabled_at = clock.now()
    db.session.commit()
    client.post("/reset", data={"email": user.email})
    run_pending()
    assert db.session.scalar(select(func.count()).select_from(OutboxMail)) == 0


def test_reset_is_slowed_down_too(client: LintingClient, user: User) -> None:
    answers = [client.post("/reset", data={"email": user.email}).status_code for _ in range(6)]
    assert answers == [200, 200, 200, 200, 200, 429]


def test_password_of_the_demonstration_opens_nothing_without_it(client: LintingClient, user: User) -> None:
    user.password_hash = passwords.hash_password(DEMO_PASSWORD)
    db.session.commit()
    assert enter(client, password=DEMO_PASSWORD).status_code == 422
    assert DEMO_PASSWORD not in client.get("/sign-in").text


def test_demonstration_lists_its_accounts_on_this_machine_alone(
    client: LintingClient, app: Flask, user: User
) -> None:
    user.password_hash = passwords.hash_password(DEMO_PASSWORD)
    db.session.commit()
    before = app.extensions["ijaza_config"]
    app.extensions["ijaza_config"] = make_config(before.instance_dir, before.database_url, demo=None)
    try:
        here = client.get("/sign-in")
        assert "manager@host.example" in here.text
        assert "officer@uho.example" not in here.text
        elsewhere = {"REMOTE_ADDR": "203.0.113.7"}
        assert "manager@host.example" not in client.get("/sign-in", environ_base=elsewhere).text
        assert "manager@host.example" not in client.get("/sign-in", headers={"Host": "ijaza.example"}).text
        assert enter(client, password=DEMO_PASSWORD, environ_base=elsewhere).status_code == 422
        assert enter(client, password=DEMO_PASSWORD).status_code == 303
    finally:
        app.extensions["ijaza_config"] = before


def test_language_of_a_public_page_can_be_asked_for_in_its_address(client: LintingClient) -> None:
    assert '<html lang="ar" dir="rtl"' in client.get("/sign-in?language=ar").text
    assert '<html lang="en"' in client.get("/sign-in?language=xx").text


def test_nobody_is_hashed_at_the_cost_of_everybody() -> None:
    hasher = passwords._hasher
    assert not hasher.check_needs_rehash(passwords._NOBODY)
    assert hasher.verify(passwords._NOBODY, "nobody has this password")
    assert not passwords.is_password("nobody has this password", None)
