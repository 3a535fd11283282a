"""How a job's row finds a worker: an engine delivers ids, at least once, and nothing more.

On PostgreSQL procrastinate delivers (`listener.py`), on SQLite the embedded poller (`poller.py`). Both only choose what one
and the same worker (`worker.py`) claims and runs next; the row keeps the guarantees either way.
"""

from flask import Flask

from foundation.db import db
from foundation.delivery.poller import Poller
from foundation.delivery.worker import Engine, Pace, Worker

__all__ = ["Pace", "choose_engine", "deliver"]


def deliver(app: Flask, *, pace: Pace | None = None) -> None:
    """Bring due jobs to this process until it is asked to stop (SIGTERM, SIGINT)."""
    pace = pace or Pace()
    Worker(app, choose_engine(app, pace), pace).run()


def choose_engine(app: Flask, pace: Pace) -> Engine:
    """Return the engine that the kind of database calls for, however many workers there are."""
    with app.app_context():
        dialect = db.engine.dialect.name
    if dialect != "postgresql":
        return Poller(pace)
    # Loaded here, because the embedded profile does without it.
    from foundation.delivery.listener import Listener

    return Listener(app, pace)
