"""On which real days the planned days of an edition fall. Pure: dates in, dates out."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta


def plan_days(count: int, starts_on: date, *, rest_days: Collection[int] = ()) -> Mapping[int, date]:
    """Return {planned day: real day} for days 1 to `count`, beginning on `starts_on` and leaving out rest days.

    `rest_days` are weekdays, 0 is Monday. The first day stands even when it is a rest day: somebody chose it. Seven rest days
    would leave no day at all, so they count as none.
    """
    resting = frozenset(rest_days) & frozenset(range(7))
    if len(resting) == 7:
        resting = frozenset()
    days: dict[int, date] = {}
    on = starts_on
    for day in range(1, count + 1):
        while day > 1 and on.weekday() in resting:
            on += timedelta(days=1)
        days[day] = on
        on += timedelta(days=1)
    return days
