"""Every page is usable by everybody, as far as a machine can tell: axe finds nothing, and nothing is cut off in the hand.

The pages come from the same inventory as the guards of the house, so a new page is looked at without being listed here.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from accounts.models import User
from foundation.db import db
from tests.conftest import TestDatabase
from tests.support.browser import DESK, PHONE, LiveServer, live_server
from tests.support.inhabited import WorldApp
from tests.support.routes import Route, address_of, list_routes

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "tests" / "vendor" / "axe-core-4.14.1" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`);
}"""
IS_WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def inhabited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldApp]:
    database = TestDatabase("sqlite", tmp_path_factory.mktemp("axe"))
    made = WorldApp(database)
    with made.app.app_context():
        yield made
        db.session.remove()
    database.close()


@pytest.fixture
def server(inhabited: WorldApp) -> Iterator[LiveServer]:
    with live_server(inhabited.app) as started:
        yield started


@pytest.fixture(scope="module")
def pages(inhabited: WorldApp) -> list[tuple[str, int | None]]:
    """Each page once, with somebody who may open it: a page without parameters, or for the first object that has one."""
    found = [_find_reader(inhabited, route) for route in list_routes(inhabited.app, "GET")]
    return sorted((one for one in found if one), key=lambda one: one[1] or 0)


def _find_reader(inhabited: WorldApp, route: Route) -> tuple[str, int | None] | None:
    world = inhabited.world
    for arguments in world.fill(route.rule, world.a):
        address = address_of(inhabited.app, route, arguments)
        for user_id in [None] if route.access.public and route.rule.rule != "/" else world.users.values():
            answer = inhabited.ask(user_id, "GET", address)
            is_page = answer.status_code == 200 and answer.mimetype == "text/html"
            if is_page and answer.get_data(as_text=True).lstrip().lower().startswith("<!doctype"):
                return address, user_id
    return None


def _set_language(language: str) -> None:
    db.session.execute(update(User).values(language=language))
    db.session.commit()


def _look(page: Page, address: str) -> Iterator[str]:
    """Load a page once, look at it at the desk and in the hand, and yield what is wrong."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        if page.evaluate(IS_WIDER):
            yield f"{address} at {size['width']}: wider than the window"
        for fault in page.evaluate(LOOK, RULES):
            yield f"{address} at {size['width']}: {fault}"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_on_any_page(
    browser: Browser,
    inhabited: WorldApp,
    pages: list[tuple[str, int | None]],
    server: LiveServer,
    language: str,
) -> None:
    _set_language(language)
    assert len(pages) > 50
    context = browser.new_context(viewport=DESK, locale=language, base_url=server.url)
    context.add_init_script(path=AXE)
    page = context.new_page()
    wrong: list[str] = []
    page.on(
        "console", lambda said: wrong.append(f"{page.url}: {said.text}") if said.type == "error" else None
    )
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    name = inhabited.app.config["SESSION_COOKIE_NAME"]
    for address, user_id in pages:
        context.clear_cookies()
        if session := inhabited.cookie_of(user_id):
            context.add_cookies([{"name": name, "value": session, "url": server.url}])
        page.goto(address)
        wrong += _look(page, address)
    context.close()
    assert not wrong, "\n".join(wrong)
