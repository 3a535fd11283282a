"""Affiliations: which agency a person serves, from a day to a day. Several at a time are no fault."""

from datetime import date

from sqlalchemy import func, select

from accounts.models import Affiliation, Agency, Person, User
from foundation import audit, clock
from foundation.dated import not_over, runs_on
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _


class AlreadyAffiliated(DomainConflict):
    """The person serves this agency already."""


class BadAffiliation(DomainError):
    """Dates that no affiliation can have."""


class NotServing(Forbidden):
    """The actor's agency has let the person go."""


def affiliate(
    person: Person, agency: Agency, *, actor: User | None, starts_on: date | None = None
) -> Affiliation:
    """Record that a person serves an agency from a day on (default today). Raises AlreadyAffiliated."""
    day = starts_on or clock.today()
    serving = db.session.execute(
        select(Affiliation.id).where(
            Affiliation.person_id == person.id,
            Affiliation.agency_id == agency.id,
            not_over(Affiliation, day),
        )
    ).first()
    if serving is not None:
        raise AlreadyAffiliated(_("This person serves the agency already."))
    affiliation = add_affiliation(person, agency, day)
    audit.record(
        "affiliation:begun",
        affiliation,
        actor=actor,
        changes={"starts_on": (None, day), "person_id": (None, person.id)},
    )
    return affiliation


def end_affiliation(affiliation: Affiliation, *, ends_on: date, reason: str | None, actor: User) -> None:
    """Record the last day of a person in an agency. Raises BadAffiliation for a day before the first."""
    if ends_on < affiliation.starts_on:
        raise BadAffiliation(_("The last day is before the first."), field="ends_on")
    changes = audit.changes_of(affiliation, ends_on=ends_on)
    if changes:
        audit.record("affiliation:ended", affiliation, actor=actor, reason=reason, changes=changes)


def is_serving(person: Person, agency_id: int, *, on: date) -> bool:
    """Return whether a person serves an agency on a day."""
    query = select(Affiliation.id).where(
        Affiliation.person_id == person.id,
        Affiliation.agency_id == agency_id,
        runs_on(Affiliation, on),
    )
    return db.session.execute(query).first() is not None


def count_serving(agency: Agency, *, on: date) -> int:
    """Return how many persons serve an agency on a day."""
    query = select(func.count(Affiliation.person_id.distinct())).where(
        Affiliation.agency_id == agency.id,
        runs_on(Affiliation, on),
    )
    return db.session.execute(query).scalar_one()


def add_affiliation(person: Person, agency: Agency, starts_on: date) -> Affiliation:
    """Add the row, and leave the audit to the caller. Raises AlreadyAffiliated."""
    affiliation = Affiliation(person_id=person.id, agency_id=agency.id, starts_on=starts_on)
    taken = AlreadyAffiliated(_("This person serves the agency already."))
    with conflict_as("uq_affiliation_agency_id_person_id_starts_on", taken):
        db.session.add(affiliation)
    return affiliation
