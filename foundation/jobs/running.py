"""Run a claimed job so that its effect happens once, whatever happens to the worker.

The lease is the only right to write. A worker proves it in the transaction that carries the effect; one that
was too slow, or was taken for dead, finds its token gone and commits nothing.
"""

import logging
import random
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import StatementError

from foundation import clock
from foundation.config import ROOT
from foundation.db import db, transaction
from foundation.errors import DomainConflict, DomainError
from foundation.jobs.announcing import announce
from foundation.jobs.claiming import Claim, claim, owned, release
from foundation.jobs.models import Job, JobState
from foundation.jobs.registry import Handler, Result, get_handler

log = logging.getLogger("ijaza.jobs")

PROGRESS_EVERY_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 3600.0


class JobCancelled(Exception):
    """A person cancelled the job; the handler lets this pass."""


class LeaseLost(Exception):
    """The lease ran out and is no longer ours; the handler lets this pass, and nothing of it is committed."""


class TransactionOpen(RuntimeError):
    """Progress and units begin with no transaction open: on SQLite the job would wait for itself."""


class WorkerStopping(BaseException):
    """The worker was asked to stop; not an Exception, so that no handler takes it for its own failure."""


class JobTimedOut(BaseException):
    """The job ran longer than its kind may; not an Exception, for the same reason."""


@dataclass
class Watch:
    """What other threads and signals tell the handler: the lease is lost, or the worker must stop."""

    lost: threading.Event
    stopping: threading.Event

    @classmethod
    def alone(cls) -> "Watch":
        """Return a watch that nobody else looks after."""
        return cls(lost=threading.Event(), stopping=threading.Event())


class JobContext:
    """What a handler knows of its job, and two of its ways to speak; the third is what it returns."""

    def __init__(self, claimed: Claim, watch: Watch) -> None:
        self.claim = claimed
        self.watch = watch
        self._reported: dict[str, Any] = {}
        self._written_at = float("-inf")

    @property
    def job_id(self) -> int:
        return self.claim.id

    @property
    def version(self) -> int:
        """The version of the arguments, which may be older than the handler's."""
        return self.claim.version

    @property
    def attempt(self) -> int:
        """Which try this is, from 1; a person's retry begins at 1 again."""
        return self.claim.attempt

    @property
    def agency_id(self) -> int | None:
        return self.claim.agency_id

    @property
    def created_by(self) -> int | None:
        return self.claim.created_by

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far the job is; call it between units, however often: at most two a second are written.

        Raises JobCancelled, LeaseLost or WorkerStopping, which the handler lets pass, and TransactionOpen
        when called inside a transaction.
        """
        self._require_no_transaction()
        self._look_up()
        self._reported = {"done_n": done, "total_n": total, "message": str(message)[:200]}
        if time.monotonic() - self._written_at < PROGRESS_EVERY_SECONDS:
            return
        with transaction():
            statement = update(Job).where(*owned(self.claim)).values(**self._reported)
            if _rowcount(statement) == 0:
                self._raise_lost()
        self._written_at = time.monotonic()

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Commit the block as a piece of its own, provided that the lease is still ours.

        The job's row is locked for the length of the block, so nobody can take the job over in the middle of
        it. Keep it short: no rendering, no network.
        """
        self._require_no_transaction()
        self._look_up()
        with transaction():
            mine = db.session.execute(
                select(Job.id).where(*owned(self.claim)).with_for_update()
            ).scalar_one_or_none()
            if mine is None:
                self._raise_lost()
            yield

    def finish(self, result: Result) -> None:
        """Commit what the handler left in the session together with "done", or nothing of both."""
        with transaction():
            statement = (
                update(Job)
                .where(*owned(self.claim))
                .values(
                    state=JobState.DONE,
                    result=result,
                    error=None,
                    finished_at=clock.now(),
                    lease_token=None,
                    lease_until=None,
                    **self._reported,
                )
            )
            if _rowcount(statement) == 0:
                self._raise_lost()

    def _require_no_transaction(self) -> None:
        if db.session().in_transaction():
            raise TransactionOpen("call progress() and unit() between transactions: read inside `reading()`")

    def _look_up(self) -> None:
        if self.watch.stopping.is_set():
            raise WorkerStopping
        if self.watch.lost.is_set():
            self._raise_lost()

    def _raise_lost(self) -> None:
        state = db.session.execute(select(Job.state).where(Job.id == self.claim.id)).scalar_one_or_none()
        db.session.rollback()
        if state == JobState.CANCELLED:
            raise JobCancelled
        raise LeaseLost


