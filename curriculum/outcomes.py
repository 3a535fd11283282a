"""Who is competent, and why not yet: the rules of passing, without database or clock.

Sources: an edition's own scheme; "pass rule" of the course catalogue (every assessment at or above its
mark, no critical-fail item, attendance at or above the minimum); assessment points 12 to 16 of the product
description.

Three decisions that the sources leave open:

* A critical failure settles an attempt at once, even with items still open: a station is stopped when
  somebody is in danger, and nobody should have to go on marking in order to write that down.
* Scores are compared exactly and shown rounded **down** to one decimal, so a page never shows "70.0" beside
  a fail.
* Missing attendance never settles a trainee's outcome; a signed make-up session can always lift it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from curriculum.schemes import (
    NOT_OBSERVED,
    AssessmentScheme,
    AttemptRecord,
    Counting,
    EditionScheme,
    ItemScheme,
    Level,
    Measure,
    Outcome,
    Presence,
    Signer,
)
from curriculum.verdicts import Reason, Verdict

HUNDRED = Decimal(100)
TENTH = Decimal("0.1")


class OutcomeReason(StrEnum):
    """Codes of everything the outcome rules can say; the sentences stand in ``curriculum.reasons``."""

    CRITICAL_ITEM_FAILED = "critical_item_failed"
    BELOW_THE_MARK = "below_the_mark"
    ITEMS_NOT_MARKED = "items_not_marked"
    NOT_ATTEMPTED = "not_attempted"
    RETAKE_OPEN = "retake_open"
    ATTEMPTS_USED_UP = "attempts_used_up"
    ATTENDANCE_SHORT = "attendance_short"
    ATTENDANCE_NOT_TAKEN = "attendance_not_taken"
    ALREADY_COMPETENT = "already_competent"
    EARLIER_ATTEMPT_UNSIGNED = "earlier_attempt_unsigned"
    RETAKE_TOO_EARLY = "retake_too_early"
    OTHER_EVALUATOR_NEEDED = "other_evaluator_needed"
    ALREADY_SIGNED = "already_signed"
    NOT_POSTED = "not_posted"
    NOT_QUALIFIED = "not_qualified"
    OWN_ASSESSMENT = "own_assessment"
    NOTE_NEEDED = "note_needed"
    CONFLICT_OPEN = "conflict_open"
    UNKNOWN_ITEM = "unknown_item"
    NOT_A_LEVEL = "not_a_level"
    NOT_A_PERCENTAGE = "not_a_percentage"
    NOT_A_MEASUREMENT = "not_a_measurement"


@dataclass(frozen=True, slots=True)
class AttemptJudgement:
    """One attempt judged.

    ``score_percent`` counts open items as nothing earned and is rounded down to 0.1.
    """

    outcome: Outcome
    score_percent: Decimal
    failed_critical: tuple[str, ...]
    missing: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class AssessmentJudgement:
    """One instrument judged over all tries.

    ``counting`` is the attempt that decides (``None`` before the first signed one); ``excluded_evaluators``
    may not take the next try; ``earliest_retake_on`` is ``None`` unless another try is open.
    """

    outcome: Outcome
    counting: AttemptRecord | None
    judgement: AttemptJudgement | None
    attempts_used: int
    attempts_left: int
    excluded_evaluators: frozenset[int]
    earliest_retake_on: date | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class AttendanceJudgement:
    """Sessions attended or made up against those required; the tuples hold session positions."""

    required: int
    attended: int
    missed: tuple[int, ...]
    untaken: tuple[int, ...]
    made_up: tuple[int, ...]
    reasons: tuple[Reason, ...]

    @property
    def met(self) -> bool:
        """True when the rule is kept, whatever happens in the sessions still to come."""
        return self.attended >= self.required


@dataclass(frozen=True, slots=True)
class TraineeJudgement:
    """One trainee's attendance, each instrument by code, and every reason that stands in the way."""

    outcome: Outcome
    attendance: AttendanceJudgement
    assessments: Mapping[str, AssessmentJudgement] = field(hash=False)
    reasons: tuple[Reason, ...]


