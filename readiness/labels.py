"""The words and tones in which pages say the states of this floor: one place, so that a state reads the same everywhere."""

from collections.abc import Callable, Mapping
from typing import Any

from foundation.i18n import language, lazy, lazy_pgettext, ngettext
from readiness.assessment import Level
from readiness.documents.terms import CATEGORIES, REASONS, UNITS, word_of
from readiness.models import EvidenceState
from readiness.standards.data import ExerciseKind, Figure

LEVELS: Mapping[Level | None, tuple[Any, str]] = {
    Level.READY: (lazy("Ready"), "ok"),
    Level.READY_WITH_LIMITS: (lazy("Ready with limits"), "info"),
    Level.LIMITED: (lazy("Limited"), "warn"),
    Level.NOT_READY: (lazy("Not ready"), "bad"),
    None: (lazy("Not known"), "neutral"),
}
AREAS: Mapping[str, Any] = {
    "P": lazy_pgettext("area", "People"),
    "S": lazy("Equipment on hand"),
    "R": lazy("Equipment usable"),
    "T": lazy("Training"),
    "X": lazy_pgettext("area", "Exercise"),
    "D": lazy("Plans and documents"),
}
DOMAINS: Mapping[str, Any] = {
    "usar": lazy("Urban search and rescue"),
    "medical": lazy("Medicine"),
    "cyber": lazy("Cyber response"),
}
EXERCISES: Mapping[ExerciseKind, Any] = {
    ExerciseKind.FIELD: lazy("Full field exercise"),
    ExerciseKind.CLASSIFICATION: lazy("Classification-style exercise"),
    ExerciseKind.MODULE: lazy("Exercise of the modules"),
    ExerciseKind.TECHNICAL: lazy("Technical incident exercise"),
    ExerciseKind.TABLE_TOP: lazy("Table-top exercise"),
    ExerciseKind.COMMAND_POST: lazy("Command-post exercise"),
    ExerciseKind.MOBILISATION: lazy("Call-out drill"),
    ExerciseKind.COMMUNICATIONS: lazy("Test of the second channel"),
}
EVIDENCE: Mapping[str, tuple[Any, str]] = {
    EvidenceState.MET.value: (lazy("Met"), "ok"),
    EvidenceState.NOT_MET.value: (lazy("Not met"), "bad"),
    EvidenceState.NOT_APPLICABLE.value: (lazy("Does not apply"), "neutral"),
    "unknown": (lazy("Not known"), "neutral"),
}
BASES: Mapping[str, tuple[Any, str]] = {
    "published": (lazy_pgettext("figure", "Published"), "info"),
    "planning": (lazy("Planning"), "neutral"),
}
KINDS: Mapping[str, Any] = {
    "document": lazy_pgettext("evidence", "Document"),
    "record": lazy_pgettext("evidence", "Record"),
    "demonstration": lazy_pgettext("evidence", "Demonstration"),
    "stock": lazy("Stock"),
    "computed": lazy("From records"),
    "count": lazy("Count"),
    "capability": lazy("Performance"),
    "parameter": lazy("Maturity"),
    "individual": lazy("Each member"),
    "skill": lazy("Counted from members"),
}
UNVERIFIED = lazy("Published, from memory")
PER: Mapping[str, Any] = {
    "team": lazy("for the team"),
    "worksite": lazy("for each worksite"),
    "person": lazy("for each person"),
}
GROUPS: Mapping[str, Any] = {
    "team": lazy("Team"),
    "capacity": lazy_pgettext("standard", "Capacity"),
    "operations": lazy("Operation"),
    "response": lazy("Response"),
    "recency": lazy("Currency"),
    "staffing": lazy("Staffing"),
}
FIGURES: Mapping[str, Any] = {
    "headcount": lazy("People deployed"),
    "roster_redundancy_ratio": lazy("People on the roster for each post"),
    "roster_minimum": lazy("People on the roster"),
    "outpatients_per_day": lazy("Outpatients a day"),
    "inpatient_beds": lazy("Beds"),
    "operating_tables": lazy("Operating tables"),
    "operations_per_day": lazy("Operations a day"),
    "operations_per_day.major": lazy("Major operations a day"),
    "operations_per_day.or_minor": lazy("Or minor operations a day"),
    "worksites": lazy("Worksites at once"),
    "hours": lazy("Hours of work"),
    "hours_per_day": lazy("Hours of work a day"),
    "duration": lazy("Length of a deployment"),
    "minimum_stay": lazy("Shortest stay"),
    "self_sufficiency": lazy("Self-sufficiency"),
    "personal_self_sufficiency": lazy("Self-sufficiency of each person"),
    "on_call": lazy("Reachability a day"),
    "water": lazy("Water a day"),
    "assemble": lazy("Assembled"),
    "assemble_at_departure": lazy("Assembled at the point of departure"),
    "exercise_compression": lazy("Assembled in the classification exercise"),
    "national_deployment": lazy("Deployed in the own country"),
    "arrival_in_country": lazy("Arrival in the country"),
    "operational_after_arrival": lazy("At work after arrival"),
    "depart": lazy("Departure"),
    "on_site": lazy("On site"),
    "remote_engage": lazy("At work from afar"),
    "acknowledge_report": lazy("A report acknowledged"),
    "triage": lazy("A report triaged"),
    "escalate_critical": lazy("A critical incident passed on"),
    "team_certification": lazy("Validity of a classification"),
    "external_review": lazy("Review from outside"),
    "self_assessment": lazy("Own assessment"),
    "doctor_to_nurse": lazy("Doctors to nurses"),
    "nurse_to_observed_patient,_every_shift": lazy("Nurses to patients observed, every shift"),
    "nurse_to_ward_bed,_every_shift": lazy("Nurses to ward beds, every shift"),
    "anaesthetist_or_technician_to_surgeon": lazy("Anaesthetists to surgeons"),
    "operating_theatre_technical_staff_per_table": lazy("Theatre staff for each table"),
}
AMOUNTS: Mapping[str, Callable[[int], str]] = {
    "person": lambda n: ngettext("%(num)s person", "%(num)s people", n),
    "hour": lambda n: ngettext("%(num)s hour", "%(num)s hours", n),
    "day": lambda n: ngettext("%(num)s day", "%(num)s days", n),
    "month": lambda n: ngettext("%(num)s month", "%(num)s months", n),
    "minute": lambda n: ngettext("%(num)s minute", "%(num)s minutes", n),
    "site": lambda n: ngettext("%(num)s site", "%(num)s sites", n),
    "patient": lambda n: ngettext("%(num)s patient", "%(num)s patients", n),
    "bed": lambda n: ngettext("%(num)s bed", "%(num)s beds", n),
    "table": lambda n: ngettext("%(num)s table", "%(num)s tables", n),
    "operation": lambda n: ngettext("%(num)s operation", "%(num)s operations", n),
    "hour after activation": lambda n: ngettext(
        "%(num)s hour after activation", "%(num)s hours after activation", n
    ),
    "litre a day": lambda n: ngettext("%(num)s litre a day", "%(num)s litres a day", n),
}
SPOKEN: Mapping[str, Any] = {
    "24 hours a day, 7 days a week": lazy("24 hours a day, 7 days a week"),
    "day time": lazy("day time"),
    "daylight hours, several locations": lazy("daylight hours, several locations"),
}


