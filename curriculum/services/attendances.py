"""Attendance: one value for a trainee and a session, changed openly, with a reason where the rule asks for one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from accounts.models import User
from curriculum.models import (
    Attendance,
    Cohort,
    CohortSession,
    CohortState,
    Enrolment,
    EnrolmentState,
    Presence,
)
from curriculum.outcomes import AttendanceJudgement, judge_attendance
from curriculum.services.grids import list_trainees, show_name
from foundation import audit, clock
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _

NEEDS_REASON = (Presence.EXCUSED, Presence.MADE_UP)


class AttendanceRefused(DomainError):
    """The value cannot be recorded for this trainee and session."""


class AttendanceChanged(DomainConflict):
    """A colleague recorded another value meanwhile."""


@dataclass(frozen=True)
class AttendanceEntry:
    """What an instructor put down: the value, the reason if any, and the value he saw before (None: not taken yet)."""

    presence: Presence
    reason: str | None = None
    seen: Presence | None = None


def record_attendance(
    enrolment: Enrolment, session: CohortSession, entry: AttendanceEntry, *, actor: User
) -> Attendance:
    """Record how a trainee stood to a session; recording the same value again changes nothing.

    Raises AttendanceRefused (cohort not running, session of another cohort or in the future, trainee gone, reason missing,
    make-up of a session he was not absent from) and AttendanceChanged when a colleague was quicker with another value.
    """
    _refuse_impossible(enrolment, session, actor=actor)
    if entry.presence in NEEDS_REASON and not entry.reason:
        raise AttendanceRefused(_("Give the reason, or when and with whom it was made up."), field="reason")
    row = _find(enrolment, session)
    now = clock.now()
    if row is None:
        if entry.presence == Presence.MADE_UP:
            raise AttendanceRefused(
                _("A session can be made up only after an absence was recorded."), field="presence"
            )
        row = Attendance(
            agency_id=enrolment.agency_id,
            enrolment=enrolment,
            session=session,
            presence=entry.presence,
            reason=entry.reason,
            recorded_at=now,
            recorded_by_id=actor.id,
        )
        raced = AttendanceChanged(_("A colleague recorded this session at the same moment. Look again."))
        with conflict_as("uq_attendance_enrolment_id_cohort_session_id", raced):
            db.session.add(row)
        audit.record("attendance:recorded", row, actor=actor, changes=_changes(None, row))
        return row
    if (row.presence, row.reason) == (entry.presence, entry.reason):
        return row
    if row.presence != entry.seen and row.recorded_by_id != actor.id:
        raise AttendanceChanged(
            _("A colleague recorded another value meanwhile. Look again before you change it.")
        )
    if entry.presence == Presence.MADE_UP and row.presence == Presence.PRESENT:
        raise AttendanceRefused(_("This trainee was present; there is nothing to make up."), field="presence")
    old = (row.presence, row.reason)
    row.presence, row.reason = entry.presence, entry.reason
    row.recorded_at, row.recorded_by_id = now, actor.id
    db.session.flush()
    audit.record("attendance:changed", row, actor=actor, reason=entry.reason, changes=_changes(old, row))
    return row


def take_back_attendance(
    enrolment: Enrolment, session: CohortSession, *, seen: Presence, actor: User
) -> bool:
    """Take a value back, so that the session counts as not recorded; return False when there is nothing to take back.

    Raises AttendanceRefused as recording does, and AttendanceChanged when another value stands there by now.
    """
    _refuse_impossible(enrolment, session, actor=actor)
    row = _find(enrolment, session)
    if row is None:
        return False
    if row.presence != seen:
        raise AttendanceChanged(
            _("A colleague recorded another value meanwhile. Look again before you change it.")
        )
    changes = {
        "session": (session.position, session.position),
        "presence": (row.presence, None),
        "reason": (row.reason, None),
    }
    audit.record("attendance:taken_back", row, actor=actor, changes=changes)
    db.session.delete(row)
    db.session.flush()
    return True


def record_all_present(cohort: Cohort, session: CohortSession, *, actor: User) -> list[int]:
    """Record everybody present for whom the session has no value yet; return their enrolments, for taking it back.

    Nothing that was recorded before is touched: an absence stays an absence.
    """
    query = (
        select(Enrolment)
        .where(
            Enrolment.cohort_id == cohort.id,
            Enrolment.state == EnrolmentState.ENROLLED,
            Enrolment.id.not_in(
                select(Attendance.enrolment_id).where(Attendance.cohort_session_id == session.id)
            ),
        )
        .order_by(Enrolment.number)
    )
    rows = []
    for enrolment in db.session.execute(query).scalars().all():
        if actor.person_id is not None and actor.person_id == enrolment.person_id:
            continue
        _refuse_impossible(enrolment, session, actor=actor)
        rows.append(
            Attendance(
                agency_id=enrolment.agency_id,
                enrolment=enrolment,
                session=session,
                presence=Presence.PRESENT,
                recorded_at=clock.now(),
                recorded_by_id=actor.id,
            )
        )
    raced = AttendanceChanged(_("A colleague recorded this session at the same moment. Look again."))
    with conflict_as("uq_attendance_enrolment_id_cohort_session_id", raced):
        db.session.add_all(rows)
    audit.record_many(
        [audit.Change("attendance:recorded", row, changes=_changes(None, row)) for row in rows], actor=actor
    )
    return [row.enrolment.id for row in rows]


def take_back_all_present(
    cohort: Cohort, session: CohortSession, *, enrolment_ids: Iterable[int], actor: User
) -> int:
    """Take 'all present' back for those of `enrolment_ids` who still stand as this instructor left them; return how many."""
    query = (
        select(Enrolment)
        .join(Attendance, Attendance.enrolment_id == Enrolment.id)
        .where(
            Enrolment.cohort_id == cohort.id,
            Enrolment.id.in_(list(enrolment_ids)),
            Attendance.cohort_session_id == session.id,
            Attendance.presence == Presence.PRESENT,
            Attendance.recorded_by_id == actor.id,
        )
    )
    enrolments = db.session.execute(query).scalars().all()
    return sum(
        take_back_attendance(enrolment, session, seen=Presence.PRESENT, actor=actor)
        for enrolment in enrolments
    )


@dataclass(frozen=True)
class AttendanceRow:
    """One trainee with his value and reason for each session id, and how he stands to the rule."""

    enrolment_id: int
    number: int
    name: str
    state: EnrolmentState
    values: Mapping[int, tuple[Presence, str | None]]
    judgement: AttendanceJudgement

    @property
    def below_rule(self) -> bool:
        """True when even the sessions still to come cannot lift him over the rule; a make-up session can."""
        return self.judgement.attended + len(self.judgement.untaken) < self.judgement.required


def list_attendance(cohort: Cohort) -> list[AttendanceRow]:
    """Return the attendance of everybody who came, in three statements whatever their number."""
    sessions = {session.id: session.position for session in cohort.sessions}
    values: dict[int, dict[int, tuple[Presence, str | None]]] = defaultdict(dict)
    query = select(
        Attendance.enrolment_id, Attendance.cohort_session_id, Attendance.presence, Attendance.reason
    ).where(Attendance.cohort_session_id.in_(list(sessions)))
    for row in db.session.execute(query):
        values[row.enrolment_id][row.cohort_session_id] = (row.presence, row.reason)
    required = cohort.edition.sessions_required
    return [_attendance_row(one, values.get(one.id, {}), sessions, required) for one in list_trainees(cohort)]


def judge_enrolment(enrolment: Enrolment) -> AttendanceJudgement:
    """Return how one trainee stands to the attendance rule of his edition."""
    sessions = [session.position for session in enrolment.cohort.sessions]
    query = (
        select(CohortSession.position, Attendance.presence)
        .join(CohortSession, CohortSession.id == Attendance.cohort_session_id)
        .where(Attendance.enrolment_id == enrolment.id)
    )
    presences = {position: presence for position, presence in db.session.execute(query)}
    return judge_attendance(enrolment.cohort.edition.sessions_required, sessions, presences)


def _attendance_row(
    one: Any,
    values: Mapping[int, tuple[Presence, str | None]],
    sessions: Mapping[int, int],
    required: int,
) -> AttendanceRow:
    positions: Sequence[int] = list(sessions.values())
    presences = {sessions[session_id]: presence for session_id, (presence, _reason) in values.items()}
    return AttendanceRow(
        enrolment_id=one.id,
        number=one.number,
        name=show_name(one.family_name, one.given_names, one.native_name),
        state=one.state,
        values=values,
        judgement=judge_attendance(required, positions, presences),
    )


def _changes(old: tuple[Presence, str | None] | None, row: Attendance) -> dict[str, tuple[object, object]]:
    before = old or (None, None)
    return {
        "session": (row.session.position, row.session.position),
        "presence": (before[0], row.presence),
        "reason": (before[1], row.reason),
    }


def _find(enrolment: Enrolment, session: CohortSession) -> Attendance | None:
    query = (
        select(Attendance)
        .where(Attendance.enrolment_id == enrolment.id, Attendance.cohort_session_id == session.id)
        .with_for_update()
    )
    return db.session.execute(query).scalar_one_or_none()


def _refuse_impossible(enrolment: Enrolment, session: CohortSession, *, actor: User) -> None:
    if session.cohort_id != enrolment.cohort_id:
        raise AttendanceRefused(_("This session belongs to another cohort."))
    if actor.person_id is not None and actor.person_id == enrolment.person_id:
        raise Forbidden(_("Nobody records his own attendance. Ask a colleague."))
    if enrolment.cohort.state != CohortState.RUNNING:
        raise AttendanceRefused(_("Attendance can be recorded while the cohort runs."))
    if enrolment.state not in (EnrolmentState.ENROLLED, EnrolmentState.LEFT):
        raise AttendanceRefused(_("This trainee is not in the cohort."))
    if session.on > clock.today(enrolment.cohort.time_zone):
        raise AttendanceRefused(_("This session has not taken place yet."))
