"""The worker process: background work at low priority and with bounded memory, away from the web process.

A render in a web thread took a page's p99 from 4.5 ms to 81 ms; in a process of its own it is not felt.
"""

import logging
import os
import resource
from contextlib import suppress

import click
from flask import current_app
from flask.cli import with_appcontext

from foundation.delivery import deliver
from foundation.delivery.heartbeat import get_seconds_since_heartbeat

log = logging.getLogger("ijaza.worker")

NICE = 10
# Address space, not memory in use: the database's memory map and each thread's arenas count as well.
ADDRESS_SPACE_BYTES = 4 * 1024**3


# Four signs of life may go missing before the worker counts as silent.
SILENT_AFTER_SECONDS = 90.0


def is_alive() -> bool:
    """Return whether any worker showed itself lately; for `/readyz`."""
    seconds = get_seconds_since_heartbeat()
    return seconds is not None and seconds < SILENT_AFTER_SECONDS


def restrain() -> None:
    """Step back behind the web processes and bound this one's memory; a render beyond it fails as one job."""
    with suppress(OSError):
        os.nice(NICE - os.nice(0))
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = ADDRESS_SPACE_BYTES if hard == resource.RLIM_INFINITY else min(ADDRESS_SPACE_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Run background jobs until told to stop (SIGTERM)."""
    restrain()
    log.info("worker %s is ready", os.getpid())
    deliver(current_app._get_current_object())  # type: ignore[attr-defined]
