"""Attendance of a cohort: the overview, one session's sheet that saves as it is filled in, and the list on paper."""

from typing import Any

from flask import Blueprint, abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from curriculum.forms.recording import Unreadable
from curriculum.models import Cohort, CohortSession, CohortState, Enrolment, Presence
from curriculum.outcomes import AttendanceJudgement
from curriculum.reasons import sentences_of
from curriculum.services import attendances
from curriculum.services.attendances import AttendanceChanged, AttendanceEntry, AttendanceRefused
from foundation import clock
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _, language, ngettext

bp = Blueprint("attendances", __name__)
MOST_REASON = 300


@bp.get("/cohorts/<int:cohort_id>/attendance")
@requires(Permission.COHORT_ROSTER, on=Cohort)
def index(cohort: Cohort) -> ResponseReturnValue:
    """Show who attended what, how each trainee stands to the rule, and which sessions are not recorded yet."""
    rows = attendances.list_attendance(cohort)
    template = "print.html" if request.args.get("print") else "index.html"
    return render_template(
        f"curriculum/attendances/{template}",
        cohort=cohort,
        sessions=cohort.sessions,
        rows=rows,
        presences=list(Presence),
        sentences={row.enrolment_id: _sentences(row.judgement) for row in rows},
        attended=_count_by_session(rows),
        today_there=clock.today(cohort.time_zone),
        may_record=_may_record(cohort),
    )


@bp.get("/cohorts/<int:cohort_id>/sessions/<int:session_id>/attendance")
@requires(Permission.COHORT_ROSTER, on=Cohort)
def show(cohort: Cohort, session_id: int) -> ResponseReturnValue:
    """Show the sheet of one session, to be filled in by whoever instructs there."""
    session = _get_session(cohort, session_id)
    return _render_session(cohort, session, problems=[])


@bp.post("/cohorts/<int:cohort_id>/sessions/<int:session_id>/attendance")
@requires(Permission.ATTENDANCE_RECORD, on=Cohort)
def save(cohort: Cohort, session_id: int) -> ResponseReturnValue:
    """Save the whole sheet of a session as a plain form, where no script runs."""
    session = _get_session(cohort, session_id)
    problems = []
    changed = 0
    for row in attendances.list_attendance(cohort):
        wanted = request.form.get(f"presence-{row.enrolment_id}", "")
        if wanted not in set(Presence):
            continue
        reason = _tidy(request.form.get(f"reason-{row.enrolment_id}", ""))
        stored = row.values.get(session.id)
        if stored == (Presence(wanted), reason):
            continue
        seen = request.form.get(f"seen-{row.enrolment_id}", "")
        entry = AttendanceEntry(Presence(wanted), reason, Presence(seen) if seen in set(Presence) else None)
        try:
            attendances.record_attendance(
                _get_enrolment(cohort, row.enrolment_id), session, entry, actor=g.viewer
            )
            changed += 1
        except (AttendanceRefused, AttendanceChanged) as error:
            problems.append(f"{row.name}: {error.message}")
    if problems:
        db.session.rollback()
        return _render_session(cohort, session, problems=problems, typed=dict(request.form)), 422
    flash(ngettext("%(num)s entry is saved.", "%(num)s entries are saved.", changed), "success")
    return redirect(url_for("attendances.show", cohort_id=cohort.id, session_id=session.id), 303)


