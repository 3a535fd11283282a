"""Read the courses that come with the system into frozen values.

Pure: no database, no clock, nothing written. Three kinds of file (``README.md`` beside this module has
their shapes): the starter catalogue, the titles of its courses in Arabic and French, and editions written
out in full.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from curriculum.catalogue.data import (
    AssessmentData,
    CourseData,
    EditionData,
    Half,
    ItemData,
    OutcomeData,
    PrerequisiteData,
    SessionData,
)
from curriculum.catalogue.nodes import CatalogueError, Node
from curriculum.schemes import AssessmentKind, Counting, Level, Measure, Unit
from curriculum.texts import LocalText

__all__ = ["CatalogueError", "read_catalogue", "read_edition", "read_editions"]

FOLDER = Path(__file__).parent
MOST = "1000000"


def read_catalogue(folder: Path = FOLDER) -> tuple[CourseData, ...]:
    """Return the outline of every course of the starter catalogue, with titles in three languages.

    Raises ``CatalogueError`` when a title is missing, a code is repeated or a prerequisite is unknown.
    """
    document = Node.read(folder / "course-catalogue.json")
    titles = Node.read(folder / "titles.json")
    courses = tuple(_read_outline(node, titles) for node in document["courses"].each())
    codes = _unique([course.code for course in courses], document["courses"], "course code")
    if unknown := set(titles.value) - set(codes):
        raise titles.fail(f"has titles of unknown courses: {', '.join(sorted(unknown))}")
    for course in courses:
        if strangers := set(course.prerequisites) - set(codes):
            raise document["courses"].fail(f"{course.code} builds on unknown {', '.join(sorted(strangers))}")
    return courses


def _read_outline(node: Node, titles: Node) -> CourseData:
    code = node["code"].text()
    translated = titles[code].only({"ar", "fr"})
    return CourseData(
        code=code,
        title=LocalText(en=node["title"].text(), ar=translated["ar"].text(), fr=translated["fr"].text()),
        domain=node["domain"].text(),
        level=node["level"].text(),
        delivery=node["delivery"].text(),
        hours=Decimal(str(node["hours"]["value"].value)),
        validity_months=node["validity_months"]["value"].value,
        prerequisites=tuple(node["prerequisites"].value),
        entry_requirements=tuple(node["entry_requirements"].value),
        reference=node["real_world_reference"].text(),
    )


def read_editions(folder: Path = FOLDER) -> tuple[EditionData, ...]:
    """Return every edition that is written out, in order of file name; the same edition twice is an error."""
    paths = sorted((folder / "editions").glob("*.json"))
    editions = tuple(read_edition(path) for path in paths)
    keys = [f"{edition.course.code} {edition.number}" for edition in editions]
    _unique(keys, Node(None, file="editions"), "edition")
    return editions


def read_edition(path: Path) -> EditionData:
    """Read one edition strictly; raise ``CatalogueError`` naming file and place at the first thing wrong."""
    node = Node.read(path).only(
        frozenset(EDITION_KEYS), frozenset({"validity_months", "scales", "prerequisites"})
    )
    if node["schema"].text() != "course-edition/1":
        raise node["schema"].fail("should be course-edition/1")
    sessions = tuple(
        _read_session(position, one) for position, one in enumerate(node["sessions"].each(), start=1)
    )
    _check_sessions(node, sessions)
    assessments = tuple(
        _read_assessment(position, one, node)
        for position, one in enumerate(node["assessments"].each(), start=1)
    )
    _unique([one.code for one in assessments], node["assessments"], "assessment code")
    return EditionData(
        course=_read_course(node["course"]),
        number=node["number"].text(),
        hours=node["hours"].decimal("0.5", "2000"),
        validity_months=node["validity_months"].integer(1, 240) if node.has("validity_months") else None,
        renewal_window_days=node["renewal_window_days"].integer(0, 730),
        required_sessions=node["required_sessions"].integer(1, len(sessions)),
        appeal_window_days=node["appeal_window_days"].integer(0, 365),
        task_book_months=node["task_book_months"].integer(1, 120),
        max_trainees=node["max_trainees"].integer(1, 500),
        trainees_per_instructor=node["trainees_per_instructor"].integer(1, 100),
        prerequisites=tuple(_read_prerequisite(one) for one in node["prerequisites"].each())
        if node.has("prerequisites")
        else (),
        sessions=sessions,
        outcomes=tuple(
            OutcomeData(position, one.local())
            for position, one in enumerate(node["outcomes"].each(), start=1)
        ),
        assessments=assessments,
    )


EDITION_KEYS = {
    "schema",
    "course",
    "number",
    "hours",
    "renewal_window_days",
    "required_sessions",
    "appeal_window_days",
    "task_book_months",
    "max_trainees",
    "trainees_per_instructor",
    "sessions",
    "outcomes",
    "assessments",
}


def _read_course(node: Node) -> CourseData:
    node.only({"code", "title", "summary", "domain", "level", "delivery"})
    return CourseData(
        code=node["code"].text(),
        title=node["title"].local(),
        domain=node["domain"].text(),
        level=node["level"].text(),
        delivery=node["delivery"].text(),
        summary=node["summary"].local(),
    )


def _read_prerequisite(node: Node) -> PrerequisiteData:
    node.only({"course", "in_date"})
    return PrerequisiteData(node["course"].text(), node["in_date"].flag())


def _read_session(position: int, node: Node) -> SessionData:
    node.only({"day", "half", "hours", "title"})
    return SessionData(
        position=position,
        day=node["day"].integer(1, 366),
        half=node["half"].choice(Half),
        title=node["title"].local(),
        hours=node["hours"].decimal("0.5", "12"),
    )


def _check_sessions(node: Node, sessions: Sequence[SessionData]) -> None:
    """Demand that sessions come in order, one a half-day, and that their hours add up to the edition's."""
    slots = [(session.day, session.half.value) for session in sessions]
    if slots != sorted(set(slots)):
        raise node["sessions"].fail("should be in order of day and half, each half-day once")
    total = sum((session.hours for session in sessions), Decimal(0))
    if total != node["hours"].decimal("0.5", "2000"):
        raise node["hours"].fail(f"should be the sum of the sessions, {total}")


