"""The engine against scipy on problems too large to be enumerated: its flow counts posts, its assignment weighs them."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from readiness.engine.explaining import find_bottlenecks, find_indispensable
from readiness.engine.fill import Filling, fill
from readiness.engine.grouping import Demand

MANY = 2**31 - 1


def make_masks(seed: int, *, rows: int, people: int, most: int) -> dict[int, int]:
    """Return people by the mask of rows they qualify for, drawn without any pattern that could be grouped well."""
    dice = random.Random(seed)
    classes: dict[int, int] = {}
    for _ in range(people):
        mask = sum(1 << row for row in dice.sample(range(rows), dice.randint(0, most)))
        classes[mask] = classes.get(mask, 0) + 1
    return classes


def count_by_flow(needs: Sequence[int], classes: Mapping[int, int]) -> int:
    """Return how many posts a maximum flow from people to rows fills."""
    source, sink, first = 0, 1 + len(classes) + len(needs), 1 + len(classes)
    arcs = [(source, 1 + place, count) for place, count in enumerate(classes.values())]
    arcs += [(first + row, sink, need) for row, need in enumerate(needs)]
    arcs += [
        (1 + place, first + row, MANY)
        for place, mask in enumerate(classes)
        for row in range(len(needs))
        if mask >> row & 1
    ]
    tails, heads, limits = np.array(arcs, dtype=np.int32).T
    network = csr_matrix((limits, (tails, heads)), shape=(sink + 1, sink + 1))
    return int(maximum_flow(network, source, sink).flow_value)


def weigh_by_assignment(needs: Sequence[int], weights: Sequence[int], classes: Mapping[int, int]) -> int:
    """Return the value of the best assignment of single people to single posts."""
    rows = [row for row, need in enumerate(needs) for _ in range(need)]
    masks = [mask for mask, count in classes.items() for _ in range(count)]
    worth = np.array([[weights[row] if mask >> row & 1 else 0 for row in rows] for mask in masks])
    return int(worth[linear_sum_assignment(worth, maximize=True)].sum())


def fill_rows(
    needs: Sequence[int], weights: Sequence[int], classes: Mapping[int, int]
) -> tuple[Filling, list[int]]:
    """Fill rows from the highest weight down; return what was found and how much of each row is filled."""
    order = sorted(range(len(needs)), key=lambda row: -weights[row])
    filling = fill([Demand(row, needs[row]) for row in order], classes, rows=len(needs))
    filled = [0] * len(needs)
    for row, count in zip(order, filling.filled, strict=True):
        filled[row] = count
    return filling, filled


@pytest.mark.parametrize("seed", range(6))
def test_hundreds_of_posts_are_worth_what_the_best_assignment_is_worth(seed: int) -> None:
    dice = random.Random(seed)
    needs = [dice.randint(0, 9) for _ in range(40)]
    weights = [dice.randint(1, 50) for _ in needs]
    classes = make_masks(seed, rows=40, people=220, most=dice.choice([1, 2, 4]))

    filling, filled = fill_rows(needs, weights, classes)

    assert sum(filled) == count_by_flow(needs, classes)
    value = sum(weight * count for weight, count in zip(weights, filled, strict=True))
    assert value == weigh_by_assignment(needs, weights, classes)
    assert all(0 <= count <= need for count, need in zip(filled, needs, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_thousands_of_people_without_pattern_fill_as_many_posts_as_a_maximum_flow(seed: int) -> None:
    dice = random.Random(seed)
    needs = [dice.randint(1, 12) for _ in range(200)]
    classes = make_masks(seed, rows=200, people=(900, 1_300, 4_000)[seed], most=3)

    filling, filled = fill_rows(needs, [dice.randint(1, 9) for _ in needs], classes)
    counts = [classes[mask] for mask in filling.masks]
    parts = find_bottlenecks(filling, counts)

    assert sum(filled) == count_by_flow(needs, classes)
    shorts = [
        sum(need for row, need in enumerate(needs) if part.rows >> row & 1) - part.qualified for part in parts
    ]
    assert sum(shorts) == sum(needs) - sum(filled)
    assert all(short > 0 for short in shorts)


def test_losing_one_of_a_class_lowers_the_flow_for_the_indispensable_classes_alone() -> None:
    dice = random.Random(11)
    needs = [dice.randint(1, 4) for _ in range(30)]
    classes = make_masks(11, rows=30, people=80, most=3)
    filling, filled = fill_rows(needs, [1] * len(needs), classes)
    indispensable = {filling.masks[place] for place in find_indispensable(filling)}

    assert 0 < len(indispensable) < len(classes)
    for mask in classes:
        rest = count_by_flow(needs, {**classes, mask: classes[mask] - 1})
        assert (rest < sum(filled)) == (mask in indispensable)
