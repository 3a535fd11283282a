"""Gates: what must be cleared between a nomination and a seat, each decided by the one role that may (product: who may do what).

The reason of a medical decision is sealed and read by the medical reviewer alone; everybody else sees how the gate stands.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select

from accounts.models import Agency, Person, User
from accounts.permissions import Permission
from curriculum import labels
from curriculum.models import (
    Cohort,
    CohortState,
    Course,
    CourseDirector,
    Edition,
    Gate,
    GateKind,
    GateState,
    MedicalReason,
    Nomination,
    NominationState,
)
from curriculum.services import seats
from foundation import audit, clock, sealing
from foundation.access import visible
from foundation.db import db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _
from foundation.registry import EndedBy, Holding, list_holdings

COURSE_KINDS = (GateKind.LANGUAGE, GateKind.DOCUMENT, GateKind.PREREQUISITE)
PASSED = (GateState.CLEARED, GateState.CLEARED_WITH_LIMITS, GateState.WAIVED)
DECISIONS = (GateState.CLEARED, GateState.CLEARED_WITH_LIMITS, GateState.NOT_CLEARED, GateState.WAIVED)


class GateRefused(DomainError):
    """The decision lacks something it needs."""


class GateMoot(DomainConflict):
    """There is nothing to decide any more: the nomination was withdrawn or the cohort is closed."""


def permission_for(kind: GateKind, decision: GateState) -> Permission:
    """Return the permission that a decision on a kind of gate asks for."""
    if kind is GateKind.MEDICAL:
        return Permission.GATE_MEDICAL
    if kind is GateKind.VETTING:
        return Permission.GATE_VETTING_WAIVE if decision is GateState.WAIVED else Permission.GATE_VETTING
    return Permission.GATE_COURSE


def list_decisions(gate: Gate, viewer: User) -> list[GateState]:
    """Return the decisions a viewer may take on a gate."""
    return [state for state in DECISIONS if viewer.may(permission_for(gate.kind, state), gate)]


def decide_gate(
    gate: Gate,
    *,
    decision: GateState,
    actor: User,
    reason: str | None = None,
    limits: str | None = None,
    valid_until: date | None = None,
) -> None:
    """Decide a gate, or decide it anew.

    A refusal and a waiver need a reason, a waiver an end date, a clearance with limits its limits. `valid_until` is the last day
    on which a clearance or waiver counts. When a gate of somebody with a seat is not passed any more before the first day, the
    seat goes to whoever waits next. Raises Forbidden, GateMoot, GateRefused.
    """
    if not actor.may(permission_for(gate.kind, decision), gate):
        raise Forbidden(_("This gate is decided by somebody else."))
    nomination = gate.nomination
    _require_alive(nomination)
    reason, limits = (reason or "").strip() or None, (limits or "").strip() or None
    _check_decision(decision, reason=reason, limits=limits, valid_until=valid_until)
    medical = gate.kind is GateKind.MEDICAL
    changes = audit.changes_of(
        gate,
        state=decision,
        limits=limits if decision is GateState.CLEARED_WITH_LIMITS else None,
        valid_until=valid_until if decision in PASSED else None,
    )
    gate.reason = None if medical else reason
    gate.decided_at, gate.decided_by_id = clock.now(), actor.id
    if medical and reason is not None:
        db.session.add(
            MedicalReason(
                gate_id=gate.id,
                agency_id=gate.agency_id,
                sealed=sealing.seal(reason),
                recorded_at=clock.now(),
                recorded_by_id=actor.id,
            )
        )
    audit.record(
        "gate:decided",
        gate,
        actor=actor,
        reason=None if medical else reason,
        changes={"kind": (gate.kind, gate.kind), **changes},
    )
    _follow(nomination, actor=actor)


def clear_gates(chosen: Sequence[Gate], *, actor: User) -> int:
    """Clear language, document or prerequisite gates together; return how many. All or none. Raises as `decide_gate` does."""
    for gate in chosen:
        if gate.kind not in COURSE_KINDS:
            raise GateRefused(_("Medical and vetting gates are decided one by one."))
    waiting = [gate for gate in chosen if gate.state is not GateState.CLEARED]
    for gate in waiting:
        decide_gate(gate, decision=GateState.CLEARED, actor=actor)
    return len(waiting)


def read_medical_reason(gate: Gate, *, actor: User) -> str | None:
    """Return the latest medical reason in clear, or None when none is recorded. The caller logs the reading. Raises Forbidden."""
    if not actor.may(Permission.GATE_MEDICAL, gate):
        raise Forbidden(_("The medical reason is read by the medical reviewer alone."))
    query = (
        select(MedicalReason.sealed).where(MedicalReason.gate_id == gate.id).order_by(MedicalReason.id.desc())
    )
    sealed = db.session.execute(query.limit(1)).scalar_one_or_none()
    return sealing.unseal(sealed) if sealed is not None else None


def _require_alive(nomination: Nomination) -> None:
    if nomination.state is NominationState.WITHDRAWN:
        raise GateMoot(
            _("%(name)s was withdrawn: nothing is left to decide.", name=nomination.person.latin_name)
        )
    if nomination.cohort.state is CohortState.CLOSED:
        raise GateMoot(_("Cohort %(code)s is closed.", code=nomination.cohort.code))


def _check_decision(
    decision: GateState, *, reason: str | None, limits: str | None, valid_until: date | None
) -> None:
    if decision not in DECISIONS:
        raise GateRefused(_("Choose a decision."), field="decision")
    if decision is GateState.NOT_CLEARED and reason is None:
        raise GateRefused(_("Say why the gate is not cleared."), field="reason")
    if decision is GateState.CLEARED_WITH_LIMITS and limits is None:
        raise GateRefused(_("Say what the limits are."), field="limits")
    if decision is GateState.WAIVED:
        if reason is None:
            raise GateRefused(_("A waiver needs a reason."), field="reason")
        if valid_until is None:
            raise GateRefused(_("A waiver needs an end date."), field="valid_until")
    if decision in PASSED and valid_until is not None and valid_until < clock.today():
        raise GateRefused(_("This day has passed."), field="valid_until")


def _follow(nomination: Nomination, *, actor: User) -> None:
    """Let the nomination follow its gates: a seat is lost with a gate, and a refusal ends when every gate is passed."""
    db.session.flush()
    ready = seats.is_ready(nomination)
    cohort = nomination.cohort
    if nomination.state is NominationState.REFUSED and ready:
        changes = audit.changes_of(nomination, state=NominationState.NOMINATED, decided_reason=None)
        audit.record("nomination:ready", nomination, actor=actor, changes=changes)
    elif nomination.state is NominationState.WAITING and not ready:
        changes = audit.changes_of(nomination, state=NominationState.NOMINATED, decided_reason=None)
        audit.record("nomination:taken_off_waiting_list", nomination, actor=actor, changes=changes)
    elif (
        nomination.state is NominationState.CONFIRMED
        and not ready
        and cohort.state in seats.BEFORE_THE_FIRST_DAY
    ):
        changes = audit.changes_of(nomination, state=NominationState.REFUSED, decided_reason=None)
        audit.record("nomination:refused", nomination, actor=actor, changes=changes)
        seats.free_seat(nomination, reason=_("A gate is not passed any more."), actor=actor)


def kinds_in_sight(viewer: User) -> list[GateKind]:
    """Return the kinds of gate whose list a viewer works from: his own to decide; a manager sees all of them."""
    if viewer.may(Permission.AGENCY_MANAGE):
        return list(GateKind)
    kinds = []
    if viewer.may(Permission.GATE_MEDICAL):
        kinds.append(GateKind.MEDICAL)
    if viewer.may(Permission.GATE_VETTING):
        kinds.append(GateKind.VETTING)
    if viewer.may(Permission.GATE_COURSE):
        kinds += COURSE_KINDS
    return kinds


def in_work(viewer: User) -> Any:
    """Return the condition on joined gates, nominations, cohorts and editions that makes up a viewer's work list."""
    kinds = kinds_in_sight(viewer)
    condition: ColumnElement[bool] = Gate.kind.in_(kinds) if kinds else false()
    if not viewer.may(Permission.AGENCY_MANAGE) and viewer.may(Permission.GATE_COURSE):
        directed = select(CourseDirector.course_id).where(CourseDirector.user_id == viewer.id)
        own_course = Edition.course_id.in_(directed)
        others = [kind for kind in kinds if kind not in COURSE_KINDS]
        condition = or_(Gate.kind.in_(others), Gate.kind.in_(COURSE_KINDS) & own_course)
    return (
        condition
        & (Nomination.state != NominationState.WITHDRAWN)
        & (Cohort.state != CohortState.CLOSED)
        & visible(Gate, viewer)
    )


