"""What the readiness engine takes for a team, a region and a country, beside scipy's flow on the same classes.

The aims are for the fill with its explanation, from people counted by class: that is what a page asks again whenever something
changes. Turning certificates into classes, and handing the names back, is measured on its own.
"""

import gc
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from bench.figures import Figure, measure_in_turns, median
from bench.rescue_teams import HOLD_DAYS, IMPLIES, ON, make_members, make_positions
from readiness.engine import MOST_ROWS, Member, Position, solve
from readiness.engine.explaining import find_bottlenecks, find_indispensable
from readiness.engine.fill import Filling, fill
from readiness.engine.grouping import Demand, Grouped, group

ROUNDS = 60


@dataclass(frozen=True)
class Case:
    """A size to measure: the part of people who are trained for anything, and the most the fill may take."""

    posts: int
    people: int
    trained: float
    milliseconds: float | None

    @property
    def name(self) -> str:
        """Say the size in words, and how many of a hundred are trained."""
        return f"{self.posts:,} x {self.people:,}, {self.trained:.0%} trained"


CASES = (
    Case(60, 120, 0.95, 2.0),
    Case(600, 5_000, 0.16, 10.0),
    Case(6_000, 100_000, 0.08, 100.0),
    Case(6_000, 100_000, 0.95, 100.0),
)


def figures(cases: Sequence[Case] = CASES, rounds: int = ROUNDS) -> list[Figure]:
    """Measure the fill and its explanation, scipy on the same, what stands before and after, and a roster without any pattern."""
    found = [figure for case in cases for figure in _measure(case, rounds)]
    return found + _measure_worst(min(MOST_ROWS, cases[-1].posts // 3), cases[-1].people)


def _measure(case: Case, rounds: int) -> list[Figure]:
    positions, members = make_positions(case.posts), make_members(case.people, trained=case.trained)
    grouped = _group(positions, members)
    classes = {mask: len(people) for mask, people in grouped.classes.items()}
    arcs = sum(mask.bit_count() for mask in classes)
    calls: dict[str, Callable[[], object]] = {
        "engine": lambda: _explain(grouped.demands, classes, grouped.rows),
        "flow": lambda: _flow(grouped.demands, classes, grouped.rows),
    }
    times = measure_in_turns(calls, rounds=rounds)
    filling = _explain(grouped.demands, classes, grouped.rows)
    filled = sum(filling.filled)
    assert filled == _flow(grouped.demands, classes, grouped.rows)
    eligible = sum(count for mask, count in classes.items() if mask)
    ours, theirs = median(times["engine"]), median(times["flow"])
    name = case.name
    return [
        Figure(
            f"{name}: fill, explained", ours, "ms CPU", case.milliseconds,
            f"least {min(times['engine']):.2f}; {filled:,} filled, {eligible:,} eligible, {len(classes)} classes, {arcs} arcs",
        ),
        Figure(f"{name}: scipy flow, count alone", theirs, "ms CPU", None, f"least {min(times['flow']):.2f}"),
        Figure(f"{name}: scipy's part of ours", round(theirs / ours, 2), "times"),
        Figure(f"{name}: certificates to classes", _once(lambda: _group(positions, members)), "ms CPU"),
        Figure(
            f"{name}: whole answer with names",
            _once(lambda: solve(positions, members, on=ON, hold_days=HOLD_DAYS, implies=IMPLIES)),
            "ms CPU",
        ),
    ]  # fmt: skip


def _measure_worst(rows: int, people: int) -> list[Figure]:
    """Measure rows of three posts and people who qualify for any few of them, so that hardly two are alike."""
    dice = random.Random(1)
    classes: dict[int, int] = {}
    for _ in range(people):
        mask = sum(1 << row for row in dice.sample(range(rows), dice.randint(0, 4)))
        classes[mask] = classes.get(mask, 0) + 1
    demands = [Demand(row, 3) for row in range(rows)]
    name = f"{rows:,} rows x {people:,} people, none alike"
    return [
        Figure(
            f"{name}: ours", _once(lambda: _explain(demands, classes, rows)), "ms CPU", None, f"{len(classes):,} classes"
        ),
        Figure(f"{name}: scipy", _once(lambda: _flow(demands, classes, rows)), "ms CPU"),
    ]  # fmt: skip


def _group(positions: Sequence[Position], members: Sequence[Member]) -> Grouped:
    return group(positions, members, on=ON, hold_days=HOLD_DAYS, implies=IMPLIES)


def _explain(demands: Sequence[Demand], classes: dict[int, int], rows: int) -> Filling:
    filling = fill(demands, classes, rows=rows)
    find_bottlenecks(filling, [classes[mask] for mask in filling.masks])
    find_indispensable(filling)
    return filling


def _flow(demands: Sequence[Demand], classes: dict[int, int], rows: int) -> int:
    """Return the value of a maximum flow from classes to rows; building its matrix counts, as building ours does."""
    first, sink = 1 + len(classes), 1 + len(classes) + rows
    needs = [0] * rows
    for demand in demands:
        needs[demand.row] += demand.need
    tails = [0] * len(classes) + list(range(first, sink))
    heads = [*range(1, first), *([sink] * rows)]
    limits = [*classes.values(), *needs]
    for place, (mask, count) in enumerate(classes.items(), start=1):
        while mask:
            lowest = mask & -mask
            mask ^= lowest
            tails.append(place)
            heads.append(first + lowest.bit_length() - 1)
            limits.append(count)
    network = csr_matrix((np.array(limits, dtype=np.int32), (tails, heads)), shape=(sink + 1, sink + 1))
    return int(maximum_flow(network, 0, sink).flow_value)


def _once(call: Callable[[], object]) -> float:
    """Return the middle of three runs; these take too long to be called in turns."""
    times = []
    for _ in range(3):
        gc.collect()
        started = time.process_time()
        call()
        times.append((time.process_time() - started) * 1000)
    return median(times)
