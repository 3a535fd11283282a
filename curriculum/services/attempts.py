"""Attempts: marks saved as they are entered, nothing that was once entered lost. Signing is `curriculum.services.signatures`.

Every value arrives as an operation with the device's own UUID and the version of the mark it was entered over. The same operation
twice is stored once. A value entered over an older version by somebody else does not win and is not lost: it is kept as a conflict
that the lead instructor decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    Mark,
    MarkOperation,
)
from curriculum.outcomes import judge_mark, may_attempt
from curriculum.reasons import sentences_of
from curriculum.schemes import AttemptRecord
from curriculum.services.records import scheme_of_assessment
from curriculum.verdicts import Verdict
from foundation import audit, clock
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _, language

APPLIED, REPEATED, CONFLICT, DECIDED = "applied", "repeated", "conflict", "decided"
CHANGES_THE_MARK = (APPLIED, DECIDED)


class RecordingClosed(DomainError):
    """Nothing can be recorded for this trainee now."""


class MarkRefused(DomainError):
    """The value cannot be put down for this item, or no further attempt may begin."""


class SheetSigned(DomainConflict):
    """The sheet is signed and locked."""


class AttemptRaced(DomainConflict):
    """Somebody else began this attempt at the same moment."""


class ConflictDecided(DomainConflict):
    """Nothing is left to decide for this item."""


class OperationReused(DomainConflict):
    """An operation's UUID came back with other content."""


@dataclass(frozen=True)
class Standing:
    """What is in force for one item: its value (None: no mark), its version, who last changed it, and whether it is disputed.

    The version counts the operations that changed the mark, cleared ones too, so that it never comes back to a number that
    another device may have seen with another value.
    """

    value: Decimal | None
    version: int
    changed_by_id: int | None
    disputed: bool


@dataclass(frozen=True)
class MarkSaved:
    """What became of an operation ('applied', 'repeated', 'conflict'), and the value and version now in force."""

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
    number: int | None = None,
) -> MarkSaved:
    """Put a value down for an item (None clears it) on the trainee's open sheet, beginning an attempt when there is none.

    `number` names the attempt the value was meant for: a value that arrives after that sheet was signed never begins the next
    one. Raises RecordingClosed, MarkRefused, SheetSigned and OperationReused. A conflict is no error: it is stored and reported.
    """
    repeated = _find_operation(uuid, enrolment, item, value, actor)
    if repeated is not None:
        return repeated
    refuse_closed(enrolment)
    if value is not None:
        _raise_unless(judge_mark(scheme_of_assessment(assessment), item.code, value), MarkRefused)
    attempt = open_attempt(enrolment, assessment, number=number, actor=actor)
    mark = _find_mark(attempt, item)
    standing = _standing(attempt, item, mark)
    outcome = _judge_operation(standing, value=value, base_version=base_version, actor=actor)
    try:
        _append_operation(
            attempt, item, uuid=uuid, value=value, base_version=base_version, outcome=outcome, actor=actor
        )
    except OperationReused:
        # The same operation arrived twice at one moment, and the other one was first.
        repeated = _find_operation(uuid, enrolment, item, value, actor)
        if repeated is None:
            raise
        return repeated
    if outcome == REPEATED:
        return MarkSaved(attempt, outcome, standing.value, standing.version)
    action = "mark:conflicted" if outcome == CONFLICT else "mark:recorded"
    if outcome == APPLIED:
        _put_down(attempt, item, mark, value, version=standing.version + 1, actor=actor)
    audit.record(action, attempt, actor=actor, changes={item.code: (standing.value, value)})
    if outcome == CONFLICT:
        return MarkSaved(attempt, outcome, standing.value, standing.version)
    return MarkSaved(attempt, outcome, value, standing.version + 1)


