"""Qualifications from elsewhere: recorded with their paper, revoked with a reason; and all that a person holds, as one list.

Declined: editing. What counted on a day that is over counted; a wrong entry is revoked and recorded anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import selectinload

from accounts.models import Person, User
from accounts.permissions import Permission, Role
from curriculum.held import HeldState, compute_last_day, judge_held
from curriculum.models import Course, CourseDirector, Edition, QualificationKind, RecordedQualification
from foundation import audit, clock, storage
from foundation.dated import not_over
from foundation.db import db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _, format_date_for, language
from foundation.registry import EndedBy, Holding, add_qualification_source, list_holdings

SOURCE = "recorded"
LEAST_REASON = 10
MOST_PAPER_BYTES = 5 * 1024 * 1024
# What the first bytes of a paper must be, and what it is kept as: the name it came under proves nothing.
PAPER_SIGNS = {b"%PDF-": ".pdf", b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}


class QualificationRefused(DomainError):
    """The entry lacks something it needs, or contradicts itself."""


class AlreadyHeld(DomainConflict):
    """The same is on record for some of these days already."""


class AlreadyRevoked(DomainConflict):
    """The entry was revoked meanwhile."""


@dataclass(frozen=True)
class QualificationValues:
    """What is recorded: the course that counts as held, on what ground, by whose paper, both days included."""

    course_id: int
    kind: QualificationKind
    issuer: str
    reference: str
    starts_on: date
    ends_on: date | None = None
    note: str | None = None


@dataclass(frozen=True)
class Held:
    """One line of what a person holds. `kind` is None for what was earned here; `record_id` names an entry from elsewhere."""

    holding: Holding
    state: HeldState
    titles: dict[str, str]
    director_ids: frozenset[int]
    kind: QualificationKind | None = None
    record_id: int | None = None


def record_qualification(
    person: Person, values: QualificationValues, *, paper: bytes | None = None, actor: User
) -> RecordedQualification:
    """Record what a person holds from elsewhere, with its paper (PDF, JPEG or PNG) when there is one.

    A course director records for his own courses and for those that they ask for. An equivalence needs an end. Raises Forbidden,
    QualificationRefused, AlreadyHeld.
    """
    if not actor.may(Permission.QUALIFICATION_RECORD, person):
        raise Forbidden(
            _("Only a programme manager or a course director records this, and nobody about himself.")
        )
    course = next((one for one in list_recordable_courses(actor) if one.id == values.course_id), None)
    if course is None:
        raise QualificationRefused(_("Choose a course."), field="course")
    _check_period(person, values)
    paper_key = _keep_paper(paper) if paper else None
    # Whoever records for the same person at the same time waits here.
    db.session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    _refuse_twice(person, course, values)
    entry = RecordedQualification(
        person_id=person.id,
        course=course,
        kind=values.kind,
        issuer=values.issuer,
        reference=values.reference,
        starts_on=values.starts_on,
        ends_on=values.ends_on,
        note=values.note,
        paper_key=paper_key,
        recorded_at=clock.now(),
        recorded_by_id=actor.id,
    )
    db.session.add(entry)
    db.session.flush()
    changes = {
        "person_id": (None, person.id),
        "course": (None, course.code),
        "kind": (None, values.kind),
        "issuer": (None, values.issuer),
        "reference": (None, values.reference),
        "starts_on": (None, values.starts_on),
        "ends_on": (None, values.ends_on),
        "paper": (None, paper_key),
    }
    audit.record("qualification:recorded", entry, actor=actor, changes=changes, personal=("reference",))
    return entry


def revoke_qualification(entry: RecordedQualification, *, reason: str | None, actor: User) -> None:
    """Take an entry back from today on; the days before stay as they were. Raises Forbidden, AlreadyRevoked, QualificationRefused."""
    db.session.refresh(entry, with_for_update=True)
    if not may_revoke(entry, actor):
        raise Forbidden(_("This entry is revoked by a programme manager or by a director of the course."))
    if entry.revoked_at is not None:
        raise AlreadyRevoked(_("This entry is revoked already."))
    if reason is None or len(reason) < LEAST_REASON:
        raise QualificationRefused(
            _("Give the reason in a sentence: it stays with the entry."), field="reason"
        )
    entry.revoked_at, entry.revoked_by_id, entry.revoked_reason = clock.now(), actor.id, reason
    db.session.flush()
    audit.record(
        "qualification:revoked",
        entry,
        actor=actor,
        reason=reason,
        changes={"person_id": (None, entry.person_id), "course": (None, entry.course.code)},
    )


def may_revoke(entry: RecordedQualification, actor: User) -> bool:
    """Return whether somebody may revoke an entry: whoever might have recorded it."""
    return actor.may(Permission.QUALIFICATION_RECORD, entry) and any(
        course.id == entry.course_id for course in list_recordable_courses(actor)
    )


def list_recordable_courses(actor: User) -> list[Course]:
    """Return the courses that somebody may record as held, by code: a manager all, a director his own and what they ask for."""
    query = select(Course).order_by(Course.code)
    if actor.has(Role.PROGRAMME_MANAGER):
        return list(db.session.execute(query).scalars())
    directed = select(CourseDirector.course_id).where(CourseDirector.user_id == actor.id)
    asked = db.session.execute(select(Edition.prerequisites).where(Edition.course_id.in_(directed))).scalars()
    codes = {str(one["course"]) for prerequisites in asked for one in prerequisites}
    query = query.where(or_(Course.id.in_(directed), Course.code.in_(codes)))
    return list(db.session.execute(query).scalars())


def read_paper(entry: RecordedQualification) -> tuple[bytes, str] | None:
    """Return the paper of an entry and its ending ('.pdf', '.jpg' or '.png'); None when none was uploaded."""
    if entry.paper_key is None:
        return None
    return storage.get(entry.paper_key), entry.paper_key[entry.paper_key.rindex(".") :]


def list_recorded_holdings(person_ids: Sequence[int]) -> list[Holding]:
    """Return every period in which an entry of one of these persons counts, in one statement for any number of them."""
    query = (
        select(
            RecordedQualification.id,
            RecordedQualification.person_id,
            RecordedQualification.reference,
            RecordedQualification.starts_on,
            RecordedQualification.ends_on,
            RecordedQualification.revoked_at,
            Course.code,
        )
        .join(Course, Course.id == RecordedQualification.course_id)
        .where(RecordedQualification.person_id.in_(person_ids))
        .order_by(RecordedQualification.person_id, RecordedQualification.id)
    )
    found = [_holding_of(row, row.code) for row in db.session.execute(query)]
    return [one for one in found if one.ends_on is None or one.ends_on >= one.starts_on]


def list_held(person: Person, *, on: date) -> list[Held]:
    """Return all that a person holds and held, revoked entries included: what counts on a day first, then the latest."""
    query = (
        select(RecordedQualification)
        .where(RecordedQualification.person_id == person.id)
        .order_by(RecordedQualification.id)
    )
    entries = list(db.session.execute(query).scalars())
    earned = [one for one in list_holdings([person.id]) if one.source != SOURCE]
    courses = _courses_by_code({one.qualification for one in earned} | {one.course.code for one in entries})
    lines = [_line(one, courses, on=on) for one in earned]
    lines += [
        _line(_holding_of(entry, entry.course.code), courses, on=on, kind=entry.kind, record_id=entry.id)
        for entry in entries
    ]
    return sorted(
        lines, key=lambda line: (not line.holding.is_in_date(on), -line.holding.starts_on.toordinal())
    )


def _line(
    holding: Holding,
    courses: dict[str, Course],
    *,
    on: date,
    kind: QualificationKind | None = None,
    record_id: int | None = None,
) -> Held:
    course = courses.get(holding.qualification)
    return Held(
        holding,
        judge_held(holding.starts_on, holding.ends_on, holding.ended_by, on=on),
        titles=course.titles if course is not None else {},
        director_ids=course.director_ids if course is not None else frozenset(),
        kind=kind,
        record_id=record_id,
    )


def _courses_by_code(codes: set[str]) -> dict[str, Course]:
    query = select(Course).where(Course.code.in_(codes)).options(selectinload(Course.directors))
    return {course.code: course for course in db.session.execute(query).scalars()}


def _holding_of(entry: RecordedQualification | Row[*tuple[Any, ...]], code: str) -> Holding:
    revoked_at = entry.revoked_at
    return Holding(
        person_id=entry.person_id,
        qualification=code,
        starts_on=entry.starts_on,
        ends_on=compute_last_day(entry.ends_on, revoked_on=clock.day_of(revoked_at) if revoked_at else None),
        evidence=entry.reference,
        source=SOURCE,
        url_of=("qualifications.show", {"recorded_qualification_id": entry.id}),
        ended_by=EndedBy.REVOCATION if revoked_at else None,
    )


def _check_period(person: Person, values: QualificationValues) -> None:
    if values.starts_on < person.birth_date:
        raise QualificationRefused(_("This day lies before the person's birth."), field="starts_on")
    if values.ends_on is not None and values.ends_on < values.starts_on:
        raise QualificationRefused(_("It ends before it begins."), field="ends_on")
    if values.ends_on is None and values.kind is QualificationKind.EQUIVALENCE:
        raise QualificationRefused(_("An equivalence needs an end date."), field="ends_on")


def _refuse_twice(person: Person, course: Course, values: QualificationValues) -> None:
    query = select(RecordedQualification).where(
        RecordedQualification.person_id == person.id,
        RecordedQualification.course_id == course.id,
        RecordedQualification.kind == values.kind,
        RecordedQualification.revoked_at.is_(None),
        not_over(RecordedQualification, values.starts_on),
    )
    if values.ends_on is not None:
        query = query.where(RecordedQualification.starts_on <= values.ends_on)
    other = db.session.execute(query.order_by(RecordedQualification.starts_on).limit(1)).scalar_one_or_none()
    if other is None:
        return
    raise AlreadyHeld(
        _(
            "%(code)s is on record from %(day)s under %(reference)s already. Let this one begin after it, or revoke the other.",
            code=course.code,
            day=format_date_for(language(), other.starts_on),
            reference=other.reference,
        ),
        field="starts_on",
    )


def _keep_paper(paper: bytes) -> str:
    if len(paper) > MOST_PAPER_BYTES:
        raise QualificationRefused(
            _("The file is larger than %(most)s MB.", most=MOST_PAPER_BYTES // 1024 // 1024), field="paper"
        )
    for sign, suffix in PAPER_SIGNS.items():
        if paper.startswith(sign):
            return storage.put(paper, suffix=suffix).key
    raise QualificationRefused(_("Choose a PDF, JPEG or PNG file."), field="paper")


add_qualification_source(SOURCE, list_recorded_holdings)