def query_gates(
    viewer: User,
    *,
    kind: GateKind | None = None,
    state: GateState | None = None,
    cohort: str | None = None,
    text: str | None = None,
) -> Select[Any]:
    """Return the Core select of a viewer's work list of gates, one row a gate."""
    columns: list[Any] = [
        Gate.id,
        Gate.kind,
        Gate.state,
        Gate.valid_until,
        Nomination.id.label("nomination_id"),
        Nomination.nominated_at,
        Person.given_names,
        Person.family_name,
        Person.native_name,
        Agency.code.label("agency_code"),
        Cohort.code.label("cohort_code"),
        Cohort.starts_on,
    ]
    query = (
        select(*columns)
        .select_from(Gate)
        .join(Nomination, Nomination.id == Gate.nomination_id)
        .join(Person, Person.id == Nomination.person_id)
        .join(Agency, Agency.id == Nomination.agency_id)
        .join(Cohort, Cohort.id == Nomination.cohort_id)
        .join(Edition, Edition.id == Cohort.edition_id)
        .join(Course, Course.id == Edition.course_id)
        .where(in_work(viewer))
    )
    if kind is not None:
        query = query.where(Gate.kind == kind)
    if state is not None:
        query = query.where(Gate.state == state)
    if cohort:
        query = query.where(Cohort.code == cohort)
    if text:
        names = (Person.folded_latin, Person.native_name, Person.family_name, Person.given_names)
        query = query.where(or_(*(name.icontains(text, autoescape=True) for name in names)))
    return query


