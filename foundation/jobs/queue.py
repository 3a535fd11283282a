"""Ask for a job, look at jobs, and what a person may do to one: cancel it, or have it tried again."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import CursorResult, Insert, Update, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from foundation import audit, clock
from foundation.db import db
from foundation.errors import DomainConflict
from foundation.i18n import _
from foundation.jobs.announcing import announce
from foundation.jobs.models import Job, JobState
from foundation.jobs.registry import get_handler

MAX_PAYLOAD = 8_000


class Actor(Protocol):
    """Whoever has an id: the foundation does not know users."""

    @property
    def id(self) -> int: ...


class JobNotRetryable(DomainConflict):
    """Only a dead or cancelled job can be tried again."""


class JobNotCancellable(DomainConflict):
    """A job that has ended cannot be cancelled."""


def enqueue(
    name: str,
    *args: Any,
    key: str | None = None,
    not_before: datetime | None = None,
    actor: Actor | None = None,
    agency_id: int | None = None,
) -> Job:
    """Insert a job in the caller's transaction and return it; nothing happens before the caller commits.

    `args` are ids and plain JSON. With a `key` the job exists once for ever: asked again, the existing one is
    returned as it stands, whatever its state. Raises UnknownJob for a name nobody declared and ValueError for
    arguments that are not JSON.
    """
    handler = get_handler(name)
    payload = {"v": handler.version, "args": list(args)}
    _require_plain(payload)
    now = clock.now()
    values = {
        "kind": name,
        "payload": payload,
        "version": handler.version,
        "state": JobState.QUEUED,
        "priority": handler.priority,
        "run_at": not_before or now,
        "attempts": 0,
        "max_attempts": handler.max_attempts,
        "lease_seconds": handler.lease_seconds,
        "done_n": 0,
        "message": "",
        "dedupe_key": key,
        "agency_id": agency_id,
        "created_by": actor.id if actor is not None else None,
        "created_at": now,
    }
    inserted = db.session.execute(_insert_once(values)).scalar_one_or_none()
    if inserted is not None:
        announce(db.session.connection(), inserted)
    wanted = Job.id == inserted if inserted is not None else Job.dedupe_key == key
    return db.session.execute(select(Job).where(wanted)).scalar_one()


def _insert_once(values: dict[str, Any]) -> Any:
    """Return the insert that leaves an existing key alone: the database decides, a look beforehand would race."""
    insert = sqlite.insert(Job) if db.engine.dialect.name == "sqlite" else postgresql.insert(Job)
    statement: Insert = insert.values(**values).on_conflict_do_nothing(index_elements=["dedupe_key"])
    return statement.returning(Job.id)


def _require_plain(payload: dict[str, Any]) -> None:
    try:
        text = json.dumps(payload, allow_nan=False)
    except TypeError as exc:
        raise ValueError("a job's arguments must be plain JSON: ids, texts, lists") from exc
    # Tuples and whole-number keys survive dumps but come back as something else.
    if json.loads(text) != payload:
        raise ValueError("a job's arguments must come back from JSON as they were")
    if len(text) > MAX_PAYLOAD:
        raise ValueError("a job's arguments are ids, not documents")


def find_job(job_id: int) -> Job | None:
    """Return a job by its id, or None."""
    return db.session.get(Job, job_id)


def find_job_by_key(key: str) -> Job | None:
    """Return the one job of a key, or None."""
    return db.session.execute(select(Job).where(Job.dedupe_key == key)).scalar_one_or_none()


def list_jobs(
    *,
    states: Sequence[JobState] = (),
    kind: str | None = None,
    agency_id: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Job]:
    """Return the newest jobs first; the next page begins before the last id of this one."""
    query = select(Job).order_by(Job.id.desc()).limit(limit)
    if states:
        query = query.where(Job.state.in_(states))
    if kind is not None:
        query = query.where(Job.kind == kind)
    if agency_id is not None:
        query = query.where(Job.agency_id == agency_id)
    if before_id is not None:
        query = query.where(Job.id < before_id)
    return list(db.session.execute(query).scalars())


def count_jobs() -> dict[JobState, int]:
    """Return how many jobs stand in each state, every state named."""
    rows = db.session.execute(select(Job.state, func.count()).group_by(Job.state)).all()
    found = {state: number for state, number in rows}
    return {state: found.get(state, 0) for state in JobState}


def get_oldest_due_seconds() -> float:
    """Return for how many seconds the longest-waiting due job has waited; 0 when none waits."""
    query = select(func.min(Job.run_at)).where(Job.state == JobState.QUEUED)
    oldest: datetime | None = db.session.execute(query).scalar_one()
    return max(0.0, (clock.now() - oldest).total_seconds()) if oldest is not None else 0.0


def cancel(job: Job, *, actor: Actor | None) -> None:
    """Cancel a job that has not ended; a running one stops at its next progress and can commit nothing more.

    Raises JobNotCancellable when it ended meanwhile.
    """
    statement = (
        update(Job)
        .where(Job.id == job.id, Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
        .values(state=JobState.CANCELLED, finished_at=clock.now(), lease_token=None, lease_until=None)
    )
    if _changed(statement) == 0:
        raise JobNotCancellable(_("This job has already ended, so it cannot be cancelled."))
    db.session.refresh(job)
    audit.record("job:cancelled", job, actor=actor, agency_id=job.agency_id)


def retry(job: Job, *, actor: Actor | None) -> None:
    """Queue a dead or cancelled job again with all its attempts; raise JobNotRetryable when it is neither."""
    statement = (
        update(Job)
        .where(Job.id == job.id, Job.state.in_((JobState.DEAD, JobState.CANCELLED)))
        .values(state=JobState.QUEUED, run_at=clock.now(), attempts=0, error=None, finished_at=None)
    )
    if _changed(statement) == 0:
        raise JobNotRetryable(_("This job is neither dead nor cancelled, so there is nothing to try again."))
    announce(db.session.connection(), job.id)
    db.session.refresh(job)
    audit.record("job:retried", job, actor=actor, agency_id=job.agency_id)


def _changed(statement: Update) -> int:
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount
