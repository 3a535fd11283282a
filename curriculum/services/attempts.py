"""Attempts: marks saved as they are entered, sheets signed and locked, nothing that was once entered lost.

Every value arrives as an operation with the device's own UUID and the version of the mark it was entered over. The same operation
twice is stored once. A value entered over an older version by somebody else does not win and is not lost: it is kept as a conflict
that the lead instructor decides.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from accounts.models import User
from curriculum.models import (
    Assessment,
    AssessmentItem,
    Attempt,
    AttemptState,
    CohortState,
    Enrolment,
    EnrolmentState,
    EvaluatorQualification,
    Mark,
    MarkOperation,
)
from curriculum.outcomes import judge_attempt, judge_mark, may_attempt, may_sign
from curriculum.reasons import sentences_of
from curriculum.schemes import AttemptRecord, Signer
from curriculum.services.records import scheme_of_assessment
from curriculum.verdicts import Verdict
from foundation import audit, clock
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _, language

APPLIED, CONFLICT, DECIDED = "applied", "conflict", "decided"


class RecordingClosed(DomainError):
    """Nothing can be recorded for this trainee now."""


class MarkRefused(DomainError):
    """The value cannot be put down for this item, or no further attempt may begin."""


class SheetSigned(DomainConflict):
    """The sheet is signed and locked."""


class SignatureRefused(DomainError):
    """The sheet cannot be signed; the message holds every reason."""


class AttemptRaced(DomainConflict):
    """Somebody else began this attempt at the same moment."""


class OperationReused(DomainConflict):
    """An operation's UUID came back with other content."""


@dataclass(frozen=True)
class MarkSaved:
    """What became of an operation: 'applied' or 'conflict', and the value and version now in force."""

    attempt: Attempt
    outcome: str
    value: Decimal | None
    version: int


def save_mark(
    enrolment: Enrolment,
    assessment: Assessment,
    item: AssessmentItem,
    *,
    value: Decimal | None,
    base_version: int,
    uuid: UUID,
    actor: User,
) -> MarkSaved:
    """Put a value down for an item (None clears it) on the trainee's open sheet, beginning an attempt when there is none.

    Raises RecordingClosed, MarkRefused, SheetSigned and OperationReused. A conflict is no error: it is stored and reported.
    """
    repeated = _find_operation(uuid, item, value, actor)
    if repeated is not None:
        return repeated
    _refuse_closed(enrolment)
    if value is not None:
        _raise_unless(judge_mark(scheme_of_assessment(assessment), item.code, value), MarkRefused)
    attempt = _open_attempt(enrolment, assessment, actor=actor)
    mark = _find_mark(attempt, item)
    old, version = (mark.value, mark.version) if mark is not None else (None, 0)
    entered_over_other = (
        mark is not None and base_version < version and mark.recorded_by_id != actor.id and old != value
    )
    outcome = CONFLICT if entered_over_other else APPLIED
    _append_operation(
        attempt, item, uuid=uuid, value=value, base_version=base_version, outcome=outcome, actor=actor
    )
    if outcome == CONFLICT:
        audit.record("mark:conflicted", attempt, actor=actor, changes={item.code: (old, value)})
        return MarkSaved(attempt, CONFLICT, old, version)
    version = _put_down(attempt, item, mark, value, actor=actor)
    audit.record("mark:recorded", attempt, actor=actor, changes={item.code: (old, value)})
    return MarkSaved(attempt, APPLIED, value, version)


def decide_conflict(
    attempt: Attempt, item: AssessmentItem, *, value: Decimal, reason: str | None, uuid: UUID, actor: User
) -> None:
    """Decide, as lead instructor, which value stands where two evaluators differ; both stay to be read.

    Raises Forbidden for anybody but the lead, SheetSigned, and MarkRefused without a reason.
    """
    if actor.id not in attempt.lead_ids:
        raise Forbidden(_("Only the lead instructor of the cohort decides between two evaluators."))
    if attempt.state == AttemptState.SIGNED:
        raise SheetSigned(_("This sheet is signed."))
    if not reason:
        raise MarkRefused(_("Say why this value stands."), field="reason")
    _raise_unless(judge_mark(scheme_of_assessment(attempt.assessment), item.code, value), MarkRefused)
    mark = _find_mark(attempt, item)
    old = mark.value if mark is not None else None
    base = mark.version if mark is not None else 0
    _append_operation(attempt, item, uuid=uuid, value=value, base_version=base, outcome=DECIDED, actor=actor)
    _put_down(attempt, item, mark, value, actor=actor)
    audit.record("mark:decided", attempt, actor=actor, reason=reason, changes={item.code: (old, value)})


