"""What this floor shows on the start page, on the rail and in the search."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from accounts.models import User
from accounts.permissions import Permission, Role
from curriculum import waiting_recording
from curriculum.models import (
    Cohort,
    CohortState,
    Course,
    CourseDirector,
    Edition,
    Enrolment,
    EnrolmentState,
    Gate,
    GateKind,
    GateState,
    Nomination,
    NominationState,
)
from curriculum.services import cohorts, courses, gates
from curriculum.services.overviews import NOT_PASSED
from foundation import clock
from foundation.access import visible
from foundation.db import db
from foundation.desk import Hit, Place, Waiting
from foundation.i18n import _, format_date_for, language, ngettext, text_in

SOON_DAYS = 7
MOST_LINES = 6
MOST_HITS = 10
_COHORT_ROLES = (
    Role.PROGRAMME_MANAGER,
    Role.COURSE_DIRECTOR,
    Role.LEAD_INSTRUCTOR,
    Role.INSTRUCTOR,
    Role.CERTIFYING_OFFICIAL,
    Role.AUDITOR,
    Role.AGENCY_OFFICER,
)
_COURSE_ROLES = (Role.PROGRAMME_MANAGER, Role.COURSE_DIRECTOR, Role.AUDITOR, Role.AGENCY_OFFICER)


def list_waiting(viewer: User, on: date) -> Sequence[Waiting]:
    """Return the work of this floor that waits for the viewer on a day."""
    lines: list[Waiting] = []
    if viewer.may(Permission.GATE_LIST):
        lines += _gates_waiting(viewer, on)
    if viewer.has(Role.PROGRAMME_MANAGER, Role.COURSE_DIRECTOR):
        lines += _seats_waiting(viewer, on)
    if viewer.has(Role.AGENCY_OFFICER) and viewer.agency_id is not None:
        lines += [*_nominations_waiting(viewer, on), *_own_gates_waiting(viewer, on)]
    return [*lines, *waiting_recording.list_waiting(viewer, on)]


def _tone(due: date | None, on: date) -> str:
    if due is None or (due - on).days > SOON_DAYS:
        return "neutral"
    return "bad" if due < on else "warn"


def _gates_waiting(viewer: User, on: date) -> Iterator[Waiting]:
    """One line a kind for whoever decides it; the manager, who decides few, sees one line of what is open."""
    rows = db.session.execute(
        _open_gates(
            viewer, func.count(), func.min(Nomination.nominated_at), func.min(Cohort.starts_on), Gate.kind
        ).group_by(Gate.kind)
    ).all()
    found = {row[3]: (int(row[0]), row[1], row[2]) for row in rows}
    if viewer.has(Role.PROGRAMME_MANAGER):
        if found:
            number = sum(count for count, _since, _due in found.values())
            due = min(due for _count, _since, due in found.values())
            sentence = ngettext(
                "%(num)s gate of nominees is still open.", "%(num)s gates of nominees are still open.", number
            )
            yield Waiting(sentence, url_for("gates.index"), due, _tone(due, on), number, _("See them"))
        return
    for kind in (GateKind.MEDICAL, GateKind.VETTING):
        if kind in found:
            number, since, due = found[kind]
            sentence = _gate_sentence(kind, number, format_date_for(language(), clock.day_of(since)))
            yield Waiting(
                sentence, url_for("gates.index", kind=kind.value), due, _tone(due, on), number, _("Decide")
            )
    of_courses = [found[kind] for kind in gates.COURSE_KINDS if kind in found]
    if of_courses:
        number = sum(count for count, _since, _due in of_courses)
        due = min(due for _count, _since, due in of_courses)
        sentence = ngettext(
            "%(num)s gate of your courses waits for a decision.",
            "%(num)s gates of your courses wait for a decision.",
            number,
        )
        yield Waiting(sentence, url_for("gates.index"), due, _tone(due, on), number, _("Decide"))


def _gate_sentence(kind: GateKind, number: int, day: str) -> str:
    if kind is GateKind.MEDICAL:
        sentence = ngettext(
            "%(num)s medical gate waits for a decision since %(day)s.",
            "%(num)s medical gates wait for a decision, the oldest since %(day)s.",
            number,
            day=day,
        )
    else:
        sentence = ngettext(
            "%(num)s vetting gate waits for a decision since %(day)s.",
            "%(num)s vetting gates wait for a decision, the oldest since %(day)s.",
            number,
            day=day,
        )
    return str(sentence)


def _open_gates(viewer: User, *columns: Any) -> Select[Any]:
    query: Select[Any] = (
        select(*columns)
        .select_from(Gate)
        .join(Nomination, Nomination.id == Gate.nomination_id)
        .join(Cohort, Cohort.id == Nomination.cohort_id)
        .join(Edition, Edition.id == Cohort.edition_id)
        .where(gates.in_work(viewer), Gate.state == GateState.OPEN)
    )
    return query


def _seats_waiting(viewer: User, on: date) -> Iterator[Waiting]:
    """Cohorts in which somebody has every gate passed, no seat, and a seat is free."""
    blocked = exists(select(Gate.id).where(Gate.nomination_id == Nomination.id, Gate.state.in_(NOT_PASSED)))
    taken = (
        select(func.count())
        .select_from(Enrolment)
        .where(Enrolment.cohort_id == Cohort.id, Enrolment.state != EnrolmentState.WITHDRAWN)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Cohort.id, Cohort.code, Cohort.starts_on, func.count(Nomination.id))
        .join(Nomination, Nomination.cohort_id == Cohort.id)
        .join(Edition, Edition.id == Cohort.edition_id)
        .where(
            Cohort.state.in_((CohortState.OPEN, CohortState.CONFIRMED)),
            Nomination.state.in_((NominationState.NOMINATED, NominationState.REFUSED)),
            ~blocked,
            taken < Cohort.seats,
            _planned_by(viewer),
        )
        .group_by(Cohort.id, Cohort.code, Cohort.starts_on)
        .order_by(Cohort.starts_on)
        .limit(MOST_LINES)
    )
    for cohort_id, code, starts_on, number in rows:
        sentence = ngettext(
            "%(code)s: %(num)s nominee is ready for a seat.",
            "%(code)s: %(num)s nominees are ready for a seat.",
            number,
            code=code,
        )
        address = url_for("seats.confirm", cohort_id=cohort_id)
        yield Waiting(sentence, address, starts_on, _tone(starts_on, on), number, _("Confirm seats"))


def _planned_by(viewer: User) -> ColumnElement[bool]:
    directed = select(CourseDirector.course_id).where(CourseDirector.user_id == viewer.id)
    if viewer.has(Role.PROGRAMME_MANAGER):
        return Edition.id.is_not(None)
    return Edition.course_id.in_(directed)


def _nominations_waiting(viewer: User, on: date) -> Iterator[Waiting]:
    """Cohorts open for nomination for which the officer's agency has named nobody yet."""
    own = exists(
        select(Nomination.id).where(
            Nomination.cohort_id == Cohort.id,
            Nomination.agency_id == viewer.agency_id,
            Nomination.state != NominationState.WITHDRAWN,
        )
    )
    rows = db.session.execute(
        select(Cohort.id, Cohort.code, Cohort.nominations_close_on, Cohort.starts_on, Edition.titles)
        .join(Edition, Edition.id == Cohort.edition_id)
        .where(
            Cohort.state == CohortState.OPEN,
            or_(Cohort.nominations_close_on.is_(None), Cohort.nominations_close_on >= on),
            Cohort.starts_on >= on,
            ~own,
        )
        .order_by(Cohort.starts_on)
        .limit(MOST_LINES)
    )
    for row in rows:
        due = row.nominations_close_on or row.starts_on
        sentence = _(
            "%(code)s, %(course)s, is open for nomination.", code=row.code, course=text_in(row.titles)
        )
        yield Waiting(
            sentence, url_for("nominations.new", cohort_id=row.id), due, _tone(due, on), act=_("Nominate")
        )


