"""People on posts, judged by enumeration: fill, reserve, gaps that prove themselves, and who is worth training."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.rules.inputs import HeldInput, ItemInput, PersonInput, TeamInput
from readiness.rules.people import fill_roster, list_expiries
from readiness.services.standards import list_course_codes
from readiness.standards.data import StandardDefinition
from readiness.standards.loading import FOLDER, read_standard

ON = date(2026, 11, 22)
DEFINITION = read_standard(FOLDER / "mcm-team.json", list_course_codes())
COURSES = ("M-MIM-320", "M-TRI-101", "MCM-201")


def person(key: int, *courses: str, until: date | None = None, available: bool = True) -> PersonInput:
    held = tuple(HeldInput(code, date(2025, 1, 1), until, f"REF-{key}") for code in courses)
    return PersonInput(key, f"Person {key}", ((date(2025, 1, 1), None),) if available else (), held)


def team(*people: PersonInput, hold_days: int = 0, items: tuple[ItemInput, ...] = ()) -> TeamInput:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    return TeamInput("T", {}, "A", ON, hold_days, moment, people, items, (), (), ())


def small(needs: tuple[int, int, int]) -> StandardDefinition:
    rows = tuple(replace(row, need=need) for row, need in zip(DEFINITION.positions, needs, strict=True))
    return replace(DEFINITION, positions=rows, headcount=sum(needs))


PEOPLE = st.lists(st.frozensets(st.sampled_from(COURSES)), max_size=4)


@settings(max_examples=100, deadline=None)
@given(st.tuples(st.integers(1, 2), st.integers(1, 2), st.just(1)), PEOPLE)
def test_fill_and_gap_equal_enumeration(needs: tuple[int, int, int], sets: list[frozenset[str]]) -> None:
    people = [person(key, *sorted(held)) for key, held in enumerate(sets)]
    definition = small(needs)
    roster = fill_roster(definition, team(*people))
    posts = [row.courses[0] for row in definition.positions for _ in range(row.need)]
    padded = [*sets, *[frozenset()] * len(posts)]
    best = max(
        sum(post in held for post, held in zip(posts, chosen, strict=False))
        for chosen in permutations(padded, len(posts))
    )
    assert len(roster.placed) == len(set(roster.placed)) == best
    assert sum(gap.short for gap in roster.bottlenecks) == len(posts) - best
    courses = {row.code: row.courses[0] for row in definition.positions}
    for gap in roster.bottlenecks:
        wanted = {courses[code] for code in gap.positions}
        assert gap.qualified == sum(bool(held & wanted) for held in sets)
        for one in gap.candidates:
            assert one.missing and not set(one.missing) & sets[one.person_id]
    for row in roster.positions:
        idle = [held for key, held in enumerate(sets) if key not in roster.placed]
        assert row.reserve == sum(courses[row.id] in held for held in idle)


@settings(max_examples=60, deadline=None)
@given(PEOPLE)
def test_training_a_candidate_in_what_he_lacks_fills_one_post_more(sets: list[frozenset[str]]) -> None:
    people = [person(key, *sorted(held)) for key, held in enumerate(sets)]
    definition = small((1, 1, 2))
    roster = fill_roster(definition, team(*people))
    for gap in roster.bottlenecks:
        for one in gap.candidates:
            taught = [
                person(key, *sorted(held | set(one.missing) if key == one.person_id else held))
                for key, held in enumerate(sets)
            ]
            assert len(fill_roster(definition, team(*taught)).placed) == len(roster.placed) + 1


def test_who_is_not_there_fills_nothing_and_is_no_reserve() -> None:
    roster = fill_roster(DEFINITION, team(person(1, *COURSES, available=False)))
    assert roster.placed == ()
    assert [row.reserve for row in roster.positions] == [0, 0, 0]
    assert roster.available == ()


def test_candidates_stand_in_order_of_what_they_lack() -> None:
    definition = replace(
        DEFINITION,
        positions=(replace(DEFINITION.positions[0], need=1, courses=COURSES),),
        headcount=1,
    )
    roster = fill_roster(definition, team(person(1), person(2, "MCM-201"), person(3, "MCM-201", "M-TRI-101")))
    (gap,) = roster.bottlenecks
    assert [(one.person_id, len(one.missing)) for one in gap.candidates] == [(3, 1), (2, 2), (1, 3)]


def test_what_ends_within_twelve_months_is_told_once_and_renewal_moves_it() -> None:
    soon = ON + timedelta(days=100)
    ending = person(1, "MCM-201", until=soon)
    renewed = replace(
        person(2, "MCM-201", until=soon),
        held=(
            HeldInput("MCM-201", date(2025, 1, 1), soon, "OLD"),
            HeldInput("MCM-201", soon + timedelta(days=1), date(2029, 1, 1), "NEW"),
        ),
    )
    gap = replace(
        renewed, id=3, held=(renewed.held[0], replace(renewed.held[1], starts_on=soon + timedelta(days=2)))
    )
    other = person(4, "C-FA-110", until=soon)
    due = ItemInput(9, "R-0009", frozenset(), True, (), ON + timedelta(days=30))
    found = list_expiries(DEFINITION, team(ending, renewed, gap, other, items=(due,)))
    assert [(one.person_id, one.item_id, one.ends_on, one.evidence) for one in found] == [
        (None, 9, ON + timedelta(days=30), "R-0009"),
        (1, None, soon, "REF-1"),
        (3, None, soon, "OLD"),
    ]


def test_last_day_of_the_twelve_months_is_included_and_the_next_is_not() -> None:
    def told(day: date) -> int:
        return len(list_expiries(DEFINITION, team(person(1, "MCM-201", until=day))))

    assert told(ON) == told(date(2027, 11, 22)) == 1
    assert told(date(2027, 11, 23)) == told(ON - timedelta(days=1)) == 0
