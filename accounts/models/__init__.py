"""The tables of who: agencies and their agreements, persons and affiliations, users and their sessions, the host."""

from accounts.models.agencies import Agency, AgencyKind, Agreement
from accounts.models.host import Host
from accounts.models.persons import Affiliation, DocumentType, NameKind, Person, PersonName
from accounts.models.users import User, UserRole, UserSession

__all__ = [
    "Affiliation",
    "Agency",
    "AgencyKind",
    "Agreement",
    "DocumentType",
    "Host",
    "NameKind",
    "Person",
    "PersonName",
    "User",
    "UserRole",
    "UserSession",
]
