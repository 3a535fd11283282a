"""Whether a thing may be used on a day, and why not: pure, from what the ledger, cases and inspections say up to that day."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from equipment.ledger import Condition

USABLE_CONDITIONS = frozenset({Condition.AS_NEW, Condition.SERVICEABLE})
# Something with limits may be handed over to whoever knows of them; it does not count as ready by itself.
ISSUABLE_CONDITIONS = USABLE_CONDITIONS | {Condition.LIMITED}


class Reason(StrEnum):
    """Why a thing does not count as usable."""

    CASE_OPEN = "case_open"
    INSPECTION_OVERDUE = "inspection_overdue"
    INSPECTION_FAILED = "inspection_failed"
    CONDITION = "condition"
    EXPIRED = "expired"


@dataclass(frozen=True, order=True)
class Observation:
    """The condition that somebody saw on a day; of one day the one written down last counts."""

    on: date
    recorded_at: datetime
    condition: Condition


@dataclass(frozen=True)
class Facts:
    """What is known of an item on a day. `inspection_due_on` None: its type is not inspected at intervals."""

    condition: Condition
    case_open: bool = False
    inspection_failed: bool = False
    inspection_due_on: date | None = None


def judge_item(facts: Facts, on: date) -> tuple[Reason, ...]:
    """Return why an item is not usable on a day; nothing means that it is. The day an inspection is due still counts."""
    reasons = []
    if facts.case_open:
        reasons.append(Reason.CASE_OPEN)
    if facts.inspection_due_on is not None and facts.inspection_due_on < on:
        reasons.append(Reason.INSPECTION_OVERDUE)
    if facts.inspection_failed:
        reasons.append(Reason.INSPECTION_FAILED)
    if facts.condition not in USABLE_CONDITIONS:
        reasons.append(Reason.CONDITION)
    return tuple(reasons)


def judge_issue(facts: Facts, on: date) -> tuple[Reason, ...]:
    """Return why an item may not be handed over on a day: as for use, but limits that are written down are no hindrance."""
    limited = facts.condition in ISSUABLE_CONDITIONS
    return tuple(one for one in judge_item(facts, on) if not (limited and one is Reason.CONDITION))


def is_expired(expires_on: date | None, on: date) -> bool:
    """Return whether a lot's last day of use lies before a day."""
    return expires_on is not None and expires_on < on
