"""An application of the foundation alone, with a few jobs that behave badly.

Run as a module it is a worker process that a test may kill: `python -m tests.support.bare_app DATABASE_URL
FOLDER`.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from flask import Flask
from sqlalchemy import Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

from foundation import audit, db, i18n, mail, storage
from foundation.db import Model
from foundation.delivery.poller import Poller
from foundation.errors import DomainError
from foundation.jobs import JobContext, job

TEMPLATES = Path(__file__).resolve().parent / "bare_templates"
WORK_SECONDS = 0.05


class Effect(Model):
    """What a job did. Nothing in the table forbids a second one: the jobs must."""

    __tablename__ = "effect"
    number: Mapped[int] = mapped_column(Integer)
    part: Mapped[str] = mapped_column(String(20), default="")


def work() -> None:
    """Take the time that real work takes, without the processor that other tests need."""
    threading.Event().wait(WORK_SECONDS)


@job("bare.whole", lease_seconds=2, retry_seconds=0.1, max_attempts=50)
def whole(_ctx: JobContext, number: int) -> dict[str, int]:
    """Work, then write one effect that is committed with the job's end."""
    work()
    db.db.session.add(Effect(number=number))
    return {"number": number}


@job("bare.parts", lease_seconds=2, retry_seconds=0.1, max_attempts=50)
def parts(ctx: JobContext, number: int) -> None:
    """Write three effects in units of their own, as a batch does, and ask before each whether it is there."""
    for done, part in enumerate(("a", "b", "c")):
        with db.reading():
            query = select(Effect.id).where(Effect.number == number, Effect.part == part)
            there = db.db.session.execute(query).first()
        if there is None:
            work()
            with ctx.unit():
                db.db.session.add(Effect(number=number, part=part))
        ctx.progress(done + 1, 3, "parts")


@job("bare.deadly", lease_seconds=1, retry_seconds=0.01)
def deadly(_ctx: JobContext) -> None:
    """End the process that runs it."""
    os.kill(os.getpid(), signal.SIGKILL)


@job("bare.failing", retry_seconds=60)
def failing(_ctx: JobContext, secret: str) -> None:
    """Fail with a message that quotes its argument."""
    db.db.session.add(Effect(number=-1))
    raise ValueError(secret)


@job("bare.refused")
def refused(_ctx: JobContext) -> None:
    """Be refused by a rule."""
    raise DomainError("The cohort is closed.")


class Fatal(BaseException):
    """A failure that is no Exception, as one of WeasyPrint's is none."""


@job("bare.fatal", max_attempts=1)
def fatal(_ctx: JobContext) -> None:
    """Fail beyond what `except Exception` catches."""
    raise Fatal


@job("bare.endless", lease_seconds=5)
def endless(ctx: JobContext) -> None:
    """Report progress until stopped."""
    for done in range(1_000_000):
        ctx.progress(done, 1_000_000)
        work()


@job("bare.sleeper", lease_seconds=5, time_limit_seconds=1, max_attempts=1)
def sleeper(_ctx: JobContext) -> None:
    """Never end and never say a word."""
    threading.Event().wait(600)


@job("bare.slot")
def slot(_ctx: JobContext) -> None:
    """Exist once a period."""
    db.db.session.add(Effect(number=0))


def create_bare_app(database_url: str, folder: Path, *, mail_url: str | None = None) -> Flask:
    """Return an application with database, files, letters and translation, and nothing else."""
    app = Flask("bare", template_folder=str(TEMPLATES))
    db.init_app(app, database_url=database_url)
    i18n.init_app(app)
    audit.configure("k" * 32)
    storage.init_app(app, storage_url=str(folder / "storage"))
    mail.init_app(app, mail_url=mail_url, public_url="https://ijaza.example", folder=folder / "outbox")
    return app


if __name__ == "__main__":
    Poller(create_bare_app(sys.argv[1], Path(sys.argv[2])), poll_seconds=0.05).run()
