"""The words, letters and tones of the recording pages: presence, sheets, outcomes, levels of a scale."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from curriculum.schemes import Level, Outcome, Presence, Unit
from curriculum.services.grids import SheetStatus
from foundation.i18n import _, language, lazy

WORDS: Mapping[type[StrEnum], Mapping[StrEnum, Any]] = {
    Presence: {
        Presence.PRESENT: lazy("Present"),
        Presence.ABSENT: lazy("Absent"),
        Presence.EXCUSED: lazy("Excused"),
        Presence.MADE_UP: lazy("Made up"),
    },
    SheetStatus: {
        SheetStatus.EMPTY: lazy("Not begun"),
        SheetStatus.OPEN: lazy("Open"),
        SheetStatus.CONFLICT: lazy("Conflict"),
        SheetStatus.STOPPED: lazy("Critical item failed"),
        SheetStatus.COMPLETE: lazy("Complete"),
        SheetStatus.SIGNED: lazy("Signed"),
    },
    Outcome: {
        Outcome.COMPETENT: lazy("Competent"),
        Outcome.NOT_YET_COMPETENT: lazy("Not yet competent"),
        Outcome.INCOMPLETE: lazy("Incomplete"),
        Outcome.IN_PROGRESS: lazy("In progress"),
    },
    Unit: {
        Unit.SECONDS: lazy("seconds"),
        Unit.PERCENT: lazy("percent"),
        Unit.MILLIMETRES: lazy("millimetres"),
        Unit.PIECES: lazy("pieces"),
    },
}
# The letter stands in the table and on the key that enters it; each language has its own.
LETTERS: Mapping[Presence, Any] = {
    Presence.PRESENT: lazy("P"),
    Presence.ABSENT: lazy("A"),
    Presence.EXCUSED: lazy("E"),
    Presence.MADE_UP: lazy("M"),
}
TONES: Mapping[StrEnum, str] = {
    Presence.PRESENT: "ok",
    Presence.ABSENT: "bad",
    Presence.EXCUSED: "warn",
    Presence.MADE_UP: "info",
    SheetStatus.CONFLICT: "warn",
    SheetStatus.STOPPED: "bad",
    SheetStatus.COMPLETE: "info",
    SheetStatus.SIGNED: "ok",
    Outcome.COMPETENT: "ok",
    Outcome.NOT_YET_COMPETENT: "bad",
}


def recording_word(member: StrEnum) -> str:
    """Return the word of a presence, a sheet's status, an outcome or a unit in the reader's language."""
    return str(WORDS[type(member)][member])


def recording_tone(member: StrEnum) -> str:
    """Return the badge tone: ok, warn, bad, info or neutral."""
    return TONES.get(member, "neutral")


def presence_letter(presence: Presence) -> str:
    """Return the one letter by which a presence stands in a dense table."""
    return str(LETTERS[presence])


def show_value(value: Decimal | None) -> str:
    """Return a mark as it is written: no needless zeros, a dash for none."""
    return "–" if value is None else f"{value.normalize():f}"


def list_levels(scale: Sequence[Level]) -> list[dict[str, object]]:
    """Return the levels to choose from as the grid draws them, "not observed" first; empty for an instrument without a scale."""
    if not scale:
        return []
    best = max(level.share for level in scale)
    levels: list[dict[str, object]] = [{"value": 0, "digit": "–", "label": _("Not observed"), "tone": "none"}]
    for level in scale:
        if level.share == 0:
            tone = "low"
        elif level.fails_critical:
            tone = "part"
        else:
            tone = "high" if level.share == best and len(scale) > 3 else "good"
        levels.append(
            {
                "value": level.value,
                "digit": str(level.value),
                "label": level.label.in_language(language()),
                "tone": tone,
            }
        )
    return levels


def clock_time(moment: datetime, zone: str) -> str:
    """Return the time of day of a moment where the cohort is, as hours and minutes."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def day_month(day: date) -> str:
    """Return a day for a narrow head of a column: day and month as numbers, the day first."""
    return f"{day.day}/{day.month}"


FILTERS: Mapping[str, Callable[..., str]] = {
    "clock": clock_time,
    "day_month": day_month,
    "recording_word": recording_word,
    "recording_tone": recording_tone,
    "presence_letter": presence_letter,
    "mark": show_value,
}
