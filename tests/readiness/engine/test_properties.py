"""What must hold for every problem, whatever its answer: more never hurts, and the order of a list means nothing."""

import random
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.engine import Certificate, Member, Position, Solution, solve

ON = date(2026, 11, 22)
CODES = "ABCD"
IMPLIES = {"A": ["B"], "B": ["C"]}
# Enumeration sees thousands of cases; these look for the shapes that nobody thought of.
EXAMPLES = 60

days = st.integers(-4, 6).map(lambda number: ON + timedelta(days=number))


@st.composite
def spans(draw: st.DrawFn) -> tuple[date, date | None]:
    first = draw(days)
    length = draw(st.none() | st.integers(0, 8))
    return first, None if length is None else first + timedelta(days=length)


@st.composite
def certificates(draw: st.DrawFn) -> Certificate:
    first, last = draw(spans())
    return Certificate(draw(st.sampled_from(CODES)), first, last)


members = st.builds(
    Member,
    id=st.just(""),
    available=st.lists(spans(), max_size=2).map(tuple),
    certificates=st.lists(certificates(), max_size=4).map(tuple),
)
positions = st.builds(
    Position,
    id=st.just(""),
    need=st.integers(0, 4),
    priority=st.integers(-2, 2),
    any_of=st.lists(st.frozensets(st.sampled_from(CODES), max_size=2), max_size=3).map(tuple),
)
teams = st.lists(members, min_size=1, max_size=12).map(
    lambda made: [replace(member, id=f"m{number}") for number, member in enumerate(made)]
)
standards = st.lists(positions, min_size=1, max_size=6).map(
    lambda made: [replace(position, id=f"p{number}") for number, position in enumerate(made)]
)
holds = st.integers(0, 5)


def ask(standard: list[Position], team: list[Member], hold: int = 0) -> Solution:
    return solve(standard, team, on=ON, hold_days=hold, implies=IMPLIES)


def list_by_priority(standard: list[Position], solution: Solution) -> list[int]:
    """Return how many posts are filled at each priority or a higher one, from the highest down."""
    filled = {each.id: each.filled for each in solution.by_position}
    levels = sorted({position.priority for position in standard}, reverse=True)
    return [sum(filled[each.id] for each in standard if each.priority >= level) for level in levels]


def is_never_lower(more: list[int], less: list[int]) -> bool:
    return all(above >= below for above, below in zip(more, less, strict=True))


@settings(max_examples=EXAMPLES)
@given(standards, teams, holds, st.randoms(use_true_random=False))
def test_order_of_positions_and_people_changes_nothing(
    standard: list[Position], team: list[Member], hold: int, dice: random.Random
) -> None:
    first = ask(standard, team, hold)
    mixed_standard, mixed_team = dice.sample(standard, len(standard)), dice.sample(team, len(team))
    second = ask(mixed_standard, mixed_team, hold)

    assert set(first.by_position) == set(second.by_position)
    assert {(frozenset(each.positions), each.need, each.qualified) for each in first.bottlenecks} == {
        (frozenset(each.positions), each.need, each.qualified) for each in second.bottlenecks
    }
    assert set(first.indispensable) == set(second.indispensable)
    assert set(first.useful) == set(second.useful)
    assert list(second.spare) == [member.id for member in mixed_team if member.id in set(first.spare)]


@settings(max_examples=EXAMPLES)
@given(standards, teams, holds, certificates(), st.data())
def test_one_more_certificate_never_lowers_anything(
    standard: list[Position], team: list[Member], hold: int, more: Certificate, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(team) - 1))
    richer = list(team)
    richer[at] = replace(team[at], certificates=(*team[at].certificates, more))
    before, after = ask(standard, team, hold), ask(standard, richer, hold)
    assert is_never_lower(list_by_priority(standard, after), list_by_priority(standard, before))
    assert after.filled <= before.filled + 1


@settings(max_examples=EXAMPLES)
@given(standards, teams, holds, st.integers(0, 9))
def test_longer_validity_never_lowers_anything(
    standard: list[Position], team: list[Member], hold: int, more: int
) -> None:
    longer = [
        replace(
            member,
            certificates=tuple(
                replace(each, ends_on=None if each.ends_on is None else each.ends_on + timedelta(days=more))
                for each in member.certificates
            ),
        )
        for member in team
    ]
    before, after = ask(standard, team, hold), ask(standard, longer, hold)
    assert is_never_lower(list_by_priority(standard, after), list_by_priority(standard, before))


@settings(max_examples=EXAMPLES)
@given(standards, teams, holds, st.integers(0, 9))
def test_longer_deployment_never_raises_anything(
    standard: list[Position], team: list[Member], hold: int, more: int
) -> None:
    short, long = ask(standard, team, hold), ask(standard, team, hold + more)
    assert is_never_lower(list_by_priority(standard, short), list_by_priority(standard, long))


@settings(max_examples=EXAMPLES)
@given(standards, teams, holds, members)
def test_one_more_person_raises_the_fill_by_one_or_not_at_all(
    standard: list[Position], team: list[Member], hold: int, newcomer: Member
) -> None:
    before = ask(standard, team, hold)
    after = ask(standard, [*team, replace(newcomer, id="new")], hold)
    assert after.filled - before.filled in (0, 1)
    assert is_never_lower(list_by_priority(standard, after), list_by_priority(standard, before))
    if after.filled > before.filled:
        assert "new" in after.indispensable


@settings(max_examples=EXAMPLES)
@given(standards, teams, holds)
def test_without_an_indispensable_person_one_post_less_is_filled_and_without_another_none(
    standard: list[Position], team: list[Member], hold: int
) -> None:
    whole = ask(standard, team, hold)
    for member in team:
        rest = ask(standard, [other for other in team if other is not member], hold)
        assert whole.filled - rest.filled == (member.id in whole.indispensable)


@settings(max_examples=EXAMPLES)
@given(standards, teams, holds)
def test_shorts_add_up_to_the_gap_and_each_position_is_in_one_bottleneck(
    standard: list[Position], team: list[Member], hold: int
) -> None:
    solution = ask(standard, team, hold)
    named = [name for bottleneck in solution.bottlenecks for name in bottleneck.positions]
    assert sum(bottleneck.short for bottleneck in solution.bottlenecks) == solution.required - solution.filled
    assert len(named) == len(set(named))
    assert {each.id for each in solution.by_position if each.filled < each.need} <= set(named)


@settings(max_examples=EXAMPLES)
@given(standards, teams, holds)
def test_priorities_change_who_is_short_and_never_how_many(
    standard: list[Position], team: list[Member], hold: int
) -> None:
    upside_down = [replace(position, priority=-position.priority) for position in standard]
    one, other = ask(standard, team, hold), ask(upside_down, team, hold)
    assert (one.filled, one.bottlenecks, one.indispensable, one.spare) == (
        other.filled,
        other.bottlenecks,
        other.indispensable,
        other.spare,
    )