def sign_attempt(attempt: Attempt, *, note: str | None, actor: User) -> None:
    """Sign and lock a sheet: its outcome is judged now and frozen. Raises SheetSigned and SignatureRefused with all reasons."""
    db.session.refresh(attempt, with_for_update=True)
    if attempt.state == AttemptState.SIGNED:
        raise SheetSigned(_("This sheet is signed already."))
    scheme = scheme_of_assessment(attempt.assessment)
    draft = _record_of(attempt)
    signer = Signer(
        evaluator_id=actor.id,
        posted=actor.id in attempt.instructor_ids,
        qualified=is_qualified(actor, course_id=attempt.assessment.edition.course_id, on=attempt.observed_on),
        is_trainee=actor.person_id is not None and actor.person_id == attempt.person_id,
    )
    earlier = [
        _record_of(other)
        for other in list_attempts(attempt.enrolment, attempt.assessment)
        if other is not attempt
    ]
    verdict = may_sign(
        scheme,
        draft,
        earlier,
        signer=signer,
        note=note or "",
        open_conflicts=len(list_open_conflicts(attempt)),
    )
    _raise_unless(verdict, SignatureRefused)
    judgement = judge_attempt(scheme, draft.marks)
    changes = audit.changes_of(
        attempt,
        state=AttemptState.SIGNED,
        note=note,
        evaluator_id=actor.id,
        signed_at=clock.now(),
        signed_by_id=actor.id,
        outcome=judgement.outcome.value,
        score_percent=judgement.score_percent,
        content_hash=_content_hash(attempt, draft),
    )
    db.session.flush()
    audit.record("attempt:signed", attempt, actor=actor, changes=changes, personal={"note"})


def is_qualified(user: User, *, course_id: int, on: date) -> bool:
    """Return whether an instructor holds a licence in date to evaluate a course on a day."""
    query = select(EvaluatorQualification.id).where(
        EvaluatorQualification.user_id == user.id,
        EvaluatorQualification.course_id == course_id,
        EvaluatorQualification.starts_on <= on,
        (EvaluatorQualification.ends_on.is_(None)) | (EvaluatorQualification.ends_on >= on),
    )
    return db.session.execute(query.limit(1)).scalar() is not None


def list_attempts(enrolment: Enrolment, assessment: Assessment) -> list[Attempt]:
    """Return a trainee's attempts at an assessment in order."""
    query = (
        select(Attempt)
        .where(Attempt.enrolment_id == enrolment.id, Attempt.assessment_id == assessment.id)
        .order_by(Attempt.number)
    )
    return list(db.session.execute(query).scalars())


def list_open_conflicts(attempt: Attempt) -> list[MarkOperation]:
    """Return the operations that conflict and have not been decided since."""
    query = select(MarkOperation).where(MarkOperation.attempt_id == attempt.id).order_by(MarkOperation.id)
    undecided: dict[int, list[MarkOperation]] = {}
    for operation in db.session.execute(query).scalars():
        if operation.outcome == CONFLICT:
            undecided.setdefault(operation.item_id, []).append(operation)
        elif operation.outcome == DECIDED:
            undecided.pop(operation.item_id, None)
    return [operation for operations in undecided.values() for operation in operations]


def _find_operation(uuid: UUID, item: AssessmentItem, value: Decimal | None, actor: User) -> MarkSaved | None:
    operation = db.session.execute(
        select(MarkOperation).where(MarkOperation.uuid == str(uuid))
    ).scalar_one_or_none()
    if operation is None:
        return None
    if (operation.item_id, operation.value, operation.recorded_by_id) != (item.id, value, actor.id):
        raise OperationReused(_("This entry was saved before with another value. Enter it again."))
    attempt = db.session.get_one(Attempt, operation.attempt_id)
    mark = _find_mark(attempt, item)
    return MarkSaved(
        attempt,
        operation.outcome,
        mark.value if mark is not None else None,
        mark.version if mark is not None else 0,
    )


