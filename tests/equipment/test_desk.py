"""What waits for whom: drafts, signatures, cases, inspections and returns; and what the search finds."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from accounts.models import User
from accounts.permissions import Role
from equipment import desk
from equipment.models import CaseKind
from equipment.services import cases, dues
from foundation import clock
from foundation.tenancy import Scope, within
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.equipment import (
    hand_over,
    make_draft,
    make_issued,
    make_item,
    make_items,
    make_quartermaster,
    make_type,
)
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]


def waiting(app: Flask, viewer: User, on: date | None = None) -> dict[str, date | None]:
    agencies = None if viewer.agency_id is None else frozenset({viewer.agency_id})
    with app.test_request_context(), within(Scope(agencies)):
        return {str(line.sentence): line.due_on for line in desk.list_waiting(viewer, on or clock.today())}


def test_quartermaster_sees_drafts_and_deeds_that_wait_for_signatures(app: Flask) -> None:
    make_draft(None, [make_item()])
    deed = make_issued(None, [make_item()])
    assert waiting(app, make_quartermaster()) == {
        "1 deed is drafted and not issued yet.": None,
        f"Deed {deed.number} is issued and waits for signatures.": clock.today() + dues.SIGN_WITHIN,
    }


def test_quartermaster_sees_open_cases_and_inspections_due(app: Flask) -> None:
    actor, item = make_quartermaster(), make_item()
    make_items(2, item_type=make_type(inspect_every_months=1), on=clock.today() - timedelta(days=25))
    found_on = clock.today() - timedelta(days=20)
    cases.report_case(item, cases.Report(CaseKind.DAMAGED, found_on, "The strap is torn off."), actor=actor)
    lines = waiting(app, actor)
    assert lines["1 case about an item waits for your decision."] == found_on + desk.DECIDE_WITHIN
    assert "2 items are due for inspection within 30 days." in lines


def test_quartermaster_and_the_agency_see_what_is_to_be_returned(app: Flask) -> None:
    agency, due = make_agency(), clock.today() + timedelta(days=10)
    deed = hand_over(agency, make_items(3), return_due_on=due)
    expected = {f"Deed {deed.number}: 3 things are to be returned.": due}
    assert waiting(app, make_quartermaster()) == expected
    assert waiting(app, make_officer(agency)) == expected
    assert waiting(app, make_officer(make_agency())) == {}


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.TRAINEE, Role.ADMINISTRATOR, Role.AUDITOR])
def test_others_see_no_work_of_the_store(app: Flask, role: Role) -> None:
    make_draft(None, [make_item()])
    make_issued(None, [make_item()])
    assert waiting(app, make_user(role)) == {}


def test_start_page_of_the_quartermaster_leads_to_the_deed_that_waits(app: Flask, sign_in: SignIn) -> None:
    deed = make_issued(None, [make_item()])
    client = sign_in(make_quartermaster())
    assert f"/deeds/{deed.id}/sign" in client.get("/").text


def test_search_finds_items_and_deeds_within_sight(app: Flask, sign_in: SignIn) -> None:
    agency = make_agency("CPD")
    item = make_item(item_type=make_type("TRIAGE-KIT", tag_prefix="K"))
    with clock.frozen_at(clock.now() - timedelta(days=1)):
        foreign = make_issued(make_agency("UHO"), [make_item()])
    deed = hand_over(agency, [item])
    officer, manager = sign_in(make_officer(agency)), sign_in(make_user(Role.PROGRAMME_MANAGER))
    for client in (officer, manager):
        assert f"/items/{item.id}" in client.get("/search?q=K-0001").text
        assert f"/deeds/{deed.id}" in client.get(f"/search?q={deed.number}").text
    assert f"/deeds/{foreign.id}" in manager.get(f"/search?q={foreign.number}").text
    assert f"/deeds/{foreign.id}" not in officer.get(f"/search?q={foreign.number}").text
    trainee = sign_in(make_user(Role.TRAINEE))
    assert f"/items/{item.id}" not in trainee.get("/search?q=K-0001").text
