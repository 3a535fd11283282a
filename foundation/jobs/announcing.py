"""Tell the delivering engine when a job may be taken next, in the transaction that decides it.

On PostgreSQL the engine is procrastinate, and it is told by its own SQL function, so that a rolled-back request leaves
nothing with the engine either. Its library is not loaded for that: web processes only tell, workers listen. On SQLite
nobody need be told: the embedded poller looks for itself.
"""

from sqlalchemy import Connection, TextClause, text

from foundation.jobs.models import JobState

QUEUE = "ijaza"
TASK = "deliver"

# The row itself says how urgent it is and when it may be taken, so a caller cannot say otherwise.
_DEFER = """
    SELECT procrastinate_defer_jobs_v1(array_agg(
        ROW(CAST(:queue AS text), CAST(:task AS text), priority, NULL, NULL, jsonb_build_object('job_id', id),
            CASE state WHEN 'running' THEN lease_until ELSE run_at END)::procrastinate_job_to_defer_v1
        ORDER BY id))
    FROM job WHERE state = :state
"""
_DEFER_ONE = text(_DEFER + " AND id = :job_id")
_DEFER_ALL = text(_DEFER)


def announce(connection: Connection, job_id: int, *, state: JobState = JobState.QUEUED) -> None:
    """Have the engine deliver a job at its moment, if it stands in that state.

    A queued job may be taken when it is due; a running one when its lease has run out. Delivered twice is no harm:
    whoever claims the row first runs it.
    """
    _defer(connection, _DEFER_ONE, state, job_id=job_id)


def announce_all(connection: Connection) -> None:
    """Have the engine deliver every queued job: what was asked for before there was an engine."""
    _defer(connection, _DEFER_ALL, JobState.QUEUED)


def _defer(connection: Connection, statement: TextClause, state: JobState, **which: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(statement, {"queue": QUEUE, "task": TASK, "state": state.value, **which})
