"""The engine against plain enumeration, on two thousand small problems, awkward ones and tangled ones."""

import json

import pytest

from readiness.engine import Solution, solve
from readiness.engine.reading import read_problem
from tests.readiness.engine.judges import find_faults, list_qualified
from tests.readiness.engine.problems import make_problem

CASES = 2_400
PACKETS = 12


def solve_raw(raw: object) -> Solution:
    """Solve a problem given in the words of a file."""
    asked = read_problem(json.dumps(raw).encode())
    return solve(
        asked.positions, asked.members, on=asked.on, hold_days=asked.hold_days, implies=asked.implies
    )


@pytest.mark.parametrize("packet", range(PACKETS))
def test_fill_bottlenecks_indispensable_people_and_useful_pairs_are_those_of_enumeration(packet: int) -> None:
    for seed in range(packet, CASES, PACKETS):
        raw = make_problem(seed)
        assert list(find_faults(raw, solve_raw(raw))) == [], f"seed {seed}"


@pytest.mark.deep
@pytest.mark.parametrize("packet", range(PACKETS))
def test_many_more_problems_agree_with_enumeration(packet: int) -> None:
    for seed in range(CASES + packet, CASES + 60_000, PACKETS):
        raw = make_problem(seed)
        assert list(find_faults(raw, solve_raw(raw))) == [], f"seed {seed}"


def test_the_problems_are_awkward_enough_to_be_worth_solving() -> None:
    problems = [make_problem(seed) for seed in range(CASES)]
    answers = [solve_raw(raw) for raw in problems]
    assert sum(answer.filled < answer.required for answer in answers) > CASES / 4
    assert sum(len(answer.bottlenecks) > 1 for answer in answers) > CASES / 20
    assert sum(bool(answer.indispensable) and bool(answer.spare) for answer in answers) > CASES / 8
    assert sum(bool(answer.useful) for answer in answers) > CASES / 8
    assert sum(len(list_qualified(raw)) < len(raw["people"]) for raw in problems) > CASES / 20
