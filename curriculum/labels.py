"""The words and tones in which pages say the states of this floor: one place, so that a state reads the same everywhere."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from curriculum.held import HeldState
from curriculum.models import (
    CohortState,
    EditionState,
    EnrolmentState,
    GateKind,
    GateState,
    ImportState,
    NominationState,
    PostingRole,
    QualificationKind,
    RowClass,
)
from curriculum.schemes import AssessmentKind, Counting, Unit
from curriculum.seating import Ground, SeatReason
from foundation.i18n import _, lazy, listed

DOMAINS: Mapping[str, Any] = {
    "usar": lazy("Urban search and rescue"),
    "mass_casualty": lazy("Mass-casualty response"),
    "medical": lazy("Emergency medicine"),
    "cyber": lazy("Cyber-incident response"),
    "coordination": lazy("Coordination"),
    "logistics": lazy("Logistics"),
    "instruction": lazy("Instruction and evaluation"),
    "common": lazy("Common to all"),
}
LEVELS: Mapping[str, Any] = {
    "awareness": lazy("Awareness"),
    "basic": lazy("Basic"),
    "operations": lazy("Operations"),
    "intermediate": lazy("Intermediate"),
    "technician": lazy("Technician"),
    "advanced": lazy("Advanced"),
    "specialist": lazy("Specialist"),
    "command": lazy("Command"),
    "instructor": lazy("Instructor"),
    "evaluator": lazy("Evaluator"),
    "exercise": lazy("Exercise"),
}
DELIVERIES: Mapping[str, Any] = {
    "classroom and practical": lazy("Classroom and practical"),
    "e-learning": lazy("E-learning"),
    "e-learning or classroom": lazy("E-learning or classroom"),
    "field exercise": lazy("Field exercise"),
    "blended": lazy("Blended"),
}
HALVES: Mapping[str, Any] = {"am": lazy("Morning"), "pm": lazy("Afternoon")}
# Two enumerations may share a value (a cohort and a gate are 'open'), so the words stand under their enumeration.
WORDS: Mapping[type[StrEnum], Mapping[StrEnum, Any]] = {
    EditionState: {
        EditionState.DRAFT: lazy("Draft"),
        EditionState.PUBLISHED: lazy("Published"),
        EditionState.RETIRED: lazy("Retired"),
    },
    CohortState: {
        CohortState.OPEN: lazy("Open for nomination"),
        CohortState.CONFIRMED: lazy("Seats confirmed"),
        CohortState.RUNNING: lazy("Running"),
        CohortState.CLOSED: lazy("Closed"),
    },
    PostingRole: {
        PostingRole.LEAD: lazy("Lead instructor"),
        PostingRole.INSTRUCTOR: lazy("Instructor"),
    },
    NominationState: {
        NominationState.NOMINATED: lazy("Nominated"),
        NominationState.CONFIRMED: lazy("Seat confirmed"),
        NominationState.WAITING: lazy("Waiting"),
        NominationState.WITHDRAWN: lazy("Withdrawn"),
        NominationState.REFUSED: lazy("Refused"),
    },
    GateKind: {
        GateKind.MEDICAL: lazy("Medical"),
        GateKind.VETTING: lazy("Vetting"),
        GateKind.LANGUAGE: lazy("Language"),
        GateKind.DOCUMENT: lazy("Document"),
        GateKind.PREREQUISITE: lazy("Prerequisite"),
    },
    GateState: {
        GateState.OPEN: lazy("Open"),
        GateState.CLEARED: lazy("Cleared"),
        GateState.CLEARED_WITH_LIMITS: lazy("Cleared with limits"),
        GateState.NOT_CLEARED: lazy("Not cleared"),
        GateState.WAIVED: lazy("Waived"),
    },
    EnrolmentState: {
        EnrolmentState.ENROLLED: lazy("Enrolled"),
        EnrolmentState.NO_SHOW: lazy("No show"),
        EnrolmentState.LEFT: lazy("Left"),
        EnrolmentState.WITHDRAWN: lazy("Withdrawn"),
    },
    AssessmentKind: {
        AssessmentKind.WRITTEN: lazy("Written paper"),
        AssessmentKind.STATION: lazy("Practical station"),
        AssessmentKind.TIMED_DRILL: lazy("Timed drill"),
        AssessmentKind.TRIAGE_DRILL: lazy("Triage drill"),
    },
    ImportState: {
        ImportState.REHEARSING: lazy("Being read"),
        ImportState.REHEARSED: lazy("Waits for a decision"),
        ImportState.WRITING: lazy("Being written"),
        ImportState.WRITTEN: lazy("Written"),
        ImportState.REFUSED: lazy("Cannot be read"),
        ImportState.DISCARDED: lazy("Discarded"),
    },
    RowClass: {
        RowClass.NEW: lazy("New"),
        RowClass.KNOWN: lazy("Known"),
        RowClass.PROBABLE_DUPLICATE: lazy("Probable duplicate"),
        RowClass.EXACT_DUPLICATE: lazy("Repeated row"),
        RowClass.ERROR: lazy("Error"),
    },
    QualificationKind: {
        QualificationKind.LICENCE: lazy("Licence"),
        QualificationKind.EQUIVALENCE: lazy("Equivalence"),
        QualificationKind.PRIOR_LEARNING: lazy("Prior learning"),
    },
    HeldState: {
        HeldState.IN_DATE: lazy("In date"),
        HeldState.ENDING: lazy("Ends soon"),
        HeldState.NOT_YET: lazy("Not yet"),
        HeldState.EXPIRED: lazy("Expired"),
        HeldState.SUSPENDED: lazy("Suspended"),
        HeldState.REVOKED: lazy("Revoked"),
    },
    Counting: {
        Counting.BEST: lazy("The best attempt counts"),
        Counting.LAST: lazy("The last attempt counts"),
    },
    Unit: {
        Unit.SECONDS: lazy("seconds"),
        Unit.PERCENT: lazy("percent"),
        Unit.MILLIMETRES: lazy("millimetres"),
        Unit.PIECES: lazy("pieces"),
    },
}
TONES: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    EditionState: {
        EditionState.DRAFT: "warn",
        EditionState.PUBLISHED: "ok",
    },
    CohortState: {
        CohortState.OPEN: "info",
        CohortState.CONFIRMED: "ok",
        CohortState.RUNNING: "ok",
    },
    NominationState: {
        NominationState.NOMINATED: "info",
        NominationState.CONFIRMED: "ok",
        NominationState.WAITING: "warn",
        NominationState.REFUSED: "bad",
    },
    GateState: {
        GateState.OPEN: "warn",
        GateState.CLEARED: "ok",
        GateState.CLEARED_WITH_LIMITS: "info",
        GateState.NOT_CLEARED: "bad",
        GateState.WAIVED: "info",
    },
    ImportState: {
        ImportState.REHEARSING: "info",
        ImportState.REHEARSED: "warn",
        ImportState.WRITING: "info",
        ImportState.WRITTEN: "ok",
        ImportState.REFUSED: "bad",
    },
    RowClass: {
        RowClass.NEW: "ok",
        RowClass.KNOWN: "info",
        RowClass.PROBABLE_DUPLICATE: "warn",
        RowClass.ERROR: "bad",
    },
    HeldState: {
        HeldState.IN_DATE: "ok",
        HeldState.ENDING: "warn",
        HeldState.NOT_YET: "info",
        HeldState.EXPIRED: "warn",
        HeldState.SUSPENDED: "warn",
        HeldState.REVOKED: "bad",
    },
    EnrolmentState: {
        EnrolmentState.ENROLLED: "ok",
        EnrolmentState.NO_SHOW: "bad",
        EnrolmentState.LEFT: "warn",
    },
}


def word(member: StrEnum) -> str:
    """Return the word for a state or kind in the reader's language."""
    return str(WORDS[type(member)][member])


