"""The staff of a cohort: who is posted to it, with the evaluator's licence of each checked against its days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from accounts.models import User, UserRole
from accounts.permissions import Role
from curriculum.models import (
    Attempt,
    Cohort,
    CohortState,
    Course,
    EvaluatorQualification,
    Posting,
    PostingRole,
)
from curriculum.services.cohorts import CohortRefused, require_not_closed, require_planner
from foundation import audit
from foundation.dated import runs_on
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict
from foundation.i18n import _

INSTRUCTORS = (Role.INSTRUCTOR, Role.LEAD_INSTRUCTOR)


class AlreadyPosted(DomainConflict):
    """Somebody else posted this instructor a moment ago."""


class AlreadyLicensed(DomainConflict):
    """The instructor has a licence for this course from the same day."""


@dataclass(frozen=True)
class Candidate:
    """An instructor who may be posted to a cohort.

    `qualified_until` is the last day of the licence that covers every day of the cohort (date.max: without end), else None;
    `lapsed_on` the end of a licence that does not reach; `elsewhere` the codes of cohorts on the same days.
    """

    user_id: int
    name: str
    native_name: str | None
    may_lead: bool
    role: PostingRole | None
    posting_id: int | None
    qualified_until: date | None
    lapsed_on: date | None
    elsewhere: tuple[str, ...]


def list_candidates(cohort: Cohort) -> list[Candidate]:
    """Return the instructors of the host: those posted first, then the qualified, then by name. Four statements, however many."""
    users = db.session.execute(
        select(User.id, User.name, User.native_name, UserRole.role)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role.in_(INSTRUCTORS), User.disabled_at.is_(None))
    ).all()
    postings = {
        row.user_id: row
        for row in db.session.execute(
            select(Posting.id, Posting.user_id, Posting.role).where(Posting.cohort_id == cohort.id)
        )
    }
    licences = _licences(cohort)
    elsewhere = _elsewhere(cohort)
    leads = {row.id for row in users if row.role == Role.LEAD_INSTRUCTOR}
    candidates = {}
    for row in users:
        until, lapsed = licences.get(row.id, (None, None))
        posting = postings.get(row.id)
        candidates[row.id] = Candidate(
            user_id=row.id,
            name=row.name,
            native_name=row.native_name,
            may_lead=row.id in leads,
            role=posting.role if posting else None,
            posting_id=posting.id if posting else None,
            qualified_until=until,
            lapsed_on=lapsed,
            elsewhere=tuple(elsewhere.get(row.id, ())),
        )
    return sorted(
        candidates.values(),
        key=lambda one: (
            one.role is None,
            one.role is not PostingRole.LEAD,
            one.qualified_until is None,
            one.name,
        ),
    )


def _licences(cohort: Cohort) -> dict[int, tuple[date | None, date | None]]:
    """Return {user id: (end of the licence covering the cohort, end of one that falls short)}."""
    rows = db.session.execute(
        select(
            EvaluatorQualification.user_id, EvaluatorQualification.starts_on, EvaluatorQualification.ends_on
        ).where(EvaluatorQualification.course_id == cohort.edition.course_id)
    )
    found: dict[int, tuple[date | None, date | None]] = {}
    for user_id, starts_on, ends_on in rows:
        until, lapsed = found.get(user_id, (None, None))
        end = ends_on or date.max
        if starts_on <= cohort.starts_on and cohort.ends_on <= end:
            until = max(until or date.min, end)
        elif end < cohort.ends_on:
            lapsed = max(lapsed or date.min, end)
        found[user_id] = (until, lapsed)
    return found


def _elsewhere(cohort: Cohort) -> dict[int, list[str]]:
    rows = db.session.execute(
        select(Posting.user_id, Cohort.code)
        .join(Cohort, Cohort.id == Posting.cohort_id)
        .where(
            Cohort.id != cohort.id,
            Cohort.state != CohortState.CLOSED,
            Cohort.starts_on <= cohort.ends_on,
            Cohort.ends_on >= cohort.starts_on,
        )
        .order_by(Cohort.code)
    )
    found: dict[int, list[str]] = {}
    for user_id, code in rows:
        found.setdefault(user_id, []).append(code)
    return found


def is_qualified(user_id: int, *, course_id: int, on: date) -> bool:
    """Return whether a user holds an evaluator's licence for a course on a day."""
    query = select(EvaluatorQualification.id).where(
        EvaluatorQualification.user_id == user_id,
        EvaluatorQualification.course_id == course_id,
        runs_on(EvaluatorQualification, on),
    )
    return db.session.execute(query.limit(1)).first() is not None


def list_instructors() -> list[tuple[int, str]]:
    """Return the instructors of the host as (id, name)."""
    query = (
        select(User.id, User.name)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role.in_(INSTRUCTORS), User.disabled_at.is_(None))
        .distinct()
        .order_by(User.name, User.id)
    )
    return [(key, name) for key, name in db.session.execute(query)]


