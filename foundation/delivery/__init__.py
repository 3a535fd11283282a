"""How a job's row finds a worker: an engine delivers ids, at least once, and nothing more.

The embedded poller (`poller.py`) serves SQLite and PostgreSQL alike. Another engine delivers by calling
`claim(job_id)` and `run(...)` of `foundation.jobs` for each id it is told; the row keeps the guarantees
either way.
"""

from flask import Flask

from foundation.delivery.poller import Poller


def deliver(app: Flask) -> None:
    """Bring due jobs to this process until it is asked to stop (SIGTERM, SIGINT)."""
    Poller(app).run()
