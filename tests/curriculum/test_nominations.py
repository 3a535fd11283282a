"""Nominations: who may name whom, in which order, and what the other agency must not learn."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from accounts.models import Affiliation
from accounts.permissions import Role
from curriculum.models import (
    CohortState,
    Enrolment,
    EnrolmentState,
    Gate,
    GateKind,
    GateState,
    Nomination,
    NominationState,
)
from curriculum.services import enrolments, nominations
from curriculum.services.nominations import NominationOutcome
from foundation.db import db
from foundation.errors import Forbidden
from tests.factories.accounts import make_agency, make_agreement, make_officer, make_person, make_user
from tests.factories.curriculum import make_cohort, make_course, make_edition, make_enrolment, make_nomination
from tests.support.client import LintingClient

SignIn = Callable[..., LintingClient]
LATER = date(2027, 1, 10)


@pytest.fixture
def agency(app: Flask):
    agency = make_agency()
    make_agreement(agency)
    return agency


@pytest.fixture
def cohort(app: Flask):
    return make_cohort(state=CohortState.OPEN, starts_on=LATER)


def test_nominate_opens_five_gates_and_ranks_in_order(app: Flask, agency, cohort) -> None:
    first, second = make_person(agency), make_person(agency)

    results = nominations.nominate(cohort, [second, first], agency=agency, actor=make_officer(agency))

    assert [one.outcome for one in results] == [NominationOutcome.NOMINATED] * 2
    assert [(one.nomination.rank, one.person.id) for one in results] == [(1, second.id), (2, first.id)]
    assert {gate.kind: gate.state for gate in results[0].nomination.gates} == dict.fromkeys(
        GateKind, GateState.OPEN
    )


def test_nominate_twice_adds_nobody(app: Flask, agency, cohort) -> None:
    person, officer = make_person(agency), make_officer(agency)
    nominations.nominate(cohort, [person], agency=agency, actor=officer)

    again = nominations.nominate(cohort, [person, person], agency=agency, actor=officer)

    assert [one.outcome for one in again] == [NominationOutcome.ALREADY] * 2
    assert db.session.scalar(select(func.count()).select_from(Nomination)) == 1


def test_a_person_of_two_agencies_is_a_known_person_and_nothing_else(app: Flask, agency, cohort) -> None:
    other = make_agency()
    person = make_person(other)
    db.session.add(Affiliation(agency_id=agency.id, person_id=person.id, starts_on=date(2025, 1, 1)))
    make_nomination(cohort, other, person)

    result = nominations.nominate(cohort, [person], agency=agency, actor=make_officer(agency))[0]

    assert (result.outcome, result.nomination) == (NominationOutcome.KNOWN_PERSON, None)
    assert result.sentence == "known person"


def test_a_person_nominated_by_two_at_once_is_decided_by_the_constraint(
    app: Flask, agency, cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_agency()
    person = make_person(agency)
    make_nomination(cohort, other, person)
    read_taken = nominations._read_taken
    answers = iter([{}])
    monkeypatch.setattr(nominations, "_read_taken", lambda *given: next(answers, None) or read_taken(*given))

    result = nominations.nominate(cohort, [person], agency=agency, actor=make_officer(agency))[0]

    assert result.outcome is NominationOutcome.KNOWN_PERSON


def test_nominate_refuses_foreign_former_and_own_person(app: Flask, agency, cohort) -> None:
    foreign = make_person(make_agency())
    former = make_person(agency)
    former_row = db.session.scalars(select(Affiliation).where(Affiliation.person_id == former.id)).one()
    former_row.ends_on = date(2025, 1, 1)
    himself = make_person(agency)
    officer = make_officer(agency, person=himself)

    results = nominations.nominate(cohort, [foreign, former, himself], agency=agency, actor=officer)

    assert [one.outcome for one in results] == [
        NominationOutcome.NOT_OF_AGENCY,
        NominationOutcome.NOT_OF_AGENCY,
        NominationOutcome.HIMSELF,
    ]


def test_nominate_needs_an_agreement_in_force_for_the_domain(app: Flask, cohort) -> None:
    expired, narrow, none = make_agency(), make_agency(), make_agency()
    make_agreement(expired, ends_on=date(2025, 1, 1))
    make_agreement(narrow, domains=["cyber"])

    for agency in (expired, narrow, none):
        with pytest.raises(nominations.NoAgreement):
            nominations.nominate(cohort, [make_person(agency)], agency=agency, actor=make_officer(agency))


def test_an_agreement_for_medicine_covers_mass_casualty_courses(app: Flask, agency) -> None:
    course = make_edition(make_course(domain="mass_casualty"))
    cohort = make_cohort(course, state=CohortState.OPEN, starts_on=LATER)

    assert nominations.find_obstacle(cohort, agency) is None


def test_nominate_is_refused_when_the_cohort_takes_none(app: Flask, agency) -> None:
    running = make_cohort()
    over = make_cohort(state=CohortState.OPEN, starts_on=LATER, nominations_close_on=date(2020, 1, 1))

    for cohort in (running, over):
        with pytest.raises(nominations.NominationsClosed):
            nominations.nominate(cohort, [make_person(agency)], agency=agency, actor=make_officer(agency))


def test_nominate_for_another_agency_is_forbidden(app: Flask, agency, cohort) -> None:
    with pytest.raises(Forbidden):
        nominations.nominate(cohort, [make_person(agency)], agency=agency, actor=make_officer(make_agency()))
    with pytest.raises(Forbidden):
        nominations.nominate(
            cohort, [make_person(agency)], agency=agency, actor=make_user(Role.PROGRAMME_MANAGER)
        )


def test_ranks_become_one_two_three_again(app: Flask, agency, cohort) -> None:
    made = [make_nomination(cohort, agency, rank=n) for n in (1, 2, 3)]
    officer = make_officer(agency)

    nominations.rank_nominations(cohort, agency=agency, ranks={made[2].id: 1}, actor=officer)

    assert [one.rank for one in made] == [2, 3, 1]


def test_ranks_of_a_foreign_nomination_are_refused(app: Flask, agency, cohort) -> None:
    foreign = make_nomination(cohort, make_agency(), rank=1)

    with pytest.raises(nominations.NominationRefused):
        nominations.rank_nominations(cohort, agency=agency, ranks={foreign.id: 1}, actor=make_officer(agency))


def test_withdraw_and_nominate_again_keeps_the_gates(app: Flask, agency, cohort) -> None:
    officer = make_officer(agency)
    nomination = make_nomination(cohort, agency)
    nominations.withdraw(nomination, reason="Exercise", actor=officer)

    result = nominations.nominate(cohort, [nomination.person], agency=agency, actor=officer)[0]

    assert (result.nomination, nomination.state) == (nomination, NominationState.NOMINATED)
    assert {gate.state for gate in nomination.gates} == {GateState.CLEARED}


def test_withdraw_needs_a_reason_an_own_person_and_a_cohort_to_come(app: Flask, agency, cohort) -> None:
    nomination = make_nomination(cohort, agency)
    running = make_nomination(make_cohort(), agency)

    with pytest.raises(nominations.NominationRefused):
        nominations.withdraw(nomination, reason="  ", actor=make_officer(agency))
    with pytest.raises(nominations.NominationRefused):
        nominations.withdraw(running, reason="Late", actor=make_officer(agency))
    with pytest.raises(Forbidden):
        nominations.withdraw(nomination, reason="Mine", actor=make_officer(make_agency()))


def test_people_page_shows_an_agency_its_own_alone(app: Flask, sign_in: SignIn, agency, cohort) -> None:
    other = make_agency()
    own, foreign = make_nomination(cohort, agency), make_nomination(cohort, other)
    db.session.commit()
    names = own.person.latin_name, foreign.person.latin_name

    officer = sign_in(make_officer(agency))
    page = officer.get(f"/cohorts/{cohort.id}/people").text
    assert names[0] in page
    assert names[1] not in page
    assert officer.get(f"/nominations/{foreign.id}").status_code == 404
    assert officer.get(f"/nominations/{own.id}").status_code == 200
    assert names[1] not in officer.get(f"/cohorts/{cohort.id}/roster").text
    manager = sign_in(make_user(Role.PROGRAMME_MANAGER)).get(f"/cohorts/{cohort.id}/people").text
    assert all(name in manager for name in names)


def test_people_page_costs_the_same_for_three_and_thirty(app: Flask, sign_in: SignIn, agency, cohort) -> None:
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))

    def count_statements() -> int:
        seen: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            if statement.lstrip().upper().startswith("SELECT"):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert client.get(f"/cohorts/{cohort.id}/people").status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    for _ in range(3):
        make_nomination(cohort, agency)
    db.session.commit()
    few = count_statements()
    for _ in range(27):
        make_nomination(cohort, agency)
    db.session.commit()
    assert count_statements() == few
    assert few <= 8


def test_nominate_page_offers_the_own_and_reports_the_refused(
    app: Flask, sign_in: SignIn, agency, cohort
) -> None:
    other = make_agency()
    own, shared, foreign = make_person(agency), make_person(other), make_person(other)
    db.session.add(Affiliation(agency_id=agency.id, person_id=shared.id, starts_on=date(2025, 1, 1)))
    make_nomination(cohort, other, shared)
    client = sign_in(make_officer(agency))

    page = client.get(f"/cohorts/{cohort.id}/nominate").text
    assert own.latin_name in page
    assert shared.latin_name in page
    assert foreign.latin_name not in page
    assert own.latin_name not in client.get(f"/cohorts/{cohort.id}/nominate?q=nobody").text

    response = client.post(
        f"/cohorts/{cohort.id}/nominate",
        data={"ids": [own.id, shared.id, foreign.id, "x"]},
        follow_redirects=True,
    )
    assert "known person" in response.text
    assert own.latin_name in response.text
    made = db.session.scalars(select(Nomination).where(Nomination.agency_id == agency.id)).all()
    assert [one.person_id for one in made] == [own.id]


def test_nominate_page_refuses_empty_choice_and_other_roles(
    app: Flask, sign_in: SignIn, agency, cohort
) -> None:
    path = f"/cohorts/{cohort.id}/nominate"

    assert sign_in(make_officer(agency)).post(path, data={}).status_code == 422
    assert sign_in(make_user(Role.PROGRAMME_MANAGER)).get(path).status_code == 403
    assert sign_in(make_user(Role.PROGRAMME_MANAGER)).post(path, data={"ids": [1]}).status_code == 403


def test_nominate_page_says_why_nobody_can_be_nominated(app: Flask, sign_in: SignIn, cohort) -> None:
    agency = make_agency()
    client = sign_in(make_officer(agency))

    assert "No agreement of your agency" in client.get(f"/cohorts/{cohort.id}/nominate").text
    person = make_person(agency)
    db.session.commit()
    assert client.post(f"/cohorts/{cohort.id}/nominate", data={"ids": [person.id]}).status_code == 422


def test_rank_form_saves_and_refuses_nonsense(app: Flask, sign_in: SignIn, agency, cohort) -> None:
    first, second = make_nomination(cohort, agency, rank=1), make_nomination(cohort, agency, rank=2)
    foreign = make_nomination(cohort, make_agency(), rank=1)
    client = sign_in(make_officer(agency))
    path = f"/cohorts/{cohort.id}/ranks"

    client.post(path, data={f"rank-{first.id}": "2", f"rank-{second.id}": "1"})
    assert (
        db.session.get_one(Nomination, first.id).rank,
        db.session.get_one(Nomination, second.id).rank,
    ) == (2, 1)
    for bad in ("-1", "x", "0", "99999999999", "١"):
        assert "whole number" in client.post(path, data={f"rank-{first.id}": bad}, follow_redirects=True).text
    client.post(path, data={f"rank-{foreign.id}": "7"})
    assert db.session.get_one(Nomination, foreign.id).rank == 1
    assert sign_in(make_user(Role.AUDITOR)).post(path, data={}).status_code == 403


def test_withdraw_page_asks_for_a_reason(app: Flask, sign_in: SignIn, agency, cohort) -> None:
    nomination = make_nomination(cohort, agency)
    client = sign_in(make_officer(agency))
    path = f"/nominations/{nomination.id}/withdraw"

    assert client.get(path).status_code == 200
    assert client.post(path, data={"reason": ""}).status_code == 422
    assert sign_in(make_officer(make_agency())).post(path, data={"reason": "x"}).status_code == 404
    assert sign_in(make_user(Role.PROGRAMME_MANAGER)).get(path).status_code == 403
    assert client.post(path, data={"reason": "Family"}).status_code == 302
    assert db.session.get_one(Nomination, nomination.id).state is NominationState.WITHDRAWN
    assert client.post(path, data={"reason": "Again"}).status_code == 422


def test_trainee_state_is_set_by_the_staff_alone(app: Flask, sign_in: SignIn, agency) -> None:
    enrolment = make_enrolment(make_cohort(), agency)
    path = f"/enrolments/{enrolment.id}/state"
    manager = sign_in(make_user(Role.PROGRAMME_MANAGER))

    assert manager.get(path).status_code == 200
    assert manager.post(path, data={"state": "left", "reason": ""}).status_code == 422
    assert manager.post(path, data={"state": "nonsense"}).status_code == 422
    assert manager.post(path, data={"state": "left", "reason": "Family, may rejoin"}).status_code == 302
    assert db.session.get_one(Enrolment, enrolment.id).state is EnrolmentState.LEFT
    assert manager.post(path, data={"state": "enrolled"}).status_code == 302
    assert db.session.get_one(Enrolment, enrolment.id).state_reason is None
    assert sign_in(make_officer(agency)).get(path).status_code == 403
    assert sign_in(make_officer(make_agency())).get(path).status_code == 404


def test_a_withdrawn_seat_and_a_closed_cohort_are_final(app: Flask, agency) -> None:
    manager = make_user(Role.PROGRAMME_MANAGER)
    withdrawn = make_enrolment(make_cohort(), agency, state=EnrolmentState.WITHDRAWN)
    closed = make_enrolment(make_cohort(state=CohortState.CLOSED), agency)

    for enrolment in (withdrawn, closed):
        with pytest.raises(enrolments.EnrolmentFinal):
            enrolments.set_state(enrolment, state=EnrolmentState.NO_SHOW, actor=manager)


def test_roster_names_trainees_by_number_with_limits_but_no_reason(
    app: Flask, sign_in: SignIn, agency
) -> None:
    cohort = make_cohort()
    enrolment = make_enrolment(cohort, agency)
    gate = db.session.scalars(
        select(Gate).where(Gate.nomination_id == enrolment.nomination_id, Gate.kind == GateKind.MEDICAL)
    ).one()
    gate.state, gate.limits = GateState.CLEARED_WITH_LIMITS, "No work at height"
    db.session.commit()

    page = sign_in(make_user(Role.PROGRAMME_MANAGER)).get(f"/cohorts/{cohort.id}/roster").text
    assert enrolment.person.latin_name in page
    assert "No work at height" in page


def test_joining_letters_are_for_the_cleared_alone_and_say_of_others_why_not(
    app: Flask, sign_in: SignIn, agency, cohort
) -> None:
    seated = make_enrolment(cohort, agency)
    lost = make_enrolment(cohort, agency)
    gate = db.session.scalars(
        select(Gate).where(Gate.nomination_id == lost.nomination_id, Gate.kind == GateKind.VETTING)
    ).one()
    gate.state = GateState.OPEN
    foreign = make_enrolment(cohort, make_agency())
    db.session.commit()

    admitted, others = enrolments.list_letters(cohort, viewer=make_user(Role.PROGRAMME_MANAGER))
    assert {line.name for line in admitted} == {seated.person.latin_name, foreign.person.latin_name}
    assert [(line.name, reasons) for line, reasons in others] == [
        (lost.person.latin_name, ["Vetting: not decided yet."])
    ]
    page = sign_in(make_officer(agency)).get(f"/cohorts/{cohort.id}/letters").text
    assert f"Letter for {seated.person.latin_name}" in page
    assert f"Letter for {lost.person.latin_name}" not in page
    assert foreign.person.latin_name not in page
