"""The engine on PostgreSQL: procrastinate brings ids of jobs, wakes idle workers, and remembers what waits for its moment.

Its own worker is not used: that runs synchronous work in threads, where no signal ends a job that runs too long, and an
event loop in the main thread is in the way of libraries that need one of their own (the seal). So its job manager lives on
an event loop in a thread beside the work (listening, beating, queueing again what a dead worker held), and the main thread
asks it for one delivery at a time.

Two nets lie below it, because the row alone says what is true. A delivery whose worker died is queued again. And at a slow
interval a worker claims whatever is due though the engine does not bring it, so that nothing is lost even with the
engine's tables emptied.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar, cast

from flask import Flask
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as Delivery
from procrastinate.jobs import Notification, Status
from procrastinate.manager import JobManager

from foundation.db import db, transaction
from foundation.delivery.worker import Alarm, EngineUnreachable, Pace
from foundation.jobs.announcing import QUEUE, announce
from foundation.jobs.claiming import Claim, claim
from foundation.jobs.models import JobState

log = logging.getLogger("ijaza.worker")

T = TypeVar("T")

ANSWER_SECONDS = 10.0
FAREWELL_SECONDS = 3.0
LISTEN_AGAIN_SECONDS = 5.0


class Listener:
    """One worker's connection to procrastinate."""

    def __init__(self, app: Flask, pace: Pace) -> None:
        self.poll_seconds = pace.engine_poll
        self._pace = pace
        self._sweep_at = Alarm(pace.sweep)
        self._forgotten = False
        self._delivery: Delivery | None = None
        self._worker_id: int | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._wake: Callable[[], None] = lambda: None
        with app.app_context():
            _, given = db.engine.dialect.create_connect_args(db.engine.url)
        # Two connections: the main thread's question, and the beat that goes on beside it.
        self._connector = PsycopgConnector(kwargs=dict(given), min_size=1, max_size=2, timeout=ANSWER_SECONDS)
        self._manager = JobManager(self._connector)

    # --- what the worker asks for ------------------------------------------------------------------------------------

    def open(self, wake: Callable[[], None]) -> None:
        """Connect, listen, and begin to beat."""
        self._wake = wake
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)
        self._thread.start()
        self._ask(self._begin())
        self._sweep_at.wind()

    def take(self) -> Claim | None:
        """Claim the job of the next delivery; now and then, one that nobody delivers."""
        if self._sweep_at.rings():
            return self._sweep() or self._take_delivered()
        return self._take_delivered() or (self._sweep() if self._forgotten else None)

    def settle(self) -> None:
        """End the delivery of the job that was run; what becomes of the job stands in its row."""
        delivery, self._delivery = self._delivery, None
        if delivery is None:
            return
        try:
            self._end(delivery)
        except EngineUnreachable as exc:
            log.warning("a delivery could not be ended and will come again: %s", exc)

    def close(self) -> None:
        """Take the worker off the engine's list and end the thread."""
        try:
            self._ask(self._finish(), within=FAREWELL_SECONDS)
        except EngineUnreachable as exc:
            log.warning("the engine does not hear that this worker ends: %s", exc)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=FAREWELL_SECONDS)
            if not self._thread.is_alive():
                self._loop.close()

    def _take_delivered(self) -> Claim | None:
        delivery = self._ask(self._fetch())
        if delivery is None:
            return None
        job_id = cast("int", delivery.task_kwargs["job_id"])
        claimed = claim(job_id)
        if claimed is not None:
            self._delivery = delivery
            return claimed
        # Ended or cancelled meanwhile, or delivered twice. One that another worker holds comes back when its lease runs
        # out: that worker may be dead.
        with transaction():
            announce(db.session.connection(), job_id, state=JobState.RUNNING)
        self._end(delivery)
        self._wake()
        return None

    def _sweep(self) -> Claim | None:
        """Claim what is due though it was not delivered."""
        claimed = claim()
        self._forgotten = claimed is not None
        self._sweep_at.wind()
        return claimed

    def _end(self, delivery: Delivery) -> None:
        self._ask(self._manager.finish_job(delivery, Status.SUCCEEDED, delete_job=True))

    def _ask(self, question: Coroutine[Any, Any, T], *, within: float = ANSWER_SECONDS) -> T:
        """Have the engine's thread answer. Raises EngineUnreachable."""
        answer = asyncio.run_coroutine_threadsafe(question, self._loop)
        try:
            return answer.result(within)
        except (ConnectorException, TimeoutError, CancelledError) as exc:
            answer.cancel()
            # Whatever the answer would have been is left to another: silent for long, this worker may also have been
            # struck off the engine's list, and is then given nothing. It signs on anew.
            self._worker_id = None
            raise EngineUnreachable(_describe(exc)) from exc

    # --- on the thread beside the work -------------------------------------------------------------------------------

    async def _begin(self) -> None:
        await self._connector.open_async()
        self._worker_id = await self._manager.register_worker()
        self._beside = {asyncio.create_task(self._listen()), asyncio.create_task(self._tend())}

    async def _finish(self) -> None:
        if self._worker_id is not None:
            await self._manager.unregister_worker(self._worker_id)
        # Asked until they end: a request to end that meets a notification as it arrives is lost (`asyncio.wait_for`).
        while self._beside:
            for task in self._beside:
                task.cancel()
            _ended, self._beside = await asyncio.wait(self._beside, timeout=0.1)
        await self._connector.close_async()

    async def _fetch(self) -> Delivery | None:
        if self._worker_id is None:
            self._worker_id = await self._manager.register_worker()
        return await self._manager.fetch_job([QUEUE], self._worker_id)

    async def _listen(self) -> None:
        """Wake the worker when something is delivered; without the connection it still asks at its interval."""

        async def hear(*, channel: str, notification: Notification) -> None:
            self._wake()

        while True:
            try:
                await self._manager.listen_for_jobs(on_notification=hear, queues=[QUEUE])
            except (ConnectorException, OSError) as exc:
                log.warning("the engine cannot be listened to: %s", _describe(exc))
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)

    async def _tend(self) -> None:
        """Beat, and queue again what workers held that beat no more."""
        while True:
            await asyncio.sleep(self._pace.engine_beat)
            try:
                if self._worker_id is not None:
                    await self._manager.update_heartbeat(self._worker_id)
                await self._manager.prune_stalled_workers(self._pace.engine_stalled)
                for delivery in await self._manager.get_stalled_jobs(
                    queue=QUEUE, seconds_since_heartbeat=self._pace.engine_stalled
                ):
                    await self._manager.retry_job(delivery)
            except ConnectorException as exc:
                # Also when another worker was quicker with the same delivery.
                log.warning("the engine was not tended: %s", _describe(exc))


def _describe(exc: BaseException) -> str:
    """Name what the engine met: its own errors hide the database's."""
    return type(exc.__cause__ or exc).__name__
