"""One question answered whole: group, fill, explain, and give rows and classes their names back."""

from collections.abc import Mapping, Sequence
from datetime import date

from readiness.engine.explaining import find_bottlenecks, find_indispensable
from readiness.engine.fill import Filling, bits, fill
from readiness.engine.grouping import Grouped, group
from readiness.engine.problem import Bottleneck, Member, Position, PositionFill, Solution, check


def solve(
    positions: Sequence[Position],
    members: Sequence[Member],
    *,
    on: date,
    hold_days: int = 0,
    implies: Mapping[str, Sequence[str]] = {},
) -> Solution:
    """Fill positions with the people who qualify from `on` through `hold_days` days after it, each in one post at most.

    `implies` names for a qualification those that it covers. Raises ``InvalidProblem`` for names given twice, negative needs,
    more than ``MOST_ALTERNATIVES`` for a position, positions that ask for more than ``MOST_ROWS`` different things, and a
    deployment that leaves the calendar.
    """
    check(positions, members)
    grouped = group(positions, members, on=on, hold_days=hold_days, implies=implies)
    filling = fill(
        grouped.demands,
        {mask: len(people) for mask, people in grouped.classes.items()},
        rows=grouped.rows,
    )
    people_of = [grouped.classes[mask] for mask in filling.masks]
    needed = {index for place in find_indispensable(filling) for index in people_of[place]}
    available = sorted(index for people in people_of for index in people)
    return Solution(
        required=sum(position.need for position in positions),
        filled=sum(filling.filled),
        by_position=_name_fills(positions, members, grouped, filling),
        bottlenecks=_name_bottlenecks(positions, grouped, filling),
        indispensable=tuple(members[index].id for index in available if index in needed),
        spare=tuple(members[index].id for index in available if index not in needed),
    )


def _name_fills(
    positions: Sequence[Position], members: Sequence[Member], grouped: Grouped, filling: Filling
) -> tuple[PositionFill, ...]:
    """Hand the people of each row out to its positions, those of higher priority first."""
    in_row: list[list[int]] = [[] for _ in range(grouped.rows)]
    for mask, taken in zip(filling.masks, filling.taken, strict=True):
        people, at = grouped.classes[mask], 0
        for row, count in sorted(taken.items()):
            in_row[row] += people[at : at + count]
            at += count
    given = [0] * grouped.rows
    fills: dict[int, PositionFill] = {}
    for index, demand, count in zip(grouped.order, grouped.demands, filling.filled, strict=True):
        start = given[demand.row]
        given[demand.row] = start + count
        names = tuple(members[place].id for place in in_row[demand.row][start : start + count])
        fills[index] = PositionFill(positions[index].id, demand.need, count, names)
    return tuple(fills[index] for index in range(len(positions)))


def _name_bottlenecks(
    positions: Sequence[Position], grouped: Grouped, filling: Filling
) -> tuple[Bottleneck, ...]:
    """Name the positions of each bottleneck; one that needs nobody is in none.

    What joins positions is people who qualify for them. Positions of one row for which nobody does are a bottleneck each.
    """
    members_of: dict[int, list[int]] = {}
    for index, demand in zip(grouped.order, grouped.demands, strict=True):
        if demand.need:
            members_of.setdefault(demand.row, []).append(index)
    counts = [len(grouped.classes[mask]) for mask in filling.masks]
    parts: list[tuple[list[int], int]] = []
    for part in find_bottlenecks(filling, counts):
        indexes = sorted(index for row in bits(part.rows) for index in members_of[row])
        parts += [(indexes, part.qualified)] if part.qualified else [([index], 0) for index in indexes]
    return tuple(_name_bottleneck(positions, indexes, qualified) for indexes, qualified in sorted(parts))


def _name_bottleneck(positions: Sequence[Position], indexes: Sequence[int], qualified: int) -> Bottleneck:
    need = sum(positions[index].need for index in indexes)
    return Bottleneck(tuple(positions[index].id for index in indexes), need, qualified, need - qualified)
