"""What an assessment says, as plain data: pages, reports, commands and snapshots all read this and derive nothing themselves.

A snapshot keeps it as JSON. A report of last spring is printed from that JSON alone, so that no certificate revoked and no standard
renumbered since can change what was reported then.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Self

from readiness.plain import read_json, write_json


class Level(IntEnum):
    """How ready; `None` beside it means that it is not known."""

    READY = 1
    READY_WITH_LIMITS = 2
    LIMITED = 3
    NOT_READY = 4


@dataclass(frozen=True)
class AreaResult:
    """One area: P people, S equipment on hand, R equipment usable, T training, X exercise, D plans and documents.

    `bands` are the three limits of levels 1 to 3 that decided; `binding` names the reasons that did: `band:all`, `band:key`,
    `critical:<id>`, `mandatory:<id>`. An area without data has no level, no figure and no parts.
    """

    code: str
    level: Level | None
    figure: str
    part: int | None
    whole: int | None
    percent: Decimal | None
    months: int | None
    bands: tuple[int, ...]
    binding: tuple[str, ...]


@dataclass(frozen=True)
class PositionResult:
    """A row of the standard; `members` are the ids of the persons placed, `reserve` counts who qualifies and was not placed.

    The people of key rows are counted once more by themselves; a mandatory row that nobody fills decides alone.
    """

    id: str
    names: dict[str, str]
    need: int
    filled: int
    key: bool
    any_of: tuple[tuple[str, ...], ...]
    members: tuple[int, ...]
    reserve: int
    mandatory: bool = False


@dataclass(frozen=True)
class Candidate:
    """A member who lacks few qualifications for positions that are short."""

    person_id: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class BottleneckResult:
    """Positions that share one shortage: they need `need` people and `qualified` qualify for any of them."""

    positions: tuple[str, ...]
    need: int
    qualified: int
    short: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class EquipmentResult:
    """A line of equipment; `reasons` counts by code why items on hand are not usable."""

    code: str
    names: dict[str, str]
    category: str
    unit: str
    need: int
    on_hand: int
    usable: int
    critical: bool
    item_ids: tuple[int, ...]
    reasons: tuple[tuple[str, int], ...]
    basis: str = "planning"
    source: str = "P"


@dataclass(frozen=True)
class RequirementResult:
    """A line of the checklist; `state` is met, not_met, not_applicable or unknown."""

    code: str
    title: dict[str, str]
    kind: str
    critical: bool
    state: str
    evidence: str
    dated_on: date | None
    basis: str
    source: str
    valid_until: date | None = None


@dataclass(frozen=True)
class ExpiryResult:
    """Something that ends within twelve months: a person's qualification or an item's check; `ends_on` still counts."""

    person_id: int | None
    item_id: int | None
    qualification: str
    ends_on: date
    evidence: str


@dataclass(frozen=True)
class ExerciseResult:
    """An exercise on record up to the day; `counts` when it is accepted and of the kind and length that the standard asks for."""

    kind: str
    names: dict[str, str]
    held_on: date
    hours: int
    accepted: bool
    counts: bool


@dataclass(frozen=True)
class Assessment:
    """A team against a standard as of a day, every figure with what it was counted from.

    `worst` are the areas that decide the level; `people` and `items` give names and tags by id.
    """

    team: str
    team_names: dict[str, str]
    agency: str
    standard: str
    standard_title: dict[str, str]
    edition: str
    on: date
    hold_days: int
    known_at: datetime
    level: Level | None
    worst: tuple[str, ...]
    areas: tuple[AreaResult, ...]
    positions: tuple[PositionResult, ...]
    bottlenecks: tuple[BottleneckResult, ...]
    indispensable: tuple[int, ...]
    equipment: tuple[EquipmentResult, ...]
    requirements: tuple[RequirementResult, ...]
    expiries: tuple[ExpiryResult, ...]
    people: dict[int, str]
    engine_version: str
    rule_version: str
    inputs_sha256: str
    exercises: tuple[ExerciseResult, ...] = ()
    items: dict[int, str] = field(default_factory=dict)

    @property
    def required(self) -> int:
        """How many posts there are."""
        return sum(position.need for position in self.positions)

    @property
    def filled(self) -> int:
        """How many of them are filled."""
        return sum(position.filled for position in self.positions)

    @property
    def key_required(self) -> int:
        """How many posts are key posts."""
        return sum(position.need for position in self.positions if position.key)

    @property
    def key_filled(self) -> int:
        """How many of the key posts are filled."""
        return sum(position.filled for position in self.positions if position.key)

    @property
    def items_required(self) -> int:
        """How many items the lines of equipment ask for together."""
        return sum(line.need for line in self.equipment)

    @property
    def items_on_hand(self) -> int:
        """How many of them the team has; what is more than a line asks for counts for no other line."""
        return sum(line.on_hand for line in self.equipment)

    @property
    def items_usable(self) -> int:
        """How many of them can be used on the day."""
        return sum(line.usable for line in self.equipment)

    def area(self, code: str) -> AreaResult:
        """Return an area by its code; KeyError when there is none of it."""
        return {area.code: area for area in self.areas}[code]

    def to_json(self) -> str:
        """Write the assessment as JSON; equal assessments give equal text."""
        return write_json(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote, without loss; raise ValueError for anything else."""
        return read_json(cls, text)
