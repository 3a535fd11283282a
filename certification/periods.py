"""In which periods a certificate counts: the days on which it is worth something, by rule, without database or clock.

The state at the end of a day decides about that day. So a revocation counts from the day on which it was approved and not from
when the paper was wrongly given: a figure given for an earlier day stays what it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from foundation.registry import EndedBy

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which a certificate counts, both included; `ends_on` None: without end.

    `ended_by` is SUSPENSION for a period that a suspension cut short, and REVOCATION for all periods of a revoked certificate.
    """

    starts_on: date
    ends_on: date | None
    ended_by: EndedBy | None = None


def list_periods(
    starts_on: date, ends_on: date | None, actions: Sequence[tuple[str, date]]
) -> Iterator[Period]:
    """Yield the periods of a certificate, the earliest first.

    `actions` are the approved ones in the order in which they were decided, each as ('suspend' | 'lift' | 'revoke', day). A
    suspension takes its own day away, its lifting gives its own day back, and nothing comes after a revocation.
    """
    revoked = EndedBy.REVOCATION if any(kind == "revoke" for kind, _day in actions) else None
    begins: date | None = starts_on
    for day, kind in _last_of_each_day(actions):
        if kind == "lift":
            begins = begins or max(day, starts_on)
            continue
        if begins is not None:
            yield from _period(begins, ends_on, until=day - DAY, revoked=revoked)
        begins = None
        if kind == "revoke":
            return
    if begins is not None:
        yield from _period(begins, ends_on)


def _last_of_each_day(actions: Sequence[tuple[str, date]]) -> Iterator[tuple[date, str]]:
    """Yield what holds at the end of each day on which something was decided; a revocation is final."""
    by_day: dict[date, str] = {}
    for kind, day in actions:
        if by_day.get(day) != "revoke":
            by_day[day] = kind
    yield from sorted(by_day.items())


def _period(
    begins: date, ends_on: date | None, *, until: date | None = None, revoked: EndedBy | None = None
) -> Iterator[Period]:
    is_cut = until is not None and (ends_on is None or until < ends_on)
    last = until if is_cut else ends_on
    if last is None or last >= begins:
        yield Period(begins, last, revoked or (EndedBy.SUSPENSION if is_cut else None))