def _read_assessment(position: int, node: Node, edition: Node) -> AssessmentData:
    node.only(frozenset(ASSESSMENT_KEYS), frozenset({"scale", "questions"}))
    kind = node["kind"].choice(AssessmentKind)
    items = tuple(_read_item(place, one) for place, one in enumerate(node["items"].each(), start=1))
    _unique([item.code for item in items], node["items"], "item code")
    scale = _read_scale(edition["scales"][node["scale"].text()]) if node.has("scale") else ()
    _check_measures(node, kind, items, scale)
    return AssessmentData(
        code=node["code"].text(),
        kind=kind,
        title=node["title"].local(),
        position=position,
        pass_mark=node["pass_mark"].decimal("0", "100"),
        max_attempts=node["max_attempts"].integer(1, 10),
        retake_wait_days=node["retake_wait_days"].integer(0, 365),
        other_evaluator_on_retake=node["other_evaluator_on_retake"].flag(),
        counting=node["counting"].choice(Counting),
        note_required_on_fail=node["note_required_on_fail"].flag(),
        items=items,
        scale=scale,
        questions=node["questions"].integer(1, 500) if node.has("questions") else None,
    )


ASSESSMENT_KEYS = {
    "code",
    "kind",
    "title",
    "pass_mark",
    "max_attempts",
    "retake_wait_days",
    "other_evaluator_on_retake",
    "counting",
    "note_required_on_fail",
    "items",
}


def _read_item(position: int, node: Node) -> ItemData:
    node.only({"code", "text", "weight", "critical"}, {"measure", "at_least", "at_most", "unit"})
    measure = node["measure"].choice(Measure) if node.has("measure") else Measure.LEVEL
    limits = [node[key].decimal("0", MOST) if node.has(key) else None for key in ("at_least", "at_most")]
    if (measure is Measure.BOUNDED) != any(limit is not None for limit in limits):
        raise node.fail("needs at_least or at_most exactly when its measure is bounded")
    if (measure is Measure.BOUNDED) != node.has("unit"):
        raise node.fail("needs a unit exactly when its measure is bounded")
    return ItemData(
        code=node["code"].text(),
        position=position,
        text=node["text"].local(),
        weight=node["weight"].decimal("0.1", "100"),
        critical=node["critical"].flag(),
        measure=measure,
        at_least=limits[0],
        at_most=limits[1],
        unit=node["unit"].choice(Unit) if node.has("unit") else None,
    )


def _read_scale(node: Node) -> tuple[Level, ...]:
    """Read a scale: digits 1, 2, 3 … in order, never worth less than the one below."""
    levels = []
    for one in node.each():
        one.only({"value", "label", "share", "fails_critical"})
        levels.append(
            Level(
                value=one["value"].integer(1, 9),
                label=one["label"].local(),
                share=one["share"].decimal("0", "1"),
                fails_critical=one["fails_critical"].flag(),
            )
        )
    if [level.value for level in levels] != list(range(1, len(levels) + 1)):
        raise node.fail("should count 1, 2, 3 …")
    for lower, higher in pairwise(levels):
        if lower.share > higher.share or (higher.fails_critical and not lower.fails_critical):
            raise node.fail("a higher level should never count for less than a lower one")
    return tuple(levels)


def _check_measures(
    node: Node, kind: AssessmentKind, items: Sequence[ItemData], scale: Sequence[Level]
) -> None:
    """Demand that items are measured as their instrument needs, and that a scale stands exactly where one
    is used.
    """
    measures = {item.measure for item in items}
    if kind is AssessmentKind.WRITTEN and (measures != {Measure.PERCENT} or len(items) != 1):
        raise node["items"].fail("a written paper has one item, measured in percent")
    if kind is not AssessmentKind.WRITTEN and Measure.PERCENT in measures:
        raise node["items"].fail("only a written paper is measured in percent")
    if kind is AssessmentKind.STATION and measures != {Measure.LEVEL}:
        raise node["items"].fail("a station's items are marked on its scale")
    if kind is AssessmentKind.TRIAGE_DRILL and measures != {Measure.BOUNDED}:
        raise node["items"].fail("a triage drill's items are bounded figures")
    if kind is AssessmentKind.TIMED_DRILL and Measure.BOUNDED not in measures:
        raise node["items"].fail("a timed drill has at least one bounded item")
    if (Measure.LEVEL in measures) != bool(scale):
        raise node.fail("needs a scale exactly when an item is marked on one")


Member = TypeVar("Member")


def _unique(members: Sequence[Member], node: Node, what: str) -> Sequence[Member]:
    repeated = [member for position, member in enumerate(members) if member in members[:position]]
    if repeated:
        raise node.fail(f"repeats {what} {repeated[0]}")
    return members