def run(
    app: Flask,
    claimed: Claim,
    *,
    watch: Watch | None = None,
    around: Callable[[Handler], AbstractContextManager[object]] = nullcontext,
    raising: bool = False,
) -> None:
    """Run one claimed job to its end, its next try or its grave.

    `around` surrounds the handler alone (time limit), never the commit. With `raising` a failure is recorded
    and then raised. WorkerStopping, KeyboardInterrupt and SystemExit give the lease back and pass; every
    other failure stays here, also those that are no Exception: WeasyPrint raises one, and a worker must
    outlive it.
    """
    with app.app_context():
        handler = get_handler(claimed.kind)
        context = JobContext(claimed, watch or Watch.alone())
        try:
            with around(handler):
                result = handler.function(context, *claimed.args)
            context.finish(result)
        except (JobCancelled, LeaseLost) as exc:
            db.session.rollback()
            log.info("job %s (%s) ended without effect: %s", claimed.id, claimed.kind, type(exc).__name__)
        except (WorkerStopping, KeyboardInterrupt, SystemExit):
            db.session.rollback()
            release(claimed)
            raise
        except BaseException as exc:
            db.session.rollback()
            record_failure(claimed, handler, exc)
            if raising:
                raise
        finally:
            db.session.remove()


def run_pending(*, limit: int = 1000, raising: bool = True, but: Collection[str] = ()) -> int:
    """Run every job that is due now, in this process, and return how many; for tests and the demonstration.

    Kinds named by `but` are left to a worker.

    Commits what the caller has open first: a job's transaction would wait for it. Jobs that wait for a later
    moment stay; set the clock to reach them. A failure is recorded and, unless `raising` is off, raised.
    """
    app = cast("Any", current_app)._get_current_object()
    db.session.commit()
    count = 0
    while count < limit:
        with app.app_context():
            claimed = claim(but=but)
        if claimed is None:
            break
        run(app, claimed, raising=raising)
        count += 1
    return count


def compute_pause_seconds(handler: Handler, attempt: int) -> float:
    """Return how long to wait before the next try: doubling, at most an hour, and spread by a half."""
    pause = min(LONGEST_PAUSE_SECONDS, handler.retry_seconds * 2.0 ** (attempt - 1))
    return pause * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, guards nothing


def record_failure(claimed: Claim, handler: Handler, exc: BaseException) -> None:
    """Let a failed job wait for its next try, or bury it: after its last one, or when a rule refused it."""
    # A rule's refusal will be the same next time; only a conflict may pass by itself.
    final = isinstance(exc, DomainError) and not isinstance(exc, DomainConflict)
    dead = final or claimed.attempt >= claimed.max_attempts
    error = describe_error(exc)
    # The message of an error may quote a person's data: outside development the log has kinds and places alone.
    log.log(
        logging.ERROR if dead else logging.WARNING,
        "job %s (%s) failed at attempt %s of %s: %s",
        claimed.id,
        claimed.kind,
        claimed.attempt,
        claimed.max_attempts,
        error,
        exc_info=exc if current_app.debug else None,
        extra={
            "stack": [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(exc.__traceback__)]
        },
    )
    values: dict[str, Any] = {"error": error, "lease_token": None, "lease_until": None}
    if dead:
        values |= {"state": JobState.DEAD, "finished_at": clock.now()}
    else:
        pause = timedelta(seconds=compute_pause_seconds(handler, claimed.attempt))
        values |= {"state": JobState.QUEUED, "run_at": clock.now() + pause}
    with transaction():
        if _rowcount(update(Job).where(*owned(claimed)).values(**values)) == 1 and not dead:
            announce(db.session.connection(), claimed.id)


def describe_error(exc: BaseException) -> str:
    """Return what may be shown of a failure: a domain error's sentence, else the kind and the place.

    Messages of other errors may quote a person's data, and the job's page and the metrics are read by more
    people than that.
    """
    if isinstance(exc, DomainError):
        return exc.message
    place = ""
    for frame in traceback.extract_tb(exc.__traceback__):
        if Path(frame.filename).is_relative_to(ROOT):
            place = f" ({Path(frame.filename).relative_to(ROOT)}:{frame.lineno})"
    if isinstance(exc, StatementError) and exc.orig is not None:
        return f"{type(exc).__name__}: {str(exc.orig).splitlines()[0]}{place}"
    return f"{type(exc).__name__}{place}"


def _rowcount(statement: Any) -> int:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount
