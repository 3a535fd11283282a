"""Sheets: marks saved one by one as they are entered, the sheet read, signed, and its conflicts decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from accounts.models import User
from accounts.permissions import Permission
from accounts.scopes import is_host_staff
from curriculum.forms.recording import DecideForm, SignForm, Unreadable, read_mark
from curriculum.models import (
    Assessment,
    AssessmentItem,
    Attempt,
    AttemptState,
    CohortState,
    Enrolment,
)
from curriculum.outcomes import judge_attempt
from curriculum.reasons import sentences_of
from curriculum.recording_words import list_levels, show_value
from curriculum.services import attempts, grids, signatures
from curriculum.services.attempts import CONFLICT, MarkRefused, MarkSaved, SheetSigned
from curriculum.services.records import scheme_of_assessment
from curriculum.services.signatures import SignatureRefused
from curriculum.views.assessments import get_assessment
from curriculum.views.grid_pages import list_items, render_sheet
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _, language

bp = Blueprint("attempts", __name__)


@dataclass(frozen=True)
class _Operation:
    """One value as a device sends it."""

    uuid: UUID
    item: AssessmentItem
    value: Decimal | None
    base_version: int
    number: int | None


@bp.get("/recording/token")
@requires(None)
def token() -> ResponseReturnValue:
    """Give a recorder that was away the token of its present session, and whose session it is."""
    return jsonify(token=generate_csrf(), user_id=g.viewer.id)


@bp.post("/enrolments/<int:enrolment_id>/assessments/<int:assessment_id>/marks")
@requires(Permission.ASSESSMENT_RECORD, on=Enrolment)
def save_mark(enrolment: Enrolment, assessment_id: int) -> ResponseReturnValue:
    """Save one value as it is entered, and answer how the sheet stands."""
    assessment = get_assessment(enrolment.cohort, assessment_id)
    try:
        operation = _read_operation(request.get_json(silent=True), assessment)
        saved = attempts.save_mark(
            enrolment,
            assessment,
            operation.item,
            value=operation.value,
            base_version=operation.base_version,
            uuid=operation.uuid,
            actor=g.viewer,
            number=operation.number,
        )
    except DomainError as error:
        return jsonify(error=error.message, status=error.status), error.status
    return jsonify(_answer(saved, assessment, operation))


@bp.post("/enrolments/<int:enrolment_id>/assessments/<int:assessment_id>/row")
@requires(Permission.ASSESSMENT_RECORD, on=Enrolment)
def save_row(enrolment: Enrolment, assessment_id: int) -> ResponseReturnValue:
    """Save a trainee's row of the grid as a plain form, where no script runs."""
    assessment = get_assessment(enrolment.cohort, assessment_id)
    number = request.form.get("attempt", 1, type=int)
    versions = _read_versions(request.form.get(f"v-{enrolment.id}", ""))
    conflicts = saved = 0
    for item in assessment.items:
        name = f"m-{enrolment.id}-{item.id}"
        if name not in request.form:
            continue
        try:
            value = read_mark(request.form[name])
        except ValueError as error:
            raise MarkRefused(f"{item.code}: {error}") from error
        base = versions.get(item.id, 0)
        if value is None and base == 0:
            continue
        mark = attempts.save_mark(
            enrolment,
            assessment,
            item,
            value=value,
            base_version=base,
            uuid=uuid4(),
            actor=g.viewer,
            number=number,
        )
        saved += 1
        conflicts += mark.outcome == CONFLICT
    if conflicts:
        flash(_("Some marks differ from a colleague's. The lead instructor decides."), "warning")
    else:
        flash(_("The row is saved. Marks on it: %(count)s.", count=saved), "success")
    address = url_for(
        "assessments.show", cohort_id=enrolment.cohort_id, assessment_id=assessment.id, attempt=number
    )
    return redirect(f"{address}#trainee-{enrolment.id}", 303)


@bp.get("/attempts/<int:attempt_id>")
@requires(Permission.ASSESSMENT_READ, on=Attempt)
def show(attempt: Attempt) -> ResponseReturnValue:
    """Show one sheet: its marks, how it is judged, its note and signature, and every value ever entered."""
    return _render_sheet(attempt, SignForm())


