"""How long a certificate lasts: arithmetic in calendar months, pure.

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
        raise ValueError("a validity cannot run backwards")
    years, month = divmod(start.month - 1 + months, MONTHS)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def compute_expiry(issued_on: date, validity_months: int | None) -> date | None:
    """Return the last day on which a certificate is valid, that day included; ``None`` when it never expires.

    By the same article the day of issue itself is not counted (3(1)), so a certificate of 12 months issued on
    22 November 2026 is valid through 22 November 2027 and expired on the 23rd. Raises ``ValueError`` below one month.
    """
    if validity_months is None:
        return None
    if validity_months < 1:
        raise ValueError("a validity is at least one month, or none for no expiry")
    return add_months(issued_on, validity_months)


def is_in_date(issued_on: date, expires_on: date | None, on: date) -> bool:
    """Return whether a certificate is in date on a day; the first and the last day are included."""
    return issued_on <= on and (expires_on is None or on <= expires_on)
