"""What recording leaves waiting: own sheets without a signature, cohorts running today, conflicts to decide."""

from collections.abc import Sequence
from datetime import date

from flask import url_for
from sqlalchemy import func, select

from accounts.models import User
from accounts.permissions import Permission, Role
from curriculum.models import (
    Assessment,
    Attempt,
    AttemptState,
    Cohort,
    CohortSession,
    CohortState,
    Enrolment,
    MarkOperation,
    Posting,
    PostingRole,
)
from curriculum.services.attempts import CONFLICT, DECIDED
from foundation.db import db
from foundation.desk import Place, Waiting
from foundation.i18n import _, format_date_for, language, ngettext, text_in


def list_waiting(viewer: User, on: date) -> Sequence[Waiting]:
    """Return what waits for an instructor on a day, conflicts first; nothing for anybody else."""
    if not viewer.has(Role.INSTRUCTOR, Role.LEAD_INSTRUCTOR):
        return []
    return [*_conflicts(viewer, on), *_unsigned(viewer), *_running(viewer, on)]


def list_places(viewer: User) -> Sequence[Place]:
    """Return a trainee's way to his own record."""
    if not viewer.may(Permission.RECORD_READ_OWN):
        return []
    return [Place("own_record", _("My record"), url_for("own_records.show"), "person")]


def _conflicts(viewer: User, on: date) -> list[Waiting]:
    query = (
        select(
            MarkOperation.attempt_id,
            MarkOperation.item_id,
            MarkOperation.outcome,
            Attempt.assessment_id,
            Assessment.titles,
            Cohort.id.label("cohort_id"),
            Cohort.code,
        )
        .join(Attempt, Attempt.id == MarkOperation.attempt_id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Assessment, Assessment.id == Attempt.assessment_id)
        .join(Posting, Posting.cohort_id == Cohort.id)
        .where(
            Posting.user_id == viewer.id,
            Posting.role == PostingRole.LEAD,
            Cohort.state == CohortState.RUNNING,
            Attempt.state == AttemptState.DRAFT,
            MarkOperation.outcome.in_((CONFLICT, DECIDED)),
        )
        .order_by(MarkOperation.id)
    )
    open_items: dict[tuple[int, int], set[tuple[int, int]]] = {}
    facts = {}
    for row in db.session.execute(query):
        place = (row.cohort_id, row.assessment_id)
        facts[place] = row
        items = open_items.setdefault(place, set())
        if row.outcome == CONFLICT:
            items.add((row.attempt_id, row.item_id))
        else:
            items.discard((row.attempt_id, row.item_id))
    return [
        Waiting(
            ngettext(
                "%(num)s conflict to decide in %(title)s, %(code)s.",
                "%(num)s conflicts to decide in %(title)s, %(code)s.",
                len(items),
                title=text_in(facts[place].titles),
                code=facts[place].code,
            ),
            url_for("assessments.show", cohort_id=place[0], assessment_id=place[1], show="conflict"),
            due_on=on,
            tone="warn",
            count=len(items),
            act=_("Decide"),
        )
        for place, items in open_items.items()
        if items
    ]


def _unsigned(viewer: User) -> list[Waiting]:
    query = (
        select(
            Cohort.id.label("cohort_id"),
            Cohort.code,
            Attempt.assessment_id,
            func.count(Attempt.id).label("sheets"),
            func.min(Attempt.observed_on).label("since"),
        )
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(
            Attempt.evaluator_id == viewer.id,
            Attempt.state == AttemptState.DRAFT,
            Cohort.state == CohortState.RUNNING,
        )
        .group_by(Cohort.id, Cohort.code, Attempt.assessment_id)
        .order_by(func.min(Attempt.observed_on), Cohort.id)
    )
    rows = db.session.execute(query).all()
    ids = {row.assessment_id for row in rows}
    titles = {}
    if ids:
        found = db.session.execute(select(Assessment.id, Assessment.titles).where(Assessment.id.in_(ids)))
        titles = {row.id: row.titles for row in found}
    return [
        Waiting(
            ngettext(
                "%(num)s sheet of yours in %(title)s, %(code)s, is unsigned since %(day)s.",
                "%(num)s sheets of yours in %(title)s, %(code)s, are unsigned since %(day)s.",
                row.sheets,
                title=text_in(titles[row.assessment_id]),
                code=row.code,
                day=format_date_for(language(), row.since),
            ),
            url_for("assessments.sign", cohort_id=row.cohort_id, assessment_id=row.assessment_id),
            due_on=row.since,
            count=row.sheets,
            act=_("Sign"),
        )
        for row in rows
    ]


def _running(viewer: User, on: date) -> list[Waiting]:
    query = (
        select(Cohort.id, Cohort.code, CohortSession.id.label("session_id"), CohortSession.titles)
        .join(Posting, Posting.cohort_id == Cohort.id)
        .join(CohortSession, CohortSession.cohort_id == Cohort.id)
        .where(Posting.user_id == viewer.id, Cohort.state == CohortState.RUNNING, CohortSession.on == on)
        .order_by(Cohort.code, CohortSession.position)
    )
    return [
        Waiting(
            _("Today in %(code)s: %(title)s.", code=row.code, title=text_in(row.titles)),
            url_for("attendances.show", cohort_id=row.id, session_id=row.session_id),
            due_on=on,
            act=_("Attendance"),
        )
        for row in db.session.execute(query)
    ]