@bp.post("/attempts/<int:attempt_id>/sign")
@requires(Permission.ASSESSMENT_RECORD, on=Attempt)
def sign(attempt: Attempt) -> ResponseReturnValue:
    """Sign and lock a sheet, or say everything that stands in the way."""
    form = SignForm()
    if form.validate_on_submit():
        try:
            signatures.sign_attempt(attempt, note=form.note.data, actor=g.viewer)
            flash(_("The sheet is signed and locked."), "success")
            return redirect(url_for("attempts.show", attempt_id=attempt.id), 303)
        except SignatureRefused as refusal:
            db.session.rollback()
            form.form_errors.extend(refusal.sentences)
        except SheetSigned as refusal:
            db.session.rollback()
            form.conflict = True
            form.form_errors.append(refusal.message)
    return _render_sheet(attempt, form)


@bp.route("/attempts/<int:attempt_id>/items/<int:assessment_item_id>/decide", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_RECORD, on=Attempt)
def decide(attempt: Attempt, assessment_item_id: int) -> ResponseReturnValue:
    """Decide, as lead instructor, between the values of two evaluators; others read what differs."""
    assessment = get_assessment(attempt.enrolment.cohort, attempt.assessment_id)
    item = next((item for item in assessment.items if item.id == assessment_item_id), None)
    if item is None:
        abort(404)
    options = _list_options(attempt, item)
    form = DecideForm()
    words = _value_words(assessment)
    form.value.choices = [
        (_as_choice(option["value"]), f"{words(item, option['value'])} · {option['who']}")
        for option in options
    ]
    if form.validate_on_submit():
        with form.showing(DomainError):
            attempts.decide_conflict(
                attempt,
                item,
                value=read_mark(form.value.data if form.value.data != "none" else ""),
                reason=form.reason.data,
                uuid=uuid4(),
                actor=g.viewer,
            )
            flash(_("The conflict is decided. Both values stay in the history."), "success")
            return redirect(url_for("attempts.show", attempt_id=attempt.id), 303)
    return render_form(
        "curriculum/attempts/decide.html",
        form,
        attempt=attempt,
        assessment=assessment,
        item=item,
        options=options,
        trainee=_trainee_name(attempt),
        is_lead=g.viewer.id in attempt.lead_ids,
    )


def _read_operation(body: Any, assessment: Assessment) -> _Operation:
    """Return the operation a device sent; answer 400 for what is no operation and 422 for a value that is no mark."""
    if not isinstance(body, dict):
        raise Unreadable(_("The mark could not be read."))
    item_id, value, number = body.get("item_id"), body.get("value"), body.get("number")
    base: Any = body.get("base_version")
    try:
        uuid = UUID(str(body.get("uuid")))
    except ValueError as error:
        raise Unreadable(_("The mark could not be read.")) from error
    if not _is_count(item_id) or not _is_count(base) or not (number is None or _is_count(number)):
        raise Unreadable(_("The mark could not be read."))
    if isinstance(value, bool) or not isinstance(value, int | float | str | None):
        raise Unreadable(_("The mark could not be read."))
    item = next((item for item in assessment.items if item.id == item_id), None)
    if item is None:
        abort(404)
    try:
        mark = read_mark(None if value is None else str(value))
    except ValueError as error:
        raise MarkRefused(str(error)) from error
    return _Operation(uuid, item, mark, base, number)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _answer(saved: MarkSaved, assessment: Assessment, operation: _Operation) -> dict[str, Any]:
    sheet = grids.describe_sheet(saved.attempt, assessment)
    cell, state = render_sheet(sheet)
    answer: dict[str, Any] = {
        "outcome": saved.outcome,
        "value": None if saved.value is None else f"{saved.value.normalize():f}",
        "version": saved.version,
        "attempt_id": saved.attempt.id,
        "progress": {"done": sheet.done, "total": sheet.total},
        "judgement": {
            "outcome": sheet.judgement.outcome.value,
            "score_percent": str(sheet.judgement.score_percent),
            "failed_critical": list(sheet.judgement.failed_critical),
        },
        "sheet": cell,
        "state": state,
    }
    if saved.outcome == CONFLICT:
        answer["message"] = _(
            "%(item)s: you entered %(yours)s, and a colleague entered %(theirs)s before. Both are kept, and the lead "
            "instructor decides.",
            item=operation.item.code,
            yours=show_value(operation.value),
            theirs=show_value(saved.value),
        )
        answer["decision_url"] = url_for(
            "attempts.decide", attempt_id=saved.attempt.id, assessment_item_id=operation.item.id
        )
    return answer


