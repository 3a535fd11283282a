"""Courses: the list by domain, and one course with its editions."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from curriculum import labels, navigation
from curriculum.models import Cohort, Course, Edition
from curriculum.services import courses
from foundation.access import requires, visible
from foundation.db import db
from foundation.paging import page_of_request

bp = Blueprint("courses", __name__)
for name, words in (
    ("word", labels.word),
    ("tone", labels.tone),
    ("domain", labels.domain_word),
    ("level", labels.level_word),
    ("half", labels.half_word),
    ("delivery", labels.delivery_word),
):
    bp.add_app_template_filter(words, name)
bp.add_app_template_global(navigation.cohort_tab_items, "cohort_tab_items")
bp.add_app_template_global(navigation.sort_url, "sort_url")


@bp.get("/courses")
@requires(Permission.COURSE_READ)
def index() -> ResponseReturnValue:
    """List the courses, narrowed by domain and text."""
    domain = request.args.get("domain", "")
    domain = domain if domain in labels.DOMAINS else ""
    text = " ".join(request.args.get("q", "")[:80].split())
    page = page_of_request(
        courses.query_courses(g.viewer, domain=domain, text=text),
        sorts={"code": [Course.code], "title": [courses.title_key(), Course.id]},
        default="code",
    )
    return render_template(
        "curriculum/courses/index.html",
        page=page,
        domain=domain,
        text=text,
        domains=[(key, str(value)) for key, value in labels.DOMAINS.items()],
    )


@bp.get("/courses/<int:course_id>")
@requires(Permission.COURSE_READ, on=Course)
def show(course: Course) -> ResponseReturnValue:
    """Show a course, its editions and its latest cohorts."""
    editions = db.session.execute(
        select(Edition)
        .where(Edition.course_id == course.id, visible(Edition, g.viewer))
        .order_by(Edition.id.desc())
    ).scalars()
    cohorts = db.session.execute(
        select(Cohort.id, Cohort.code, Cohort.starts_on, Cohort.ends_on, Cohort.state)
        .join(Edition, Edition.id == Cohort.edition_id)
        .where(Edition.course_id == course.id, visible(Cohort, g.viewer))
        .order_by(Cohort.starts_on.desc())
        .limit(12)
    )
    return render_template(
        "curriculum/courses/show.html",
        course=course,
        editions=editions.all(),
        cohorts=cohorts.all(),
        directors=courses.list_directors(course),
    )
