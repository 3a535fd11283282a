"""Enrolments: the trainees of a cohort, whether they came, left or came back; and the roster on which they stand.

A trainee is never removed: who did not show up or left keeps his number, his record and the way back.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, exists, select

from accounts.models import Agency, Person, User
from accounts.permissions import Permission
from curriculum import labels
from curriculum.models import (
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentState,
    Gate,
    GateKind,
    GateState,
    Nomination,
    NominationState,
)
from curriculum.seating import Ground, SeatReason
from curriculum.services import seats
from foundation import audit
from foundation.access import visible
from foundation.db import db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _


class EnrolmentRefused(DomainError):
    """The trainee's state cannot be changed in this way."""


class EnrolmentFinal(DomainConflict):
    """The cohort is closed, or the seat was given up before it began."""


STATES_TO_SET = (EnrolmentState.ENROLLED, EnrolmentState.NO_SHOW, EnrolmentState.LEFT)


def may_set_state(enrolment: Enrolment, actor: User) -> bool:
    """Return whether somebody says of a trainee that he came, left or came back: planners, and instructors of the cohort."""
    return actor.may(Permission.COHORT_PLAN, enrolment) or actor.may(Permission.ATTENDANCE_RECORD, enrolment)


def set_state(enrolment: Enrolment, *, state: EnrolmentState, actor: User, reason: str | None = None) -> None:
    """Say that a trainee did not show up, left (with a reason), or is back.

    Raises Forbidden, EnrolmentFinal, EnrolmentRefused.
    """
    if not may_set_state(enrolment, actor):
        raise Forbidden(_("Only the staff of the cohort says who came and who left."))
    reason = (reason or "").strip() or None
    if state not in STATES_TO_SET:
        raise EnrolmentRefused(_("Choose what to say of the trainee."), field="state")
    if enrolment.cohort.state is CohortState.CLOSED:
        raise EnrolmentFinal(_("Cohort %(code)s is closed.", code=enrolment.cohort.code))
    if enrolment.state is EnrolmentState.WITHDRAWN:
        raise EnrolmentFinal(_("This seat was given up before the cohort began."))
    if state is EnrolmentState.LEFT and reason is None:
        raise EnrolmentRefused(_("Say why the trainee left, and whether he may rejoin."), field="reason")
    changes = audit.changes_of(
        enrolment, state=state, state_reason=None if state is EnrolmentState.ENROLLED else reason
    )
    if changes:
        verb = {EnrolmentState.NO_SHOW: "no_show", EnrolmentState.LEFT: "left"}.get(state, "back")
        audit.record(f"enrolment:{verb}", enrolment, actor=actor, reason=reason, changes=changes)


@dataclass
class RosterLine:
    """One nominee on the roster. `gates` {kind: state as it counts on the first day}; `number` and `state` when he has a seat."""

    nomination_id: int
    rank: int
    nomination_state: NominationState
    decided_reason: str | None
    name: str
    native_name: str | None
    birth_date: date
    nationality: str | None
    languages: list[str]
    agency_code: str
    agency_names: dict[str, str]
    enrolment_id: int | None
    number: int | None
    enrolment_state: EnrolmentState | None
    state_reason: str | None
    gates: dict[GateKind, GateState] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)

    @property
    def is_blocked(self) -> bool:
        """Whether a gate stands in the way of a seat."""
        return any(state in (GateState.OPEN, GateState.NOT_CLEARED) for state in self.gates.values())

    @property
    def gate_states(self) -> tuple[tuple[GateKind, GateState], ...]:
        """The gates as one value, equal for people whose gates stand alike."""
        return tuple(self.gates.items())

    @property
    def reasons(self) -> tuple[Any, ...]:
        """The stored grounds for having no seat."""
        return seats.read_grounds(self.decided_reason)


