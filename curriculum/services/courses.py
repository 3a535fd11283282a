"""Courses and the catalogue that comes with the system, brought into the database once and kept up to date.

Declined: overwriting what is stored. A published edition is never edited, so a figure that changed in the data files becomes a
new edition with a new number; only courses and editions that are missing are written.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, String, cast, func, or_, select

from accounts.models import User, UserRole
from accounts.permissions import Permission, Role
from curriculum.catalogue.data import AssessmentData, CourseData, EditionData
from curriculum.catalogue.loading import read_catalogue, read_editions
from curriculum.models import (
    Assessment,
    AssessmentItem,
    Cohort,
    CohortState,
    Course,
    CourseDirector,
    Edition,
    EditionState,
    Outcome,
    PlannedSession,
)
from curriculum.services.editions import publish_edition
from foundation import audit
from foundation.access import visible
from foundation.db import db
from foundation.errors import DomainError, Forbidden
from foundation.i18n import _, language

OUTLINE_NUMBER = "1.0"


class NotADirector(DomainError):
    """The user does not hold the role of a course director."""


@dataclass
class CatalogueReport:
    """What a load of the catalogue wrote: codes of courses, and editions as 'CODE NUMBER'; `unchanged` editions were there."""

    courses: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    unchanged: int = 0


def load_catalogue(*, actor: User | None = None) -> CatalogueReport:
    """Write the courses and editions of the catalogue that are not stored yet; a second load changes nothing.

    Editions written out in full are published; courses known in outline alone get a draft with hours, validity and
    prerequisites, which a director completes. Raises CatalogueError when a data file is wrong.
    """
    report = CatalogueReport()
    known = {course.code: course for course in db.session.execute(select(Course)).scalars()}
    editions = read_editions()
    outlines = read_catalogue()
    # A course of the outline keeps its reference; a course that only an edition file knows is written from there.
    for data in (*outlines, *(edition.course for edition in editions)):
        if data.code not in known:
            known[data.code] = _write_course(data, actor=actor)
            report.courses.append(data.code)
    stored = {
        (row.course_id, row.number) for row in db.session.execute(select(Edition.course_id, Edition.number))
    }
    written_out = {edition.course.code for edition in editions}
    for edition in editions:
        course = known[edition.course.code]
        if (course.id, edition.number) in stored:
            report.unchanged += 1
            continue
        publish_edition(_write_edition(course, edition), actor=actor)
        report.published.append(f"{course.code} {edition.number}")
    with_editions = {course_id for course_id, _number in stored}
    for outline in outlines:
        if outline.code in written_out:
            continue
        course = known[outline.code]
        if course.id in with_editions:
            report.unchanged += 1
            continue
        _write_outline(course, outline, actor=actor)
        report.drafts.append(f"{course.code} {OUTLINE_NUMBER}")
    db.session.flush()
    return report


def appoint_director(course: Course, user: User, *, actor: User | None) -> None:
    """Let a user direct a course; one who does already stays. `actor` None is the system itself.

    Raises Forbidden unless the actor publishes editions, and NotADirector for a user without that role.
    """
    if actor is not None and not actor.may(Permission.EDITION_PUBLISH):
        raise Forbidden(_("Only a programme manager says who directs a course."))
    if not user.has(Role.COURSE_DIRECTOR):
        raise NotADirector(_("%(name)s is not a course director.", name=user.name), field="user")
    if user.id in course.director_ids:
        return
    row = CourseDirector(course=course, user_id=user.id)
    db.session.add(row)
    db.session.flush()
    audit.record("course:director_appointed", course, actor=actor, changes={"director": (None, user.id)})


def _write_course(data: CourseData, *, actor: User | None) -> Course:
    course = Course(
        code=data.code,
        titles=data.title.as_mapping(),
        domain=data.domain,
        level=data.level,
        delivery=data.delivery,
        summary=data.summary.as_mapping() if data.summary is not None else {},
        reference=data.reference or None,
    )
    db.session.add(course)
    db.session.flush()
    audit.record("course:added", course, actor=actor, changes={"code": (None, data.code)})
    return course


def _write_outline(course: Course, data: CourseData, *, actor: User | None) -> None:
    edition = Edition(
        course=course,
        number=OUTLINE_NUMBER,
        state=EditionState.DRAFT,
        titles=data.title.as_mapping(),
        hours=data.hours or Decimal(0),
        validity_months=data.validity_months,
        prerequisites=[{"course": code, "in_date": True} for code in data.prerequisites],
    )
    db.session.add(edition)
    db.session.flush()
    audit.record("edition:drafted", edition, actor=actor, changes={"number": (None, OUTLINE_NUMBER)})


def _write_edition(course: Course, data: EditionData) -> Edition:
    edition = Edition(
        course=course,
        number=data.number,
        state=EditionState.DRAFT,
        titles=data.course.title.as_mapping(),
        hours=data.hours,
        sessions_required=data.required_sessions,
        validity_months=data.validity_months,
        renewal_window_days=data.renewal_window_days,
        appeal_window_days=data.appeal_window_days,
        task_book_months=data.task_book_months,
        max_trainees=data.max_trainees,
        trainees_per_instructor=data.trainees_per_instructor,
        prerequisites=[{"course": one.course_code, "in_date": one.in_date} for one in data.prerequisites],
        sessions=[
            PlannedSession(
                position=one.position,
                day=one.day,
                half=one.half.value,
                titles=one.title.as_mapping(),
                hours=one.hours,
            )
            for one in data.sessions
        ],
        outcomes=[Outcome(position=one.position, texts=one.text.as_mapping()) for one in data.outcomes],
        assessments=[_assessment(one) for one in data.assessments],
    )
    db.session.add(edition)
    db.session.flush()
    return edition


def _assessment(data: AssessmentData) -> Assessment:
    return Assessment(
        code=data.code,
        position=data.position,
        kind=data.kind,
        titles=data.title.as_mapping(),
        pass_mark=data.pass_mark,
        max_attempts=data.max_attempts,
        retake_wait_days=data.retake_wait_days,
        other_evaluator_on_retake=data.other_evaluator_on_retake,
        counting=data.counting,
        scale=[
            {
                "value": level.value,
                "label": level.label.as_mapping(),
                "share": str(level.share),
                "fails_critical": level.fails_critical,
            }
            for level in data.scale
        ],
        note_required_on_fail=data.note_required_on_fail,
        questions=data.questions,
        items=[
            AssessmentItem(
                code=one.code,
                position=one.position,
                texts=one.text.as_mapping(),
                weight=one.weight,
                critical=one.critical,
                measure=one.measure,
                at_least=one.at_least,
                at_most=one.at_most,
                unit=one.unit,
            )
            for one in data.items
        ],
    )


def query_courses(viewer: User, *, domain: str | None = None, text: str | None = None) -> Select[Any]:
    """Return the Core select of the course list in the viewer's sight: one row a course, with what stands beside its name."""
    seen = select(func.count()).select_from(Edition).where(Edition.course_id == Course.id)
    published = seen.where(Edition.state == EditionState.PUBLISHED)
    open_cohorts = (
        select(func.count())
        .select_from(Cohort)
        .join(Edition, Edition.id == Cohort.edition_id)
        .where(Edition.course_id == Course.id, Cohort.state == CohortState.OPEN)
    )
    query: Select[Any] = select(
        Course.id,
        Course.code,
        Course.titles,
        Course.domain,
        Course.level,
        published.scalar_subquery().label("published"),
        open_cohorts.scalar_subquery().label("open_cohorts"),
    ).where(visible(Course, viewer))
    if domain:
        query = query.where(Course.domain == domain)
    if text:
        query = query.where(matches_course(text))
    return query


