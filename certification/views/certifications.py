"""Certification of a cohort: who is eligible and why not, the two approvals, the issue."""

import io
import zipfile

from flask import Blueprint, flash, g, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from accounts.permissions import Permission
from certification.forms.certifications import ApprovalForm
from certification.labels import APPROVAL
from certification.models import ApprovalKind
from certification.reasons import sentences_of
from certification.services import approvals, certificates, issuing
from certification.services.candidates import compute_digest, list_candidates
from curriculum.models import Cohort
from foundation import clock, jobs
from foundation.access import requires
from foundation.errors import DomainError, Forbidden
from foundation.i18n import _, language

bp = Blueprint("certifications", __name__)

_PERMISSIONS = {
    ApprovalKind.DIRECTOR: Permission.CERTIFICATION_APPROVE_DIRECTOR,
    ApprovalKind.OFFICIAL: Permission.CERTIFICATION_APPROVE_OFFICIAL,
}


@bp.get("/cohorts/<int:cohort_id>/certification")
@requires(Permission.CERTIFICATION_READ, on=Cohort)
def show(cohort: Cohort) -> ResponseReturnValue:
    """Show who of a cohort is eligible, who is not and why, and how the approvals stand."""
    return _page(cohort, ApprovalForm())


@bp.post("/cohorts/<int:cohort_id>/certification/approve")
@requires(Permission.CERTIFICATION_READ, on=Cohort)
def approve(cohort: Cohort) -> ResponseReturnValue:
    """Approve the list as it was shown."""
    if not any(g.viewer.may(permission, cohort) for permission in _PERMISSIONS.values()):
        raise Forbidden(_("The course director and the certifying official approve."))
    form = ApprovalForm()
    if form.validate_on_submit():
        kind, digest = form.result()
        if not g.viewer.may(_PERMISSIONS[kind], cohort):
            raise Forbidden(_("This approval is not yours to give."))
        with form.showing(DomainError):
            found = list_candidates(cohort, on=clock.today())
            approvals.approve(cohort, kind, candidates=found, seen_digest=digest, actor=g.viewer)
            flash(_("Your approval is recorded."), "success")
            return redirect(url_for("certifications.show", cohort_id=cohort.id))
    return _page(cohort, form), 409 if form.conflict else 422


@bp.post("/cohorts/<int:cohort_id>/certification/issue")
@requires(Permission.CERTIFICATE_ISSUE, on=Cohort)
def issue(cohort: Cohort) -> ResponseReturnValue:
    """Start the issue in the background."""
    running = issuing.find_issue(cohort)
    job = (
        running
        if running is not None and not running.is_final
        else issuing.start_issue(cohort, actor=g.viewer)
    )
    return redirect(url_for("certifications.progress", cohort_id=cohort.id, job_id=job.id))


@bp.get("/cohorts/<int:cohort_id>/certification/issues/<int:job_id>")
@requires(Permission.CERTIFICATION_READ, on=Cohort)
def progress(cohort: Cohort, job_id: int) -> ResponseReturnValue:
    """Show how far an issue is, and what came of it."""
    job = issuing.get_issue(cohort, job_id)
    return render_template("certification/certifications/progress.html", cohort=cohort, job=job)


@bp.get("/cohorts/<int:cohort_id>/certification/issues/<int:job_id>/part")
@requires(Permission.CERTIFICATION_READ, on=Cohort)
def progress_part(cohort: Cohort, job_id: int) -> ResponseReturnValue:
    """Return the progress alone, for the page that watches it."""
    job = issuing.get_issue(cohort, job_id)
    return render_template("certification/certifications/_progress.html", cohort=cohort, job=job)


@bp.get("/cohorts/<int:cohort_id>/certificates.zip")
@requires(Permission.CERTIFICATION_READ, on=Cohort)
def archive(cohort: Cohort) -> ResponseReturnValue:
    """Download all certificates of a cohort in one file; names are numbers, so namesakes stay apart."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_STORED) as packed:
        for version in certificates.list_versions_of_cohort(cohort.id):
            if version.file is not None:
                packed.writestr(certificates.file_name(version), certificates.read_file(version))
    body.seek(0)
    name = f"{cohort.certificate_stem}-certificates.zip"
    response = send_file(body, mimetype="application/zip", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(cohort: Cohort, form: ApprovalForm) -> str:
    found = list_candidates(cohort, on=clock.today())
    digest = compute_digest(found)
    given = {approval.kind: approval for approval in approvals.list_approvals(cohort, digest)}
    eligible = sum(candidate.eligibility.eligible for candidate in found)
    mine = [
        kind
        for kind, permission in _PERMISSIONS.items()
        if kind not in given
        and eligible
        and g.viewer.may(permission, cohort)
        and all(approval.approved_by_id != g.viewer.id for approval in given.values())
    ]
    return render_template(
        "certification/certifications/show.html",
        cohort=cohort,
        form=form,
        candidates=found,
        reasons={c.enrolment.id: sentences_of(c.eligibility.reasons, language=language()) for c in found},
        digest=digest,
        given=given,
        mine=mine,
        capacities=APPROVAL,
        eligible=eligible,
        issued=sum(candidate.number is not None for candidate in found),
        approved=approvals.is_approved(list(given.values())),
        certificate_ids=certificates.map_enrolments(cohort),
        issue=issuing.find_issue(cohort),
        final_states=jobs.FINAL_STATES,
    )
