"""What of readiness a viewer may know to exist; everything else answers as if it were not there."""

from sqlalchemy import ColumnElement, false, true

from accounts.models import User
from accounts.permissions import Role
from accounts.scopes import is_host_staff, own_or_all
from foundation.access import scope_of
from readiness.models import (
    Snapshot,
    SnapshotFile,
    Standard,
    StandardEdition,
    Team,
    TeamEvidence,
    TeamExercise,
    TeamItem,
    TeamMember,
)


def _everybody_who_works(viewer: User) -> ColumnElement[bool]:
    return true() if is_host_staff(viewer) or viewer.has(Role.AGENCY_OFFICER) else false()


@scope_of(Standard)
def _standards(viewer: User) -> ColumnElement[bool]:
    return _everybody_who_works(viewer)


@scope_of(StandardEdition)
def _editions(viewer: User) -> ColumnElement[bool]:
    return _everybody_who_works(viewer)


@scope_of(Team)
def _teams(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, Team.agency_id)


@scope_of(TeamMember)
def _members(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, TeamMember.agency_id)


@scope_of(TeamItem)
def _items(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, TeamItem.agency_id)


@scope_of(TeamExercise)
def _exercises(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, TeamExercise.agency_id)


@scope_of(TeamEvidence)
def _evidence(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, TeamEvidence.agency_id)


@scope_of(Snapshot)
def _snapshots(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, Snapshot.agency_id)


@scope_of(SnapshotFile)
def _files(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, SnapshotFile.agency_id)
