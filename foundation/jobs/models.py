"""The job's row and the sign of life of its workers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, Float, Index, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import bindparam
from sqlalchemy.sql.functions import FunctionElement

from foundation.db import Model, Moment, Word


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


FINAL_STATES = frozenset({JobState.DONE, JobState.DEAD, JobState.CANCELLED})


class Job(Model):
    """One piece of background work: who asked, for which agency, what, how far it is, and what came of it.

    `payload` is `{"v": version, "args": [...]}`: ids and plain JSON, never personal data. `run_at` is on the
    application's clock (a test may set it), `lease_until` on the database's, so that replicas with wandering
    clocks agree about leases. `agency_id` and `created_by` are plain numbers: the foundation stands below
    agencies and users.
    """

    __tablename__ = "job"

    kind: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int]
    state: Mapped[JobState] = mapped_column(Word(JobState), default=JobState.QUEUED)
    priority: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    lease_seconds: Mapped[int]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    done_n: Mapped[int] = mapped_column(default=0)
    total_n: Mapped[int | None]
    message: Mapped[str] = mapped_column(String(200), default="")
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[str | None] = mapped_column(Text)
    agency_id: Mapped[int | None] = mapped_column(index=True)
    created_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (Index(None, "state", "run_at"),)

    @property
    def args(self) -> list[Any]:
        """Return the arguments the handler is called with."""
        return list(self.payload["args"])

    @property
    def is_final(self) -> bool:
        """Return whether nothing more will happen unless a person asks for it."""
        return self.state in FINAL_STATES


class WorkerHeartbeat(Model):
    """When a worker process was last alive, on the database's clock; `/readyz` asks for the youngest."""

    __tablename__ = "worker_heartbeat"

    worker: Mapped[str] = mapped_column(String(120), unique=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class moment_from_now(FunctionElement[datetime]):
    """The database's own clock, some seconds ahead (negative: ago), in the form `Moment` columns keep."""

    type = Moment()
    inherit_cache = True

    def __init__(self, seconds: float | ColumnElement[int] | InstrumentedAttribute[int] = 0) -> None:
        given = (
            bindparam(None, float(seconds), type_=Float(), unique=True)
            if isinstance(seconds, int | float)
            else seconds
        )
        super().__init__(given)


@compiles(moment_from_now, "sqlite")
def _on_sqlite(element: moment_from_now, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {seconds} || ' seconds')"


@compiles(moment_from_now, "postgresql")
def _on_postgresql(element: moment_from_now, compiler: SQLCompiler, **kw: Any) -> str:
    # statement_timestamp: now() would stand still at the start of a long transaction, clock_timestamp()
    # defeats an index.
    seconds = compiler.process(element.clauses, **kw)
    return f"(statement_timestamp() + make_interval(secs => CAST({seconds} AS double precision)))"
