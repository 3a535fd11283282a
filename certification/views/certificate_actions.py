"""Suspending, lifting and revoking: proposed by one, decided by another."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.permissions import Permission
from certification.forms.certifications import DecisionForm, ProposalForm
from certification.labels import ACTION, ACTION_STATE, CONSEQUENCE
from certification.models import Certificate, CertificateAction, CertificateActionState
from certification.services import actions
from foundation.access import requires
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _
from foundation.paging import cut

bp = Blueprint("certificate_actions", __name__)


@bp.get("/certificate-actions")
@requires(Permission.CERTIFICATE_LIST)
def index() -> ResponseReturnValue:
    """List the proposals waiting for a decision."""
    return render_template(
        "certification/certificate_actions/index.html", page=cut(actions.list_waiting(g.viewer)), kinds=ACTION
    )


@bp.route("/certificates/<int:certificate_id>/actions/new", methods=["GET", "POST"])
@requires(Permission.CERTIFICATE_PROPOSE_REVOCATION, on=Certificate)
def new(certificate: Certificate) -> ResponseReturnValue:
    """Propose an act against a certificate."""
    form = ProposalForm()
    form.offer(actions.list_possible(certificate))
    if form.validate_on_submit():
        with form.showing(DomainError):
            proposal = form.result()
            actions.propose(certificate, proposal.kind, reason=proposal.reason, actor=g.viewer)
            flash(_("Your proposal waits for a certifying official."), "success")
            return redirect(url_for("certificates.show", certificate_id=certificate.id))
    return render_form(
        "certification/certificate_actions/new.html",
        form,
        certificate=certificate,
        consequences=CONSEQUENCE,
        kinds=ACTION,
    )


@bp.get("/certificate-actions/<int:certificate_action_id>")
@requires(Permission.CERTIFICATE_READ, on=CertificateAction)
def show(certificate_action: CertificateAction) -> ResponseReturnValue:
    """Show a proposal."""
    return _page(certificate_action, DecisionForm())


@bp.post("/certificate-actions/<int:certificate_action_id>")
@requires(Permission.CERTIFICATE_APPROVE_REVOCATION, on=CertificateAction)
def decide(certificate_action: CertificateAction) -> ResponseReturnValue:
    """Approve or decline a proposal."""
    form = DecisionForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            approve, note = form.result()
            actions.decide(certificate_action, approve=approve, note=note, actor=g.viewer)
            flash(_("Your decision is recorded and public."), "success")
            return redirect(url_for("certificates.show", certificate_id=certificate_action.certificate_id))
    return _page(certificate_action, form)


def _page(certificate_action: CertificateAction, form: DecisionForm) -> ResponseReturnValue:
    waiting = certificate_action.state == CertificateActionState.PROPOSED
    return render_form(
        "certification/certificate_actions/show.html",
        form,
        action=certificate_action,
        kinds=ACTION,
        states=ACTION_STATE,
        consequences=CONSEQUENCE,
        may_decide=waiting
        and certificate_action.proposed_by_id != g.viewer.id
        and g.viewer.may(Permission.CERTIFICATE_APPROVE_REVOCATION, certificate_action),
    )
