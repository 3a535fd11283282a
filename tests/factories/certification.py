"""Factories of the certification floor: a cohort with its two approvals, and its certificates issued."""

from accounts.models import Agency, User
from accounts.permissions import Role
from certification.models import ApprovalKind, Certificate
from certification.services import approvals, issuing
from certification.services.candidates import compute_digest, list_candidates
from curriculum.models import Cohort, CourseDirector
from foundation import clock
from foundation.db import db, transaction
from tests.factories.accounts import make_agency, make_user
from tests.factories.curriculum import make_cohort, make_competent, make_enrolment, post_instructor


def make_assessed_cohort(agency: Agency | None = None, *, competent: int = 3) -> Cohort:
    """A cohort whose days are over: some competent trainees, and one who never sat the paper."""
    agency = agency or make_agency()
    evaluator = make_user(Role.INSTRUCTOR)
    cohort = make_cohort()
    post_instructor(cohort, evaluator)
    for _ in range(competent):
        make_competent(make_enrolment(cohort, agency), evaluator)
    make_enrolment(cohort, agency)
    db.session.commit()
    return cohort


def make_director(cohort: Cohort) -> User:
    director = make_user(Role.COURSE_DIRECTOR, name="Dina Director", native_name="دينا المديرة")
    db.session.add(CourseDirector(course_id=cohort.edition.course_id, user_id=director.id))
    db.session.commit()
    return director


def make_official() -> User:
    return make_user(Role.CERTIFYING_OFFICIAL, name="Omar Official", native_name="عمر المسؤول")


def approve_both(cohort: Cohort) -> tuple[User, User]:
    director, official = make_director(cohort), make_official()
    for kind, actor in ((ApprovalKind.DIRECTOR, director), (ApprovalKind.OFFICIAL, official)):
        candidates = list_candidates(cohort, on=clock.today())
        approvals.approve(
            cohort, kind, candidates=candidates, seen_digest=compute_digest(candidates), actor=actor
        )
    db.session.commit()
    return director, official


def issue(cohort: Cohort) -> list[Certificate]:
    """Approve and issue a cohort's certificates in this process."""
    approve_both(cohort)
    cohort_id = cohort.id
    db.session.commit()
    issuing.issue_cohort(cohort_id, unit=transaction, progress=lambda *_: None)
    return list(db.session.query(Certificate).filter_by(cohort_id=cohort_id).order_by(Certificate.sequence))
