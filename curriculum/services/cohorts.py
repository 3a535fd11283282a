"""Cohorts: planned from a published edition, staffed, run and closed. Seats are confirmed in `seats`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from accounts.models import User
from accounts.permissions import Permission
from curriculum.models import (
    Cohort,
    CohortSession,
    CohortState,
    Course,
    CourseDirector,
    Edition,
    EditionState,
    Enrolment,
    EnrolmentState,
)
from curriculum.services.courses import matches_course
from curriculum.timetable import plan_days
from foundation import audit, clock
from foundation.access import visible
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _

HALVES = ("am", "pm")


class CohortRefused(DomainError):
    """The plan of a cohort breaks a rule of its edition or of the calendar."""


class CohortExists(DomainConflict):
    """The course has a cohort of this number already."""


class CohortClosed(DomainConflict):
    """The cohort has come too far for this change."""


@dataclass(frozen=True)
class CohortPlan:
    """Where and when a cohort takes place. `venue` {language: text} with English; `languages` are codes; `country` two letters."""

    seats: int
    venue: Mapping[str, str]
    country: str
    languages: Collection[str]
    time_zone: str
    nominations_close_on: date | None = None


def require_planner(subject: Any, actor: User | None) -> None:
    """Raise Forbidden unless the actor plans cohorts of the subject's course. None is the system itself."""
    if actor is not None and not actor.may(Permission.COHORT_PLAN, subject):
        raise Forbidden(_("Only a programme manager or the director of the course plans its cohorts."))


def propose_number(edition: Edition) -> int:
    """Return the next cohort number of the edition's course: numbers run through all its editions."""
    query = (
        select(func.max(Cohort.number))
        .join(Edition, Edition.id == Cohort.edition_id)
        .where(Edition.course_id == edition.course_id)
    )
    return (db.session.execute(query).scalar_one() or 0) + 1


def open_cohort(
    edition: Edition,
    *,
    starts_on: date,
    plan: CohortPlan,
    actor: User | None,
    number: int | None = None,
    rest_days: Collection[int] = (),
) -> Cohort:
    """Open a cohort of a published edition for nomination, its sessions on real days from `starts_on`.

    Raises Forbidden, CohortRefused, and CohortExists when the number is taken.
    """
    require_planner(edition, actor)
    if edition.state is not EditionState.PUBLISHED:
        raise CohortRefused(_("Only a published edition can be taught."), field="edition")
    if not edition.sessions:
        raise CohortRefused(_("This edition has no planned sessions."), field="edition")
    number = number or propose_number(edition)
    code = f"{edition.course.code}/{number}"
    days = plan_days(max(one.day for one in edition.sessions), starts_on, rest_days=rest_days)
    _check_plan(plan, seats_taken=0, starts_on=starts_on)
    taken = CohortExists(
        _(
            "%(code)s exists already. The next free number is %(number)s.",
            code=code,
            number=propose_number(edition),
        ),
        field="number",
    )
    with conflict_as("uq_cohort_code", taken), conflict_as("uq_cohort_edition_id_number", taken):
        cohort = Cohort(
            edition=edition,
            number=number,
            code=code,
            starts_on=starts_on,
            ends_on=max(days.values()),
            state=CohortState.OPEN,
            created_at=clock.now(),
            **_plan_values(plan),
        )
        cohort.sessions = [
            CohortSession(
                planned=one,
                position=one.position,
                on=days[one.day],
                half=one.half,
                titles=one.titles,
                hours=one.hours,
            )
            for one in edition.sessions
        ]
        db.session.add(cohort)
    audit.record(
        "cohort:opened",
        cohort,
        actor=actor,
        changes={"code": (None, code), "starts_on": (None, starts_on), "seats": (None, plan.seats)},
    )
    return cohort


