"""Attendance: one value for a trainee and a session, changed openly, with a reason where the rule asks for one."""

from dataclasses import dataclass

from sqlalchemy import select

from accounts.models import User
from curriculum.models import Attendance, CohortSession, CohortState, Enrolment, EnrolmentState, Presence
from foundation import audit, clock
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError
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
    _refuse_impossible(enrolment, session, entry)
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


def _refuse_impossible(enrolment: Enrolment, session: CohortSession, entry: AttendanceEntry) -> None:
    if session.cohort_id != enrolment.cohort_id:
        raise AttendanceRefused(_("This session belongs to another cohort."))
    if enrolment.cohort.state != CohortState.RUNNING:
        raise AttendanceRefused(_("Attendance can be recorded while the cohort runs."))
    if enrolment.state not in (EnrolmentState.ENROLLED, EnrolmentState.LEFT):
        raise AttendanceRefused(_("This trainee is not in the cohort."))
    if session.on > clock.today(enrolment.cohort.time_zone):
        raise AttendanceRefused(_("This session has not taken place yet."))
    if entry.presence in NEEDS_REASON and not entry.reason:
        raise AttendanceRefused(_("Give the reason, or when and with whom it was made up."), field="reason")