def _refuse_closed(enrolment: Enrolment) -> None:
    if enrolment.state != EnrolmentState.ENROLLED:
        raise RecordingClosed(
            _("This trainee is not in the cohort at present, so nothing can be recorded for him.")
        )
    if enrolment.cohort.state != CohortState.RUNNING:
        raise RecordingClosed(
            _("Marks can be recorded while the cohort runs. It has not begun, or is closed.")
        )


def _open_attempt(enrolment: Enrolment, assessment: Assessment, *, actor: User) -> Attempt:
    """Return the draft in hand, locked, or begin the next attempt if the rules allow one today."""
    attempts = list_attempts(enrolment, assessment)
    if attempts and attempts[-1].state == AttemptState.DRAFT:
        draft = attempts[-1]
        db.session.refresh(draft, with_for_update=True)
        if draft.state == AttemptState.SIGNED:
            raise SheetSigned(_("This sheet was signed a moment ago."))
        return draft
    on = clock.today(enrolment.cohort.time_zone)
    records = [_record_of(attempt) for attempt in attempts]
    verdict = may_attempt(scheme_of_assessment(assessment), records, on=on, evaluator_id=actor.id)
    _raise_unless(verdict, SheetSigned if attempts else MarkRefused)
    attempt = Attempt(
        agency_id=enrolment.agency_id,
        enrolment=enrolment,
        assessment=assessment,
        number=len(attempts) + 1,
        state=AttemptState.DRAFT,
        evaluator_id=actor.id,
        observed_on=on,
        started_at=clock.now(),
    )
    raced = AttemptRaced(_("A colleague began this sheet at the same moment. Save the mark again."))
    with conflict_as("uq_attempt_enrolment_id_assessment_id_number", raced):
        db.session.add(attempt)
    audit.record("attempt:started", attempt, actor=actor, changes={"number": (None, attempt.number)})
    return attempt


def _find_mark(attempt: Attempt, item: AssessmentItem) -> Mark | None:
    query = select(Mark).where(Mark.attempt_id == attempt.id, Mark.item_id == item.id)
    return db.session.execute(query).scalar_one_or_none()


def _append_operation(
    attempt: Attempt,
    item: AssessmentItem,
    *,
    uuid: UUID,
    value: Decimal | None,
    base_version: int,
    outcome: str,
    actor: User,
) -> None:
    operation = MarkOperation(
        agency_id=attempt.agency_id,
        uuid=str(uuid),
        attempt_id=attempt.id,
        item_id=item.id,
        value=value,
        base_version=base_version,
        outcome=outcome,
        recorded_by_id=actor.id,
        recorded_at=clock.now(),
    )
    with conflict_as("uq_mark_operation_uuid", OperationReused(_("This entry is being saved already."))):
        db.session.add(operation)


def _put_down(
    attempt: Attempt, item: AssessmentItem, mark: Mark | None, value: Decimal | None, *, actor: User
) -> int:
    """Bring the mark in force to a value and return its version; a cleared mark counts as "not observed"."""
    if mark is None:
        if value is None:
            return 0
        mark = Mark(agency_id=attempt.agency_id, attempt=attempt, item=item, value=value, version=0)
        db.session.add(mark)
    mark.version += 1
    mark.recorded_by_id, mark.recorded_at = actor.id, clock.now()
    if value is None:
        db.session.delete(mark)
        db.session.flush()
        return 0
    mark.value = value
    db.session.flush()
    return mark.version


def _record_of(attempt: Attempt) -> AttemptRecord:
    return AttemptRecord(
        number=attempt.number,
        marks={mark.item.code: mark.value for mark in attempt.marks},
        observed_on=attempt.observed_on,
        evaluator_id=attempt.evaluator_id,
        signed=attempt.state == AttemptState.SIGNED,
    )


def _content_hash(attempt: Attempt, record: AttemptRecord) -> str:
    """Return the digest of what was signed, so that a later look can tell whether it is still the same."""
    marks = {code: str(value) for code, value in sorted(record.marks.items())}
    body = json.dumps(
        [attempt.enrolment_id, attempt.assessment_id, attempt.number, record.observed_on.isoformat(), marks]
    )
    return hashlib.sha256(body.encode()).hexdigest()


def _raise_unless(verdict: Verdict, error: type[DomainError]) -> None:
    if not verdict.allowed:
        sentences: Sequence[str] = sentences_of(verdict.reasons, language=language())
        raise error(" ".join(sentences))
