"""What a benchmark returns, and how time is taken: processor time, never the clock on the wall.

A busy machine stretches the wall clock several times over; the processor time of this process moves far less, and medians of calls
taken in turns hardly at all.
"""

import gc
import importlib
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured value. `aim` is the most it should be; without one it is there to be known."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    remark: str = ""

    @property
    def ratio(self) -> float | None:
        """The value as a part of its aim: 1 is just met."""
        return None if self.aim is None else round(self.value / self.aim, 2)

    @property
    def verdict(self) -> str:
        """In a word: met or missed; empty without an aim."""
        return "" if self.aim is None else "met" if self.value <= self.aim else "missed"

    def as_json(self) -> dict[str, Any]:
        """Return the figure as plain values."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "aim": self.aim,
            "ratio": self.ratio,
            "verdict": self.verdict,
            "remark": self.remark,
        }


def measure_in_turns(
    calls: Mapping[str, Callable[[], object]], *, rounds: int, warm_up: int = 3
) -> dict[str, list[float]]:
    """Call each in turn, round after round; return the processor milliseconds of each call.

    Garbage of one call must not be collected at the cost of another: it is collected before each round, outside the measurement,
    and as usual within.
    """
    for _ in range(warm_up):
        for call in calls.values():
            call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        gc.collect()
        for name, call in calls.items():
            started = time.process_time()
            call()
            times[name].append((time.process_time() - started) * 1000)
    return times


def median(values: list[float]) -> float:
    """Return the median, rounded to what the measurement can bear."""
    return round(statistics.median(values), 2)


def run_one(name: str) -> list[Figure]:
    """Run the benchmark of a name in this process."""
    found: list[Figure] = importlib.import_module(f"bench.{name}").figures()
    return found
