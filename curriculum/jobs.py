"""Background jobs of the curriculum."""

from typing import Any

from curriculum.services import import_writing, imports
from foundation.jobs import JobContext, job


@job(imports.REHEARSE_JOB, max_attempts=3, lease_seconds=60)
def rehearse_import(ctx: JobContext, run_id: int) -> dict[str, Any]:
    """Read and class an uploaded sheet."""
    return imports.rehearse(run_id, unit=ctx.unit, progress=ctx.progress)


@job(imports.WRITE_JOB, max_attempts=20, lease_seconds=60)
def write_import(ctx: JobContext, run_id: int) -> dict[str, Any]:
    """Write the good rows of a confirmed sheet; killed at any point, the next attempt goes on."""
    return import_writing.write(run_id, actor_id=ctx.created_by, unit=ctx.unit, progress=ctx.progress)
