"""Imports of personnel: send a sheet, see row by row what it would do, decide, and have it written."""

import unicodedata
from typing import Any
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from curriculum import labels
from curriculum.forms.imports import (
    DATE_ORDERS,
    DELIMITERS,
    ENCODING_NAMES,
    ReadingForm,
    SheetForm,
    read_decisions,
    words_of,
)
from curriculum.models import Cohort, CohortState, ImportRow, ImportRun, ImportState, RowClass
from curriculum.personnel.columns import HEADINGS, Column
from curriculum.personnel.problems import SheetRefused
from curriculum.personnel.sheets import MAX_FILE_BYTES
from curriculum.personnel.template import template_csv, template_xlsx
from curriculum.services import import_rows, imports
from curriculum.services.nominations import NoAgreement, NominationsClosed
from foundation import jobs
from foundation.access import requires, visible
from foundation.db import db
from foundation.forms import render_form
from foundation.i18n import _, language, ngettext, text_in
from foundation.paging import PAGE_SIZE, page_of_request
from foundation.web import accepts_bytes

bp = Blueprint("imports", __name__)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The other fields and the seams between them.
_FORM_BYTES = 256 * 1024
_STEPS = {
    ImportState.REHEARSING: 2,
    ImportState.REFUSED: 2,
    ImportState.REHEARSED: 3,
    ImportState.WRITING: 4,
    ImportState.WRITTEN: 5,
}
_JOB_STATES = {
    jobs.JobState.QUEUED: "queued",
    jobs.JobState.RUNNING: "running",
    jobs.JobState.DONE: "done",
    jobs.JobState.DEAD: "failed",
    jobs.JobState.CANCELLED: "failed",
}


@bp.get("/imports")
@requires(Permission.PERSON_LIST)
def index() -> ResponseReturnValue:
    """List the import runs in sight, the newest first."""
    asked = request.args.get("state", "")
    state = ImportState(asked) if asked in set(ImportState) else None
    query = imports.query_runs().where(visible(ImportRun, g.viewer))
    if state is not None:
        query = query.where(ImportRun.state == state)
    page = page_of_request(query, sorts={"sent": [ImportRun.uploaded_at, ImportRun.id]}, default="-sent")
    return render_template(
        "curriculum/imports/index.html",
        page=page,
        state=state,
        states=labels.choices(ImportState),
        may_import=g.viewer.may(Permission.PERSONNEL_IMPORT),
    )


@bp.route("/imports/new", methods=["GET", "POST"])
@requires(Permission.PERSONNEL_IMPORT)
@accepts_bytes(MAX_FILE_BYTES + _FORM_BYTES)
def new() -> ResponseReturnValue:
    """Send a sheet of people, for a cohort or only for the record."""
    cohorts = _list_open_cohorts()
    wanted = request.args.get("cohort_id", type=int)
    if wanted is not None and wanted not in {cohort.id for cohort in cohorts}:
        _refuse_cohort(wanted)
    form = SheetForm(
        cohorts=[(cohort.id, f"{cohort.code} · {text_in(cohort.edition.titles)}") for cohort in cohorts],
        data={"cohort": str(wanted or "")},
    )
    if form.validate_on_submit():
        with form.showing(SheetRefused, NominationsClosed, NoAgreement):
            sent = form.result()
            run = imports.upload_sheet(
                sent.data,
                file_name=sent.file_name,
                agency=g.viewer.agency,
                cohort=db.session.get(Cohort, sent.cohort_id) if sent.cohort_id else None,
                options=sent.options,
                actor=g.viewer,
            )
            return redirect(url_for("imports.show", import_run_id=run.id), 303)
    return render_form("curriculum/imports/new.html", form)


@bp.get("/imports/template.<any(csv, xlsx):kind>")
@requires(Permission.PERSONNEL_IMPORT)
def template(kind: str) -> ResponseReturnValue:
    """Send the empty sheet, its headings in the reader's language."""
    speech = language()
    data = template_csv(speech) if kind == "csv" else template_xlsx(speech)
    return _attachment(data, f"personnel-{speech}.{kind}", "text/csv" if kind == "csv" else _XLSX)


