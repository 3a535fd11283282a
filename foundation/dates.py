"""Arithmetic in calendar months, pure.

Declined: a library of relative dates; the one rule needed is four lines, and it is the rule of law, not of a library.
"""

from calendar import monthrange
from datetime import date

MONTHS = 12


def add_months(start: date, months: int) -> date:
    """Return the day of the same number ``months`` later, or the last day of that month when it has no such day.

    Months may be zero but not negative; ``ValueError`` for that and for dates past the year 9999.
    Source: Regulation (EEC, Euratom) No 1182/71, article 3(2)(c): a period in months ends on the day of the same date
    as the day from which it runs, or on the last day of the month if that day does not occur in it.
    """
    if months < 0:
        raise ValueError("a period in months cannot run backwards")
    years, month = divmod(start.month - 1 + months, MONTHS)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
