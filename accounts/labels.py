"""The words by which people know the words of the database: roles, kinds, states, languages."""

import unicodedata
from enum import StrEnum
from typing import Any

from babel import Locale

from accounts.models import AgencyKind, ApiScope, DocumentType, NameKind
from accounts.permissions import Role
from foundation.i18n import language, lazy
from foundation.jobs import JobState

ROLE_LABELS: dict[Role, Any] = {
    Role.ADMINISTRATOR: lazy("Administrator"),
    Role.PROGRAMME_MANAGER: lazy("Programme manager"),
    Role.COURSE_DIRECTOR: lazy("Course director"),
    Role.LEAD_INSTRUCTOR: lazy("Lead instructor"),
    Role.INSTRUCTOR: lazy("Instructor"),
    Role.CERTIFYING_OFFICIAL: lazy("Certifying official"),
    Role.APPEAL_REVIEWER: lazy("Appeal reviewer"),
    Role.MEDICAL_REVIEWER: lazy("Medical reviewer"),
    Role.VETTING_OFFICER: lazy("Vetting officer"),
    Role.QUARTERMASTER: lazy("Quartermaster"),
    Role.AUDITOR: lazy("Auditor"),
    Role.AGENCY_OFFICER: lazy("Agency officer"),
    Role.TRAINEE: lazy("Trainee"),
}

AGENCY_KIND_LABELS: dict[AgencyKind, Any] = {
    AgencyKind.CIVIL_PROTECTION: lazy("Civil protection"),
    AgencyKind.FIRE_AND_RESCUE: lazy("Fire and rescue service"),
    AgencyKind.HOSPITAL: lazy("Hospital"),
    AgencyKind.HEALTH_MINISTRY: lazy("Ministry of health"),
    AgencyKind.CYBER_CENTRE: lazy("Cyber-security centre"),
    AgencyKind.RED_CROSS_CRESCENT: lazy("Red Cross or Red Crescent society"),
    AgencyKind.OTHER: lazy("Other organisation"),
}

DOCUMENT_LABELS: dict[DocumentType, Any] = {
    DocumentType.PASSPORT: lazy("Passport"),
    DocumentType.NATIONAL_ID: lazy("National identity card"),
    DocumentType.OTHER: lazy("Other document"),
}

NAME_KIND_LABELS: dict[NameKind, Any] = {
    NameKind.NATIVE: lazy("Name in its own script"),
    NameKind.PASSPORT: lazy("Name as in the passport"),
    NameKind.CERTIFICATE: lazy("Spelling on certificates"),
}


class UserState(StrEnum):
    """Where an account stands; derived, never stored."""

    ACTIVE = "active"
    INVITED = "invited"
    DISABLED = "disabled"


USER_STATE_LABELS: dict[UserState, Any] = {
    UserState.ACTIVE: lazy("Active"),
    UserState.INVITED: lazy("Invited"),
    UserState.DISABLED: lazy("Disabled"),
}
USER_STATE_TONES = {UserState.ACTIVE: "ok", UserState.INVITED: "info", UserState.DISABLED: "neutral"}

API_SCOPE_LABELS: dict[ApiScope, Any] = {
    ApiScope.PEOPLE_READ: lazy("read people"),
    ApiScope.PEOPLE_WRITE: lazy("register and change people"),
    ApiScope.NOMINATIONS_READ: lazy("read cohorts, nominations and enrolments"),
    ApiScope.NOMINATIONS_WRITE: lazy("nominate and withdraw"),
    ApiScope.CERTIFICATES_READ: lazy("read certificates"),
    ApiScope.EQUIPMENT_READ: lazy("read equipment held and deeds"),
    ApiScope.READINESS_READ: lazy("read teams and their readiness"),
}

DOMAIN_LABELS: dict[str, Any] = {
    "usar": lazy("Urban search and rescue"),
    "medical": lazy("Mass-casualty medicine"),
    "cyber": lazy("Cyber-incident response"),
}

JOB_STATE_LABELS: dict[JobState, Any] = {
    JobState.QUEUED: lazy("Waiting to start"),
    JobState.RUNNING: lazy("In progress"),
    JobState.DONE: lazy("Done"),
    JobState.DEAD: lazy("Failed"),
    JobState.CANCELLED: lazy("Cancelled"),
}
JOB_STATE_TONES = {
    JobState.QUEUED: "neutral",
    JobState.RUNNING: "info",
    JobState.DONE: "ok",
    JobState.DEAD: "bad",
    JobState.CANCELLED: "warn",
}
# What the kinds of background work are called; floors above add theirs.
JOB_LABELS: dict[str, Any] = {
    "foundation.deliver_mail": lazy("Deliver a letter"),
    "accounts.send_reset_link": lazy("Send a link for a new password"),
}

# The languages asked for in a person's record: those of the partners and of the courses.
SPOKEN_LANGUAGES = (
    "ar", "en", "fr", "es", "pt", "ru", "tr", "ur", "fa", "ku", "id", "ms", "hi", "bn", "sw", "am", "so", "uk", "de", "it",
    "zh",
)  # fmt: skip


def language_name(code: str) -> str:
    """Return a language's name in the reader's language; an unknown code reads as itself."""
    return str(Locale.parse(language()).languages.get(code, code))


def country_choices() -> list[tuple[str, str]]:
    """Return every country as (code, name in the reader's language), in the order of that language's names."""
    territories = Locale.parse(language()).territories
    named = [(code, str(name)) for code, name in territories.items() if _is_country(code)]
    return sorted(named, key=lambda pair: _sort_key(pair[1]))


# Codes that CLDR names but that are no countries.
_NOT_COUNTRIES = frozenset(
    {"AC", "AN", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "SU", "TA", "UN", "XA", "XB", "ZZ"}
)


def is_known_country(code: str) -> bool:
    """Return whether a code of two capitals is that of a country."""
    return _is_country(code) and code in Locale.parse("en").territories


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code.isupper() and code not in _NOT_COUNTRIES


def _sort_key(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def job_label(kind: str) -> str:
    """Return what a kind of background work is called; an unknown one reads as itself."""
    return str(JOB_LABELS.get(kind, kind))
