"""A trainee's own record: his cohorts, his attendance and his results, and nobody else's."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from curriculum.models import Assessment, Attempt, AttemptState, Cohort, Enrolment, EnrolmentState
from curriculum.reasons import sentences_of
from curriculum.services.records import judge_cohort
from foundation.access import requires
from foundation.db import db
from foundation.i18n import language
from foundation.tenancy import EVERYTHING, within

bp = Blueprint("own_records", __name__)


@bp.get("/my/record")
@requires(Permission.RECORD_READ_OWN)
def show() -> ResponseReturnValue:
    """Show the viewer's own enrolments with how he stands in each, the newest first."""
    # A person may have been sent by several agencies; about himself he reads all of it, and the person is the limit.
    with within(EVERYTHING):
        records = [
            {
                "enrolment": enrolment,
                "cohort": enrolment.cohort,
                "judgement": record.judgement,
                "sentences": sentences_of(record.judgement.reasons, language=language()),
                "assessments": _list_assessments(enrolment.cohort),
                "attempts": _list_signed(enrolment),
            }
            for enrolment in _list_own_enrolments()
            for record in judge_cohort(enrolment.cohort, enrolment_ids=[enrolment.id])
        ]
    return render_template("curriculum/own_records/show.html", records=records, person=g.viewer.person)


def _list_own_enrolments() -> list[Enrolment]:
    query = (
        select(Enrolment)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.person_id == g.viewer.person_id, Enrolment.state != EnrolmentState.WITHDRAWN)
        .order_by(Cohort.starts_on.desc(), Enrolment.id)
    )
    return list(db.session.execute(query).scalars())


def _list_assessments(cohort: Cohort) -> list[Assessment]:
    query = select(Assessment).where(Assessment.edition_id == cohort.edition_id).order_by(Assessment.position)
    return list(db.session.execute(query).scalars())


def _list_signed(enrolment: Enrolment) -> dict[int, list[Attempt]]:
    query = (
        select(Attempt)
        .where(Attempt.enrolment_id == enrolment.id, Attempt.state == AttemptState.SIGNED)
        .order_by(Attempt.number)
    )
    found: dict[int, list[Attempt]] = {}
    for attempt in db.session.execute(query).scalars():
        found.setdefault(attempt.assessment_id, []).append(attempt)
    return found
