"""A real server on a port of its own, and a real browser that looks at it.

The server shares the test's SQLite file, so a test prepares rows with the factories, commits, and opens the page. Only
SQLite: what a browser sees does not depend on the kind of database.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from accounts.models import User
from foundation.db import db
from tests.support.client import sign_in_client

# Without them the browser looks for updates and for better transports, and the network is not ours.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


class _Quiet(WSGIRequestHandler):
    """Does not report each file a page asks for."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class _Unhurried:
    """The application, each answer read to its end and closed before any of it is sent.

    The development server forgets to close an answer whose reader went away while it was being sent (a page left in the
    middle of its scripts); the servers of production close it.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        answer = self.app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            if hasattr(answer, "close"):
                answer.close()


class LiveServer:
    """The application on a random port of this machine; it can be stopped and started again on the same port."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.port = 0
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = make_server(
            "127.0.0.1", self.port, _Unhurried(self.app), threaded=True, request_handler=_Quiet
        )
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = None


@contextmanager
def live_server(app: Flask) -> Iterator[LiveServer]:
    """Serve the application for the length of a block."""
    db.session.rollback()
    server = LiveServer(app)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser named by IJAZA_TEST_CHROMIUM, else the system's own."""
    path = os.environ.get("IJAZA_TEST_CHROMIUM") or "/usr/bin/chromium"
    assert Path(path).exists(), f"These tests need Chromium; none at {path}. Name one in IJAZA_TEST_CHROMIUM."
    # What is awaited comes at once on a quiet machine; a busy one gets its time, and only a fault waits it out.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One person at one device: a signed-in page that remembers every fault its console reported."""

    def __init__(self, context: BrowserContext, server: LiveServer) -> None:
        self.context = context
        self.server = server
        self.faults: list[str] = []
        self.page: Page = self.open_page()

    def open_page(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.faults.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        return page

    def goto(self, path: str) -> None:
        self.page.goto(f"{self.server.url}{path}")

    def is_wider_than_window(self) -> bool:
        """Return whether the page can be pushed sideways."""
        script = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.page.evaluate(script))


Visitor = Callable[..., Visit]


def visit_as(
    browser: Browser, server: LiveServer, user: User, *, phone: bool = False, dark: bool = False
) -> Visit:
    """Return a device at which the user is signed in, at a desk or in the hand."""
    client = sign_in_client(server.app, user)
    cookie = client.get_cookie("ijaza", domain="localhost")
    assert cookie is not None
    db.session.rollback()
    context = browser.new_context(
        viewport=PHONE if phone else DESK,
        has_touch=phone,
        is_mobile=phone,
        color_scheme="dark" if dark else "light",
    )
    context.add_cookies([{"name": "ijaza", "value": cookie.value, "url": server.url}])
    return Visit(context, server)
