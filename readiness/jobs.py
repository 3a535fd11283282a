"""Background jobs of readiness."""

from typing import Any

from foundation.jobs import JobContext, job
from readiness.services.snapshots import REPORT_JOB, print_reports


@job(REPORT_JOB, max_attempts=10, lease_seconds=60)
def print_report(ctx: JobContext, snapshot_id: int) -> dict[str, Any]:
    """Print a snapshot's reports in every language; killed at any point, the next attempt prints what is missing."""
    return {"printed": print_reports(snapshot_id, unit=ctx.unit, progress=ctx.progress)}
