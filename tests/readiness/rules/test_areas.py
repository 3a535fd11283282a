"""Areas become levels by the one rule set: each boundary, what is not known, and what caps."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.assessment import (
    AreaResult,
    EquipmentResult,
    ExerciseResult,
    Level,
    PositionResult,
    RequirementResult,
)
from readiness.rules import areas
from readiness.rules.inputs import TeamInput
from readiness.rules.periods import count_months, intersect, last_day_of_cover
from readiness.standards.data import AreaRule
from readiness.standards.loading import read_rules

RULES = read_rules()
ON = date(2026, 11, 22)
TEAM = TeamInput("T", {}, "A", ON, 0, datetime(2026, 11, 22, tzinfo=UTC), (), (), (), (), ())


def position(filled: int, need: int, *, key: bool = False, mandatory: bool = False) -> PositionResult:
    return PositionResult("POS", {}, need, filled, key, (), (), 0, mandatory)


def line(have: int, need: int, *, critical: bool = False, code: str = "EQ") -> EquipmentResult:
    return EquipmentResult(code, {}, "medical", "each", need, have, have, critical, (), ())


def requirement(
    state: str, *, critical: bool = False, kind: str = "document", code: str = "R"
) -> RequirementResult:
    return RequirementResult(code, {}, kind, critical, state, "", None, "planning", "P")


def area(code: str, level: Level | None) -> AreaResult:
    return AreaResult(code, level, "", None, None, None, None, (), ())


def test_rule_set_is_the_one_that_comes_with_the_standards() -> None:
    assert [(rule.code, rule.bands, rule.key, rule.unit) for rule in RULES.areas] == [
        ("P", (90, 80, 70), (85, 75, 65), "percent"),
        ("S", (90, 80, 65), (), "percent"),
        ("R", (90, 70, 60), (), "percent"),
        ("T", (85, 70, 55), (), "percent"),
        ("X", (12, 18, 24), (), "months"),
        ("D", (90, 80, 70), (), "percent"),
    ]


@pytest.mark.parametrize(
    ("part", "whole", "level"),
    [
        (100, 100, 1),
        (90, 100, 1),
        (8999, 10000, 2),
        (80, 100, 2),
        (7999, 10000, 3),
        (70, 100, 3),
        (6999, 10000, 4),
        (0, 1, 4),
        (9, 10, 1),
        (17, 18, 1),
    ],
)
def test_share_at_its_boundaries(part: int, whole: int, level: int) -> None:
    assert areas.judge_share(part, whole, (90, 80, 70)) == level


@pytest.mark.parametrize(("months", "level"), [(0, 1), (12, 1), (13, 2), (18, 2), (19, 3), (24, 3), (25, 4)])
def test_months_at_their_boundaries(months: int, level: int) -> None:
    assert areas.judge_months(months, (12, 18, 24)) == level


@given(st.integers(1, 5000), st.data())
def test_share_equals_the_rule_read_as_fractions(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    percent = Fraction(100 * part, whole)
    expected = 1 if percent >= 90 else 2 if percent >= 80 else 3 if percent >= 70 else 4
    assert areas.judge_share(part, whole, (90, 80, 70)) == expected


def test_key_positions_do_not_hide_in_the_average() -> None:
    found = areas.judge_people(
        RULES.area("P"), [position(1, 2, key=True), position(4, 4, key=True), position(94, 94)]
    )
    assert (found.level, found.binding) == (Level.READY_WITH_LIMITS, ("band:key",))
    assert found.figure == "99 of 100"


def test_empty_mandatory_position_caps_at_4_and_a_half_filled_one_does_not() -> None:
    rest = [position(98, 98)]
    empty = areas.judge_people(RULES.area("P"), [position(0, 2, mandatory=True), *rest])
    half = areas.judge_people(RULES.area("P"), [position(1, 2, mandatory=True), *rest])
    assert (empty.level, empty.binding) == (Level.NOT_READY, ("mandatory:POS",))
    assert half.level is Level.READY


def test_unmet_critical_line_caps_at_4_and_another_one_does_not() -> None:
    lines = [line(99, 100), line(1, 2, critical=True, code="C")]
    assert areas.judge_on_hand(RULES.area("S"), lines).binding == ("critical:C",)
    assert areas.judge_on_hand(RULES.area("S"), lines).level is Level.NOT_READY
    assert areas.judge_on_hand(RULES.area("S"), [line(99, 100), line(1, 2)]).level is Level.READY


def test_usable_is_judged_by_its_own_bands() -> None:
    lines = [replace(line(80, 100), usable=70)]
    assert areas.judge_on_hand(RULES.area("S"), lines).level is Level.READY_WITH_LIMITS
    assert areas.judge_usable(RULES.area("R"), lines).level is Level.READY_WITH_LIMITS
    assert areas.judge_usable(RULES.area("R"), [replace(line(80, 100), usable=69)]).level is Level.LIMITED


def test_documents_without_any_evidence_are_not_known() -> None:
    found = areas.judge_documents(RULES.area("D"), [requirement("unknown"), requirement("not_applicable")])
    assert (found.level, found.figure, found.part) == (None, "", None)


def test_critical_requirement_without_evidence_leaves_the_area_not_known_unless_it_is_4_already() -> None:
    met = [requirement("met") for _ in range(20)]
    unknown = requirement("unknown", critical=True, code="U")
    found = areas.judge_documents(RULES.area("D"), [*met, unknown])
    assert (found.level, found.binding) == (None, ("unknown:U",))
    unmet = requirement("not_met", critical=True, code="N")
    found = areas.judge_documents(RULES.area("D"), [*met, unknown, unmet])
    assert (found.level, found.binding) == (Level.NOT_READY, ("critical:N",))


def test_lines_that_do_not_apply_or_are_counted_from_people_are_no_part_of_the_share() -> None:
    lines = [
        requirement("met"),
        requirement("not_applicable"),
        requirement("not_met", kind="skill"),
        requirement("unknown", kind="individual"),
    ]
    found = areas.judge_documents(RULES.area("D"), lines)
    assert (found.part, found.whole, found.level) == (1, 1, Level.READY)


def test_exercise_counts_months_begun_since_the_last_that_counts() -> None:
    held = [
        ExerciseResult("field", {}, date(2025, 11, 22), 8, True, True),
        ExerciseResult("field", {}, date(2026, 11, 1), 8, False, False),
    ]
    found = areas.judge_exercise(RULES.area("X"), held, TEAM)
    assert (found.months, found.level, found.binding) == (12, Level.READY, ("band:months",))
    late = areas.judge_exercise(RULES.area("X"), held, replace(TEAM, on=date(2026, 11, 23)))
    assert (late.months, late.level) == (13, Level.READY_WITH_LIMITS)
    assert areas.judge_exercise(RULES.area("X"), [], TEAM).level is None


@given(st.lists(st.sampled_from([1, 2, 3, 4, None]), min_size=1, max_size=6))
def test_overall_is_the_worst_and_not_known_unless_something_is_4(levels: list[int | None]) -> None:
    found, worst = areas.judge_overall(
        [area(f"A{n}", Level(level) if level else None) for n, level in enumerate(levels)]
    )
    if 4 in levels:
        expected: int | None = 4
    elif None in levels:
        expected = None
    else:
        expected = max(level for level in levels if level is not None)
    assert found == expected
    assert worst == tuple(f"A{n}" for n, level in enumerate(levels) if level == expected)


@given(st.dates(date(1995, 1, 1), date(2080, 1, 1)), st.integers(0, 20_000))
def test_months_are_the_fewest_whose_anniversary_has_not_passed(start: date, days: int) -> None:
    on = date.fromordinal(start.toordinal() + days)
    months = count_months(start, on)
    calendar = (on.year - start.year) * 12 + on.month - start.month
    assert months in (calendar, calendar + 1)
    assert months >= ceil(days / 31)
    assert months <= days / 28 + 1


SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30) | st.none()).map(
        lambda pair: (
            date.fromordinal(730000 + pair[0]),
            None if pair[1] is None else date.fromordinal(730000 + pair[0] + pair[1]),
        )
    ),
    max_size=4,
)


def covers(spans: list[tuple[date, date | None]], day: date) -> bool:
    return any(start <= day and (end is None or day <= end) for start, end in spans)


@given(SPANS, SPANS, st.integers(0, 70))
def test_spans_meet_exactly_on_the_days_of_both(
    one: list[tuple[date, date | None]], other: list[tuple[date, date | None]], number: int
) -> None:
    day = date.fromordinal(730000 + number)
    assert covers(list(intersect(one, other)), day) == (covers(one, day) and covers(other, day))


@given(SPANS, st.integers(0, 70))
def test_cover_goes_on_to_the_day_before_the_first_gap(
    spans: list[tuple[date, date | None]], number: int
) -> None:
    on = date.fromordinal(730000 + number)
    covered, last = last_day_of_cover(spans, on)
    assert covered == covers(spans, on)
    if last is not None:
        assert covers(spans, last)
        assert not covers(spans, date.fromordinal(last.toordinal() + 1))
    elif covered:
        assert covers(spans, date(2500, 1, 1))


def test_percent_is_cut_and_never_rounded_up_to_a_limit() -> None:
    rule = AreaRule("D", (90, 80, 70), (), "percent")
    lines = [requirement("met") for _ in range(8999)] + [requirement("not_met") for _ in range(1001)]
    assert areas.judge_documents(rule, lines).percent == Decimal("89.9")
