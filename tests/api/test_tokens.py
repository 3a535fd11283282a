"""Tokens: shown once, kept as a hash, ended at once; what they act as is nobody who signs in."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import bearer
from accounts.models import ApiScope, ApiToken, User
from accounts.permissions import Role
from accounts.services import api_tokens, credentials, users
from accounts.tokens import LinkPurpose, LinkSpent, make_link_token, user_of_token
from curriculum.services.letters import tell_agency
from foundation import access, clock
from foundation.access import AccessEntry
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.errors import DomainConflict
from tests.api.conftest import Caller, MakeCaller, kind_of
from tests.factories.accounts import make_agency, make_officer, make_person, make_user
from tests.factories.curriculum import make_cohort
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]


def _refused_as(response: object) -> tuple[int, str]:
    return response.status_code, response.headers["WWW-Authenticate"]  # type: ignore[attr-defined]


INVALID = (401, 'Bearer realm="ijaza", error="invalid_token"')


def test_token_opens_what_its_scope_says_and_nothing_else(make_caller: MakeCaller) -> None:
    caller = make_caller(scopes=[ApiScope.PEOPLE_READ])
    assert caller.get("/people").status_code == 200
    refused = caller.get("/certificates")
    assert (refused.status_code, kind_of(refused)) == (403, "missing-scope")
    assert "certificates:read" in refused.json["detail"]


def test_revoked_token_is_refused_from_the_next_request_on(caller: Caller) -> None:
    assert caller.get("/people").status_code == 200
    api_tokens.revoke_token(db.session.get_one(ApiToken, caller.token.id), reason="lost", actor=make_user())
    db.session.commit()
    assert _refused_as(caller.get("/people")) == INVALID
    assert caller.token.user.disabled_at is not None


def test_token_holds_on_its_last_day_and_not_on_the_next(
    make_caller: MakeCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, today = make_caller(days=3), clock.today()
    monkeypatch.setattr(clock, "today", lambda *_zone: today + timedelta(days=3))
    assert caller.get("/people").status_code == 200
    monkeypatch.setattr(clock, "today", lambda *_zone: today + timedelta(days=4))
    assert _refused_as(caller.get("/people")) == INVALID


@pytest.mark.parametrize(
    "header", ["Bearer ", "Bearer x", "Basic eDp5", "Bearer é", "bearer  ", "Bearer " + "a" * 5000]
)
def test_what_is_no_token_is_refused(caller: Caller, header: str) -> None:
    assert _refused_as(caller.get("/people", headers={"Authorization": header})) == INVALID


def test_word_bearer_may_be_written_in_any_case(caller: Caller) -> None:
    assert caller.get("/people", headers={"Authorization": f"bearer {caller.secret}"}).status_code == 200


def test_guessing_tokens_is_slowed_down_and_a_good_token_still_works(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearer, "MOST_REFUSALS", 3)
    answers = [caller.get("/people", headers={"Authorization": f"Bearer guess{n}"}) for n in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert answers[-1].headers["Retry-After"] == "600"
    assert answers[-1].mimetype == "application/problem+json"
    assert caller.get("/people").status_code == 200


def test_only_the_hash_of_a_token_is_kept(caller: Caller) -> None:
    token = db.session.get_one(ApiToken, caller.token.id)
    assert token.token_hash == hashlib.sha256(caller.secret.encode()).hexdigest()
    assert caller.secret.startswith(f"ijaza_{token.prefix}_")
    assert len(caller.secret) > 50
    entry = db.session.execute(select(AuditEntry).where(AuditEntry.action == "token:given")).scalar_one()
    assert caller.secret not in str(entry.changes)


def test_use_is_noted_once_in_ten_minutes_beside_the_request(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    for minutes in (0, 1, 9, 11):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: now + timedelta(minutes=minutes))
        assert caller.get("/people").status_code == 200
    noted = db.session.execute(select(AccessEntry).where(AccessEntry.kind == bearer.USED)).scalars().all()
    assert [entry.at for entry in noted] == [now, now + timedelta(minutes=11)]
    assert {entry.subject_id for entry in noted} == {caller.token.id}
    assert api_tokens.map_last_uses([caller.token.id]) == {caller.token.id: now + timedelta(minutes=11)}


def test_what_a_token_does_stands_in_the_trail_under_its_name(caller: Caller) -> None:
    body = {"birth_date": "1990-01-02", "family_name": "Haddad", "given_names": "Rami"}
    assert caller.post("/people", body).status_code == 201
    entry = db.session.execute(
        select(AuditEntry).where(AuditEntry.action == "person:registered")
    ).scalar_one()
    assert entry.actor_id == caller.token.user_id
    actor = db.session.get_one(User, entry.actor_id)
    assert actor.name == f"{caller.agency.code} · personnel system"


@pytest.mark.parametrize(
    ("scopes", "expires_on", "field"),
    [
        ([], date(2027, 1, 1), "scopes"),
        ([ApiScope.PEOPLE_READ], date(2020, 1, 1), "expires_on"),
        ([ApiScope.PEOPLE_READ], clock.today() + timedelta(days=366), "expires_on"),
    ],
)
def test_token_without_use_or_without_end_is_not_given(
    app: Flask, scopes: list[ApiScope], expires_on: date, field: str
) -> None:
    with pytest.raises(api_tokens.TokenRefused) as refused:
        api_tokens.give_token(make_agency(), label="x", scopes=scopes, expires_on=expires_on, actor=None)
    assert refused.value.field == field


def test_last_day_of_a_token_is_at_most_twelve_months_away() -> None:
    assert api_tokens.latest_expiry(date(2026, 11, 22)) == date(2027, 11, 21)
    assert api_tokens.latest_expiry(date(2028, 2, 29)) == date(2029, 2, 27)


def test_service_user_cannot_sign_in_reset_a_password_or_be_invited(caller: Caller) -> None:
    user = db.session.get_one(User, caller.token.user_id)
    with pytest.raises(credentials.SignInFailed):
        credentials.sign_in(user.email, "anything at all", demo_allowed=False)
    with pytest.raises(LinkSpent):
        user_of_token(make_link_token(user, LinkPurpose.RESET), LinkPurpose.RESET)
    with pytest.raises(DomainConflict):
        users.invite_again(user, actor=make_user(Role.ADMINISTRATOR))


def test_session_of_a_service_user_opens_nothing(caller: Caller, sign_in: SignIn) -> None:
    client = sign_in(db.session.get_one(User, caller.token.user_id))
    assert client.get("/persons").location.startswith("/sign-in")


def test_service_user_is_not_among_the_people_who_sign_in(caller: Caller, sign_in: SignIn) -> None:
    admin = sign_in(make_user(Role.ADMINISTRATOR, password_hash="x"))
    for page in ("/users", "/users?q=personnel", "/search?q=personnel"):
        assert "service.invalid" not in admin.get(page).text
    assert admin.get(f"/users/{caller.token.user_id}").status_code == 404
    assert "invitation is not accepted" not in admin.get("/").text
    manager = sign_in(make_user(Role.PROGRAMME_MANAGER))
    assert "service.invalid" not in manager.get(f"/agencies/{caller.agency.id}").text


def test_letters_to_an_agency_go_to_its_officers_and_not_to_its_tokens(caller: Caller) -> None:
    make_officer(caller.agency)
    assert (
        tell_agency(
            caller.agency.id, "nomination_withdrawn", cohort=make_cohort(), about=1, person="x", promoted=[]
        )
        == 1
    )


def test_cookie_of_a_signed_in_officer_opens_nothing_in_the_api(caller: Caller, sign_in: SignIn) -> None:
    client = sign_in(make_officer(caller.agency))
    assert client.get("/persons").status_code == 200
    assert client.get("/api/v1/people").status_code == 401


def test_nobody_is_asked_for_a_csrf_token_where_no_cookie_counts(caller: Caller) -> None:
    response = caller.post("/people", {"birth_date": "1990-01-02", "family_name": "Haddad"})
    assert response.status_code == 201


class TestPages:
    """The administrator's pages."""

    def test_secret_is_shown_once_and_opens_the_api(self, app: Flask, sign_in: SignIn) -> None:
        agency = make_agency("XYZ")
        make_person(agency)
        admin = sign_in(make_user(Role.ADMINISTRATOR))
        assert admin.get("/tokens").status_code == 200
        form = {
            "agency": agency.id,
            "label": "Personnel <system>",
            "scopes": ["people:read"],
            "expires_on": clock.today().isoformat(),
        }
        assert admin.get("/tokens/new?agency=XYZ").status_code == 200
        page = admin.post("/tokens/new", data=form)
        assert page.status_code == 200
        secret = page.text.split('code--long">')[1].split("<")[0]
        token = db.session.execute(select(ApiToken)).scalar_one()
        assert len(Caller(app, token, secret).get("/people").json["items"]) == 1
        listed = admin.get("/tokens").text
        assert secret not in listed
        assert f"ijaza_{token.prefix}" in listed
        assert "Personnel &lt;system&gt;" in listed

    def test_revoking_asks_for_a_reason_and_ends_the_token(self, caller: Caller, sign_in: SignIn) -> None:
        admin = sign_in(make_user(Role.ADMINISTRATOR))
        address = f"/tokens/{caller.token.id}/revoke"
        assert "personnel system" in admin.get(address).text
        assert admin.post(address, data={}).status_code == 422
        assert admin.post(address, data={"reason": "lost"}).status_code == 303
        assert caller.get("/people").status_code == 401
        assert "Revoked" in admin.get("/tokens").text
        assert admin.post(address, data={"reason": "again"}).status_code == 409

    def test_form_says_what_is_missing(self, app: Flask, sign_in: SignIn) -> None:
        admin = sign_in(make_user(Role.ADMINISTRATOR))
        agency = make_agency()
        db.session.commit()
        form = {"agency": agency.id, "label": "x", "expires_on": "2099-01-01", "scopes": ["people:read"]}
        page = admin.post("/tokens/new", data=form)
        assert page.status_code == 422
        assert "twelve months at most" in page.text
        page = admin.post("/tokens/new", data=form | {"expires_on": clock.today().isoformat(), "scopes": []})
        assert page.status_code == 422
        assert "at least one" in page.text


def test_refusals_of_a_token_are_remembered(make_caller: MakeCaller) -> None:
    caller = make_caller(scopes=[ApiScope.PEOPLE_READ])
    caller.get("/nominations")
    caller.get("/people/PNOBODY")
    kinds = db.session.execute(
        select(AccessEntry.kind, AccessEntry.detail).where(AccessEntry.user_id == caller.token.user_id)
    ).all()
    assert ("refused", "scope nominations:read") in kinds
    assert ("not_found", "person PNOBODY") in kinds
    assert access.count_recent(bearer.REFUSED, minutes=1) == 0
