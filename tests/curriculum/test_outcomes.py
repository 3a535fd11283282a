"""The passing rules on the acceptance story's course."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from curriculum.catalogue.loading import read_editions
from curriculum.outcomes import (
    OutcomeReason,
    judge_assessment,
    judge_attempt,
    judge_attendance,
    judge_mark,
    judge_trainee,
    may_attempt,
    may_sign,
)
from curriculum.schemes import AttemptRecord, Counting, Outcome, Presence, Signer
from curriculum.verdicts import Verdict

EDITION = next(edition for edition in read_editions() if edition.course.code == "MCM-201").scheme()
STATION = EDITION.assessments[0]
PAPER = EDITION.assessments[3]
DAY_FOUR, DAY_FIVE = date(2026, 11, 12), date(2026, 11, 13)
OLD_HAND, COLLEAGUE, TRAINEE = 7, 8, 99


def all_marked(level: int, **others: int) -> dict[str, Decimal]:
    marks = {item.code: Decimal(level) for item in STATION.items}
    return marks | {code: Decimal(value) for code, value in others.items()}


def station_try(
    number: int = 1, level: int = 3, *, by: int = OLD_HAND, signed: bool = True, **others: int
) -> AttemptRecord:
    return AttemptRecord(number, all_marked(level, **others), DAY_FOUR, by, signed)


def paper_try(number: int, score: str, on: date = DAY_FOUR) -> AttemptRecord:
    return AttemptRecord(number, {"score": Decimal(score)}, on, OLD_HAND)


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def present(*positions: int, made_up: tuple[int, ...] = ()) -> dict[int, Presence]:
    absent = dict.fromkeys(EDITION.sessions, Presence.ABSENT)
    return absent | dict.fromkeys(positions, Presence.PRESENT) | dict.fromkeys(made_up, Presence.MADE_UP)


# --- one attempt


def test_station_done_correctly_throughout_is_competent_at_ninety_percent() -> None:
    judgement = judge_attempt(STATION, all_marked(3))
    assert (judgement.outcome, judgement.score_percent) == (Outcome.COMPETENT, Decimal("90.0"))
    assert judgement.reasons == ()


def test_station_done_only_after_prompting_fails_below_the_mark_and_on_both_critical_items() -> None:
    judgement = judge_attempt(STATION, all_marked(2))
    assert judgement.outcome is Outcome.NOT_YET_COMPETENT
    assert judgement.score_percent == Decimal("50.0")
    assert judgement.failed_critical == ("T02", "T06")


def test_critical_item_failed_outweighs_full_marks_elsewhere() -> None:
    judgement = judge_attempt(STATION, all_marked(4, T06=1))
    assert judgement.score_percent > STATION.pass_mark
    assert judgement.outcome is Outcome.NOT_YET_COMPETENT
    assert [reason.code for reason in judgement.reasons] == [OutcomeReason.CRITICAL_ITEM_FAILED]


def test_not_observed_leaves_the_attempt_incomplete() -> None:
    judgement = judge_attempt(STATION, all_marked(4, T01=0))
    assert (judgement.outcome, judgement.missing) == (Outcome.INCOMPLETE, ("T01",))


def test_station_stopped_at_a_dangerous_act_is_judged_without_the_items_never_reached() -> None:
    judgement = judge_attempt(STATION, {"T01": Decimal(3), "T02": Decimal(1)})
    assert judgement.outcome is Outcome.NOT_YET_COMPETENT
    assert len(judgement.missing) == 10


@pytest.mark.parametrize(
    ("score", "outcome"),
    [("70.0", Outcome.COMPETENT), ("69.9", Outcome.NOT_YET_COMPETENT), ("68", Outcome.NOT_YET_COMPETENT)],
)
def test_written_paper_passes_at_its_mark_and_not_a_tenth_below(score: str, outcome: Outcome) -> None:
    judgement = judge_attempt(PAPER, {"score": Decimal(score)})
    assert judgement.outcome is outcome
    assert (judgement.reasons == ()) is (outcome is Outcome.COMPETENT)


@pytest.mark.parametrize(
    ("scheme", "item", "value", "code"),
    [
        (STATION, "T99", "3", OutcomeReason.UNKNOWN_ITEM),
        (STATION, "T01", "5", OutcomeReason.NOT_A_LEVEL),
        (STATION, "T01", "2.5", OutcomeReason.NOT_A_LEVEL),
        (PAPER, "score", "100.1", OutcomeReason.NOT_A_PERCENTAGE),
        (PAPER, "score", "69.95", OutcomeReason.NOT_A_PERCENTAGE),
        (PAPER, "score", "-1", OutcomeReason.NOT_A_PERCENTAGE),
        (PAPER, "score", "NaN", OutcomeReason.NOT_A_MEASUREMENT),
    ],
)
def test_impossible_mark_is_refused_with_its_reason(scheme, item: str, value: str, code: str) -> None:  # type: ignore[no-untyped-def]
    assert codes(judge_mark(scheme, item, Decimal(value))) == [code]
    with pytest.raises(ValueError, match=item):
        judge_attempt(scheme, {item: Decimal(value)})


# --- several attempts


def test_fail_then_pass_by_another_evaluator_is_competent_on_the_second() -> None:
    judgement = judge_assessment(STATION, [station_try(1, T06=1), station_try(2, by=COLLEAGUE)])
    assert judgement.outcome is Outcome.COMPETENT
    assert judgement.counting is not None and judgement.counting.number == 2


def test_second_and_last_fail_uses_up_the_attempts() -> None:
    judgement = judge_assessment(STATION, [station_try(1, T06=1), station_try(2, 2, by=COLLEAGUE)])
    assert (judgement.outcome, judgement.attempts_left) == (Outcome.NOT_YET_COMPETENT, 0)
    assert judgement.reasons[-1].code == OutcomeReason.ATTEMPTS_USED_UP


def test_third_attempt_never_counts() -> None:
    failed = [station_try(1, 2), station_try(2, 2, by=COLLEAGUE)]
    assert judge_assessment(STATION, [*failed, station_try(3, 4, by=11)]) == judge_assessment(STATION, failed)


def test_best_and_last_attempt_differ_when_a_pass_came_first() -> None:
    attempts = [station_try(1), station_try(2, 2, by=COLLEAGUE)]
    assert judge_assessment(STATION, attempts).outcome is Outcome.COMPETENT
    last = judge_assessment(replace(STATION, counting=Counting.LAST), attempts)
    assert (last.outcome, last.counting) == (Outcome.NOT_YET_COMPETENT, attempts[1])


def test_best_of_two_fails_is_the_higher_score_and_of_equals_the_earlier() -> None:
    one, two = station_try(1, 2), station_try(2, 2, by=COLLEAGUE, T01=3)
    assert judge_assessment(STATION, [one, two]).counting == two
    assert judge_assessment(STATION, [one, station_try(2, 2, by=COLLEAGUE)]).counting == one


def test_unsigned_draft_does_not_count() -> None:
    assert judge_assessment(STATION, [station_try(signed=False)]).outcome is Outcome.IN_PROGRESS


def test_first_fail_at_a_station_excludes_its_evaluator_and_leaves_one_try() -> None:
    judgement = judge_assessment(STATION, [station_try(1, 2)])
    assert (judgement.attempts_left, judgement.excluded_evaluators) == (1, frozenset({OLD_HAND}))
    assert judgement.earliest_retake_on == DAY_FOUR


def test_paper_of_w_fails_at_sixty_eight_and_passes_at_seventy_after_the_appeal() -> None:
    first = paper_try(1, "64.0")
    assert (
        judge_assessment(PAPER, [first, paper_try(2, "68.0", DAY_FIVE)]).outcome is Outcome.NOT_YET_COMPETENT
    )
    assert judge_assessment(PAPER, [first, paper_try(2, "70.0", DAY_FIVE)]).outcome is Outcome.COMPETENT


# --- attendance and the trainee


def test_eight_of_ten_sessions_block_until_a_make_up_is_signed() -> None:
    short = judge_attendance(9, EDITION.sessions, present(1, 2, 3, 4, 5, 6, 7, 8))
    assert (short.met, short.missed) == (False, (9, 10))
    assert short.reasons[0].code == OutcomeReason.ATTENDANCE_SHORT
    lifted = judge_attendance(9, EDITION.sessions, present(1, 2, 3, 4, 5, 6, 7, 8, made_up=(9,)))
    assert (lifted.met, lifted.made_up, lifted.reasons) == (True, (9,), ())


def test_sessions_not_recorded_yet_are_asked_for_before_anyone_is_called_short() -> None:
    records = dict.fromkeys(range(1, 6), Presence.PRESENT)
    judgement = judge_attendance(9, EDITION.sessions, records)
    assert judgement.reasons[0].code == OutcomeReason.ATTENDANCE_NOT_TAKEN


def test_excused_absence_is_not_attended() -> None:
    records = present(*range(1, 9)) | {9: Presence.EXCUSED}
    assert judge_attendance(9, EDITION.sessions, records).attended == 8


def passed_everything() -> dict[str, list[AttemptRecord]]:
    attempts = {
        one.code: [AttemptRecord(1, {item.code: Decimal(3) for item in one.items}, DAY_FOUR, OLD_HAND)]
        for one in EDITION.assessments[:3]
    }
    return attempts | {"WP": [paper_try(1, "82.0")]}


def test_trainee_with_all_passed_and_nine_sessions_is_competent() -> None:
    judgement = judge_trainee(EDITION, present(*range(1, 10)), passed_everything())
    assert (judgement.outcome, judgement.reasons) == (Outcome.COMPETENT, ())


def test_trainee_short_of_attendance_is_in_progress_with_one_plain_reason() -> None:
    judgement = judge_trainee(EDITION, present(*range(1, 9)), passed_everything())
    assert judgement.outcome is Outcome.IN_PROGRESS
    assert [reason.code for reason in judgement.reasons] == [OutcomeReason.ATTENDANCE_SHORT]


def test_trainee_with_one_assessment_used_up_is_not_yet_competent_whatever_the_rest() -> None:
    attempts = passed_everything() | {"ST1": [station_try(1, 2), station_try(2, 2, by=COLLEAGUE)]}
    assert judge_trainee(EDITION, present(*range(1, 11)), attempts).outcome is Outcome.NOT_YET_COMPETENT


def test_trainee_without_attempts_is_in_progress() -> None:
    judgement = judge_trainee(EDITION, {}, {})
    assert judgement.outcome is Outcome.IN_PROGRESS
    assert [reason.code for reason in judgement.reasons].count(OutcomeReason.NOT_ATTEMPTED) == 4


# --- may he, may she


def test_retake_of_the_paper_waits_a_day() -> None:
    attempts = [paper_try(1, "64.0")]
    assert codes(may_attempt(PAPER, attempts, on=DAY_FOUR)) == [OutcomeReason.RETAKE_TOO_EARLY]
    assert may_attempt(PAPER, attempts, on=DAY_FIVE).allowed


def test_retake_of_a_station_needs_another_evaluator() -> None:
    attempts = [station_try(1, 2)]
    assert codes(may_attempt(STATION, attempts, on=DAY_FOUR, evaluator_id=OLD_HAND)) == [
        OutcomeReason.OTHER_EVALUATOR_NEEDED
    ]
    assert may_attempt(STATION, attempts, on=DAY_FOUR, evaluator_id=COLLEAGUE).allowed


def test_nobody_tries_again_after_passing_nor_after_the_last_attempt_nor_beside_an_open_draft() -> None:
    passed, used_up = [station_try(1)], [station_try(1, 2), station_try(2, 2, by=COLLEAGUE)]
    assert codes(may_attempt(STATION, passed, on=DAY_FIVE)) == [OutcomeReason.ALREADY_COMPETENT]
    assert codes(may_attempt(STATION, used_up, on=DAY_FIVE)) == [OutcomeReason.ATTEMPTS_USED_UP]
    draft = [station_try(1, signed=False)]
    assert codes(may_attempt(STATION, draft, on=DAY_FIVE)) == [OutcomeReason.EARLIER_ATTEMPT_UNSIGNED]


def sign(draft: AttemptRecord, *earlier: AttemptRecord, by: int = COLLEAGUE, posted: bool = True,
         qualified: bool = True, note: str = "", conflicts: int = 0) -> list[str]:  # fmt: skip
    signer = Signer(by, posted=posted, qualified=qualified, is_trainee=by == TRAINEE)
    return codes(may_sign(STATION, draft, earlier, signer=signer, note=note, open_conflicts=conflicts))


def test_posted_and_qualified_evaluator_signs_a_complete_pass_without_a_note() -> None:
    assert sign(station_try(signed=False)) == []


def test_assistant_whose_qualification_lapsed_cannot_sign() -> None:
    assert sign(station_try(signed=False), qualified=False) == [OutcomeReason.NOT_QUALIFIED]


def test_nobody_signs_for_himself_nor_unposted() -> None:
    assert sign(station_try(signed=False), by=TRAINEE, posted=False) == [
        OutcomeReason.OWN_ASSESSMENT,
        OutcomeReason.NOT_POSTED,
    ]


def test_fail_needs_a_note_of_more_than_spaces() -> None:
    failed = station_try(1, 2, signed=False)
    assert sign(failed, note="  ") == [OutcomeReason.NOTE_NEEDED]
    assert sign(failed, note="Bleeding control was left until prompted twice.") == []


def test_retake_signed_by_the_first_evaluator_is_refused() -> None:
    assert sign(station_try(2, signed=False), station_try(1, 2), by=OLD_HAND) == [
        OutcomeReason.OTHER_EVALUATOR_NEEDED
    ]


def test_sheet_with_open_items_or_open_conflict_cannot_be_signed() -> None:
    assert sign(station_try(1, T01=0, signed=False), conflicts=1) == [
        OutcomeReason.CONFLICT_OPEN,
        OutcomeReason.ITEMS_NOT_MARKED,
    ]


def test_stopped_station_is_signed_with_its_note_and_open_items() -> None:
    stopped = AttemptRecord(1, {"T02": Decimal(1)}, DAY_FOUR, COLLEAGUE, signed=False)
    assert sign(stopped, note="Walked under the unsupported wall; stopped.") == []


def test_signed_attempt_is_not_signed_again() -> None:
    assert sign(station_try()) == [OutcomeReason.ALREADY_SIGNED]
