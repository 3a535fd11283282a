"""Accounts: inviting, changing, closing, and the command."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import passwords, tokens
from accounts.models import User, UserRole, UserSession
from accounts.permissions import Role
from accounts.services import users
from accounts.tokens import LinkPurpose
from foundation import clock
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.mail import OutboxMail
from tests.factories.accounts import make_agency, make_officer, make_person, make_user
from tests.support.client import LintingClient
from tests.support.statements import counted_statements

SignIn = Callable[[User], LintingClient]
INVITATION = {
    "email": "hana@host.example",
    "name": "Hana Saleh",
    "roles": ["auditor"],
    "agency": "",
    "language": "ar",
}


@pytest.fixture
def admin(app: Flask) -> User:
    admin = make_user(Role.ADMINISTRATOR, name="Amal Admin")
    db.session.commit()
    return admin


def test_list_shows_who_can_sign_in_and_as_what(sign_in: SignIn, admin: User) -> None:
    make_user(Role.AUDITOR, Role.QUARTERMASTER, name="Yusuf Two-Roles", password_hash="x")
    page = sign_in(admin).get("/users").text
    assert "Yusuf Two-Roles" in page
    assert "Quartermaster, Auditor" in page
    assert "Active" in page


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ({"role": "auditor"}, "Yusuf", "Layla"),
        ({"agency": "CPD"}, "Layla", "Yusuf"),
        ({"state": "disabled"}, "Layla", "Yusuf"),
        ({"q": "yusu"}, "Yusuf", "Layla"),
        ({"q": "LAYLA@"}, "Layla", "Yusuf"),
    ],
)
def test_list_is_filtered(
    sign_in: SignIn, admin: User, query: dict[str, str], there: str, not_there: str
) -> None:
    make_user(Role.AUDITOR, name="Yusuf", email="yusuf@host.example")
    agency = make_agency("CPD")
    make_officer(agency, name="Layla", email="layla@cpd.example", disabled_at=clock.now())
    page = sign_in(admin).get("/users", query_string=query).text
    assert there in page
    assert not_there not in page


@pytest.mark.parametrize(
    "query",
    [
        {"role": "emperor"},
        {"state": "'"},
        {"sort": "password_hash"},
        {"after": "x" * 5000},
        {"q": "%_\\'\"<b>"},
    ],
)
def test_list_survives_hostile_filters(sign_in: SignIn, admin: User, query: dict[str, str]) -> None:
    assert sign_in(admin).get("/users", query_string=query).status_code == 200


def test_list_of_thirty_costs_as_many_statements_as_of_three(sign_in: SignIn, admin: User) -> None:
    client = sign_in(admin)
    costs = []
    for count in (3, 27):
        for _ in range(count):
            make_user(Role.AUDITOR)
        db.session.commit()
        with counted_statements() as statements:
            assert client.get("/users").status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 9


def test_invitation_makes_an_account_and_mails_its_owner_the_link(sign_in: SignIn, admin: User) -> None:
    client = sign_in(admin)
    answer = client.post("/users/invite", data=INVITATION)
    user = db.session.scalars(select(User).where(User.email == "hana@host.example")).one()
    assert (answer.status_code, answer.location) == (303, f"/users/{user.id}")
    assert (user.roles, user.password_hash, user.language) == ({Role.AUDITOR}, None, "ar")
    letter = db.session.scalars(select(OutboxMail)).one()
    assert (letter.to, letter.language) == ("hana@host.example", "ar")
    assert "/invitations/" in letter.body_text
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_id) == ("user:invited", admin.id)
    assert "hana@host.example" not in str(entry.changes)


def test_administrator_never_sees_the_link(sign_in: SignIn, admin: User) -> None:
    page = sign_in(admin).post("/users/invite", data=INVITATION, follow_redirects=True).text
    assert "/invitations/" not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": ""}, "Type the address to invite."),
        ({"email": "no address"}, "This is not an e-mail address."),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "This is not an e-mail address."),
        ({"name": ""}, "Type the name."),
        ({"name": "x" * 161}, "160"),
        ({"name": "Ha\u202ena"}, "cannot be shown"),
        ({"roles": []}, "Choose at least one role."),
        ({"roles": ["emperor"]}, "not a valid choice"),
        ({"roles": ["auditor", "agency_officer"]}, "either to the host service or to an agency"),
        ({"roles": ["agency_officer"]}, "Choose the agency"),
        ({"roles": ["trainee"], "agency": "AGENCY"}, "needs his person"),
        ({"roles": ["auditor"], "agency": "AGENCY"}, "belong to no agency"),
        ({"agency": "999999"}, "Not a valid choice"),
    ],
)
def test_poor_invitation_is_refused_and_nothing_written(
    sign_in: SignIn, admin: User, changes: dict[str, object], sentence: str
) -> None:
    agency = make_agency()
    data = {
        **INVITATION,
        **{key: str(agency.id) if value == "AGENCY" else value for key, value in changes.items()},
    }
    answer = sign_in(admin).post("/users/invite", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(select(func.count()).select_from(User)) == 1
    assert db.session.scalar(select(func.count()).select_from(OutboxMail)) == 0


def test_address_belongs_to_one_account_in_any_case(sign_in: SignIn, admin: User) -> None:
    make_user(Role.AUDITOR, email="hana@host.example")
    answer = sign_in(admin).post("/users/invite", data=INVITATION | {"email": "HANA@host.example"})
    assert answer.status_code == 409
    assert "exists already" in answer.text


def test_trainee_is_invited_for_his_person(sign_in: SignIn, admin: User) -> None:
    agency = make_agency()
    person = make_person(agency)
    client = sign_in(admin)
    assert person.public_ref in client.get("/users/invite", query_string={"person": person.public_ref}).text
    data = INVITATION | {"roles": ["trainee"], "agency": str(agency.id), "person": person.public_ref.lower()}
    assert client.post("/users/invite", data=data).status_code == 303
    assert (
        db.session.scalars(select(User.person_id).where(User.email == "hana@host.example")).one() == person.id
    )


def test_roles_are_changed_and_the_user_signs_in_anew(sign_in: SignIn, admin: User) -> None:
    user = make_user(Role.AUDITOR)
    theirs = sign_in(user)
    answer = sign_in(admin).post(
        f"/users/{user.id}/edit", data={"name": "New Name", "roles": ["quartermaster"], "agency": ""}
    )
    assert answer.status_code == 303
    assert (user.name, user.roles) == ("New Name", {Role.QUARTERMASTER})
    assert theirs.get("/").location == "/sign-in"
    entry = db.session.scalars(select(AuditEntry)).one()
    assert entry.changes["roles"] == [["auditor"], ["quartermaster"]]


def test_nobody_changes_his_own_roles(sign_in: SignIn, admin: User) -> None:
    make_user(Role.ADMINISTRATOR)
    answer = sign_in(admin).post(
        f"/users/{admin.id}/edit",
        data={"name": admin.name, "roles": ["administrator", "auditor"], "agency": ""},
    )
    assert answer.status_code == 422
    assert "Another administrator" in answer.text
    assert admin.roles == {Role.ADMINISTRATOR}


def test_own_name_may_be_changed(sign_in: SignIn, admin: User) -> None:
    data = {"name": "Amal Again", "roles": ["administrator"], "agency": ""}
    assert sign_in(admin).post(f"/users/{admin.id}/edit", data=data).status_code == 303


def test_last_administrator_keeps_his_role_and_his_account(app: Flask, admin: User) -> None:
    actor = make_user(Role.ADMINISTRATOR)
    actor.disabled_at = clock.now()
    db.session.flush()
    with pytest.raises(users.LastAdministrator):
        users.edit_user(admin, name="x", function=None, roles={Role.AUDITOR}, agency=None, actor=actor)
    with pytest.raises(users.LastAdministrator):
        users.disable(admin, reason="leaves", actor=actor)


def test_disabling_ends_sessions_and_links_at_once(sign_in: SignIn, admin: User) -> None:
    user = make_user(Role.AUDITOR, password_hash="x")
    theirs = sign_in(user)
    token = tokens.make_link_token(user, LinkPurpose.RESET)
    client = sign_in(admin)
    assert client.get(f"/users/{user.id}/disable").status_code == 200
    assert client.post(f"/users/{user.id}/disable", data={"reason": "Left the service."}).status_code == 303
    assert theirs.get("/").location == "/sign-in"
    assert theirs.get(f"/reset/{token}").status_code == 400
    assert db.session.scalars(select(AuditEntry.reason)).all() == ["Left the service."]


def test_disabling_asks_for_a_reason(sign_in: SignIn, admin: User) -> None:
    user = make_user(Role.AUDITOR)
    answer = sign_in(admin).post(f"/users/{user.id}/disable", data={"reason": "  "})
    assert answer.status_code == 422
    assert user.disabled_at is None


def test_own_account_cannot_be_disabled(sign_in: SignIn, admin: User) -> None:
    make_user(Role.ADMINISTRATOR)
    assert sign_in(admin).post(f"/users/{admin.id}/disable", data={"reason": "x"}).status_code == 422
    assert admin.disabled_at is None


def test_disabled_account_is_opened_again_once(sign_in: SignIn, admin: User) -> None:
    user = make_user(Role.AUDITOR, disabled_at=clock.now())
    client = sign_in(admin)
    assert client.post(f"/users/{user.id}/enable").status_code == 303
    assert user.disabled_at is None
    assert client.post(f"/users/{user.id}/enable").status_code == 409


def test_fresh_invitation_spends_the_one_before(sign_in: SignIn, admin: User) -> None:
    user = make_user(Role.AUDITOR)
    old = tokens.make_link_token(user, LinkPurpose.INVITATION)
    client = sign_in(admin)
    assert client.post(f"/users/{user.id}/invite-again").status_code == 303
    assert client.get(f"/invitations/{old}").status_code == 400
    assert db.session.scalar(select(func.count()).select_from(OutboxMail)) == 1


def test_accepted_invitation_is_not_sent_again(sign_in: SignIn, admin: User) -> None:
    user = make_user(Role.AUDITOR, password_hash="x")
    assert sign_in(admin).post(f"/users/{user.id}/invite-again").status_code == 409


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_manage_users(sign_in: SignIn, admin: User, role: Role) -> None:
    client = sign_in(make_user(role))
    assert client.get("/users").status_code == 403
    assert client.post("/users/invite", data=INVITATION).status_code == 403
    assert client.post(f"/users/{admin.id}/disable", data={"reason": "x"}).status_code in (403, 404)


def test_missing_user_is_not_found(sign_in: SignIn, admin: User) -> None:
    assert sign_in(admin).get("/users/999999").status_code == 404
    assert sign_in(admin).get("/users/x").status_code == 404


def test_command_invites(app: Flask) -> None:
    db.session.commit()
    result = app.test_cli_runner().invoke(
        args=[
            "users",
            "invite",
            "First@host.example",
            "--name",
            "First Admin",
            "--role",
            "administrator",
            "--json",
        ]
    )
    assert result.exit_code == 0, result.output
    user = db.session.scalars(select(User)).one()
    assert (user.email, user.roles) == ("first@host.example", {Role.ADMINISTRATOR})


def test_command_refuses_with_a_reason(app: Flask) -> None:
    db.session.commit()
    runner = app.test_cli_runner()
    base = ["users", "invite", "a@host.example", "--name", "A", "--role"]
    assert runner.invoke(args=[*base, "agency_officer"]).exit_code == 1
    assert runner.invoke(args=[*base, "agency_officer", "--agency", "NONE"]).exit_code == 1
    assert runner.invoke(args=[*base, "emperor"]).exit_code == 2
    assert db.session.scalar(select(func.count()).select_from(User)) == 0


def test_own_language_and_time_zone_are_saved(sign_in: SignIn, admin: User) -> None:
    client = sign_in(admin)
    assert client.get("/account").status_code == 200
    answer = client.post("/account", data={"language": "fr", "time_zone": "Asia/Amman"})
    assert answer.status_code == 303
    assert (admin.language, admin.time_zone) == ("fr", "Asia/Amman")
    assert '<html lang="fr"' in client.get("/account").text


@pytest.mark.parametrize(
    "data", [{"language": "xx", "time_zone": "UTC"}, {"language": "en", "time_zone": "Mars/Base"}, {}]
)
def test_impossible_language_and_time_zone_are_refused(
    sign_in: SignIn, admin: User, data: dict[str, str]
) -> None:
    assert sign_in(admin).post("/account", data=data).status_code == 422
    assert admin.time_zone == "UTC"


def test_own_password_is_changed_and_other_sessions_end(sign_in: SignIn, app: Flask) -> None:
    old, new = "seven camels cross the wadi", "nine olives under the old bridge"
    user = make_user(Role.AUDITOR, password_hash=passwords.hash_password(old))
    elsewhere, here = sign_in(user), sign_in(user)
    answer = here.post("/account/password", data={"present": old, "password": new, "again": new})
    assert answer.status_code == 303
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/").location == "/sign-in"
    assert passwords.is_password(new, user.password_hash)
    assert db.session.scalars(select(AuditEntry.action)).all() == ["user:password_changed"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"present": "wrong", "password": "nine olives under the old bridge"}, "not your present password"),
        ({"present": "seven camels cross the wadi", "password": "short"}, "Use at least 12 characters"),
        ({"present": "", "password": "nine olives under the old bridge"}, "Type your present password."),
    ],
)
def test_password_stays_when_the_change_is_refused(
    sign_in: SignIn, app: Flask, data: dict[str, str], sentence: str
) -> None:
    kept = passwords.hash_password("seven camels cross the wadi")
    user = make_user(Role.AUDITOR, password_hash=kept)
    answer = sign_in(user).post("/account/password", data=data | {"again": data["password"]})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert user.password_hash == kept


def test_another_session_of_one_s_own_is_ended(sign_in: SignIn, admin: User) -> None:
    elsewhere, here = sign_in(admin), sign_in(admin)
    first = db.session.scalars(select(UserSession.id).order_by(UserSession.id)).first()
    assert here.post(f"/account/sessions/{first}/end").status_code == 303
    assert elsewhere.get("/").location == "/sign-in"
    assert here.get("/").status_code == 200


def test_sessions_of_others_are_not_found(sign_in: SignIn, admin: User) -> None:
    sign_in(make_user(Role.AUDITOR))
    foreign = db.session.scalars(select(UserSession.id)).one()
    assert sign_in(admin).post(f"/account/sessions/{foreign}/end").status_code == 404


def test_session_in_use_is_ended_by_signing_out_only(sign_in: SignIn, admin: User) -> None:
    client = sign_in(admin)
    own = db.session.scalars(select(UserSession.id)).one()
    assert client.post(f"/account/sessions/{own}/end").status_code == 409


def test_roles_of_one_account_are_kept_once(app: Flask, admin: User) -> None:
    user = make_user(Role.AUDITOR)
    users.edit_user(
        user, name="x", function=None, roles={Role.AUDITOR, Role.QUARTERMASTER}, agency=None, actor=admin
    )
    db.session.flush()
    assert (
        db.session.scalar(select(func.count()).select_from(UserRole).where(UserRole.user_id == user.id)) == 2
    )
