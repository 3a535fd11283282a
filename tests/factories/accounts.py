"""Factories of the accounts floor: each says the least; the rest is plausible."""

from datetime import date
from itertools import count
from typing import Any

from accounts.models import Affiliation, Agency, AgencyKind, Agreement, Person, User, UserRole
from accounts.permissions import Role
from foundation import clock
from foundation.db import db

_numbers = count(1)


def make_agency(code: str | None = None, **values: Any) -> Agency:
    number = next(_numbers)
    agency = Agency(
        code=code or f"AG{number}",
        **{
            "names": {"en": f"Agency {number}", "ar": f"جهة {number}", "fr": f"Agence {number}"},
            "country": "JO",
            "kind": AgencyKind.CIVIL_PROTECTION,
        }
        | values,
    )
    db.session.add(agency)
    db.session.flush()
    return agency


def make_agreement(agency: Agency, **values: Any) -> Agreement:
    agreement = Agreement(
        agency_id=agency.id,
        **{
            "reference": f"MOU-{next(_numbers)}",
            "domains": ["mass_casualty", "medical", "usar", "cyber"],
            "seats_per_year": 100,
            "starts_on": date(2020, 1, 1),
            "ends_on": date(2035, 12, 31),
        }
        | values,
    )
    db.session.add(agreement)
    db.session.flush()
    return agreement


def make_person(agency: Agency | None = None, **values: Any) -> Person:
    number = next(_numbers)
    defaults = {
        "public_ref": f"P{number:08d}",
        "family_name": f"Family{number}",
        "given_names": f"Given{number}",
        "native_name": "صلاح عبدالله",
        "folded_latin": f"family{number} given{number}",
        "birth_date": date(1990, 1, 1 + number % 28),
        "nationality": "JO",
        "languages": ["ar", "en"],
        "created_at": clock.now(),
    }
    person = Person(**defaults | values)
    db.session.add(person)
    db.session.flush()
    if agency is not None:
        db.session.add(Affiliation(agency_id=agency.id, person_id=person.id, starts_on=date(2024, 1, 1)))
        db.session.flush()
    return person


def make_user(*roles: Role, agency: Agency | None = None, person: Person | None = None, **values: Any) -> User:
    number = next(_numbers)
    user = User(
        **{
            "email": f"user{number}@host.example",
            "name": f"User {number}",
            "created_at": clock.now(),
            "agency_id": agency.id if agency else None,
            "person_id": person.id if person else None,
        }
        | values,
    )
    user.role_rows = [UserRole(role=role) for role in roles]
    db.session.add(user)
    db.session.flush()
    return user


def make_officer(agency: Agency, **values: Any) -> User:
    return make_user(Role.AGENCY_OFFICER, agency=agency, **values)
