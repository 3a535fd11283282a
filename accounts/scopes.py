"""What each kind of user may know to exist, table by table; everything else answers as if it were not there."""

from sqlalchemy import ColumnElement, and_, false, select, true
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import Affiliation, Agency, Agreement, ApiToken, Person, User, UserSession
from accounts.permissions import HOST_ROLES, Role
from foundation.access import scope_of
from foundation.audit import AuditEntry
from foundation.jobs import Job
from foundation.tenancy import EVERYTHING, Scope


def scope_for(user: User) -> Scope:
    """Return whose rows a user's requests may see: an officer his agency's; host staff and trainees are narrowed by rules."""
    if user.has(Role.AGENCY_OFFICER):
        return Scope(frozenset({user.agency_id} if user.agency_id else ()))
    return EVERYTHING


def is_host_staff(viewer: User) -> bool:
    """Return whether the viewer works for the host service."""
    return not viewer.roles.isdisjoint(HOST_ROLES)


def own_or_all(viewer: User, agency_column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Narrow a table of agencies' rows: host staff see all, an officer his agency's, others nothing."""
    if is_host_staff(viewer):
        return true()
    if viewer.has(Role.AGENCY_OFFICER) and viewer.agency_id is not None:
        return agency_column == viewer.agency_id
    return false()


@scope_of(Agency)
def _agencies(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, Agency.id)


@scope_of(Agreement)
def _agreements(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, Agreement.agency_id)


@scope_of(Person)
def _persons(viewer: User) -> ColumnElement[bool]:
    if is_host_staff(viewer):
        return true()
    conditions: ColumnElement[bool] = false()
    if viewer.has(Role.AGENCY_OFFICER) and viewer.agency_id is not None:
        own = select(Affiliation.person_id).where(Affiliation.agency_id == viewer.agency_id)
        conditions = Person.id.in_(own)
    if viewer.has(Role.TRAINEE) and viewer.person_id is not None:
        conditions = conditions | (Person.id == viewer.person_id)
    return conditions


@scope_of(Affiliation)
def _affiliations(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, Affiliation.agency_id)


@scope_of(User)
def _users(viewer: User) -> ColumnElement[bool]:
    # What a token acts as is managed with its token.
    people = User.is_service.is_(False)
    return people if viewer.has(Role.ADMINISTRATOR, Role.AUDITOR) else and_(people, User.id == viewer.id)


@scope_of(ApiToken)
def _api_tokens(viewer: User) -> ColumnElement[bool]:
    return true() if viewer.has(Role.ADMINISTRATOR) else false()


@scope_of(UserSession)
def _sessions(viewer: User) -> ColumnElement[bool]:
    return and_(UserSession.user_id == viewer.id)


@scope_of(Job)
def _jobs(viewer: User) -> ColumnElement[bool]:
    if viewer.has(Role.ADMINISTRATOR, Role.AUDITOR):
        return true()
    return Job.created_by == viewer.id


@scope_of(AuditEntry)
def _audit_entries(viewer: User) -> ColumnElement[bool]:
    return true() if viewer.has(Role.AUDITOR) else false()