def level_word(level: int | None) -> Any:
    """Return the word for a level; None: not known."""
    return LEVELS[Level(level) if level is not None else None][0]


def level_tone(level: int | None) -> str:
    """Return the tone of a level."""
    return LEVELS[Level(level) if level is not None else None][1]


def basis_word(row: Any) -> Any:
    """Return whether a figure is published, published but not read again, or planning."""
    return UNVERIFIED if row.verified is False else BASES[row.basis][0]


def basis_tone(row: Any) -> str:
    """Return the tone of a figure's basis."""
    return "warn" if row.verified is False else BASES[row.basis][1]


def as_title(text: str) -> str:
    """Return a text of a standard's file with a capital letter at its head, as a row of a table begins."""
    return text[:1].upper() + text[1:]


def domain_word(domain: str) -> Any:
    """Return a domain in words."""
    return DOMAINS.get(domain, domain)


def area_word(code: str) -> Any:
    """Return the name of an area."""
    return AREAS[code]


def exercise_word(kind: str) -> Any:
    """Return the name of a kind of exercise."""
    return EXERCISES[ExerciseKind(kind)]


def state_word(state: str) -> Any:
    """Return the word for the state of a line of the checklist."""
    return EVIDENCE[state][0]


def state_tone(state: str) -> str:
    """Return the tone of the state of a line of the checklist."""
    return EVIDENCE[state][1]


def category_word(code: str) -> str:
    """Return the category of a line of equipment in the reader's language, as the report prints it."""
    return word_of(CATEGORIES, code, language())


def unit_word(code: str) -> str:
    """Return the unit of a line of equipment in the reader's language; pieces have none."""
    return word_of(UNITS, code, language())


def reason_word(code: str) -> str:
    """Return why an item cannot be used, in the reader's language, as the report prints it."""
    return word_of(REASONS, code, language())


def figure_word(code: str) -> Any:
    """Return the name of a single figure of a standard."""
    return FIGURES.get(code, code.replace("_", " "))


def amount(figure: Figure) -> Any:
    """Return the value of a single figure with its unit; a ratio and a unit that is not known stand as they are written."""
    if figure.unit in AMOUNTS and figure.value.isdecimal():
        return AMOUNTS[figure.unit](int(figure.value))
    return SPOKEN.get(figure.value, figure.value)


def kind_word(kind: str) -> Any:
    """Return how a line of the checklist is shown to be met."""
    return KINDS.get(kind, kind)
