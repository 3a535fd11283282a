"""What an assessment says: one team against one edition of a standard, as of one day; frozen values that travel as JSON.

The same values feed the page, the report and the snapshot, so that all three give the same figures, and a snapshot read back
years later gives the figures it gave then. Texts stand in every language they have; a reader takes his own, else English.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

SCHEMA = "assessment/1"


class Level(IntEnum):
    """The four levels of readiness; "not known" is no level but None."""

    READY = 1
    READY_WITH_LIMITS = 2
    LIMITED = 3
    NOT_READY = 4


@dataclass(frozen=True, slots=True)
class AreaResult:
    """One area of the rule set by its code (P S R T X D).

    `figure` is the number that decided in digits ("17 of 18", "9"); it is empty when the area is not known. `binding` names the
    reasons that decided the level: "band:all", "band:key", "band:months", "critical:<code>", "mandatory:<code>", "unknown:<code>".
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


@dataclass(frozen=True, slots=True)
class PositionResult:
    """One position: how many posts, how many are filled and by whom, and how many more people could fill one (`reserve`)."""

    id: str
    names: Mapping[str, str]
    need: int
    filled: int
    key: bool
    mandatory: bool
    any_of: tuple[tuple[str, ...], ...]
    members: tuple[int, ...]
    reserve: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be trained for a position, and the qualifications that he lacks for it."""

    person_id: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BottleneckResult:
    """A proof of a gap: these positions need more people than qualify for any of them; and whom training would cost least."""

    positions: tuple[str, ...]
    need: int
    qualified: int
    short: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class EquipmentResult:
    """One line of the equipment list. `reasons` are (why not usable, how many); `item_ids` the items that count for the line."""

    code: str
    names: Mapping[str, str]
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


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """One line of the checklist; `state` is met, not_met, not_applicable or unknown."""

    code: str
    title: Mapping[str, str]
    kind: str
    critical: bool
    state: str
    evidence: str
    dated_on: date | None
    basis: str
    source: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ExpiryResult:
    """Something that ends within twelve months of the day: a person's qualification, or an item's inspection."""

    person_id: int | None
    item_id: int | None
    qualification: str
    ends_on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class ExerciseResult:
    """One exercise on record up to the day; `counts` when it is of the kind and length that the rule asks for."""

    kind: str
    held_on: date
    hours: Decimal
    accepted: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """One team's readiness as of a day. `worst` are the areas that decide `level`; `people` and `items` give names by id."""

    team: str
    team_names: Mapping[str, str]
    agency: str
    standard: str
    standard_title: Mapping[str, str]
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
    people: Mapping[int, str]
    engine_version: str
    rule_version: str
    inputs_sha256: str
    exercises: tuple[ExerciseResult, ...] = ()
    items: Mapping[int, str] = field(default_factory=dict)

    @property
    def required(self) -> int:
        """How many posts there are."""
        return sum(position.need for position in self.positions)

    @property
    def filled(self) -> int:
        """How many posts are filled."""
        return sum(position.filled for position in self.positions)

    @property
    def items_required(self) -> int:
        """How many items the equipment lines ask for together."""
        return sum(line.need for line in self.equipment)

    @property
    def items_on_hand(self) -> int:
        """How many of them are with the team; what is more than a line asks for counts for nothing."""
        return sum(line.on_hand for line in self.equipment)

    @property
    def items_usable(self) -> int:
        """How many of them can be used."""
        return sum(line.usable for line in self.equipment)

    def area(self, code: str) -> AreaResult:
        """Return one area by its code; KeyError when the rule set has none such."""
        for area in self.areas:
            if area.code == code:
                return area
        raise KeyError(code)

    def as_document(self) -> dict[str, Any]:
        """Return the assessment as plain JSON values, its schema named first."""
        return {"schema": SCHEMA, **_plain(self)}

    def to_json(self) -> str:
        """Return the assessment as JSON text, the same text for the same assessment."""
        return json.dumps(self.as_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Assessment":
        """Read what `to_json` wrote, without loss. Raises ValueError for another schema."""
        return cls.from_document(json.loads(text))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Assessment":
        """Read what `as_document` gave. Raises ValueError for another schema."""
        if document.get("schema") != SCHEMA:
            raise ValueError(f"not an assessment of the schema {SCHEMA}")
        made: Assessment = _read(cls, document)
        return made


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return int(value) if isinstance(value, IntEnum) else value


def _read(wanted: Any, value: Any) -> Any:
    """Give a plain value the type that a dataclass declares for it."""
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        inner = next(one for one in get_args(wanted) if one is not NoneType)
        return None if value is None else _read(inner, value)
    if origin is tuple:
        kinds = get_args(wanted)
        if kinds[-1] is Ellipsis:
            return tuple(_read(kinds[0], member) for member in value)
        return tuple(_read(kind, member) for kind, member in zip(kinds, value, strict=True))
    if origin is Mapping:
        key, inner = get_args(wanted)
        return {key(name): _read(inner, member) for name, member in value.items()}
    if isinstance(wanted, type) and is_dataclass(wanted):
        hints = _hints_of(wanted)
        return wanted(**{name: _read(kind, value[name]) for name, kind in hints.items() if name in value})
    if wanted in (date, datetime):
        return wanted.fromisoformat(value)
    return wanted(value) if wanted in (Decimal, Level) else value


_HINTS: dict[Any, dict[str, Any]] = {}


def _hints_of(wanted: Any) -> dict[str, Any]:
    if wanted not in _HINTS:
        _HINTS[wanted] = get_type_hints(wanted)
    return _HINTS[wanted]
