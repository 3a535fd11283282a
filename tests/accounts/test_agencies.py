"""Agencies and agreements: who sees them, who edits them, and which agreement covers a day."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import Agency, Agreement, User
from accounts.permissions import Role
from accounts.services import agencies
from foundation import clock
from foundation.audit import AuditDetail, AuditEntry
from foundation.db import db
from tests.factories.accounts import make_agency, make_agreement, make_officer, make_person, make_user
from tests.support.client import LintingClient
from tests.support.statements import counted_statements

SignIn = Callable[[User], LintingClient]
AGENCY = {
    "code": "cpd",
    "names_en": "Civil Protection Directorate",
    "names_ar": "مديرية الدفاع المدني",
    "names_fr": "",
    "country": "JO",
    "kind": "civil_protection",
    "contact_name": "Rana Haddad",
    "contact_email": "liaison@cpd.example",
    "contact_phone": "+962 6 555 0100",
}
AGREEMENT = {
    "reference": "MOU-2026-014",
    "domains": ["medical", "usar"],
    "seats_per_year": "60",
    "starts_on": "2026-01-01",
    "ends_on": "2027-12-31",
    "note": "Signed in Amman.",
}


@pytest.fixture
def manager(app: Flask) -> User:
    manager = make_user(Role.PROGRAMME_MANAGER)
    db.session.commit()
    return manager


def test_agency_is_registered_with_its_code_in_capitals(sign_in: SignIn, manager: User) -> None:
    answer = sign_in(manager).post("/agencies/new", data=AGENCY)
    agency = db.session.scalars(select(Agency)).one()
    assert (answer.status_code, answer.location) == (303, f"/agencies/{agency.id}")
    assert agency.code == "CPD"
    assert agency.names == {"en": "Civil Protection Directorate", "ar": "مديرية الدفاع المدني"}
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.agency_id) == ("agency:registered", agency.id)
    assert "Rana" not in str(entry.changes)
    assert "Rana Haddad" in db.session.scalars(select(AuditDetail.new)).all()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": ""}, "Give the agency a short code."),
        ({"code": "C P/D"}, "letters, digits or hyphens"),
        ({"code": "X" * 21}, "letters, digits or hyphens"),
        ({"names_en": "  "}, "Type the English name."),
        ({"names_en": "x" * 161}, "160"),
        ({"names_ar": "مد\u202eيرية"}, "cannot be shown"),
        ({"country": ""}, "Choose the country."),
        ({"country": "ZZ"}, "Not a valid choice"),
        ({"kind": "circus"}, "Not a valid choice"),
        ({"contact_email": "nobody"}, "not an e-mail address"),
        ({"contact_phone": "call me"}, "Type the number with digits"),
    ],
)
def test_poor_agency_is_refused_and_nothing_written(
    sign_in: SignIn, manager: User, changes: dict[str, str], sentence: str
) -> None:
    answer = sign_in(manager).post("/agencies/new", data=AGENCY | changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(select(func.count()).select_from(Agency)) == 0


def test_code_belongs_to_one_agency(sign_in: SignIn, manager: User) -> None:
    make_agency("CPD")
    answer = sign_in(manager).post("/agencies/new", data=AGENCY)
    assert answer.status_code == 409
    assert "Another agency has this code." in answer.text


def test_agency_is_edited_and_its_code_stays(sign_in: SignIn, manager: User) -> None:
    agency = make_agency("UHO")
    client = sign_in(manager)
    assert "UHO" in client.get(f"/agencies/{agency.id}/edit").text
    assert client.post(f"/agencies/{agency.id}/edit", data=AGENCY).status_code == 303
    assert (agency.code, agency.names["en"]) == ("UHO", "Civil Protection Directorate")


def test_edit_that_changes_nothing_leaves_no_trace(sign_in: SignIn, manager: User) -> None:
    client = sign_in(manager)
    client.post("/agencies/new", data=AGENCY)
    agency = db.session.scalars(select(Agency)).one()
    client.post(f"/agencies/{agency.id}/edit", data=AGENCY)
    assert db.session.scalars(select(AuditEntry.action)).all() == ["agency:registered"]


def test_list_names_country_kind_and_agreement(sign_in: SignIn, manager: User) -> None:
    make_agreement(make_agency("IN-FORCE", names={"en": "First"}, country="ID"))
    make_agreement(
        make_agency("OVER", names={"en": "Second"}), starts_on=date(2020, 1, 1), ends_on=date(2021, 1, 1)
    )
    make_agency("NONE", names={"en": "Third"})
    page = sign_in(manager).get("/agencies").text
    assert "Indonesia" in page
    assert "Agreement in force" in page
    assert "Agreement expired" in page
    assert "No agreement" in page


def test_list_is_searched_by_name_in_any_language(sign_in: SignIn, manager: User) -> None:
    make_agency("A1", names={"en": "Civil Protection", "ar": "الدفاع المدني"})
    make_agency("B2", names={"en": "University Hospital"})
    client = sign_in(manager)
    for text in ("civil PROT", "المدني", "a1"):
        page = client.get("/agencies", query_string={"q": text}).text
        assert "Civil Protection" in page
        assert "University Hospital" not in page


@pytest.mark.parametrize(
    "query", [{"q": "%'\"\\_"}, {"country": "'; --"}, {"kind": "x"}, {"sort": "-nothing"}]
)
def test_list_survives_hostile_filters(sign_in: SignIn, manager: User, query: dict[str, str]) -> None:
    assert sign_in(manager).get("/agencies", query_string=query).status_code == 200


def test_country_is_named_in_the_reader_s_language(sign_in: SignIn, app: Flask) -> None:
    agency = make_agency(country="JO")
    page = sign_in(make_user(Role.PROGRAMME_MANAGER, language="ar")).get(f"/agencies/{agency.id}").text
    assert "الأردن" in page


def test_list_of_thirty_costs_as_many_statements_as_of_three(sign_in: SignIn, manager: User) -> None:
    client = sign_in(manager)
    costs = []
    for count in (3, 27):
        for _ in range(count):
            make_agreement(make_agency())
        with counted_statements() as statements:
            client.get("/agencies")
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 8


def test_officer_sees_his_own_agency_and_no_other(sign_in: SignIn, app: Flask) -> None:
    own, other = make_agency("OWN", names={"en": "Ours"}), make_agency("OTHER", names={"en": "Theirs"})
    make_agreement(own, reference="MOU-OURS")
    client = sign_in(make_officer(own))
    assert "MOU-OURS" in client.get(f"/agencies/{own.id}").text
    assert client.get(f"/agencies/{other.id}").status_code == 404
    page = client.get("/agencies").text
    assert "Ours" in page
    assert "Theirs" not in page


@pytest.mark.parametrize(
    "role", [Role.AGENCY_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR, Role.TRAINEE, Role.INSTRUCTOR]
)
def test_only_programme_managers_edit(sign_in: SignIn, app: Flask, role: Role) -> None:
    agency = make_agency()
    agreement = make_agreement(agency)
    client = sign_in(make_user(role, agency=agency))
    for path in ("/agencies/new", f"/agencies/{agency.id}/edit", f"/agencies/{agency.id}/agreements/new"):
        assert client.post(path, data={**AGENCY, **AGREEMENT}).status_code in (403, 404)
    assert client.post(f"/agreements/{agreement.id}/edit", data=AGREEMENT).status_code in (403, 404)
    assert db.session.scalar(select(func.count()).select_from(Agreement)) == 1


def test_agreement_is_recorded(sign_in: SignIn, manager: User) -> None:
    agency = make_agency()
    client = sign_in(manager)
    assert client.get(f"/agencies/{agency.id}/agreements/new").status_code == 200
    assert client.post(f"/agencies/{agency.id}/agreements/new", data=AGREEMENT).status_code == 303
    agreement = db.session.scalars(select(Agreement)).one()
    assert (agreement.domains, agreement.seats_per_year) == (["medical", "usar"], 60)
    assert (agreement.starts_on, agreement.ends_on) == (date(2026, 1, 1), date(2027, 12, 31))
    assert "MOU-2026-014" in client.get(f"/agencies/{agency.id}").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reference": ""}, "Type the reference of the paper."),
        ({"reference": "x" * 61}, "60"),
        ({"domains": []}, "Choose at least one domain."),
        ({"domains": ["circus"]}, "not a valid choice"),
        ({"seats_per_year": "-1"}, "from 0 to 100,000"),
        ({"seats_per_year": "many"}, "Not a valid integer"),
        ({"seats_per_year": "9" * 40}, "from 0 to 100,000"),
        ({"starts_on": "  "}, "Type the first day."),
        ({"starts_on": "yesterday"}, "Type the date as year-month-day"),
        ({"ends_on": "2025-12-31"}, "ends before it begins"),
    ],
)
def test_poor_agreement_is_refused_and_nothing_written(
    sign_in: SignIn, manager: User, changes: dict[str, object], sentence: str
) -> None:
    agency = make_agency()
    answer = sign_in(manager).post(f"/agencies/{agency.id}/agreements/new", data=AGREEMENT | changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(select(func.count()).select_from(Agreement)) == 0


def test_reference_belongs_to_one_agreement(sign_in: SignIn, manager: User) -> None:
    first = make_agreement(make_agency(), reference="MOU-2026-014")
    other = make_agreement(first.agency, reference="MOU-2")
    client = sign_in(manager)
    assert client.post(f"/agencies/{first.agency_id}/agreements/new", data=AGREEMENT).status_code == 409
    assert client.post(f"/agreements/{other.id}/edit", data=AGREEMENT).status_code == 409
    assert other.reference == "MOU-2"


def test_agreement_is_edited(sign_in: SignIn, manager: User) -> None:
    agreement = make_agreement(make_agency())
    client = sign_in(manager)
    assert agreement.reference in client.get(f"/agreements/{agreement.id}/edit").text
    assert client.post(f"/agreements/{agreement.id}/edit", data=AGREEMENT).status_code == 303
    assert agreement.seats_per_year == 60
    assert client.post("/agreements/999999/edit", data=AGREEMENT).status_code == 404


def test_closed_agency_takes_no_agreement_until_it_is_opened_again(sign_in: SignIn, manager: User) -> None:
    agency = make_agency()
    client = sign_in(manager)
    assert client.post(f"/agencies/{agency.id}/close", data={"reason": ""}).status_code == 422
    assert (
        client.post(f"/agencies/{agency.id}/close", data={"reason": "Partnership ended."}).status_code == 303
    )
    assert client.post(f"/agencies/{agency.id}/agreements/new", data=AGREEMENT).status_code == 409
    assert client.post(f"/agencies/{agency.id}/close", data={"reason": "Again."}).status_code == 409
    assert client.post(f"/agencies/{agency.id}/reopen").status_code == 303
    assert client.post(f"/agencies/{agency.id}/reopen").status_code == 409
    assert client.post(f"/agencies/{agency.id}/agreements/new", data=AGREEMENT).status_code == 303


def test_agreement_covers_its_first_and_last_day_and_none_beside(app: Flask) -> None:
    agency = make_agency()
    agreement = make_agreement(
        agency, domains=["medical"], starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)
    )
    assert agencies.find_agreement(agency, "medical", date(2026, 1, 1)) == agreement
    assert agencies.find_agreement(agency, "medical", date(2026, 12, 31)) == agreement
    assert agencies.find_agreement(agency, "common", date(2026, 12, 31)) == agreement
    assert agencies.find_agreement(agency, "medical", date(2025, 12, 31)) is None
    assert agencies.find_agreement(agency, "medical", date(2027, 1, 1)) is None
    assert agencies.find_agreement(agency, "usar", date(2026, 6, 1)) is None
    assert agencies.find_agreement(make_agency(), "medical", date(2026, 6, 1)) is None


def test_start_page_reminds_the_manager_of_an_agreement_that_ends(sign_in: SignIn, manager: User) -> None:
    make_agreement(make_agency("UHO"), ends_on=clock.today())
    make_agreement(make_agency("FAR"))
    page = sign_in(manager).get("/").text
    assert "The agreement with UHO ends" in page
    assert "FAR" not in page


def test_agency_page_counts_who_serves(sign_in: SignIn, manager: User) -> None:
    agency = make_agency()
    make_person(agency)
    make_person(agency)
    make_person(make_agency())
    assert "2 persons serve here" in sign_in(manager).get(f"/agencies/{agency.id}").text
