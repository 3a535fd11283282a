"""Closed by default: what a view must declare, who is let in, and what is remembered."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import User, UserSession
from accounts.permissions import GRANTS, Permission, Role
from foundation import access, clock
from foundation.access import AccessEntry, UndeclaredViews, refuse_undeclared
from foundation.db import db
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]


def test_view_that_declares_nothing_is_refused_at_start() -> None:
    app = Flask("bare")
    app.add_url_rule("/open-door", view_func=lambda: "open", endpoint="open.door")
    with pytest.raises(UndeclaredViews, match="open.door"):
        refuse_undeclared(app)


def test_every_view_of_the_application_has_declared_itself(app: Flask) -> None:
    refuse_undeclared(app)
    for rule in app.url_map.iter_rules():
        assert access.declared_access(app, rule.endpoint) is not None, rule.endpoint


def test_every_permission_is_granted_to_somebody_and_says_what_it_allows() -> None:
    assert set(GRANTS) == set(Permission)
    assert all(rows and all(rows) for rows in GRANTS.values())


def test_stranger_is_led_to_the_sign_in_and_back(client: LintingClient) -> None:
    answer = client.get("/persons?q=abc")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/persons?q%3Dabc"


def test_stranger_s_program_gets_401(client: LintingClient) -> None:
    assert client.get("/persons", headers={"Accept": "application/json"}).status_code == 401


def test_stranger_s_post_leads_to_the_sign_in_without_a_way_back(client: LintingClient) -> None:
    answer = client.post("/users/invite", data={})
    assert (answer.status_code, answer.location) == (302, "/sign-in")


def test_foreign_and_missing_rows_answer_alike_and_are_remembered(sign_in: SignIn, app: Flask) -> None:
    own, other = make_agency(), make_agency()
    client = sign_in(make_officer(own))
    foreign, missing = client.get(f"/agencies/{other.id}"), client.get("/agencies/987654")
    assert foreign.status_code == missing.status_code == 404
    kinds = db.session.scalars(select(AccessEntry.kind)).all()
    assert kinds == ["not_found", "not_found"]


def test_refusal_is_remembered_with_who_and_what(sign_in: SignIn, app: Flask) -> None:
    user = make_user(Role.TRAINEE)
    assert sign_in(user).get("/users").status_code == 403
    entry = db.session.scalars(select(AccessEntry)).one()
    assert (entry.kind, entry.user_id, entry.detail) == ("refused", user.id, "user:manage")


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1::/48")],
)
def test_networks_are_kept_coarse(client: LintingClient, address: str, network: str) -> None:
    client.post(
        "/sign-in", data={"email": "a@b.example", "password": "x"}, environ_base={"REMOTE_ADDR": address}
    )
    assert db.session.scalars(select(AccessEntry.network)).all() == [network]


def test_recent_entries_are_counted_by_kind_detail_network_and_time(app: Flask) -> None:
    now = clock.now()
    for minutes, detail, network in ((0, "a", "n1"), (5, "a", "n2"), (50, "a", "n1"), (0, "b", "n1")):
        at = now - timedelta(minutes=minutes)
        db.session.add(AccessEntry(at=at, kind="tried", detail=detail, network=network))
    db.session.flush()
    with clock.frozen_at(now):
        assert access.count_recent("tried", minutes=60) == 4
        assert access.count_recent("tried", minutes=10) == 3
        assert access.count_recent("tried", minutes=60, detail="a") == 3
        assert access.count_recent("tried", minutes=60, detail="a", network="n1") == 2
        assert access.count_recent("other", minutes=60) == 0
        assert access.recent_tries("tried", minutes=60, detail="b") == (1, now)
        assert access.recent_tries("tried", minutes=60, since=now - timedelta(minutes=1))[0] == 2


def test_session_ends_after_an_hour_of_rest(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(make_user(Role.AUDITOR))
    with clock.frozen_at(clock.now() + timedelta(minutes=59)):
        assert client.get("/").status_code == 200
    with clock.frozen_at(clock.now() + timedelta(minutes=59 + 61)):
        assert client.get("/").status_code == 302


def test_session_ends_after_twelve_hours_in_all(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(make_user(Role.AUDITOR))
    start = clock.now()
    for hour in range(1, 24):
        with clock.frozen_at(start + timedelta(minutes=30 * hour)):
            assert client.get("/").status_code == 200, hour
    with clock.frozen_at(start + timedelta(hours=12, minutes=1)):
        assert client.get("/").status_code == 302


def test_last_use_of_a_session_is_noted_at_most_once_a_minute(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(make_user(Role.AUDITOR))
    start = db.session.scalars(select(UserSession.last_seen_at)).one()
    with clock.frozen_at(start + timedelta(seconds=30)):
        client.get("/")
    assert db.session.scalars(select(UserSession.last_seen_at)).one() == start
    with clock.frozen_at(start + timedelta(seconds=90)):
        client.get("/")
    assert db.session.scalars(select(UserSession.last_seen_at)).one() == start + timedelta(seconds=90)


def test_disabled_user_is_out_at_the_next_request(sign_in: SignIn, app: Flask) -> None:
    user = make_user(Role.AUDITOR)
    client = sign_in(user)
    user.disabled_at = clock.now()
    db.session.commit()
    assert client.get("/").status_code == 302


def test_invented_session_token_is_nobody(client: LintingClient) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = "invented"
    assert client.get("/").location == "/sign-in"