def decide_conflict(
    attempt: Attempt,
    item: AssessmentItem,
    *,
    value: Decimal | None,
    reason: str | None,
    uuid: UUID,
    actor: User,
) -> None:
    """Decide, as lead instructor, which of the values stands where two evaluators differ; all stay to be read.

    Raises Forbidden for anybody but the lead, SheetSigned, ConflictDecided when nothing is open for the item, and MarkRefused
    without a reason or for a value that nobody entered.
    """
    if actor.id not in attempt.lead_ids:
        raise Forbidden(_("Only the lead instructor of the cohort decides between two evaluators."))
    db.session.refresh(attempt, with_for_update=True)
    if attempt.state == AttemptState.SIGNED:
        raise SheetSigned(_("This sheet is signed."))
    open_values = [
        operation.value for operation in list_open_conflicts(attempt) if operation.item_id == item.id
    ]
    if not open_values:
        raise ConflictDecided(_("This conflict is decided already."))
    if not reason:
        raise MarkRefused(_("Say why this value stands."), field="reason")
    mark = _find_mark(attempt, item)
    standing = _standing(attempt, item, mark)
    if value != standing.value and value not in open_values:
        raise MarkRefused(_("Choose one of the values that the evaluators entered."), field="value")
    _append_operation(
        attempt, item, uuid=uuid, value=value, base_version=standing.version, outcome=DECIDED, actor=actor
    )
    _put_down(attempt, item, mark, value, version=standing.version + 1, actor=actor)
    changes = {item.code: (standing.value, value)}
    audit.record("mark:decided", attempt, actor=actor, reason=reason, changes=changes)


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
    undecided: dict[int, list[MarkOperation]] = {}
    for operation in list_operations(attempt):
        if operation.outcome == CONFLICT:
            undecided.setdefault(operation.item_id, []).append(operation)
        elif operation.outcome == DECIDED:
            undecided.pop(operation.item_id, None)
    return [operation for operations in undecided.values() for operation in operations]


def list_operations(attempt: Attempt) -> list[MarkOperation]:
    """Return every value ever entered on a sheet, in order of arrival."""
    query = select(MarkOperation).where(MarkOperation.attempt_id == attempt.id).order_by(MarkOperation.id)
    return list(db.session.execute(query).scalars())


def standing_of(attempt: Attempt, item: AssessmentItem) -> Standing:
    """Return what is in force for an item of a sheet."""
    return _standing(attempt, item, _find_mark(attempt, item))


def _find_operation(
    uuid: UUID, enrolment: Enrolment, item: AssessmentItem, value: Decimal | None, actor: User
) -> MarkSaved | None:
    """Return what became of an operation that was stored before; raise OperationReused if it was another one."""
    operation = db.session.execute(
        select(MarkOperation).where(MarkOperation.uuid == str(uuid))
    ).scalar_one_or_none()
    if operation is None:
        return None
    attempt = db.session.get_one(Attempt, operation.attempt_id)
    before = (attempt.enrolment_id, operation.item_id, operation.value, operation.recorded_by_id)
    if before != (enrolment.id, item.id, value, actor.id):
        raise OperationReused(_("This entry was saved before with another value. Enter it again."))
    standing = _standing(attempt, item, _find_mark(attempt, item))
    return MarkSaved(attempt, operation.outcome, standing.value, standing.version)


def _standing(attempt: Attempt, item: AssessmentItem, mark: Mark | None) -> Standing:
    query = (
        select(MarkOperation.outcome, MarkOperation.recorded_by_id)
        .where(MarkOperation.attempt_id == attempt.id, MarkOperation.item_id == item.id)
        .order_by(MarkOperation.id)
    )
    version, changed_by, disputed = 0, None, False
    for outcome, recorded_by in db.session.execute(query):
        if outcome in CHANGES_THE_MARK:
            version, changed_by = version + 1, recorded_by
        if outcome in (CONFLICT, DECIDED):
            disputed = outcome == CONFLICT
    if mark is not None:
        version, changed_by = max(version, mark.version), mark.recorded_by_id
    return Standing(mark.value if mark is not None else None, version, changed_by, disputed)


def _judge_operation(standing: Standing, *, value: Decimal | None, base_version: int, actor: User) -> str:
    """Return what becomes of a value.

    An equal one changes nothing; one's own later value wins; over a colleague's newer one, and while a dispute is open, it
    waits for the lead instructor.
    """
    if value == standing.value:
        return REPEATED
    if standing.disputed:
        return CONFLICT
    seen = base_version >= standing.version or standing.changed_by_id in (None, actor.id)
    return APPLIED if seen else CONFLICT


