"""The engine by example: the sentences of the product, a rescue team, and what it refuses."""

from datetime import date
from typing import Any

import pytest

from readiness.engine import (
    MOST_ALTERNATIVES,
    MOST_ROWS,
    Bottleneck,
    Certificate,
    InvalidProblem,
    Member,
    Position,
    solve,
)

ON = date(2026, 11, 22)


def holder(name: str, *codes: str) -> Member:
    """Return somebody who holds qualifications for good."""
    return Member(name, (), tuple(Certificate(code, date(2026, 1, 1)) for code in codes))


def position(name: str, *codes: str, need: int = 1, priority: int = 1) -> Position:
    """Return a position that any one of the codes opens."""
    return Position(name, need, priority, tuple(frozenset({code}) for code in codes))


def test_team_lacks_technicians_because_one_of_them_is_needed_as_safety_officer() -> None:
    positions = [
        position("leader", "LEAD", need=1, priority=9),
        position("safety", "SAFETY", need=2, priority=8),
        position("technician", "ROPE", need=3, priority=5),
        position("medic", "MEDIC", need=2, priority=5),
        position("doctor", "DOCTOR", need=1, priority=7),
    ]
    people = [
        holder("Ana", "LEAD", "ROPE"),
        holder("Bo", "SAFETY", "ROPE"),
        holder("Cy", "MEDIC", "DOCTOR"),
        holder("Di", "MEDIC"),
        holder("Ed"),
        holder("Flo", "ROPE"),
        holder("Gus", "ROPE"),
    ]
    solution = solve(positions, people, on=ON)

    assert (solution.required, solution.filled) == (9, 6)
    assert [(each.id, each.filled) for each in solution.by_position] == [
        ("leader", 1), ("safety", 1), ("technician", 2), ("medic", 1), ("doctor", 1),
    ]  # fmt: skip
    assert solution.bottlenecks == (
        Bottleneck(("leader", "safety", "technician"), need=6, qualified=4, short=2),
        Bottleneck(("medic", "doctor"), need=3, qualified=2, short=1),
    )
    assert solution.indispensable == ("Ana", "Bo", "Cy", "Di", "Flo", "Gus")
    assert solution.useful == tuple(
        ("Ed", name) for name in ("leader", "safety", "technician", "medic", "doctor")
    )


def test_story_team_lacks_its_second_leader() -> None:
    positions = [
        position("leader", "M-MIM-320", need=2, priority=3),
        position("triage officer", "M-TRI-101", need=4, priority=2),
        position("responder", "MCM-201", need=12, priority=1),
    ]
    people = [holder("Ana", "M-MIM-320")]
    people += [holder(f"triage {number}", "M-TRI-101", "MCM-201") for number in range(4)]
    people += [holder(f"responder {number}", "MCM-201") for number in range(12)]
    solution = solve(positions, people, on=ON)

    assert (solution.filled, solution.required) == (17, 18)
    assert solution.bottlenecks == (Bottleneck(("leader",), need=2, qualified=1, short=1),)
    assert len(solution.indispensable) == 17


def make_period(first: str, last: str | None) -> tuple[date, date | None]:
    return date.fromisoformat(first), None if last is None else date.fromisoformat(last)


@pytest.mark.parametrize(
    ("periods", "hold_days", "filled"),
    [
        ([("2026-11-22", "2026-11-22")], 0, 1),
        ([("2026-11-23", None)], 0, 0),
        ([("2020-01-01", "2026-11-21")], 0, 0),
        ([("2026-11-22", "2026-11-25")], 3, 1),
        ([("2026-11-22", "2026-11-24")], 3, 0),
        ([("2026-11-24", None), ("2026-11-01", "2026-11-23")], 3, 1),
        ([("2026-11-24", None), ("2026-11-01", "2026-11-22")], 3, 0),
        ([("2026-11-20", "2026-12-20"), ("2026-11-21", "2026-11-22"), ("2026-12-21", "9999-12-31")], 60, 1),
        ([], 0, 0),
    ],
)
def test_qualification_counts_when_its_certificates_together_cover_every_day(
    periods: list[tuple[str, str | None]], hold_days: int, filled: int
) -> None:
    spans = [make_period(*period) for period in periods]
    person = Member("Ana", (), tuple(Certificate("MEDIC", *span) for span in spans))
    assert solve([position("medic", "MEDIC")], [person], on=ON, hold_days=hold_days).filled == filled
    if spans:
        present = Member("Ana", tuple(spans), (Certificate("MEDIC", date(2020, 1, 1)),))
        assert solve([position("medic", "MEDIC")], [present], on=ON, hold_days=hold_days).filled == filled


