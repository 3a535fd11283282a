"""Agreements of an agency: recording what was signed, and correcting it."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from accounts.forms.agencies import AgreementForm
from accounts.models import Agency, Agreement
from accounts.permissions import Permission
from accounts.services import agencies
from foundation.access import requires
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _

bp = Blueprint("agreements", __name__)


@bp.route("/agencies/<int:agency_id>/agreements/new", methods=["GET", "POST"])
@requires(Permission.AGENCY_MANAGE, on=Agency)
def new(agency: Agency) -> ResponseReturnValue:
    """Record an agreement."""
    form = AgreementForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            agreement = agencies.record_agreement(agency, form.result(), actor=g.viewer)
            flash(_("The agreement %(reference)s is recorded.", reference=agreement.reference), "success")
            return redirect(url_for("agencies.show", agency_id=agency.id), 303)
    return render_form("accounts/agreements/new.html", form, agency=agency)


@bp.route("/agreements/<int:agreement_id>/edit", methods=["GET", "POST"])
@requires(Permission.AGENCY_MANAGE, on=Agreement)
def edit(agreement: Agreement) -> ResponseReturnValue:
    """Correct an agreement, or end it sooner or later."""
    form = AgreementForm()
    if request.method == "GET":
        form.show(agreement)
    if form.validate_on_submit():
        with form.showing(DomainError):
            agencies.edit_agreement(agreement, form.result(), actor=g.viewer)
            flash(_("The agreement %(reference)s is saved.", reference=agreement.reference), "success")
            return redirect(url_for("agencies.show", agency_id=agreement.agency_id), 303)
    return render_form("accounts/agreements/edit.html", form, agreement=agreement)
