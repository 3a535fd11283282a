"""The judges find what they are there to find: each deliberate fault in a copy of the engine is caught.

A judge that shares a thought with the engine would share its mistakes; a fault that no problem brings to light would mean that the
problems are too easy.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

import readiness.engine
from tests.readiness.engine.judges import find_faults
from tests.readiness.engine.problems import make_problem

SOURCES = Path(readiness.engine.__file__).parent
COPY = "planted_engine"
CASES = 1_200

FAULTS = {
    "the lowest priority is filled first": (
        "grouping", "-positions[index].priority", "positions[index].priority",
    ),
    "the last valid day does not count": ("validity", "and last <= end:", "and last < end:"),
    "the day after the last valid day counts": ("validity", "and last <= end:", "and last <= end + 1:"),
    "the first valid day does not count": ("validity", "if start <= first and", "if start < first and"),
    "a deployment is its first day": ("validity", "Period(first, first + hold_days)", "Period(first, first)"),
    "a deployment is a day longer": ("validity", "Period(first, first + hold_days)", "Period(first, first + hold_days + 1)"),
    "certificates do not join": ("validity", "held | self._join(parts, held) if len(parts) > 1 else held", "held"),
    "certificates join over a day between them": ("validity", "if start > missing or", "if start > missing + 1 or"),
    "adjacent certificates do not join": ("validity", "max(missing, end + 1)", "max(missing, end)"),
    "a later piece that ends earlier takes days away": ("validity", "max(missing, end + 1)", "end + 1"),
    "implications are not followed further": ("validity", "waiting.append(implied)", "pass"),
    "implications are forgotten": ("validity", "reached = {qualification}\n", "return {qualification}\n"),
    "implied qualifications do not join with own ones": (
        "validity", "sum(bits[name] for name in close(qualification, self.implies) if name in bits)", "bits.get(qualification, 0)",
    ),
    "availability is not asked": ("grouping", "member.available and not is_covered", "False and not is_covered"),
    "one of the alternative sets is not enough": ("grouping", "wanted & held == wanted", "wanted == held"),
    "one qualification of a set is enough": ("grouping", "wanted & held == wanted", "wanted & held"),
    "the larger of two nested sets is asked": ("grouping", "other < wanted for", "other > wanted for"),
    "an empty set is met by nobody": ("grouping", "self._free |= 1 << row", "pass"),
    "nobody changes places": ("fill", "while missing and not self.dead_rows[row]:", "while False:"),
    "only one step of changing places is tried": ("fill", "queue.append(other)", "pass"),
    "somebody who moves on is forgotten in his new row": ("fill", "taken[target] = taken.get(target, 0) + count", "pass"),
    "somebody who moves on stays in his old row": ("fill", "taken[at] -= count", "pass"),
    "a search that succeeds marks rows as dead": (
        "fill", "if free is not None:\n", "if free is not None:\n                            self.dead_rows[current] = True\n",
    ),
    "a search that fails marks only its own row": ("fill", "for dead in queue:", "for dead in [row]:"),
    "a class is passed over with people left": ("fill", "self.passed[row] = at\n", "self.passed[row] = at + 1\n"),
    "a path moves more people than it bears": ("fill", "min(count, self.taken[place][at])", "count"),
    "people are not counted out of their class": ("fill", "self.left[place] -= count", "self.left[place] -= count > 1"),
    "a bottleneck counts classes for people": ("explaining", "people_by_rows.get(shared, 0) + count", "people_by_rows.get(shared, 0) + 1"),
    "bottlenecks are not joined by who shares them": ("explaining", "for other in others:", "for other in []:"),
    "positions that nobody qualifies for are one bottleneck": (
        "solving", "if part.qualified else [([index], 0) for index in indexes]", "",
    ),
    "whoever has a post is indispensable": ("explaining", "waiting.append(place)\n        reached", "pass\n        reached"),
    "nobody in a full class can be replaced": ("explaining", "replaceable[place] = True", "pass"),
    "people are handed out twice": ("solving", "at += count", "pass"),
    "posts of equal rows are handed out twice": ("solving", "given[demand.row] = start + count", "pass"),
    "a position that needs nobody is short": ("solving", "if demand.need:", "if True:"),
}  # fmt: skip


@contextmanager
def planted(folder: Path, module: str, sound: str, fault: str) -> Iterator[ModuleType]:
    """Give a copy of the engine in which one piece of text was replaced; the piece stands there exactly once."""
    target = folder / COPY
    target.mkdir()
    for path in SOURCES.glob("*.py"):
        source = path.read_text(encoding="utf-8").replace("readiness.engine", COPY)
        if path.stem == module:
            assert source.count(sound) == 1, f"{source.count(sound)} times in {module}: {sound}"
            source = source.replace(sound, fault)
        (target / path.name).write_text(source, encoding="utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(f"{COPY}.solving")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == COPY]:
            del sys.modules[name]


def find_first_catch(engine: ModuleType) -> str | None:
    """Return how the judges caught an engine, or nothing."""
    reading = importlib.import_module(f"{engine.__package__}.reading")
    for seed in range(CASES):
        raw = make_problem(seed)
        asked = reading.read_problem(json.dumps(raw).encode())
        try:
            answer = engine.solve(
                asked.positions, asked.members, on=asked.on, hold_days=asked.hold_days, implies=asked.implies
            )
            for found in find_faults(raw, answer):
                return found
        except (ArithmeticError, LookupError, ValueError) as error:
            return f"it broke down: {error!r}"
    return None


@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_caught(name: str, tmp_path: Path) -> None:
    with planted(tmp_path, *FAULTS[name]) as engine:
        assert find_first_catch(engine) is not None


def test_copy_without_a_fault_is_not_caught(tmp_path: Path) -> None:
    with planted(tmp_path, "fill", "class _Network:", "class _Network:") as engine:
        assert find_first_catch(engine) is None