def judge_mark(scheme: AssessmentScheme, item_code: str, value: Decimal) -> Verdict:
    """Judge whether ``value`` can be put down for an item.

    Levels take a digit of the scale or 0 for "not observed"; percentages 0 to 100 in tenths; measured
    figures any finite number that is not negative.
    """
    item = next((item for item in scheme.items if item.code == item_code), None)
    if item is None:
        return Verdict((Reason.of(OutcomeReason.UNKNOWN_ITEM, item=item_code),))
    if not value.is_finite():
        return Verdict((Reason.of(OutcomeReason.NOT_A_MEASUREMENT, item=item_code),))
    if item.measure is Measure.LEVEL:
        allowed = {NOT_OBSERVED, *(Decimal(level.value) for level in scheme.scale)}
        code, fits = OutcomeReason.NOT_A_LEVEL, value in allowed
    elif item.measure is Measure.PERCENT:
        code, fits = OutcomeReason.NOT_A_PERCENTAGE, 0 <= value <= HUNDRED and value % TENTH == 0
    else:
        code, fits = OutcomeReason.NOT_A_MEASUREMENT, value >= 0
    return Verdict(() if fits else (Reason.of(code, item=item_code),))


def judge_attempt(scheme: AssessmentScheme, marks: Mapping[str, Decimal]) -> AttemptJudgement:
    """Judge one try from its marks by item code; an absent mark, or 0 on a scale, is "not observed".

    Raises ``ValueError`` for a mark that ``judge_mark`` refuses: such a mark must never have been stored.
    """
    for code, value in marks.items():
        if refusal := judge_mark(scheme, code, value).reasons:
            raise ValueError(f"{scheme.code}: mark {value} for item {code}: {refusal[0].code}")
    levels = {Decimal(level.value): level for level in scheme.scale}
    earned = Decimal(0)
    missing: list[str] = []
    failed: list[str] = []
    for item in scheme.items:
        mark = marks.get(item.code)
        if mark is None or (item.measure is Measure.LEVEL and mark == NOT_OBSERVED):
            missing.append(item.code)
            continue
        share, fails = _judge_item(item, mark, levels)
        earned += item.weight * share
        if item.critical and fails:
            failed.append(item.code)
    exact = earned * HUNDRED
    needed = scheme.pass_mark * scheme.total_weight
    shown = (exact / scheme.total_weight).quantize(TENTH, ROUND_FLOOR)
    reasons = _attempt_reasons(scheme, shown, failed, missing, below=exact < needed)
    return AttemptJudgement(
        outcome=_attempt_outcome(failed, missing, below=exact < needed),
        score_percent=shown,
        failed_critical=tuple(failed),
        missing=tuple(missing),
        reasons=reasons,
    )


def _judge_item(item: ItemScheme, value: Decimal, levels: Mapping[Decimal, Level]) -> tuple[Decimal, bool]:
    """Return the share of the weight earned (0 to 1) and whether this mark fails a critical item."""
    if item.measure is Measure.LEVEL:
        level = levels[value]
        return level.share, level.fails_critical
    if item.measure is Measure.PERCENT:
        return value / HUNDRED, False
    within = (item.at_least is None or value >= item.at_least) and (
        item.at_most is None or value <= item.at_most
    )
    return Decimal(int(within)), not within


def _attempt_outcome(failed: Sequence[str], missing: Sequence[str], *, below: bool) -> Outcome:
    if failed:
        return Outcome.NOT_YET_COMPETENT
    if missing:
        return Outcome.INCOMPLETE
    return Outcome.NOT_YET_COMPETENT if below else Outcome.COMPETENT


def _attempt_reasons(
    scheme: AssessmentScheme, shown: Decimal, failed: Sequence[str], missing: Sequence[str], *, below: bool
) -> tuple[Reason, ...]:
    reasons = []
    if failed:
        reasons.append(
            Reason.of(OutcomeReason.CRITICAL_ITEM_FAILED, assessment=scheme.title, items=", ".join(failed))
        )
    if missing and not failed:
        reasons.append(Reason.of(OutcomeReason.ITEMS_NOT_MARKED, assessment=scheme.title, count=len(missing)))
    if below and not missing:
        reasons.append(
            Reason.of(
                OutcomeReason.BELOW_THE_MARK,
                assessment=scheme.title,
                score=shown,
                pass_mark=scheme.pass_mark,
            )
        )
    return tuple(reasons)


