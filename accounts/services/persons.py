"""Persons: kept once each, under three governed names, recognised by their documents.

A name is never overwritten: each value it had stays in `person_name` with who recorded it and why.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from accounts.models import Affiliation, Agency, DocumentType, NameKind, Person, PersonName, User
from accounts.names import (
    fold_latin,
    latin_key,
    native_key,
    normalise_name,
)
from accounts.services.affiliations import (
    NotServing,
    add_affiliation,
    affiliate,
    is_serving,
)
from accounts.services.identity_documents import (
    document_key,
    find_holder,
    normalise_document_number,
    read_document_number,
)
from accounts.services.name_rules import refuse_latin, refuse_native
from foundation import audit, clock, sealing
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError
from foundation.i18n import _

EARLIEST_BIRTH = date(1920, 1, 1)
PERSONAL = frozenset(
    {
        "family_name",
        "given_names",
        "native_name",
        "certificate_name",
        "birth_date",
        "document_number",
        "document_expires_on",
        "email",
        "phone",
    }
)
_REF_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class KnownPerson(DomainConflict):
    """A person with this document is on record already. The message names nobody."""

    def __init__(self, message: str, *, same: bool) -> None:
        super().__init__(message, field="document_number")
        self.same = same
        """Whether names and birth date fit as well, so that it is certainly he."""


class BadPerson(DomainError):
    """A value that no person can have."""


@dataclass(frozen=True)
class PersonValues:
    """All that is recorded of a person. `document_number` None on an edit keeps the sealed number as it is."""

    family_name: str
    given_names: str
    birth_date: date
    native_name: str | None = None
    certificate_name: str | None = None
    nationality: str | None = None
    document_type: DocumentType | None = None
    document_issuer: str | None = None
    document_number: str | None = None
    document_expires_on: date | None = None
    email: str | None = None
    phone: str | None = None
    languages: tuple[str, ...] = ()
    rank: str | None = None


def register_person(
    values: PersonValues, *, agency: Agency | None, actor: User | None, starts_on: date | None = None
) -> Person:
    """Put a person on record, with his names as the first of their history, and affiliate him with an agency.

    Raises BadPerson; KnownPerson when the document belongs to somebody on record, in sight or not.
    """
    values = _checked(values)
    key = _document_key_of(values)
    if key is not None:
        _refuse_known(values, key)
    person = _build(values)
    with conflict_as("uq_person_document_key", _known_person(same=False)):
        db.session.add(person)
    _append_first_names(person, actor=actor)
    if agency is not None:
        add_affiliation(person, agency, starts_on or clock.today())
    audit.record_many([_registered(person, values, agency)], actor=actor)
    return person


def register_persons(values: Sequence[PersonValues], *, agency: Agency, actor: User | None) -> list[Person]:
    """Put many persons on record and affiliate them from today, in a handful of statements for hundreds of them.

    Asks nobody whether they are known already: the caller has classed them. Raises BadPerson.
    """
    today = clock.today()
    checked = [_checked(one) for one in values]
    persons = [_build(one) for one in checked]
    db.session.add_all(persons)
    db.session.flush()
    for person in persons:
        _append_first_names(person, actor=actor)
        db.session.add(Affiliation(agency_id=agency.id, person_id=person.id, starts_on=today))
    db.session.flush()
    pairs = zip(persons, checked, strict=True)
    audit.record_many([_registered(person, one, agency) for person, one in pairs], actor=actor)
    return persons


def _build(values: PersonValues) -> Person:
    return Person(
        public_ref=_new_reference(),
        document_key=_document_key_of(values),
        document_number_sealed=sealing.seal(values.document_number) if values.document_number else None,
        created_at=clock.now(),
        **_name_columns(values),
        **_plain_columns(values),
    )


def _append_first_names(person: Person, *, actor: User | None) -> None:
    for kind in NameKind:
        if _name_of(person, kind):
            _append_name(person, kind, reason=None, actor=actor)


def _registered(person: Person, values: PersonValues, agency: Agency | None) -> audit.Change:
    recorded = {**_name_columns(values), **_plain_columns(values), "document_number": values.document_number}
    changes = {
        name: (None, value) for name, value in recorded.items() if value and not name.startswith("folded_")
    }
    return audit.Change(
        "person:registered",
        person,
        changes=changes,
        personal=PERSONAL,
        agency_id=agency.id if agency else None,
    )


def affiliate_known_person(values: PersonValues, *, agency: Agency, actor: User) -> Person:
    """Add somebody on record to an agency that knows his document, his birth date and his name.

    Knowing all three is the proof that the same human being is meant. Raises BadPerson when they do not fit, AlreadyAffiliated.
    """
    values = _checked(values)
    key = _document_key_of(values)
    holder = find_holder(key) if key else None
    if holder is None or not _is_same(holder, values):
        raise BadPerson(
            _("Nobody on record fits this document, name and birth date."), field="document_number"
        )
    affiliate(holder, agency, actor=actor)
    return holder


def edit_person(person: Person, values: PersonValues, *, reason: str | None, actor: User) -> None:
    """Change what is recorded of a person; a changed name is added to its history with the reason.

    Raises BadPerson, also when a name changes without a reason; KnownPerson when the new document is somebody else's;
    NotServing when the actor's agency has let the person go.
    """
    if actor.agency_id is not None and not is_serving(person, actor.agency_id, on=clock.today()):
        raise NotServing(_("This person has left your agency, so the record is no longer yours to change."))
    values = _checked(values)
    changes = _change_names(person, values, reason=reason, actor=actor)
    changes |= _change_document(person, values)
    changes |= audit.changes_of(person, **_plain_columns(values))
    if changes:
        audit.record(
            "person:changed",
            person,
            actor=actor,
            reason=reason,
            changes=changes,
            personal=PERSONAL,
            agency_id=actor.agency_id,
        )


def change_name(
    person: Person,
    kind: NameKind,
    *,
    value: str = "",
    family_name: str = "",
    given_names: str = "",
    reason: str,
    actor: User,
) -> None:
    """Change one of the three governed names.

    The passport name comes in its two parts, the others whole as `value`; an empty certificate spelling means that
    certificates print the passport name again. Raises BadPerson.
    """
    names = values_of(person)
    if kind is NameKind.PASSPORT:
        names = replace(names, family_name=family_name, given_names=given_names)
    elif kind is NameKind.NATIVE:
        names = replace(names, native_name=value or None)
    else:
        names = replace(names, certificate_name=value or None)
    edit_person(person, names, reason=reason, actor=actor)


def find_person(public_ref: str) -> Person | None:
    """Return the person of a public reference, in any case, or None. Scope is the caller's affair."""
    query = select(Person).where(Person.public_ref == public_ref.strip().upper())
    return db.session.execute(query).scalar_one_or_none()


