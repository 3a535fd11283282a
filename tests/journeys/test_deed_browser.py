"""A deed in a real browser: one list, one signature each side, drawn with the mouse at a desk and with a finger in the hand."""

import json
import math
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select

from accounts.models import Agency, User
from equipment.models import CustodyEntry, Deed, DeedReceipt, DeedSignature, DeedState, Item, Lot, Tracking
from equipment.services import deeds
from equipment.strokes import MOST_POINTS, check_strokes
from foundation import jobs
from foundation.db import db
from tests.factories.accounts import make_agency
from tests.factories.equipment import (
    make_draft,
    make_issued,
    make_items,
    make_lot,
    make_quartermaster,
    make_type,
)
from tests.support.browser import Visit

pytestmark = pytest.mark.browser
Visitor = Callable[..., Visit]
DESKS = {"width": 900, "height": 700}


@dataclass
class Store:
    """What was prepared, as plain values: a row that is read again would lock the database for the server."""

    quartermaster: User
    agency_id: int
    agency: str
    marks: list[tuple[str, str]]  # tag and serial number
    item_ids: list[int]
    lot_id: int


@dataclass
class Issued:
    deed_id: int
    path: str
    line_ids: list[int]


@pytest.fixture
def store(live_app: Flask) -> Store:
    """Twelve items of three types, and a thousand tags."""
    kinds = [(4, "KIT", "طقم فرز"), (6, "RADIO", "جهاز لاسلكي"), (2, "SUCTION", "جهاز شفط")]
    items = [
        item
        for number, code, name in kinds
        for item in make_items(
            number,
            item_type=make_type(code, tag_prefix=code[0], names={"en": code.title(), "ar": name, "fr": code}),
        )
    ]
    lot = make_lot(
        1000, item_type=make_type("TRIAGE-TAG", tracking=Tracking.QUANTITY), lot_number="TT-2026-04"
    )
    agency = make_agency(
        names={
            "en": "Civil Protection Directorate",
            "ar": "مديرية الدفاع المدني",
            "fr": "Direction de la protection civile",
        }
    )
    found = Store(
        quartermaster=make_quartermaster(),
        agency_id=agency.id,
        agency=agency.code,
        marks=[(item.tag, str(item.serial)) for item in items],
        item_ids=[item.id for item in items],
        lot_id=lot.id,
    )
    db.session.commit()
    return found


@pytest.fixture
def issued(store: Store) -> Issued:
    """Three items and two hundred tags, waiting for both signatures."""
    deed = make_issued(
        db.session.get_one(Agency, store.agency_id),
        [db.session.get_one(Item, item_id) for item_id in store.item_ids[:3]],
        lots=[(db.session.get_one(Lot, store.lot_id), 200)],
        actor=store.quartermaster,
    )
    found = Issued(deed.id, f"/deeds/{deed.id}/sign", [line.id for line in deed.lines])
    db.session.commit()
    return found


def pad(page: Page, side: str) -> Locator:
    return page.locator(f"[data-pad]:has(input[name={side}_strokes])")


def wave() -> Iterator[tuple[float, float]]:
    """Yield a signature as shares of the pad's width and height."""
    for step in range(40):
        yield 0.1 + 0.02 * step, 0.5 + 0.3 * math.sin(step / 3)


def draw(page: Page, side: str) -> None:
    """Draw with the mouse."""
    paper = pad(page, side).locator("[data-pad-paper]")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box is not None
    places = [(box["x"] + across * box["width"], box["y"] + down * box["height"]) for across, down in wave()]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def draw_with_a_finger(device: Visit, side: str) -> None:
    paper = pad(device.page, side).locator("[data-pad-paper]")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box is not None
    session = device.context.new_cdp_session(device.page)
    where = device.page.evaluate("() => window.scrollY")
    for step, (across, down) in enumerate(wave()):
        point = {"x": box["x"] + across * box["width"], "y": box["y"] + down * box["height"]}
        kind = "touchMove" if step else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()
    assert (
        device.page.evaluate("() => window.scrollY") == where
    )  # the finger draws; it does not push the page


def strokes_of(page: Page, side: str) -> list[list[list[int]]]:
    value = pad(page, side).locator("[data-pad-strokes]").input_value()
    strokes: list[list[list[int]]] = json.loads(value or "[]")
    return strokes


def count(model: type) -> int:
    db.session.rollback()
    found: int = db.session.execute(select(func.count()).select_from(model)).scalar_one()
    db.session.rollback()
    return found


