"""The exact fill: as many posts as possible, those of higher priority first. Integers only.

Source: the sets of posts that can be filled together are the independent sets of a transversal matroid (Edmonds and
Fulkerson, 1965), and on a matroid the greedy choice is best for every weighting at once (Rado, 1957; Edmonds, 1971). So posts
are taken from the highest priority down, each is filled if an augmenting path allows it, and a post once filled is never given
up: others only change who fills it. The result is best for every choice of weights in that order, and has most posts as well.

Three things make it fast: rows and classes in place of posts and people, so that one path moves many; people without a post are
taken directly before any search, the least versatile first; and a search that fails marks what it saw as *dead*. From a dead row only
dead classes and rows can be reached and none of these classes has anybody left, which no later path can change, so all failures
together look at everything once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from readiness.engine.grouping import Demand


@dataclass(frozen=True, slots=True)
class Filling:
    """Who fills what, by rows and classes.

    `masks` are the classes (their places are used below), in the order in which they are taken. `filled` is by demand;
    `taken[class][row]` counts people of a class in a row; `left[class]` people without a post; `short` is the mask of rows from
    which an open post can be reached by people changing places, that is, of all bottlenecks.
    """

    masks: Sequence[int]
    filled: Sequence[int]
    taken: Sequence[Mapping[int, int]]
    left: Sequence[int]
    short: int


def fill(demands: Iterable[Demand], classes: Mapping[int, int], *, rows: int) -> Filling:
    """Fill demands in the order given, from `classes`: how many people qualify for each mask of rows."""
    masks = sorted(sorted(classes), key=int.bit_count)
    network = _Network(masks, [classes[mask] for mask in masks], rows)
    filled = [network.fill(demand.row, demand.need) for demand in demands]
    short = sum(1 << row for row, dead in enumerate(network.dead_rows) if dead)
    return Filling(masks, filled, network.taken, network.left, short)


def bits(mask: int) -> Iterator[int]:
    """Yield the places of the bits of a mask."""
    while mask:
        lowest = mask & -mask
        mask ^= lowest
        yield lowest.bit_length() - 1


class _Network:
    """Rows and classes, and who of a class is in which row; `fill` adds posts to a row."""

    def __init__(self, masks: Sequence[int], left: list[int], rows: int) -> None:
        self.left = left
        self.taken: list[dict[int, int]] = [{} for _ in masks]
        self.open_to: list[list[int]] = [[] for _ in range(rows)]
        for place, mask in enumerate(masks):
            for row in bits(mask):
                self.open_to[row].append(place)
        # Nobody who has a post ever loses it, so what was passed over once need not be looked at again.
        self.passed = [0] * rows
        self.dead_rows = [False] * rows
        self.dead_classes = [False] * len(masks)

    def fill(self, row: int, need: int) -> int:
        """Fill up to so many more posts of a row; return how many."""
        missing = need
        while missing and (place := self._find_free(row)) is not None:
            missing -= self._move(row, place, min(missing, self.left[place]))
        while missing and not self.dead_rows[row]:
            missing -= self._augment(row, missing)
        return need - missing

    def _find_free(self, row: int) -> int | None:
        """Return the least versatile class with somebody left for a row."""
        places, left = self.open_to[row], self.left
        for at in range(self.passed[row], len(places)):
            if left[places[at]]:
                self.passed[row] = at
                return places[at]
        self.passed[row] = len(places)
        return None

    def _move(self, row: int, place: int, count: int) -> int:
        self.left[place] -= count
        taken = self.taken[place]
        taken[row] = taken.get(row, 0) + count
        return count

    def _augment(self, row: int, missing: int) -> int:
        """Let people change places so that posts of a row are filled; return how many, or mark what was seen as dead."""
        # Row -> (class that could leave it, row which that class would go to).
        came: dict[int, tuple[int, int]] = {row: (-1, -1)}
        seen: set[int] = set()
        queue = [row]
        for current in queue:
            for place in self.open_to[current]:
                if place in seen or self.dead_classes[place]:
                    continue
                seen.add(place)
                for other in self.taken[place]:
                    if other not in came:
                        came[other] = (place, current)
                        free = self._find_free(other)
                        if free is not None:
                            return self._shift(came, other, free, missing)
                        queue.append(other)
        for dead in queue:
            self.dead_rows[dead] = True
        for place in seen:
            self.dead_classes[place] = True
        return 0

    def _shift(self, came: Mapping[int, tuple[int, int]], end: int, free: int, missing: int) -> int:
        """Move as many people as the path bears: the free class enters its end, each other one goes a row on."""
        count, at = min(missing, self.left[free]), end
        while came[at][0] >= 0:
            place, target = came[at]
            count, at = min(count, self.taken[place][at]), target
        self._move(end, free, count)
        at = end
        while came[at][0] >= 0:
            place, target = came[at]
            taken = self.taken[place]
            taken[at] -= count
            if not taken[at]:
                del taken[at]
            taken[target] = taken.get(target, 0) + count
            at = target
        return count
