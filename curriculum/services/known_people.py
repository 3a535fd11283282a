"""The persons on record, as the classing of an import sheet asks for them: by document and by birth date, in blocks.

And the one thing an agency learns about another: that somebody of its own serves elsewhere too; not where, nor with what.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select

from accounts.models import Affiliation, Agency, Person, User, UserRole
from accounts.permissions import Role
from accounts.services.identity_documents import document_key
from curriculum.personnel.classing import DocumentKey, KnownPerson
from foundation import clock, mail
from foundation.dated import not_over
from foundation.db import db
from foundation.tenancy import EVERYTHING, within
from foundation.web import app_config


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


def tell_other_agencies(begun: Sequence[Affiliation], agency: Agency) -> int:
    """Tell the officers of other agencies, one letter each, which of their people serve one agency more; return the letters.

    `begun` are the affiliations with `agency` that began just now. The letter does not name the agency: that a person serves
    twice concerns both, for whom is the person's affair.
    """
    today = clock.today()
    by_agency: defaultdict[int, list[str]] = defaultdict(list)
    with within(EVERYTHING):
        query = (
            select(Affiliation.agency_id, Person.given_names, Person.family_name)
            .join(Person, Person.id == Affiliation.person_id)
            .where(
                Affiliation.person_id.in_([one.person_id for one in begun]),
                Affiliation.agency_id != agency.id,
                not_over(Affiliation, today),
            )
            .order_by(Person.folded_latin, Person.id)
        )
        for agency_id, given_names, family_name in db.session.execute(query):
            by_agency[agency_id].append(f"{given_names} {family_name}".strip())
    letters = 0
    for agency_id, names in by_agency.items():
        for officer in _officers(agency_id):
            mail.send(
                "person_serves_elsewhere",
                to=officer.email,
                language=officer.language,
                key=f"person_serves_elsewhere:{begun[0].id}:{officer.id}",
                addressee=officer.name,
                people=names,
                link=f"{app_config().public_url}/persons",
            )
            letters += 1
    return letters


def _officers(agency_id: int) -> Sequence[User]:
    query = (
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            User.agency_id == agency_id,
            UserRole.role == Role.AGENCY_OFFICER,
            User.disabled_at.is_(None),
            User.is_service.is_(False),
        )
        .order_by(User.id)
    )
    return db.session.execute(query).scalars().all()