def judge_assessment(scheme: AssessmentScheme, attempts: Sequence[AttemptRecord]) -> AssessmentJudgement:
    """Judge one instrument over all tries, in whatever order they come; unsigned drafts do not count.

    Tries beyond ``max_attempts`` (a mistake of import or sync) are left out by number: they never help nor
    harm.
    """
    counted = _counted(scheme, attempts)
    judged = [(attempt, judge_attempt(scheme, attempt.marks)) for attempt in counted]
    left = scheme.max_attempts - len(counted)
    if not judged:
        reason = Reason.of(OutcomeReason.NOT_ATTEMPTED, assessment=scheme.title)
        return AssessmentJudgement(Outcome.IN_PROGRESS, None, None, 0, left, frozenset(), None, (reason,))
    attempt, judgement = _deciding(scheme, judged)
    if judgement.outcome is Outcome.COMPETENT:
        return AssessmentJudgement(
            Outcome.COMPETENT, attempt, judgement, len(counted), left, frozenset(), None, judgement.reasons
        )
    if left <= 0:
        used_up = Reason.of(
            OutcomeReason.ATTEMPTS_USED_UP, assessment=scheme.title, max_attempts=scheme.max_attempts
        )
        return AssessmentJudgement(
            Outcome.NOT_YET_COMPETENT,
            counting=attempt,
            judgement=judgement,
            attempts_used=len(counted),
            attempts_left=0,
            excluded_evaluators=frozenset(),
            earliest_retake_on=None,
            reasons=(*judgement.reasons, used_up),
        )
    retake_on = max(one.observed_on for one in counted) + timedelta(days=scheme.retake_wait_days)
    excluded = (
        frozenset(one.evaluator_id for one in counted) if scheme.other_evaluator_on_retake else frozenset()
    )
    open_try = Reason.of(OutcomeReason.RETAKE_OPEN, assessment=scheme.title, earliest_on=retake_on)
    return AssessmentJudgement(
        Outcome.IN_PROGRESS,
        counting=attempt,
        judgement=judgement,
        attempts_used=len(counted),
        attempts_left=left,
        excluded_evaluators=excluded,
        earliest_retake_on=retake_on,
        reasons=(*judgement.reasons, open_try),
    )


def _counted(scheme: AssessmentScheme, attempts: Sequence[AttemptRecord]) -> list[AttemptRecord]:
    """Return the signed attempts in order of number, no more than the scheme allows."""
    signed = sorted((one for one in attempts if one.signed), key=lambda one: one.number)
    return signed[: scheme.max_attempts]


def _deciding(
    scheme: AssessmentScheme, judged: Sequence[tuple[AttemptRecord, AttemptJudgement]]
) -> tuple[AttemptRecord, AttemptJudgement]:
    """Return the attempt that decides: the last, or the best (competent, then score, then the earlier)."""
    if scheme.counting is Counting.LAST:
        return judged[-1]
    return max(
        judged,
        key=lambda pair: (pair[1].outcome is Outcome.COMPETENT, pair[1].score_percent, -pair[0].number),
    )


def judge_attendance(
    required: int, sessions: Sequence[int], records: Mapping[int, Presence]
) -> AttendanceJudgement:
    """Judge attendance by session position.

    Excused is not attended; a signed make-up is.
    """
    attended, missed, untaken, made_up = 0, [], [], []
    for position in sorted(set(sessions)):
        presence = records.get(position)
        if presence is None:
            untaken.append(position)
        elif presence == Presence.PRESENT:
            attended += 1
        elif presence == Presence.MADE_UP:
            attended += 1
            made_up.append(position)
        else:
            missed.append(position)
    reasons: tuple[Reason, ...] = ()
    if attended < required:
        still_open = attended + len(untaken) >= required
        code = OutcomeReason.ATTENDANCE_NOT_TAKEN if still_open else OutcomeReason.ATTENDANCE_SHORT
        reasons = (
            Reason.of(
                code, attended=attended, required=required, sessions=len(set(sessions)), untaken=len(untaken)
            ),
        )
    return AttendanceJudgement(required, attended, tuple(missed), tuple(untaken), tuple(made_up), reasons)


