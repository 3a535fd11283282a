"""The people of a cohort: the host's roster with every gate, and an agency's own list to nominate, rank and withdraw."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.models import Agency, Person
from accounts.permissions import Permission
from curriculum import labels
from curriculum.forms.nominations import WithdrawForm, read_ranks
from curriculum.models import Cohort, Gate, GateKind, GateState, Nomination, NominationState
from curriculum.services import enrolments, gates, nominations, overviews
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError, Forbidden
from foundation.forms import render_form
from foundation.i18n import _, ngettext
from foundation.paging import page_of_request

bp = Blueprint("nominations", __name__)


@bp.get("/cohorts/<int:cohort_id>/people")
@requires(Permission.COHORT_READ, on=Cohort)
def index(cohort: Cohort) -> ResponseReturnValue:
    """Show the people of a cohort: all of them to the host, its own to an agency."""
    asked = request.args
    state = NominationState(asked["state"]) if asked.get("state") in set(NominationState) else None
    gate = GateState(asked["gate"]) if asked.get("gate") in set(GateState) else None
    lines = enrolments.read_roster(cohort, viewer=g.viewer, state=state, gate=gate)
    own = g.viewer.may(Permission.NOMINATION_MAKE)
    return render_template(
        "curriculum/nominations/index.html",
        cohort=cohort,
        lines=lines,
        state=state,
        gate=gate,
        kinds=list(GateKind),
        states=labels.choices(NominationState),
        gate_states=labels.choices(GateState),
        may_nominate=own and cohort.state.value == "open",
        may_rank=own and cohort.state.value in ("open", "confirmed"),
        may_plan=g.viewer.may(Permission.COHORT_PLAN, cohort),
        may_set_state=cohort.state.value == "running" and enrolments.may_set_state_in(cohort, g.viewer),
    )


@bp.route("/cohorts/<int:cohort_id>/nominate", methods=["GET", "POST"])
@requires(Permission.COHORT_READ, on=Cohort)
def new(cohort: Cohort) -> ResponseReturnValue:
    """Choose people of the own agency and nominate them in the order of the list."""
    agency = _own_agency()
    if request.method == "POST":
        chosen = request.form.getlist("ids", type=int)
        persons = _own_persons(chosen)
        if not persons:
            flash(_("Choose at least one person."), "error")
        else:
            results = nominations.nominate(cohort, persons, agency=agency, actor=g.viewer)
            _tell_results(cohort, results)
            return redirect(url_for("nominations.index", cohort_id=cohort.id))
    text = " ".join(request.args.get("q", "")[:80].split())
    obstacle = nominations.find_obstacle(cohort, agency)
    page = page_of_request(
        nominations.query_candidates(cohort, agency=agency, viewer=g.viewer, text=text),
        sorts={"name": [Person.folded_latin, Person.id]},
        default="name",
    )
    status = 422 if request.method == "POST" else 200
    return render_template(
        "curriculum/nominations/new.html", cohort=cohort, page=page, text=text, obstacle=obstacle
    ), status


@bp.post("/cohorts/<int:cohort_id>/ranks")
@requires(Permission.COHORT_READ, on=Cohort)
def rank(cohort: Cohort) -> ResponseReturnValue:
    """Save the order of the agency's nominations."""
    try:
        nominations.rank_nominations(
            cohort, agency=_own_agency(), ranks=read_ranks(request.form), actor=g.viewer
        )
    except DomainError as error:
        if isinstance(error, Forbidden):
            raise
        db.session.rollback()
        flash(error.message, "error")
        return redirect(url_for("nominations.index", cohort_id=cohort.id), 303)
    flash(_("The order is saved."), "success")
    return redirect(url_for("nominations.index", cohort_id=cohort.id))


@bp.get("/nominations/<int:nomination_id>")
@requires(Permission.NOMINATION_READ, on=Nomination)
def show(nomination: Nomination) -> ResponseReturnValue:
    """Show one nomination: the person, the gates, the seat."""
    found = db.session.execute(
        select(Gate).where(Gate.nomination_id == nomination.id).order_by(Gate.id)
    ).scalars()
    return render_template(
        "curriculum/nominations/show.html",
        nomination=nomination,
        gates=[(gate, bool(gates.list_decisions(gate, g.viewer))) for gate in found],
        enrolment=enrolments.find_enrolment(nomination),
        may_withdraw=nominations.may_withdraw(nomination, g.viewer),
        may_seat=overviews.may_seat(nomination, g.viewer),
        sees_reasons=gates.sees_reasons(g.viewer),
    )


@bp.route("/nominations/<int:nomination_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.NOMINATION_MAKE, on=Nomination)
def withdraw(nomination: Nomination) -> ResponseReturnValue:
    """Withdraw a person, with a reason."""
    form = WithdrawForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            nominations.withdraw(nomination, reason=form.result(), actor=g.viewer)
            flash(_("%(name)s is withdrawn.", name=nomination.person.latin_name), "success")
            return redirect(url_for("nominations.index", cohort_id=nomination.cohort_id))
    return render_form("curriculum/nominations/withdraw.html", form, nomination=nomination)


def _own_agency() -> Agency:
    agency = g.viewer.agency
    if agency is None or not g.viewer.may(Permission.NOMINATION_MAKE):
        raise Forbidden(_("Only an officer of an agency nominates its people."))
    found: Agency = agency
    return found


def _own_persons(ids: list[int]) -> list[Person]:
    """Return the chosen persons in sight, in the order of the list; foreign and missing ids are passed over."""
    query = (
        select(Person)
        .where(Person.id.in_(ids), visible(Person, g.viewer))
        .order_by(Person.folded_latin, Person.id)
    )
    return list(db.session.execute(query).scalars())


def _tell_results(cohort: Cohort, results: list[nominations.NominationResult]) -> None:
    made = [one for one in results if one.outcome is nominations.NominationOutcome.NOMINATED]
    if made:
        flash(
            ngettext(
                "%(num)s person is nominated for %(code)s.",
                "%(num)s people are nominated for %(code)s.",
                len(made),
                code=cohort.code,
            ),
            "success",
        )
    for one in results:
        if one not in made:
            flash(f"{one.person.latin_name}: {one.sentence}", "warning")
