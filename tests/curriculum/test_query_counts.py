"""What pages of a cohort ask the database: as much for three people as for thirty, and little."""

from collections.abc import Callable

import pytest
from flask import Flask

from accounts.models import User
from bench.cohort import make_measured_cohort
from tests.support.client import LintingClient
from tests.support.statements import counted_statements

PAGES = {
    "roster": "/cohorts/{cohort}/people",
    "attendance": "/cohorts/{cohort}/attendance",
    "assessments": "/cohorts/{cohort}/assessments",
    "grid": "/cohorts/{cohort}/assessments/{station}",
    "results": "/cohorts/{cohort}/results",
    "certification": "/cohorts/{cohort}/certification",
}
SignIn = Callable[[User], LintingClient]


def ask(sign_in: SignIn, page: str, people: int) -> list[str]:
    made = make_measured_cohort(people)
    client = sign_in(made.manager)
    address = PAGES[page].format(cohort=made.cohort_id, station=made.station_id)
    assert client.get(address).status_code == 200
    with counted_statements() as statements:
        assert client.get(address).status_code == 200
    return statements


@pytest.mark.parametrize("page", PAGES)
def test_thirty_people_cost_as_many_statements_as_three(app: Flask, sign_in: SignIn, page: str) -> None:
    assert len(ask(sign_in, page, 30)) == len(ask(sign_in, page, 3))


def test_roster_of_thirty_people_asks_at_most_eight_statements(app: Flask, sign_in: SignIn) -> None:
    statements = ask(sign_in, "roster", 30)
    assert len(statements) <= 8, statements
