"""Confirming seats: the whole seating first, by name and with reasons, then the act."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.permissions import Permission
from curriculum.models import Cohort, Nomination
from curriculum.services import seats
from foundation.access import requires
from foundation.i18n import _, ngettext

bp = Blueprint("seats", __name__)


@bp.route("/cohorts/<int:cohort_id>/seats", methods=["GET", "POST"])
@requires(Permission.COHORT_PLAN, on=Cohort)
def confirm(cohort: Cohort) -> ResponseReturnValue:
    """Show who would get a seat, who waits and who is refused; on confirmation, do it."""
    if request.method == "POST":
        report = seats.confirm_seats(cohort, actor=g.viewer)
        if report.confirmed:
            flash(
                ngettext("%(num)s seat is confirmed.", "%(num)s seats are confirmed.", len(report.confirmed)),
                "success",
            )
        else:
            flash(_("Nobody new could be given a seat."), "info")
        return redirect(url_for("nominations.index", cohort_id=cohort.id))
    return render_template("curriculum/seats/confirm.html", cohort=cohort, report=seats.preview_seats(cohort))


@bp.post("/nominations/<int:nomination_id>/seat")
@requires(Permission.COHORT_PLAN, on=Nomination)
def give(nomination: Nomination) -> ResponseReturnValue:
    """Give one nominee the seat that the rule gives him."""
    enrolment = seats.confirm_seat(nomination, actor=g.viewer)
    flash(
        _("%(name)s has seat %(number)s.", name=nomination.person.latin_name, number=enrolment.number),
        "success",
    )
    return redirect(url_for("nominations.show", nomination_id=nomination.id))
