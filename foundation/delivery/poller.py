"""The embedded engine: ask the database, at short and uneven intervals, for a job that is due.

On SQLite an idle poll only reads. More work in parallel is more processes.
"""

from collections.abc import Callable

from foundation.delivery.worker import Pace
from foundation.jobs.claiming import Claim, claim


class Poller:
    """Has nothing to keep: the row alone says what is due."""

    def __init__(self, pace: Pace) -> None:
        self.poll_seconds = pace.poll

    def open(self, wake: Callable[[], None]) -> None:
        """Begin; nothing wakes a poller."""

    def take(self) -> Claim | None:
        """Claim the next job that is due."""
        return claim()

    def settle(self) -> None:
        """Nothing to do: the row says that the job has ended."""

    def close(self) -> None:
        """Nothing to do."""
