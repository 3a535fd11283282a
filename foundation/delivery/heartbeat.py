"""The thread beside the work: keeps the lease, shows that the worker lives, and ends a worker that hangs."""

import logging
import os
import secrets
import socket
import threading
import time
from datetime import datetime

from flask import Flask
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from foundation.db import db, reading
from foundation.jobs.claiming import Claim, extend, release
from foundation.jobs.models import WorkerHeartbeat, moment_from_now
from foundation.jobs.registry import get_handler
from foundation.jobs.running import JobTimedOut, Watch, record_failure

log = logging.getLogger("ijaza.worker")

SIGN_OF_LIFE_SECONDS = 20.0
FORGET_WORKERS_AFTER_SECONDS = 86_400.0
EXIT_HUNG = 75


class Heartbeat:
    """Beats while the worker works, on connections of its own: a handler's open transaction does not matter."""

    def __init__(self, app: Flask) -> None:
        self.worker = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._app = app
        self._wake = threading.Condition()
        self._ended = threading.Event()
        self._held: tuple[Claim, Watch] | None = None
        self._extend_at = 0.0
        self._hung_at = float("inf")
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Register the worker and begin to beat."""
        with self._app.app_context():
            self._register()
        self._thread.start()

    def stop(self) -> None:
        """End the thread and take the worker off the list."""
        with self._wake:
            self._ended.set()
            self._wake.notify()
        self._thread.join(timeout=10)
        with self._app.app_context(), db.engine.begin() as connection:
            connection.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.worker == self.worker))

    def hold(self, claimed: Claim, watch: Watch, *, hung_after_seconds: float) -> None:
        """Keep a job's lease from now on; one still running after `hung_after_seconds` ends the process."""
        with self._wake:
            self._held = (claimed, watch)
            self._extend_at = time.monotonic() + claimed.lease_seconds / 3
            self._hung_at = time.monotonic() + hung_after_seconds
            self._wake.notify()

    def hurry(self, *, hung_after_seconds: float) -> None:
        """Shorten the time after which the running job counts as hung; safe to call from a signal handler."""
        self._hung_at = min(self._hung_at, time.monotonic() + hung_after_seconds)

    def let_go(self) -> None:
        """Stop keeping the lease: the job ended."""
        with self._wake:
            self._held = None
            self._hung_at = float("inf")

    def _beat(self) -> None:
        shown_at = time.monotonic()
        while True:
            with self._wake:
                if self._ended.is_set():
                    return
                held = self._held
                pause = 1.0 if held is None else min(1.0, max(0.05, self._extend_at - time.monotonic()))
                self._wake.wait(pause)
                if self._ended.is_set():
                    return
                held = self._held
            now = time.monotonic()
            try:
                with self._app.app_context():
                    if held is not None and now >= self._hung_at:
                        self._end_hung(*held)
                    if held is not None and now >= self._extend_at:
                        self._extend(*held)
                    if now - shown_at >= SIGN_OF_LIFE_SECONDS:
                        self._show()
                        shown_at = now
            except (SQLAlchemyError, OSError) as exc:
                # The lease holds for three beats; the next one may find the database again.
                log.warning("heartbeat missed: %s", type(exc).__name__)

    def _extend(self, claimed: Claim, watch: Watch) -> None:
        self._extend_at = time.monotonic() + claimed.lease_seconds / 3
        if not extend(claimed):
            watch.lost.set()

    def _end_hung(self, claimed: Claim, watch: Watch) -> None:
        """End the process: the handler hears no signal, so only the supervisor's restart helps."""
        log.critical("job %s (%s) hangs; this worker ends itself", claimed.id, claimed.kind)
        try:
            if watch.stopping.is_set():
                release(claimed)
            else:
                record_failure(claimed, get_handler(claimed.kind), JobTimedOut())
        except SQLAlchemyError:
            log.warning("the lease of job %s could not be given back; it runs out by itself", claimed.id)
        finally:
            os._exit(EXIT_HUNG)

    def _register(self) -> None:
        with db.engine.begin() as connection:
            connection.execute(
                delete(WorkerHeartbeat).where(
                    WorkerHeartbeat.seen_at < moment_from_now(-FORGET_WORKERS_AFTER_SECONDS)
                )
            )
            connection.execute(
                insert(WorkerHeartbeat).values(
                    worker=self.worker, started_at=moment_from_now(), seen_at=moment_from_now()
                )
            )

    def _show(self) -> None:
        seen = (
            update(WorkerHeartbeat)
            .where(WorkerHeartbeat.worker == self.worker)
            .values(seen_at=moment_from_now())
        )
        with db.engine.begin() as connection:
            connection.execute(seen)


def get_seconds_since_heartbeat() -> float | None:
    """Return how long ago, on the database's clock, a worker last showed that it lives; None when none is known."""
    with reading():
        row = db.session.execute(select(func.max(WorkerHeartbeat.seen_at), moment_from_now())).one()
    seen: datetime | None = row[0]
    now: datetime = row[1]
    return None if seen is None else max(0.0, (now - seen).total_seconds())