def name_matches(text: str) -> ColumnElement[bool]:
    """Return the condition that a person is meant by a text: every word in a name, in either script, or the reference."""
    latin = [Person.folded_latin.contains(word, autoescape=True) for word in fold_latin(text).split()]
    native = [Person.folded_native.contains(word, autoescape=True) for word in native_key(text).split()]
    ways: list[ColumnElement[bool]] = [Person.public_ref == text.strip().upper()]
    ways += [and_(*words) for words in (latin, native) if words]
    return or_(*ways)


def _checked(values: PersonValues) -> PersonValues:
    """Return the values tidied; raise BadPerson for what cannot be."""
    family, given = normalise_name(values.family_name), normalise_name(values.given_names)
    native = normalise_name(values.native_name or "") or None
    certificate = normalise_name(values.certificate_name or "") or None
    if not family and not given:
        raise BadPerson(_("Type the name in Latin letters, as in the passport."), field="family_name")
    for field, text in (("family_name", family), ("given_names", given), ("certificate_name", certificate)):
        if text:
            refuse_latin(text, field=field)
    if native:
        refuse_native(native, field="native_name")
    if not EARLIEST_BIRTH <= values.birth_date <= clock.today():
        raise BadPerson(_("This birth date is not possible."), field="birth_date")
    number = normalise_document_number(values.document_number or "") or None
    if number and (not 3 <= len(number) <= 30 or not any(sign.isdigit() for sign in number)):
        raise BadPerson(_("This is not a document number."), field="document_number")
    if number and values.document_type is None:
        raise BadPerson(_("Choose the kind of document."), field="document_type")
    return replace(
        values,
        family_name=family,
        given_names=given,
        native_name=native,
        certificate_name=certificate,
        document_number=number,
        document_issuer=values.document_issuer if values.document_type else None,
        document_expires_on=values.document_expires_on if values.document_type else None,
    )