@bp.get("/imports/<int:import_run_id>")
@requires(Permission.PERSON_READ, on=ImportRun)
def show(import_run: ImportRun) -> ResponseReturnValue:
    """Show a run: what was recognised, what each row would do or did, and what is to be decided."""
    return _show(import_run, ReadingForm(data=imports.ImportOptions.of(import_run).as_json()))


def _show(run: ImportRun, form: ReadingForm) -> ResponseReturnValue:
    asked = request.args.get("class", "")
    row_class = RowClass(asked) if asked in set(RowClass) else None
    page = page_of_request(
        import_rows.query_rows(run, row_class), sorts={"row": [ImportRow.row]}, default="row"
    )
    speech, may_import = language(), g.viewer.may(Permission.PERSONNEL_IMPORT, run)
    is_deciding = run.state is ImportState.REHEARSED
    pending = import_rows.list_undecided(run, most=PAGE_SIZE) if is_deciding and row_class is None else []
    if is_deciding and row_class is RowClass.PROBABLE_DUPLICATE:
        pending = page.rows
    return render_form(
        "curriculum/imports/show.html",
        form,
        run=run,
        page=page,
        lines=import_rows.read_lines(run, page.rows, language=speech),
        pending=import_rows.read_lines(run, pending, language=speech),
        row_class=row_class,
        classes=list(RowClass),
        outlook=import_rows.read_outlook(run),
        recognised=_recognised(run, speech),
        before=imports.find_written_before(run),
        may_import=may_import,
        step=_STEPS.get(run.state),
        **_progress(run),
    )


@bp.get("/imports/<int:import_run_id>/progress")
@requires(Permission.PERSON_READ, on=ImportRun)
def progress(import_run: ImportRun) -> ResponseReturnValue:
    """Answer how far the reading or the writing is: the fragment that the page asks for each second."""
    return render_template(
        "curriculum/imports/_progress.html",
        run=import_run,
        may_import=g.viewer.may(Permission.PERSONNEL_IMPORT, import_run),
        **_progress(import_run),
    )


@bp.post("/imports/<int:import_run_id>/read-again")
@requires(Permission.PERSONNEL_IMPORT, on=ImportRun)
def read_again(import_run: ImportRun) -> ResponseReturnValue:
    """Rehearse once more, with another encoding or order of dates."""
    form = ReadingForm()
    if not form.validate_on_submit():
        return _show(import_run, form)
    imports.rehearse_again(import_run, options=form.options(), actor=g.viewer)
    return redirect(url_for("imports.show", import_run_id=import_run.id), 303)


@bp.post("/imports/<int:import_run_id>/decisions")
@requires(Permission.PERSONNEL_IMPORT, on=ImportRun)
def decide(import_run: ImportRun) -> ResponseReturnValue:
    """Save which probable duplicates are one person and which are two."""
    changed = imports.decide_rows(import_run, read_decisions(request.form), actor=g.viewer)
    flash(ngettext("%(num)s decision is saved.", "%(num)s decisions are saved.", changed), "success")
    return redirect(url_for("imports.show", import_run_id=import_run.id), 303)


@bp.get("/imports/<int:import_run_id>/errors.xlsx")
@requires(Permission.PERSONNEL_IMPORT, on=ImportRun)
def errors(import_run: ImportRun) -> ResponseReturnValue:
    """Send the rows that cannot be written, in the layout of the sheet, each with what is wrong."""
    if import_run.state is ImportState.DISCARDED or not import_rows.read_outlook(import_run).left_out:
        abort(404)
    data = imports.make_error_workbook(import_run, language=language())
    stem = import_run.file_name.rsplit(".", 1)[0]
    return _attachment(data, _("%(file)s to correct.xlsx", file=stem), _XLSX)


