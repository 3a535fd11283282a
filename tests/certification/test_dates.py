"""Calendar months by the rule of law."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.dates import add_months, compute_expiry, is_in_date

DAYS = st.dates(date(1970, 1, 1), date(2200, 12, 31))
VALIDITIES = st.integers(1, 240)


@pytest.mark.parametrize(
    ("issued_on", "months", "expires_on"),
    [
        (date(2026, 11, 22), 36, date(2029, 11, 22)),
        (date(2026, 11, 22), 1, date(2026, 12, 22)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2096, 2, 29), 48, date(2100, 2, 28)),
    ],
)
def test_validity_ends_on_the_same_day_or_the_last_of_the_month(
    issued_on: date, months: int, expires_on: date
) -> None:
    assert compute_expiry(issued_on, months) == expires_on


def test_course_without_validity_never_expires() -> None:
    assert compute_expiry(date(2026, 11, 22), None) is None
    assert is_in_date(date(2026, 11, 22), None, date(2999, 1, 1))


def test_first_and_last_day_are_in_date_and_the_days_beside_them_are_not() -> None:
    issued_on, expires_on = date(2026, 11, 22), date(2029, 11, 22)
    days = [date(2026, 11, 21), issued_on, expires_on, date(2029, 11, 23)]
    assert [is_in_date(issued_on, expires_on, day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize("months", [0, -1])
def test_validity_below_a_month_is_refused(months: int) -> None:
    with pytest.raises(ValueError, match="at least one month"):
        compute_expiry(date(2026, 11, 22), months)


def test_months_do_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        add_months(date(2026, 11, 22), -1)


def walk(start: date, months: int) -> date:
    """Find the day by walking: cross as many first days of a month, then go to the day or stop at the month's end."""
    day = start
    while months:
        day += timedelta(days=1)
        if day.day == 1:
            months -= 1
    while day.day < start.day and (day + timedelta(days=1)).month == day.month:
        day += timedelta(days=1)
    return day


@given(DAYS, st.integers(0, 60))
def test_months_agree_with_walking_the_calendar_day_by_day(start: date, months: int) -> None:
    assert add_months(start, months) == (walk(start, months) if months else start)


@given(DAYS, DAYS, VALIDITIES)
def test_issued_later_never_expires_earlier(one: date, other: date, months: int) -> None:
    earlier, later = sorted((one, other))
    assert add_months(earlier, months) <= add_months(later, months)


@given(DAYS, VALIDITIES, st.integers(1, 60))
def test_longer_validity_expires_later(issued_on: date, months: int, more: int) -> None:
    assert add_months(issued_on, months) < add_months(issued_on, months + more)


@given(DAYS, VALIDITIES)
def test_expiry_is_in_the_month_that_was_promised_on_the_same_day_unless_that_is_missing(
    issued_on: date, months: int
) -> None:
    expires_on = add_months(issued_on, months)
    assert (expires_on.year - issued_on.year) * 12 + expires_on.month - issued_on.month == months
    assert expires_on.day == issued_on.day or (expires_on + timedelta(days=1)).day == 1
