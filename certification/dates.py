"""How long a certificate lasts, pure."""

from datetime import date

from foundation.dates import add_months


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
