"""Nominations: an agency names persons of its own for a cohort, in its own order, and may withdraw them.

That a person is nominated by another agency already is said in two words, "known person", and nothing else is: whose he is,
what he cleared and where he stands belongs to the other agency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, or_, select

from accounts.models import Affiliation, Agency, Agreement, Person, User
from accounts.permissions import Permission
from accounts.services.agencies import find_agreement
from curriculum.models import (
    Cohort,
    CohortState,
    Gate,
    GateKind,
    GateState,
    Nomination,
    NominationState,
)
from curriculum.services import letters, seats
from foundation import audit, clock
from foundation.access import visible
from foundation.dated import runs_on
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _
from foundation.tenancy import EVERYTHING, within

# The catalogue files mass-casualty courses apart, and agreements may speak of medicine alone; the supporting subjects go with any.
WIDER_DOMAIN = {
    "mass_casualty": "medical",
    "coordination": "common",
    "logistics": "common",
    "instruction": "common",
}


class NominationsClosed(DomainConflict):
    """The cohort takes no nominations (any more)."""


class NoAgreement(DomainError):
    """No agreement of the agency is in force for this domain."""


class NominationRefused(DomainError):
    """A nomination cannot be changed in this way."""


class _TakenMeanwhile(DomainConflict):
    """The person was nominated for this cohort a moment ago."""


class NominationOutcome(StrEnum):
    """What became of one person: nominated (or again, after a withdrawal), there already, or refused for one reason."""

    NOMINATED = "nominated"
    ALREADY = "already"
    KNOWN_PERSON = "known_person"
    NOT_OF_AGENCY = "not_of_agency"
    HIMSELF = "himself"


@dataclass(frozen=True)
class NominationResult:
    """What became of one person. `nomination` is there when it is the agency's own."""

    person: Person
    outcome: NominationOutcome
    nomination: Nomination | None = None

    @property
    def sentence(self) -> str:
        """The result in words, beside the person's name."""
        words = {
            NominationOutcome.NOMINATED: _("nominated"),
            NominationOutcome.ALREADY: _("was nominated already"),
            NominationOutcome.KNOWN_PERSON: _("known person"),
            NominationOutcome.NOT_OF_AGENCY: _("does not serve in your agency today"),
            NominationOutcome.HIMSELF: _("nobody nominates himself"),
        }
        return str(words[self.outcome])


def find_agreement_for(agency: Agency, domain: str, on: date) -> Agreement | None:
    """Return an agreement of the agency in force on a day for a course's domain, or for the wider one it belongs to."""
    wider = WIDER_DOMAIN.get(domain)
    return find_agreement(agency, domain, on) or (find_agreement(agency, wider, on) if wider else None)


def find_obstacle(cohort: Cohort, agency: Agency) -> DomainError | None:
    """Return why an agency cannot nominate for a cohort today, or None."""
    today = clock.today(cohort.time_zone)
    if cohort.state is not CohortState.OPEN:
        return NominationsClosed(_("Cohort %(code)s takes no nominations any more.", code=cohort.code))
    if cohort.nominations_close_on is not None and today > cohort.nominations_close_on:
        return NominationsClosed(_("Nominations for %(code)s have ended.", code=cohort.code))
    if agency.closed_at is not None:
        return NoAgreement(_("The agency is closed in this register."))
    if find_agreement_for(agency, cohort.edition.course.domain, today) is None:
        return NoAgreement(
            _(
                "No agreement of your agency is in force for this subject. Speak to the programme manager of the host."
            )
        )
    return None


def nominate(
    cohort: Cohort,
    persons: Sequence[Person],
    *,
    agency: Agency,
    actor: User | None,
    note: str | None = None,
) -> list[NominationResult]:
    """Nominate persons of an agency for a cohort, in the order given, behind those nominated before; five gates open for each.

    Returns one result a person, in the same order. Raises NominationsClosed, NoAgreement, Forbidden for what concerns them all.
    """
    if actor is not None and not actor.may(Permission.NOMINATION_MAKE, agency):
        raise Forbidden(_("Only an officer of the agency nominates its people."))
    obstacle = find_obstacle(cohort, agency)
    if obstacle is not None:
        raise obstacle
    ids = [person.id for person in persons]
    with within(EVERYTHING):
        taken = _read_taken(cohort, ids)
        rank = _last_rank(cohort, agency)
    serving = _serving(agency, ids)
    results = []
    for person in persons:
        refusal = _refuse(person, agency=agency, actor=actor, serving=serving)
        if refusal is not None:
            results.append(NominationResult(person, refusal))
            continue
        known = taken.get(person.id)
        result = (
            _renew(known, person, agency=agency, rank=rank + 1, actor=actor)
            if known is not None
            else _add(cohort, person, agency=agency, rank=rank + 1, note=note, actor=actor)
        )
        if result.outcome is NominationOutcome.NOMINATED:
            rank += 1
        if result.nomination is not None:
            taken[person.id] = result.nomination
        results.append(result)
    return results


