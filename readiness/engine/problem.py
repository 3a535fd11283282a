"""What the engine is asked and what it answers: plain values, the same for a page, a command and a file.

Days are dates, both ends included; ``None`` as a last day means without end. Names are whatever the caller uses to tell
positions and people apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

MOST_ROWS = 2_000
MOST_ALTERNATIVES = 16


class InvalidProblem(ValueError):
    """The problem cannot be solved as it was put: what is wrong with it, in a sentence."""


@dataclass(frozen=True, slots=True)
class Position:
    """`need` equal posts. A person may fill one who holds every qualification of at least one of the sets in `any_of`.

    An empty set is met by anybody who is available; without any set nobody qualifies. Higher priority is filled first.
    """

    id: str
    need: int
    priority: int
    any_of: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """One qualification, held from the first to the last day, both included."""

    qualification: str
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One person: when he is available (never given means always), and what he holds when."""

    id: str
    available: tuple[tuple[date, date | None], ...] = ()
    certificates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class PositionFill:
    """How far one position is filled, and by whom in the fill that was found (others may do as well)."""

    id: str
    need: int
    filled: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A proof of a gap: these positions need more people than qualify for any of them.

    `qualified` are all available people who qualify for at least one of the positions; `short` is need less qualified.
    """

    positions: tuple[str, ...]
    need: int
    qualified: int
    short: int


@dataclass(frozen=True, slots=True)
class Solution:
    """The best fill and what follows from it; everything but the names in `by_position` is the same for every best fill.

    Positions and people stand in the order in which they were given. The shorts of the bottlenecks add up to the gap.
    `indispensable` are the people whose loss would lower `filled`, `spare` the other available ones.
    """

    required: int
    filled: int
    by_position: tuple[PositionFill, ...]
    bottlenecks: tuple[Bottleneck, ...]
    indispensable: tuple[str, ...]
    spare: tuple[str, ...]

    @property
    def short_positions(self) -> tuple[str, ...]:
        """The positions of all bottlenecks, in the order in which they were given."""
        short = {name for bottleneck in self.bottlenecks for name in bottleneck.positions}
        return tuple(position.id for position in self.by_position if position.id in short)

    @property
    def useful(self) -> tuple[tuple[str, str], ...]:
        """Every pair of a person and a position of which one more eligibility would raise `filled`, and no other pair.

        Each spare person pairs with each short position, so the list may be long; whoever can, uses the two lists.
        Source: the Dulmage-Mendelsohn decomposition. Some best fill leaves a spare person without a post, some leaves a
        post of a short position open, and the paths that lead there never meet, so that one fill does both.
        """
        return tuple(product(self.spare, self.short_positions))


def check(positions: Sequence[Position], members: Sequence[Member]) -> None:
    """Refuse with ``InvalidProblem`` what has no answer: names given twice, negative needs, too many alternatives."""
    _refuse_twice("position", (position.id for position in positions))
    _refuse_twice("person", (member.id for member in members))
    for position in positions:
        if position.need < 0:
            raise InvalidProblem(f"Position {position.id} needs {position.need}: a need is 0 or more.")
        if len(position.any_of) > MOST_ALTERNATIVES:
            raise InvalidProblem(
                f"Position {position.id} has {len(position.any_of)} alternatives; {MOST_ALTERNATIVES} is the most."
            )


def _refuse_twice(kind: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidProblem(f"There is more than one {kind} called {name}.")
        seen.add(name)
