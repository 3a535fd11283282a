"""People on posts: who fills what, what is short and whom to train, and what ends soon."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from foundation.dates import add_months
from readiness.assessment import BottleneckResult, Candidate, ExpiryResult, PositionResult
from readiness.engine import Certificate, Member, Position, Solution, solve
from readiness.engine.validity import Period, is_covered, make_period
from readiness.rules.inputs import PersonInput, TeamInput
from readiness.rules.periods import last_day_of_cover
from readiness.standards.data import PositionRow, StandardDefinition

MOST_CANDIDATES = 10
MONTHS_AHEAD = 12
_PRIORITY = {(False, False): 1, (True, False): 2, (True, True): 3}


@dataclass(frozen=True)
class Roster:
    """How a team fills the posts of a standard. `held` is by person: what covers every day of the deployment."""

    positions: tuple[PositionResult, ...]
    bottlenecks: tuple[BottleneckResult, ...]
    indispensable: tuple[int, ...]
    available: tuple[PersonInput, ...]
    held: Mapping[int, frozenset[str]]

    @property
    def placed(self) -> tuple[int, ...]:
        """The people who are on a post, in the order of the posts."""
        return tuple(person for position in self.positions for person in position.members)


def fill_roster(definition: StandardDefinition, team: TeamInput) -> Roster:
    """Fill the posts of a standard with a team's members, each on one post at most; exact, with the proof of what is short."""
    period = make_period(team.on, team.hold_days)
    available = tuple(person for person in team.people if is_covered(person.available, period))
    held = {person.id: _held_through(person, period) for person in available}
    solution = solve(
        [_position(row) for row in definition.positions],
        [
            Member(
                str(person.id),
                certificates=tuple(
                    Certificate(one.qualification, one.starts_on, one.ends_on) for one in person.held
                ),
            )
            for person in available
        ],
        on=team.on,
        hold_days=team.hold_days,
    )
    placed = {int(name) for fill in solution.by_position for name in fill.members}
    return Roster(
        positions=tuple(
            PositionResult(
                id=row.code,
                names=row.names,
                need=row.need,
                filled=fill.filled,
                key=row.key,
                mandatory=row.mandatory,
                any_of=(row.courses,),
                members=tuple(sorted(int(name) for name in fill.members)),
                reserve=sum(
                    held[person.id].issuperset(row.courses) for person in available if person.id not in placed
                ),
            )
            for row, fill in zip(definition.positions, solution.by_position, strict=True)
        ),
        bottlenecks=_name_bottlenecks(definition, solution, held),
        indispensable=tuple(sorted(int(name) for name in solution.indispensable)),
        available=available,
        held=held,
    )


def _position(row: PositionRow) -> Position:
    return Position(row.code, row.need, _PRIORITY[row.key, row.mandatory], (frozenset(row.courses),))


def _held_through(person: PersonInput, period: Period) -> frozenset[str]:
    """Return the qualifications whose periods together cover every day of the deployment."""
    spans: dict[str, list[tuple[date, date | None]]] = {}
    for one in person.held:
        spans.setdefault(one.qualification, []).append((one.starts_on, one.ends_on))
    return frozenset(name for name, periods in spans.items() if is_covered(periods, period))


def _name_bottlenecks(
    definition: StandardDefinition, solution: Solution, held: Mapping[int, frozenset[str]]
) -> tuple[BottleneckResult, ...]:
    """Add to each shortage whom training would help: only people who can be spared raise the fill, those who lack least first."""
    courses = {row.code: row.courses for row in definition.positions}
    spare = [int(name) for name in solution.spare]
    return tuple(
        BottleneckResult(
            positions=one.positions,
            need=one.need,
            qualified=one.qualified,
            short=one.short,
            candidates=_find_candidates(spare, [courses[code] for code in one.positions], held),
        )
        for one in solution.bottlenecks
    )


def _find_candidates(
    spare: Sequence[int], wanted: Sequence[Sequence[str]], held: Mapping[int, frozenset[str]]
) -> tuple[Candidate, ...]:
    found = []
    for person in spare:
        lacks = [tuple(code for code in courses if code not in held[person]) for courses in wanted]
        missing = min((one for one in lacks if one), key=len, default=())
        if missing:
            found.append(Candidate(person, missing))
    found.sort(key=lambda one: (len(one.missing), one.person_id))
    return tuple(found[:MOST_CANDIDATES])


def list_expiries(definition: StandardDefinition, team: TeamInput) -> tuple[ExpiryResult, ...]:
    """Return what ends within twelve months of the day: members' qualifications that posts ask for, and checks of items.

    Periods that follow one another without a gap count as one, so that what was renewed does not end.
    """
    asked = {course for row in definition.positions for course in row.courses}
    horizon = add_months(team.on, MONTHS_AHEAD)
    found = []
    for person in team.people:
        for qualification in sorted(asked & {one.qualification for one in person.held}):
            periods = [one for one in person.held if one.qualification == qualification]
            _covered, last = last_day_of_cover(((one.starts_on, one.ends_on) for one in periods), team.on)
            if last is not None and last <= horizon:
                evidence = next(one.evidence for one in periods if one.ends_on == last)
                found.append(ExpiryResult(person.id, None, qualification, last, evidence))
    for item in team.items:
        due = item.inspection_due_on
        if due is not None and team.on <= due <= horizon:
            found.append(ExpiryResult(None, item.id, "", due, item.tag))
    return tuple(
        sorted(found, key=lambda one: (one.ends_on, one.person_id or 0, one.item_id or 0, one.qualification))
    )
