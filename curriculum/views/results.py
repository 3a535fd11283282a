"""Results of a cohort: how each trainee stands and why, on a page, on paper and as a file."""

from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from curriculum.models import Assessment, Attempt, Cohort, Enrolment, EnrolmentState
from curriculum.reasons import sentences_of
from curriculum.recording_words import recording_word
from curriculum.schemes import Outcome
from curriculum.services import grids
from curriculum.services.records import TraineeRecord, judge_cohort
from foundation.access import requires
from foundation.db import db
from foundation.exports import CellValue, write_csv, write_xlsx
from foundation.i18n import _, direction, language, text_in

bp = Blueprint("results", __name__)
CAME = (EnrolmentState.ENROLLED, EnrolmentState.LEFT)
MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("/cohorts/<int:cohort_id>/results")
@requires(Permission.COHORT_ROSTER, on=Cohort)
def index(cohort: Cohort) -> ResponseReturnValue:
    """Show each trainee's outcome with its reasons, his attendance and the score that counts of each instrument."""
    assessments = _list_assessments(cohort)
    rows = [row for row in map(_row, judge_cohort(cohort)) if row["came"]]
    wanted = request.args.get("outcome", "")
    template = "print.html" if request.args.get("print") else "index.html"
    return render_template(
        f"curriculum/results/{template}",
        cohort=cohort,
        assessments=assessments,
        rows=[row for row in rows if not wanted or row["outcome"].value == wanted],
        counts={outcome.value: sum(1 for row in rows if row["outcome"] is outcome) for outcome in Outcome},
        everybody=len(rows),
        wanted=wanted,
        attempts=_latest_attempts(cohort),
        exports=[
            (ending.upper(), url_for("results.export", cohort_id=cohort.id, ending=ending))
            for ending in MIMETYPES
        ],
    )


@bp.get("/cohorts/<int:cohort_id>/results.<ending>")
@requires(Permission.COHORT_ROSTER, on=Cohort)
def export(cohort: Cohort, ending: str) -> ResponseReturnValue:
    """Hand the results out as CSV or XLSX, with the same rows as the page and text that no spreadsheet runs."""
    if ending not in MIMETYPES:
        abort(404)
    assessments = _list_assessments(cohort)
    headings = [
        _("No."),
        _("Trainee"),
        _("State"),
        _("Outcome"),
        _("Sessions attended"),
        _("Sessions required"),
        *(_("%(title)s: percent", title=text_in(assessment.titles)) for assessment in assessments),
        _("Reasons"),
    ]
    rows = [_cells(row, assessments) for row in map(_row, judge_cohort(cohort)) if row["came"]]
    body = (
        write_csv(headings, rows)
        if ending == "csv"
        else write_xlsx(
            headings,
            rows,
            title=_("Results"),
            right_to_left=direction(language()) == "rtl",
            widths=[6, 32, 12, 18],
        )
    )
    stem = cohort.code.replace("/", "-")
    return Response(
        body,
        content_type=MIMETYPES[ending],
        headers={"Content-Disposition": f'attachment; filename="results-{stem}.{ending}"'},
    )


def _row(record: TraineeRecord) -> dict[str, Any]:
    person = record.enrolment.person
    judgement = record.judgement
    return {
        "enrolment": record.enrolment,
        "came": record.enrolment.state in CAME,
        "left": record.enrolment.state == EnrolmentState.LEFT,
        "name": grids.show_name(person.family_name, person.given_names, person.native_name),
        "outcome": judgement.outcome,
        "attendance": judgement.attendance,
        "scores": {code: _score(one) for code, one in judgement.assessments.items()},
        "sentences": sentences_of(judgement.reasons, language=language()),
    }


def _score(one: Any) -> dict[str, Any] | None:
    """Return the score of the attempt that counts, or None before the first signed one."""
    if one.judgement is None or one.counting is None:
        return None
    return {
        "percent": one.judgement.score_percent,
        "passed": one.judgement.outcome is Outcome.COMPETENT,
        "critical": bool(one.judgement.failed_critical),
        "number": one.counting.number,
    }


def _cells(row: dict[str, Any], assessments: list[Assessment]) -> list[CellValue]:
    scores = [row["scores"].get(assessment.code) for assessment in assessments]
    return [
        row["enrolment"].number,
        row["name"],
        _("Left") if row["left"] else _("Enrolled"),
        recording_word(row["outcome"]),
        row["attendance"].attended,
        row["attendance"].required,
        *(score["percent"] if score else None for score in scores),
        " ".join(row["sentences"]),
    ]


def _list_assessments(cohort: Cohort) -> list[Assessment]:
    query = select(Assessment).where(Assessment.edition_id == cohort.edition_id).order_by(Assessment.position)
    return list(db.session.execute(query).scalars())


def _latest_attempts(cohort: Cohort) -> dict[tuple[int, str, int], int]:
    """Return the attempts of a cohort the viewer may open, by trainee, instrument and number."""
    if not g.viewer.may(Permission.ASSESSMENT_READ, cohort) and g.viewer.agency_id is None:
        return {}
    query = (
        select(Attempt.id, Attempt.enrolment_id, Assessment.code, Attempt.number)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(Assessment, Assessment.id == Attempt.assessment_id)
        .where(Enrolment.cohort_id == cohort.id)
    )
    return {(row.enrolment_id, row.code, row.number): row.id for row in db.session.execute(query)}
