"""The embedded engine: ask the database, at short and uneven intervals, for a job that is due, and run it.

One job at a time a process; more work in parallel is more processes. On PostgreSQL any number of pollers pass
each other by SKIP LOCKED; on SQLite an idle poll only reads. Declined: LISTEN/NOTIFY here (an engine of its
own brings it).
"""

import logging
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from foundation.delivery.heartbeat import Heartbeat
from foundation.jobs.claiming import Claim, claim
from foundation.jobs.registry import Handler
from foundation.jobs.running import JobTimedOut, Watch, WorkerStopping, run
from foundation.jobs.schedule import enqueue_due_slots

log = logging.getLogger("ijaza.worker")

POLL_SECONDS = 0.5
SLOTS_SECONDS = 30.0
LONGEST_BACKOFF_SECONDS = 30.0
# A stop is done within 20 s: a running job may end by itself, then it is interrupted, then the process ends
# itself.
GRACE_SECONDS = 8.0
INTERRUPT_SECONDS = 2.0
# Beyond its time limit a job that hears no signal (it is inside C code) gets this much before the process
# ends.
HUNG_SECONDS = 30.0


class Poller:
    """One worker: claims, runs, beats, and stops when told."""

    def __init__(
        self,
        app: Flask,
        *,
        poll_seconds: float = POLL_SECONDS,
        grace_seconds: float = GRACE_SECONDS,
        hung_seconds: float = HUNG_SECONDS,
    ) -> None:
        self._app = app
        self._hung_seconds = hung_seconds
        self._poll_seconds = poll_seconds
        self._grace_seconds = grace_seconds
        self._stopping = threading.Event()
        self._running = False
        self._heartbeat = Heartbeat(app)
        self._slots_at = 0.0

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; call it in the main thread, which alone hears signals."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGALRM, self._interrupt)
        self._heartbeat.start()
        try:
            self._work()
        except WorkerStopping:
            log.info("stopped in the middle of a job, which was given back")
        finally:
            self._heartbeat.stop()

    def _work(self) -> None:
        misses = 0
        while not self._stopping.is_set():
            try:
                ran = self._step()
            except SQLAlchemyError as exc:
                misses += 1
                pause = min(LONGEST_BACKOFF_SECONDS, self._poll_seconds * 2**misses)
                log.warning("the database did not answer (%s); next try in %.1f s", type(exc).__name__, pause)
                self._stopping.wait(pause)
                continue
            misses = 0
            if not ran:
                self._stopping.wait(self._poll_seconds * _spread())

    def _step(self) -> bool:
        """Run one job if one is due; return whether one was."""
        with self._app.app_context():
            if time.monotonic() >= self._slots_at:
                enqueue_due_slots()
                self._slots_at = time.monotonic() + SLOTS_SECONDS * _spread()
            claimed = claim()
        if claimed is None:
            return False
        self._run(claimed)
        return True

    def _run(self, claimed: Claim) -> None:
        watch = Watch(lost=threading.Event(), stopping=self._stopping)

        @contextmanager
        def limited(handler: Handler) -> Iterator[None]:
            limit = handler.time_limit_seconds
            self._heartbeat.hold(claimed, watch, hung_after_seconds=limit + self._hung_seconds)
            signal.setitimer(signal.ITIMER_REAL, limit)
            self._running = True
            try:
                if self._stopping.is_set():
                    raise WorkerStopping
                yield
            finally:
                self._running = False
                signal.setitimer(signal.ITIMER_REAL, 0)

        try:
            run(self._app, claimed, watch=watch, around=limited)
        finally:
            self._heartbeat.let_go()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()
        if self._running:
            signal.setitimer(signal.ITIMER_REAL, self._grace_seconds)
            self._heartbeat.hurry(hung_after_seconds=self._grace_seconds + INTERRUPT_SECONDS)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if not self._running:
            return
        raise WorkerStopping if self._stopping.is_set() else JobTimedOut


def _spread() -> float:
    """Return a factor round 1, so that workers started together do not ask together."""
    return random.uniform(0.5, 1.5)  # noqa: S311 - guards nothing
