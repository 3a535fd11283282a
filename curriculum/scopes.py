"""What of the curriculum a viewer may know to exist; everything else answers as if it were not there."""

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import Person, User
from accounts.permissions import Role
from accounts.scopes import is_host_staff, own_or_all
from curriculum.models import (
    Assessment,
    Attempt,
    Cohort,
    CohortSession,
    Course,
    Edition,
    EditionState,
    Enrolment,
    Gate,
    ImportRow,
    ImportRun,
    Nomination,
    Posting,
    RecordedQualification,
)
from foundation.access import scope_of, visible

_SEES_ALL_COHORTS = (
    Role.PROGRAMME_MANAGER,
    Role.COURSE_DIRECTOR,
    Role.CERTIFYING_OFFICIAL,
    Role.MEDICAL_REVIEWER,
    Role.VETTING_OFFICER,
    Role.AUDITOR,
    Role.AGENCY_OFFICER,
)


@scope_of(Course)
def _courses(viewer: User) -> ColumnElement[bool]:
    return true() if is_host_staff(viewer) or viewer.has(Role.AGENCY_OFFICER) else false()


@scope_of(Edition)
def _editions(viewer: User) -> ColumnElement[bool]:
    if is_host_staff(viewer):
        return true()
    return Edition.state != EditionState.DRAFT if viewer.has(Role.AGENCY_OFFICER) else false()


def _cohort_ids(viewer: User, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    if viewer.has(*_SEES_ALL_COHORTS):
        return true()
    return column.in_(select(Posting.cohort_id).where(Posting.user_id == viewer.id))


@scope_of(Cohort)
def _cohorts(viewer: User) -> ColumnElement[bool]:
    return _cohort_ids(viewer, Cohort.id)


@scope_of(CohortSession)
def _sessions(viewer: User) -> ColumnElement[bool]:
    return _cohort_ids(viewer, CohortSession.cohort_id)


@scope_of(Assessment)
def _assessments(viewer: User) -> ColumnElement[bool]:
    return true() if is_host_staff(viewer) or viewer.has(Role.AGENCY_OFFICER) else false()


@scope_of(Nomination)
def _nominations(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, Nomination.agency_id)


@scope_of(Gate)
def _gates(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, Gate.agency_id)


@scope_of(Enrolment)
def _enrolments(viewer: User) -> ColumnElement[bool]:
    own = own_or_all(viewer, Enrolment.agency_id)
    if viewer.has(Role.TRAINEE) and viewer.person_id is not None:
        return or_(own, Enrolment.person_id == viewer.person_id)
    return own


@scope_of(Attempt)
def _attempts(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, Attempt.agency_id)


@scope_of(ImportRun)
def _imports(viewer: User) -> ColumnElement[bool]:
    if viewer.has(Role.AGENCY_OFFICER) and viewer.agency_id is not None:
        return ImportRun.agency_id == viewer.agency_id
    return true() if viewer.has(Role.PROGRAMME_MANAGER, Role.AUDITOR) else false()


@scope_of(ImportRow)
def _import_rows(viewer: User) -> ColumnElement[bool]:
    if viewer.has(Role.AGENCY_OFFICER) and viewer.agency_id is not None:
        return ImportRow.agency_id == viewer.agency_id
    return true() if viewer.has(Role.PROGRAMME_MANAGER, Role.AUDITOR) else false()


@scope_of(RecordedQualification)
def _recorded_qualifications(viewer: User) -> ColumnElement[bool]:
    if is_host_staff(viewer):
        return true()
    return RecordedQualification.person_id.in_(select(Person.id).where(visible(Person, viewer)))
