"""Courses and the catalogue that comes with the system, brought into the database once and kept up to date.

Declined: overwriting what is stored. A published edition is never edited, so a figure that changed in the data files becomes a
new edition with a new number; only courses and editions that are missing are written.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, String, cast, func, or_, select

from accounts.models import User
from curriculum.catalogue.data import AssessmentData, CourseData, EditionData, ItemData
from curriculum.catalogue.loading import read_catalogue, read_editions
from curriculum.models import (
    Assessment,
    AssessmentItem,
    Cohort,
    CohortState,
    Course,
    Edition,
    EditionState,
    Outcome,
    PlannedSession,
)
from curriculum.schemes import Measure
from curriculum.services.editions import publish_edition
from foundation import audit
from foundation.access import visible
from foundation.db import db
from foundation.i18n import language

# The catalogue files courses by subject; agreements speak of the three domains. What serves all three is common.
DOMAIN_OF_SUBJECT = {
    "usar": "usar",
    "medical": "medical",
    "mass_casualty": "medical",
    "cyber": "cyber",
    "common": "common",
    "coordination": "common",
    "logistics": "common",
    "instruction": "common",
}
DOMAINS = ("usar", "medical", "cyber", "common")
OUTLINE_NUMBER = "1.0"


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
    stored = set(db.session.execute(select(Edition.course_id, Edition.number)).tuples())
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


def _write_course(data: CourseData, *, actor: User | None) -> Course:
    course = Course(
        code=data.code,
        titles=data.title.as_mapping(),
        domain=DOMAIN_OF_SUBJECT[data.domain],
        level=data.level,
        delivery=data.delivery,
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
        hours=_whole(data.hours),
        validity_months=data.validity_months,
        prerequisites=[{"course": code, "in_date": True} for code in data.prerequisites],
    )
    db.session.add(edition)
    db.session.flush()
    audit.record("edition:drafted", edition, actor=actor, changes={"number": (None, OUTLINE_NUMBER)})


def _write_edition(course: Course, data: EditionData) -> Edition:
    settings: dict[str, Any] = {
        "renewal_window_days": data.renewal_window_days,
        "appeal_window_days": data.appeal_window_days,
        "task_book_months": data.task_book_months,
        "max_trainees": data.max_trainees,
        "trainees_per_instructor": data.trainees_per_instructor,
    }
    if data.course.summary is not None:
        settings["summary"] = data.course.summary.as_mapping()
    edition = Edition(
        course=course,
        number=data.number,
        state=EditionState.DRAFT,
        titles=data.course.title.as_mapping(),
        hours=_whole(data.hours),
        sessions_required=data.required_sessions,
        validity_months=data.validity_months,
        prerequisites=[{"course": one.course_code, "in_date": one.in_date} for one in data.prerequisites],
        settings=settings,
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
    settings: dict[str, Any] = {"note_required_on_fail": data.note_required_on_fail}
    if data.questions is not None:
        settings["questions"] = data.questions
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
                "value": str(level.value),
                "labels": level.label.as_mapping(),
                "share": str(level.share),
                "fails_critical": level.fails_critical,
            }
            for level in data.scale
        ],
        settings=settings,
        items=[
            AssessmentItem(
                code=one.code,
                position=one.position,
                texts=one.text.as_mapping(),
                weight=one.weight,
                critical=one.critical,
                settings=_measure(one),
            )
            for one in data.items
        ],
    )


def _measure(item: ItemData) -> dict[str, Any]:
    if item.measure is Measure.LEVEL:
        return {}
    figures = {"at_least": item.at_least, "at_most": item.at_most}
    settings: dict[str, Any] = {"measure": item.measure.value}
    settings |= {name: str(value) for name, value in figures.items() if value is not None}
    if item.unit is not None:
        settings["unit"] = item.unit.value
    return settings


def _whole(hours: Any) -> int:
    """Round hours up: a certificate never says less than was taught."""
    return int(-(-hours // 1))


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
    query = select(
        Course.id,
        Course.code,
        Course.titles,
        Course.domain,
        Course.level,
        published.scalar_subquery().label("published"),
        open_cohorts.scalar_subquery().label("open_cohorts"),
    ).where(visible(Course, viewer))
    if domain in DOMAINS:
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