def judge_trainee(
    scheme: EditionScheme,
    attendance: Mapping[int, Presence],
    attempts: Mapping[str, Sequence[AttemptRecord]],
) -> TraineeJudgement:
    """Judge a trainee on his edition: attendance by session position, attempts by assessment code.

    Competent needs the attendance rule kept and every assessment competent; one assessment whose tries are
    used up makes him not yet competent; anything else is still in progress.
    """
    presence = judge_attendance(scheme.required_sessions, scheme.sessions, attendance)
    assessments = {one.code: judge_assessment(one, attempts.get(one.code, ())) for one in scheme.assessments}
    outcomes = {judgement.outcome for judgement in assessments.values()}
    if Outcome.NOT_YET_COMPETENT in outcomes:
        outcome = Outcome.NOT_YET_COMPETENT
    elif presence.met and outcomes <= {Outcome.COMPETENT}:
        outcome = Outcome.COMPETENT
    else:
        outcome = Outcome.IN_PROGRESS
    reasons = (*presence.reasons, *(reason for one in assessments.values() for reason in one.reasons))
    return TraineeJudgement(outcome, presence, assessments, reasons)


def may_attempt(
    scheme: AssessmentScheme, attempts: Sequence[AttemptRecord], *, on: date, evaluator_id: int | None = None
) -> Verdict:
    """Judge whether another try may begin ``on`` a day, with this evaluator when he is known."""
    if any(not one.signed for one in attempts):
        return Verdict((Reason.of(OutcomeReason.EARLIER_ATTEMPT_UNSIGNED, assessment=scheme.title),))
    standing = judge_assessment(scheme, attempts)
    if standing.outcome is Outcome.COMPETENT:
        return Verdict((Reason.of(OutcomeReason.ALREADY_COMPETENT, assessment=scheme.title),))
    if standing.attempts_left <= 0:
        return Verdict(
            (
                Reason.of(
                    OutcomeReason.ATTEMPTS_USED_UP, assessment=scheme.title, max_attempts=scheme.max_attempts
                ),
            )
        )
    reasons = []
    if standing.earliest_retake_on is not None and on < standing.earliest_retake_on:
        reasons.append(
            Reason.of(
                OutcomeReason.RETAKE_TOO_EARLY,
                assessment=scheme.title,
                earliest_on=standing.earliest_retake_on,
            )
        )
    if evaluator_id is not None and evaluator_id in standing.excluded_evaluators:
        reasons.append(Reason.of(OutcomeReason.OTHER_EVALUATOR_NEEDED, assessment=scheme.title))
    return Verdict(tuple(reasons))


def may_sign(
    scheme: AssessmentScheme,
    draft: AttemptRecord,
    earlier: Sequence[AttemptRecord],
    *,
    signer: Signer,
    note: str = "",
    open_conflicts: int = 0,
) -> Verdict:
    """Judge whether ``signer`` may sign a draft; all reasons are given at once, so that all can be mended.

    ``earlier`` are the other attempts of this trainee at this assessment. A station stopped by a critical
    failure may be signed with items still open. ``note`` is the evaluator's remark to the trainee.
    """
    reasons = []
    if draft.signed:
        return Verdict((Reason.of(OutcomeReason.ALREADY_SIGNED, assessment=scheme.title),))
    if signer.is_trainee:
        reasons.append(Reason.of(OutcomeReason.OWN_ASSESSMENT))
    if not signer.posted:
        reasons.append(Reason.of(OutcomeReason.NOT_POSTED))
    if not signer.qualified:
        reasons.append(Reason.of(OutcomeReason.NOT_QUALIFIED, on=draft.observed_on))
    reasons.extend(
        may_attempt(scheme, earlier, on=draft.observed_on, evaluator_id=signer.evaluator_id).reasons
    )
    if open_conflicts:
        reasons.append(Reason.of(OutcomeReason.CONFLICT_OPEN, count=open_conflicts))
    judgement = judge_attempt(scheme, draft.marks)
    if judgement.outcome is Outcome.INCOMPLETE:
        reasons.extend(judgement.reasons)
    failed = judgement.outcome is Outcome.NOT_YET_COMPETENT
    if failed and scheme.note_required_on_fail and not note.strip():
        reasons.append(Reason.of(OutcomeReason.NOTE_NEEDED))
    return Verdict(tuple(reasons))
