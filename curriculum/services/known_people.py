"""The persons on record, as the classing of an import sheet asks for them: by document and by birth date, in blocks."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select

from accounts.models import Affiliation, Person
from accounts.services.registration import document_key
from curriculum.personnel.classing import DocumentKey, KnownPerson
from foundation.db import db


class KnownInDatabase:
    """Everybody on record, whatever agency; `is_own` tells whether the asking agency may see the person.

    Core selects on purpose: the look-up crosses agencies, and shows nothing of a foreign person but that he is known.
    """

    def __init__(self, agency_id: int) -> None:
        own = select(Affiliation.person_id).where(Affiliation.__table__.c.agency_id == agency_id)
        self._query: Select[*tuple[Any, ...]] = select(
            Person.id,
            Person.public_ref,
            Person.folded_latin,
            Person.folded_native,
            Person.birth_date,
            Person.document_type,
            Person.document_issuer,
            Person.document_key,
            Person.id.in_(own).label("is_own"),
        ).order_by(Person.id)

    def by_documents(self, documents: Collection[DocumentKey]) -> Mapping[DocumentKey, Sequence[KnownPerson]]:
        """Return who holds each of the documents."""
        sealed = {document_key(*key): key for key in documents}
        if not sealed:
            return {}
        found: defaultdict[DocumentKey, list[KnownPerson]] = defaultdict(list)
        for row in db.session.execute(self._query.where(Person.document_key.in_(sealed))):
            found[sealed[row.document_key]].append(_known(row))
        return found

    def by_birth_dates(self, birth_dates: Collection[date]) -> Iterable[KnownPerson]:
        """Return everybody born on one of the days."""
        if not birth_dates:
            return []
        return [
            _known(row) for row in db.session.execute(self._query.where(Person.birth_date.in_(birth_dates)))
        ]


def _known(row: Row[Any]) -> KnownPerson:
    return KnownPerson(
        id=row.id,
        reference=row.public_ref,
        is_own=bool(row.is_own),
        latin_key=row.folded_latin,
        native_key=row.folded_native or "",
        birth_date=row.birth_date,
        document_kind=row.document_type.value if row.document_type else "",
        document_issuer=row.document_issuer or "",
    )
