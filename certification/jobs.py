"""Background jobs of certification."""

from typing import Any

from certification.services.issuing import ISSUE_JOB, NotApproved, issue_cohort
from foundation.jobs import JobContext, job


@job(ISSUE_JOB, max_attempts=20, lease_seconds=60)
def issue(ctx: JobContext, cohort_id: int) -> dict[str, Any]:
    """Issue a cohort's certificates; killed at any point, the next attempt goes on where this one stopped."""
    try:
        return issue_cohort(
            cohort_id, unit=ctx.unit, progress=ctx.progress, actor_id=ctx.created_by
        ).as_result()
    except NotApproved as refusal:
        # An approval was overtaken by a change of the list: trying again would not help, people must look.
        return {"refusal": refusal.message}
