"""Read the dates people put in sheets: real dates, serial numbers, ISO, and day, month and year in the order of the land.

A date such as 03/04/1990 means two days. The order is asked for or told by the other dates of the sheet, and what stays
ambiguous is reported. Declined: two-digit years, and Hijri dates, whose conversion may be a day off from the document.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from babel import Locale

from accounts.names import fold_native
from curriculum.personnel.cells import Cell
from curriculum.personnel.problems import Problem

_FIRST_SERIAL = 1_000
_LAST_SERIAL = 80_000
_YEARS_LIKE = range(1900, 2101)
_HIJRI_YEARS = range(1300, 1500)
_EPOCH_1900 = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)
_PARTS = re.compile(r"(\d{1,4})\s*([-/.\s\u060c])\s*(\d{1,2})\s*[-/.\s\u060c]\s*(\d{1,4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME_OF_DAY = re.compile(r"[T\s]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]m)?(?:Z)?$", re.IGNORECASE)
_IN_WORDS = re.compile(
    r"(\d{1,4})(?:er|st|nd|rd|th)?[\s\-./]+(?:of\s+|de\s+)?([^\d]+?)[\s\-./,\u060c]+(\d{1,4})"
)
_MONTH_FIRST = re.compile(r"([^\d]+?)[\s\-./]+(\d{1,2})(?:st|nd|rd|th)?[\s,\u060c]+(\d{4})")
_HIJRI_MONTHS = (
    "محرم",
    "صفر",
    "ربيع",
    "جمادى",
    "رجب",
    "شعبان",
    "رمضان",
    "شوال",
    "ذو القعدة",
    "ذو الحجة",
    "هـ",
)


class DateOrder(StrEnum):
    """In which order a sheet writes day, month and year."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


@dataclass(frozen=True, slots=True)
class DateReading:
    """What a cell says as a date: the day, or what is wrong; `is_ambiguous` if another order gives another day."""

    on: date | None
    problem: Problem | None = None
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class OrderGuess:
    """The order the dates of a sheet are read in. `contradicted`: some dates only fit another order."""

    order: DateOrder
    is_certain: bool
    contradicted: bool = False


def guess_date_order(cells: Iterable[Cell]) -> OrderGuess:
    """Return the order that the dates of a column prove; day first where none does."""
    day_first = month_first = 0
    for cell in cells:
        parts = _PARTS.fullmatch(_plain(cell)) if isinstance(cell, str) else None
        if parts is None or len(parts.group(1)) > 2:
            continue
        first, second = int(parts.group(1)), int(parts.group(3))
        day_first += first > 12 >= second
        month_first += second > 12 >= first
    order = DateOrder.MDY if month_first > day_first else DateOrder.DMY
    return OrderGuess(
        order, is_certain=bool(day_first or month_first), contradicted=bool(day_first and month_first)
    )


def read_date(cell: Cell, order: DateOrder, *, is_1904: bool = False) -> DateReading:
    """Read one cell as a day of the Gregorian calendar."""
    if isinstance(cell, datetime):
        return _accepted(cell.date())
    if isinstance(cell, date):
        return _accepted(cell)
    if isinstance(cell, bool):
        return DateReading(None, Problem.NOT_A_DATE)
    if isinstance(cell, int | float):
        return _read_number(float(cell), is_1904=is_1904)
    if not isinstance(cell, str):
        return DateReading(None, Problem.NOT_A_DATE)
    text = _TIME_OF_DAY.sub("", _plain(cell))
    if compact := _COMPACT.fullmatch(text):
        return _day(*map(int, compact.groups()))
    if text.isascii() and text.isdigit():
        return _read_number(float(text), is_1904=is_1904)
    if parts := _PARTS.fullmatch(text):
        return _read_parts(parts.group(1), parts.group(3), parts.group(4), order)
    return _read_words(text)


def swap_day_and_month(on: date) -> date | None:
    """Return the date with day and month exchanged, None if that is no other date."""
    if on.day > 12 or on.day == on.month:
        return None
    return date(on.year, on.day, on.month)


def _plain(text: str) -> str:
    """Return the text with ASCII digits, without directional marks and outer blanks."""
    digits = (
        str(unicodedata.digit(letter)) if letter.isdigit() and not letter.isascii() else letter
        for letter in text
    )
    plain = "".join(letter for letter in digits if unicodedata.category(letter) != "Cf")
    return plain.replace("\u066b", ".").replace("\u00a0", " ").replace("\u2212", "-").strip().lstrip("'")


def _read_number(value: float, *, is_1904: bool) -> DateReading:
    number = int(value)
    if number in _YEARS_LIKE or number < _FIRST_SERIAL:
        return DateReading(None, Problem.NOT_A_DATE)
    if number > _LAST_SERIAL:
        compact = _COMPACT.fullmatch(str(number))
        return _day(*map(int, compact.groups())) if compact else DateReading(None, Problem.NOT_A_DATE)
    return _accepted((_EPOCH_1904 if is_1904 else _EPOCH_1900) + timedelta(days=number))


def _read_parts(first: str, second: str, third: str, order: DateOrder) -> DateReading:
    if len(first) == 4:
        return _day(int(first), int(second), int(third))
    if len(third) != 4 or len(first) > 2:
        return DateReading(
            None, Problem.SHORT_YEAR if len(third) <= 2 and len(first) <= 2 else Problem.NOT_A_DATE
        )
    day, month = (int(second), int(first)) if order is DateOrder.MDY else (int(first), int(second))
    reading = _day(int(third), month, day)
    if reading.on is None:
        exchanged = _day(int(third), day, month)
        return DateReading(None, Problem.DATE_ORDER) if exchanged.on is not None else reading
    return DateReading(reading.on, is_ambiguous=swap_day_and_month(reading.on) is not None)


def _read_words(text: str) -> DateReading:
    if any(month in text for month in _HIJRI_MONTHS):
        return DateReading(None, Problem.HIJRI_DATE)
    if words := _IN_WORDS.fullmatch(text):
        first, name, last = words.groups()
    elif words := _MONTH_FIRST.fullmatch(text):
        name, first, last = words.groups()
    else:
        return DateReading(None, Problem.NOT_A_DATE)
    month = _month_names().get(fold_native(name))
    if month is None:
        return DateReading(None, Problem.NOT_A_DATE)
    year, day = (first, last) if len(first) == 4 else (last, first)
    if len(year) != 4 or len(day) > 2:
        return DateReading(None, Problem.SHORT_YEAR)
    return _day(int(year), month, int(day))


def _day(year: int, month: int, day: int) -> DateReading:
    if year in _HIJRI_YEARS:
        return DateReading(None, Problem.HIJRI_DATE)
    try:
        return _accepted(date(year, month, day))
    except ValueError:
        return DateReading(None, Problem.NOT_A_DATE)


def _accepted(on: date) -> DateReading:
    return DateReading(None, Problem.HIJRI_DATE) if on.year in _HIJRI_YEARS else DateReading(on)


@lru_cache(maxsize=1)
def _month_names() -> dict[str, int]:
    """Return month names of the sheet's languages, also those of the Levant and the Maghreb, folded."""
    names: dict[str, int] = {}
    for code in ("en", "fr", "ar", "ar_SY", "ar_DZ", "ar_MA", "es", "tr", "id"):
        months = Locale.parse(code).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in months[context][width].items():
                    names.setdefault(fold_native(name), month)
    names["sept"] = 9
    return names