def change_plan(cohort: Cohort, *, plan: CohortPlan, actor: User | None) -> None:
    """Change seats, venue, languages, time zone or the last day of nomination. Raises Forbidden, CohortClosed, CohortRefused."""
    require_planner(cohort, actor)
    require_not_closed(cohort)
    _check_plan(plan, seats_taken=count_seats_taken(cohort), starts_on=cohort.starts_on)
    changes = audit.changes_of(cohort, **_plan_values(plan))
    if changes:
        audit.record("cohort:replanned", cohort, actor=actor, changes=changes)


def _plan_values(plan: CohortPlan) -> dict[str, Any]:
    return {
        "seats": plan.seats,
        "venue": {code: text for code, text in plan.venue.items() if text},
        "country": plan.country.upper(),
        "languages": list(plan.languages),
        "time_zone": plan.time_zone,
        "nominations_close_on": plan.nominations_close_on,
    }


def _check_plan(plan: CohortPlan, *, seats_taken: int, starts_on: date) -> None:
    if plan.seats < 1:
        raise CohortRefused(_("A cohort has at least one seat."), field="seats")
    if plan.seats < seats_taken:
        raise CohortRefused(
            _("Seats confirmed already: %(count)s. Withdraw somebody first.", count=seats_taken),
            field="seats",
        )
    if not plan.languages:
        raise CohortRefused(_("Choose the languages in which the cohort is taught."), field="languages")
    if plan.nominations_close_on is not None and plan.nominations_close_on > starts_on:
        raise CohortRefused(_("Nominations close before the first day."), field="nominations_close_on")


def move_sessions(cohort: Cohort, *, days: Mapping[int, tuple[date, str]], actor: User | None) -> None:
    """Put sessions on other days: `days` is {session id: (day, 'am' or 'pm')}. First and last day of the cohort follow.

    Raises Forbidden, CohortClosed, and CohortRefused when two sessions share a half day.
    """
    require_planner(cohort, actor)
    require_not_closed(cohort)
    slots: dict[tuple[date, str], CohortSession] = {}
    for session in cohort.sessions:
        slot = days.get(session.id, (session.on, session.half))
        if slot in slots:
            raise CohortRefused(
                _(
                    "Sessions %(first)s and %(second)s are on the same half day.",
                    first=slots[slot].position,
                    second=session.position,
                )
            )
        if slot[1] not in HALVES:
            raise CohortRefused(_("A session is in the morning or in the afternoon."))
        slots[slot] = session
    changes: dict[str, tuple[Any, Any]] = {}
    for (on, half), session in slots.items():
        if (session.on, session.half) != (on, half):
            before, after = f"{session.on} {session.half}", f"{on} {half}"
            changes[f"session {session.position}"] = (before, after)
            session.on, session.half = on, half
    if changes:
        held = [on for on, _half in slots]
        changes |= audit.changes_of(cohort, starts_on=min(held), ends_on=max(held))
        audit.record("cohort:rescheduled", cohort, actor=actor, changes=changes)


def require_not_closed(cohort: Cohort) -> None:
    """Raise CohortClosed when the cohort is closed."""
    if cohort.state is CohortState.CLOSED:
        raise CohortClosed(_("Cohort %(code)s is closed. Nothing of it changes any more.", code=cohort.code))


def count_seats_taken(cohort: Cohort) -> int:
    """Return how many people hold a seat: enrolled, whoever left or did not show up included, the withdrawn not."""
    query = select(func.count()).where(
        Enrolment.cohort_id == cohort.id, Enrolment.state != EnrolmentState.WITHDRAWN
    )
    return db.session.execute(query).scalar_one()


def list_editions_to_plan(viewer: User) -> list[tuple[int, str, str, dict[str, str]]]:
    """Return (id, course code, number, titles) of the published editions whose cohorts the viewer may plan."""
    query = (
        select(Edition.id, Course.code, Edition.number, Edition.titles)
        .join(Course, Course.id == Edition.course_id)
        .where(Edition.state == EditionState.PUBLISHED)
        .order_by(Course.code, Edition.id.desc())
    )
    if not viewer.may(Permission.AGENCY_MANAGE):
        directed = select(CourseDirector.course_id).where(CourseDirector.user_id == viewer.id)
        query = query.where(Course.id.in_(directed))
    return [(row.id, row.code, row.number, row.titles) for row in db.session.execute(query)]


