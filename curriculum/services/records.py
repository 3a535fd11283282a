"""Records of trainees as the rules see them: what the database holds of a cohort, gathered in a few statements and judged.

Everything that shows or uses an outcome (results, eligibility, reports) comes through here, so that two pages cannot differ.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from curriculum.models import (
    Assessment,
    Attempt,
    AttemptState,
    Attendance,
    Cohort,
    CohortSession,
    Edition,
    Enrolment,
    EnrolmentState,
    Mark,
)
from curriculum.outcomes import TraineeJudgement, judge_trainee
from curriculum.schemes import (
    AssessmentScheme,
    AttemptRecord,
    EditionScheme,
    ItemScheme,
    Level,
    Presence,
)
from curriculum.texts import LocalText
from foundation.db import db


@dataclass(frozen=True)
class TraineeRecord:
    """One trainee of a cohort with everything recorded of him, judged by the rules of his edition."""

    enrolment: Enrolment
    presences: Mapping[int, Presence]
    attempts: Mapping[str, Sequence[AttemptRecord]]
    judgement: TraineeJudgement


def scheme_of_assessment(assessment: Assessment) -> AssessmentScheme:
    """Return an instrument as the rules see it."""
    return AssessmentScheme(
        code=assessment.code,
        title=local_text(assessment.titles),
        kind=assessment.kind,
        pass_mark=assessment.pass_mark,
        items=tuple(
            ItemScheme(item.code, item.weight, item.critical, item.measure, item.at_least, item.at_most)
            for item in assessment.items
        ),
        scale=tuple(_level(entry) for entry in assessment.scale),
        max_attempts=assessment.max_attempts,
        retake_wait_days=assessment.retake_wait_days,
        other_evaluator_on_retake=assessment.other_evaluator_on_retake,
        counting=assessment.counting,
        note_required_on_fail=assessment.note_required_on_fail,
    )


def scheme_of_edition(edition: Edition, sessions: Sequence[int]) -> EditionScheme:
    """Return what an edition asks, for the session positions that a cohort really has."""
    return EditionScheme(
        required_sessions=edition.sessions_required,
        sessions=tuple(sessions),
        assessments=tuple(scheme_of_assessment(assessment) for assessment in edition.assessments),
    )


def judge_cohort(cohort: Cohort, *, enrolment_ids: Sequence[int] | None = None) -> list[TraineeRecord]:
    """Return the record of every trainee of a cohort (or of some), in order of their numbers.

    Those who never came or left are judged too; who may be certified is the business of eligibility.
    """
    edition = load_edition(cohort.edition_id)
    scheme = scheme_of_edition(edition, _list_positions(cohort))
    query = (
        select(Enrolment)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state != EnrolmentState.WITHDRAWN)
        .options(selectinload(Enrolment.person))
        .order_by(Enrolment.number)
    )
    if enrolment_ids is not None:
        query = query.where(Enrolment.id.in_(enrolment_ids))
    enrolments = list(db.session.execute(query).scalars())
    presences = _gather_presences(cohort)
    attempts = _gather_attempts(cohort, edition)
    records = []
    for enrolment in enrolments:
        present, tried = presences.get(enrolment.id, {}), attempts.get(enrolment.id, {})
        records.append(TraineeRecord(enrolment, present, tried, judge_trainee(scheme, present, tried)))
    return records


def load_edition(edition_id: int) -> Edition:
    """Return an edition with its assessments and items, in three statements whatever their number."""
    query = (
        select(Edition)
        .where(Edition.id == edition_id)
        .options(selectinload(Edition.assessments).selectinload(Assessment.items))
    )
    return db.session.execute(query).scalar_one()


def local_text(texts: Mapping[str, str]) -> LocalText:
    """Return a text kept in the database, English standing in for a language that is missing."""
    english = texts.get("en", "")
    return LocalText(en=english, ar=texts.get("ar") or english, fr=texts.get("fr") or english)


def _level(entry: Mapping[str, Any]) -> Level:
    return Level(int(entry["value"]), local_text(entry["label"]), Decimal(entry["share"]), bool(entry["fails_critical"]))


def _list_positions(cohort: Cohort) -> list[int]:
    query = select(CohortSession.position).where(CohortSession.cohort_id == cohort.id).order_by(CohortSession.position)
    return list(db.session.execute(query).scalars())


def _gather_presences(cohort: Cohort) -> dict[int, dict[int, Presence]]:
    rows = db.session.execute(
        select(Attendance.enrolment_id, CohortSession.position, Attendance.presence)
        .join(CohortSession, CohortSession.id == Attendance.cohort_session_id)
        .where(CohortSession.cohort_id == cohort.id)
    )
    gathered: dict[int, dict[int, Presence]] = defaultdict(dict)
    for enrolment_id, position, presence in rows:
        gathered[enrolment_id][position] = presence
    return gathered


def _gather_attempts(cohort: Cohort, edition: Edition) -> dict[int, dict[str, list[AttemptRecord]]]:
    items = {item.id: item.code for assessment in edition.assessments for item in assessment.items}
    codes = {assessment.id: assessment.code for assessment in edition.assessments}
    of_cohort = select(Attempt.id).join(Enrolment).where(Enrolment.cohort_id == cohort.id)
    marks: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for attempt_id, item_id, value in db.session.execute(
        select(Mark.attempt_id, Mark.item_id, Mark.value).where(Mark.attempt_id.in_(of_cohort))
    ):
        marks[attempt_id][items[item_id]] = value
    gathered: dict[int, dict[str, list[AttemptRecord]]] = defaultdict(lambda: defaultdict(list))
    for row in db.session.execute(
        select(
            Attempt.id,
            Attempt.enrolment_id,
            Attempt.assessment_id,
            Attempt.number,
            Attempt.observed_on,
            Attempt.evaluator_id,
            Attempt.state,
        ).where(Attempt.id.in_(of_cohort))
    ):
        record = AttemptRecord(
            number=row.number,
            marks=marks.get(row.id, {}),
            observed_on=row.observed_on,
            evaluator_id=row.evaluator_id,
            signed=row.state == AttemptState.SIGNED,
        )
        gathered[row.enrolment_id][codes[row.assessment_id]].append(record)
    return gathered
