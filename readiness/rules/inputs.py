"""What is known of a team on a day: plain values, gathered by a service and judged by the rules."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from readiness.standards.data import ExerciseKind

Span = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class HeldInput:
    """One period in which a person holds a qualification, both days included, and its evidence ("" where it may not be told)."""

    qualification: str
    starts_on: date
    ends_on: date | None
    evidence: str


@dataclass(frozen=True, slots=True)
class PersonInput:
    """A member: the days on which he is in the team and in the agency, and all that he holds."""

    id: int
    name: str
    available: tuple[Span, ...]
    held: tuple[HeldInput, ...]


@dataclass(frozen=True, slots=True)
class ItemInput:
    """An item that the agency has accepted and allotted to the team; `lines` are the codes of the lines it may fulfil."""

    id: int
    tag: str
    lines: frozenset[str]
    usable: bool
    reasons: tuple[str, ...]
    inspection_due_on: date | None


@dataclass(frozen=True, slots=True)
class LotInput:
    """A consumable of which the agency holds so many."""

    lines: frozenset[str]
    quantity: int
    usable: int


@dataclass(frozen=True, slots=True)
class EvidenceInput:
    """What was shown for one line of the checklist: the latest up to the day. `state` is met, not_met or not_applicable."""

    code: str
    state: str
    dated_on: date
    valid_until: date | None
    note: str


@dataclass(frozen=True, slots=True)
class ExerciseInput:
    """An exercise that was held up to the day."""

    kind: ExerciseKind
    held_on: date
    hours: Decimal
    accepted: bool


@dataclass(frozen=True, slots=True)
class TeamInput:
    """A team on a day, and for how many days after it what is held must last (`hold_days`)."""

    team: str
    team_names: dict[str, str]
    agency: str
    on: date
    hold_days: int
    known_at: datetime
    people: tuple[PersonInput, ...]
    items: tuple[ItemInput, ...]
    lots: tuple[LotInput, ...]
    evidence: tuple[EvidenceInput, ...]
    exercises: tuple[ExerciseInput, ...]