def list_prerequisites(gate: Gate) -> list[tuple[str, bool, Holding | None]]:
    """Return (course code, must be in date, what the person holds of it on the first day or None) for a prerequisite gate.

    A prerequisite that need not be in date is met by whatever was held before and is not revoked. Of several the longest is named.
    """
    cohort = gate.nomination.cohort
    wanted = [(str(one["course"]), bool(one.get("in_date", True))) for one in cohort.edition.prerequisites]
    if not wanted:
        return []
    on = cohort.starts_on
    held = [one for one in list_holdings([gate.person_id]) if one.starts_on <= on]
    held.sort(key=lambda one: one.ends_on or date.max)
    in_date = {one.qualification: one for one in held if one.is_in_date(on)}
    ever = {one.qualification: one for one in held if one.ended_by is not EndedBy.REVOCATION} | in_date
    return [(code, must, (in_date if must else ever).get(code)) for code, must in wanted]


def name_gate(gate: Gate) -> str:
    """Return a gate by name: its kind and the person."""
    return f"{labels.word(gate.kind)} · {gate.nomination.person.latin_name}"


def has_medical_reason(gate: Gate) -> bool:
    """Return whether a medical reason is on record, without reading it."""
    query = select(MedicalReason.id).where(MedicalReason.gate_id == gate.id).limit(1)
    return db.session.execute(query).first() is not None


def sees_reasons(viewer: User) -> frozenset[GateKind]:
    """Return the kinds of gate whose recorded reason a viewer may read: never the medical one, vetting by its deciders alone."""
    kinds = frozenset(COURSE_KINDS)
    vetting = (Permission.GATE_VETTING, Permission.GATE_VETTING_WAIVE, Permission.AUDIT_READ)
    return kinds | {GateKind.VETTING} if any(viewer.may(one) for one in vetting) else kinds


def kinds_decided_by(viewer: User) -> frozenset[GateKind]:
    """Return the kinds of gate on which a viewer takes some decision; which ones depends on the gate itself."""
    return frozenset(
        kind for kind in GateKind if any(viewer.may(permission_for(kind, decision)) for decision in DECISIONS)
    )
