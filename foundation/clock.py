"""The one place that asks what time it is, so that a test (and a replay) can answer instead of the machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _system_now() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_now


def now() -> datetime:
    """Return the present moment as an aware datetime in UTC."""
    return _source()


def today(zone: str | None = None) -> date:
    """Return today's date in an IANA time zone (default UTC)."""
    return now().astimezone(ZoneInfo(zone) if zone else UTC).date()


@contextmanager
def frozen_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware moment for the length of a block; for tests and for building the demonstration."""
    global _source
    present = moment.astimezone(UTC)
    previous, _source = _source, lambda: present
    try:
        yield
    finally:
        _source = previous
