"""Gates: the work list of whoever decides them, one decision, and several clearances at once."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from curriculum import labels
from curriculum.forms.gates import GateForm
from curriculum.models import Cohort, Gate, GateKind, GateState, Nomination
from curriculum.services import gates
from foundation.access import log_access, requires, visible
from foundation.db import db
from foundation.errors import DomainError, Forbidden
from foundation.forms import render_form
from foundation.i18n import _, ngettext
from foundation.paging import page_of_request

bp = Blueprint("gates", __name__)


@bp.get("/gates")
@requires(Permission.GATE_LIST)
def index() -> ResponseReturnValue:
    """List the gates a viewer works on, the open ones first unless he asks for others."""
    asked = request.args
    kinds = gates.kinds_in_sight(g.viewer)
    kind = GateKind(asked["kind"]) if asked.get("kind") in set(kinds) else None
    wanted = asked.get("state", GateState.OPEN.value)
    state = GateState(wanted) if wanted in set(GateState) else None
    text = " ".join(asked.get("q", "")[:80].split())
    cohort = asked.get("cohort", "")[:40]
    page = page_of_request(
        gates.query_gates(g.viewer, kind=kind, state=state, cohort=cohort, text=text),
        sorts={
            "starts": [Cohort.starts_on, Nomination.nominated_at, Gate.id],
            "waiting": [Nomination.nominated_at, Gate.id],
        },
        default="starts",
    )
    return render_template(
        "curriculum/gates/index.html",
        page=page,
        kind=kind,
        state=state,
        text=text,
        cohort=cohort,
        kinds=[(one.value, labels.word(one)) for one in kinds],
        states=labels.choices(GateState),
        may_clear=g.viewer.may(Permission.GATE_COURSE),
        course_kinds=gates.COURSE_KINDS,
        decided_here=gates.kinds_decided_by(g.viewer),
    )


@bp.route("/gates/<int:gate_id>", methods=["GET", "POST"])
@requires(Permission.GATE_LIST, on=Gate)
def decide(gate: Gate) -> ResponseReturnValue:
    """Decide a gate."""
    decisions = gates.list_decisions(gate, g.viewer)
    if not decisions:
        log_access("refused", subject=gate, detail="gate:decide")
        abort(403)
    form = GateForm.of_gate(gate, decisions)
    if form.validate_on_submit():
        with form.showing(DomainError):
            typed = form.result()
            gates.decide_gate(
                gate,
                decision=typed.decision,
                reason=typed.reason,
                limits=typed.limits,
                valid_until=typed.valid_until,
                actor=g.viewer,
            )
            flash(f"{gates.name_gate(gate)}: {labels.word(typed.decision)}.", "success")
            return redirect(url_for("gates.index"))
    return _page(gate, form)


@bp.post("/gates/<int:gate_id>/medical-reason")
@requires(Permission.GATE_MEDICAL, on=Gate)
def reason(gate: Gate) -> ResponseReturnValue:
    """Show the medical reason to the medical reviewer; each reading is logged."""
    if gate.kind is not GateKind.MEDICAL:
        abort(404)
    log_access("medical_reason_read", subject=gate)
    text = gates.read_medical_reason(gate, actor=g.viewer)
    form = GateForm(formdata=None, decisions=gates.list_decisions(gate, g.viewer))
    return _page(gate, form, medical_reason=text or _("No reason is recorded."))


@bp.post("/gates/clear")
@requires(Permission.GATE_COURSE)
def clear() -> ResponseReturnValue:
    """Clear several language, document or prerequisite gates, after showing them by name."""
    ids = request.form.getlist("ids", type=int)[:500]
    query = (
        select(Gate)
        .join(Nomination, Nomination.id == Gate.nomination_id)
        .where(Gate.id.in_(ids), visible(Gate, g.viewer))
        .order_by(Nomination.agency_id, Nomination.rank)
    )
    chosen = list(db.session.execute(query).scalars())
    if not chosen:
        flash(_("Choose at least one gate."), "error")
        return redirect(url_for("gates.index"), 303)
    wrong = [gate for gate in chosen if gate.kind not in gates.COURSE_KINDS]
    if wrong or any(not g.viewer.may(Permission.GATE_COURSE, gate) for gate in chosen):
        raise Forbidden(
            _("Several at once can be cleared for language, document and prerequisite of your own courses.")
        )
    if request.form.get("confirmed") != "yes":
        return render_template("curriculum/gates/clear.html", chosen=chosen)
    count = gates.clear_gates(chosen, actor=g.viewer)
    flash(ngettext("%(num)s gate is cleared.", "%(num)s gates are cleared.", count), "success")
    return redirect(url_for("gates.index"))


def _page(gate: Gate, form: GateForm, *, medical_reason: str | None = None) -> ResponseReturnValue:
    medical = gate.kind is GateKind.MEDICAL
    return render_form(
        "curriculum/gates/decide.html",
        form,
        gate=gate,
        nomination=gate.nomination,
        medical=medical,
        medical_reason=medical_reason,
        has_medical_reason=medical and gates.has_medical_reason(gate),
        prerequisites=gates.list_prerequisites(gate) if gate.kind is GateKind.PREREQUISITE else [],
    )
