"""Results: each trainee's outcome with its reasons, for the eyes that may see it, on a page and as a file."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from flask import Flask
from openpyxl import load_workbook

from accounts.models import User
from accounts.permissions import Role
from foundation.db import db
from tests.factories.accounts import make_agency, make_officer, make_person, make_user
from tests.factories.curriculum import (
    make_cohort,
    make_competent,
    make_enrolment,
    post_instructor,
    record_attempt,
)
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]


@dataclass
class World:
    address: str
    grace: User
    officer: User
    trainee: User


@pytest.fixture
def world(app: Flask) -> World:
    """One competent trainee, one who failed his station once, one of another agency whose name is a formula."""
    agency, other = make_agency(), make_agency()
    cohort = make_cohort()
    grace = make_user(Role.INSTRUCTOR, name="Grace")
    post_instructor(cohort, grace)
    amira = make_person(agency, given_names="Amira", family_name="Haddad")
    make_competent(make_enrolment(cohort, agency, amira, number=1), grace)
    bilal = make_person(agency, given_names="Bilal", family_name="Khan")
    failed = make_enrolment(cohort, agency, bilal, number=2)
    record_attempt(
        failed,
        cohort.edition.assessments[0],
        grace,
        {"I1": Decimal(1)},
        outcome="not_yet_competent",
        score_percent=Decimal(0),
        note="Entered without looking.",
    )
    strange = make_person(other, given_names="=HYPERLINK", family_name="(1)")
    make_enrolment(cohort, other, strange, number=3)
    trainee = make_user(Role.TRAINEE, agency=agency, person=bilal)
    officer = make_officer(agency)
    db.session.commit()
    return World(f"/cohorts/{cohort.id}/results", grace, officer, trainee)


def test_page_shows_outcome_scores_and_reasons(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.grace).get(world.address).text
    assert "Amira Haddad" in page
    assert "Station 1: a critical item was not done safely (I1). The attempt cannot pass." in page
    assert "Station 1 can be tried again from" in page
    assert "Written paper has not been attempted yet." in page


def test_figures_lead_to_the_trainees_they_count(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.grace).get(f"{world.address}?outcome=competent").text
    assert "Amira Haddad" in page
    assert "Bilal Khan" not in page


def test_officer_sees_his_own_trainees_alone(world: World, sign_in: SignIn) -> None:
    officer = sign_in(world.officer)
    for address in (world.address, f"{world.address}.csv", f"{world.address}?print=1"):
        text = officer.get(address).text
        assert "Amira Haddad" in text
        assert "HYPERLINK" not in text


def test_csv_holds_text_that_no_spreadsheet_runs(world: World, sign_in: SignIn) -> None:
    answer = sign_in(world.grace).get(f"{world.address}.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 4
    assert rows[1][:4] == ["1", "Amira Haddad", "Enrolled", "Competent"]
    assert rows[3][1].startswith("'=")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_xlsx_keeps_numbers_numbers(world: World, sign_in: SignIn) -> None:
    answer = sign_in(world.grace).get(f"{world.address}.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet["A2"].value == 1
    assert sheet["B4"].data_type == "s"


def test_unknown_kind_of_file_is_404(world: World, sign_in: SignIn) -> None:
    assert sign_in(world.grace).get(f"{world.address}.exe").status_code == 404


@pytest.mark.parametrize(
    "role", [Role.MEDICAL_REVIEWER, Role.VETTING_OFFICER, Role.QUARTERMASTER, Role.TRAINEE]
)
def test_roles_without_a_part_in_it_see_no_results(world: World, sign_in: SignIn, role: Role) -> None:
    user = make_user(role)
    db.session.commit()
    assert sign_in(user).get(world.address).status_code in (403, 404)


def test_trainee_reads_his_own_record_and_nothing_of_others(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.trainee).get("/my/record")
    assert page.status_code == 200
    assert "Entered without looking." in page.text
    assert "Written paper has not been attempted yet." in page.text
    assert "Amira" not in page.text


def test_record_of_a_trainee_without_a_course_is_kindly_empty(world: World, sign_in: SignIn) -> None:
    user = make_user(Role.TRAINEE, person=make_person())
    db.session.commit()
    assert "No course yet" in sign_in(user).get("/my/record").text


def test_who_is_no_trainee_has_no_own_record(world: World, sign_in: SignIn) -> None:
    assert sign_in(world.grace).get("/my/record").status_code == 403
    assert sign_in(world.officer).get("/my/record").status_code == 403
