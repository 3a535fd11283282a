"""Who directs a course, and who may evaluate it until when."""

from flask import Blueprint, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue

from accounts.models import User
from accounts.permissions import Permission
from curriculum.forms.course_staff import DirectorForm, LicenceForm
from curriculum.models import Course
from curriculum.services import courses, postings
from foundation import clock
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import Form, render_form
from foundation.i18n import _

bp = Blueprint("course_staff", __name__)


@bp.get("/courses/<int:course_id>/staff")
@requires(Permission.COHORT_PLAN, on=Course)
def show(course: Course) -> ResponseReturnValue:
    """Show the directors of a course and the licences of its evaluators."""
    return _page(course)


@bp.post("/courses/<int:course_id>/staff/directors")
@requires(Permission.COHORT_PLAN, on=Course)
def appoint(course: Course) -> ResponseReturnValue:
    """Let a user direct the course."""
    form = DirectorForm(prefix="director-")
    form.offer(courses.list_possible_directors(course))
    if form.validate_on_submit():
        with form.showing(DomainError):
            user = db.session.get_one(User, form.result())
            courses.appoint_director(course, user, actor=g.viewer)
            flash(_("%(name)s directs %(code)s.", name=user.name, code=course.code), "success")
            return redirect(url_for("course_staff.show", course_id=course.id))
    return _page(course, directors=form)


@bp.post("/courses/<int:course_id>/staff/licences")
@requires(Permission.COHORT_PLAN, on=Course)
def license(course: Course) -> ResponseReturnValue:
    """Record an evaluator's licence."""
    form = LicenceForm(prefix="licence-")
    form.offer(postings.list_instructors())
    if form.validate_on_submit():
        with form.showing(DomainError):
            wanted = form.result()
            user = db.session.get_one(User, wanted.user_id)
            postings.license_evaluator(
                user,
                course,
                starts_on=wanted.starts_on,
                ends_on=wanted.ends_on,
                reference=wanted.reference,
                actor=g.viewer,
            )
            flash(_("The licence of %(name)s is recorded.", name=user.name), "success")
            return redirect(url_for("course_staff.show", course_id=course.id))
    return _page(course, licences=form)


def _page(
    course: Course, *, directors: DirectorForm | None = None, licences: LicenceForm | None = None
) -> ResponseReturnValue:
    submitted: Form | None = directors or licences
    if directors is None:
        directors = DirectorForm(None, prefix="director-")
        directors.offer(courses.list_possible_directors(course))
    if licences is None:
        licences = LicenceForm(None, prefix="licence-", data={"starts_on": clock.today()})
        licences.offer(postings.list_instructors())
    return render_form(
        "curriculum/course_staff/show.html",
        submitted or licences,
        course=course,
        director_form=directors,
        licence_form=licences,
        directors=courses.list_directors(course),
        may_appoint=g.viewer.may(Permission.EDITION_PUBLISH),
        licences=postings.list_licences(course),
        today=clock.today(),
    )
