"""Signatures: a sheet is judged, signed and locked by an evaluator who may, and afterwards only read.

Whoever signs answers for the sheet: a draft of an assistant whose licence lapsed waits here for a qualified colleague.
"""

import hashlib
import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from accounts.models import User
from curriculum.models import Assessment, Attempt, AttemptState, Cohort, Enrolment
from curriculum.outcomes import judge_attempt, may_sign
from curriculum.reasons import sentences_of
from curriculum.schemes import AttemptRecord, Signer
from curriculum.services.attempts import (
    SheetSigned,
    list_attempts,
    list_open_conflicts,
    record_of,
    refuse_closed,
)
from curriculum.services.postings import is_qualified
from curriculum.services.records import scheme_of_assessment
from curriculum.verdicts import Verdict
from foundation import audit, clock
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _, language


class SignatureRefused(DomainError):
    """The sheet cannot be signed; `sentences` holds every reason, the message all of them in one line."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = tuple(sentences)


def judge_signature(attempt: Attempt, *, note: str | None, actor: User) -> Verdict:
    """Judge whether `actor` may sign a sheet as it stands, with every reason against it."""
    signer = Signer(
        evaluator_id=actor.id,
        posted=actor.id in attempt.instructor_ids,
        qualified=is_qualified(
            actor.id, course_id=attempt.assessment.edition.course_id, on=attempt.observed_on
        ),
        is_trainee=actor.person_id is not None and actor.person_id == attempt.person_id,
    )
    return may_sign(
        scheme_of_assessment(attempt.assessment),
        record_of(attempt),
        [
            record_of(other)
            for other in list_attempts(attempt.enrolment, attempt.assessment)
            if other is not attempt
        ],
        signer=signer,
        note=note or "",
        open_conflicts=len(list_open_conflicts(attempt)),
    )


def sign_attempt(attempt: Attempt, *, note: str | None, actor: User) -> None:
    """Sign and lock a sheet: its outcome is judged now and frozen. Raises SheetSigned and SignatureRefused with all reasons."""
    db.session.refresh(attempt, with_for_update=True)
    if attempt.state == AttemptState.SIGNED:
        raise SheetSigned(_("This sheet is signed already."))
    refuse_closed(attempt.enrolment)
    verdict = judge_signature(attempt, note=note, actor=actor)
    if not verdict.allowed:
        raise SignatureRefused(sentences_of(verdict.reasons, language=language()))
    record = record_of(attempt)
    judgement = judge_attempt(scheme_of_assessment(attempt.assessment), record.marks)
    changes = audit.changes_of(
        attempt,
        state=AttemptState.SIGNED,
        note=note,
        evaluator_id=actor.id,
        signed_at=clock.now(),
        signed_by_id=actor.id,
        outcome=judgement.outcome.value,
        score_percent=judgement.score_percent,
        content_hash=_content_hash(attempt, record),
    )
    db.session.flush()
    audit.record("attempt:signed", attempt, actor=actor, changes=changes, personal={"note"})


def list_own_drafts(
    cohort: Cohort, assessment: Assessment, *, actor: User
) -> tuple[list[Attempt], list[tuple[Attempt, list[str]]]]:
    """Return an evaluator's own drafts of an instrument: those he may sign now, and the others with what stands in the way."""
    query = (
        select(Attempt)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(
            Enrolment.cohort_id == cohort.id,
            Attempt.assessment_id == assessment.id,
            Attempt.evaluator_id == actor.id,
            Attempt.state == AttemptState.DRAFT,
        )
        .options(selectinload(Attempt.enrolment).selectinload(Enrolment.person), selectinload(Attempt.marks))
        .order_by(Enrolment.number)
    )
    ready, waiting = [], []
    for attempt in db.session.execute(query).scalars():
        verdict = judge_signature(attempt, note=None, actor=actor)
        if verdict.allowed:
            ready.append(attempt)
        else:
            waiting.append((attempt, sentences_of(verdict.reasons, language=language())))
    return ready, waiting


def _content_hash(attempt: Attempt, record: AttemptRecord) -> str:
    """Return the digest of what was signed, so that a later look can tell whether it is still the same."""
    marks = {code: str(value) for code, value in sorted(record.marks.items())}
    body = json.dumps(
        [attempt.enrolment_id, attempt.assessment_id, attempt.number, record.observed_on.isoformat(), marks]
    )
    return hashlib.sha256(body.encode()).hexdigest()
