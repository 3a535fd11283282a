"""Nominations of the own agency: listed with their gates, made in the order of a list, withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from flask import g
from sqlalchemy import Select, select

from accounts.models import ApiScope, Person
from accounts.permissions import Permission
from curriculum import labels
from curriculum.api.places import at_place
from curriculum.models import Cohort, Gate, GateKind, GateState, Nomination, NominationState
from curriculum.services import nominations, seats
from curriculum.services.nominations import NominationOutcome
from foundation.access import requires, visible
from foundation.api.operations import Listing, PageQuery, api_blueprint, list_page, operation
from foundation.api.problems import refuse_values
from foundation.api.shapes import BadValues, Fault, Many, Says, Text
from foundation.db import db
from foundation.i18n import _

bp = api_blueprint("nominations", __name__)

CohortCode = Annotated[str, Text(40, pattern="[A-Za-z0-9-]{1,30}/[0-9]{1,5}"), Says("For example MCM-201/7.")]
PersonRef = Annotated[str, Text(40, pattern="[A-Za-z0-9-]{1,40}")]


@dataclass(frozen=True)
class GateRecord:
    """What must be cleared before a seat is confirmed. Why it stands as it does is not said here."""

    kind: GateKind
    state: GateState
    limits: str | None
    valid_until: date | None


@dataclass(frozen=True)
class NominationRecord:
    """A person nominated for a cohort; rank 1 is the agency's first choice."""

    cohort: str
    person: str
    name: str
    native_name: str | None
    rank: int
    state: NominationState
    reasons: Annotated[Sequence[str], Says("Why there is no seat, or why the person was withdrawn.")]
    note: str | None
    nominated_at: datetime
    gates: Sequence[GateRecord]


@dataclass(frozen=True)
class NewNominations:
    """People to be nominated for a cohort, in the agency's order."""

    cohort: CohortCode
    people: Annotated[tuple[PersonRef, ...], Many(200, least=1)]
    note: Annotated[str, Text(500, lines=True)] | None = None


@dataclass(frozen=True)
class NominationResult:
    """What became of one person."""

    person: str
    outcome: NominationOutcome
    sentence: str
    nomination: NominationRecord | None


@dataclass(frozen=True)
class NominationResults:
    """One result a person, in the order in which they were sent."""

    results: Sequence[NominationResult]


@dataclass(frozen=True)
class Withdrawal:
    """Why a person is withdrawn."""

    reason: Annotated[str, Text(500, least=1, lines=True)]


@dataclass(frozen=True)
class NominationsQuery(PageQuery):
    """Which nominations."""

    cohort: CohortCode | None = None
    state: NominationState | None = None


@bp.get("/nominations", endpoint="list")
@requires(Permission.NOMINATION_READ)
@operation(ApiScope.NOMINATIONS_READ, answer=NominationRecord, listing=True, query=NominationsQuery)
def list_nominations(query: NominationsQuery) -> Listing:
    """List the agency's nominations, in the order in which they were made."""
    wanted = _query()
    if query.cohort is not None:
        wanted = wanted.where(Cohort.code == query.cohort)
    if query.state is not None:
        wanted = wanted.where(Nomination.state == query.state)
    page = list_page(wanted, keys=[Nomination.nominated_at, Cohort.code, Person.public_ref], asked=query)
    return Listing(_records(page.rows), page.next_cursor)


@bp.get("/nominations/<place:nomination_place>")
@requires(Permission.NOMINATION_READ, on=Nomination, by="place", meaning=at_place(Nomination))
@operation(ApiScope.NOMINATIONS_READ, answer=NominationRecord)
def show(nomination: Nomination) -> NominationRecord:
    """Read one nomination."""
    return _represent([nomination])[nomination.id]