@bp.post("/cohorts/<int:cohort_id>/attendance")
@requires(Permission.ATTENDANCE_RECORD, on=Cohort)
def save_one(cohort: Cohort) -> ResponseReturnValue:
    """Save one value as it is entered: {enrolment_id, session_id, presence or null, reason, seen}."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Unreadable(_("The entry could not be read."))
    ids = body.get("enrolment_id"), body.get("session_id")
    if not all(isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**31 for one in ids):
        raise Unreadable(_("The entry could not be read."))
    enrolment, session = _get_enrolment(cohort, int(ids[0] or 0)), _get_session(cohort, int(ids[1] or 0))
    presence, seen, reason = body.get("presence"), body.get("seen"), body.get("reason")
    if not all(one is None or one in set(Presence) for one in (presence, seen)):
        raise DomainError(_("Choose present, absent, excused or made up."))
    if not (reason is None or isinstance(reason, str)) or len(reason or "") > MOST_REASON:
        raise DomainError(_("Keep the reason to %(most)s characters.", most=MOST_REASON))
    try:
        if presence is None:
            if seen is not None:
                attendances.take_back_attendance(enrolment, session, seen=Presence(seen), actor=g.viewer)
        else:
            entry = AttendanceEntry(Presence(presence), _tidy(reason), Presence(seen) if seen else None)
            attendances.record_attendance(enrolment, session, entry, actor=g.viewer)
    except DomainError as error:
        return jsonify(error=error.message, status=error.status), error.status
    judgement = attendances.judge_enrolment(enrolment)
    return jsonify(
        presence=presence,
        reason=_tidy(reason),
        attended=judgement.attended,
        required=judgement.required,
        message=" ".join(_sentences(judgement)),
    )


@bp.post("/cohorts/<int:cohort_id>/sessions/<int:session_id>/attendance/all-present")
@requires(Permission.ATTENDANCE_RECORD, on=Cohort)
def mark_all(cohort: Cohort, session_id: int) -> ResponseReturnValue:
    """Record everybody present who has no value yet; the page that follows offers to take it back."""
    session = _get_session(cohort, session_id)
    changed = attendances.record_all_present(cohort, session, actor=g.viewer)
    address = url_for("attendances.show", cohort_id=cohort.id, session_id=session.id)
    if not changed:
        flash(_("Everybody has a value already. Nothing was changed."), "info")
        return redirect(address, 303)
    return redirect(f"{address}?done={'.'.join(map(str, changed))}", 303)


@bp.post("/cohorts/<int:cohort_id>/sessions/<int:session_id>/attendance/take-back")
@requires(Permission.ATTENDANCE_RECORD, on=Cohort)
def take_back_all(cohort: Cohort, session_id: int) -> ResponseReturnValue:
    """Take 'all present' back for the trainees it was recorded for."""
    session = _get_session(cohort, session_id)
    count = attendances.take_back_all_present(
        cohort, session, enrolment_ids=_read_ids(request.form.get("ids", "")), actor=g.viewer
    )
    flash(
        ngettext("%(num)s entry was taken back.", "%(num)s entries were taken back.", count),
        "success",
    )
    return redirect(url_for("attendances.show", cohort_id=cohort.id, session_id=session.id), 303)


def _render_session(
    cohort: Cohort, session: CohortSession, *, problems: list[str], typed: dict[str, str] | None = None
) -> str:
    rows = attendances.list_attendance(cohort)
    done = _read_ids(request.args.get("done", ""))
    still = [
        row.enrolment_id
        for row in rows
        if row.enrolment_id in done and row.values.get(session.id, (None, None))[0] == Presence.PRESENT
    ]
    positions = [one.id for one in cohort.sessions]
    at = positions.index(session.id)
    return render_template(
        "curriculum/attendances/show.html",
        cohort=cohort,
        session=session,
        before=cohort.sessions[at - 1] if at else None,
        after=cohort.sessions[at + 1] if at + 1 < len(positions) else None,
        rows=rows,
        untaken=sum(1 for row in rows if session.id not in row.values and row.state == "enrolled"),
        presences=list(Presence),
        may_record=_may_record(cohort) and session.on <= clock.today(cohort.time_zone),
        in_future=session.on > clock.today(cohort.time_zone),
        problems=problems,
        typed=typed or {},
        done=still if _may_record(cohort) else [],
    )


def _may_record(cohort: Cohort) -> bool:
    return cohort.state == CohortState.RUNNING and g.viewer.may(Permission.ATTENDANCE_RECORD, cohort)


def _get_session(cohort: Cohort, session_id: int) -> CohortSession:
    session = next((one for one in cohort.sessions if one.id == session_id), None)
    if session is None:
        abort(404)
    return session


def _get_enrolment(cohort: Cohort, enrolment_id: int) -> Enrolment:
    query = select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.cohort_id == cohort.id)
    enrolment = db.session.execute(query).scalar_one_or_none()
    if enrolment is None:
        abort(404)
    return enrolment


def _count_by_session(rows: list[attendances.AttendanceRow]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for row in rows:
        for session_id, (presence, _reason) in row.values.items():
            counts[session_id] = counts.get(session_id, 0) + (
                presence in (Presence.PRESENT, Presence.MADE_UP)
            )
    return counts


def _sentences(judgement: AttendanceJudgement) -> list[str]:
    return sentences_of(judgement.reasons, language=language())


def _read_ids(text: str) -> list[int]:
    return [int(part) for part in text.split(".")[:500] if part.isdecimal() and len(part) < 10]


def _tidy(text: Any) -> str | None:
    return " ".join(str(text or "").split())[:MOST_REASON] or None
