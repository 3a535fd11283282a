"""Identity documents: recognised by a keyed hash however their number was written, read in clear only on purpose."""

import unicodedata
from collections.abc import Collection

from sqlalchemy import select

from accounts.models import Person
from foundation import sealing
from foundation.db import db


def find_persons_by_document(
    documents: Collection[tuple[str, str | None, str]],
) -> dict[tuple[str, str | None, str], Person]:
    """Return who holds each of the documents (type, issuer, number); a document nobody holds is left out.

    Everybody on record is looked through, in sight of an agency or not: the caller shows what he may.
    """
    keys = {document_key(*document): document for document in documents}
    rows = db.session.execute(select(Person).where(Person.document_key.in_(keys))).scalars()
    return {keys[person.document_key]: person for person in rows if person.document_key is not None}


def find_holder(key: str) -> Person | None:
    """Return who holds the document of a key, in sight or not, or None."""
    return db.session.execute(select(Person).where(Person.document_key == key)).scalar_one_or_none()


def document_key(kind: str, issuer: str | None, number: str) -> str:
    """Return the keyed hash under which a document is recognised, however its number was written."""
    return sealing.keyed_hash("document", kind, (issuer or "").upper(), normalise_document_number(number))


def normalise_document_number(number: str) -> str:
    """Return a number in capitals and Latin digits without blanks, hyphens, full stops and strokes."""
    plain = unicodedata.normalize("NFKC", number)
    digits = "".join(str(unicodedata.digit(sign, sign)) for sign in plain)
    return "".join(sign for sign in digits if sign.isalnum()).upper()


def read_document_number(person: Person) -> str | None:
    """Return the number in clear. The caller logs the reading."""
    return sealing.unseal(person.document_number_sealed) if person.document_number_sealed else None