@bp.route("/imports/<int:import_run_id>/write/<any(all, good):mode>", methods=["GET", "POST"])
@requires(Permission.PERSONNEL_IMPORT, on=ImportRun)
def write(import_run: ImportRun, mode: str) -> ResponseReturnValue:
    """Write all rows or the good ones, after saying in numbers what that does."""
    if request.method == "POST":
        imports.start_writing(import_run, whole=mode == "all", actor=g.viewer)
        return redirect(url_for("imports.show", import_run_id=import_run.id), 303)
    outlook = import_rows.read_outlook(import_run)
    if (
        import_run.state is not ImportState.REHEARSED
        or not outlook.good
        or (mode == "all" and outlook.left_out)
    ):
        return redirect(url_for("imports.show", import_run_id=import_run.id))
    return render_template("curriculum/imports/write.html", run=import_run, mode=mode, outlook=outlook)


@bp.route("/imports/<int:import_run_id>/discard", methods=["GET", "POST"])
@requires(Permission.PERSONNEL_IMPORT, on=ImportRun)
def discard(import_run: ImportRun) -> ResponseReturnValue:
    """Put a run aside, after saying what that means."""
    if request.method == "POST":
        imports.discard(import_run, actor=g.viewer)
        flash(_("%(file)s is discarded. Nothing was written.", file=import_run.file_name), "success")
        return redirect(url_for("imports.index"), 303)
    return render_template("curriculum/imports/discard.html", run=import_run)


@bp.post("/imports/<int:import_run_id>/try-again")
@requires(Permission.PERSONNEL_IMPORT, on=ImportRun)
def try_again(import_run: ImportRun) -> ResponseReturnValue:
    """Let a reading or a writing that failed go on where it stopped."""
    imports.try_again(import_run, actor=g.viewer)
    return redirect(url_for("imports.show", import_run_id=import_run.id), 303)


def _list_open_cohorts() -> list[Cohort]:
    query = select(Cohort).where(Cohort.state == CohortState.OPEN, visible(Cohort, g.viewer))
    return list(db.session.execute(query.order_by(Cohort.starts_on, Cohort.id)).scalars())


def _refuse_cohort(cohort_id: int) -> None:
    """Refuse a cohort that is not offered: why, when it is in sight; 404 when it is not."""
    query = select(Cohort).where(Cohort.id == cohort_id, visible(Cohort, g.viewer))
    cohort = db.session.execute(query).scalar_one_or_none()
    if cohort is None:
        abort(404)
    imports.refuse_closed(cohort, g.viewer.agency)


def _progress(run: ImportRun) -> dict[str, Any]:
    """Return what the progress macro needs of a run's job: its state, how far it is."""
    job = imports.find_job(run)
    state = _JOB_STATES[job.state] if job is not None else "failed"
    is_going = run.state in (ImportState.REHEARSING, ImportState.WRITING)
    return {
        "is_going": is_going,
        "job_state": state if is_going else "done",
        "done": job.done_n if job is not None else 0,
        "total": job.total_n if job is not None else None,
    }


def _recognised(run: ImportRun, speech: str) -> dict[str, Any]:
    """Return in words what was recognised of a sheet."""
    sheet = run.sheet
    usual = HEADINGS[speech]
    assumed = [
        (sheet["headings"].get(column) or usual[Column(column)][0], rows)
        for column, rows in sheet.get("assumed", {}).items()
    ]
    return {
        "kind": "CSV" if sheet["kind"] == "csv" else "XLSX",
        "encoding": str(ENCODING_NAMES.get(sheet["encoding"], "")),
        "is_unsure": sheet.get("confidence") == "unsure",
        "delimiter": "".join(words_of([sheet["delimiter"]], DELIMITERS)) if sheet.get("delimiter") else "",
        "date_order": "".join(words_of([sheet["date_order"]], DATE_ORDERS))
        if sheet.get("date_order")
        else "",
        "assumed": assumed,
    }


def _attachment(data: bytes, name: str, mimetype: str) -> Response:
    response = make_response(data)
    response.mimetype = mimetype
    # A header is plain letters alone; the name as it is goes beside them, encoded (RFC 6266).
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip()
    names = (
        {"filename": plain}
        if plain == name
        else {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    )
    response.headers.set("Content-Disposition", "attachment", **names)
    return response