def read_roster(
    cohort: Cohort,
    *,
    viewer: User,
    state: NominationState | None = None,
    gate: GateState | None = None,
    seated_alone: bool = False,
) -> list[RosterLine]:
    """Return a cohort's people in the viewer's sight: two statements, however many. By agency and rank; trainees by number.

    `gate` keeps those with a gate in that state; `seated_alone` keeps the trainees.
    """
    query = _roster_query(cohort, viewer)
    if state is not None:
        query = query.where(Nomination.state == state)
    if gate is not None:
        of_nomination = select(Gate.id).where(Gate.nomination_id == Nomination.id, Gate.state == gate)
        query = query.where(exists(of_nomination), Nomination.state != NominationState.WITHDRAWN)
    if seated_alone:
        query = query.where(Enrolment.state.in_(STATES_TO_SET)).order_by(None).order_by(Enrolment.number)
    lines = {row.id: _line(row) for row in db.session.execute(query)}
    on = seats.day_of_judgement(cohort)
    of_cohort = db.session.execute(
        select(Gate.nomination_id, Gate.kind, Gate.state, Gate.valid_until, Gate.limits)
        .join(Nomination, Nomination.id == Gate.nomination_id)
        .where(Nomination.cohort_id == cohort.id, visible(Gate, viewer))
        .order_by(Gate.id)
    )
    for nomination_id, kind, gate_state, valid_until, limits in of_cohort:
        line = lines.get(nomination_id)
        if line is None:
            continue
        # A clearance that ends before the first day does not carry; on the roster it reads as open again.
        ended = valid_until is not None and valid_until < on
        line.gates[kind] = GateState.OPEN if ended else gate_state
        if limits:
            line.limits.append(limits)
    return list(lines.values())


def _roster_query(cohort: Cohort, viewer: User) -> Select[Any]:
    columns: list[Any] = [
        Nomination.id,
        Nomination.rank,
        Nomination.state,
        Nomination.decided_reason,
        Person.given_names,
        Person.family_name,
        Person.native_name,
        Person.birth_date,
        Person.nationality,
        Person.languages,
        Agency.code,
        Agency.names,
        Enrolment.id.label("enrolment_id"),
        Enrolment.number,
        Enrolment.state.label("enrolment_state"),
        Enrolment.state_reason,
    ]
    query = (
        select(*columns)
        .join(Person, Person.id == Nomination.person_id)
        .join(Agency, Agency.id == Nomination.agency_id)
        .outerjoin(Enrolment, Enrolment.nomination_id == Nomination.id)
        .where(Nomination.cohort_id == cohort.id, visible(Nomination, viewer))
        .order_by(Agency.code, Nomination.state == NominationState.WITHDRAWN, Nomination.rank, Nomination.id)
    )
    return query


def _line(row: Any) -> RosterLine:
    return RosterLine(
        nomination_id=row.id,
        rank=row.rank,
        nomination_state=row.state,
        decided_reason=row.decided_reason,
        name=f"{row.given_names} {row.family_name}".strip(),
        native_name=row.native_name,
        birth_date=row.birth_date,
        nationality=row.nationality,
        languages=row.languages or [],
        agency_code=row.code,
        agency_names=row.names,
        enrolment_id=row.enrolment_id,
        number=row.number,
        enrolment_state=row.enrolment_state,
        state_reason=row.state_reason,
    )


def find_enrolment(nomination: Nomination) -> Enrolment | None:
    """Return the seat of a nomination, or None."""
    query = select(Enrolment).where(Enrolment.nomination_id == nomination.id)
    return db.session.execute(query).scalar_one_or_none()


def may_set_state_in(cohort: Cohort, actor: User) -> bool:
    """Return whether somebody says of the cohort's trainees who came and who left."""
    return actor.may(Permission.COHORT_PLAN, cohort) or actor.may(Permission.ATTENDANCE_RECORD, cohort)


def list_letters(
    cohort: Cohort, *, viewer: User
) -> tuple[list[RosterLine], list[tuple[RosterLine, list[str]]]]:
    """Return who gets a joining letter, by number, and everybody else with the reasons in words.

    The gates are judged again here: a letter is never printed for somebody with a gate open, whatever was confirmed before.
    """
    admitted, others = [], []
    for line in read_roster(cohort, viewer=viewer):
        if line.enrolment_state is EnrolmentState.ENROLLED and line.gates and not line.is_blocked:
            admitted.append(line)
        else:
            others.append((line, _reasons_of(line)))
    admitted.sort(key=lambda line: line.number or 0)
    return admitted, others


def _reasons_of(line: RosterLine) -> list[str]:
    if line.nomination_state is NominationState.WITHDRAWN:
        return [labels.word(NominationState.WITHDRAWN)]
    if line.enrolment_state in (EnrolmentState.NO_SHOW, EnrolmentState.LEFT):
        return [labels.word(line.enrolment_state)]
    blocking = {GateState.OPEN: SeatReason.GATE_OPEN, GateState.NOT_CLEARED: SeatReason.GATE_NOT_CLEARED}
    grounds = [Ground(blocking[state], kind) for kind, state in line.gates.items() if state in blocking]
    return labels.ground_sentences(grounds or line.reasons) or [_("No seat is confirmed yet.")]