def _refuse(
    person: Person, *, agency: Agency, actor: User | None, serving: frozenset[int]
) -> NominationOutcome | None:
    if person.id not in serving:
        return NominationOutcome.NOT_OF_AGENCY
    if actor is not None and actor.person_id is not None and actor.person_id == person.id:
        return NominationOutcome.HIMSELF
    return None


def _add(
    cohort: Cohort, person: Person, *, agency: Agency, rank: int, note: str | None, actor: User | None
) -> NominationResult:
    try:
        with conflict_as("uq_nomination_cohort_id_person_id", _TakenMeanwhile("known person")):
            nomination = Nomination(
                cohort=cohort,
                person=person,
                agency_id=agency.id,
                rank=rank,
                state=NominationState.NOMINATED,
                note=note,
                nominated_at=clock.now(),
                nominated_by_id=actor.id if actor is not None else None,
                gates=[Gate(agency_id=agency.id, kind=kind, state=GateState.OPEN) for kind in GateKind],
            )
            db.session.add(nomination)
    except _TakenMeanwhile:
        with within(EVERYTHING):
            winner = _read_taken(cohort, [person.id])[person.id]
        return _present(winner, person, agency=agency)
    changes = {"cohort": (None, cohort.code), "person_id": (None, person.id), "rank": (None, rank)}
    audit.record("nomination:made", nomination, actor=actor, changes=changes)
    return NominationResult(person, NominationOutcome.NOMINATED, nomination)


def _renew(
    known: Nomination, person: Person, *, agency: Agency, rank: int, actor: User | None
) -> NominationResult:
    """Bring a withdrawn nomination of the same agency back, behind the others, with its gates as they stand."""
    if known.agency_id != agency.id or known.state is not NominationState.WITHDRAWN:
        return _present(known, person, agency=agency)
    changes = audit.changes_of(known, state=NominationState.NOMINATED, rank=rank, decided_reason=None)
    audit.record("nomination:renewed", known, actor=actor, changes=changes)
    return NominationResult(person, NominationOutcome.NOMINATED, known)


def _present(known: Nomination, person: Person, *, agency: Agency) -> NominationResult:
    if known.agency_id != agency.id:
        return NominationResult(person, NominationOutcome.KNOWN_PERSON)
    return NominationResult(person, NominationOutcome.ALREADY, known)


def _read_taken(cohort: Cohort, person_ids: Sequence[int]) -> dict[int, Nomination]:
    query = select(Nomination).where(Nomination.cohort_id == cohort.id, Nomination.person_id.in_(person_ids))
    return {one.person_id: one for one in db.session.execute(query).scalars()}


def _last_rank(cohort: Cohort, agency: Agency) -> int:
    query = select(func.max(Nomination.rank)).where(
        Nomination.cohort_id == cohort.id, Nomination.agency_id == agency.id
    )
    return db.session.execute(query).scalar_one() or 0


def _serving(agency: Agency, person_ids: Sequence[int]) -> frozenset[int]:
    today = clock.today()
    query = select(Affiliation.person_id).where(
        Affiliation.agency_id == agency.id,
        Affiliation.person_id.in_(person_ids),
        runs_on(Affiliation, today),
    )
    return frozenset(db.session.execute(query).scalars())


