"""Attendance: saved as it is taken, changed openly, taken back, counted against the rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import User
from accounts.permissions import Role
from curriculum.models import Attendance, Cohort, CohortState, Enrolment, Presence
from foundation import clock
from foundation.audit import AuditEntry
from foundation.db import db
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.curriculum import make_cohort, make_enrolment, post_instructor
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]
JSON = {"Accept": "application/json"}


@dataclass
class World:
    cohort_id: int
    sessions: list[int]
    trainees: list[int]
    grace: User
    omar: User
    officer: User


@pytest.fixture
def world(app: Flask) -> World:
    """A cohort of four half days that began yesterday, three of them needed; two trainees of one agency, one of another."""
    agency, other = make_agency(), make_agency()
    cohort = make_cohort(starts_on=clock.today("Asia/Amman") - timedelta(days=1))
    grace, omar = make_user(Role.INSTRUCTOR, name="Grace"), make_user(Role.INSTRUCTOR, name="Omar")
    post_instructor(cohort, grace)
    post_instructor(cohort, omar)
    trainees = [make_enrolment(cohort, one, number=n) for n, one in enumerate((agency, agency, other), 1)]
    found = World(
        cohort.id,
        [session.id for session in cohort.sessions],
        [trainee.id for trainee in trainees],
        grace,
        omar,
        make_officer(agency),
    )
    db.session.commit()
    return found


def send(client: LintingClient, world: World, presence: str | None, **changes: Any) -> Any:
    body = {"enrolment_id": world.trainees[0], "session_id": world.sessions[0], "presence": presence}
    return client.post(f"/cohorts/{world.cohort_id}/attendance", json=body | changes, headers=JSON)


def stored() -> dict[tuple[int, int], Presence]:
    query = select(Attendance.enrolment_id, Attendance.cohort_session_id, Attendance.presence)
    return {(row[0], row[1]): row[2] for row in db.session.execute(query)}


def test_value_is_saved_as_it_is_entered_and_counted(world: World, sign_in: SignIn) -> None:
    answer = send(sign_in(world.grace), world, "present")
    assert answer.status_code == 200
    assert (answer.json["attended"], answer.json["required"]) == (1, 3)
    assert "Attendance: 1 sessions so far" in answer.json["message"]
    assert stored() == {(world.trainees[0], world.sessions[0]): Presence.PRESENT}


def test_same_value_again_changes_nothing(world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    send(grace, world, "present")
    entries = db.session.execute(select(AuditEntry.id)).scalars().all()
    assert send(grace, world, "present", seen="present").status_code == 200
    assert db.session.execute(select(AuditEntry.id)).scalars().all() == entries


@pytest.mark.parametrize("presence", ["excused", "made_up"])
def test_excuse_and_make_up_need_a_reason(world: World, sign_in: SignIn, presence: str) -> None:
    grace = sign_in(world.grace)
    send(grace, world, "absent")
    refused = send(grace, world, presence, seen="absent")
    assert refused.status_code == 422
    assert "Give the reason" in refused.json["error"]
    assert send(grace, world, presence, seen="absent", reason="24 Nov with Omar").status_code == 200


def test_make_up_counts_and_an_excuse_does_not(world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    send(grace, world, "absent")
    assert send(grace, world, "excused", seen="absent", reason="Ill").json["attended"] == 0
    assert send(grace, world, "made_up", seen="excused", reason="24 Nov with Omar").json["attended"] == 1


def test_nothing_is_made_up_without_an_absence(world: World, sign_in: SignIn) -> None:
    answer = send(sign_in(world.grace), world, "made_up", reason="Early")
    assert (answer.status_code, stored()) == (422, {})


def test_colleagues_newer_value_is_not_overwritten_unseen(world: World, sign_in: SignIn) -> None:
    send(sign_in(world.grace), world, "absent")
    answer = send(sign_in(world.omar), world, "present")
    assert answer.status_code == 409
    assert "A colleague recorded another value" in answer.json["error"]
    assert list(stored().values()) == [Presence.ABSENT]
    assert send(sign_in(world.omar), world, "present", seen="absent").status_code == 200


def test_session_that_has_not_taken_place_cannot_be_recorded(world: World, sign_in: SignIn) -> None:
    cohort = db.session.get_one(Cohort, world.cohort_id)
    cohort.sessions[3].on = clock.today() + timedelta(days=5)
    db.session.commit()
    grace = sign_in(world.grace)
    assert send(grace, world, "present", session_id=world.sessions[3]).status_code == 422
    page = grace.get(f"/cohorts/{world.cohort_id}/sessions/{world.sessions[3]}/attendance")
    assert "has not taken place yet" in page.text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"enrolment_id": 999999}, 404),
        ({"session_id": 999999}, 404),
        ({"enrolment_id": "1"}, 400),
        ({"session_id": True}, 400),
        ({"presence": "asleep"}, 422),
        ({"presence": 3}, 422),
        ({"seen": "asleep"}, 422),
        ({"reason": ["x"]}, 422),
        ({"reason": "x" * 301}, 422),
    ],
)
def test_what_is_no_entry_is_refused_with_a_sentence(
    world: World, sign_in: SignIn, changes: dict[str, Any], status: int
) -> None:
    answer = send(sign_in(world.grace), world, **({"presence": "present"} | changes))
    assert answer.status_code == status
    assert answer.json["error"]
    assert stored() == {}


def test_session_of_another_cohort_is_404(world: World, sign_in: SignIn) -> None:
    other = make_cohort()
    post_instructor(other, world.grace)
    session_id = other.sessions[0].id
    db.session.commit()
    grace = sign_in(world.grace)
    assert send(grace, world, "present", session_id=session_id).status_code == 404
    assert grace.get(f"/cohorts/{world.cohort_id}/sessions/{session_id}/attendance").status_code == 404


def test_all_present_touches_nobody_who_has_a_value_and_can_be_taken_back(
    world: World, sign_in: SignIn
) -> None:
    grace = sign_in(world.grace)
    send(grace, world, "absent")
    address = f"/cohorts/{world.cohort_id}/sessions/{world.sessions[0]}/attendance"
    answer = grace.post(f"{address}/all-present")
    assert answer.status_code == 303
    assert list(stored().values()).count(Presence.PRESENT) == 2
    assert stored()[world.trainees[0], world.sessions[0]] == Presence.ABSENT
    page = grace.get(answer.location)
    assert "2 trainees were recorded present." in page.text
    send(grace, world, "absent", enrolment_id=world.trainees[2], seen="present")
    grace.post(f"{address}/take-back", data={"ids": ".".join(map(str, world.trainees))})
    assert stored() == {
        (world.trainees[0], world.sessions[0]): Presence.ABSENT,
        (world.trainees[2], world.sessions[0]): Presence.ABSENT,
    }


def test_taking_back_is_not_for_a_colleagues_entries(world: World, sign_in: SignIn) -> None:
    address = f"/cohorts/{world.cohort_id}/sessions/{world.sessions[0]}/attendance"
    sign_in(world.grace).post(f"{address}/all-present")
    sign_in(world.omar).post(f"{address}/take-back", data={"ids": ".".join(map(str, world.trainees))})
    assert len(stored()) == 3


def test_whole_session_is_saved_by_a_plain_form_or_not_at_all(world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    address = f"/cohorts/{world.cohort_id}/sessions/{world.sessions[0]}/attendance"
    first, second, third = world.trainees
    typed = {f"presence-{first}": "present", f"presence-{second}": "excused", f"presence-{third}": "absent"}
    refused = grace.post(address, data=typed)
    assert refused.status_code == 422
    assert "Give the reason" in refused.text
    assert stored() == {}
    assert grace.post(address, data=typed | {f"reason-{second}": "Ill"}).status_code == 303
    assert sorted(stored().values()) == [Presence.ABSENT, Presence.EXCUSED, Presence.PRESENT]


def test_page_says_who_is_below_the_rule_in_a_sentence(world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    for session in world.sessions[:2]:
        send(grace, world, "absent", session_id=session)
    page = grace.get(f"/cohorts/{world.cohort_id}/attendance")
    assert "Below the rule" in page.text
    assert "Attendance: 0 of 4 sessions, and 3 are needed. A signed make-up session counts." in page.text
    printed = grace.get(f"/cohorts/{world.cohort_id}/attendance?print=1")
    assert printed.status_code == 200


def test_officer_reads_his_own_trainees_alone_and_records_nothing(world: World, sign_in: SignIn) -> None:
    send(sign_in(world.grace), world, "present", enrolment_id=world.trainees[2])
    officer = sign_in(world.officer)
    page = officer.get(f"/cohorts/{world.cohort_id}/attendance")
    assert page.text.count("register__trainee") == 3  # two trainees and the foot
    assert send(officer, world, "present").status_code == 403


def test_closed_cohort_is_read_only(world: World, sign_in: SignIn) -> None:
    db.session.get_one(Cohort, world.cohort_id).state = CohortState.CLOSED
    db.session.commit()
    grace = sign_in(world.grace)
    page = grace.get(f"/cohorts/{world.cohort_id}/sessions/{world.sessions[0]}/attendance")
    assert "data-roll" not in page.text
    assert send(grace, world, "present").status_code == 422


def test_nobody_records_his_own_attendance(world: World, sign_in: SignIn) -> None:
    enrolment = db.session.get_one(Enrolment, world.trainees[0])
    db.session.get_one(User, world.grace.id).person_id = enrolment.person_id
    db.session.commit()
    grace = sign_in(world.grace)
    assert send(grace, world, "present").status_code == 403
    grace.post(f"/cohorts/{world.cohort_id}/sessions/{world.sessions[0]}/attendance/all-present")
    assert (world.trainees[0], world.sessions[0]) not in stored()


def test_dates_of_the_columns_are_those_of_the_sessions(world: World, sign_in: SignIn) -> None:
    cohort = db.session.get_one(Cohort, world.cohort_id)
    cohort.sessions[0].on = date(2026, 3, 9)
    db.session.commit()
    assert "9/3" in sign_in(world.grace).get(f"/cohorts/{world.cohort_id}/attendance").text
