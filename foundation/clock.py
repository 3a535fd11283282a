"""The one place that asks what time it is, so that a test (and a replay) can answer instead of the machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _system_now() -> datetime:
    return datetime.now(UTC)


def _universal() -> str:
    return "UTC"


_source: Callable[[], datetime] = _system_now
_home_zone: Callable[[], str] = _universal


def now() -> datetime:
    """Return the present moment as an aware datetime in UTC."""
    return _source()


def today(zone: str | None = None) -> date:
    """Return today's date: the day at home, by which everything is valid, due or over; or that of another IANA time zone.

    Another zone is for what happens at a place, such as a session of a cohort. No question of validity is asked in it, or
    a certificate would count in one office and not yet in the next.
    """
    return now().astimezone(ZoneInfo(zone or _home_zone())).date()


def day_of(moment: datetime) -> date:
    """Return the day at home on which a moment fell."""
    return moment.astimezone(ZoneInfo(_home_zone())).date()


def keep_home(zone: Callable[[], str]) -> None:
    """Let the application tell in which time zone its organisation is at home (UTC until it does)."""
    global _home_zone
    _home_zone = zone


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
