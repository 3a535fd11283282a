"""Background work as people see it: all of it for administrators, one's own for everybody."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.labels import JOB_STATE_LABELS, JOB_STATE_TONES, job_label
from accounts.models import User
from accounts.permissions import Permission
from accounts.views.badges import make_badge
from foundation import jobs
from foundation.access import requires
from foundation.i18n import _
from foundation.jobs import Job, JobState
from foundation.paging import page_of_request
from foundation.web import same_site_target

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

# The words of the progress macro.
_PROGRESS_STATES = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "running",
    JobState.DONE: "done",
    JobState.DEAD: "failed",
    JobState.CANCELLED: "failed",
}


@bp.get("", endpoint="list")
@requires(Permission.JOB_READ)
def list_jobs() -> ResponseReturnValue:
    """List the background work, newest first, filtered by state and kind."""
    query = select(
        Job.id,
        Job.kind,
        Job.state,
        Job.done_n,
        Job.total_n,
        Job.created_at,
        Job.attempts,
        User.name.label("actor"),
    ).outerjoin(User, User.id == Job.created_by)
    if request.args.get("state") in set(JobState):
        query = query.where(Job.state == JobState(request.args["state"]))
    if kind := request.args.get("kind", "")[:100]:
        query = query.where(Job.kind == kind)
    page = page_of_request(query, sorts={"number": [Job.id]}, default="-number")
    return render_template(
        "accounts/jobs/list.html",
        page=page,
        counts=jobs.count_jobs(),
        labels={kind: job_label(kind) for kind in {row.kind for row in page.rows}},
        kinds=sorted(((kind, job_label(kind)) for kind in jobs.HANDLERS), key=lambda pair: pair[1]),
        states=[(state.value, label) for state, label in JOB_STATE_LABELS.items()],
        state_labels=JOB_STATE_LABELS,
        state_tones=JOB_STATE_TONES,
        badges={
            state: make_badge(label, JOB_STATE_TONES[state]) for state, label in JOB_STATE_LABELS.items()
        },
        job_url=url_for("jobs.show", job_id=0)[:-1],
    )


@bp.get("/<int:job_id>")
@requires(None, on=Job)
def show(job: Job) -> ResponseReturnValue:
    """Show how far a piece of work is: to who asked for it, and to administrators."""
    return render_template(
        "accounts/jobs/show.html",
        job=job,
        label=job_label(job.kind),
        back=same_site_target(request.args.get("next"), ""),
        **progress_of(job),
    )


@bp.get("/<int:job_id>/progress")
@requires(None, on=Job)
def progress(job: Job) -> ResponseReturnValue:
    """Answer the progress alone, for pages that ask again and again."""
    return render_template("accounts/jobs/_progress.html", job=job, **progress_of(job))


@bp.post("/<int:job_id>/retry")
@requires(Permission.JOB_RETRY, on=Job)
def retry(job: Job) -> ResponseReturnValue:
    """Have dead or cancelled work tried again."""
    jobs.retry(job, actor=g.viewer)
    flash(_("The work is queued again."), "success")
    return redirect(url_for("jobs.show", job_id=job.id), 303)


def progress_of(job: Job) -> dict[str, Any]:
    """Return what the progress macro asks for about a job."""
    messages = {
        JobState.DEAD: _(
            "It failed for good after %(count)s tries. An administrator can have it tried again.",
            count=job.attempts,
        ),
        JobState.CANCELLED: _("It was cancelled."),
    }
    return {
        "state": _PROGRESS_STATES[JobState(job.state)],
        "done": job.done_n,
        "total": job.total_n,
        "message": messages.get(JobState(job.state), job.message),
        "poll_url": url_for("jobs.progress", job_id=job.id),
    }
