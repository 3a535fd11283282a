"""Background jobs of equipment."""

from typing import Any

from equipment.services.deed_files import PRINT_JOB, print_deed
from foundation.jobs import JobContext, job


@job(PRINT_JOB, max_attempts=10, lease_seconds=120)
def print_signed_deed(ctx: JobContext, deed_id: int) -> dict[str, Any]:
    """Print a signed deed in each language; killed at any point, the next attempt goes on where this one stopped."""
    return {"languages": print_deed(deed_id, unit=ctx.unit, progress=ctx.progress)}
