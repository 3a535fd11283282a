"""What a person holds from elsewhere: recorded by whom, refused when, revoked from today on, seen by whom, and asked by the gates."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Affiliation, Person, User
from accounts.permissions import Role
from curriculum.held import HeldState, judge_held
from curriculum.models import (
    CohortState,
    Course,
    GateKind,
    GateState,
    QualificationKind,
    RecordedQualification,
)
from curriculum.services import gates, qualifications
from curriculum.services.qualifications import AlreadyHeld, QualificationRefused, QualificationValues
from foundation import clock
from foundation.audit import AuditDetail, AuditEntry
from foundation.db import db
from foundation.errors import Forbidden
from foundation.registry import EndedBy, Holding, list_holdings
from tests.factories.accounts import make_agency, make_officer, make_person, make_user
from tests.factories.curriculum import make_cohort, make_course, make_edition, make_nomination
from tests.support.client import LintingClient
from tests.support.statements import counted_statements

SignIn = Callable[[User], LintingClient]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
REASON = "The issuer says in writing that it never gave this paper."
PDF = b"%PDF-1.7 a licence"


def values(course: Course, **other: object) -> QualificationValues:
    usual: dict[str, object] = {
        "course_id": course.id,
        "kind": QualificationKind.LICENCE,
        "issuer": "Health Council",
        "reference": "HC-4711",
        "starts_on": date(2025, 3, 1),
        "ends_on": date(2029, 2, 28),
    }
    return QualificationValues(**usual | other)  # type: ignore[arg-type]


def record(person: Person, course: Course, **other: object) -> RecordedQualification:
    manager = make_user(Role.PROGRAMME_MANAGER)
    entry = qualifications.record_qualification(person, values(course, **other), actor=manager)
    db.session.commit()
    return entry


def periods(person: Person) -> list[tuple[date, date | None, EndedBy | None]]:
    return [(one.starts_on, one.ends_on, one.ended_by) for one in list_holdings([person.id])]


def typed(held: Course, **other: object) -> dict[str, object]:
    return {
        "course": held.id,
        "kind": "licence",
        "issuer": "Health Council",
        "reference": "HC-4711",
        "starts_on": "2025-03-01",
        "ends_on": "2029-02-28",
    } | other


def test_what_is_recorded_is_held(app: Flask) -> None:
    person, course = make_person(make_agency()), make_course("M-MIM-320")

    entry = record(person, course)

    assert list_holdings([person.id]) == [
        Holding(
            person_id=person.id,
            qualification="M-MIM-320",
            starts_on=date(2025, 3, 1),
            ends_on=date(2029, 2, 28),
            evidence="HC-4711",
            source="recorded",
            url_of=("qualifications.show", {"recorded_qualification_id": entry.id}),
        )
    ]
    assert list_holdings([person.id], on=date(2029, 3, 1)) == []
    trail = db.session.query(AuditEntry).filter_by(action="qualification:recorded").one()
    assert trail.changes["course"] == [None, "M-MIM-320"]
    assert "HC-4711" not in str(trail.changes)
    assert (
        db.session.query(AuditDetail).filter_by(entry_id=trail.id, field="reference").one().new == "HC-4711"
    )


def test_revoked_entry_counts_up_to_the_day_before(app: Flask) -> None:
    person = make_person(make_agency())
    entry = record(person, make_course())

    with clock.frozen_at(NOON):
        qualifications.revoke_qualification(entry, reason=REASON, actor=make_user(Role.PROGRAMME_MANAGER))
        with pytest.raises(qualifications.AlreadyRevoked):
            qualifications.revoke_qualification(entry, reason=REASON, actor=make_user(Role.PROGRAMME_MANAGER))

    assert periods(person) == [(date(2025, 3, 1), date(2026, 11, 21), EndedBy.REVOCATION)]
    assert db.session.query(AuditEntry).filter_by(action="qualification:revoked").one().reason == REASON


def test_entry_revoked_before_it_begins_was_never_held(app: Flask) -> None:
    person = make_person(make_agency())
    entry = record(person, make_course(), starts_on=date(2026, 11, 22))

    with clock.frozen_at(NOON):
        qualifications.revoke_qualification(entry, reason=REASON, actor=make_user(Role.PROGRAMME_MANAGER))
        (line,) = qualifications.list_held(person, on=date(2026, 11, 22))

    assert periods(person) == []
    assert line.state is HeldState.REVOKED


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"kind": QualificationKind.EQUIVALENCE, "ends_on": None}, "ends_on"),
        ({"ends_on": date(2025, 2, 28)}, "ends_on"),
        ({"starts_on": date(1970, 1, 1)}, "starts_on"),
        ({"course_id": 0}, "course"),
        ({"paper": PDF + b"x" * qualifications.MOST_PAPER_BYTES}, "paper"),
        ({"paper": b"MZ a programme"}, "paper"),
    ],
)
def test_entry_that_contradicts_itself_is_refused(app: Flask, other: dict[str, Any], field: str) -> None:
    person, course, manager = make_person(), make_course(), make_user(Role.PROGRAMME_MANAGER)
    paper = other.get("paper")
    told = {name: value for name, value in other.items() if name != "paper"}

    with pytest.raises(QualificationRefused) as refused:
        qualifications.record_qualification(person, values(course, **told), paper=paper, actor=manager)

    assert refused.value.field == field


def test_same_ground_twice_for_one_day_is_refused_and_the_day_after_is_not(app: Flask) -> None:
    person, course = make_person(), make_course()
    first = record(person, course)

    for starts_on, ends_on in (
        (date(2029, 2, 28), None),
        (date(2020, 1, 1), date(2025, 3, 1)),
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2020, 1, 1), None),
    ):
        with pytest.raises(AlreadyHeld):
            record(person, course, starts_on=starts_on, ends_on=ends_on)
    record(person, course, starts_on=date(2029, 3, 1), ends_on=None)
    record(person, course, kind=QualificationKind.PRIOR_LEARNING)
    qualifications.revoke_qualification(first, reason=REASON, actor=make_user(Role.PROGRAMME_MANAGER))
    record(person, course, reference="HC-4712")

    assert len(periods(person)) == 4


def test_nobody_records_about_himself_and_a_director_only_in_reach_of_his_courses(app: Flask) -> None:
    person = make_person(make_agency())
    director = make_user(Role.COURSE_DIRECTOR)
    own, asked, foreign = make_course(director=director), make_course("C-FA-110"), make_course()
    make_edition(own, prerequisites=[{"course": "C-FA-110", "in_date": True}])
    himself = make_user(Role.PROGRAMME_MANAGER, person=person)

    with pytest.raises(Forbidden):
        qualifications.record_qualification(person, values(own), actor=himself)
    with pytest.raises(Forbidden):
        qualifications.record_qualification(person, values(own), actor=make_user(Role.AUDITOR))
    with pytest.raises(QualificationRefused):
        qualifications.record_qualification(person, values(foreign), actor=director)
    for course in (own, asked):
        entry = qualifications.record_qualification(person, values(course), actor=director)
        qualifications.revoke_qualification(entry, reason=REASON, actor=director)
    with pytest.raises(Forbidden):
        qualifications.revoke_qualification(record(person, foreign), reason=REASON, actor=director)


def test_page_lists_everything_held_with_its_state(app: Flask, sign_in: SignIn) -> None:
    agency = make_agency()
    person, course = make_person(agency), make_course("M-TRI-101")
    today = clock.today()
    for number, (starts, ends) in enumerate([(-900, -500), (-400, -300), (-100, 20), (30, 900)]):
        record(
            person,
            course,
            reference=f"PAPER-{number}",
            starts_on=today + timedelta(days=starts),
            ends_on=today + timedelta(days=ends),
        )
    revoked = record(person, make_course(), reference="FORGED-1", ends_on=None)
    qualifications.revoke_qualification(revoked, reason=REASON, actor=make_user(Role.PROGRAMME_MANAGER))
    db.session.commit()
    page = f"/persons/{person.id}/qualifications"

    for user in (make_officer(agency), make_user(Role.AUDITOR), make_user(Role.PROGRAMME_MANAGER)):
        text = sign_in(user).get(page).text
        assert all(f"PAPER-{number}" in text for number in range(4)) and "FORGED-1" in text
        assert all(word in text for word in ("Expired", "Ends soon", "Not yet", "Revoked", "Licence"))
        assert ("Record a qualification" in text) == user.has(Role.PROGRAMME_MANAGER)
        assert page in sign_in(user).get(f"/persons/{person.id}").text

    entry_page = f"/persons/qualifications/{revoked.id}"
    assert REASON in sign_in(make_user(Role.AUDITOR)).get(entry_page).text
    assert REASON not in sign_in(make_officer(agency)).get(entry_page).text


def test_manager_records_with_the_paper_and_revokes_with_a_reason(app: Flask, sign_in: SignIn) -> None:
    agency = make_agency()
    person, course = make_person(agency), make_course("M-MIM-320")
    client, officer = sign_in(make_user(Role.PROGRAMME_MANAGER)), sign_in(make_officer(agency))
    new = f"/persons/{person.id}/qualifications/new"

    sent = client.post(new, data=typed(course, paper=(io.BytesIO(PDF), "<licence>.pdf")))
    again = client.post(new, data=typed(course))

    assert (sent.status_code, again.status_code) == (303, 409)
    (entry,) = db.session.query(RecordedQualification)
    show = f"/persons/qualifications/{entry.id}"
    paper = officer.get(f"{show}/paper")
    assert paper.data == PDF
    assert paper.headers["Content-Disposition"] == 'attachment; filename="M-MIM-320-2025-03-01.pdf"'
    assert (paper.mimetype, paper.headers["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert "HC-4711" in officer.get(show).text
    assert client.post(f"{show}/revoke", data={"reason": "wrong"}).status_code == 422
    assert client.post(f"{show}/revoke", data={"reason": REASON}).status_code == 303
    assert client.post(f"{show}/revoke", data={"reason": REASON}).status_code == 409
    assert "Revoked" in client.get(show).text


@pytest.mark.parametrize(
    "other",
    [
        {"course": ""},
        {"course": "999999"},
        {"course": "x"},
        {"kind": "gift"},
        {"issuer": " "},
        {"reference": "x" * 121},
        {"reference": "a\u202eb"},
        {"starts_on": "soon"},
        {"starts_on": ""},
        {"ends_on": "2020-01-01"},
        {"kind": "equivalence", "ends_on": ""},
        {"paper": (io.BytesIO(b"MZ a programme"), "licence.pdf")},
        {"paper": (io.BytesIO(b"<svg onload=x>"), "licence.png")},
    ],
    ids="-".join,
)
def test_bad_input_is_refused_beside_its_field(app: Flask, sign_in: SignIn, other: dict[str, object]) -> None:
    person, course = make_person(make_agency()), make_course()
    copied = {
        name: (io.BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
        for name, value in other.items()
    }

    answer = sign_in(make_user(Role.PROGRAMME_MANAGER)).post(
        f"/persons/{person.id}/qualifications/new", data=typed(course, **copied)
    )

    assert answer.status_code == 422
    assert db.session.query(RecordedQualification).count() == 0


def test_what_another_agency_holds_does_not_exist(app: Flask, sign_in: SignIn) -> None:
    own, other = make_agency(), make_agency()
    entry = record(make_person(own), make_course())
    pages = (
        f"/persons/{entry.person_id}/qualifications",
        f"/persons/{entry.person_id}/qualifications/new",
        f"/persons/qualifications/{entry.id}",
        f"/persons/qualifications/{entry.id}/revoke",
        f"/persons/qualifications/{entry.id}/paper",
    )
    foreign, officer = sign_in(make_officer(other)), sign_in(make_officer(own))
    trainee = sign_in(make_user(Role.TRAINEE, agency=other, person=make_person(other)))

    assert [foreign.get(page).status_code for page in pages] == [404] * 5
    assert [trainee.get(page).status_code for page in pages] == [404] * 5
    assert [officer.get(page).status_code for page in pages] == [200, 403, 200, 403, 404]
    assert foreign.post(pages[3], data={"reason": REASON}).status_code == 404


def test_director_of_another_course_may_read_and_not_revoke(app: Flask, sign_in: SignIn) -> None:
    entry = record(make_person(make_agency()), make_course())
    client = sign_in(make_user(Role.COURSE_DIRECTOR))

    assert client.get(f"/persons/qualifications/{entry.id}").status_code == 200
    assert client.get(f"/persons/qualifications/{entry.id}/revoke").status_code == 403
    assert (
        client.post(f"/persons/qualifications/{entry.id}/revoke", data={"reason": REASON}).status_code == 403
    )


def test_page_of_one_line_and_of_many_ask_the_same(app: Flask, sign_in: SignIn) -> None:
    person, client = make_person(make_agency()), sign_in(make_user(Role.PROGRAMME_MANAGER))
    counts = []
    for more in (1, 12):
        for _ in range(more):
            record(person, make_course())
        with counted_statements() as statements:
            assert client.get(f"/persons/{person.id}/qualifications").status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_prerequisite_gate_says_what_is_held_on_the_first_day(app: Flask, sign_in: SignIn) -> None:
    director, agency = make_user(Role.COURSE_DIRECTOR), make_agency()
    aid, drill, never = make_course("C-FA-110"), make_course("M-DRL-1"), make_course("M-NEV-1")
    asked = [
        {"course": "C-FA-110", "in_date": True},
        {"course": "M-DRL-1", "in_date": False},
        {"course": "M-NEV-1", "in_date": True},
    ]
    edition = make_edition(make_course(director=director), prerequisites=asked)
    cohort = make_cohort(edition, state=CohortState.OPEN, starts_on=date(2027, 1, 10))
    nomination = make_nomination(cohort, agency, gates=GateState.OPEN)
    person = nomination.person
    record(person, aid, reference="AID-1", ends_on=date(2027, 1, 10))
    record(person, aid, reference="AID-2", kind=QualificationKind.EQUIVALENCE, ends_on=date(2027, 6, 1))
    record(person, drill, reference="DRL-1", ends_on=date(2026, 1, 1))
    record(person, never, reference="NEV-1", ends_on=date(2027, 1, 9))
    gate = next(one for one in nomination.gates if one.kind is GateKind.PREREQUISITE)

    found = [
        (code, must, held.evidence if held else None) for code, must, held in gates.list_prerequisites(gate)
    ]

    assert found == [("C-FA-110", True, "AID-2"), ("M-DRL-1", False, "DRL-1"), ("M-NEV-1", True, None)]
    text = sign_in(director).get(f"/gates/{gate.id}").text
    assert "AID-2" in text and "not held" in text and f"/persons/{person.id}/qualifications" in text


def test_former_agency_keeps_sight_of_the_person_and_of_what_he_holds(app: Flask, sign_in: SignIn) -> None:
    agency = make_agency()
    entry = record(make_person(), make_course())
    db.session.add(
        Affiliation(
            agency_id=agency.id,
            person_id=entry.person_id,
            starts_on=date(2024, 1, 1),
            ends_on=date(2024, 6, 1),
        )
    )
    db.session.commit()

    assert sign_in(make_officer(agency)).get(f"/persons/qualifications/{entry.id}").status_code == 200


@given(
    starts=st.integers(-200, 200),
    length=st.none() | st.integers(0, 300),
    ended_by=st.none() | st.sampled_from(EndedBy),
)
def test_state_says_in_date_exactly_when_the_period_counts(
    starts: int, length: int | None, ended_by: EndedBy | None
) -> None:
    on = date(2026, 11, 22)
    starts_on = on + timedelta(days=starts)
    ends_on = None if length is None else starts_on + timedelta(days=length)

    state = judge_held(starts_on, ends_on, ended_by, on=on)

    counts = starts_on <= on and (ends_on is None or on <= ends_on)
    if ended_by is not EndedBy.REVOCATION:
        assert (state in (HeldState.IN_DATE, HeldState.ENDING)) == counts
    else:
        assert state is HeldState.REVOKED
