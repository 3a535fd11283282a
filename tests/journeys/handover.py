"""Equipment changes hands: stock is registered, one deed carries all of it, both sides sign on one screen."""

from pathlib import Path

from playwright.sync_api import Locator, expect

from foundation import clock
from tests.certification.paper import ask, plain
from tests.journeys.device import SLOW, Device

TYPES = (("TRIAGE-KIT", 4), ("RADIO-VHF", 6), ("SUCTION-UNIT", 2))
TAGS = 200
RECEIVER = "Lina Qasem"
LANGUAGES = ("en", "ar", "fr")


def fill_the_store(quartermaster: Device) -> list[str]:
    """Register the twelve items and a box of triage tags; return the serial numbers."""
    serials = []
    for code, count in TYPES:
        page = quartermaster.open("/equipment/items/new")
        _choose(page.locator("select[name=item_type]"), code)
        own = [f"{code[:3]}-26-{number:03d}" for number in range(1, count + 1)]
        page.fill("textarea[name=serials]", "\n".join(own))
        page.fill("input[name=acquired_on]", clock.today().isoformat())
        quartermaster.press("Register the items")
        serials += own
    page = quartermaster.open("/equipment/stock/new")
    _choose(page.locator("select[name=item_type]"), "TRIAGE-TAG")
    page.fill("input[name=lot_number]", "TT-2026-A")
    page.fill("input[name=quantity]", "500")
    page.fill("input[name=acquired_on]", clock.today().isoformat())
    quartermaster.send()
    return serials


def hand_over(quartermaster: Device, *, agency_id: int, cohort_id: int, folder: Path) -> dict[str, str]:
    """Draw up one deed of 12 items and 200 tags, issue it, have it signed by both; return its texts {language: text}."""
    page = quartermaster.open("/deeds/new")
    page.select_option("select[name=agency]", str(agency_id))
    page.select_option("select[name=cohort]", str(cohort_id))
    page.fill(
        "textarea[name=purpose]", "Exercises of the mass-casualty course, afterwards the team's own stock."
    )
    quartermaster.station("30-deed-terms")
    quartermaster.send()
    page.locator("thead input[type=checkbox]").check()
    page.locator("input[name^=lot-]").fill(str(TAGS))
    quartermaster.station("31-deed-lines")
    quartermaster.press("Put them on the deed")
    expect(page.locator(".chosen__line")).to_have_count(13)
    quartermaster.follow("Go on to the issue")
    quartermaster.press("Issue the deed")
    page.fill("input[name=giver_title]", "Quartermaster")
    page.fill("input[name=receiver_name]", RECEIVER)
    page.fill("input[name=receiver_title]", "Head of training")
    for pad in page.locator("[data-pad-paper]").all():
        _draw(quartermaster, pad)
    quartermaster.station("32-deed-signing")
    quartermaster.press("Both have signed: close the deed")
    expect(page.locator("main")).to_contain_text("signed by both")
    texts = {}
    for code in LANGUAGES:
        link = page.locator(f"a[hreflang={code}][href$='.pdf']")
        expect(link).to_be_visible(timeout=SLOW)
        with page.expect_download() as download:
            link.click()
        file = folder / f"deed-{code}.pdf"
        download.value.save_as(file)
        texts[code] = plain(ask("pdftotext", "-layout", file, "-"))
    quartermaster.station("33-deed-closed")
    return texts


def _choose(select: Locator, code: str) -> None:
    """Choose the option whose words begin with a code."""
    value = select.locator("option", has_text=f"{code} ·").get_attribute("value")
    assert value is not None
    select.select_option(value)


def _draw(device: Device, pad: Locator) -> None:
    """Sign with the mouse: two strokes across the pad."""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    mouse = device.page.mouse
    for down, up in (((0.1, 0.7), (0.5, 0.2)), ((0.4, 0.6), (0.9, 0.4))):
        mouse.move(box["x"] + box["width"] * down[0], box["y"] + box["height"] * down[1])
        mouse.down()
        mouse.move(box["x"] + box["width"] * up[0], box["y"] + box["height"] * up[1], steps=6)
        mouse.up()
