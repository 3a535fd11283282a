"""The audit trail for those who inspect: what was changed, what was read or refused, and whether the chain is whole."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, or_, select

from accounts.models import Agency, User
from accounts.permissions import Permission
from foundation import audit
from foundation.access import AccessEntry, log_access, requires
from foundation.audit import AuditDetail, AuditEntry
from foundation.db import db, reading
from foundation.paging import page_of_request

bp = Blueprint("audit", __name__, url_prefix="/audit")

# The auditor reads everything but these: the medical role alone does.
WITHHELD_SUBJECTS = frozenset({"medical_reason"})


@bp.get("", endpoint="list")
@requires(Permission.AUDIT_READ)
def list_entries() -> ResponseReturnValue:
    """List the entries of the trail, newest first, filtered by action, subject, actor and day."""
    query = _of_days(
        _of_actor(
            select(
                AuditEntry.id,
                AuditEntry.at,
                AuditEntry.action,
                AuditEntry.subject_type,
                AuditEntry.subject_id,
                AuditEntry.reason,
                User.name.label("actor"),
                Agency.code.label("agency_code"),
            )
            .outerjoin(User, User.id == AuditEntry.actor_id)
            .outerjoin(Agency, Agency.id == AuditEntry.agency_id)
        ),
        AuditEntry.at,
    )
    if action := request.args.get("action", "")[:80].strip():
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    if subject := request.args.get("subject", "")[:60].strip():
        query = query.where(AuditEntry.subject_type == subject)
    number = request.args.get("number", "")
    if number.isdecimal() and len(number) < 16:
        query = query.where(AuditEntry.subject_id == int(number))
    page = page_of_request(query, sorts={"number": [AuditEntry.id]}, default="-number")
    return render_template(
        "accounts/audit/list.html",
        page=page,
        subjects=_words(AuditEntry.subject_type),
        actions=_words(AuditEntry.action),
        entry_url=url_for("audit.show", audit_entry_id=0)[:-1],
    )


@bp.get("/<int:audit_entry_id>")
@requires(Permission.AUDIT_READ, on=AuditEntry)
def show(audit_entry: AuditEntry) -> ResponseReturnValue:
    """Show one entry; values of persons stay covered."""
    return _render_entry(audit_entry)


@bp.post("/<int:audit_entry_id>/personal-values")
@requires(Permission.AUDIT_READ, on=AuditEntry)
def show_personal_values(audit_entry: AuditEntry) -> ResponseReturnValue:
    """Show an entry with the values of persons; the reading is logged."""
    log_access("audit_detail_read", subject=audit_entry)
    return _render_entry(audit_entry, uncovered=True)


@bp.get("/readings")
@requires(Permission.AUDIT_READ)
def list_readings() -> ResponseReturnValue:
    """List who read protected values, who was refused, and failed sign-ins, newest first."""
    query = _of_days(
        _of_actor(
            select(
                AccessEntry.id,
                AccessEntry.at,
                AccessEntry.kind,
                AccessEntry.subject_type,
                AccessEntry.subject_id,
                AccessEntry.network,
                User.name.label("actor"),
            ).outerjoin(User, User.id == AccessEntry.user_id)
        ),
        AccessEntry.at,
    )
    if kind := request.args.get("action", "")[:40].strip():
        query = query.where(AccessEntry.kind == kind)
    page = page_of_request(query, sorts={"number": [AccessEntry.id]}, default="-number")
    return render_template("accounts/audit/readings.html", page=page, actions=_words(AccessEntry.kind))


@bp.post("/verification")
@requires(Permission.AUDIT_READ)
def verify() -> ResponseReturnValue:
    """Walk the whole chain and say whether it is whole."""
    with reading():  # nobody waits for the walk: it holds no lock
        report = audit.verify_chain()
        head_id, head = audit.read_head()
    return render_template("accounts/audit/verification.html", report=report, head_id=head_id, head=head)


def _of_actor(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    text = " ".join(request.args.get("actor", "")[:100].split()).casefold()
    if not text:
        return query
    return query.where(or_(func.lower(User.name).like(f"%{text}%"), User.email == text))


def _of_days(query: Select[*tuple[Any, ...]], column: Any) -> Select[*tuple[Any, ...]]:
    zone = ZoneInfo(g.viewer.time_zone)
    since, until = _day(request.args.get("since")), _day(request.args.get("until"))
    if since is not None:
        query = query.where(column >= _midnight(since, zone))
    if until is not None:
        query = query.where(column < _midnight(until + timedelta(days=1), zone))
    return query


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _day(text: str | None) -> date | None:
    """Return a day of the filter; what is none is as good as left out."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1900 < day.year < 9999 else None


def _words(column: Any) -> list[tuple[str, str]]:
    return [(word, word) for word in db.session.execute(select(column).distinct().order_by(column)).scalars()]


def _words_of(value: Any) -> Any:
    """Return a recorded value as people read it: lists by commas, {language: text} line by line."""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or None
    if isinstance(value, dict):
        return " · ".join(f"{name}: {part}" for name, part in value.items()) or None
    return value


def _render_entry(entry: AuditEntry, *, uncovered: bool = False) -> ResponseReturnValue:
    actor = db.session.get(User, entry.actor_id) if entry.actor_id is not None else None
    agency = db.session.get(Agency, entry.agency_id) if entry.agency_id is not None else None
    details = {
        detail.field: detail
        for detail in db.session.execute(
            select(AuditDetail).where(AuditDetail.entry_id == entry.id)
        ).scalars()
    }
    withheld = entry.subject_type in WITHHELD_SUBJECTS
    changes = []
    for field, (old, new) in entry.changes.items():
        detail = details.get(field)
        if detail is not None:
            shown = (detail.old, detail.new) if uncovered and not withheld else (None, None)
            changes.append(
                {"field": field, "old": shown[0], "new": shown[1], "covered": not uncovered or withheld}
            )
        else:
            changes.append({"field": field, "old": _words_of(old), "new": _words_of(new), "covered": False})
    return render_template(
        "accounts/audit/show.html",
        entry=entry,
        actor=actor,
        agency=agency,
        changes=changes,
        has_covered=any(change["covered"] for change in changes) and not withheld,
    )
