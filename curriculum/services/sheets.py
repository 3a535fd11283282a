"""Whole sheets: many values of one evaluator about one trainee, saved together in a few statements.

What `attempts.save_mark` does for one value: an item nobody has touched takes its value at once, any other goes that way, with its
versions and conflicts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert

from accounts.models import User
from curriculum.models import Assessment, AssessmentItem, Attempt, Enrolment, Mark, MarkOperation
from curriculum.outcomes import judge_mark
from curriculum.reasons import sentences_of
from curriculum.services.attempts import (
    APPLIED,
    MarkRefused,
    OperationReused,
    list_operations,
    open_attempt,
    refuse_closed,
    save_mark,
)
from curriculum.services.records import scheme_of_assessment
from foundation import audit, clock
from foundation.db import conflict_as, db
from foundation.i18n import _, language


@dataclass(frozen=True)
class SheetEntry:
    """One value for one item, entered over the version that the evaluator saw; `uuid` is the device's own for this entry."""

    item: AssessmentItem
    value: Decimal
    uuid: UUID
    base_version: int = 0


def save_sheet(
    enrolment: Enrolment, assessment: Assessment, entries: Sequence[SheetEntry], *, actor: User
) -> Attempt:
    """Put down many values on the trainee's open sheet, beginning an attempt when there is none; return the attempt.

    Raises RecordingClosed, MarkRefused, SheetSigned and OperationReused, and then keeps none of the values.
    """
    refuse_closed(enrolment)
    scheme = scheme_of_assessment(assessment)
    for entry in entries:
        verdict = judge_mark(scheme, entry.item.code, entry.value)
        if not verdict.allowed:
            raise MarkRefused(" ".join(sentences_of(verdict.reasons, language=language())))
    attempt = open_attempt(enrolment, assessment, number=None, actor=actor)
    touched = {operation.item_id for operation in list_operations(attempt)}
    _put_down_first(attempt, [entry for entry in entries if entry.item.id not in touched], actor=actor)
    for entry in entries:
        if entry.item.id in touched:
            save_mark(
                enrolment,
                assessment,
                entry.item,
                value=entry.value,
                base_version=entry.base_version,
                uuid=entry.uuid,
                actor=actor,
            )
    return attempt


def _put_down_first(attempt: Attempt, entries: Sequence[SheetEntry], *, actor: User) -> None:
    """Store the first value of each of these items, with its operation."""
    if not entries:
        return
    whose = {
        "attempt_id": attempt.id,
        "agency_id": attempt.agency_id,
        "recorded_by_id": actor.id,
        "recorded_at": clock.now(),
    }
    operations = [
        whose
        | {
            "uuid": str(entry.uuid),
            "item_id": entry.item.id,
            "value": entry.value,
            "base_version": entry.base_version,
            "outcome": APPLIED,
        }
        for entry in entries
    ]
    marks = [whose | {"item_id": entry.item.id, "value": entry.value, "version": 1} for entry in entries]
    with conflict_as("uq_mark_operation_uuid", OperationReused(_("This entry is being saved already."))):
        db.session.execute(insert(MarkOperation), operations)
    db.session.execute(insert(Mark), marks)
    db.session.expire(attempt, ["marks"])
    audit.record_many(
        [
            audit.Change("mark:recorded", attempt, changes={entry.item.code: (None, entry.value)})
            for entry in entries
        ],
        actor=actor,
    )
