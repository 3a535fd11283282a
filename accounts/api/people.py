"""People of the own agency: listed, read, registered and changed. A document's number goes in and never comes out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from flask import g, url_for
from sqlalchemy import func, select

from accounts import fishing
from accounts.contacts import MAIL_ADDRESS, PHONE_NUMBER
from accounts.labels import SPOKEN_LANGUAGES, is_known_country
from accounts.models import Affiliation, ApiScope, DocumentType, Person
from accounts.permissions import Permission
from accounts.services import persons
from accounts.services.persons import KnownPerson, PersonValues
from foundation import clock
from foundation.access import requires, visible
from foundation.api.operations import Created, Listing, PageQuery, api_blueprint, list_page, operation
from foundation.api.problems import Refusal, refuse_values
from foundation.api.shapes import KEPT, BadValues, Fault, Kept, Many, Says, Text, named
from foundation.dated import not_over
from foundation.db import db
from foundation.i18n import _

bp = api_blueprint("people", __name__)

Name = Annotated[str, Text(100), Says("In Latin letters, as in the passport.")]
OwnScript = Annotated[str, Text(100), Says("Whole, as the person writes it.")]
Country = Annotated[str, Text(2, pattern="[A-Z]{2}"), Says("Two letters (ISO 3166).")]
Language = Annotated[str, Text(3, least=2, pattern="[a-z]{2,3}")]
Languages = Annotated[tuple[Language, ...], Many(25), Says("Codes of the languages spoken (ISO 639).")]
Mail = Annotated[str, Text(254, pattern=MAIL_ADDRESS)]
Phone = Annotated[str, Text(40, pattern=PHONE_NUMBER)]
Rank = Annotated[str, Text(80)]
DocumentNumber = Annotated[str, Text(40, least=3), Says("Kept encrypted; never given out.")]


@dataclass(frozen=True)
class PersonRecord:
    """A person, as far as the agency may know."""

    ref: str
    family_name: str
    given_names: str
    native_name: str | None
    certificate_name: str | None
    birth_date: date
    nationality: str | None
    document_type: DocumentType | None
    document_issuer: str | None
    document_expires_on: date | None
    email: str | None
    phone: str | None
    languages: Sequence[str]
    rank: str | None
    serving_since: Annotated[date | None, Says("The first day of the person in the agency.")]
    serving_until: Annotated[date | None, Says("The last day, or null while the person serves.")]


@dataclass(frozen=True)
class NewPerson:
    """A person to be registered."""

    birth_date: date
    family_name: Name = ""
    given_names: Name = ""
    native_name: OwnScript | None = None
    nationality: Country | None = None
    document_type: DocumentType | None = None
    document_issuer: Country | None = None
    document_number: DocumentNumber | None = None
    document_expires_on: date | None = None
    email: Mail | None = None
    phone: Phone | None = None
    languages: Languages = ()
    rank: Rank | None = None
    confirm_known: Annotated[
        bool, Says("The person is on record already, and this is the same: let it serve here too.")
    ] = False


@dataclass(frozen=True)
class PersonChange:
    """What is to be changed of a person; what is left out stays."""

    family_name: Name | Kept = KEPT
    given_names: Name | Kept = KEPT
    native_name: OwnScript | None | Kept = KEPT
    certificate_name: Annotated[str, Text(100)] | None | Kept = KEPT
    birth_date: date | Kept = KEPT
    nationality: Country | None | Kept = KEPT
    document_type: DocumentType | None | Kept = KEPT
    document_issuer: Country | None | Kept = KEPT
    document_number: DocumentNumber | Kept = KEPT
    document_expires_on: date | None | Kept = KEPT
    email: Mail | None | Kept = KEPT
    phone: Phone | None | Kept = KEPT
    languages: Languages | Kept = KEPT
    rank: Rank | None | Kept = KEPT
    reason: Annotated[str, Text(300, lines=True), Says("Needed when a name changes.")] | None | Kept = KEPT


@dataclass(frozen=True)
class PeopleQuery(PageQuery):
    """Which people."""

    q: Annotated[str, Text(100), Says("Words of a name in either script, or the reference.")] | None = None
    serving: Annotated[bool, Says("Only those who serve today, or only those who left.")] | None = None


_FIELDS = """family_name given_names native_name certificate_name birth_date nationality document_type document_issuer
    document_expires_on email phone languages rank""".split()
_COLUMNS = {"ref": "public_ref"} | {name: name for name in _FIELDS}


def represent(person: Person) -> PersonRecord:
    """Return a person as the API gives him."""
    return _records([person])[0]


@bp.get("/people", endpoint="list")
@requires(Permission.PERSON_LIST)
@operation(ApiScope.PEOPLE_READ, answer=PersonRecord, listing=True, query=PeopleQuery)
def list_people(query: PeopleQuery) -> Listing:
    """List the people of the agency, in the order in which they were registered."""
    columns: list[Any] = [Person.id, *(getattr(Person, name) for name in _COLUMNS.values())]
    wanted = select(*columns).where(visible(Person, g.viewer))
    if query.q:
        wanted = wanted.where(persons.name_matches(query.q))
    if query.serving is not None:
        today = clock.today()
        serving = select(Affiliation.person_id).where(
            visible(Affiliation, g.viewer), not_over(Affiliation, today)
        )
        wanted = wanted.where(Person.id.in_(serving) if query.serving else Person.id.not_in(serving))
    page = list_page(wanted, keys=[Person.created_at, Person.public_ref], asked=query)
    return Listing(_records(page.rows), page.next_cursor)


@bp.get("/people/<ref:person_public_ref>")
@requires(Permission.PERSON_READ, on=Person, by="public_ref")
@operation(ApiScope.PEOPLE_READ, answer=PersonRecord)
def show(person: Person) -> PersonRecord:
    """Read one person."""
    return represent(person)


@bp.post("/people")
@requires(Permission.PERSON_EDIT)
@operation(ApiScope.PEOPLE_WRITE, answer=PersonRecord, body=NewPerson, status=201)
def register(body: NewPerson) -> Created:
    """Register a person of the agency.

    Somebody whose document is on record already is refused (409, known-person) and nothing of him is said; when `certain`,
    the same request with `confirm_known` lets him serve the agency too.
    """
    values = named(body)
    confirmed = values.pop("confirm_known")
    _refuse_unknown_codes(values)
    person = _put_on_record(PersonValues(**values), confirmed=confirmed)
    return Created(represent(person), url_for("people_api.show", person_public_ref=person.public_ref))


@bp.patch("/people/<ref:person_public_ref>")
@requires(Permission.PERSON_EDIT, on=Person, by="public_ref")
@operation(ApiScope.PEOPLE_WRITE, answer=PersonRecord, body=PersonChange, represent=represent)
def change(person: Person, body: PersonChange) -> PersonRecord:
    """Change what is recorded of a person."""
    changes = named(body)
    reason = changes.pop("reason", None)
    _refuse_unknown_codes(changes)
    persons.edit_person(person, replace(persons.values_of(person), **changes), reason=reason, actor=g.viewer)
    db.session.flush()
    return represent(person)


def _put_on_record(values: PersonValues, *, confirmed: bool) -> Person:
    try:
        if confirmed:
            fishing.refuse_fishing(g.viewer)
            person = persons.affiliate_known_person(values, agency=g.viewer.agency, actor=g.viewer)
            fishing.remember_meeting(g.viewer, person)
            return person
        return persons.register_person(values, agency=g.viewer.agency, actor=g.viewer)
    except KnownPerson as error:
        fishing.refuse_fishing(g.viewer)
        fishing.remember_meeting(g.viewer)
        raise Refusal(
            error.message,
            status=409,
            kind="known-person",
            faults=[Fault("/document_number", error.message)],
            more={"certain": error.same},
        ) from error


def _refuse_unknown_codes(values: dict[str, Any]) -> None:
    """Raise Refusal for a country or a language that there is not."""
    faults = [
        Fault(f"/{name}", _("There is no such country."))
        for name in ("nationality", "document_issuer")
        if values.get(name) and not is_known_country(values[name])
    ]
    faults += [
        Fault(f"/languages/{number}", _("This language is not among those kept here."))
        for number, code in enumerate(values.get("languages", ()))
        if code not in SPOKEN_LANGUAGES
    ]
    if faults:
        raise refuse_values(BadValues(faults))


def _records(rows: Iterable[Any]) -> list[PersonRecord]:
    """Return persons, or rows with their columns, as the API gives them; two statements however many."""
    listed = list(rows)
    served = (
        select(
            Affiliation.person_id,
            func.min(Affiliation.starts_on),
            func.max(Affiliation.ends_on),
            func.count() - func.count(Affiliation.ends_on),
        )
        .where(Affiliation.person_id.in_([row.id for row in listed]), visible(Affiliation, g.viewer))
        .group_by(Affiliation.person_id)
    )
    times = {
        person_id: (since, None if open_ones else until)
        for person_id, since, until, open_ones in db.session.execute(served)
    }
    records = []
    for row in listed:
        since, until = times.get(row.id, (None, None))
        values = {name: getattr(row, column) for name, column in _COLUMNS.items()}
        records.append(PersonRecord(**values, serving_since=since, serving_until=until))
    return records