def state_of(deed_id: int) -> DeedState:
    db.session.rollback()
    state = db.session.execute(select(Deed.state).where(Deed.id == deed_id)).scalar_one()
    db.session.rollback()
    return state


def sign_both(page: Page) -> None:
    page.fill("#receiver_name", "صلاح عبدالله الخطيب")
    page.fill("#receiver_title", "Head of support")
    draw(page, "giver")
    draw(page, "receiver")


def press(page: Page, name: str) -> None:
    """Send a form by its button, and stand on the page that answers, its scripts at work."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def close(page: Page) -> None:
    press(page, "Both have signed")


def test_twelve_items_and_two_hundred_tags_change_hands_with_two_signatures(
    store: Store, visit: Visitor, tmp_path: Path
) -> None:
    device = visit(store.quartermaster)
    page = device.page
    device.goto("/deeds/new")
    page.select_option("#agency", label=f"{store.agency} · Civil Protection Directorate")
    page.fill("#purpose", "Equipment of the team after its course")
    page.fill("#return_due_on", "2028-11-30")
    press(page, "Save and choose")

    for tag in ("K-0001", "k-0002"):
        page.fill("[data-scan-input]", tag)
        page.keyboard.press("Enter")
        expect(page.locator("[data-scan-status]")).to_contain_text(tag.upper())
    expect(page.locator("[data-scan-list] li")).to_have_count(2)
    device.goto(page.url.removeprefix(device.server.url))
    page.locator("[data-bulk-all]").check()
    page.get_by_label("How many of lot TT-2026-04").fill("200")
    expect(page.locator("[data-bulk-count]")).to_contain_text("11")
    press(page, "Put them on the deed")
    expect(page.locator("[data-scan-list] li")).to_have_count(13)
    with page.expect_navigation():
        page.get_by_role("link", name="Go on to the issue").click()
    press(page, "Issue the deed")

    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"D-\d{4}-0001"))
    expect(page.locator("[data-count-sum]")).to_contain_text("212 of 212")
    sign_both(page)
    close(page)
    expect(page.locator(".badge", has_text="Signed by both").first).to_be_visible()
    assert (count(DeedReceipt), count(DeedSignature)) == (13, 2)

    jobs.run_pending()
    device.goto(page.url.removeprefix(device.server.url))
    expect(page.locator("a[hreflang]")).to_have_count(3)
    for language, said in (
        ("en", "Deed of handover"),
        ("ar", "محضر تسليم"),
        ("fr", "Procès-verbal de remise"),
    ):
        with page.expect_download() as waiting:
            page.locator(f"a[hreflang={language}]").click()
        path = tmp_path / f"{language}.pdf"
        waiting.value.save_as(path)
        text = read(path)
        assert said in text
        assert "صلاح عبدالله الخطيب" in text
        for tag, serial in store.marks:
            assert tag in text
            assert serial in text
        assert "TT-2026-04" in text
        assert "212" in text


def read(path: Path) -> str:
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    marks = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
    return " ".join(unicodedata.normalize("NFC", marks.sub("", done.stdout)).split())


def test_a_refused_form_loses_nothing_that_was_drawn_counted_or_typed(
    store: Store, issued: Issued, visit: Visitor
) -> None:
    device = visit(store.quartermaster)
    page = device.page
    device.goto(issued.path)
    first, lot_line = issued.line_ids[0], issued.line_ids[3]
    page.locator(f"input[name=line-{first}-outcome][value=refused]").check()
    missing = page.locator(f"#line-{lot_line}-missing")
    page.get_by_role("button", name="One more: Missing").click()
    page.get_by_role("button", name="One more: Missing").click()
    expect(page.locator(f"#line-{lot_line}-accepted")).to_have_value("198")
    page.fill("#receiver_name", "Rania Receiver")
    draw(page, "giver")
    drawn = strokes_of(page, "giver")

    close(page)

    expect(page.locator("[data-error-summary]")).to_contain_text("Say in a few words why")
    expect(page.locator("[data-error-summary]")).to_contain_text("Sign in the field")
    assert strokes_of(page, "giver") == drawn
    expect(pad(page, "giver").locator("[data-pad-ink] path")).to_have_count(1)
    expect(page.locator(f"input[name=line-{first}-outcome][value=refused]")).to_be_checked()
    expect(missing).to_have_value("2")
    expect(page.locator("#receiver_name")).to_have_value("Rania Receiver")
    assert count(DeedSignature) == 0

    page.fill(f"#line-{first}-reason", "The case is cracked")
    page.fill(f"#line-{lot_line}-reason", "The box holds 198")
    draw(page, "receiver")
    close(page)

    expect(page.locator(".badge", has_text="Signed by both").first).to_be_visible()
    db.session.rollback()
    written = db.session.execute(select(DeedReceipt).order_by(DeedReceipt.deed_line_id)).scalars().all()
    assert [(one.accepted, one.refused, one.missing) for one in written] == [
        (0, 1, 0),
        (1, 0, 0),
        (1, 0, 0),
        (198, 0, 2),
    ]


def test_the_same_acceptance_sent_twice_at_once_has_one_effect(
    store: Store, issued: Issued, visit: Visitor
) -> None:
    device = visit(store.quartermaster)
    page = device.page
    device.goto(issued.path)
    sign_both(page)
    before = count(CustodyEntry)

    statuses = page.evaluate(
        """async () => {
          const form = document.querySelector("form[data-count]");
          const send = () => fetch(form.action, { method: "POST", body: new FormData(form) });
          return (await Promise.all([send(), send()])).map((answer) => answer.status);
        }"""
    )

    assert statuses == [200, 200]
    assert count(CustodyEntry) == before + 4
    assert (count(DeedReceipt), count(DeedSignature)) == (4, 2)


def test_signed_with_a_finger_in_the_hand(store: Store, issued: Issued, visit: Visitor) -> None:
    device = visit(store.quartermaster, phone=True)
    page = device.page
    device.goto(issued.path)
    assert not device.is_wider_than_window()
    page.fill("#receiver_name", "Rania Receiver")
    draw_with_a_finger(device, "giver")
    draw_with_a_finger(device, "receiver")
    assert len(strokes_of(page, "giver")) == len(strokes_of(page, "receiver")) == 1

    page.get_by_role("button", name="Both have signed").tap()

    expect(page.locator(".badge", has_text="Signed by both").first).to_be_visible()
    assert state_of(issued.deed_id) is DeedState.CLOSED


def test_strokes_are_taken_back_one_by_one_and_survive_a_turn_of_the_screen(
    store: Store, issued: Issued, visit: Visitor
) -> None:
    device = visit(store.quartermaster)
    page = device.page
    device.goto(issued.path)
    own = pad(page, "giver")
    expect(own.locator("[data-pad-undo]")).to_be_disabled()
    draw(page, "giver")
    draw(page, "giver")
    both = strokes_of(page, "giver")
    assert len(both) == 2
    assert sum(map(len, both)) <= MOST_POINTS
    assert check_strokes(both)

    page.set_viewport_size({"width": DESKS["height"], "height": DESKS["width"]})
    assert strokes_of(page, "giver") == both
    own.locator("[data-pad-undo]").click()
    assert strokes_of(page, "giver") == both[:1]
    own.locator("[data-pad-clear]").click()
    assert strokes_of(page, "giver") == []
    expect(own.locator("[data-pad-state]")).to_have_text("Not signed yet.")


def test_a_deed_made_void_meanwhile_is_not_signed(store: Store, issued: Issued, visit: Visitor) -> None:
    device = visit(store.quartermaster)
    page = device.page
    device.goto(issued.path)
    sign_both(page)
    deed = db.session.get_one(Deed, issued.deed_id)
    deeds.void_deed(deed, reason="Wrong list", actor=store.quartermaster)
    db.session.commit()
    before = count(CustodyEntry)

    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        close(page)

    assert waiting.value.status == 409
    expect(page.locator(".notice")).to_contain_text("Nothing has changed hands")
    assert len(strokes_of(page, "giver")) == 1
    assert (count(CustodyEntry), count(DeedSignature)) == (before, 0)


def test_a_quick_scanner_loses_no_tag(store: Store, visit: Visitor) -> None:
    agency = db.session.get_one(Agency, store.agency_id)
    path = f"/deeds/{make_draft(agency, actor=store.quartermaster).id}/lines/new"
    db.session.commit()
    device = visit(store.quartermaster)
    page = device.page
    device.goto(path)
    page.focus("[data-scan-input]")
    for tag, _serial in store.marks:
        page.keyboard.type(tag)
        page.keyboard.press("Enter")
    expect(page.locator("[data-scan-list] li")).to_have_count(12)
    page.keyboard.type("X-9999")
    page.keyboard.press("Enter")
    expect(page.locator("[data-scan-status]")).to_contain_text("X-9999")
    expect(page.locator("[data-scan-status]")).to_have_attribute("data-tone", "bad")
    expect(page.locator("[data-scan-list] li")).to_have_count(12)