def test_advanced_certificate_covers_basic_through_others_and_joins_with_it() -> None:
    implies = {"EXPERT": ["ADVANCED"], "ADVANCED": ["BASIC"], "BASIC": ["EXPERT-READER", "BASIC"]}
    person = Member(
        "Ana",
        (),
        (
            Certificate("EXPERT", date(2026, 1, 1), date(2026, 11, 22)),
            Certificate("BASIC", date(2026, 11, 23), None),
        ),
    )
    assert solve([position("basic", "BASIC")], [person], on=ON, hold_days=9, implies=implies).filled == 1
    assert solve([position("expert", "EXPERT")], [person], on=ON, hold_days=9, implies=implies).filled == 0


def test_empty_set_is_met_by_anybody_there_and_no_set_by_nobody() -> None:
    driver = Position("driver", 2, 1, (frozenset(),))
    away = Member("Bo", ((date(2026, 11, 1), date(2026, 11, 21)),), ())
    solution = solve([driver, Position("wizard", 1, 1, ())], [holder("Ana"), away], on=ON)
    assert [(each.id, each.filled, each.members) for each in solution.by_position] == [
        ("driver", 1, ("Ana",)), ("wizard", 0, ()),
    ]  # fmt: skip
    assert solution.bottlenecks == (
        Bottleneck(("driver",), need=2, qualified=1, short=1),
        Bottleneck(("wizard",), need=1, qualified=0, short=1),
    )
    assert (solution.indispensable, solution.useful) == (("Ana",), ())


def test_nothing_asked_and_nobody_there_have_answers_too() -> None:
    assert solve([], [holder("Ana")], on=ON).spare == ("Ana",)
    assert solve([position("medic", "MEDIC")], [], on=ON).bottlenecks == (Bottleneck(("medic",), 1, 0, 1),)


def test_six_thousand_positions_that_ask_for_few_things_are_solved_whatever_their_priorities() -> None:
    positions = [position(f"{number:04}", f"Q{number % 20}", priority=number) for number in range(6_000)]
    people = [holder(f"m{number}", f"Q{number % 20}") for number in range(3_000)]
    solution = solve(positions, people, on=ON)
    assert (solution.filled, solution.required) == (3_000, 6_000)
    assert [each.filled for each in solution.by_position] == [0] * 3_000 + [1] * 3_000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"positions": [position("a", "A"), position("a", "B")]}, "more than one position called a"),
        ({"members": [holder("Ana"), holder("Ana")]}, "more than one person called Ana"),
        ({"positions": [position("a", "A", need=-1)]}, "a need is 0 or more"),
        ({"positions": [position("a", *map(str, range(MOST_ALTERNATIVES + 1)))]}, "17 alternatives; 16"),
        ({"positions": [position(str(n), str(n)) for n in range(MOST_ROWS + 1)]}, "2001 different things; 2000"),
        ({"hold_days": -1}, "has no last day"),
        ({"on": date(9999, 12, 31), "hold_days": 1}, "has no last day"),
    ],
)  # fmt: skip
def test_problem_that_has_no_answer_is_refused_with_a_reason(change: dict[str, Any], words: str) -> None:
    asked: dict[str, Any] = {"positions": [], "members": [], "on": ON, "hold_days": 0} | change
    with pytest.raises(InvalidProblem) as refused:
        solve(asked["positions"], asked["members"], on=asked["on"], hold_days=asked["hold_days"])
    assert words in str(refused.value)


def test_as_many_rows_and_alternatives_as_allowed_are_solved() -> None:
    codes = [str(number) for number in range(MOST_ROWS)]
    positions = [
        position(str(at), *[codes[(at + step) % MOST_ROWS] for step in range(MOST_ALTERNATIVES)])
        for at in range(MOST_ROWS)
    ]
    people = [holder(f"m{code}", code) for code in codes]
    assert solve(positions, people, on=ON).filled == MOST_ROWS
