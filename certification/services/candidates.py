"""Candidates for certification: every trainee of a cohort with his record, judged for eligibility on a day."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from certification.eligibility import (
    CertificatePolicy,
    Eligibility,
    EligibilityRecord,
    GateFact,
    judge_eligibility,
)
from certification.models import Certificate
from curriculum.models import Cohort, EditionState, Enrolment, Gate, GateState
from curriculum.services.records import TraineeRecord, judge_cohort
from foundation.db import db
from foundation.fonts import find_unprintable

_PASSED = (GateState.CLEARED, GateState.CLEARED_WITH_LIMITS, GateState.WAIVED)


@dataclass(frozen=True)
class Candidate:
    """One trainee, what speaks against his certificate (nothing: eligible), and the number he holds already."""

    record: TraineeRecord
    eligibility: Eligibility
    number: str | None

    @property
    def enrolment(self) -> Enrolment:
        return self.record.enrolment

    @property
    def is_listed(self) -> bool:
        """Return whether he is on the list that two people approve: eligible, or certified from it already."""
        return self.eligibility.eligible or self.number is not None


def list_candidates(cohort: Cohort, *, on: date) -> list[Candidate]:
    """Return every trainee of a cohort in order of their numbers, judged on a day. A handful of statements for any size."""
    records = judge_cohort(cohort)
    gates = _gather_gates(cohort)
    query = select(Certificate.enrolment_id, Certificate.number).where(Certificate.cohort_id == cohort.id)
    numbers = {enrolment_id: number for enrolment_id, number in db.session.execute(query)}
    policy = CertificatePolicy(
        course_ends_on=cohort.ends_on,
        validity_months=cohort.edition.validity_months,
        edition_published=cohort.edition.state != EditionState.DRAFT,
    )
    candidates = []
    for record in records:
        number = numbers.get(record.enrolment.id)
        facts = _facts_of(record, gates.get(record.enrolment.nomination_id, ()), number)
        candidates.append(Candidate(record, judge_eligibility(facts, policy, on), number))
    return candidates


def compute_digest(candidates: Sequence[Candidate]) -> str:
    """Return the digest of the list that is approved: who is on it, under which name, with which results.

    A change of any of these after an approval asks for a new one.
    """
    listed: list[Any] = []
    for candidate in candidates:
        if not candidate.is_listed:
            continue
        person = candidate.enrolment.person
        scores = {
            code: str(judgement.judgement.score_percent)
            for code, judgement in candidate.record.judgement.assessments.items()
            if judgement.judgement is not None
        }
        listed.append([candidate.enrolment.id, person.name_for_certificate, person.native_name, scores])
    body = json.dumps(listed, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def _gather_gates(cohort: Cohort) -> dict[int, list[GateFact]]:
    query = (
        select(Gate.nomination_id, Gate.kind, Gate.state, Gate.valid_until)
        .join(Enrolment, Enrolment.nomination_id == Gate.nomination_id)
        .where(Enrolment.cohort_id == cohort.id)
    )
    gathered: dict[int, list[GateFact]] = {}
    for nomination_id, kind, state, valid_until in db.session.execute(query):
        gathered.setdefault(nomination_id, []).append(GateFact(kind.value, state in _PASSED, valid_until))
    return gathered


def _facts_of(record: TraineeRecord, gates: Sequence[GateFact], number: str | None) -> EligibilityRecord:
    person = record.enrolment.person
    letters = find_unprintable(person.name_for_certificate) | find_unprintable(person.native_name or "")
    unsigned = sum(not attempt.signed for attempts in record.attempts.values() for attempt in attempts)
    return EligibilityRecord(
        enrolment_state=record.enrolment.state.value,
        latin_name=person.latin_name,
        certificate_name=person.name_for_certificate,
        gates=tuple(gates),
        attendance=record.judgement.attendance,
        assessments=record.judgement.assessments,
        unprintable=" ".join(sorted(letters)),
        unsigned_sheets=unsigned,
        issued_number=number,
    )