def tone(member: StrEnum) -> str:
    """Return the badge tone of a state: ok, warn, bad, info or neutral."""
    return TONES.get(type(member), {}).get(member, "neutral")


def choices(enumeration: type[StrEnum]) -> list[tuple[str, str]]:
    """Return the members of an enumeration as (value, word), in their order, for a list to choose from."""
    return [(member.value, word(member)) for member in enumeration]


def domain_word(domain: str) -> str:
    """Return a domain in words."""
    return str(DOMAINS.get(domain, domain))


def level_word(level: str | None) -> str:
    """Return a course level in words."""
    return str(LEVELS.get(level or "", level or ""))


def half_word(half: str) -> str:
    """Return 'am' or 'pm' in words."""
    return str(HALVES[half])


def delivery_word(delivery: str | None) -> str:
    """Return how a course is delivered, in words."""
    return str(DELIVERIES.get(delivery or "", delivery or ""))


GROUNDS: Mapping[SeatReason, Any] = {
    SeatReason.GATE_OPEN: lazy("%(gates)s: not decided yet."),
    SeatReason.GATE_NOT_CLEARED: lazy("%(gates)s: not cleared."),
    SeatReason.GATE_ENDED: lazy("%(gates)s: the clearance ends before the first day."),
    SeatReason.SEATS_USED: lazy("All seats are taken."),
    SeatReason.QUOTA_USED: lazy("The agency's seats of this year are used."),
}


def ground_sentences(grounds: Iterable[Ground]) -> list[str]:
    """Return why somebody has no seat, a sentence a reason; the gates that share one stand in one sentence."""
    gates: dict[SeatReason, list[str]] = {}
    for ground in grounds:
        gates.setdefault(ground.reason, []).append(word(GateKind(ground.gate)) if ground.gate else _("Gates"))
    return [str(GROUNDS[reason]) % {"gates": listed(names)} for reason, names in gates.items()]
