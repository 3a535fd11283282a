"""One worker, whatever engine delivers to it: runs a job at a time under watch, and stops when told.

Jobs run in the main thread, because only there a signal can end one that runs too long. What wakes the worker comes
through a queue that a signal handler may use; a lock might be held by the very code that the signal interrupted.
"""

import logging
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Protocol

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from foundation.delivery.heartbeat import Heartbeat
from foundation.jobs.claiming import Claim
from foundation.jobs.registry import Handler
from foundation.jobs.running import JobTimedOut, Watch, WorkerStopping, run
from foundation.jobs.schedule import enqueue_due_slots

log = logging.getLogger("ijaza.worker")

LONGEST_BACKOFF_SECONDS = 30.0
INTERRUPT_SECONDS = 2.0


@dataclass(frozen=True)
class Pace:
    """How long a worker waits for what, in seconds; a test is quicker.

    A stop is done within 20 s: a running job may end by itself (`grace`), then it is interrupted, then the process ends
    itself. Beyond its time limit a job that hears no signal (it is inside C code) gets `hung` before the process ends.
    """

    poll: float = 0.5
    slots: float = 30.0
    grace: float = 8.0
    hung: float = 30.0
    # Of the engine on PostgreSQL: it wakes a worker by itself, so the worker seldom asks.
    engine_poll: float = 2.0
    engine_beat: float = 10.0
    engine_stalled: float = 30.0
    sweep: float = 10.0


class EngineUnreachable(Exception):
    """The engine did not answer; the next try may find it again."""


class Alarm:
    """Rings once its time is over, a little sooner or later than another worker's; the first time at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at = 0.0

    def rings(self) -> bool:
        """Return whether the time is over."""
        return time.monotonic() >= self._at

    def wind(self) -> None:
        """Let the time begin anew."""
        self._at = time.monotonic() + self._seconds * spread()


class Engine(Protocol):
    """What brings jobs to a worker, one at a time."""

    poll_seconds: float

    def open(self, wake: Callable[[], None]) -> None:
        """Begin; from now on `wake` is called, from any thread, when there may be a job."""

    def take(self) -> Claim | None:
        """Claim a job that may run now, if there is one. Raises EngineUnreachable."""

    def settle(self) -> None:
        """Learn that what was taken last has been run, well or ill."""

    def close(self) -> None:
        """End; nothing is taken any more."""


class Worker:
    """Takes jobs from its engine, runs them, beats, and stops when told."""

    def __init__(self, app: Flask, engine: Engine, pace: Pace) -> None:
        self._app = app
        self._engine = engine
        self._pace = pace
        self._stopping = threading.Event()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._running = False
        self._heartbeat = Heartbeat(app)
        self._slots = Alarm(pace.slots)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; call it in the main thread, which alone hears signals."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGALRM, self._interrupt)
        self._heartbeat.start()
        try:
            self._engine.open(self._wake)
            try:
                self._work()
            finally:
                self._engine.close()
        except WorkerStopping:
            log.info("stopped in the middle of a job, which was given back")
        finally:
            self._heartbeat.stop()

    def _work(self) -> None:
        misses = 0
        while not self._stopping.is_set():
            self._silence()
            try:
                ran = self._step()
            except (SQLAlchemyError, EngineUnreachable) as exc:
                misses += 1
                pause = min(LONGEST_BACKOFF_SECONDS, self._pace.poll * 2**misses)
                log.warning("the database did not answer (%s); next try in %.1f s", type(exc).__name__, pause)
                self._wait(pause)
                continue
            misses = 0
            if not ran:
                self._wait(self._engine.poll_seconds * spread())

    def _step(self) -> bool:
        """Run one job if one may run; return whether one did."""
        with self._app.app_context():
            if self._slots.rings():
                enqueue_due_slots()
                self._slots.wind()
            claimed = self._engine.take()
        if claimed is None:
            return False
        try:
            self._run(claimed)
        finally:
            self._engine.settle()
        return True

    def _run(self, claimed: Claim) -> None:
        watch = Watch(lost=threading.Event(), stopping=self._stopping)

        @contextmanager
        def limited(handler: Handler) -> Iterator[None]:
            limit = handler.time_limit_seconds
            self._heartbeat.hold(claimed, watch, hung_after_seconds=limit + self._pace.hung)
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

    def _wake(self) -> None:
        self._bell.put(None)

    def _silence(self) -> None:
        """Forget what rang before now: whoever rang then is looked after by the step that follows."""
        while not self._bell.empty():
            self._bell.get_nowait()

    def _wait(self, seconds: float) -> None:
        try:
            self._bell.get(timeout=seconds)
        except Empty:
            return

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()
        self._wake()
        if self._running:
            signal.setitimer(signal.ITIMER_REAL, self._pace.grace)
            self._heartbeat.hurry(hung_after_seconds=self._pace.grace + INTERRUPT_SECONDS)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if not self._running:
            return
        raise WorkerStopping if self._stopping.is_set() else JobTimedOut


def spread() -> float:
    """Return a factor round 1, so that workers started together do not ask together."""
    return random.uniform(0.5, 1.5)  # noqa: S311 - guards nothing