def _read_versions(text: str) -> dict[int, int]:
    """Return {item id: version} from "12:1 13:2", what the page held when it was loaded."""
    versions = {}
    for part in text.split():
        item_id, _colon, version = part.partition(":")
        if item_id.isdecimal() and version.isdecimal():
            versions[int(item_id)] = int(version)
    return versions


def _render_sheet(attempt: Attempt, form: SignForm) -> ResponseReturnValue:
    assessment = get_assessment(attempt.enrolment.cohort, attempt.assessment_id)
    scheme = scheme_of_assessment(assessment)
    sheet = grids.describe_sheet(attempt, assessment)
    may_sign = (
        attempt.state == AttemptState.DRAFT
        and attempt.enrolment.cohort.state == CohortState.RUNNING
        and g.viewer.may(Permission.ASSESSMENT_RECORD, attempt)
    )
    hindrances: list[str] = []
    if may_sign and not form.is_submitted():
        # The note is typed below, so that it is not yet there is no news.
        verdict = signatures.judge_signature(attempt, note="-", actor=g.viewer)
        hindrances = sentences_of(verdict.reasons, language=language())
    history = attempts.list_operations(attempt) if is_host_staff(g.viewer) else []
    items = list_items(assessment, [])
    return render_form(
        "curriculum/attempts/show.html",
        form,
        attempt=attempt,
        assessment=assessment,
        sheet=sheet,
        items=items,
        by_id={item["id"]: item for item in items},
        words=_value_words(assessment),
        names=_names_of([attempt.signed_by_id, *(operation.recorded_by_id for operation in history)]),
        history=history,
        reasons=sentences_of(
            judge_attempt(scheme, attempts.record_of(attempt).marks).reasons, language=language()
        ),
        hindrances=hindrances,
        may_sign=may_sign,
        trainee=_trainee_name(attempt),
        is_lead=g.viewer.id in attempt.lead_ids,
    )


def _trainee_name(attempt: Attempt) -> str:
    person = attempt.enrolment.person
    return grids.show_name(person.family_name, person.given_names, person.native_name)


def _names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    ids = [user_id for user_id in user_ids if user_id is not None]
    if not ids:
        return {}
    return {
        row.id: row.name for row in db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    }


def _list_options(attempt: Attempt, item: AssessmentItem) -> list[dict[str, Any]]:
    """Return the values that stand against one another for an item, the one in force first, each once."""
    conflicts = [one for one in attempts.list_open_conflicts(attempt) if one.item_id == item.id]
    if not conflicts:
        return []
    standing = attempts.standing_of(attempt, item)
    names = _names_of([standing.changed_by_id, *(one.recorded_by_id for one in conflicts)])
    options: list[dict[str, Any]] = [
        {"value": standing.value, "who": names.get(standing.changed_by_id or 0, ""), "at": None}
    ]
    for one in conflicts:
        options.append({"value": one.value, "who": names[one.recorded_by_id], "at": one.recorded_at})
    unique: dict[str, dict[str, Any]] = {}
    for option in options:
        key = _as_choice(option["value"])
        if key in unique:
            unique[key]["who"] = f"{unique[key]['who']}, {option['who']}"
        else:
            unique[key] = option
    return list(unique.values())


def _as_choice(value: Decimal | None) -> str:
    return "none" if value is None else f"{value.normalize():f}"


def _value_words(assessment: Assessment) -> Any:
    """Return a function (item, value) -> the mark with its word: "3 · Done correctly"."""
    scale = list_levels(scheme_of_assessment(assessment).scale)
    labels = {str(level["value"]): level["label"] for level in scale}

    def words(item: Any, value: Decimal | None) -> str:
        if value is None:
            return str(_("no mark"))
        shown = show_value(value)
        measure = item["measure"] if isinstance(item, dict) else item.measure.value
        if measure == "level" and shown in labels:
            return f"{shown} · {labels[shown]}" if shown != "0" else str(labels[shown])
        return f"{shown} %" if measure == "percent" else shown

    return words
