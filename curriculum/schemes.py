"""What the outcome rules judge: the instrument as an edition fixed it, and what evaluators put down.

Plain values without database or clock, so that the same rules serve the recording page, the offline sync,
the batch of certificates and a report for a past date. Marks are ``Decimal`` throughout: a binary float
turns 70 into 69.999.

One shape serves all four instruments, because every item is one of three measures:

* ``level``: a step of the assessment's scale (stations); the step says which share of the item's weight is
  earned;
* ``percent``: a score from 0.0 to 100.0 (written papers); the share earned is the score itself;
* ``bounded``: a measured figure that has to stay within limits (seconds of a timed drill, figures of a
  triage drill); all or nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from curriculum.texts import LocalText

NOT_OBSERVED = Decimal(0)
"""The digit for "not observed": kept apart from "not done", and it leaves the item open."""


class AssessmentKind(StrEnum):
    """The instruments an edition can use."""

    WRITTEN = "written"
    STATION = "station"
    TIMED_DRILL = "timed_drill"
    TRIAGE_DRILL = "triage_drill"


class Measure(StrEnum):
    """How an item is marked."""

    LEVEL = "level"
    PERCENT = "percent"
    BOUNDED = "bounded"


class Unit(StrEnum):
    """What a bounded figure counts."""

    SECONDS = "seconds"
    PERCENT = "percent"
    MILLIMETRES = "millimetres"
    PIECES = "pieces"


class Counting(StrEnum):
    """Which attempt decides when there are several."""

    BEST = "best"
    LAST = "last"


class Outcome(StrEnum):
    """What a judgement comes to.

    An attempt can be incomplete, a trainee in progress; the other two are common.
    """

    COMPETENT = "competent"
    NOT_YET_COMPETENT = "not_yet_competent"
    INCOMPLETE = "incomplete"
    IN_PROGRESS = "in_progress"


class Presence(StrEnum):
    """Present; absent; excused (absent with an accepted reason, still not attended); made up in another session."""

    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"
    MADE_UP = "made_up"


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a marking scale: the digit pressed, its word, the share of the weight it earns (0 to 1)."""

    value: int
    label: LocalText
    share: Decimal
    fails_critical: bool


@dataclass(frozen=True, slots=True)
class ItemScheme:
    """One thing to observe. ``at_least`` and ``at_most`` are inclusive and belong to bounded items alone."""

    code: str
    weight: Decimal = Decimal(1)
    critical: bool = False
    measure: Measure = Measure.LEVEL
    at_least: Decimal | None = None
    at_most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AssessmentScheme:
    """One instrument: its items, its scale and the rules of passing and trying again.

    ``pass_mark`` and scores are percent of the summed weights; ``retake_wait_days`` are full days between
    tries.
    """

    code: str
    title: LocalText
    kind: AssessmentKind
    pass_mark: Decimal
    items: tuple[ItemScheme, ...]
    scale: tuple[Level, ...] = ()
    max_attempts: int = 2
    retake_wait_days: int = 0
    other_evaluator_on_retake: bool = False
    counting: Counting = Counting.BEST
    note_required_on_fail: bool = True

    @property
    def total_weight(self) -> Decimal:
        """The sum of all item weights."""
        return sum((item.weight for item in self.items), Decimal(0))


@dataclass(frozen=True, slots=True)
class EditionScheme:
    """What an edition asks: sessions attended, out of the listed positions, and every assessment."""

    required_sessions: int
    sessions: tuple[int, ...]
    assessments: tuple[AssessmentScheme, ...]


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One try as the rules see it. Only signed attempts count; the id of the evaluator
    is that of his user."""

    number: int
    marks: Mapping[str, Decimal] = field(hash=False)
    observed_on: date
    evaluator_id: int
    signed: bool = True


@dataclass(frozen=True, slots=True)
class Signer:
    """Who wants to sign: posted to the cohort, qualified on the day of the attempt, and not the trainee himself."""

    evaluator_id: int
    posted: bool
    qualified: bool
    is_trainee: bool