def list_licences(course: Course) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the licences to evaluate a course, by name, the newest of each first."""
    query = (
        select(
            User.name,
            EvaluatorQualification.starts_on,
            EvaluatorQualification.ends_on,
            EvaluatorQualification.reference,
        )
        .join(User, User.id == EvaluatorQualification.user_id)
        .where(EvaluatorQualification.course_id == course.id)
        .order_by(User.name, EvaluatorQualification.starts_on.desc())
    )
    return db.session.execute(query).all()


def license_evaluator(
    user: User,
    course: Course,
    *,
    starts_on: date,
    ends_on: date | None,
    reference: str | None = None,
    actor: User | None,
) -> EvaluatorQualification:
    """Record an instructor's licence to evaluate a course, both days included; `ends_on` None: without end.

    Raises Forbidden unless the actor plans the course's cohorts, CohortRefused for somebody who is no instructor or an end before
    the beginning, and AlreadyLicensed.
    """
    require_planner(course, actor)
    if not user.has(*INSTRUCTORS):
        raise CohortRefused(_("%(name)s is not an instructor.", name=user.name), field="user")
    if ends_on is not None and ends_on < starts_on:
        raise CohortRefused(_("The licence ends before it begins."), field="ends_on")
    licence = EvaluatorQualification(
        user_id=user.id, course_id=course.id, starts_on=starts_on, ends_on=ends_on, reference=reference
    )
    twice = AlreadyLicensed(_("%(name)s holds a licence from this day already.", name=user.name))
    with conflict_as("uq_evaluator_qualification_user_id_course_id_starts_on", twice):
        db.session.add(licence)
    changes = {
        "course": (None, course.code),
        "user_id": (None, user.id),
        "starts_on": (None, starts_on),
        "ends_on": (None, ends_on),
    }
    audit.record("evaluator:licensed", licence, actor=actor, changes=changes)
    return licence


def post_instructor(cohort: Cohort, user: User, *, role: PostingRole, actor: User | None) -> Posting:
    """Post an instructor to a cohort, or change what he is posted as. A new lead makes the one before an instructor.

    An instructor without a licence may be posted: he teaches, but cannot sign (product: a draft waits for a qualified evaluator).
    Raises Forbidden, CohortClosed, CohortRefused.
    """
    require_planner(cohort, actor)
    require_not_closed(cohort)
    if user.disabled_at is not None or not user.has(*INSTRUCTORS):
        raise CohortRefused(_("%(name)s is not an instructor.", name=user.name), field="user")
    known = db.session.execute(
        select(Posting).where(Posting.cohort_id == cohort.id, Posting.user_id == user.id)
    ).scalar_one_or_none()
    if role is PostingRole.LEAD:
        _step_back_leads(cohort, but=user, actor=actor)
    if known is not None:
        changes = audit.changes_of(known, role=role)
        if changes:
            audit.record("posting:changed", known, actor=actor, changes=changes)
        return known
    twice = AlreadyPosted(_("%(name)s is posted to this cohort already.", name=user.name))
    with conflict_as("uq_posting_cohort_id_user_id", twice):
        posting = Posting(cohort=cohort, user=user, role=role)
        db.session.add(posting)
    changes = {"cohort": (None, cohort.code), "user_id": (None, user.id), "role": (None, role)}
    audit.record("posting:made", posting, actor=actor, changes=changes)
    return posting


def _step_back_leads(cohort: Cohort, *, but: User, actor: User | None) -> None:
    query = select(Posting).where(
        Posting.cohort_id == cohort.id, Posting.role == PostingRole.LEAD, Posting.user_id != but.id
    )
    for posting in db.session.execute(query).scalars():
        changes = audit.changes_of(posting, role=PostingRole.INSTRUCTOR)
        audit.record("posting:changed", posting, actor=actor, changes=changes)


def end_posting(posting: Posting, *, actor: User | None) -> None:
    """Take an instructor off a cohort. Refused once he has evaluated in it: his sheets name him. Raises CohortRefused."""
    cohort = posting.cohort
    require_planner(cohort, actor)
    require_not_closed(cohort)
    evaluated = db.session.execute(
        select(Attempt.id)
        .where(Attempt.enrolment.has(cohort_id=cohort.id), Attempt.evaluator_id == posting.user_id)
        .limit(1)
    ).first()
    if evaluated is not None:
        raise CohortRefused(
            _("%(name)s has evaluated in this cohort and stays on its staff.", name=posting.user.name)
        )
    audit.record(
        "posting:ended",
        cohort,
        actor=actor,
        changes={"user_id": (posting.user_id, None), "role": (posting.role, None)},
    )
    db.session.delete(posting)
    db.session.flush()


def list_staff(cohort: Cohort) -> list[Candidate]:
    """Return those posted to a cohort, the lead first, each with the licence that covers its days."""
    return [one for one in list_candidates(cohort) if one.role is not None]
