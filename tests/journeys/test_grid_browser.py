"""The recording grid in a real browser: by keys, by thumb, mirrored, and while the server is away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from accounts.models import User
from accounts.permissions import Role
from curriculum.models import Attempt, AttemptState, Attendance, Mark, MarkOperation
from foundation import clock
from foundation.db import db
from tests.factories.accounts import make_agency, make_person, make_user
from tests.factories.curriculum import make_cohort, make_edition, make_enrolment, post_instructor
from tests.support.browser import LiveServer, Visit

pytestmark = pytest.mark.browser
Visitor = Callable[..., Visit]
ITEMS = 12
LONG = 15_000


@dataclass
class Station:
    path: str
    paper: str
    attendance: str
    first_item: int
    grace: User
    omar: User


@pytest.fixture
def station(live_app: Flask) -> Station:
    """24 trainees and a station of 12 items; the longest names that occur."""
    agency = make_agency()
    cohort = make_cohort(make_edition(items=ITEMS), starts_on=clock.today("Asia/Amman"))
    grace = make_user(Role.INSTRUCTOR, name="Grace Mwangi")
    omar = make_user(Role.INSTRUCTOR, name="Omar Benali")
    post_instructor(cohort, grace)
    post_instructor(cohort, omar)
    for number in range(1, 25):
        given = "Siti Nurhaliza binti Abdullah" if number == 2 else f"Given{number}"
        person = make_person(
            agency, given_names=given, family_name="Abdurrahman Wahid", birth_date=date(1990, 1, 1)
        )
        make_enrolment(cohort, agency, person, number=number)
    assessment, paper = cohort.edition.assessments
    found = Station(
        f"/cohorts/{cohort.id}/assessments/{assessment.id}",
        f"/cohorts/{cohort.id}/assessments/{paper.id}",
        f"/cohorts/{cohort.id}/sessions/{cohort.sessions[0].id}/attendance",
        assessment.items[0].id,
        grace,
        omar,
    )
    db.session.commit()
    return found


def count(model: type) -> int:
    db.session.rollback()
    found = db.session.execute(select(func.count()).select_from(model)).scalar_one()
    db.session.rollback()
    return found


def row(page: Page, number: int):
    return page.locator("[data-grid-row]").nth(number - 1)


def wait_until_saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "saved", timeout=LONG)


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.name"))


def test_whole_sheet_is_entered_with_twelve_key_presses_and_signed(station: Station, visit: Visitor) -> None:
    device = visit(station.grace)
    device.goto(station.path)
    page = device.page
    row(page, 1).locator("input").first.focus()
    for _ in range(ITEMS):
        page.keyboard.press("3")
    wait_until_saved(page)
    expect(row(page, 1).locator("[data-row-done]")).to_have_text("12")
    expect(row(page, 1).locator("[data-sheet-cell]")).to_contain_text("Ready to sign")
    expect(page.locator("[data-marks-done]")).to_have_text("12")
    assert row(page, 2).get_attribute("data-trainee") in focused(page)
    assert (count(Mark), count(MarkOperation), count(Attempt)) == (12, 12, 1)
    row(page, 1).locator("[data-sheet-cell] a").click()
    page.get_by_role("button", name="Sign this sheet").click()
    expect(page.locator(".messages")).to_contain_text("signed and locked")
    state = db.session.execute(select(Attempt.state)).scalar_one()
    db.session.rollback()
    assert state == AttemptState.SIGNED


def test_keys_move_without_marking_and_marks_can_be_cleared(station: Station, visit: Visitor) -> None:
    device = visit(station.grace)
    device.goto(station.path)
    page = device.page
    row(page, 2).locator("input").first.focus()
    start = focused(page)
    for key in ("ArrowRight", "ArrowDown", "j", "k", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert focused(page) == start
    assert count(MarkOperation) == 0
    page.keyboard.press("9")
    page.keyboard.press("2")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Backspace")
    wait_until_saved(page)
    expect(row(page, 2).locator("[data-row-done]")).to_have_text("0")
    assert (count(Mark), count(MarkOperation)) == (0, 2)


def test_enter_finds_the_next_open_mark(station: Station, visit: Visitor) -> None:
    device = visit(station.grace)
    device.goto(station.path)
    page = device.page
    row(page, 1).locator("input").first.focus()
    for _ in range(3):
        page.keyboard.press("3")
    row(page, 1).locator("input").first.focus()
    page.keyboard.press("Enter")
    fourth = row(page, 1).locator("[data-cell]").nth(3).locator("input").first
    assert focused(page) == fourth.get_attribute("name")
    wait_until_saved(page)


def test_only_missing_hides_finished_rows(station: Station, visit: Visitor) -> None:
    device = visit(station.grace)
    device.goto(station.path)
    page = device.page
    row(page, 1).locator("input").first.focus()
    for _ in range(ITEMS):
        page.keyboard.press("3")
    wait_until_saved(page)
    page.locator("[data-only-missing]").check()
    expect(row(page, 1)).to_be_hidden()
    expect(row(page, 2)).to_be_visible()


def test_thumb_marks_in_one_card_at_a_time(station: Station, visit: Visitor) -> None:
    device = visit(station.grace, phone=True)
    device.goto(station.path)
    page = device.page
    assert not device.is_wider_than_window()
    row(page, 2).locator("[data-grid-toggle]").tap()
    expect(row(page, 2).locator("[data-cell]").first).to_be_visible()
    expect(row(page, 1).locator("[data-cell]").first).to_be_hidden()
    target = row(page, 2).locator(".mark__level").nth(3)
    box = target.bounding_box()
    assert box is not None
    assert box["height"] >= 46
    assert box["width"] >= 46
    for place in range(ITEMS):
        row(page, 2).locator("[data-cell]").nth(place).locator(".mark__level").nth(3).tap()
    wait_until_saved(page)
    assert count(Mark) == ITEMS
    expect(row(page, 2).locator("[data-row-done]")).to_have_text("12")
    row(page, 2).locator("[data-grid-next]").tap()
    expect(row(page, 3).locator("[data-cell]").first).to_be_visible()
    expect(row(page, 2).locator("[data-cell]").first).to_be_hidden()
    assert not device.is_wider_than_window()


def test_arabic_page_is_mirrored_in_look_and_keys(station: Station, visit: Visitor) -> None:
    station.grace.language = "ar"
    db.session.commit()
    device = visit(station.grace)
    device.goto(station.path)
    page = device.page
    assert page.evaluate("() => document.dir") == "rtl"
    cells = row(page, 1).locator("[data-cell]")
    first, second = cells.nth(0).bounding_box(), cells.nth(1).bounding_box()
    assert first is not None
    assert second is not None
    assert first["x"] > second["x"]
    cells.nth(0).locator("input").first.focus()
    page.keyboard.press("ArrowLeft")
    assert focused(page) == cells.nth(1).locator("input").first.get_attribute("name")
    cells.nth(1).locator("input").first.dispatch_event("keydown", {"key": "٣"})
    wait_until_saved(page)
    value = db.session.execute(select(Mark.value)).scalar_one()
    db.session.rollback()
    assert value == Decimal(3)


def test_values_entered_while_the_server_is_away_are_kept_and_delivered(
    station: Station, visit: Visitor, server: LiveServer
) -> None:
    device = visit(station.grace)
    device.goto(station.path)
    page = device.page
    row(page, 1).locator("input").first.focus()
    page.keyboard.press("3")
    wait_until_saved(page)
    server.stop()
    for _ in range(3):
        page.keyboard.press("2")
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "queued", timeout=LONG)
    expect(page.locator("[data-saved-text]")).to_have_text("Not yet sent: 3")
    expect(page.locator("fieldset[data-queued]")).to_have_count(3)
    assert count(Mark) == 1
    server.start()
    wait_until_saved(page)
    expect(page.locator("fieldset[data-queued]")).to_have_count(0)
    assert (count(Mark), count(MarkOperation)) == (4, 4)


def test_unsent_values_outlive_a_reload_and_leaving_asks_first(
    station: Station, visit: Visitor, server: LiveServer
) -> None:
    device = visit(station.grace)
    device.goto(station.path)
    page = device.page
    page.route("**/marks", lambda route: route.abort())
    row(page, 1).locator("input").first.focus()
    page.keyboard.press("3")
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "queued", timeout=LONG)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.unroute("**/marks")
    page.route("**/marks", lambda route: route.abort())
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator("fieldset[data-queued]")).to_have_count(1)
    page.unroute("**/marks")
    wait_until_saved(page)
    assert (count(Mark), count(MarkOperation)) == (1, 1)


def test_lost_answer_is_sent_again_and_stored_once(station: Station, visit: Visitor) -> None:
    device = visit(station.grace)
    device.goto(station.path)
    page = device.page
    lost: list[int] = []

    def lose_the_first(route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/marks", lose_the_first)
    row(page, 1).locator("input").first.focus()
    page.keyboard.press("3")
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "queued", timeout=LONG)
    wait_until_saved(page)
    assert lost == [200]
    assert (count(Mark), count(MarkOperation)) == (1, 1)


def test_two_devices_on_one_item_show_the_conflict_with_both_values(station: Station, visit: Visitor) -> None:
    here, there = visit(station.grace), visit(station.omar)
    here.goto(station.path)
    there.goto(station.path)
    for device, key in ((here, "3"), (there, "1")):
        row(device.page, 1).locator("input").first.focus()
        device.page.keyboard.press(key)
        wait_until_saved(device.page)
    notice = there.page.locator("[data-recorder-notice]")
    expect(notice).to_contain_text("you entered 1, and a colleague entered 3")
    expect(row(there.page, 1).locator("input:checked")).to_have_value("3")
    expect(row(there.page, 1).locator(".mark__conflict")).to_be_visible()
    notice.locator("a").click()
    expect(there.page.locator("main")).to_contain_text("The lead instructor decides")


def test_session_that_ended_keeps_the_values_and_delivers_them_after_signing_in(
    station: Station, visit: Visitor
) -> None:
    device = visit(station.grace)
    device.goto(station.path)
    page = device.page
    cookies = device.context.cookies()
    device.context.clear_cookies()
    row(page, 1).locator("input").first.focus()
    page.keyboard.press("3")
    expect(page.locator("[data-recorder-notice]")).to_contain_text("Your session ended", timeout=LONG)
    assert count(Mark) == 0
    device.context.add_cookies(cookies)
    wait_until_saved(page)
    assert count(Mark) == 1


def test_written_paper_is_typed_down_the_column(station: Station, visit: Visitor) -> None:
    device = visit(station.grace)
    device.goto(station.paper)
    page = device.page
    row(page, 1).locator(".mark__input").focus()
    for score in ("72.5", "101", "88"):
        page.keyboard.type(score)
        page.keyboard.press("Enter")
    expect(page.locator("[data-recorder-notice]")).to_contain_text("takes 0 to 100", timeout=LONG)
    wait_until_saved(page)
    values = sorted(db.session.execute(select(Mark.value)).scalars())
    db.session.rollback()
    assert values == [Decimal("72.5"), Decimal("88")]


def test_attendance_is_saved_by_thumb_and_a_reason_is_asked_for(station: Station, visit: Visitor) -> None:
    device = visit(station.grace, phone=True)
    device.goto(station.attendance)
    page = device.page
    assert not device.is_wider_than_window()
    first, second = page.locator("[data-roll-row]").nth(0), page.locator("[data-roll-row]").nth(1)
    first.locator(".mark__level").nth(0).tap()
    wait_until_saved(page)
    assert count(Attendance) == 1
    second.locator(".mark__level").nth(2).tap()
    expect(page.locator("[data-recorder-notice]")).to_contain_text("Give the reason")
    assert count(Attendance) == 1
    page.keyboard.type("Ill, with a doctor's note")
    page.keyboard.press("Tab")
    wait_until_saved(page)
    expect(second.locator("fieldset")).to_have_attribute("data-state", "saved", timeout=LONG)
    assert count(Attendance) == 2


def test_without_scripts_the_grid_is_a_form_that_saves_a_row(
    station: Station, visit: Visitor, server: LiveServer
) -> None:
    device = visit(station.grace)
    context = device.context.browser.new_context(java_script_enabled=False)
    context.add_cookies(device.context.cookies())
    page = context.new_page()
    page.goto(f"{server.url}{station.path}")
    for place in range(3):
        row(page, 1).locator("[data-cell]").nth(place).locator(".mark__level").nth(3).click()
    row(page, 1).get_by_role("button", name="Save row").click()
    expect(page.locator(".messages")).to_contain_text("The row is saved. Marks on it: 3.")
    context.close()
    assert count(Mark) == 3
