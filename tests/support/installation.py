"""A whole installation of its own: database, storage and outbox in one folder, and real processes as `./ijaza serve` starts them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from flask import Flask

import wsgi
from foundation import migrating
from foundation.config import load_config
from foundation.db import db
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parent.parent.parent


class Installation:
    """The processes of one installation; `app` is the same application in the test's own process, on the same database."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        self.folder = folder
        # The secrets of every test: the keys are one for a process, and the test's own process has other databases too.
        self.settings = {
            "IJAZA_INSTANCE_DIR": str(folder),
            "IJAZA_SECRET_KEY": "test-secret-" + "s" * 32,
            "IJAZA_AUDIT_KEY": "test-audit-" + "a" * 32,
            "IJAZA_FIELD_KEY": "test-field-" + "f" * 32,
            "IJAZA_DEMO": "0",
        }
        if database_url:
            self.settings["IJAZA_DATABASE_URL"] = database_url
        self.app: Flask = wsgi.create_app(load_config(self.settings))
        with self.app.app_context():
            migrating.migrate()
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.starts = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start web and worker; the port stays the same when it is started again."""
        self.starts += 1
        output = self.folder / f"output-{self.starts}"
        with output.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "foundation.supervisor", "serve", "--port", str(self.port)],
                env=self.environ(),
                stdout=said,
                stderr=said,
                cwd=self.folder,
                start_new_session=True,
            )
        process = self.process
        answered = eventually(
            lambda: b"Stop it with Ctrl-C" in output.read_bytes() or process.poll() is not None, within=60
        )
        assert answered and process.poll() is None, output.read_text()
        self.port = int(output.read_text().partition("answers at ")[2].split()[0].rpartition(":")[2])

    def environ(self) -> dict[str, str]:
        """Return the environment of its processes: this one's, without the settings of another installation."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IJAZA_")}
        return kept | {"PYTHONPATH": str(ROOT), **self.settings}

    def said(self) -> str:
        """Return what the processes told their operator."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("output-*")))

    def processes(self, *words: str) -> list[int]:
        """Return the processes of this installation, or those whose command line has a word."""
        mark = f"IJAZA_INSTANCE_DIR={self.folder}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                environ, command = (path / "environ").read_bytes(), (path / "cmdline").read_bytes()
            except OSError:
                continue
            if mark in environ.split(b"\0") and all(word.encode() in command.split(b"\0") for word in words):
                found.append(int(path.name))
        return found

    def kill(self, *words: str) -> int:
        """End processes without warning; return how many."""
        victims = self.processes(*words)
        for victim in victims:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return len(victims)

    def stop(self) -> None:
        """Stop everything; nothing stays behind."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
                self.process.wait()
        self.kill()


Made = TypeVar("Made", bound=Installation)


@contextmanager
def closing(made: Made) -> Iterator[Made]:
    """Stop an installation at the end of the block."""
    try:
        yield made
    finally:
        made.stop()
        with made.app.app_context():
            db.session.remove()
            db.engine.dispose()


@contextmanager
def installation(folder: Path, database_url: str | None = None) -> Iterator[Installation]:
    """Make an installation and stop it at the end of the block."""
    with closing(Installation(folder, database_url)) as made:
        yield made
