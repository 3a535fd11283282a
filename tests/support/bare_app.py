"""An application of the foundation alone, with a few jobs that behave badly.

Run as a module it is a worker process that a test may kill: `python -m tests.support.bare_app DATABASE_URL
FOLDER`.
"""

import json
import os
import resource
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from flask import Flask
from sqlalchemy import Integer, String, Table, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from foundation import audit, clock, db, i18n, mail, storage
from foundation.audit import AuditDetail, AuditEntry
from foundation.delivery import Pace, deliver
from foundation.errors import DomainError
from foundation.jobs import Job, JobContext, WorkerHeartbeat, enqueue_due_slots, job, periodic
from foundation.mail import OutboxMail
from foundation.migrating import delivery
from foundation.worker import restrain

TEMPLATES = Path(__file__).resolve().parent / "bare_templates"
WORK_SECONDS = 0.05
QUICK = Pace(
    poll=0.05,
    grace=0.5,
    hung=0.5,
    engine_poll=0.2,
    engine_beat=0.3,
    engine_stalled=1.5,
    sweep=1.0,
)
FIRST_DAY = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


class _Base(DeclarativeBase):
    """Keeps the table of these tests out of the application's own."""


class Effect(_Base):
    """What a job did. Nothing in the table forbids a second one: the jobs must."""

    __tablename__ = "effect"
    id: Mapped[int] = mapped_column(primary_key=True)
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


@job("bare.second", lease_seconds=1)
def second(ctx: JobContext, number: int) -> None:
    """Hang at the first attempt, for whoever kills its worker; succeed at the next one."""
    if ctx.attempt == 1:
        threading.Event().wait(600)
    db.db.session.add(Effect(number=number))


@job("bare.flaky", retry_seconds=0.2)
def flaky(ctx: JobContext, number: int) -> None:
    """Fail twice and then succeed."""
    if ctx.attempt < 3:
        raise ValueError
    db.db.session.add(Effect(number=number))


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


@job("bare.deaf", lease_seconds=5, time_limit_seconds=1, max_attempts=1)
def deaf(_ctx: JobContext) -> None:
    """Never end, and hear no signal either, as code beneath Python does not."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    threading.Event().wait(600)


@job("bare.slot")
def slot(_ctx: JobContext) -> None:
    """Exist once a period."""
    db.db.session.add(Effect(number=0))


periodic("bare.slot", every=timedelta(days=1))


@job("bare.long", lease_seconds=1)
def long(_ctx: JobContext, number: int) -> None:
    """Take three leases' time for one effect, without a word."""
    threading.Event().wait(3)
    db.db.session.add(Effect(number=number))


def create_bare_app(database_url: str, folder: Path, *, mail_url: str | None = None) -> Flask:
    """Return an application with database, files, letters and translation, and nothing else."""
    app = Flask("bare", template_folder=str(TEMPLATES))
    db.init_app(app, database_url=database_url)
    i18n.init_app(app)
    audit.configure("test-audit-" + "a" * 32)
    storage.init_app(app, storage_url=str(folder / "storage"))
    mail.init_app(app, mail_url=mail_url, public_url="https://ijaza.example", folder=folder / "outbox")
    return app


def create_tables() -> None:
    """Create what the bare application needs, and no other floor's tables, within its context."""
    models = (Job, WorkerHeartbeat, OutboxMail, AuditEntry, AuditDetail)
    db.db.metadata.create_all(db.db.engine, tables=[cast("Table", model.__table__) for model in models])
    _Base.metadata.create_all(db.db.engine)
    with db.db.engine.begin() as connection:
        delivery.install(connection)


def work_until_stopped(database_url: str, folder: Path, pace: Pace = QUICK) -> None:
    """Be a worker process, quick to ask and quick to give up."""
    deliver(create_bare_app(database_url, folder), pace=pace)


def restrain_and_report(_database_url: str, folder: Path) -> None:
    """Step back as a worker does, and leave a report of how far."""
    restrain()
    soft, _hard = resource.getrlimit(resource.RLIMIT_AS)
    (folder / "restraint.json").write_text(json.dumps({"nice": os.nice(0), "address_space": soft}))


def tick_through_fifty_days(database_url: str, folder: Path) -> None:
    """Look at the clock once a day for fifty days, as one of several schedulers."""
    with create_bare_app(database_url, folder).app_context():
        for day in range(50):
            with clock.frozen_at(FIRST_DAY + timedelta(days=day)):
                enqueue_due_slots()


def write_for_a_while(database_url: str, folder: Path, seconds: float) -> None:
    """Read, then write what follows from it, again and again; leave a report of how often that went well and ill."""
    written = failed = 0
    longest = 0.0
    with create_bare_app(database_url, folder).app_context():
        end = time.monotonic() + seconds
        while (begun := time.monotonic()) < end:
            try:
                with db.transaction():
                    highest = db.db.session.execute(select(func.max(Effect.number))).scalar_one()
                    db.db.session.add(Effect(number=(highest or 0) + 1))
                written += 1
            except OperationalError:
                failed += 1
            longest = max(longest, time.monotonic() - begun)
    report = {"written": written, "failed": failed, "longest": longest}
    (folder / f"report-{os.getpid()}.json").write_text(json.dumps(report))
