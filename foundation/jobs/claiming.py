"""Take a job, keep it, give it back: every step one conditional statement on the database's clock."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, exists, false, or_, select, update

from foundation import clock
from foundation.db import db, reading, transaction
from foundation.i18n import _
from foundation.jobs.announcing import announce
from foundation.jobs.models import Job, JobState, moment_from_now
from foundation.jobs.registry import HANDLERS


@dataclass(frozen=True)
class Claim:
    """The right to run one job, as long as its row carries this token."""

    id: int
    kind: str
    version: int
    args: tuple[Any, ...]
    attempt: int
    max_attempts: int
    token: str
    lease_seconds: int
    agency_id: int | None
    created_by: int | None


def claim(job_id: int | None = None, *, but: Collection[str] = ()) -> Claim | None:
    """Take the next job that is due, or the one with this id if it is; return None when there is none.

    Kinds of jobs may be left to others (`but`).

    The attempt is counted here and not at failure, so a job that kills its process runs out of attempts too.
    Looks first without the write lock: an idle worker must not queue for it every second.
    """
    with reading():
        due = db.session.execute(select(exists().where(_is_ready(job_id, but)))).scalar_one()
    if not due:
        return None
    with transaction():
        _bury_exhausted()
        return _take(job_id, but)


def owned(claimed: Claim) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a job is still ours; a cancelled one is not."""
    return (Job.id == claimed.id, Job.lease_token == claimed.token, Job.state == JobState.RUNNING)


def extend(claimed: Claim) -> bool:
    """Hold the lease for another period; return False when it is no longer ours.

    Uses a connection of its own, because the heartbeat beats beside the handler's transaction.
    """
    statement = update(Job).where(*owned(claimed)).values(lease_until=moment_from_now(claimed.lease_seconds))
    with db.engine.begin() as connection:
        return connection.execute(statement).rowcount == 1


def release(claimed: Claim) -> None:
    """Give the job back, due at once; the attempt stays counted."""
    statement = (
        update(Job)
        .where(*owned(claimed))
        .values(state=JobState.QUEUED, run_at=clock.now(), lease_token=None, lease_until=None)
    )
    with db.engine.begin() as connection:
        if connection.execute(statement).rowcount == 1:
            announce(connection, claimed.id)


def _is_expired() -> ColumnElement[bool]:
    return and_(Job.state == JobState.RUNNING, Job.lease_until < moment_from_now())


def _may_be_tried() -> ColumnElement[bool]:
    # A lease that runs out between the burial and the taking waits for the next burial.
    return or_(Job.state == JobState.QUEUED, Job.attempts < Job.max_attempts)


def _is_known() -> ColumnElement[bool]:
    """Return the condition that this process has a handler for the kind and understands the version."""
    names: dict[int, list[str]] = {}
    for handler in HANDLERS.values():
        names.setdefault(handler.version, []).append(handler.name)
    return or_(
        false(), *(and_(Job.kind.in_(kinds), Job.version <= version) for version, kinds in names.items())
    )


def _is_ready(job_id: int | None, but: Collection[str]) -> ColumnElement[bool]:
    due = and_(Job.state == JobState.QUEUED, Job.run_at <= clock.now())
    ready = and_(or_(due, _is_expired()), _is_known())
    if but:
        ready = and_(ready, Job.kind.not_in(but))
    return ready if job_id is None else and_(ready, Job.id == job_id)


def _take(job_id: int | None, but: Collection[str]) -> Claim | None:
    # FOR UPDATE SKIP LOCKED lets workers on PostgreSQL pass each other; SQLite has one writer anyway and
    # omits it.
    chosen = (
        select(Job.id)
        .where(_is_ready(job_id, but), _may_be_tried())
        .order_by(Job.priority.desc(), Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    token = secrets.token_hex(16)
    statement = (
        update(Job)
        .where(Job.id == chosen)
        .values(
            state=JobState.RUNNING,
            attempts=Job.attempts + 1,
            lease_token=token,
            lease_until=moment_from_now(Job.lease_seconds),
        )
        .returning(
            Job.id,
            Job.kind,
            Job.version,
            Job.payload,
            Job.attempts,
            Job.max_attempts,
            Job.lease_seconds,
            Job.agency_id,
            Job.created_by,
        )
        .execution_options(synchronize_session=False)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    return Claim(
        id=row.id,
        kind=row.kind,
        version=row.version,
        args=tuple(row.payload["args"]),
        attempt=row.attempts,
        max_attempts=row.max_attempts,
        token=token,
        lease_seconds=row.lease_seconds,
        agency_id=row.agency_id,
        created_by=row.created_by,
    )


def _bury_exhausted() -> int:
    """Declare dead what was running at its last attempt when its worker vanished."""
    lost = (
        select(Job.id)
        .where(_is_expired(), Job.attempts >= Job.max_attempts)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(Job)
        .where(Job.id.in_(lost))
        .values(
            state=JobState.DEAD,
            error=_("The worker vanished at the last attempt; the job itself may be what ends it."),
            finished_at=clock.now(),
            lease_token=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount
