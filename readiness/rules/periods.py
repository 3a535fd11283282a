"""Arithmetic of days: spans of days met, joined and counted in months."""

from collections.abc import Iterable
from datetime import date, timedelta

from foundation.dates import add_months
from readiness.rules.inputs import Span


def intersect(one: Iterable[Span], other: Iterable[Span]) -> tuple[Span, ...]:
    """Return the days that lie in a span of both."""
    met = []
    others = list(other)
    for start, end in one:
        for other_start, other_end in others:
            first = max(start, other_start)
            last = min((day for day in (end, other_end) if day is not None), default=None)
            if last is None or first <= last:
                met.append((first, last))
    return tuple(sorted(met, key=lambda span: (span[0], span[1] or date.max)))


def last_day_of_cover(spans: Iterable[Span], on: date) -> tuple[bool, date | None]:
    """Return whether a day is covered, and the last day up to which the cover goes on without a gap; None: without end."""
    covered, last = False, on - timedelta(days=1)
    for start, end in sorted(spans, key=lambda span: (span[0], span[1] or date.max)):
        if start > last + timedelta(days=1):
            break
        if end is None:
            return True, None
        if end >= on:
            covered, last = True, max(last, end)
            if last == date.max:
                return True, None
    return covered, last if covered else None


def count_months(start: date, on: date) -> int:
    """Return how many months have begun since a day: 0 on the day itself, 12 up to and on the same day of the next year."""
    if on < start:
        raise ValueError("the day lies before the start")
    guess = max(0, (on.year - start.year) * 12 + on.month - start.month - 1)
    for months in range(guess, guess + 3):
        if add_months(start, months) >= on:
            return months
    raise AssertionError("months were not counted")
