"""Deeds: the list, a draft and its terms, issue, both signatures on one screen, the files, and making one void."""

import json
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.forms.fields import agency_choices
from accounts.models import Agency
from accounts.permissions import Permission
from accounts.services.agencies import list_open_agencies
from curriculum.models import Cohort
from equipment import labels
from equipment.forms.deeds import DeedForm, IssueForm, SigningForm, TermsForm, VoidForm
from equipment.models import Deed, DeedKind, DeedState, SignatureSide
from equipment.services import deed_files, deeds, issue_checks
from equipment.strokes import HEIGHT, SPAN, check_strokes, to_svg_path
from equipment.views.shared import asked_text, asked_word
from foundation import clock, jobs
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import LANGUAGE_NAMES, LANGUAGES, _, language
from foundation.paging import page_of_request
from foundation.web import pdf_response

bp = Blueprint("deeds", __name__)
MOST_COHORTS = 100
_JOB_STATES = {
    jobs.JobState.QUEUED: "queued",
    jobs.JobState.RUNNING: "running",
    jobs.JobState.DONE: "done",
    jobs.JobState.DEAD: "failed",
    jobs.JobState.CANCELLED: "failed",
}


@bp.get("/deeds")
@requires(Permission.EQUIPMENT_READ)
def index() -> ResponseReturnValue:
    """List the deeds in sight, the newest first, narrowed by state, kind and text."""
    state, kind, text = asked_word("state", DeedState), asked_word("kind", DeedKind), asked_text()
    page = page_of_request(
        deeds.query_deeds(g.viewer, state=state, kind=kind, text=text),
        sorts={"drafted": [Deed.drafted_at, Deed.id]},
        default="-drafted",
    )
    states = [
        choice for choice in labels.choices(DeedState) if g.viewer.agency_id is None or choice[0] != "draft"
    ]
    return render_template(
        "equipment/deeds/index.html",
        page=page,
        state=state,
        kind=kind,
        text=text,
        states=states,
        kinds=labels.choices(DeedKind),
        today=clock.today(),
    )


@bp.route("/deeds/new", methods=["GET", "POST"])
@requires(Permission.DEED_MANAGE)
def new() -> ResponseReturnValue:
    """Begin a deed: which way, with whom, on which terms."""
    asked = request.args
    form = DeedForm(
        agencies=agency_choices(list_open_agencies()),
        cohorts=_list_cohorts(),
        data={
            "kind": asked.get("kind", DeedKind.HANDOVER.value),
            "agency": asked.get("agency", ""),
            "cohort": asked.get("cohort", ""),
            "inspection_right": True,
            "language": language(),
        },
    )
    if form.validate_on_submit():
        with form.showing(DomainError):
            deed = deeds.draft_deed(
                db.session.get_one(Agency, form.agency_id),
                kind=form.deed_kind,
                terms=form.terms(),
                cohort=_cohort(form),
                actor=g.viewer,
            )
            return redirect(url_for("deed_lines.new", deed_id=deed.id), 303)
    return render_form("equipment/deeds/new.html", form)


def _list_cohorts() -> list[Cohort]:
    """Return the newest cohorts. Whoever draws up deeds may name any of them, though their pages are not his."""
    query = select(Cohort).order_by(Cohort.starts_on.desc(), Cohort.id)
    return list(db.session.execute(query.limit(MOST_COHORTS)).scalars())


def _cohort(form: TermsForm) -> Cohort | None:
    return db.session.get_one(Cohort, form.cohort_id) if form.cohort_id is not None else None


@bp.get("/deeds/<int:deed_id>")
@requires(Permission.EQUIPMENT_READ, on=Deed)
def show(deed: Deed) -> ResponseReturnValue:
    """Show a deed: its parties and terms, its lines with what was counted, signatures and files."""
    _hide_draft(deed)
    may_manage = g.viewer.may(Permission.DEED_MANAGE)
    return render_template(
        "equipment/deeds/show.html",
        deed=deed,
        may_manage=may_manage,
        problems=issue_checks.list_problems(deed, on=clock.today())
        if deed.state is DeedState.DRAFT and deed.lines
        else [],
        drawings=_drawings(deed),
        span=SPAN,
        height=HEIGHT,
        **_files(deed),
    )


def _hide_draft(deed: Deed) -> None:
    """A draft is the quartermaster's table: a partner sees a deed from its issue on."""
    if g.viewer.agency_id is not None and deed.issued_at is None:
        abort(404)


def _drawings(deed: Deed) -> dict[str, str]:
    """Return the signatures of a deed as path data, by side."""
    return {one.side.value: to_svg_path(check_strokes(one.strokes)) for one in deed.signatures}


def _files(deed: Deed) -> dict[str, Any]:
    """Return what the progress of a signed deed's files needs."""
    job = deed_files.find_printing(deed) if deed.state is DeedState.CLOSED else None
    there = {file.language for file in deed.files}
    return {
        "files": [(code, name, code in there) for code, name in LANGUAGE_NAMES],
        "job": job,
        "job_state": "done" if len(there) == len(LANGUAGES) else _JOB_STATES[job.state] if job else "queued",
    }


