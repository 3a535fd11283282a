"""Whether the team is ready: formed by its officer, measured before the course and after it, reported in three languages."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.certification.paper import ask, plain
from tests.journeys.device import SLOW, Device

TEAM = "CPD-MCM"
LANGUAGES = ("en", "ar", "fr")


def form_team(officer: Device, *, today: str) -> str:
    """Form the team with everybody of the agency in it; return its address."""
    page = officer.open("/teams/new")
    page.fill("input[name=code]", TEAM)
    page.fill("input[name=names_en]", "Mass-casualty team of the Civil Protection Directorate")
    page.fill("input[name=names_ar]", "فريق الإصابات الجماعية")
    standard = page.locator("select[name=edition_id] option", has_text="Mass-casualty team").get_attribute(
        "value"
    )
    assert standard is not None
    page.select_option("select[name=edition_id]", standard)
    page.fill("input[name=formed_on]", today)
    officer.press("Form the team")
    address = "/teams/" + urlsplit(page.url).path.split("/")[2]
    page.goto(f"{address}/members/add")
    page.locator("thead input[type=checkbox]").check()
    officer.press("Add to the team")
    return address


def allot_everything(officer: Device, team: str) -> None:
    """Let all that the agency holds count for the team."""
    page = officer.page
    page.goto(f"{team}/equipment/allot")
    page.locator("thead input[type=checkbox]").check()
    officer.press("Allot to the team")
    officer.station("35-allotted")


def measure(officer: Device, team: str, *, station: str) -> dict[str, str]:
    """Keep today's figures as a snapshot and return the text of its report {language: text}."""
    page = officer.page
    page.goto(f"{team}/readiness")
    officer.station(f"{station}-readiness")
    officer.press("Keep as a snapshot and print the report")
    texts = {}
    for code in LANGUAGES:
        link = page.locator(f"a[hreflang={code}][href$='{code}.pdf']")
        expect(link).to_be_visible(timeout=SLOW)
        with page.expect_download() as download:
            link.click()
        file = Path(officer.pictures) / f"{station}-report-{code}.pdf"
        download.value.save_as(file)
        texts[code] = plain(ask("pdftotext", "-layout", file, "-"))
    officer.station(f"{station}-snapshot")
    return texts
