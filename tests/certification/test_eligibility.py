"""Who may be certified, on trainees of the acceptance story."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.eligibility import (
    CertificatePolicy,
    EligibilityReason,
    EligibilityRecord,
    GateFact,
    judge_eligibility,
)
from curriculum.catalogue.loading import read_editions
from curriculum.outcomes import OutcomeReason, TraineeJudgement, judge_trainee
from curriculum.schemes import AttemptRecord, Presence

EDITION = next(edition for edition in read_editions() if edition.course.code == "MCM-201").scheme()
LAST_DAY, TODAY = date(2026, 11, 13), date(2026, 11, 22)
POLICY = CertificatePolicy(course_ends_on=LAST_DAY, validity_months=36)
GATES = tuple(
    GateFact(kind, passed=True) for kind in ("medical", "vetting", "language", "document", "prerequisite")
)


def judged(*, sessions: int = 10, paper: str = "82", tries: int = 1) -> TraineeJudgement:
    attempts = {
        one.code: [AttemptRecord(1, {item.code: Decimal(3) for item in one.items}, LAST_DAY, 1)]
        for one in EDITION.assessments[:3]
    }
    attempts["WP"] = [AttemptRecord(n, {"score": Decimal(paper)}, LAST_DAY, n) for n in range(1, tries + 1)]
    presence = {p: Presence.PRESENT if p <= sessions else Presence.ABSENT for p in EDITION.sessions}
    return judge_trainee(EDITION, presence, attempts)


def trainee(judgement: TraineeJudgement | None = None) -> EligibilityRecord:
    judgement = judgement or judged()
    return EligibilityRecord(
        enrolment_state="enrolled",
        latin_name="SALEM AL HADDAD",
        certificate_name="Salem Al-Haddad",
        gates=GATES,
        attendance=judgement.attendance,
        assessments=judgement.assessments,
    )


def codes(record: EligibilityRecord, policy: CertificatePolicy = POLICY, on: date = TODAY) -> list[str]:
    return [reason.code for reason in judge_eligibility(record, policy, on).reasons]


def test_competent_trainee_is_eligible_and_valid_through_the_anniversary() -> None:
    answer = judge_eligibility(trainee(), POLICY, TODAY)
    assert (answer.eligible, answer.expires_on) == (True, date(2029, 11, 22))


def test_course_without_validity_gives_a_certificate_without_expiry() -> None:
    answer = judge_eligibility(trainee(), replace(POLICY, validity_months=None), TODAY)
    assert (answer.eligible, answer.expires_on) == (True, None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"latin_name": " "}, EligibilityReason.NO_LATIN_NAME),
        ({"certificate_name": ""}, EligibilityReason.NO_CERTIFICATE_NAME),
        ({"unprintable": "ꙮ"}, EligibilityReason.NAME_NOT_PRINTABLE),
        ({"gates": (GateFact("vetting", passed=False),)}, EligibilityReason.GATE_OPEN),
        ({"unsigned_sheets": 1}, EligibilityReason.SHEET_NOT_SIGNED),
        ({"open_conflicts": 1}, EligibilityReason.MARKS_IN_CONFLICT),
        ({"open_appeals": 1}, EligibilityReason.APPEAL_OPEN),
        ({"enrolment_state": "no_show"}, EligibilityReason.NEVER_CAME),
        ({"enrolment_state": "left"}, EligibilityReason.LEFT_BEFORE_THE_END),
        ({"enrolment_state": "withdrawn"}, EligibilityReason.WITHDRAWN),
        ({"enrolment_state": "visiting"}, EligibilityReason.NOT_ENROLLED),
        ({"issued_number": "MCM201-7-001"}, EligibilityReason.ALREADY_ISSUED),
        ({"assessments": {}}, EligibilityReason.NO_ASSESSMENT),
    ],
)  # fmt: skip
def test_one_obstacle_gives_its_one_reason(change: dict[str, object], code: str) -> None:
    assert codes(replace(trainee(), **change)) == [code]  # type: ignore[arg-type]


def test_eight_of_ten_sessions_block_with_the_attendance_reason() -> None:
    assert codes(trainee(judged(sessions=8))) == [OutcomeReason.ATTENDANCE_SHORT]


def test_w_with_sixty_eight_on_the_retake_is_refused_with_score_and_attempts() -> None:
    assert codes(trainee(judged(paper="68", tries=2))) == [
        OutcomeReason.BELOW_THE_MARK,
        OutcomeReason.ATTEMPTS_USED_UP,
    ]


def test_failed_first_paper_that_was_passed_on_the_retake_leaves_no_trace_against_him() -> None:
    judgement = judged(paper="82", tries=2)
    assert codes(trainee(judgement)) == []


def test_clearance_that_ended_after_the_course_does_not_block_and_one_that_ended_before_does() -> None:
    after = GateFact("medical", passed=True, valid_until=LAST_DAY)
    before = GateFact("medical", passed=True, valid_until=date(2026, 11, 12))
    assert codes(replace(trainee(), gates=(after,))) == []
    assert codes(replace(trainee(), gates=(before,))) == [EligibilityReason.GATE_ENDED]


def test_nobody_is_certified_before_the_last_day_nor_on_a_draft() -> None:
    assert codes(trainee(), on=date(2026, 11, 12)) == [EligibilityReason.COURSE_NOT_ENDED]
    assert codes(trainee(), on=LAST_DAY) == []
    assert codes(trainee(), replace(POLICY, edition_published=False)) == [
        EligibilityReason.EDITION_NOT_PUBLISHED
    ]


def test_all_obstacles_are_named_at_once() -> None:
    record = replace(trainee(judged(sessions=8)), latin_name="", open_conflicts=2)
    assert codes(record) == [
        EligibilityReason.NO_LATIN_NAME,
        OutcomeReason.ATTENDANCE_SHORT,
        EligibilityReason.MARKS_IN_CONFLICT,
    ]


OBSTACLES = {
    "enrolment_state": "left",
    "latin_name": "",
    "certificate_name": "",
    "gates": (GateFact("vetting", passed=False),),
    "attendance": judged(sessions=5).attendance,
    "assessments": judged(paper="10", tries=2).assessments,
    "unprintable": "ꙮ",
    "unsigned_sheets": 3,
    "open_conflicts": 1,
    "open_appeals": 1,
    "issued_number": "MCM201-7-001",
}


@given(st.sets(st.sampled_from(sorted(OBSTACLES))))
def test_any_set_of_obstacles_refuses_and_only_none_lets_through(chosen: set[str]) -> None:
    record = replace(trainee(), **{name: OBSTACLES[name] for name in chosen})  # type: ignore[arg-type]
    assert judge_eligibility(record, POLICY, TODAY).eligible is (not chosen)


def test_every_field_of_the_record_is_among_the_obstacles() -> None:
    assert {one.name for one in fields(EligibilityRecord)} == set(OBSTACLES)