@bp.get("/deeds/<int:deed_id>/files")
@requires(Permission.EQUIPMENT_READ, on=Deed)
def files(deed: Deed) -> ResponseReturnValue:
    """Answer how far the files of a signed deed are: the fragment that the page asks for each second."""
    _hide_draft(deed)
    return render_template("equipment/deeds/_files.html", deed=deed, **_files(deed))


@bp.get("/deeds/<int:deed_id>/deed-<any(en, ar, fr):speech>.pdf")
@requires(Permission.EQUIPMENT_READ, on=Deed)
def pdf(deed: Deed, speech: str) -> ResponseReturnValue:
    """Send a signed deed's file, byte for byte as it was made."""
    _hide_draft(deed)
    return pdf_response(deed_files.read_file(deed, speech), file_name=deed_files.file_name(deed, speech))


@bp.route("/deeds/<int:deed_id>/edit", methods=["GET", "POST"])
@requires(Permission.DEED_MANAGE, on=Deed)
def edit(deed: Deed) -> ResponseReturnValue:
    """Change the terms of a draft."""
    if request.method == "GET" and deed.state is not DeedState.DRAFT:
        return redirect(url_for("deeds.show", deed_id=deed.id))
    form = TermsForm(
        cohorts=_list_cohorts(),
        data={
            "cohort": str(deed.cohort_id or ""),
            "purpose": deed.purpose,
            "use": deed.use,
            "retransfer_allowed": deed.retransfer_allowed,
            "inspection_right": deed.inspection_right,
            "return_due_on": deed.return_due_on,
            "language": deed.language,
        },
    )
    if form.validate_on_submit():
        with form.showing(DomainError):
            deeds.edit_terms(deed, terms=form.terms(), cohort=_cohort(form), actor=g.viewer)
            flash(_("The terms are saved."), "success")
            return redirect(url_for("deeds.show", deed_id=deed.id), 303)
    return render_form("equipment/deeds/edit.html", form, deed=deed)


@bp.route("/deeds/<int:deed_id>/issue", methods=["GET", "POST"])
@requires(Permission.DEED_MANAGE, on=Deed)
def issue(deed: Deed) -> ResponseReturnValue:
    """Freeze a draft, after saying what that means."""
    form = IssueForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            deeds.issue_deed(deed, actor=g.viewer)
            flash(_("Deed %(number)s is issued. Both sides can sign it now.", number=deed.number), "success")
            return redirect(url_for("deeds.sign", deed_id=deed.id), 303)
    is_draft = deed.state is DeedState.DRAFT
    return render_form(
        "equipment/deeds/issue.html",
        form,
        deed=deed,
        problems=issue_checks.list_problems(deed, on=clock.today()) if is_draft else [],
    )


@bp.route("/deeds/<int:deed_id>/sign", methods=["GET", "POST"])
@requires(Permission.DEED_MANAGE, on=Deed)
def sign(deed: Deed) -> ResponseReturnValue:
    """Take both signatures, with what was counted, on one screen and in one act."""
    if deed.content is None or (request.method == "GET" and deed.state is not DeedState.ISSUED):
        return redirect(url_for("deeds.show", deed_id=deed.id), 303)
    form = SigningForm(deed, data=_signatories(deed))
    if form.validate_on_submit():
        with form.showing(DomainError):
            seen = form.content_hash.data or ""
            deeds.sign_giver(deed, signature=form.giver(), seen_hash=seen, actor=g.viewer)
            deeds.accept_deed(
                deed, receipts=form.counts, signature=form.receiver(), seen_hash=seen, actor=g.viewer
            )
            flash(
                _(
                    "Deed %(number)s is signed by both. What was accepted has changed hands.",
                    number=deed.number,
                ),
                "success",
            )
            return redirect(url_for("deeds.show", deed_id=deed.id), 303)
    return render_form(
        "equipment/deeds/sign.html", form, deed=deed, content=deed.content, span=SPAN, height=HEIGHT
    )


def _signatories(deed: Deed) -> dict[str, Any]:
    """Return what is known before anybody signs: the host's side is the viewer; a giver's signature given before stands."""
    own = "giver" if deed.kind is DeedKind.HANDOVER else "receiver"
    known = {"content_hash": deed.content_hash, f"{own}_name": g.viewer.name}
    given = deed.signature_of(SignatureSide.GIVER)
    if given is not None:
        known |= {
            "giver_name": given.name,
            "giver_title": given.title,
            "giver_strokes": json.dumps(given.strokes),
        }
    return known


@bp.route("/deeds/<int:deed_id>/void", methods=["GET", "POST"])
@requires(Permission.DEED_MANAGE, on=Deed)
def void(deed: Deed) -> ResponseReturnValue:
    """Make a deed void, after saying what that means."""
    form = VoidForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            deeds.void_deed(deed, reason=form.reason.data or "", actor=g.viewer)
            flash(_("The deed is void."), "success")
            return redirect(url_for("deeds.show", deed_id=deed.id), 303)
    return render_form("equipment/deeds/void.html", form, deed=deed)
