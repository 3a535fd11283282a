"""A person at a device: what the journeys do in a browser, in the words of their stations."""

import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.factories.story import PASSWORD
from tests.support.browser import DESK, PHONE

# What a job has to finish first takes its time on a machine that does other things as well.
SLOW = 240_000


class Device:
    """One person's browser. Nothing on its console, no page wider than its window, a picture of every station."""

    def __init__(self, browser: Browser, base: str, pictures: Path, faults: list[str]) -> None:
        self.context: BrowserContext = browser.new_context(
            viewport=DESK, base_url=base, accept_downloads=True
        )
        self.context.set_default_timeout(60_000)
        self.page: Page = self.context.new_page()
        self.pictures, self.faults = pictures, faults
        self.page.on("pageerror", lambda error: faults.append(str(error)))
        self.page.on("console", lambda said: faults.append(said.text) if _is_fault(said) else None)

    def sign_in(self, email: str) -> "Device":
        self.page.goto("/sign-in")
        self.page.fill("input[name=email]", email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/")
        return self

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def press(self, name: str | re.Pattern[str]) -> None:
        """Send a form by its button, and stand on the page that answers."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).first.click()

    def send(self) -> None:
        """Send the form of the page by its last button, whatever that is called."""
        with self.page.expect_navigation():
            self.page.locator("main form.form button[type=submit]").last.click()

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Go where a link leads, and stand on that page."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).click()

    def post(self, path: str, form: dict[str, str]) -> None:
        """Send what a form of the application would send, with this person's session."""
        token = self.context.request.get("/recording/token").json()["token"]
        answer = self.context.request.post(path, form=form, headers={"X-CSRFToken": token}, max_redirects=0)
        assert answer.status in (302, 303), f"{path}: {answer.status} {answer.text()[:500]}"

    def station(self, name: str) -> None:
        """Take the picture of a station in the hand and at the desk, and look that nothing is cut off."""
        for width, size in (("390", PHONE), ("1280", DESK)):
            self.page.set_viewport_size(size)
            wider = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
            if self.page.evaluate(wider):
                self.faults.append(f"{name} is wider than {width}")
            self.page.screenshot(path=self.pictures / f"{name}-{width}.png", full_page=True)


def _is_fault(said: ConsoleMessage) -> bool:
    # That a form or a forged file was refused is an answer, and the browser notes its status.
    return said.type == "error" and "status of 422" not in said.text
