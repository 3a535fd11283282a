"""Trainees: who came, who left, who is back; and the roster on paper."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.permissions import Permission
from curriculum import labels
from curriculum.forms.enrolments import StateForm
from curriculum.models import Cohort, Enrolment
from curriculum.services import enrolments, postings
from foundation.access import log_access, requires
from foundation.errors import DomainError
from foundation.forms import render_form

bp = Blueprint("enrolments", __name__)


@bp.get("/cohorts/<int:cohort_id>/roster")
@requires(Permission.COHORT_ROSTER, on=Cohort)
def roster(cohort: Cohort) -> ResponseReturnValue:
    """Show the roster as a sheet to print."""
    return render_template(
        "curriculum/enrolments/roster.html",
        cohort=cohort,
        lines=enrolments.read_roster(cohort, viewer=g.viewer, seated_alone=True),
        staff=postings.list_staff(cohort),
    )


@bp.get("/cohorts/<int:cohort_id>/letters")
@requires(Permission.COHORT_ROSTER, on=Cohort)
def letters(cohort: Cohort) -> ResponseReturnValue:
    """Show the joining letters to print, one a page, and at the end who gets none and why."""
    admitted, others = enrolments.list_letters(cohort, viewer=g.viewer)
    return render_template(
        "curriculum/enrolments/letters.html", cohort=cohort, admitted=admitted, others=others
    )


@bp.route("/enrolments/<int:enrolment_id>/state", methods=["GET", "POST"])
@requires(Permission.COHORT_ROSTER, on=Enrolment)
def change(enrolment: Enrolment) -> ResponseReturnValue:
    """Say that a trainee did not show up, left, or is back."""
    if not enrolments.may_set_state(enrolment, g.viewer):
        log_access("refused", subject=enrolment, detail="enrolment:set_state")
        abort(403)
    form = StateForm.of_enrolment(enrolment)
    if form.validate_on_submit():
        with form.showing(DomainError):
            state, reason = form.result()
            enrolments.set_state(enrolment, state=state, reason=reason, actor=g.viewer)
            flash(f"{enrolment.person.latin_name}: {labels.word(state)}.", "success")
            return redirect(url_for("nominations.index", cohort_id=enrolment.cohort_id))
    return render_form("curriculum/enrolments/change.html", form, enrolment=enrolment)
