"""Equal positions and equal people put together, so that the size of the problem is that of its differences.

Positions that ask for the same are one *row*, whatever their priorities: they compete for the same people. People who
qualify for the same rows are one *class*, written as a bit mask of rows. A hundred thousand people make some hundred classes,
and the millions of pairs of a person and a post become a few thousand of a class and a row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from readiness.engine.problem import MOST_ROWS, InvalidProblem, Member, Position
from readiness.engine.validity import Period, Reader, is_covered, make_period

Alternatives = frozenset[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Demand:
    """`need` posts of a row that are filled at one priority."""

    row: int
    need: int


@dataclass(frozen=True, slots=True)
class Grouped:
    """A problem by rows and classes.

    `order` are the indexes of positions as they are filled, `demands` what each of them asks in that order. `classes` holds
    the indexes of available people by the mask of rows they qualify for, a mask of 0 included; people stand sorted by name.
    """

    order: tuple[int, ...]
    demands: tuple[Demand, ...]
    rows: int
    classes: Mapping[int, Sequence[int]]


def group(
    positions: Sequence[Position],
    members: Sequence[Member],
    *,
    on: date,
    hold_days: int,
    implies: Mapping[str, Sequence[str]],
) -> Grouped:
    """Put equal positions and equal people together; ``InvalidProblem`` for too many rows.

    The order in which positions and people were given leaves no trace: of equal priority, the lower name is filled first.
    """
    order = sorted(range(len(positions)), key=lambda index: (-positions[index].priority, positions[index].id))
    rows: dict[Alternatives, int] = {}
    demands = []
    for index in order:
        wanted = _simplify(positions[index].any_of)
        demands.append(Demand(rows.setdefault(wanted, len(rows)), positions[index].need))
    if len(rows) > MOST_ROWS:
        raise InvalidProblem(
            f"The positions ask for {len(rows)} different things; {MOST_ROWS} is the most that is solved at once."
        )
    classes = _classify(members, list(rows), period=make_period(on, hold_days), implies=implies)
    return Grouped(tuple(order), tuple(demands), len(rows), classes)


def _simplify(any_of: Sequence[frozenset[str]]) -> Alternatives:
    """Leave out every set that holds another one: whoever meets it meets the smaller one as well."""
    return frozenset(wanted for wanted in any_of if not any(other < wanted for other in any_of))


def _classify(
    members: Sequence[Member],
    rows: Sequence[Alternatives],
    *,
    period: Period,
    implies: Mapping[str, Sequence[str]],
) -> dict[int, list[int]]:
    asked = sorted({name for row in rows for wanted in row for name in wanted})
    reader = Reader(asked, implies, period)
    judge = RowJudge([[reader.bits_of(wanted) for wanted in row] for row in rows])
    masks: dict[int, int] = {}
    classes: dict[int, list[int]] = {}
    for index in sorted(range(len(members)), key=lambda index: members[index].id):
        member = members[index]
        if member.available and not is_covered(member.available, period):
            continue
        held = reader.read(member.certificates)
        mask = masks.get(held)
        if mask is None:
            mask = masks[held] = judge.judge(held)
        classes.setdefault(mask, []).append(index)
    return classes


class RowJudge:
    """Tells for which rows somebody qualifies, looking only at sets of which he holds the lowest qualification."""

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self._free = 0
        self._by_lowest: dict[int, list[tuple[int, int]]] = {}
        for row, alternatives in enumerate(rows):
            for wanted in alternatives:
                if wanted:
                    self._by_lowest.setdefault(wanted & -wanted, []).append((wanted, 1 << row))
                else:
                    self._free |= 1 << row

    def judge(self, held: int) -> int:
        """Return the mask of rows that are open to whoever holds these qualifications."""
        mask, rest = self._free, held
        while rest:
            lowest = rest & -rest
            rest ^= lowest
            for wanted, row in self._by_lowest.get(lowest, ()):
                if wanted & held == wanted:
                    mask |= row
        return mask
