"""Editions: drafted, published once they are whole, and never edited afterwards."""

from accounts.models import User
from accounts.permissions import Permission
from curriculum.models import Edition, EditionState
from curriculum.texts import LANGUAGES
from foundation import audit, clock
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _


class EditionIncomplete(DomainError):
    """Something without which nobody could be taught, judged or certified is missing."""


class EditionNotDraft(DomainConflict):
    """The edition was published or retired already."""


def list_missing(edition: Edition) -> list[str]:
    """Return what a draft still lacks before it can be published, each as a sentence; empty when it is whole."""
    missing = []
    if any(not edition.titles.get(code) for code in LANGUAGES):
        missing.append(_("The title is not written in every language."))
    if edition.hours <= 0:
        missing.append(_("The hours are not set."))
    if not edition.sessions:
        missing.append(_("No session is planned."))
    elif not 0 < edition.sessions_required <= len(edition.sessions):
        missing.append(_("It is not said how many of the sessions must be attended."))
    if not edition.outcomes:
        missing.append(_("No outcome is written: the certificate could not say what was learnt."))
    if not edition.assessments:
        missing.append(_("No assessment is defined: nobody could be judged competent."))
    missing += [
        _("%(assessment)s has no items to mark.", assessment=assessment.code)
        for assessment in edition.assessments
        if not assessment.items
    ]
    return missing


def publish_edition(edition: Edition, *, actor: User | None) -> None:
    """Publish a whole draft; from then on it is never edited.

    `actor` None is the system loading its own catalogue. Raises Forbidden, EditionNotDraft, EditionIncomplete.
    """
    if actor is not None and not actor.may(Permission.EDITION_PUBLISH, edition):
        raise Forbidden(_("Only a programme manager publishes an edition."))
    if edition.state is not EditionState.DRAFT:
        raise EditionNotDraft(_("This edition is published already. Nothing was changed."))
    missing = list_missing(edition)
    if missing:
        raise EditionIncomplete(
            " ".join([_("This edition cannot be published yet."), *missing]), field="edition"
        )
    changes = audit.changes_of(edition, state=EditionState.PUBLISHED, published_at=clock.now())
    audit.record("edition:published", edition, actor=actor, changes=changes)
