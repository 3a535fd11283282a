"""The instruments of a cohort and their recording grids."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from accounts.models import Person, User
from accounts.permissions import Permission
from curriculum.forms.recording import BulkSignForm
from curriculum.models import Assessment, Attempt, AttemptState, Cohort, CohortState, Enrolment
from curriculum.recording_words import FILTERS
from curriculum.services import grids, signatures
from curriculum.views.grid_pages import grid_context
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _, ngettext

bp = Blueprint("assessments", __name__)
for filter_name, function in FILTERS.items():
    bp.add_app_template_filter(function, filter_name)


@bp.get("/cohorts/<int:cohort_id>/assessments")
@requires(Permission.ASSESSMENT_READ, on=Cohort)
def index(cohort: Cohort) -> ResponseReturnValue:
    """List a cohort's instruments with how far each is, and the sheets that nobody has signed."""
    assessments = _list_assessments(cohort)
    return render_template(
        "curriculum/assessments/index.html",
        cohort=cohort,
        assessments=assessments,
        counts=grids.count_sheets(cohort, assessments),
        unsigned=_list_unsigned(cohort),
        may_record=cohort.state == CohortState.RUNNING and g.viewer.may(Permission.ASSESSMENT_RECORD, cohort),
    )


@bp.get("/cohorts/<int:cohort_id>/assessments/<int:assessment_id>")
@requires(Permission.ASSESSMENT_READ, on=Cohort)
def show(cohort: Cohort, assessment_id: int) -> ResponseReturnValue:
    """Show the recording grid of one instrument: trainees down, items across, one attempt at a time."""
    assessment = get_assessment(cohort, assessment_id)
    attempt = request.args.get("attempt", 1, type=int)
    if not 1 <= attempt <= assessment.max_attempts:
        abort(404)
    grid = grids.build_grid(cohort, assessment, viewer=g.viewer, attempt=attempt)
    template = "print.html" if request.args.get("print") else "show.html"
    return render_template(
        f"curriculum/assessments/{template}",
        **grid_context(cohort, grid, shown=request.args.get("show", "")),
    )


@bp.route("/cohorts/<int:cohort_id>/assessments/<int:assessment_id>/sign", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_RECORD, on=Cohort)
def sign(cohort: Cohort, assessment_id: int) -> ResponseReturnValue:
    """Sign one's own complete sheets of an instrument together, after they were named."""
    assessment = get_assessment(cohort, assessment_id)
    ready, waiting = signatures.list_own_drafts(cohort, assessment, actor=g.viewer)
    form = BulkSignForm()
    if form.validate_on_submit():
        chosen = [attempt for attempt in ready if attempt.id in set(request.form.getlist("ids", type=int))]
        with form.showing(DomainError):
            if not chosen:
                raise DomainError(_("Choose the sheets to sign."))
            for attempt in chosen:
                signatures.sign_attempt(attempt, note=None, actor=g.viewer)
            count = len(chosen)
            flash(
                ngettext("%(num)s sheet is signed.", "%(num)s sheets are signed.", count),
                "success",
            )
            return redirect(
                url_for("assessments.show", cohort_id=cohort.id, assessment_id=assessment.id), 303
            )
    return render_form(
        "curriculum/assessments/sign.html",
        form,
        cohort=cohort,
        assessment=assessment,
        ready=ready,
        waiting=waiting,
        names={one.id: _name_of(one) for one in [*ready, *(attempt for attempt, _reasons in waiting)]},
    )


def get_assessment(cohort: Cohort, assessment_id: int) -> Assessment:
    """Return an instrument of the cohort's edition with its items, or answer that there is none."""
    query = (
        select(Assessment)
        .where(Assessment.id == assessment_id, Assessment.edition_id == cohort.edition_id)
        .options(selectinload(Assessment.items))
    )
    assessment = db.session.execute(query).scalar_one_or_none()
    if assessment is None:
        abort(404)
    return assessment


def _name_of(attempt: Attempt) -> str:
    person = attempt.enrolment.person
    return grids.show_name(person.family_name, person.given_names, person.native_name)


def _list_assessments(cohort: Cohort) -> list[Assessment]:
    query = (
        select(Assessment)
        .where(Assessment.edition_id == cohort.edition_id)
        .options(selectinload(Assessment.items))
        .order_by(Assessment.position)
    )
    return list(db.session.execute(query).scalars())


def _list_unsigned(cohort: Cohort) -> dict[str, list[Any]]:
    """Return the drafts of a cohort by evaluator's name, the oldest first."""
    query = (
        select(
            Attempt.id,
            Attempt.number,
            Attempt.started_at,
            Assessment.titles,
            User.name,
            Enrolment.number.label("trainee_number"),
            Person.family_name,
            Person.given_names,
            Person.native_name,
        )
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Assessment, Assessment.id == Attempt.assessment_id)
        .join(User, User.id == Attempt.evaluator_id)
        .where(Enrolment.cohort_id == cohort.id, Attempt.state == AttemptState.DRAFT)
        .order_by(Attempt.started_at, Attempt.id)
    )
    found: dict[str, list[Any]] = {}
    for row in db.session.execute(query):
        name = grids.show_name(row.family_name, row.given_names, row.native_name)
        found.setdefault(row.name, []).append({"row": row, "name": name})
    return found
