"""Gates: who decides which, what a decision needs, what follows, and what nobody else may read."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import User
from accounts.permissions import Role
from curriculum.models import (
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentState,
    Gate,
    GateKind,
    GateState,
    MedicalReason,
    Nomination,
    NominationState,
)
from curriculum.services import gates, nominations, seats
from foundation import clock
from foundation.access import AccessEntry
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.errors import Forbidden
from tests.factories.accounts import make_agency, make_officer, make_person, make_user
from tests.factories.curriculum import make_cohort, make_course, make_edition, make_nomination
from tests.support.client import LintingClient

SignIn = Callable[..., LintingClient]
SECRET = "old knee injury"


def open_cohort(director: User | None = None, **values: object) -> Cohort:
    edition = make_edition(make_course(director=director))
    return make_cohort(edition, **{"state": CohortState.OPEN, "starts_on": date(2027, 1, 10)} | values)


def gate_of(nomination: Nomination, kind: GateKind) -> Gate:
    return next(gate for gate in nomination.gates if gate.kind is kind)


DECIDERS = {
    GateKind.MEDICAL: {Role.MEDICAL_REVIEWER},
    GateKind.VETTING: {Role.VETTING_OFFICER},
    GateKind.LANGUAGE: {Role.COURSE_DIRECTOR},
    GateKind.DOCUMENT: {Role.COURSE_DIRECTOR},
    GateKind.PREREQUISITE: {Role.COURSE_DIRECTOR},
}


def test_each_kind_is_cleared_by_its_own_role_alone(app: Flask) -> None:
    agency = make_agency()
    users = {role: make_user(role, agency=agency if role is Role.AGENCY_OFFICER else None) for role in Role}
    nomination = make_nomination(open_cohort(users[Role.COURSE_DIRECTOR]), agency, gates=GateState.OPEN)

    found = {
        kind: {
            role
            for role in Role
            if GateState.CLEARED in gates.list_decisions(gate_of(nomination, kind), users[role])
        }
        for kind in GateKind
    }

    assert found == DECIDERS
    vetting = gate_of(nomination, GateKind.VETTING)
    assert gates.list_decisions(vetting, users[Role.PROGRAMME_MANAGER]) == [GateState.WAIVED]
    assert GateState.WAIVED not in gates.list_decisions(vetting, users[Role.VETTING_OFFICER])


def test_a_director_decides_for_own_courses_alone(app: Flask) -> None:
    nomination = make_nomination(open_cohort(), make_agency(), gates=GateState.OPEN)

    with pytest.raises(Forbidden):
        gates.decide_gate(
            gate_of(nomination, GateKind.LANGUAGE),
            decision=GateState.CLEARED,
            actor=make_user(Role.COURSE_DIRECTOR),
        )


def test_nobody_decides_about_himself(app: Flask) -> None:
    agency = make_agency()
    person = make_person(agency)
    nomination = make_nomination(open_cohort(), agency, person, gates=GateState.OPEN)
    reviewer = make_user(Role.MEDICAL_REVIEWER, person=person)

    with pytest.raises(Forbidden):
        gates.decide_gate(gate_of(nomination, GateKind.MEDICAL), decision=GateState.CLEARED, actor=reviewer)


@pytest.mark.parametrize(
    ("decision", "given", "field"),
    [
        (GateState.NOT_CLEARED, {}, "reason"),
        (GateState.CLEARED_WITH_LIMITS, {}, "limits"),
        (GateState.WAIVED, {"valid_until": date(2030, 1, 1)}, "reason"),
        (GateState.WAIVED, {"reason": "Board"}, "valid_until"),
        (GateState.CLEARED, {"valid_until": date(2020, 1, 1)}, "valid_until"),
        (GateState.OPEN, {}, "decision"),
    ],
)
def test_a_decision_needs_what_the_trail_needs(
    app: Flask, decision: GateState, given: dict[str, object], field: str
) -> None:
    nomination = make_nomination(open_cohort(), make_agency(), gates=GateState.OPEN)

    with pytest.raises(gates.GateRefused) as refusal:
        gates.decide_gate(
            gate_of(nomination, GateKind.MEDICAL),
            decision=decision,
            actor=make_user(Role.MEDICAL_REVIEWER),
            **given,
        )

    assert refusal.value.field == field


def test_a_medical_reason_is_sealed_and_stands_nowhere_else(app: Flask) -> None:
    nomination = make_nomination(open_cohort(), make_agency(), gates=GateState.OPEN)
    gate = gate_of(nomination, GateKind.MEDICAL)
    reviewer = make_user(Role.MEDICAL_REVIEWER)

    gates.decide_gate(gate, decision=GateState.NOT_CLEARED, reason=SECRET, actor=reviewer)

    row = db.session.scalars(select(MedicalReason)).one()
    assert SECRET.encode() not in row.sealed
    assert gate.reason is None
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "gate:decided")).one()
    assert entry.reason is None
    assert SECRET not in str(entry.changes)
    assert gates.read_medical_reason(gate, actor=reviewer) == SECRET
    with pytest.raises(Forbidden):
        gates.read_medical_reason(gate, actor=make_user(Role.PROGRAMME_MANAGER))


def test_medical_reason_is_read_by_post_and_logged(app: Flask, sign_in: SignIn) -> None:
    agency = make_agency()
    nomination = make_nomination(open_cohort(), agency, gates=GateState.OPEN)
    gate = gate_of(nomination, GateKind.MEDICAL)
    reviewer = make_user(Role.MEDICAL_REVIEWER)
    gates.decide_gate(gate, decision=GateState.NOT_CLEARED, reason=SECRET, actor=reviewer)
    db.session.commit()
    path = f"/gates/{gate.id}/medical-reason"
    client = sign_in(reviewer)

    assert SECRET not in client.get(f"/gates/{gate.id}").text
    assert client.get(path).status_code == 405
    assert SECRET in client.post(path).text
    logged = db.session.scalars(select(AccessEntry).where(AccessEntry.kind == "medical_reason_read")).all()
    assert [(one.user_id, one.subject_id) for one in logged] == [(reviewer.id, gate.id)]
    for role in (Role.PROGRAMME_MANAGER, Role.AUDITOR, Role.COURSE_DIRECTOR, Role.VETTING_OFFICER):
        other = sign_in(make_user(role))
        assert other.post(path).status_code == 403
        assert SECRET not in other.get(f"/nominations/{nomination.id}").text
    officer = sign_in(make_officer(agency))
    assert officer.post(path).status_code == 403
    page = officer.get(f"/nominations/{nomination.id}").text
    assert "Not cleared" in page
    assert SECRET not in page
    assert sign_in(make_officer(make_agency())).post(path).status_code == 404


def test_a_vetting_reason_is_not_for_the_agency(app: Flask, sign_in: SignIn) -> None:
    agency = make_agency()
    nomination = make_nomination(open_cohort(), agency, gates=GateState.OPEN)
    gates.decide_gate(
        gate_of(nomination, GateKind.VETTING),
        decision=GateState.NOT_CLEARED,
        reason="security record",
        actor=make_user(Role.VETTING_OFFICER),
    )
    db.session.commit()
    path = f"/nominations/{nomination.id}"

    assert "security record" not in sign_in(make_officer(agency)).get(path).text
    assert "security record" in sign_in(make_user(Role.VETTING_OFFICER)).get(path).text


def test_a_gate_lost_takes_the_seat_and_promotes_the_next(app: Flask) -> None:
    cohort = open_cohort(seats=1)
    agency = make_agency()
    first, second = make_nomination(cohort, agency, rank=1), make_nomination(cohort, agency, rank=2)
    seats.confirm_seats(cohort, actor=None)

    gates.decide_gate(
        gate_of(first, GateKind.VETTING),
        decision=GateState.NOT_CLEARED,
        reason="Withdrawn by the ministry",
        actor=make_user(Role.VETTING_OFFICER),
    )

    assert (first.state, second.state) == (NominationState.REFUSED, NominationState.CONFIRMED)
    states = {one.nomination_id: one.state for one in db.session.scalars(select(Enrolment))}
    assert states == {first.id: EnrolmentState.WITHDRAWN, second.id: EnrolmentState.ENROLLED}


def test_the_last_gate_cleared_makes_a_refused_nominee_ready(app: Flask) -> None:
    cohort = open_cohort()
    nomination = make_nomination(cohort, make_agency())
    gate = gate_of(nomination, GateKind.MEDICAL)
    gate.state = GateState.OPEN
    seats.confirm_seats(cohort, actor=None)
    assert nomination.state is NominationState.REFUSED

    gates.decide_gate(gate, decision=GateState.CLEARED, actor=make_user(Role.MEDICAL_REVIEWER))

    assert nomination.state is NominationState.NOMINATED


def test_a_withdrawn_nomination_leaves_nothing_to_decide(app: Flask) -> None:
    agency = make_agency()
    nomination = make_nomination(open_cohort(), agency, gates=GateState.OPEN)
    nominations.withdraw(nomination, reason="Exercise", actor=make_officer(agency))

    with pytest.raises(gates.GateMoot):
        gates.decide_gate(
            gate_of(nomination, GateKind.MEDICAL),
            decision=GateState.CLEARED,
            actor=make_user(Role.MEDICAL_REVIEWER),
        )


def test_work_lists_hold_what_each_role_decides(app: Flask, sign_in: SignIn) -> None:
    director = make_user(Role.COURSE_DIRECTOR)
    own = make_nomination(open_cohort(director), make_agency(), gates=GateState.OPEN)
    other = make_nomination(open_cohort(), make_agency(), gates=GateState.OPEN)
    db.session.commit()

    def listed(user: User, query: str = "") -> set[int]:
        page = sign_in(user).get(f"/gates{query}").text
        return {gate.id for one in (own, other) for gate in one.gates if f'/gates/{gate.id}"' in page}

    def of(kind: GateKind, *of_nominations: Nomination) -> set[int]:
        return {gate_of(one, kind).id for one in of_nominations}

    assert listed(make_user(Role.MEDICAL_REVIEWER)) == of(GateKind.MEDICAL, own, other)
    assert listed(make_user(Role.VETTING_OFFICER)) == of(GateKind.VETTING, own, other)
    assert listed(director, "?kind=language") == of(GateKind.LANGUAGE, own)
    assert len(listed(director)) == 3
    assert listed(make_user(Role.MEDICAL_REVIEWER), "?state=cleared") == set()
    assert sign_in(make_officer(make_agency())).get("/gates").status_code == 403
    assert sign_in(make_user(Role.QUARTERMASTER)).get("/gates").status_code == 403
    assert (
        sign_in(make_user(Role.PROGRAMME_MANAGER)).get("/gates?kind=x&state=y&sort=z&after=w").status_code
        == 200
    )


def test_gate_page_decides_and_refuses(app: Flask, sign_in: SignIn) -> None:
    nomination = make_nomination(open_cohort(), make_agency(), gates=GateState.OPEN)
    gate = gate_of(nomination, GateKind.VETTING)
    path = f"/gates/{gate.id}"
    client = sign_in(make_user(Role.VETTING_OFFICER))

    assert client.get(path).status_code == 200
    assert client.post(path, data={}).status_code == 422
    assert client.post(path, data={"decision": "waived", "reason": "x"}).status_code == 422
    assert client.post(path, data={"decision": "not_cleared"}).status_code == 422
    assert client.post(path, data={"decision": "cleared"}).status_code == 302
    assert db.session.get_one(Gate, gate.id).state is GateState.CLEARED
    assert sign_in(make_user(Role.MEDICAL_REVIEWER)).get(path).status_code == 403
    assert client.get("/gates/999999").status_code == 404
    manager = sign_in(make_user(Role.PROGRAMME_MANAGER))
    until = clock.today() + timedelta(days=90)
    waiver = {"decision": "waived", "reason": "Minister's letter", "valid_until": until.isoformat()}
    assert manager.post(path, data=waiver).status_code == 302
    assert manager.post(path, data={"decision": "cleared"}).status_code == 422


def test_bulk_clear_shows_names_first_and_clears_all_or_none(app: Flask, sign_in: SignIn) -> None:
    director = make_user(Role.COURSE_DIRECTOR)
    nomination = make_nomination(open_cohort(director), make_agency(), gates=GateState.OPEN)
    ids = [gate_of(nomination, kind).id for kind in gates.COURSE_KINDS]
    medical = gate_of(nomination, GateKind.MEDICAL).id
    client = sign_in(director)

    page = client.post("/gates/clear", data={"ids": ids})
    assert nomination.person.latin_name in page.text
    assert db.session.get_one(Gate, ids[0]).state is GateState.OPEN
    assert client.post("/gates/clear", data={"ids": [*ids, medical], "confirmed": "yes"}).status_code == 403
    assert db.session.get_one(Gate, ids[0]).state is GateState.OPEN
    assert client.post("/gates/clear", data={"ids": ids, "confirmed": "yes"}).status_code == 302
    assert {db.session.get_one(Gate, one).state for one in ids} == {GateState.CLEARED}
    assert client.post("/gates/clear", data={"ids": ["x"]}).status_code == 303
    stranger = sign_in(make_user(Role.COURSE_DIRECTOR))
    assert stranger.post("/gates/clear", data={"ids": ids, "confirmed": "yes"}).status_code == 403


def test_prerequisite_gate_says_what_is_held(app: Flask, sign_in: SignIn) -> None:
    director = make_user(Role.COURSE_DIRECTOR)
    cohort = open_cohort(director)
    cohort.edition.prerequisites = [{"course": "C-FA-110", "in_date": True}]
    nomination = make_nomination(cohort, make_agency(), gates=GateState.OPEN)
    gate = gate_of(nomination, GateKind.PREREQUISITE)
    db.session.commit()

    page = sign_in(director).get(f"/gates/{gate.id}").text

    assert "C-FA-110" in page
    assert "not held" in page