def refuse_closed(enrolment: Enrolment) -> None:
    """Raise RecordingClosed unless the trainee is in the cohort and the cohort runs."""
    if enrolment.state != EnrolmentState.ENROLLED:
        raise RecordingClosed(
            _("This trainee is not in the cohort at present, so nothing can be recorded for him.")
        )
    if enrolment.cohort.state != CohortState.RUNNING:
        raise RecordingClosed(
            _("Marks can be recorded while the cohort runs. It has not begun, or is closed.")
        )


def open_attempt(enrolment: Enrolment, assessment: Assessment, *, number: int | None, actor: User) -> Attempt:
    """Return the draft in hand, locked, or begin the next attempt if the rules allow one today."""
    attempts = _lock_attempts(enrolment, assessment)
    drafted = bool(attempts) and attempts[-1].state == AttemptState.DRAFT
    if number is not None and number != len(attempts) + (0 if drafted else 1):
        raise SheetSigned(_("This sheet was signed meanwhile. The value was not recorded."))
    if drafted:
        return _take_draft(attempts, assessment, actor=actor)
    try:
        return _begin_attempt(enrolment, assessment, attempts, actor=actor)
    except AttemptRaced:
        attempts = _lock_attempts(enrolment, assessment)
        if not attempts or attempts[-1].state == AttemptState.SIGNED:
            raise
        return _take_draft(attempts, assessment, actor=actor)


def _lock_attempts(enrolment: Enrolment, assessment: Assessment) -> list[Attempt]:
    """Return the attempts in order, as they stand now, and hold them: who signs meanwhile waits, or has signed already."""
    query = (
        select(Attempt)
        .where(Attempt.enrolment_id == enrolment.id, Attempt.assessment_id == assessment.id)
        .order_by(Attempt.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(query).scalars())


def _take_draft(attempts: Sequence[Attempt], assessment: Assessment, *, actor: User) -> Attempt:
    draft = attempts[-1]
    if len(attempts) > 1:
        earlier = [record_of(attempt) for attempt in attempts[:-1]]
        scheme = scheme_of_assessment(assessment)
        _raise_unless(may_attempt(scheme, earlier, on=draft.observed_on, evaluator_id=actor.id), MarkRefused)
    return draft


def _begin_attempt(
    enrolment: Enrolment, assessment: Assessment, attempts: Sequence[Attempt], *, actor: User
) -> Attempt:
    on = clock.today(enrolment.cohort.time_zone)
    records = [record_of(attempt) for attempt in attempts]
    verdict = may_attempt(scheme_of_assessment(assessment), records, on=on, evaluator_id=actor.id)
    _raise_unless(verdict, SheetSigned if attempts else MarkRefused)
    attempt = Attempt(
        agency_id=enrolment.agency_id,
        enrolment_id=enrolment.id,
        assessment_id=assessment.id,
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
    attempt: Attempt,
    item: AssessmentItem,
    mark: Mark | None,
    value: Decimal | None,
    *,
    version: int,
    actor: User,
) -> None:
    """Bring the mark in force to a value and a version; None takes the mark away."""
    if value is None:
        if mark is not None:
            db.session.delete(mark)
    elif mark is None:
        db.session.add(
            Mark(
                agency_id=attempt.agency_id,
                attempt_id=attempt.id,
                item_id=item.id,
                value=value,
                version=version,
                recorded_by_id=actor.id,
                recorded_at=clock.now(),
            )
        )
    else:
        mark.value, mark.version = value, version
        mark.recorded_by_id, mark.recorded_at = actor.id, clock.now()
    db.session.flush()
    db.session.expire(attempt, ["marks"])


def record_of(attempt: Attempt) -> AttemptRecord:
    """Return an attempt as the rules see it."""
    return AttemptRecord(
        number=attempt.number,
        marks={mark.item.code: mark.value for mark in attempt.marks},
        observed_on=attempt.observed_on,
        evaluator_id=attempt.evaluator_id,
        signed=attempt.state == AttemptState.SIGNED,
    )


def _raise_unless(verdict: Verdict, error: type[DomainError]) -> None:
    if not verdict.allowed:
        sentences: Sequence[str] = sentences_of(verdict.reasons, language=language())
        raise error(" ".join(sentences))
