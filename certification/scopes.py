"""What of certification a viewer may know to exist; everything else answers as if it were not there."""

from sqlalchemy import ColumnElement, or_

from accounts.models import User
from accounts.permissions import Role
from accounts.scopes import own_or_all
from certification.models import Certificate, CertificateAction, CertificateVersion
from foundation.access import scope_of


@scope_of(Certificate)
def _certificates(viewer: User) -> ColumnElement[bool]:
    own = own_or_all(viewer, Certificate.agency_id)
    if viewer.has(Role.TRAINEE) and viewer.person_id is not None:
        return or_(own, Certificate.person_id == viewer.person_id)
    return own


@scope_of(CertificateVersion)
def _versions(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, CertificateVersion.agency_id)


@scope_of(CertificateAction)
def _actions(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, CertificateAction.agency_id)
