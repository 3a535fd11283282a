"""The tables of who: agencies and their agreements, persons and affiliations, users, their sessions and tokens, the host."""

from accounts.models.agencies import Agency, AgencyKind, Agreement
from accounts.models.api_tokens import ApiScope, ApiToken
from accounts.models.host import Host
from accounts.models.persons import Affiliation, DocumentType, NameKind, Person, PersonName
from accounts.models.users import User, UserRole, UserSession

__all__ = [
    "Affiliation",
    "Agency",
    "AgencyKind",
    "Agreement",
    "ApiScope",
    "ApiToken",
    "DocumentType",
    "Host",
    "NameKind",
    "Person",
    "PersonName",
    "User",
    "UserRole",
    "UserSession",
]
