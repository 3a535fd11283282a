"""Cohorts: list, plan, timetable, staff, and the way from open to closed."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.labels import language_name
from accounts.models import User
from accounts.permissions import Permission
from accounts.services.hosts import get_host
from curriculum import labels
from curriculum.forms.cohorts import CohortForm, MoveForm, PlanForm, TimetableForm
from curriculum.models import Cohort, CohortState, Course, Edition, Posting, PostingRole
from curriculum.services import cohorts, overviews, postings
from curriculum.services.cohorts import CohortRefused
from foundation import clock
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _
from foundation.paging import page_of_request

bp = Blueprint("cohorts", __name__)


@bp.get("/cohorts")
@requires(Permission.COHORT_LIST)
def index() -> ResponseReturnValue:
    """List the cohorts in sight, narrowed by state, domain, course and text."""
    asked = request.args
    state = CohortState(asked["state"]) if asked.get("state") in set(CohortState) else None
    domain = asked.get("domain", "") if asked.get("domain") in labels.DOMAINS else ""
    text = " ".join(asked.get("q", "")[:80].split())
    course = asked.get("course", "")[:30]
    query = cohorts.query_cohorts(
        g.viewer,
        state=state,
        domain=domain,
        course=course,
        text=text,
        running_on=clock.today() if asked.get("when") == "today" else None,
    )
    page = page_of_request(
        query,
        sorts={
            "state": [cohorts.order_of_states(), Cohort.starts_on, Cohort.id],
            "starts": [Cohort.starts_on, Cohort.id],
            "code": [Course.code, Cohort.number],
        },
        default="state",
    )
    return render_template(
        "curriculum/cohorts/index.html",
        page=page,
        state=state,
        domain=domain,
        text=text,
        course=course,
        today_only=asked.get("when") == "today",
        states=labels.choices(CohortState),
        domains=[(key, str(value)) for key, value in labels.DOMAINS.items()],
    )


@bp.route("/cohorts/new", methods=["GET", "POST"])
@requires(Permission.COHORT_PLAN)
def new() -> ResponseReturnValue:
    """Open a cohort of a published edition."""
    host = get_host()
    form = CohortForm(
        editions=cohorts.list_editions_to_plan(g.viewer),
        data={
            "edition": request.args.get("edition_id", type=int),
            "country": host.country,
            "time_zone": host.time_zone,
            "languages": host.certificate_languages,
        },
    )
    if form.validate_on_submit():
        with form.showing(DomainError):
            wanted = form.result()
            edition = db.session.get_one(Edition, wanted.edition_id)
            cohort = cohorts.open_cohort(
                edition,
                number=wanted.number,
                starts_on=wanted.starts_on,
                rest_days=wanted.rest_days,
                plan=wanted.plan,
                actor=g.viewer,
            )
            flash(_("Cohort %(code)s is open for nomination.", code=cohort.code), "success")
            return redirect(url_for("cohorts.show", cohort_id=cohort.id))
    return render_form("curriculum/cohorts/new.html", form)


@bp.get("/cohorts/<int:cohort_id>")
@requires(Permission.COHORT_READ, on=Cohort)
def show(cohort: Cohort) -> ResponseReturnValue:
    """Show a cohort: its facts, days and staff, how its seats stand, and what comes next."""
    may_plan = g.viewer.may(Permission.COHORT_PLAN, cohort)
    return render_template(
        "curriculum/cohorts/show.html",
        cohort=cohort,
        figures=overviews.count_people(cohort, viewer=g.viewer),
        staff=postings.list_staff(cohort),
        step=overviews.find_next_step(cohort, viewer=g.viewer),
        moves=[
            (to, cohorts.find_hindrance(cohort, to)) for to in cohorts.NEXT_STATES[cohort.state] if may_plan
        ],
        may_plan=may_plan,
        languages_taught=[language_name(code) for code in cohort.languages],
    )


@bp.route("/cohorts/<int:cohort_id>/edit", methods=["GET", "POST"])
@requires(Permission.COHORT_PLAN, on=Cohort)
def edit(cohort: Cohort) -> ResponseReturnValue:
    """Change seats, place, languages or the last day of nomination."""
    form = PlanForm.of_cohort(cohort)
    if form.validate_on_submit():
        with form.showing(DomainError):
            cohorts.change_plan(cohort, plan=form.plan(), actor=g.viewer)
            flash(_("The plan of %(code)s is saved.", code=cohort.code), "success")
            return redirect(url_for("cohorts.show", cohort_id=cohort.id))
    return render_form("curriculum/cohorts/edit.html", form, cohort=cohort)


@bp.route("/cohorts/<int:cohort_id>/timetable", methods=["GET", "POST"])
@requires(Permission.COHORT_PLAN, on=Cohort)
def timetable(cohort: Cohort) -> ResponseReturnValue:
    """Put sessions on other days."""
    form = TimetableForm.of_cohort(cohort)
    if form.validate_on_submit():
        with form.showing(DomainError):
            cohorts.move_sessions(cohort, days=form.result(cohort), actor=g.viewer)
            flash(_("The timetable of %(code)s is saved.", code=cohort.code), "success")
            return redirect(url_for("cohorts.show", cohort_id=cohort.id))
    return render_form("curriculum/cohorts/timetable.html", form, cohort=cohort)


@bp.get("/cohorts/<int:cohort_id>/staff")
@requires(Permission.COHORT_PLAN, on=Cohort)
def staff(cohort: Cohort) -> ResponseReturnValue:
    """Show who is posted and who could be, each with the evaluator's licence on the days of the cohort."""
    return render_template(
        "curriculum/cohorts/staff.html", cohort=cohort, candidates=postings.list_candidates(cohort)
    )


