"""Registering persons: one human being kept once, with names folded for recognition and the document number sealed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert

from accounts.models import Affiliation, Agency, DocumentType, NameKind, Person, PersonName, User
from accounts.names import latin_key, native_key, normalise_name
from foundation import audit, clock, sealing
from foundation.db import db

PERSONAL = (
    "family_name",
    "given_names",
    "native_name",
    "birth_date",
    "nationality",
    "email",
    "phone",
    "rank",
)


@dataclass(frozen=True)
class PersonValues:
    """What is known of a person, checked and normalised by the form or the sheet it came from."""

    family_name: str
    given_names: str
    birth_date: date
    native_name: str | None = None
    nationality: str | None = None
    document_type: DocumentType | None = None
    document_issuer: str | None = None
    document_number: str | None = None
    document_expires_on: date | None = None
    email: str | None = None
    phone: str | None = None
    languages: tuple[str, ...] = ()
    rank: str | None = None


def document_key(kind: str, issuer: str | None, number: str) -> str:
    """Return the keyed hash by which the same document is recognised without its number being readable."""
    return sealing.keyed_hash("document", kind, issuer or "", number)


def register_persons(values: Sequence[PersonValues], *, agency: Agency, actor: User | None) -> list[Person]:
    """Register persons and affiliate them with an agency from today, each with the history of its names.

    Asks nobody whether they are known already: the caller has classed them. A handful of statements for hundreds of persons.
    """
    now, today = clock.now(), clock.today()
    persons = [_new_person(value) for value in values]
    db.session.add_all(persons)
    db.session.flush()
    actor_id = actor.id if actor is not None else None
    names = [
        {"person_id": person.id, "kind": kind, "value": name, "since": now, "recorded_by_id": actor_id}
        for person in persons
        for kind, name in ((NameKind.PASSPORT, person.latin_name), (NameKind.NATIVE, person.native_name))
        if name
    ]
    affiliations = [
        {"agency_id": agency.id, "person_id": person.id, "starts_on": today} for person in persons
    ]
    # Core statements: nobody looks at these rows again in this transaction.
    for model, rows in ((PersonName, names), (Affiliation, affiliations)):
        if rows:
            db.session.execute(insert(model.__table__), rows)  # type: ignore[arg-type]
    audit.record_many((_registered(person, agency) for person in persons), actor=actor)
    return persons


def _registered(person: Person, agency: Agency) -> audit.Change:
    changes = {field: (None, getattr(person, field)) for field in PERSONAL if getattr(person, field)}
    return audit.Change("person:registered", person, changes=changes, personal=PERSONAL, agency_id=agency.id)


def _new_person(values: PersonValues) -> Person:
    native = normalise_name(values.native_name) if values.native_name else None
    family, given = normalise_name(values.family_name), normalise_name(values.given_names)
    person = Person(
        public_ref=f"P-{secrets.token_hex(8).upper()}",
        family_name=family,
        given_names=given,
        native_name=native,
        folded_latin=latin_key(family, given),
        folded_native=native_key(native) if native else None,
        birth_date=values.birth_date,
        nationality=values.nationality,
        document_expires_on=values.document_expires_on,
        email=values.email,
        phone=values.phone,
        languages=list(values.languages),
        rank=values.rank,
        created_at=clock.now(),
    )
    if values.document_type and values.document_number:
        person.document_type, person.document_issuer = values.document_type, values.document_issuer
        person.document_number_sealed = sealing.seal(values.document_number)
        person.document_key = document_key(
            values.document_type.value, values.document_issuer, values.document_number
        )
    return person
