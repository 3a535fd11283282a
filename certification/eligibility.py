"""Who may be certified, person by person: judged before approval and once more at issue, without database or clock.

Every obstacle is named at once. A list of refusals that grows by one reason each time somebody mends the last is how
trainees wait a month for a certificate.

When the gates count: on the last day of the course, or today while it runs. A medical clearance that ends the week
after the course was in force when it mattered; a gate that was **reversed** afterwards (a forged paper came to light)
is not passed on any day, and blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from certification.dates import compute_expiry
from curriculum.outcomes import AssessmentJudgement, AttendanceJudgement
from curriculum.schemes import Outcome
from curriculum.verdicts import Reason


class EligibilityReason(StrEnum):
    """Codes of what stands between a trainee and his certificate, beside those of the outcome rules."""

    ALREADY_ISSUED = "already_issued"
    NEVER_CAME = "never_came"
    LEFT_BEFORE_THE_END = "left_before_the_end"
    WITHDRAWN = "withdrawn"
    NOT_ENROLLED = "not_enrolled"
    COURSE_NOT_ENDED = "course_not_ended"
    EDITION_NOT_PUBLISHED = "edition_not_published"
    NO_ASSESSMENT = "no_assessment"
    NO_LATIN_NAME = "no_latin_name"
    NO_CERTIFICATE_NAME = "no_certificate_name"
    NAME_NOT_PRINTABLE = "name_not_printable"
    GATE_OPEN = "gate_open"
    GATE_ENDED = "gate_ended"
    SHEET_NOT_SIGNED = "sheet_not_signed"
    MARKS_IN_CONFLICT = "marks_in_conflict"
    APPEAL_OPEN = "appeal_open"


ENROLLED = "enrolled"
NOT_A_TRAINEE = {
    "no_show": EligibilityReason.NEVER_CAME,
    "left": EligibilityReason.LEFT_BEFORE_THE_END,
    "withdrawn": EligibilityReason.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class GateFact:
    """One gate of the nomination: whether its state lets the person through, and until when (that day included)."""

    kind: str
    passed: bool
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class EligibilityRecord:
    """All that is known of one trainee when he is to be certified.

    ``enrolment_state`` is the value stored; ``unprintable`` holds the letters of his names that no font of the
    certificate has; ``issued_number`` is that of a certificate already issued for this enrolment.
    """

    enrolment_state: str
    latin_name: str
    certificate_name: str
    gates: tuple[GateFact, ...]
    attendance: AttendanceJudgement
    assessments: Mapping[str, AssessmentJudgement] = field(hash=False)
    unprintable: str = ""
    unsigned_sheets: int = 0
    open_conflicts: int = 0
    open_appeals: int = 0
    issued_number: str | None = None


@dataclass(frozen=True, slots=True)
class CertificatePolicy:
    """What the edition and its cohort say about certificates; ``validity_months`` ``None``: they never expire."""

    course_ends_on: date
    validity_months: int | None
    edition_published: bool = True


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The answer. ``expires_on`` is the last valid day of a certificate issued on the day that was asked about."""

    reasons: tuple[Reason, ...]
    expires_on: date | None

    @property
    def eligible(self) -> bool:
        """True when nothing stands in the way."""
        return not self.reasons


def judge_eligibility(record: EligibilityRecord, policy: CertificatePolicy, on: date) -> Eligibility:
    """Judge whether a certificate may be issued to this trainee ``on`` a day, with every reason against it.

    A certificate already issued, or a trainee who is none any more, answers with that alone: the rest would be noise.
    """
    reasons = _settled(record)
    if not reasons:
        reasons = (
            *_course_reasons(record, policy, on),
            *_name_reasons(record),
            *_gate_reasons(record, min(on, policy.course_ends_on)),
            *_result_reasons(record),
        )
    return Eligibility(tuple(reasons), compute_expiry(on, policy.validity_months))


def _settled(record: EligibilityRecord) -> tuple[Reason, ...]:
    if record.issued_number is not None:
        return (Reason.of(EligibilityReason.ALREADY_ISSUED, number=record.issued_number),)
    if record.enrolment_state != ENROLLED:
        code = NOT_A_TRAINEE.get(record.enrolment_state, EligibilityReason.NOT_ENROLLED)
        return (Reason.of(code),)
    return ()


def _course_reasons(record: EligibilityRecord, policy: CertificatePolicy, on: date) -> list[Reason]:
    reasons = []
    if on < policy.course_ends_on:
        reasons.append(Reason.of(EligibilityReason.COURSE_NOT_ENDED, ends_on=policy.course_ends_on))
    if not policy.edition_published:
        reasons.append(Reason.of(EligibilityReason.EDITION_NOT_PUBLISHED))
    if not record.assessments:
        reasons.append(Reason.of(EligibilityReason.NO_ASSESSMENT))
    return reasons


def _name_reasons(record: EligibilityRecord) -> list[Reason]:
    reasons = []
    if not record.latin_name.strip():
        reasons.append(Reason.of(EligibilityReason.NO_LATIN_NAME))
    if not record.certificate_name.strip():
        reasons.append(Reason.of(EligibilityReason.NO_CERTIFICATE_NAME))
    if record.unprintable:
        reasons.append(Reason.of(EligibilityReason.NAME_NOT_PRINTABLE, letters=record.unprintable))
    return reasons


def _gate_reasons(record: EligibilityRecord, needed_on: date) -> list[Reason]:
    reasons = []
    for gate in record.gates:
        if not gate.passed:
            reasons.append(Reason.of(EligibilityReason.GATE_OPEN, gate=gate.kind))
        elif gate.valid_until is not None and gate.valid_until < needed_on:
            reasons.append(
                Reason.of(EligibilityReason.GATE_ENDED, gate=gate.kind, valid_until=gate.valid_until)
            )
    return reasons


def _result_reasons(record: EligibilityRecord) -> list[Reason]:
    reasons = list(record.attendance.reasons)
    for judgement in record.assessments.values():
        if judgement.outcome is not Outcome.COMPETENT:
            reasons.extend(judgement.reasons)
    for code, count in (
        (EligibilityReason.SHEET_NOT_SIGNED, record.unsigned_sheets),
        (EligibilityReason.MARKS_IN_CONFLICT, record.open_conflicts),
        (EligibilityReason.APPEAL_OPEN, record.open_appeals),
    ):
        if count:
            reasons.append(Reason.of(code, count=count))
    return reasons