@bp.post("/cohorts/<int:cohort_id>/staff")
@requires(Permission.COHORT_PLAN, on=Cohort)
def post(cohort: Cohort) -> ResponseReturnValue:
    """Post an instructor to the cohort, or change what he is posted as."""
    user_id = request.form.get("user", type=int)
    user = db.session.get(User, user_id) if user_id is not None else None
    if user is None or request.form.get("role") not in set(PostingRole):
        abort(422, _("Choose an instructor and what to post him as."))
    posting = postings.post_instructor(cohort, user, role=PostingRole(request.form["role"]), actor=g.viewer)
    flash(
        _(
            "%(name)s is posted to %(code)s: %(role)s.",
            name=user.name,
            code=cohort.code,
            role=labels.word(posting.role),
        ),
        "success",
    )
    return redirect(url_for("cohorts.staff", cohort_id=cohort.id))


@bp.post("/cohorts/<int:cohort_id>/staff/<int:posting_id>/end")
@requires(Permission.COHORT_PLAN, on=Cohort)
def unpost(cohort: Cohort, posting_id: int) -> ResponseReturnValue:
    """Take an instructor off the cohort."""
    query = select(Posting).where(Posting.id == posting_id, Posting.cohort_id == cohort.id)
    posting = db.session.execute(query).scalar_one_or_none()
    if posting is None:
        abort(404)
    name = posting.user.name
    postings.end_posting(posting, actor=g.viewer)
    flash(_("%(name)s is no longer posted to %(code)s.", name=name, code=cohort.code), "success")
    return redirect(url_for("cohorts.staff", cohort_id=cohort.id))


@bp.route("/cohorts/<int:cohort_id>/move/<to>", methods=["GET", "POST"])
@requires(Permission.COHORT_PLAN, on=Cohort)
def move(cohort: Cohort, to: str) -> ResponseReturnValue:
    """Move a cohort to its next state, after saying what that means."""
    if to not in set(CohortState):
        abort(404)
    state = CohortState(to)
    form = MoveForm()
    if form.validate_on_submit():
        with form.showing(CohortRefused):
            cohorts.move_cohort(cohort, to=state, actor=g.viewer, reason=form.reason.data)
            flash(_("%(code)s: %(state)s.", code=cohort.code, state=labels.word(state)), "success")
            return redirect(url_for("cohorts.show", cohort_id=cohort.id))
    return render_form(
        "curriculum/cohorts/move.html",
        form,
        cohort=cohort,
        to=state,
        hindrance=cohorts.find_hindrance(cohort, state),
    )
