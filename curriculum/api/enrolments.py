"""Enrolments of the own agency's trainees: who has a seat, and how each stands by attendance and assessment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from flask import g
from sqlalchemy import select

from accounts.models import ApiScope, Person
from accounts.permissions import Permission
from curriculum.api.nominations import CohortCode
from curriculum.api.places import at_place
from curriculum.models import Cohort, Enrolment, EnrolmentState
from curriculum.outcomes import AssessmentJudgement
from curriculum.reasons import sentences_of
from curriculum.schemes import Outcome
from curriculum.services.records import judge_cohort
from foundation.access import requires, visible
from foundation.api.operations import Listing, PageQuery, api_blueprint, list_page, operation
from foundation.api.shapes import Says
from foundation.i18n import language

bp = api_blueprint("enrolments", __name__)


@dataclass(frozen=True)
class EnrolmentRecord:
    """A person with a seat in a cohort."""

    cohort: str
    person: str
    name: str
    native_name: str | None
    number: Annotated[int, Says("The trainee's number in the cohort.")]
    state: EnrolmentState
    enrolled_at: datetime


@dataclass(frozen=True)
class AttendanceRecord:
    """Sessions attended or made up, against those that the edition requires."""

    attended: int
    required: int
    missed: Annotated[Sequence[int], Says("The sessions missed, by their position.")]
    made_up: Annotated[Sequence[int], Says("The sessions made up, by their position.")]


@dataclass(frozen=True)
class AssessmentRecord:
    """How a trainee stands in one instrument; the score is that of the attempt that counts."""

    code: str
    outcome: Outcome
    score_percent: Decimal | None
    attempts_used: int
    attempts_left: int


@dataclass(frozen=True)
class TraineeRecord:
    """A trainee with his attendance and results."""

    enrolment: EnrolmentRecord
    outcome: Outcome | None
    attendance: AttendanceRecord | None
    assessments: Sequence[AssessmentRecord]
    reasons: Annotated[Sequence[str], Says("What stands in the way, in sentences.")]


@dataclass(frozen=True)
class EnrolmentsQuery(PageQuery):
    """Which enrolments."""

    cohort: CohortCode | None = None
    state: EnrolmentState | None = None


@bp.get("/enrolments", endpoint="list")
@requires(Permission.ASSESSMENT_READ)
@operation(ApiScope.NOMINATIONS_READ, answer=EnrolmentRecord, listing=True, query=EnrolmentsQuery)
def list_enrolments(query: EnrolmentsQuery) -> Listing:
    """List the agency's trainees, in the order in which their seats were confirmed."""
    columns: list[Any] = [
        Enrolment.number,
        Enrolment.state,
        Enrolment.enrolled_at,
        Cohort.code.label("cohort"),
        Person.public_ref,
        Person.given_names,
        Person.family_name,
        Person.native_name,
    ]
    wanted = (
        select(*columns)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(visible(Enrolment, g.viewer))
    )
    if query.cohort is not None:
        wanted = wanted.where(Cohort.code == query.cohort)
    if query.state is not None:
        wanted = wanted.where(Enrolment.state == query.state)
    page = list_page(wanted, keys=[Enrolment.enrolled_at, Cohort.code, Person.public_ref], asked=query)
    records = [
        EnrolmentRecord(
            cohort=row.cohort,
            person=row.public_ref,
            name=f"{row.given_names} {row.family_name}".strip(),
            native_name=row.native_name,
            number=row.number,
            state=row.state,
            enrolled_at=row.enrolled_at,
        )
        for row in page.rows
    ]
    return Listing(records, page.next_cursor)


@bp.get("/enrolments/<place:enrolment_place>")
@requires(Permission.ASSESSMENT_READ, on=Enrolment, by="place", meaning=at_place(Enrolment))
@operation(ApiScope.NOMINATIONS_READ, answer=TraineeRecord)
def show(enrolment: Enrolment) -> TraineeRecord:
    """Read one trainee with attendance and results."""
    record = _record(enrolment)
    judged = next(iter(judge_cohort(enrolment.cohort, enrolment_ids=[enrolment.id])), None)
    if judged is None:  # the seat was given up before the cohort began
        return TraineeRecord(record, None, None, (), ())
    judgement, attendance = judged.judgement, judged.judgement.attendance
    return TraineeRecord(
        enrolment=record,
        outcome=judgement.outcome,
        attendance=AttendanceRecord(
            attendance.attended, attendance.required, attendance.missed, attendance.made_up
        ),
        assessments=_assessments(judgement.assessments),
        reasons=list(sentences_of(judgement.reasons, language=language())),
    )


def _record(enrolment: Enrolment) -> EnrolmentRecord:
    person = enrolment.person
    return EnrolmentRecord(
        cohort=enrolment.cohort.code,
        person=person.public_ref,
        name=person.latin_name,
        native_name=person.native_name,
        number=enrolment.number,
        state=enrolment.state,
        enrolled_at=enrolment.enrolled_at,
    )


def _assessments(judged: Mapping[str, AssessmentJudgement]) -> list[AssessmentRecord]:
    return [
        AssessmentRecord(
            code=code,
            outcome=one.outcome,
            score_percent=one.judgement.score_percent if one.judgement is not None and one.counting else None,
            attempts_used=one.attempts_used,
            attempts_left=one.attempts_left,
        )
        for code, one in judged.items()
    ]