def _refuse_known(values: PersonValues, key: str) -> None:
    holder = find_holder(key)
    if holder is not None:
        raise _known_person(same=_is_same(holder, values))


def _is_same(holder: Person, values: PersonValues) -> bool:
    return holder.birth_date == values.birth_date and (
        holder.folded_latin == latin_key(values.family_name, values.given_names)
        or (values.native_name is not None and holder.folded_native == native_key(values.native_name))
    )


def _known_person(*, same: bool) -> KnownPerson:
    return KnownPerson(_("Known person: somebody with this document is on record already."), same=same)


def _change_names(
    person: Person, values: PersonValues, *, reason: str | None, actor: User
) -> dict[str, tuple[Any, Any]]:
    before = {kind: _name_of(person, kind) for kind in NameKind}
    changes = audit.changes_of(person, **_name_columns(values))
    changed = [kind for kind in NameKind if _name_of(person, kind) != before[kind]]
    if changed and not reason:
        raise BadPerson(_("Give the reason for the changed name; it stays with the name."), field="reason")
    for kind in changed:
        _append_name(person, kind, reason=reason, actor=actor)
    return {name: change for name, change in changes.items() if not name.startswith("folded_")}


def _change_document(person: Person, values: PersonValues) -> dict[str, tuple[Any, Any]]:
    """Seal a new number, drop it with its document, or file the kept one under the corrected kind and issuer."""
    old = read_document_number(person)
    new = None if values.document_type is None else values.document_number or old
    key = (
        document_key(values.document_type, values.document_issuer, new)
        if new and values.document_type
        else None
    )
    if key == person.document_key and new == old:
        return {}
    with conflict_as("uq_person_document_key", _known_person(same=False)):
        person.document_number_sealed = sealing.seal(new) if new else None
        person.document_key = key
    return {"document_number": (old, new)} if new != old else {}


def _document_key_of(values: PersonValues) -> str | None:
    if values.document_type is None or values.document_number is None:
        return None
    return document_key(values.document_type, values.document_issuer, values.document_number)


def _name_columns(values: PersonValues) -> dict[str, Any]:
    return {
        "family_name": values.family_name,
        "given_names": values.given_names,
        "native_name": values.native_name,
        "certificate_name": values.certificate_name,
        "folded_latin": latin_key(values.family_name, values.given_names),
        "folded_native": native_key(values.native_name) if values.native_name else None,
    }


def _plain_columns(values: PersonValues) -> dict[str, Any]:
    return {
        "birth_date": values.birth_date,
        "nationality": values.nationality,
        "document_type": values.document_type,
        "document_issuer": values.document_issuer,
        "document_expires_on": values.document_expires_on,
        "email": values.email,
        "phone": values.phone,
        "languages": list(values.languages),
        "rank": values.rank,
    }


def values_of(person: Person) -> PersonValues:
    """Return what is recorded, as values to change one of; the document number stays sealed (None)."""
    names = ("family_name", "given_names", "native_name", "certificate_name", "birth_date", "nationality")
    others = ("document_type", "document_issuer", "document_expires_on", "email", "phone", "rank")
    return PersonValues(
        **{name: getattr(person, name) for name in (*names, *others)}, languages=tuple(person.languages)
    )


def _name_of(person: Person, kind: NameKind) -> str:
    if kind is NameKind.PASSPORT:
        return person.latin_name
    return (person.native_name if kind is NameKind.NATIVE else person.certificate_name) or ""


def _append_name(person: Person, kind: NameKind, *, reason: str | None, actor: User | None) -> None:
    db.session.add(
        PersonName(
            person_id=person.id,
            kind=kind,
            value=_name_of(person, kind),
            since=clock.now(),
            recorded_by_id=actor.id if actor else None,
            reason=reason,
        )
    )


def _new_reference() -> str:
    """Return a reference without letters that are mistaken for digits: ten of 32 signs, 50 bits."""
    return "P" + "".join(secrets.choice(_REF_LETTERS) for _sign in range(10))