def rank_nominations(cohort: Cohort, *, agency: Agency, ranks: Mapping[int, int], actor: User) -> None:
    """Put an agency's nominations of a cohort in a new order.

    `ranks` is {nomination id: wished place}; what is not named keeps its place, and equal places keep their order. The ranks
    become 1, 2, 3 … again. Raises Forbidden, NominationsClosed, and NominationRefused for an id that is not the agency's.
    """
    if not actor.may(Permission.NOMINATION_MAKE, agency):
        raise Forbidden(_("Only an officer of the agency ranks its people."))
    if cohort.state not in seats.BEFORE_THE_FIRST_DAY:
        raise NominationsClosed(_("Cohort %(code)s has begun: the order is final.", code=cohort.code))
    query = select(Nomination).where(
        Nomination.cohort_id == cohort.id,
        Nomination.agency_id == agency.id,
        Nomination.state != NominationState.WITHDRAWN,
    )
    own = {one.id: one for one in db.session.execute(query).scalars()}
    if set(ranks) - set(own):
        raise NominationRefused(_("The list has changed meanwhile. Look at it again."))
    before = {one.id: one.rank for one in own.values()}
    order = sorted(own.values(), key=lambda one: (ranks.get(one.id, one.rank), one.id not in ranks, one.rank))
    changes: dict[str, tuple[Any, Any]] = {}
    for rank, nomination in enumerate(order, start=1):
        if before[nomination.id] != rank:
            changes[f"nomination {nomination.id}"] = (before[nomination.id], rank)
            nomination.rank = rank
    if changes:
        audit.record("nominations:ranked", cohort, actor=actor, changes=changes, agency_id=agency.id)


def withdraw(nomination: Nomination, *, reason: str, actor: User) -> seats.SeatsReport | None:
    """Withdraw a nomination before the cohort begins; a seat that becomes free goes to whoever waits next, and both sides are told.

    Returns the seating that moved up, or None when no seat became free. Raises Forbidden, NominationRefused.
    """
    if not actor.may(Permission.NOMINATION_MAKE, nomination):
        raise Forbidden(_("Only an officer of the agency withdraws its people."))
    name = nomination.person.latin_name
    if nomination.state is NominationState.WITHDRAWN:
        raise NominationRefused(_("%(name)s was withdrawn already.", name=name))
    cohort = nomination.cohort
    if cohort.state not in seats.BEFORE_THE_FIRST_DAY:
        raise NominationRefused(
            _("Cohort %(code)s has begun. Tell the host that %(name)s leaves.", code=cohort.code, name=name)
        )
    if not reason.strip():
        raise NominationRefused(_("Say why the person is withdrawn."), field="reason")
    changes = audit.changes_of(nomination, state=NominationState.WITHDRAWN, decided_reason=reason.strip())
    audit.record("nomination:withdrawn", nomination, actor=actor, reason=reason.strip(), changes=changes)
    moved_up = seats.free_seat(nomination, reason=reason.strip(), actor=actor)
    own = [line.name for line in moved_up.confirmed if _is_of(line, nomination.agency_id)] if moved_up else []
    letters.tell_agency(
        nomination.agency_id,
        "nomination_withdrawn",
        cohort=cohort,
        about=nomination.id,
        person=name,
        promoted=own,
    )
    letters.tell_planners(
        cohort,
        "nomination_withdrawn",
        about=nomination.id,
        person=name,
        promoted=[line.name for line in moved_up.confirmed] if moved_up else [],
    )
    return moved_up


def _is_of(line: seats.SeatLine, agency_id: int) -> bool:
    agency = db.session.get(Agency, agency_id)
    return agency is not None and agency.code == line.agency_code


def may_withdraw(nomination: Nomination, viewer: User) -> bool:
    """Return whether a viewer may withdraw a nomination now."""
    return (
        nomination.state is not NominationState.WITHDRAWN
        and nomination.cohort.state in seats.BEFORE_THE_FIRST_DAY
        and viewer.may(Permission.NOMINATION_MAKE, nomination)
    )


def query_candidates(cohort: Cohort, *, agency: Agency, viewer: User, text: str | None = None) -> Select[Any]:
    """Return the Core select of the agency's people who could be nominated: serving today, and not nominated by it already."""
    today = clock.today()
    serving = select(Affiliation.person_id).where(
        Affiliation.agency_id == agency.id,
        runs_on(Affiliation, today),
    )
    own = select(Nomination.person_id).where(
        Nomination.cohort_id == cohort.id,
        Nomination.agency_id == agency.id,
        Nomination.state != NominationState.WITHDRAWN,
    )
    columns: list[Any] = [
        Person.id,
        Person.given_names,
        Person.family_name,
        Person.native_name,
        Person.birth_date,
        Person.rank,
        Person.languages,
    ]
    query = select(*columns).where(Person.id.in_(serving), Person.id.not_in(own), visible(Person, viewer))
    if text:
        names = (Person.folded_latin, Person.native_name, Person.family_name, Person.given_names)
        query = query.where(or_(*(name.icontains(text, autoescape=True) for name in names)))
    return query
