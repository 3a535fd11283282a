"""How a holding stands on a day, in one of a few words: by rule, without database or clock."""

from datetime import date, timedelta
from enum import StrEnum

from foundation.registry import EndedBy

SOON_DAYS = 90


class HeldState(StrEnum):
    """In date, near its end, not yet begun, over, or taken away."""

    IN_DATE = "in_date"
    ENDING = "ending"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


def judge_held(starts_on: date, ends_on: date | None, ended_by: EndedBy | None, *, on: date) -> HeldState:
    """Return how a period stands on a day. A revocation is said first; a period near its end ends within 90 days."""
    if ended_by is EndedBy.REVOCATION:
        return HeldState.REVOKED
    if starts_on > on:
        return HeldState.NOT_YET
    if ends_on is not None and on > ends_on:
        return HeldState.SUSPENDED if ended_by is EndedBy.SUSPENSION else HeldState.EXPIRED
    if ends_on is not None and (ends_on - on).days <= SOON_DAYS:
        return HeldState.ENDING
    return HeldState.IN_DATE


def compute_last_day(ends_on: date | None, *, revoked_on: date | None) -> date | None:
    """Return the last day on which an entry counts: its own end, or the day before it was revoked; None: without end.

    A revocation is never dated back, so that what was reported for a day that is over stays what it was.
    """
    if revoked_on is None:
        return ends_on
    before = revoked_on - timedelta(days=1)
    return before if ends_on is None else min(before, ends_on)
