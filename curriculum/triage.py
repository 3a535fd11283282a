"""Figures of a triage drill, and the marks they become. Pure.

Source: the metrics of the triage standard that comes with the system (``triage-assessment.json``): accuracy
``ACC``, under-triage ``UND``, over-triage ``OVR``, seconds per casualty ``SPC``, life-saving interventions
``LSI``. Reference categories are set by two assessors before the drill and frozen; here they arrive as part
of each casualty.

Three readings of that source:

* Urgency falls from immediate over delayed to minor. Dead and expectant stand **below** minor: calling a
  living immediate or delayed casualty dead is the gravest under-triage, and sending a minor one to
  immediate is over-triage.
* Over-triage divides by what the trainee sorted upward: casualties placed in immediate or delayed whose
  reference is minor or delayed and lower than that, over all casualties placed in immediate or delayed.
* Figures are rounded against the trainee, to tenths, so that a page never shows a limit kept that was
  missed. Where nothing could go wrong (no urgent casualty, no intervention indicated) the figure is the
  perfect one; where nothing was triaged at all, accuracy is zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum

HUNDRED = Decimal(100)
TENTH = Decimal("0.1")


class TriageCategory(StrEnum):
    """Treatment priorities, by the letter of the standard."""

    IMMEDIATE = "I"
    DELAYED = "D"
    MINOR = "M"
    DEAD = "X"
    EXPECTANT = "E"


URGENCY = {
    TriageCategory.IMMEDIATE: 3,
    TriageCategory.DELAYED: 2,
    TriageCategory.MINOR: 1,
    TriageCategory.DEAD: 0,
    TriageCategory.EXPECTANT: 0,
}
URGENT = frozenset({TriageCategory.IMMEDIATE, TriageCategory.DELAYED})
OVER_TRIAGEABLE = frozenset({TriageCategory.MINOR, TriageCategory.DELAYED})


@dataclass(frozen=True, slots=True)
class CasualtyRecord:
    """One casualty: what the trainee chose (``None``: never reached) against the frozen reference.

    ``interventions_indicated`` and ``interventions_done`` count life-saving interventions.
    """

    tag: str
    reference: TriageCategory
    chosen: TriageCategory | None
    interventions_indicated: int = 0
    interventions_done: int = 0


@dataclass(frozen=True, slots=True)
class TriageFigures:
    """The figures of one drill: percentages and seconds in tenths; counts for the page that explains them."""

    casualties: int
    triaged: int
    correct: int
    under_triaged: tuple[str, ...]
    over_triaged: tuple[str, ...]
    accuracy_percent: Decimal
    under_triage_percent: Decimal
    over_triage_percent: Decimal
    seconds_per_casualty: Decimal
    interventions_percent: Decimal

    def as_marks(self) -> dict[str, Decimal]:
        """Return the figures as marks of a triage drill's items, by the metric codes of the standard."""
        return {
            "ACC": self.accuracy_percent,
            "UND": self.under_triage_percent,
            "OVR": self.over_triage_percent,
            "SPC": self.seconds_per_casualty,
            "LSI": self.interventions_percent,
        }


def compute_figures(casualties: Sequence[CasualtyRecord], *, elapsed_seconds: Decimal) -> TriageFigures:
    """Compute the figures of a drill that took ``elapsed_seconds`` in all.

    A casualty never reached counts as under-triaged when it was urgent: nobody was coming. It does not
    count in accuracy, whose divisor is the casualties triaged. Raises ``ValueError`` for a drill without
    casualties, a repeated tag, a negative time, or more interventions done than indicated.
    """
    _check(casualties, elapsed_seconds)
    triaged = [one for one in casualties if one.chosen is not None]
    correct = sum(one.chosen == one.reference for one in triaged)
    urgent = [one for one in casualties if one.reference in URGENT]
    under = tuple(one.tag for one in urgent if _urgency(one.chosen) < URGENCY[one.reference])
    raised = [one for one in triaged if one.chosen in URGENT]
    over = tuple(
        one.tag
        for one in raised
        if one.reference in OVER_TRIAGEABLE and _urgency(one.chosen) > URGENCY[one.reference]
    )
    indicated = sum(one.interventions_indicated for one in casualties)
    done = sum(one.interventions_done for one in casualties)
    return TriageFigures(
        casualties=len(casualties),
        triaged=len(triaged),
        correct=correct,
        under_triaged=under,
        over_triaged=over,
        accuracy_percent=_percent(correct, len(triaged), ROUND_FLOOR, of_none=0),
        under_triage_percent=_percent(len(under), len(urgent), ROUND_CEILING, of_none=0),
        over_triage_percent=_percent(len(over), len(raised), ROUND_CEILING, of_none=0),
        seconds_per_casualty=(elapsed_seconds / len(casualties)).quantize(TENTH, ROUND_CEILING),
        interventions_percent=_percent(done, indicated, ROUND_FLOOR, of_none=100),
    )


def _check(casualties: Sequence[CasualtyRecord], elapsed_seconds: Decimal) -> None:
    if not casualties:
        raise ValueError("a drill needs at least one casualty")
    if len({one.tag for one in casualties}) != len(casualties):
        raise ValueError("a casualty tag stands twice in the drill")
    if elapsed_seconds < 0:
        raise ValueError("a drill cannot take less than no time")
    if any(not 0 <= one.interventions_done <= one.interventions_indicated for one in casualties):
        raise ValueError("more interventions done than indicated")


def _urgency(chosen: TriageCategory | None) -> int:
    return -1 if chosen is None else URGENCY[chosen]


def _percent(part: int, whole: int, rounding: str, *, of_none: int) -> Decimal:
    exact = Decimal(part) * HUNDRED / Decimal(whole) if whole else Decimal(of_none)
    return exact.quantize(TENTH, rounding)
