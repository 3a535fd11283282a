"""Somebody who tries documents to learn who is on record is stopped: meetings with known persons are counted and remembered."""

from accounts.models import Person, User
from foundation.access import count_recent, log_access
from foundation.errors import TooMany
from foundation.i18n import _

KNOWN_PERSON_MET = "known_person_met"
KNOWN_PERSONS_AN_HOUR = 20


def refuse_fishing(viewer: User) -> None:
    """Raise TooMany for somebody who met many known persons within an hour."""
    if count_recent(KNOWN_PERSON_MET, minutes=60, detail=f"user {viewer.id}") >= KNOWN_PERSONS_AN_HOUR:
        raise TooMany(
            _("You met many known persons within an hour. Wait an hour, or ask the programme manager."),
            retry_after_seconds=3600,
        )


def remember_meeting(viewer: User, person: Person | None = None) -> None:
    """Remember that somebody met a known person; `person` when it became one of his agency."""
    log_access(KNOWN_PERSON_MET, subject=person, detail=f"user {viewer.id}")
