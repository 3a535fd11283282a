"""The setting of the demonstration: the host, its staff and courses, the partner agencies, their officers and people."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from accounts import passwords
from accounts.demo.accounts import (
    DEMO_ACCOUNTS,
    DEMO_COLLEAGUES,
    DEMO_NEWCOMER,
    DEMO_PASSWORD,
    DemoAccount,
)
from accounts.demo.agencies import DEMO_AGENCIES, DemoAgency, DemoAgreement
from accounts.demo.people import STORY_KNOWN, STORY_PEOPLE, STORY_PHYSICIAN, InventedPerson, invent_people_of
from accounts.models import Agency, DocumentType, Host, User
from accounts.permissions import Role
from accounts.services import affiliations, agencies, credentials, hosts, users
from accounts.services.persons import PersonValues, register_persons
from certification.demo.cast import KNOWN, NOMINEES, Cast, find_course
from certification.demo.timeline import HOST_ZONE, Scene, at
from curriculum.services import courses, postings

FOUNDED = -1520
STAFFED = -1510
FIRST_PEOPLE = -1000
SHEET_CAME = -45
PEOPLE_OF_ONE_WORLD = 400
LICENCES = {
    "M-TRI-101": ("lead", "second.lead", "instructor", "paramedic"),
    "MCM-201": ("lead", "second.lead", "instructor", "paramedic", "assistant"),
    "U-TEC-310": ("lead", "second.lead", "engineer", "instructor", "assistant"),
    "Y-INC-220": ("second.lead", "engineer"),
}
DIRECTORS = {
    "director": ("M-TRI-101", "MCM-201", "Y-INC-220"),
    "rescue.director": ("U-TEC-310",),
}
LAPSED = "assistant"
LAPSED_DAYS_AGO = 26


class Passwords:
    """The hash of the password that all accounts share, computed once: hashing is slow on purpose."""

    def __init__(self) -> None:
        self.hash = passwords.hash_password(DEMO_PASSWORD)


def host_scenes(cast: Cast, shared: Passwords) -> Iterator[Scene]:
    """Yield how the host came to be: its names, its staff, the catalogue, who directs and who may evaluate."""
    day = cast.timeline.day
    yield Scene(at(day(FOUNDED), "08:10"), courses.load_catalogue)
    staff = [account for account in (*DEMO_ACCOUNTS, *DEMO_COLLEAGUES) if account.agency_code is None]
    for minute, account in enumerate(sorted(staff, key=lambda one: one.role is not Role.ADMINISTRATOR)):
        yield Scene(
            at(day(STAFFED), f"08:{minute:02d}"),
            partial(_open_staff, cast, account, shared),
        )
    yield Scene(at(day(STAFFED), "10:00"), lambda: _appoint(cast))
    yield Scene(at(day(-1), "09:20"), lambda: _invite(DEMO_NEWCOMER, agency=None, actor=cast.host("admin")))


def name_host() -> Host:
    """Name the host as an administrator would."""
    default = hosts.get_host()
    values = hosts.HostValues(
        names=dict(default.names),
        short_name=default.short_name,
        country="JO",
        city="Amman",
        time_zone=HOST_ZONE,
        contact_email="certificates@host.example",
        certificate_languages=("en", "ar"),
        director_title=dict(default.director_title),
        official_title=dict(default.official_title),
        show_hijri=True,
    )
    return hosts.edit_host(values, actor=None)


def _open_staff(cast: Cast, account: DemoAccount, shared: Passwords) -> None:
    actor = None if account.role is Role.ADMINISTRATOR else cast.host("admin")
    _open(account, shared, actor=actor)


def _open_officer(cast: Cast, code: str, account: DemoAccount, shared: Passwords) -> None:
    _open(account, shared, actor=cast.host("admin"), agency=cast.agency(code))


def _open(
    account: DemoAccount, shared: Passwords, *, actor: User | None, agency: Agency | None = None
) -> None:
    user = _invite(account, agency=agency, actor=actor)
    credentials.open_demo_account(user, password_hash=shared.hash)


def _invite(account: DemoAccount, *, agency: Agency | None, actor: User | None) -> User:
    return users.invite(
        email=account.email,
        name=account.name,
        native_name=account.native_name,
        function=account.function,
        roles=[account.role],
        agency=agency,
        actor=actor,
        time_zone=HOST_ZONE,
    )


def _appoint(cast: Cast) -> None:
    """Say who directs which course and who may evaluate in it; the assistant's licence has lapsed since."""
    manager, day = cast.host("manager"), cast.timeline.day
    for name, codes in DIRECTORS.items():
        for code in codes:
            courses.appoint_director(find_course(code), cast.host(name), actor=manager)
    for code, names in LICENCES.items():
        for name in names:
            postings.license_evaluator(
                cast.host(name),
                find_course(code),
                starts_on=day(STAFFED),
                ends_on=day(-LAPSED_DAYS_AGO) if name == LAPSED else day(700),
                reference=f"{code}/E-{cast.host(name).id:03d}",
                actor=manager,
            )


