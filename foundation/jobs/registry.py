"""Which function runs which kind of job. Packages declare their handlers here when they are imported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

if TYPE_CHECKING:
    from foundation.jobs.running import JobContext

P = ParamSpec("P")
Result = dict[str, Any] | None


class UnknownJob(LookupError):
    """No handler of that name was declared in this process."""


@dataclass(frozen=True)
class Handler:
    """A kind of job: its function and how it may be tried.

    A worker runs jobs up to its own `version` of the arguments, so that during an update an old worker leaves
    new ones alone.
    """

    name: str
    function: Callable[..., Result]
    version: int
    max_attempts: int
    lease_seconds: int
    time_limit_seconds: int
    retry_seconds: float
    priority: int


@dataclass(frozen=True)
class Slot:
    """A job that exists once in each period: `every` long, the first beginning `offset` after 1970 began."""

    name: str
    every: timedelta
    offset: timedelta


HANDLERS: dict[str, Handler] = {}
SLOTS: dict[str, Slot] = {}


def job(
    name: str,
    *,
    version: int = 1,
    max_attempts: int = 3,
    lease_seconds: int = 60,
    time_limit_seconds: int = 900,
    retry_seconds: float = 5.0,
    priority: int = 0,
) -> Callable[
    [Callable[Concatenate["JobContext", P], Result]], Callable[Concatenate["JobContext", P], Result]
]:
    """Declare that the decorated function `handler(ctx, *ids) -> dict | None` runs the jobs called `name`.

    It may be called more than once for one job and begins by asking whether its work is done already. What it
    writes through `db.session` is committed together with the job's "done"; a long batch writes in pieces
    inside `ctx.unit()` and renders between them. What it returns is kept as the job's result: plain JSON. The
    first pause before another try is about `retry_seconds`, and each further one twice as long.
    """

    def declare(
        function: Callable[Concatenate["JobContext", P], Result],
    ) -> Callable[Concatenate["JobContext", P], Result]:
        known = HANDLERS.get(name)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"two handlers are called {name!r}")
        HANDLERS[name] = Handler(
            name=name,
            function=function,
            version=version,
            max_attempts=max_attempts,
            lease_seconds=lease_seconds,
            time_limit_seconds=time_limit_seconds,
            retry_seconds=retry_seconds,
            priority=priority,
        )
        return function

    return declare


def periodic(name: str, *, every: timedelta, offset: timedelta = timedelta(0)) -> None:
    """Let the job `name`, which takes no arguments, be enqueued once in each period.

    After a standstill only the latest missed period is made good, not each of them.
    """
    if every <= timedelta(0):
        raise ValueError("a period must be longer than nothing")
    SLOTS[name] = Slot(name=name, every=every, offset=offset)


def get_handler(name: str) -> Handler:
    """Return the handler called `name`; raise UnknownJob when this process has none."""
    try:
        return HANDLERS[name]
    except KeyError:
        raise UnknownJob(name) from None
