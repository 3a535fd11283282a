"""Background jobs: one row is the job, and the row alone decides what is true about it.

An engine (`foundation.delivery`) only brings the row to a worker, at least once. That nothing is lost and no
effect happens twice lives here: a job is inserted in its caller's transaction, claimed by one conditional
update on the database's clock, and its effect and its "done" are one transaction that a worker without the
lease cannot commit. Declined: queues that delete a row before running it (they lose jobs when a worker is
killed) and brokers (the embedded profile has one file, no server).
"""

from foundation.jobs.models import FINAL_STATES, Job, JobState, WorkerHeartbeat
from foundation.jobs.queue import (
    JobNotCancellable,
    JobNotRetryable,
    cancel,
    count_jobs,
    enqueue,
    find_job,
    find_job_by_key,
    get_oldest_due_seconds,
    list_jobs,
    retry,
)
from foundation.jobs.registry import HANDLERS, Handler, UnknownJob, job, periodic
from foundation.jobs.running import (
    JobCancelled,
    JobContext,
    JobTimedOut,
    LeaseLost,
    TransactionOpen,
    WorkerStopping,
    run_pending,
)
from foundation.jobs.schedule import enqueue_due_slots

__all__ = [
    "FINAL_STATES",
    "HANDLERS",
    "Handler",
    "Job",
    "JobCancelled",
    "JobContext",
    "JobNotCancellable",
    "JobNotRetryable",
    "JobState",
    "JobTimedOut",
    "LeaseLost",
    "TransactionOpen",
    "UnknownJob",
    "WorkerHeartbeat",
    "WorkerStopping",
    "cancel",
    "count_jobs",
    "enqueue",
    "enqueue_due_slots",
    "find_job",
    "find_job_by_key",
    "get_oldest_due_seconds",
    "job",
    "list_jobs",
    "periodic",
    "retry",
    "run_pending",
]
