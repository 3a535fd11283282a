"""Real processes that a test starts, kills and replaces.

They are forked from a server that has imported the application once: a kill test starts dozens of them.
"""

import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.support.bare_app import work_until_stopped

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.support.bare_app", "foundation.delivery.listener"])


def wait_until(condition: Callable[[], bool], *, seconds: float) -> None:
    """Return as soon as the condition holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"still waiting after {seconds} s")
        threading.Event().wait(0.03)


class Crew:
    """Some processes on one database; whoever dies unasked is replaced at `replace_lost`."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self.members: list[ForkServerProcess] = []

    def start(self, role: Callable[..., None], *arguments: object) -> ForkServerProcess:
        """Start one more process and return it."""
        process = _forks.Process(target=role, args=(self._url, self._folder, *arguments))
        process.start()
        self.members.append(process)
        return process

    def kill_one(self, chance: random.Random) -> None:
        """Kill a random living worker without warning, and start another at once."""
        victim = chance.choice([one for one in self.members if one.is_alive()])
        victim.kill()
        victim.join()
        self.start(work_until_stopped)

    def replace_lost(self, number: int) -> None:
        """Start workers until `number` are alive."""
        for _missing in range(number - sum(one.is_alive() for one in self.members)):
            self.start(work_until_stopped)

    def end(self) -> None:
        """Ask every process to stop, insist after a while, and leave none behind."""
        for one in self.members:
            one.terminate()
        for one in self.members:
            one.join(timeout=20)
            one.kill()
            one.join()


@contextmanager
def crew_of(url: str, folder: Path, workers: int = 0) -> Iterator[Crew]:
    """Yield a crew of workers on a database; all are gone afterwards."""
    crew = Crew(url, folder)
    try:
        crew.replace_lost(workers)
        yield crew
    finally:
        crew.end()
