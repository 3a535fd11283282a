"""Persons: kept once, under governed names, each agency seeing its own alone."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import Affiliation, DocumentType, NameKind, Person, PersonName, User
from accounts.permissions import Role
from accounts.services import affiliations, identity_documents, persons
from accounts.services.persons import PersonValues
from foundation import clock, sealing
from foundation.access import AccessEntry
from foundation.audit import AuditDetail, AuditEntry
from foundation.db import db
from tests.factories.accounts import make_agency, make_officer, make_person, make_user
from tests.support.client import LintingClient
from tests.support.statements import counted_statements

SignIn = Callable[[User], LintingClient]
PERSON = {
    "family_name": "Al-Masri",
    "given_names": "Layla",
    "native_name": "ليلى المصري",
    "birth_date": "1990-04-12",
    "nationality": "JO",
    "document_type": "passport",
    "document_issuer": "JO",
    "document_number": "N 123-4567",
    "document_expires_on": "2031-01-01",
    "email": "layla@cpd.example",
    "phone": "+962 79 555 0100",
    "languages": ["ar", "en"],
    "rank": "Captain",
}


@pytest.fixture
def officer(app: Flask) -> User:
    officer = make_officer(make_agency("CPD"))
    db.session.commit()
    return officer


@pytest.fixture
def stranger(app: Flask) -> User:
    stranger = make_officer(make_agency("UHO", names={"en": "University Hospital"}), name="Officer of UHO")
    db.session.commit()
    return stranger


def values(**changes: object) -> PersonValues:
    defaults: dict[str, object] = {
        "family_name": "Al-Masri",
        "given_names": "Layla",
        "birth_date": date(1990, 4, 12),
    }
    return PersonValues(**{**defaults, **changes})  # type: ignore[arg-type]


def test_person_is_registered_with_names_folds_and_affiliation(sign_in: SignIn, officer: User) -> None:
    answer = sign_in(officer).post("/persons/new", data=PERSON)
    person = db.session.scalars(select(Person)).one()
    assert (answer.status_code, answer.location) == (303, f"/persons/{person.id}")
    assert (person.latin_name, person.folded_latin) == ("Layla Al-Masri", "layla al masri")
    assert db.session.scalars(select(PersonName.value).order_by(PersonName.id)).all() == [
        "ليلى المصري",
        "Layla Al-Masri",
    ]
    assert db.session.scalars(select(Affiliation.agency_id)).all() == [officer.agency_id]
    assert len(person.public_ref) == 11


def test_document_number_is_sealed_in_the_database_and_hidden_on_the_page(
    sign_in: SignIn, officer: User
) -> None:
    client = sign_in(officer)
    page = client.post("/persons/new", data=PERSON, follow_redirects=True).text
    person = db.session.scalars(select(Person)).one()
    assert "N1234567" not in page
    assert b"N1234567" not in (person.document_number_sealed or b"")
    assert sealing.unseal(person.document_number_sealed or b"") == "N1234567"
    assert "N1234567" not in str(db.session.scalars(select(AuditEntry.changes)).all())


def test_document_number_is_shown_by_post_and_the_reading_logged(sign_in: SignIn, officer: User) -> None:
    client = sign_in(officer)
    client.post("/persons/new", data=PERSON)
    person = db.session.scalars(select(Person)).one()
    assert client.get(f"/persons/{person.id}/document-number").status_code == 405
    assert "N1234567" in client.post(f"/persons/{person.id}/document-number").text
    entry = db.session.scalars(select(AccessEntry).where(AccessEntry.kind == "document_number_read")).one()
    assert (entry.user_id, entry.subject_id) == (officer.id, person.id)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"family_name": "", "given_names": ""}, "Type the name in Latin letters"),
        ({"family_name": "المصري"}, "Type this name in Latin letters"),
        ({"family_name": "=HYPERLINK(1)"}, "does not begin with this sign"),
        ({"family_name": "Al\u202eMasri"}, "cannot be shown"),
        ({"family_name": "<script>"}, "letters, spaces, hyphens"),
        ({"family_name": "x" * 101}, "100"),
        ({"native_name": "ليلى Masri"}, "two scripts"),
        ({"birth_date": ""}, "Type the birth date."),
        ({"birth_date": "31.02.1990"}, "Type the date as year-month-day"),
        ({"birth_date": "2999-01-01"}, "in the future"),
        ({"birth_date": "1919-12-31"}, "not possible"),
        ({"nationality": "ZZ"}, "Not a valid choice"),
        ({"document_type": ""}, "Choose the kind of document."),
        ({"document_number": "!!"}, "Document number"),
        ({"email": "nobody"}, "not an e-mail address"),
        ({"phone": "<b>"}, "Type the number with digits"),
        ({"rank": "x" * 81}, "80"),
    ],
)
def test_poor_person_is_refused_and_nothing_written(
    sign_in: SignIn, officer: User, changes: dict[str, str], sentence: str
) -> None:
    answer = sign_in(officer).post("/persons/new", data=PERSON | changes)
    if changes == {"document_number": "!!"}:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


def test_one_word_names_are_allowed(app: Flask, officer: User) -> None:
    person = persons.register_person(
        values(family_name="", given_names="Suharto"), agency=officer.agency, actor=officer
    )
    assert person.latin_name == "Suharto"


def test_namesakes_with_other_birth_dates_are_two_people(app: Flask, officer: User) -> None:
    first = persons.register_person(values(), agency=officer.agency, actor=officer)
    second = persons.register_person(
        values(birth_date=date(1991, 4, 12)), agency=officer.agency, actor=officer
    )
    assert first.id != second.id


def test_somebody_known_elsewhere_is_a_known_person_and_nothing_else(
    sign_in: SignIn, officer: User, stranger: User
) -> None:
    person = persons.register_person(
        values(
            document_type=DocumentType.PASSPORT,
            document_issuer="JO",
            document_number="N1234567",
            rank="Colonel",
        ),
        agency=stranger.agency,
        actor=stranger,
    )
    client = sign_in(officer)
    answer = client.post("/persons/new", data=PERSON | {"family_name": "Another", "given_names": "Name"})
    assert answer.status_code == 409
    assert "Known person" in answer.text
    for secret in ("Layla", "Colonel", "UHO", "University", person.public_ref):
        assert secret not in answer.text
    assert "Add the known person" not in answer.text
    assert client.get(f"/persons/{person.id}").status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1
    assert (
        db.session.scalar(select(AccessEntry.kind).where(AccessEntry.kind == "known_person_met")) is not None
    )


def test_known_person_with_all_proofs_serves_the_second_agency_too(
    sign_in: SignIn, officer: User, stranger: User
) -> None:
    person = persons.register_person(
        values(document_type=DocumentType.PASSPORT, document_issuer="JO", document_number="n1234567"),
        agency=stranger.agency,
        actor=stranger,
    )
    client = sign_in(officer)
    offered = client.post("/persons/new", data=PERSON)
    assert offered.status_code == 409
    assert "Add the known person to my agency" in offered.text
    answer = client.post("/persons/new", data=PERSON | {"confirm_known": "yes"})
    assert (answer.status_code, answer.location) == (303, f"/persons/{person.id}")
    page = client.get(f"/persons/{person.id}").text
    assert "UHO" not in page
    assert "University Hospital" not in page
    assert "Officer of UHO" not in page
    theirs = sign_in(stranger).get(f"/persons/{person.id}").text
    assert "University Hospital" in theirs
    assert "CPD" not in theirs


def test_confirming_without_proof_adds_nobody(sign_in: SignIn, officer: User, stranger: User) -> None:
    persons.register_person(
        values(document_type=DocumentType.PASSPORT, document_issuer="JO", document_number="N1234567"),
        agency=stranger.agency,
        actor=stranger,
    )
    data = PERSON | {"birth_date": "1980-01-01", "confirm_known": "yes"}
    answer = sign_in(officer).post("/persons/new", data=data)
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Affiliation)) == 1


def test_trying_documents_to_learn_who_is_known_is_stopped(
    sign_in: SignIn, officer: User, stranger: User
) -> None:
    persons.register_person(
        values(document_type=DocumentType.PASSPORT, document_issuer="JO", document_number="N1234567"),
        agency=stranger.agency,
        actor=stranger,
    )
    for _ in range(20):
        db.session.add(AccessEntry(at=clock.now(), kind="known_person_met", detail=f"user {officer.id}"))
    answer = sign_in(officer).post("/persons/new", data=PERSON)
    assert "You met many known persons" in answer.text
    assert "Known person" not in answer.text


def test_officer_lists_his_own_and_nobody_else(sign_in: SignIn, officer: User, stranger: User) -> None:
    make_person(officer.agency, family_name="Ours")
    make_person(stranger.agency, family_name="Theirs")
    make_person(None, family_name="Nobodys")
    page = sign_in(officer).get("/persons").text
    assert "Ours" in page
    assert "Theirs" not in page
    assert "Nobodys" not in page


def test_other_agency_s_filter_shows_nobody(sign_in: SignIn, officer: User, stranger: User) -> None:
    make_person(officer.agency, family_name="Ours")
    make_person(stranger.agency, family_name="Theirs")
    page = sign_in(officer).get("/persons", query_string={"agency": "UHO"}).text
    assert "Theirs" not in page


@pytest.mark.parametrize("path", ["", "/edit", "/document-number"])
def test_foreign_person_is_not_found(sign_in: SignIn, officer: User, stranger: User, path: str) -> None:
    foreign = make_person(stranger.agency)
    client = sign_in(officer)
    if path != "/document-number":
        assert client.get(f"/persons/{foreign.id}{path}").status_code == 404
    if path:
        assert client.post(f"/persons/{foreign.id}{path}", data=PERSON).status_code == 404
    assert db.session.scalar(select(func.count()).where(AccessEntry.kind == "not_found")) >= 1


def test_foreign_affiliation_is_not_found(sign_in: SignIn, officer: User, stranger: User) -> None:
    make_person(stranger.agency)
    foreign = db.session.scalars(select(Affiliation.id)).one()
    client = sign_in(officer)
    assert (
        client.post(f"/persons/affiliations/{foreign}/end", data={"ends_on": "2026-01-01"}).status_code == 404
    )


@pytest.mark.parametrize("text", ["masri layla", "LAYLA", "Al Masri", "ليلي المصرى", "layla al-masrí"])
def test_search_forgives_order_case_accents_and_letter_forms(
    sign_in: SignIn, officer: User, text: str
) -> None:
    client = sign_in(officer)
    client.post("/persons/new", data=PERSON)
    make_person(officer.agency, family_name="Somebody", given_names="Else", native_name=None)
    page = client.get("/persons", query_string={"q": text}).text
    assert "Al-Masri, Layla" in page
    assert "Somebody" not in page
    assert "Layla Al-Masri" in client.get("/search", query_string={"q": text}).text


def test_search_by_reference(sign_in: SignIn, officer: User) -> None:
    person = make_person(officer.agency, family_name="Wanted")
    make_person(officer.agency, family_name="Unwanted-other")
    page = sign_in(officer).get("/persons", query_string={"q": person.public_ref.lower()}).text
    assert "Wanted" in page
    assert "Unwanted-other" not in page


def test_search_box_finds_no_foreign_person(sign_in: SignIn, officer: User, stranger: User) -> None:
    make_person(stranger.agency, family_name="Findme", folded_latin="findme")
    page = sign_in(officer).get("/search", query_string={"q": "findme"}).text
    assert "Nothing found" in page


@pytest.mark.parametrize(
    "query", [{"q": "%_\\'\""}, {"q": "\u202e"}, {"nationality": "'"}, {"sort": "x"}, {"after": "e30"}]
)
def test_list_survives_hostile_filters(sign_in: SignIn, officer: User, query: dict[str, str]) -> None:
    assert sign_in(officer).get("/persons", query_string=query).status_code == 200


def test_list_of_thirty_costs_as_many_statements_as_of_three(sign_in: SignIn, officer: User) -> None:
    client = sign_in(officer)
    costs = []
    for count in (3, 27):
        for _ in range(count):
            make_person(officer.agency)
        with counted_statements() as statements:
            client.get("/persons")
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 8


def test_list_pages_by_key(sign_in: SignIn, officer: User) -> None:
    for number in range(60):
        make_person(officer.agency, family_name=f"N{number:02d}")
    client = sign_in(officer)
    first = client.get("/persons").text
    assert "N49" in first
    assert "N50" not in first
    after = first.split("after=")[1].split('"')[0]
    second = client.get(f"/persons?after={after}").text
    assert "N50" in second
    assert "N49" not in second


def test_changed_name_keeps_the_one_before_with_its_reason(sign_in: SignIn, officer: User) -> None:
    client = sign_in(officer)
    client.post("/persons/new", data=PERSON)
    person = db.session.scalars(select(Person)).one()
    data = PERSON | {"family_name": "Haddad", "document_number": "", "reason": "Married."}
    assert client.post(f"/persons/{person.id}/edit", data=data).status_code == 303
    values = db.session.scalars(
        select(PersonName.value).where(PersonName.kind == NameKind.PASSPORT).order_by(PersonName.id)
    ).all()
    assert values == ["Layla Al-Masri", "Layla Haddad"]
    assert person.folded_latin == "layla haddad"
    assert identity_documents.read_document_number(person) == "N1234567"
    page = client.get(f"/persons/{person.id}").text
    assert "Layla Al-Masri" in page
    assert "Married." in page


def test_changed_name_needs_a_reason(sign_in: SignIn, officer: User) -> None:
    person = persons.register_person(values(), agency=officer.agency, actor=officer)
    client = sign_in(officer)
    answer = client.post(f"/persons/{person.id}/edit", data=PERSON | {"family_name": "Haddad", "reason": ""})
    assert answer.status_code == 422
    assert "Give the reason for the changed name" in answer.text
    assert person.family_name == "Al-Masri"


def test_plain_values_change_without_a_reason_and_are_audited(sign_in: SignIn, officer: User) -> None:
    client = sign_in(officer)
    client.post("/persons/new", data=PERSON)
    person = db.session.scalars(select(Person)).one()
    data = PERSON | {"rank": "Major", "email": "new@cpd.example", "document_number": ""}
    assert client.post(f"/persons/{person.id}/edit", data=data).status_code == 303
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.changes["rank"] == ["Captain", "Major"]
    assert "new@cpd.example" not in str(entry.changes)
    assert "new@cpd.example" in db.session.scalars(select(AuditDetail.new)).all()


def test_certificate_spelling_is_set_and_taken_back(app: Flask, officer: User) -> None:
    person = persons.register_person(values(), agency=officer.agency, actor=officer)
    persons.change_name(
        person, NameKind.CERTIFICATE, value="Leila El Masri", reason="Asked for it.", actor=officer
    )
    assert person.name_for_certificate == "Leila El Masri"
    persons.change_name(person, NameKind.CERTIFICATE, value="", reason="Changed her mind.", actor=officer)
    assert person.name_for_certificate == "Layla Al-Masri"
    kept = select(PersonName.value).where(PersonName.kind == NameKind.CERTIFICATE).order_by(PersonName.id)
    assert db.session.scalars(kept).all() == ["Leila El Masri", ""]


def test_document_of_somebody_else_is_not_taken_over(app: Flask, officer: User) -> None:
    passport = {"document_type": DocumentType.PASSPORT, "document_issuer": "JO"}
    persons.register_person(values(**passport, document_number="A111"), agency=officer.agency, actor=officer)
    other = persons.register_person(values(birth_date=date(1980, 1, 1)), agency=officer.agency, actor=officer)
    with pytest.raises(persons.KnownPerson):
        persons.edit_person(
            other,
            values(birth_date=date(1980, 1, 1), **passport, document_number="a-111"),
            reason=None,
            actor=officer,
        )


def test_taking_the_document_away_forgets_its_number(app: Flask, officer: User) -> None:
    passport = {"document_type": DocumentType.PASSPORT, "document_issuer": "JO", "document_number": "A111"}
    person = persons.register_person(values(**passport), agency=officer.agency, actor=officer)
    persons.edit_person(person, values(), reason=None, actor=officer)
    assert (person.document_key, person.document_number_sealed) == (None, None)


def test_documents_are_found_however_they_are_written(app: Flask, officer: User) -> None:
    passport = {
        "document_type": DocumentType.PASSPORT,
        "document_issuer": "JO",
        "document_number": "n 123.45/67",
    }
    person = persons.register_person(values(**passport), agency=officer.agency, actor=officer)
    written = ("passport", "JO", "N\u0661\u0662\u0663-4567")
    assert identity_documents.find_persons_by_document([written, ("passport", "JO", "X999")]) == {
        written: person
    }


def test_last_day_is_recorded_and_the_record_stays_readable(sign_in: SignIn, officer: User) -> None:
    person = make_person(officer.agency)
    affiliation = db.session.scalars(select(Affiliation)).one()
    client = sign_in(officer)
    assert client.get(f"/persons/affiliations/{affiliation.id}/end").status_code == 200
    answer = client.post(
        f"/persons/affiliations/{affiliation.id}/end", data={"ends_on": "2026-01-31", "reason": ""}
    )
    assert answer.status_code == 303
    assert affiliation.ends_on == date(2026, 1, 31)
    assert "Left" in client.get(f"/persons/{person.id}").text
    edit = client.post(f"/persons/{person.id}/edit", data=PERSON | {"reason": "x"})
    assert edit.status_code == 422
    assert "left your agency" in edit.text


def test_last_day_is_not_before_the_first(sign_in: SignIn, officer: User) -> None:
    make_person(officer.agency)
    affiliation = db.session.scalars(select(Affiliation)).one()
    client = sign_in(officer)
    for day, sentence in (
        ("2001-01-01", "before the first"),
        ("", "Type the last day."),
        ("soon", "year-month-day"),
    ):
        answer = client.post(f"/persons/affiliations/{affiliation.id}/end", data={"ends_on": day})
        assert answer.status_code == 422
        assert sentence in answer.text


def test_somebody_serving_is_not_affiliated_twice(app: Flask, officer: User) -> None:
    person = make_person(officer.agency)
    assert officer.agency is not None
    with pytest.raises(affiliations.AlreadyAffiliated):
        affiliations.affiliate(person, officer.agency, actor=officer)


def test_somebody_who_left_may_come_back(app: Flask, officer: User) -> None:
    person = make_person(officer.agency)
    assert officer.agency is not None
    affiliation = db.session.scalars(select(Affiliation)).one()
    affiliations.end_affiliation(affiliation, ends_on=date(2025, 1, 1), reason=None, actor=officer)
    assert affiliations.affiliate(person, officer.agency, actor=officer).ends_on is None


def test_manager_sees_everybody_and_edits_nobody(sign_in: SignIn, officer: User, stranger: User) -> None:
    make_person(officer.agency, family_name="Ours")
    person = make_person(stranger.agency, family_name="Theirs")
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    page = client.get("/persons").text
    assert "Ours" in page
    assert "Theirs" in page
    assert "Theirs" in client.get("/persons", query_string={"agency": "UHO", "state": "serving"}).text
    assert "Ours" not in client.get("/persons", query_string={"agency": "UHO"}).text
    assert client.get(f"/persons/{person.id}").status_code == 200
    assert client.post(f"/persons/{person.id}/edit", data=PERSON).status_code == 403
    assert client.post("/persons/new", data=PERSON).status_code == 403


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.MEDICAL_REVIEWER, Role.TRAINEE, Role.ADMINISTRATOR])
def test_others_have_no_business_with_records_of_persons(sign_in: SignIn, officer: User, role: Role) -> None:
    person = make_person(officer.agency)
    client = sign_in(make_user(role, agency=officer.agency))
    assert client.get("/persons").status_code == 403
    assert client.get(f"/persons/{person.id}").status_code in (403, 404)


def test_officer_does_not_edit_his_own_record(sign_in: SignIn, officer: User) -> None:
    officer.person_id = make_person(officer.agency).id
    db.session.commit()
    assert sign_in(officer).post(f"/persons/{officer.person_id}/edit", data=PERSON).status_code == 403


def test_start_page_reminds_of_a_document_that_runs_out(
    sign_in: SignIn, officer: User, stranger: User
) -> None:
    make_person(officer.agency, family_name="Soon", document_expires_on=clock.today())
    make_person(stranger.agency, family_name="Foreign", document_expires_on=clock.today())
    page = sign_in(officer).get("/").text
    assert "Soon" in page
    assert "Foreign" not in page