def _own_gates_waiting(viewer: User, on: date) -> Iterator[Waiting]:
    undecided = exists(
        select(Gate.id).where(Gate.nomination_id == Nomination.id, Gate.state == GateState.OPEN)
    )
    rows = db.session.execute(
        select(Cohort.id, Cohort.code, Cohort.starts_on, func.count(Nomination.id))
        .join(Nomination, Nomination.cohort_id == Cohort.id)
        .where(
            Nomination.agency_id == viewer.agency_id,
            Nomination.state != NominationState.WITHDRAWN,
            Cohort.state.in_((CohortState.OPEN, CohortState.CONFIRMED)),
            undecided,
        )
        .group_by(Cohort.id, Cohort.code, Cohort.starts_on)
        .order_by(Cohort.starts_on)
        .limit(MOST_LINES)
    )
    for cohort_id, code, starts_on, number in rows:
        sentence = ngettext(
            "%(code)s: %(num)s of your nominees has a gate that is still open.",
            "%(code)s: %(num)s of your nominees have a gate that is still open.",
            number,
            code=code,
        )
        address = url_for("nominations.index", cohort_id=cohort_id, gate=GateState.OPEN.value)
        yield Waiting(sentence, address, starts_on, _tone(starts_on, on), number)


def list_places(viewer: User) -> Sequence[Place]:
    """Return the places of this floor where the viewer's roles work; one statement at most, for the count."""
    places = []
    if viewer.has(*_COHORT_ROLES):
        places.append(Place("cohorts", _("Cohorts"), url_for("cohorts.index"), "cohort"))
    if viewer.may(Permission.GATE_LIST):
        number = db.session.execute(_open_gates(viewer, func.count())).scalar_one()
        places.append(Place("gates", _("Gates"), url_for("gates.index"), "lock", number))
    if viewer.has(*_COURSE_ROLES):
        places.append(Place("courses", _("Courses"), url_for("courses.index"), "course"))
    return [*places, *waiting_recording.list_places(viewer)]


def search(viewer: User, text: str) -> Sequence[Hit]:
    """Return what of this floor fits a text, within the viewer's sight."""
    hits: list[Hit] = []
    if viewer.may(Permission.COHORT_LIST):
        query = cohorts.query_cohorts(viewer, text=text).order_by(Cohort.starts_on.desc()).limit(MOST_HITS)
        for row in db.session.execute(query):
            day = format_date_for(language(), row.starts_on)
            detail = f"{text_in(row.titles)} · {day}"
            hits.append(Hit(_("Cohort"), row.code, detail, url_for("cohorts.show", cohort_id=row.id)))
    if viewer.may(Permission.COURSE_READ):
        found = (
            select(Course.id, Course.code, Course.titles)
            .where(visible(Course, viewer), courses.matches_course(text))
            .order_by(Course.code)
            .limit(MOST_HITS)
        )
        for row in db.session.execute(found):
            title = f"{row.code} {text_in(row.titles)}"
            hits.append(Hit(_("Course"), title, "", url_for("courses.show", course_id=row.id)))
    return hits
