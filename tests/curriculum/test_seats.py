"""Seats: the pure rule, what confirming changes, and the page and command that do it."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.permissions import Role
from curriculum.models import (
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentState,
    Gate,
    GateKind,
    GateState,
    Nomination,
    NominationState,
)
from curriculum.seating import GateRecord, Ground, NominationRecord, SeatReason, judge_seats
from curriculum.services import nominations, seats
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.errors import Forbidden
from foundation.mail import OutboxMail
from tests.factories.accounts import make_agency, make_agreement, make_officer, make_user
from tests.factories.curriculum import make_cohort, make_nomination
from tests.support.client import LintingClient

SignIn = Callable[..., LintingClient]
ON = date(2026, 12, 1)
START = datetime(2026, 10, 1, tzinfo=UTC)
CLEARED = (GateRecord("medical", "cleared"),)


def record(
    number: int, agency: int, rank: int, *, gates: tuple[GateRecord, ...] = CLEARED, seated: bool = False
) -> NominationRecord:
    return NominationRecord(number, agency, rank, START + timedelta(hours=number), gates, seated)


def test_seats_go_to_agencies_in_turn_each_by_its_own_rank() -> None:
    found = judge_seats(
        [record(1, 1, 2), record(2, 1, 1), record(3, 1, 3), record(4, 2, 1), record(5, 2, 2)], 3, {}, ON
    )

    assert found.confirmed == (2, 4, 1)
    assert found.waiting == {
        5: (Ground(SeatReason.SEATS_USED),),
        3: (Ground(SeatReason.SEATS_USED),),
    }
    assert list(found.waiting) == [5, 3]


def test_a_gate_that_is_not_passed_refuses_the_first_rank() -> None:
    gates = (
        GateRecord("medical", "not_cleared"),
        GateRecord("vetting", "open"),
        GateRecord("language", "waived", date(2026, 11, 30)),
        GateRecord("document", "cleared", date(2026, 12, 1)),
    )

    found = judge_seats([record(1, 1, 1, gates=gates), record(2, 1, 2)], 1, {}, ON)

    assert found.confirmed == (2,)
    assert found.refused[1] == (
        Ground(SeatReason.GATE_NOT_CLEARED, "medical"),
        Ground(SeatReason.GATE_OPEN, "vetting"),
        Ground(SeatReason.GATE_ENDED, "language"),
    )


def test_a_nomination_without_gates_is_refused() -> None:
    assert judge_seats([record(1, 1, 1, gates=())], 1, {}, ON).refused == {1: (Ground(SeatReason.GATE_OPEN),)}


def test_whoever_holds_a_seat_keeps_it_and_counts_for_his_agency() -> None:
    found = judge_seats([record(1, 1, 9, seated=True), record(2, 1, 1), record(3, 2, 1)], 2, {}, ON)

    assert found.seated == (1,)
    assert found.confirmed == (3,)
    assert list(found.waiting) == [2]


def test_an_agency_gets_no_more_than_its_quota() -> None:
    found = judge_seats([record(1, 1, 1), record(2, 1, 2), record(3, 2, 1)], 3, {1: 1}, ON)

    assert found.confirmed == (1, 3)
    assert found.waiting == {2: (Ground(SeatReason.QUOTA_USED),)}


_nominations = st.lists(
    st.tuples(
        st.integers(1, 4), st.integers(1, 9), st.sampled_from(["cleared", "open", "waived"]), st.booleans()
    ),
    max_size=25,
)


@given(_nominations, st.integers(0, 20), st.dictionaries(st.integers(1, 4), st.integers(0, 6)))
def test_every_nomination_is_judged_once_and_nobody_passes_a_gate(
    rows: list[tuple[int, int, str, bool]], places: int, quotas: dict[int, int]
) -> None:
    records = [
        record(n, agency, rank, gates=(GateRecord("vetting", state),), seated=seated)
        for n, (agency, rank, state, seated) in enumerate(rows)
    ]

    found = judge_seats(records, places, quotas, ON)

    judged = [*found.confirmed, *found.seated, *found.waiting, *found.refused]
    assert sorted(judged) == [one.id for one in records]
    by_id = {one.id: one for one in records}
    assert all(by_id[one].gates[0].state != "open" for one in (*found.confirmed, *found.waiting))
    assert len(found.confirmed) <= max(0, places - len(found.seated))
    for agency, quota in quotas.items():
        assert sum(by_id[one].agency_id == agency for one in found.confirmed) <= quota
    again = judge_seats([*records[::-1]], places, quotas, ON)
    assert again.confirmed == found.confirmed


def open_cohort_of(places: int) -> Cohort:
    return make_cohort(state=CohortState.OPEN, seats=places, starts_on=date(2027, 1, 10))


def test_confirm_seats_numbers_trainees_and_notes_the_others(app: Flask) -> None:
    cohort = open_cohort_of(1)
    agency = make_agency()
    first = make_nomination(cohort, agency, rank=1)
    second = make_nomination(cohort, agency, rank=2)
    blocked = make_nomination(cohort, agency, rank=3, gates=GateState.OPEN)

    report = seats.confirm_seats(cohort, actor=make_user(Role.PROGRAMME_MANAGER))

    assert [line.name for line in report.confirmed] == [first.person.latin_name]
    assert (first.state, second.state, blocked.state) == (
        NominationState.CONFIRMED,
        NominationState.WAITING,
        NominationState.REFUSED,
    )
    assert blocked.decided_reason is not None and "gate_open:medical" in blocked.decided_reason
    enrolment = db.session.scalars(select(Enrolment)).one()
    assert (enrolment.number, enrolment.person_id) == (1, first.person_id)
    assert cohort.state is CohortState.CONFIRMED


def test_confirm_seats_again_changes_nothing_and_later_clearances_are_seated(app: Flask) -> None:
    cohort = open_cohort_of(2)
    agency = make_agency()
    make_nomination(cohort, agency, rank=1)
    late = make_nomination(cohort, agency, rank=2, gates=GateState.OPEN)
    seats.confirm_seats(cohort, actor=None)
    before = db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id.desc())).first()

    assert seats.confirm_seats(cohort, actor=None).confirmed == []
    assert db.session.scalars(select(AuditEntry.id).order_by(AuditEntry.id.desc())).first() == before

    for gate in late.gates:
        gate.state = GateState.CLEARED
    report = seats.confirm_seats(cohort, actor=None)
    assert [line.number for line in report.confirmed] == [2]
    assert late.state is NominationState.CONFIRMED


def test_confirm_seat_refuses_by_name_while_a_gate_is_open(app: Flask) -> None:
    cohort = open_cohort_of(5)
    nomination = make_nomination(cohort, make_agency())
    nomination.gates[1].state = GateState.OPEN

    with pytest.raises(seats.SeatRefused) as refusal:
        seats.confirm_seat(nomination, actor=make_user(Role.PROGRAMME_MANAGER))

    assert nomination.person.latin_name in refusal.value.message
    assert "Vetting: not decided yet." in refusal.value.message
    assert db.session.scalars(select(Enrolment)).first() is None


def test_confirm_seat_of_one_gives_it_once(app: Flask) -> None:
    nomination = make_nomination(open_cohort_of(1), make_agency())
    manager = make_user(Role.PROGRAMME_MANAGER)

    first = seats.confirm_seat(nomination, actor=manager)
    again = seats.confirm_seat(nomination, actor=manager)

    assert first.id == again.id
    assert first.state is EnrolmentState.ENROLLED


def test_a_waiver_that_ends_before_the_first_day_gives_no_seat(app: Flask) -> None:
    cohort = open_cohort_of(1)
    nomination = make_nomination(cohort, make_agency())
    nomination.gates[0].state = GateState.WAIVED
    nomination.gates[0].valid_until = cohort.starts_on - timedelta(days=1)

    report = seats.confirm_seats(cohort, actor=None)

    assert report.refused[0].reasons == ["Medical: the clearance ends before the first day."]


def test_quotas_come_from_the_agreement_and_count_the_whole_year(app: Flask) -> None:
    agency = make_agency()
    make_agreement(agency, seats_per_year=2)
    earlier = open_cohort_of(5)
    make_nomination(earlier, agency)
    seats.confirm_seats(earlier, actor=None)
    cohort = open_cohort_of(5)
    make_nomination(cohort, agency, rank=1)
    make_nomination(cohort, agency, rank=2)

    report = seats.confirm_seats(cohort, actor=None)

    assert len(report.confirmed) == 1
    assert report.waiting[0].reasons == ["The agency's seats of this year are used."]


def test_confirm_seats_is_refused_to_others_and_after_the_first_day(app: Flask) -> None:
    cohort = make_cohort()

    with pytest.raises(Forbidden):
        seats.confirm_seats(cohort, actor=make_user(Role.COURSE_DIRECTOR))
    with pytest.raises(seats.CohortClosed):
        seats.confirm_seats(cohort, actor=None)


def test_each_agency_is_told_about_its_own_people_alone(app: Flask) -> None:
    cohort = open_cohort_of(5)
    a, b = make_agency(), make_agency()
    officers = [make_officer(a, language="ar"), make_officer(b)]
    of_a, of_b = make_nomination(cohort, a), make_nomination(cohort, b)

    seats.confirm_seats(cohort, actor=None)

    letters = {mail.to: mail for mail in db.session.scalars(select(OutboxMail))}
    # The factory's nominators are officers as well; each agency's letters name its own person.
    assert of_a.person.latin_name in letters[officers[0].email].body_text
    assert letters[officers[0].email].language == "ar"
    assert of_a.person.latin_name not in letters[officers[1].email].body_text
    assert of_b.person.latin_name in letters[officers[1].email].body_text


def test_withdrawal_promotes_the_next_and_tells_both_sides(app: Flask) -> None:
    cohort = open_cohort_of(1)
    a, b = make_agency(), make_agency()
    officer_a, officer_b = make_officer(a), make_officer(b)
    manager = make_user(Role.PROGRAMME_MANAGER)
    leaving, waiting = make_nomination(cohort, a), make_nomination(cohort, b)
    seats.confirm_seats(cohort, actor=manager)
    assert waiting.state is NominationState.WAITING

    nominations.withdraw(leaving, reason="Needed at home", actor=officer_a)

    assert (leaving.state, waiting.state) == (NominationState.WITHDRAWN, NominationState.CONFIRMED)
    rows = {one.nomination_id: one for one in db.session.scalars(select(Enrolment))}
    assert (rows[leaving.id].state, rows[leaving.id].number) == (EnrolmentState.WITHDRAWN, 1)
    assert (rows[waiting.id].state, rows[waiting.id].number) == (EnrolmentState.ENROLLED, 2)
    letters = {(mail.to, mail.subject): mail.body_text for mail in db.session.scalars(select(OutboxMail))}
    assert waiting.person.latin_name in letters[officer_b.email, f"{cohort.code}: seats confirmed"]
    to_a = letters[officer_a.email, f"{cohort.code}: a nomination was withdrawn"]
    assert leaving.person.latin_name in to_a
    assert waiting.person.latin_name not in to_a
    to_host = letters[manager.email, f"{cohort.code}: a nomination was withdrawn"]
    assert waiting.person.latin_name in to_host


def test_seats_page_previews_without_writing_and_confirms(app: Flask, sign_in: SignIn) -> None:
    cohort = open_cohort_of(1)
    agency = make_agency()
    ready = make_nomination(cohort, agency, rank=1)
    blocked = make_nomination(cohort, agency, rank=2, gates=GateState.OPEN)
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))

    page = client.get(f"/cohorts/{cohort.id}/seats").text
    assert "Confirm 1 seat" in page
    assert blocked.person.latin_name in page
    assert db.session.scalars(select(Enrolment)).first() is None

    assert client.post(f"/cohorts/{cohort.id}/seats").status_code == 302
    assert db.session.scalars(select(Enrolment)).one().nomination_id == ready.id
    response = client.post(f"/nominations/{blocked.id}/seat")
    assert response.status_code == 422
    assert blocked.person.latin_name in response.text


def test_seats_page_is_closed_to_others(app: Flask, sign_in: SignIn) -> None:
    cohort = open_cohort_of(1)
    agency = make_agency()
    nomination = make_nomination(cohort, agency)

    for user in (make_officer(agency), make_user(Role.MEDICAL_REVIEWER), make_user(Role.COURSE_DIRECTOR)):
        client = sign_in(user)
        assert client.get(f"/cohorts/{cohort.id}/seats").status_code == 403
        assert client.post(f"/cohorts/{cohort.id}/seats").status_code == 403
        assert client.post(f"/nominations/{nomination.id}/seat").status_code == 403
    assert sign_in(make_user(Role.PROGRAMME_MANAGER)).post("/cohorts/99999/seats").status_code == 404


def test_confirm_seats_command_names_the_refused(app: Flask) -> None:
    cohort = open_cohort_of(5)
    agency = make_agency("CPD")
    make_nomination(cohort, agency, rank=1)
    blocked = make_nomination(cohort, agency, rank=2)
    blocked.gates[0].state = GateState.NOT_CLEARED
    db.session.commit()

    result = app.test_cli_runner().invoke(args=["cohorts", "confirm-seats", cohort.code, "--json"])

    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert [one["number"] for one in document["confirmed"]] == [1]
    assert document["refused"][0]["name"] == blocked.person.latin_name
    assert document["refused"][0]["reasons"] == ["Medical: not cleared."]
    assert app.test_cli_runner().invoke(args=["cohorts", "confirm-seats", "NO/1"]).exit_code == 1


def test_gate_kinds_and_states_are_those_of_the_rule(app: Flask) -> None:
    nomination = make_nomination(open_cohort_of(1), make_agency())

    assert {gate.kind for gate in db.session.scalars(select(Gate))} == set(GateKind)
    assert db.session.get(Nomination, nomination.id) is not None