@bp.post("/nominations")
@requires(Permission.NOMINATION_MAKE)
@operation(ApiScope.NOMINATIONS_WRITE, answer=NominationResults, body=NewNominations)
def make(body: NewNominations) -> NominationResults:
    """Nominate people of the agency for a cohort, behind those nominated before.

    Somebody who cannot be nominated is named with the reason; the others are nominated all the same.
    """
    found = nominations.nominate(
        _cohort(body.cohort), _people(body.people), agency=g.viewer.agency, actor=g.viewer, note=body.note
    )
    db.session.flush()
    own = _represent([one.nomination for one in found if one.nomination is not None])
    return NominationResults(
        [
            NominationResult(
                one.person.public_ref,
                one.outcome,
                one.sentence,
                own[one.nomination.id] if one.nomination is not None else None,
            )
            for one in found
        ]
    )


@bp.post("/nominations/<place:nomination_place>/withdrawal")
@requires(Permission.NOMINATION_MAKE, on=Nomination, by="place", meaning=at_place(Nomination))
@operation(ApiScope.NOMINATIONS_WRITE, answer=NominationRecord, body=Withdrawal)
def withdraw(nomination: Nomination, body: Withdrawal) -> NominationRecord:
    """Withdraw a person before the cohort begins; a seat that becomes free goes to whoever waits next."""
    nominations.withdraw(nomination, reason=body.reason, actor=g.viewer)
    db.session.flush()
    return _represent([nomination])[nomination.id]


def _cohort(code: str) -> Cohort:
    query = select(Cohort).where(Cohort.code == code, visible(Cohort, g.viewer))
    cohort = db.session.execute(query).scalar_one_or_none()
    if cohort is None:
        raise refuse_values(BadValues([Fault("/cohort", _("There is no such cohort."))]))
    return cohort


def _people(refs: Sequence[str]) -> list[Person]:
    """Return the people meant, in the order given; raise Refusal naming each reference that is nobody in sight."""
    query = select(Person).where(Person.public_ref.in_(refs), visible(Person, g.viewer))
    found = {person.public_ref: person for person in db.session.execute(query).scalars()}
    faults = [
        Fault(f"/people/{number}", _("There is no such person in the agency."))
        for number, ref in enumerate(refs)
        if ref not in found
    ]
    if faults:
        raise refuse_values(BadValues(faults))
    return [found[ref] for ref in refs]


def _query() -> Select[Any]:
    columns: list[Any] = [
        Nomination.id,
        Nomination.rank,
        Nomination.state,
        Nomination.decided_reason,
        Nomination.note,
        Nomination.nominated_at,
        Cohort.code.label("cohort"),
        Person.public_ref,
        Person.given_names,
        Person.family_name,
        Person.native_name,
    ]
    return (
        select(*columns)
        .join(Cohort, Cohort.id == Nomination.cohort_id)
        .join(Person, Person.id == Nomination.person_id)
        .where(visible(Nomination, g.viewer))
    )


def _represent(rows: Sequence[Nomination]) -> Mapping[int, NominationRecord]:
    ids = [row.id for row in rows]
    found = db.session.execute(_query().where(Nomination.id.in_(ids))).all()
    return dict(zip([row.id for row in found], _records(found), strict=True))


def _records(rows: Iterable[Any]) -> list[NominationRecord]:
    """Return rows of `_query` as the API gives them, with their gates in one statement more."""
    listed = list(rows)
    gates: dict[int, list[GateRecord]] = {row.id: [] for row in listed}
    query = (
        select(Gate.nomination_id, Gate.kind, Gate.state, Gate.limits, Gate.valid_until)
        .where(Gate.nomination_id.in_(list(gates)), visible(Gate, g.viewer))
        .order_by(Gate.id)
    )
    for nomination_id, kind, state, limits, valid_until in db.session.execute(query):
        gates[nomination_id].append(GateRecord(kind, state, limits, valid_until))
    return [
        NominationRecord(
            cohort=row.cohort,
            person=row.public_ref,
            name=f"{row.given_names} {row.family_name}".strip(),
            native_name=row.native_name,
            rank=row.rank,
            state=row.state,
            reasons=_reasons(row),
            note=row.note,
            nominated_at=row.nominated_at,
            gates=gates[row.id],
        )
        for row in listed
    ]


def _reasons(row: Any) -> list[str]:
    if row.state is NominationState.WITHDRAWN:
        return [row.decided_reason] if row.decided_reason else []
    return list(labels.ground_sentences(seats.read_grounds(row.decided_reason)))