def query_cohorts(
    viewer: User,
    *,
    state: CohortState | None = None,
    domain: str | None = None,
    course: str | None = None,
    text: str | None = None,
    running_on: date | None = None,
) -> Select[Any]:
    """Return the Core select of the cohort list in the viewer's sight, with the seats taken of each."""
    taken = (
        select(func.count())
        .select_from(Enrolment)
        .where(Enrolment.cohort_id == Cohort.id, Enrolment.state != EnrolmentState.WITHDRAWN)
        .scalar_subquery()
    )
    query: Select[Any] = (
        select(
            Cohort.id,
            Cohort.code,
            Cohort.state,
            Cohort.starts_on,
            Cohort.ends_on,
            Cohort.seats,
            Cohort.country,
            Edition.titles,
            Course.domain,
            taken.label("taken"),
        )
        .join(Edition, Edition.id == Cohort.edition_id)
        .join(Course, Course.id == Edition.course_id)
        .where(visible(Cohort, viewer))
    )
    if state is not None:
        query = query.where(Cohort.state == state)
    if domain:
        query = query.where(Course.domain == domain)
    if course:
        query = query.where(Course.code == course)
    if running_on is not None:
        query = query.where(Cohort.starts_on <= running_on, Cohort.ends_on >= running_on)
    if text:
        query = query.where(or_(Cohort.code.icontains(text, autoescape=True), matches_course(text)))
    return query


def order_of_states() -> Any:
    """Return the sort key by which a list of cohorts follows their life: open first, closed last."""
    order = {state: place for place, state in enumerate(CohortState)}
    return case(*((Cohort.state == state, place) for state, place in order.items()), else_=len(order))


NEXT_STATES: Mapping[CohortState, tuple[CohortState, ...]] = {
    CohortState.OPEN: (CohortState.CONFIRMED,),
    CohortState.CONFIRMED: (CohortState.RUNNING, CohortState.OPEN),
    CohortState.RUNNING: (CohortState.CLOSED,),
    CohortState.CLOSED: (),
}


def find_hindrance(cohort: Cohort, to: CohortState) -> str | None:
    """Return what stands in the way of moving a cohort on, as a sentence, or None."""
    today = clock.today(cohort.time_zone)
    hindrance: str | None = None
    if to not in NEXT_STATES[cohort.state]:
        hindrance = _("A cohort goes from open to seats confirmed, to running, to closed.")
    elif to is CohortState.CONFIRMED and count_seats_taken(cohort) == 0:
        hindrance = _("No seat is confirmed yet.")
    elif to is CohortState.RUNNING and today < cohort.starts_on:
        hindrance = _("The first day is still to come.")
    elif to is CohortState.RUNNING and not cohort.lead_ids:
        hindrance = _("No lead instructor is posted. Post one first.")
    elif to is CohortState.CLOSED and today < cohort.ends_on:
        hindrance = _("The last day is still to come.")
    return hindrance


def move_cohort(cohort: Cohort, *, to: CohortState, actor: User | None, reason: str | None = None) -> None:
    """Move a cohort to its next state; opening it for nomination again asks for a reason. Raises Forbidden, CohortRefused."""
    require_planner(cohort, actor)
    hindrance = find_hindrance(cohort, to)
    if hindrance is not None:
        raise CohortRefused(hindrance)
    if to is CohortState.OPEN and not reason:
        raise CohortRefused(_("Say why nominations are opened again."), field="reason")
    changes = audit.changes_of(cohort, state=to)
    audit.record("cohort:moved", cohort, actor=actor, reason=reason, changes=changes)
