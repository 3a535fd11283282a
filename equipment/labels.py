"""The words and tones in which pages say the states of this floor: one place, so that a state reads the same everywhere."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from equipment.ledger import Condition, CustodyKind, PartyKind
from equipment.models import (
    CaseKind,
    CaseOutcome,
    CaseState,
    DeedKind,
    DeedState,
    InspectionResult,
    ItemCategory,
    SignatureSide,
    Tracking,
    Unit,
)
from equipment.usability import Reason
from foundation.i18n import lazy, lazy_pgettext

CONDITION: Mapping[Condition, tuple[Any, str]] = {
    Condition.AS_NEW: (lazy("As new"), "ok"),
    Condition.SERVICEABLE: (lazy("Serviceable"), "ok"),
    Condition.LIMITED: (lazy("Serviceable with limits"), "warn"),
    Condition.UNSERVICEABLE: (lazy("To be repaired"), "bad"),
    Condition.BEYOND_REPAIR: (lazy("Beyond repair"), "bad"),
    Condition.UNKNOWN: (lazy("Not looked at"), "neutral"),
}
REASON: Mapping[Reason, Any] = {
    Reason.CASE_OPEN: lazy("A case about it is open."),
    Reason.INSPECTION_OVERDUE: lazy("Its inspection is overdue."),
    Reason.INSPECTION_FAILED: lazy("It failed its last inspection."),
    Reason.CONDITION: lazy("Its condition does not allow use."),
    Reason.EXPIRED: lazy("Its last day of use has passed."),
}
CUSTODY: Mapping[CustodyKind, Any] = {
    CustodyKind.RECEIVED: lazy("Received"),
    CustodyKind.HANDED_OVER: lazy("Handed over"),
    CustodyKind.RETURNED: lazy("Returned"),
    CustodyKind.CONSUMED: lazy("Used up"),
    CustodyKind.WRITTEN_OFF: lazy("Written off"),
}
PARTY: Mapping[PartyKind, Any] = {
    PartyKind.HOST: lazy("Own store"),
    PartyKind.AGENCY: lazy("Agency"),
    PartyKind.OUTSIDE: lazy("Outside"),
}
DEED_KIND: Mapping[DeedKind, Any] = {
    DeedKind.HANDOVER: lazy("Handover"),
    DeedKind.RETURN: lazy("Return"),
}
DEED_STATE: Mapping[DeedState, tuple[Any, str]] = {
    DeedState.DRAFT: (lazy("Draft"), "neutral"),
    DeedState.ISSUED: (lazy("Waiting for signature"), "info"),
    DeedState.CLOSED: (lazy("Signed by both"), "ok"),
    DeedState.VOID: (lazy("Void"), "neutral"),
}
SIDE: Mapping[SignatureSide, Any] = {
    SignatureSide.GIVER: lazy("Handed over by"),
    SignatureSide.RECEIVER: lazy("Received by"),
}
CASE_KIND: Mapping[CaseKind, Any] = {
    CaseKind.DAMAGED: lazy("Damaged"),
    CaseKind.LOST: lazy("Lost"),
    CaseKind.STOLEN: lazy("Stolen"),
    CaseKind.DESTROYED: lazy("Destroyed"),
}
CASE_STATE: Mapping[CaseState, tuple[Any, str]] = {
    CaseState.OPEN: (lazy_pgettext("case", "Open"), "warn"),
    CaseState.CLOSED: (lazy_pgettext("case", "Closed"), "neutral"),
}
CASE_OUTCOME: Mapping[CaseOutcome, Any] = {
    CaseOutcome.REPAIRED: lazy("Repaired"),
    CaseOutcome.FOUND: lazy("Found"),
    CaseOutcome.UNFOUNDED: lazy("Unfounded"),
    CaseOutcome.WRITTEN_OFF: lazy("Written off"),
}
INSPECTION: Mapping[InspectionResult, tuple[Any, str]] = {
    InspectionResult.PASS: (lazy_pgettext("inspection", "Passed"), "ok"),
    InspectionResult.LIMITED: (lazy("Passed with limits"), "warn"),
    InspectionResult.FAIL: (lazy_pgettext("inspection", "Failed"), "bad"),
}
TRACKING: Mapping[Tracking, Any] = {
    Tracking.SERIAL: lazy("Each piece by its tag"),
    Tracking.QUANTITY: lazy("By quantity and lot"),
}
UNIT: Mapping[Unit, Any] = {
    Unit.PIECE: lazy("piece"),
    Unit.SET: lazy("set"),
    Unit.PAIR: lazy("pair"),
    Unit.BOX: lazy("box"),
    Unit.PACK: lazy("pack"),
    Unit.LITRE: lazy("litre"),
    Unit.METRE: lazy("metre"),
}
CATEGORY: Mapping[ItemCategory, Any] = {
    ItemCategory.MEDICAL: lazy_pgettext("equipment", "Medical"),
    ItemCategory.TRIAGE: lazy("Triage"),
    ItemCategory.COMMUNICATIONS: lazy("Communications"),
    ItemCategory.SEARCH: lazy_pgettext("equipment", "Search"),
    ItemCategory.RESCUE: lazy("Rescue"),
    ItemCategory.PROTECTION: lazy("Protective equipment"),
    ItemCategory.HAZARDOUS: lazy("Hazardous materials"),
    ItemCategory.POWER: lazy("Power and light"),
    ItemCategory.SHELTER: lazy("Shelter"),
    ItemCategory.WATER: lazy("Water and sanitation"),
    ItemCategory.TRANSPORT: lazy("Transport"),
    ItemCategory.CYBER: lazy("Cyber"),
}
WORDS: Mapping[type[StrEnum], Mapping[Any, Any]] = {
    Condition: CONDITION,
    Reason: REASON,
    CustodyKind: CUSTODY,
    PartyKind: PARTY,
    DeedKind: DEED_KIND,
    DeedState: DEED_STATE,
    SignatureSide: SIDE,
    CaseKind: CASE_KIND,
    CaseState: CASE_STATE,
    CaseOutcome: CASE_OUTCOME,
    InspectionResult: INSPECTION,
    Tracking: TRACKING,
    Unit: UNIT,
    ItemCategory: CATEGORY,
}


def word(member: StrEnum) -> str:
    """Return the word for a state or kind of this floor in the reader's language."""
    said = WORDS[type(member)][member]
    return str(said[0] if isinstance(said, tuple) else said)


def tone(member: StrEnum) -> str:
    """Return the badge tone of a state: ok, warn, bad, info or neutral."""
    said = WORDS[type(member)][member]
    return str(said[1]) if isinstance(said, tuple) else "neutral"


def choices(enumeration: type[StrEnum]) -> list[tuple[str, str]]:
    """Return the members of an enumeration as (value, word), in their order, for a list to choose from."""
    return [(member.value, word(member)) for member in enumeration]