def matches_course(text: str) -> Any:
    """Return the condition that a course's code or its title in any language contains a text."""
    titles = [Course.titles[code].as_string().icontains(text, autoescape=True) for code in ("en", "ar", "fr")]
    return or_(Course.code.icontains(text, autoescape=True), *titles)


def title_key() -> Any:
    """Return the course title in the reader's language as a sort key that is never null."""
    return func.coalesce(Course.titles[language()].as_string(), cast(Course.code, String), type_=String())


def list_required_courses(edition: Edition) -> list[tuple[str, Course | None, bool]]:
    """Return an edition's prerequisites as (code, course when it is known here, whether it must be in date)."""
    wanted = [(str(one["course"]), bool(one.get("in_date", True))) for one in edition.prerequisites]
    found = {
        course.code: course
        for course in db.session.execute(
            select(Course).where(Course.code.in_([code for code, _in_date in wanted]))
        ).scalars()
    }
    return [(code, found.get(code), in_date) for code, in_date in wanted]


def list_possible_directors(course: Course) -> list[tuple[int, str]]:
    """Return the users with the role of a course director who do not direct this course yet, as (id, name)."""
    query = (
        select(User.id, User.name)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            UserRole.role == Role.COURSE_DIRECTOR,
            User.disabled_at.is_(None),
            User.id.not_in(select(CourseDirector.user_id).where(CourseDirector.course_id == course.id)),
        )
        .order_by(User.name, User.id)
    )
    return [(key, name) for key, name in db.session.execute(query)]


def list_directors(course: Course) -> list[str]:
    """Return the names of a course's directors."""
    query = (
        select(User.name)
        .join(CourseDirector, CourseDirector.user_id == User.id)
        .where(CourseDirector.course_id == course.id)
        .order_by(User.name)
    )
    return list(db.session.execute(query).scalars())
