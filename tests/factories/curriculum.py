"""Factories of the curriculum floor: a small course, a cohort of it, trainees with passed gates."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Agency, Person, User
from curriculum.models import (
    Assessment,
    AssessmentItem,
    AssessmentKind,
    Cohort,
    CohortSession,
    CohortState,
    Course,
    CourseDirector,
    Edition,
    EditionState,
    Enrolment,
    EnrolmentState,
    EvaluatorQualification,
    Gate,
    GateKind,
    GateState,
    Nomination,
    NominationState,
    Outcome,
    PlannedSession,
    Posting,
    PostingRole,
)
from curriculum.schemes import Measure
from foundation import clock
from foundation.db import db
from tests.factories.accounts import make_person, make_user

_numbers = count(1)
SCALE = [
    {"value": 1, "label": {"en": "Not done", "ar": "لم يُنفذ", "fr": "Non fait"}, "share": "0", "fails_critical": True},
    {"value": 2, "label": {"en": "Partly", "ar": "جزئيًا", "fr": "En partie"}, "share": "0.5", "fails_critical": True},
    {"value": 3, "label": {"en": "Done", "ar": "مُنفذ", "fr": "Fait"}, "share": "1", "fails_critical": False},
]


def texts(english: str) -> dict[str, str]:
    return {"en": english, "ar": "نص", "fr": f"{english} (fr)"}


def make_course(code: str | None = None, *, director: User | None = None, **values: Any) -> Course:
    course = Course(code=code or f"TST-{next(_numbers)}", **{"titles": texts("Test course"), "domain": "medical"} | values)
    db.session.add(course)
    db.session.flush()
    if director is not None:
        db.session.add(CourseDirector(course_id=course.id, user_id=director.id))
        db.session.flush()
        db.session.refresh(course)
    return course


def make_edition(course: Course | None = None, *, sessions: int = 4, items: int = 3, **values: Any) -> Edition:
    """A published edition: half-day sessions, one station of items (the first critical) and a written paper."""
    edition = Edition(
        course=course or make_course(),
        **{
            "number": "1.0",
            "state": EditionState.PUBLISHED,
            "titles": texts("Test edition"),
            "hours": Decimal(sessions * 4),
            "sessions_required": sessions - 1,
            "validity_months": 36,
            "statement": {},
        }
        | values,
    )
    edition.sessions = [
        PlannedSession(
            position=n + 1, day=n // 2 + 1, half=("am", "pm")[n % 2], titles=texts(f"Session {n + 1}"), hours=Decimal(4)
        )
        for n in range(sessions)
    ]
    edition.outcomes = [Outcome(position=1, texts=texts("Leads triage"))]
    edition.assessments = [
        Assessment(
            code="ST1",
            position=1,
            kind=AssessmentKind.STATION,
            titles=texts("Station 1"),
            pass_mark=Decimal(70),
            other_evaluator_on_retake=True,
            scale=SCALE,
            items=[
                AssessmentItem(
                    code=f"I{n + 1}", position=n + 1, texts=texts(f"Item {n + 1}"), weight=Decimal(1), critical=n == 0
                )
                for n in range(items)
            ],
        ),
        Assessment(
            code="WR",
            position=2,
            kind=AssessmentKind.WRITTEN,
            titles=texts("Written paper"),
            pass_mark=Decimal(70),
            scale=[],
            items=[
                AssessmentItem(
                    code="score", position=1, texts=texts("Score"), weight=Decimal(1), measure=Measure.PERCENT
                )
            ],
        ),
    ]
    db.session.add(edition)
    db.session.flush()
    return edition


def make_cohort(edition: Edition | None = None, **values: Any) -> Cohort:
    edition = edition or make_edition()
    number = next(_numbers)
    starts_on = values.pop("starts_on", date(2026, 11, 16))
    cohort = Cohort(
        edition=edition,
        **{
            "number": number,
            "code": f"{edition.course.code}/{number}",
            "starts_on": starts_on,
            "ends_on": starts_on + timedelta(days=max(0, (len(edition.sessions) - 1) // 2)),
            "seats": 20,
            "venue": texts("Training ground"),
            "country": "JO",
            "languages": ["ar", "en"],
            "time_zone": "Asia/Amman",
            "state": CohortState.RUNNING,
            "created_at": clock.now(),
        }
        | values,
    )
    cohort.sessions = [
        CohortSession(
            planned=planned,
            position=planned.position,
            on=starts_on + timedelta(days=planned.day - 1),
            half=planned.half,
            titles=planned.titles,
            hours=planned.hours,
        )
        for planned in edition.sessions
    ]
    db.session.add(cohort)
    db.session.flush()
    return cohort


def post_instructor(cohort: Cohort, user: User, *, lead: bool = False, qualified: bool = True) -> Posting:
    posting = Posting(cohort=cohort, user=user, role=PostingRole.LEAD if lead else PostingRole.INSTRUCTOR)
    db.session.add(posting)
    if qualified:
        db.session.add(
            EvaluatorQualification(user_id=user.id, course_id=cohort.edition.course_id, starts_on=date(2020, 1, 1))
        )
    db.session.flush()
    return posting


def make_nomination(
    cohort: Cohort, agency: Agency, person: Person | None = None, *, gates: GateState = GateState.CLEARED, **values: Any
) -> Nomination:
    from accounts.permissions import Role

    person = person or make_person(agency)
    nominator = values.pop("nominated_by", None) or make_user(Role.AGENCY_OFFICER, agency=agency)
    nomination = Nomination(
        cohort=cohort,
        agency=agency,
        person=person,
        **{
            "rank": next(_numbers),
            "state": NominationState.NOMINATED,
            "nominated_at": clock.now(),
            "nominated_by_id": nominator.id,
        }
        | values,
    )
    nomination.gates = [Gate(agency_id=agency.id, kind=kind, state=gates) for kind in GateKind]
    db.session.add(nomination)
    db.session.flush()
    return nomination


def make_enrolment(cohort: Cohort, agency: Agency, person: Person | None = None, **values: Any) -> Enrolment:
    nomination = make_nomination(cohort, agency, person, state=NominationState.CONFIRMED)
    enrolment = Enrolment(
        cohort=cohort,
        agency=agency,
        person=nomination.person,
        nomination=nomination,
        **{"number": next(_numbers), "state": EnrolmentState.ENROLLED, "enrolled_at": clock.now()} | values,
    )
    db.session.add(enrolment)
    db.session.flush()
    return enrolment