def agency_scenes(cast: Cast, shared: Passwords) -> Iterator[Scene]:
    """Yield how the partner agencies of a world were registered, their officers invited and their people put on record."""
    day = cast.timeline.day
    for minute, data in enumerate(DEMO_AGENCIES):
        yield Scene(at(day(STAFFED + 5), f"09:{minute:02d}"), partial(_register, cast, data))
        for agreed in data.agreements:
            signed = min(agreed.begins, -1) - 3
            yield Scene(
                at(day(max(signed, STAFFED + 6)), f"11:{minute:02d}"),
                partial(_sign_agreement, cast, data.code, agreed),
            )
        officer = DemoAccount(
            f"officer@{cast.code(data.code).lower()}.example",
            Role.AGENCY_OFFICER,
            data.code,
            name=data.officer,
            native_name=next((one.native_name for one in DEMO_ACCOUNTS if one.name == data.officer), None),
            function="Training office",
        )
        yield Scene(
            at(day(STAFFED + 7), f"09:{minute:02d}"),
            partial(_open_officer, cast, data.code, officer, shared),
        )
        yield Scene(at(day(FIRST_PEOPLE), f"10:{minute:02d}"), partial(_register_people, cast, data))
    yield Scene(at(day(SHEET_CAME), "10:05"), lambda: _register_nominees(cast))


def _register(cast: Cast, data: DemoAgency) -> None:
    domain = f"{cast.code(data.code).lower()}.example"
    values = agencies.AgencyValues(
        names=_names(data, cast.world),
        country=data.country,
        kind=data.kind,
        contact_name=data.contact,
        contact_email=f"training@{domain}",
        contact_phone="+990 555 010 100",
    )
    agencies.register_agency(cast.code(data.code), values, actor=cast.host("manager"))


def _sign_agreement(cast: Cast, code: str, agreed: DemoAgreement) -> None:
    day = cast.timeline.day
    values = agencies.AgreementValues(
        reference=f"NDRS-{cast.code(code)}-{day(agreed.begins).year}",
        domains=agreed.domains,
        seats_per_year=agreed.seats,
        starts_on=day(agreed.begins),
        ends_on=day(agreed.ends),
    )
    agencies.record_agreement(cast.agency(code), values, actor=cast.host("manager"))


def _names(data: DemoAgency, world: int) -> dict[str, str]:
    return {code: f"{name} {world + 1}" if world else name for code, name in data.names.items()}


def _register_people(cast: Cast, data: DemoAgency) -> None:
    """Put an agency's people on record; in the story's own world also those whom its sheet will find there."""
    known = [one for one in STORY_KNOWN if one.agencies[-1] == data.code] if cast.world == 0 else []
    people = [*known, *_invent(cast, data)]
    agency = cast.agency(data.code)
    registered = register_persons(
        [values_of(one) for one in people], agency=agency, actor=cast.officer(data.code)
    )
    ids = [person.id for person in registered]
    cast.people[data.code] = ids[len(known) :]
    cast.people.setdefault(KNOWN, []).extend(ids[: len(known)])


def _invent(cast: Cast, data: DemoAgency) -> Iterable[InventedPerson]:
    """Invent people of an agency's land: each agency of a land, and each world, has its own."""
    before = sum(
        one.people for one in DEMO_AGENCIES[: DEMO_AGENCIES.index(data)] if one.country == data.country
    )
    start = before + cast.world * PEOPLE_OF_ONE_WORLD
    for one in invent_people_of(data.country, data.people, start=start):
        yield replace(one, email=f"{one.email.partition('@')[0]}@{cast.code(data.code).lower()}.example")


def _register_nominees(cast: Cast) -> None:
    """Put the story's 24 nominees on record, in their order; three of them were there before.

    In further worlds the agency's first people stand for them.
    """
    if cast.world:
        cast.people[NOMINEES] = cast.people["CPD"][: len(STORY_PEOPLE)]
        return
    officer, agency = cast.officer("CPD"), cast.agency("CPD")
    fresh = [one for one in STORY_PEOPLE if one not in STORY_KNOWN]
    registered = register_persons([values_of(one) for one in fresh], agency=agency, actor=officer)
    found = dict(zip((one.document_number for one in fresh), (one.id for one in registered), strict=True))
    known = sorted(STORY_KNOWN, key=lambda one: one.agencies[-1] != "CPD")
    found |= dict(zip((one.document_number for one in known), cast.people[KNOWN], strict=True))
    cast.people[NOMINEES] = [found[one.document_number] for one in STORY_PEOPLE]
    physician = cast.person(NOMINEES, STORY_PEOPLE.index(STORY_PHYSICIAN) + 1)
    affiliations.affiliate(physician, agency, actor=officer)


def trainee_scenes(cast: Cast, shared: Passwords) -> Iterator[Scene]:
    """Yield the invitation of the trainee who may look at his own certificates: the story's first nominee."""
    account = next(one for one in DEMO_ACCOUNTS if one.role is Role.TRAINEE)

    def invite() -> None:
        person = cast.person(NOMINEES, 1)
        user = users.invite(
            email=account.email,
            name=person.latin_name,
            native_name=person.native_name,
            roles=[account.role],
            agency=cast.agency("CPD"),
            person=person,
            actor=cast.host("admin"),
            time_zone=HOST_ZONE,
        )
        credentials.open_demo_account(user, password_hash=shared.hash)

    yield Scene(at(cast.timeline.day(SHEET_CAME) + timedelta(days=20), "12:00"), invite)


def values_of(person: InventedPerson) -> PersonValues:
    """Return an invented person as the register takes him."""
    return PersonValues(
        family_name=person.family_name,
        given_names=person.given_names,
        native_name=person.native_name,
        birth_date=person.birth_date,
        nationality=person.nationality,
        document_type=DocumentType(person.document_type),
        document_issuer=person.document_issuer,
        document_number=person.document_number,
        document_expires_on=person.document_expires_on,
        email=person.email,
        phone=person.phone,
        languages=person.languages,
        rank=person.rank,
    )
