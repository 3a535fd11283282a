"""Damage and loss: report it from the item or by its tag, see what is open, decide about it."""

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from accounts.permissions import Permission
from equipment import labels
from equipment.forms.cases import DecisionForm, ReportForm
from equipment.models import CaseKind, CaseState, EquipmentCase, Item
from equipment.services import cases
from equipment.views.shared import asked_text, asked_word
from foundation import clock, storage
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _
from foundation.paging import page_of_request
from foundation.web import accepts_bytes

bp = Blueprint("cases", __name__)
# All photos of one report together, with the other fields.
MOST_BYTES = 20 * 1024 * 1024
_PICTURES = frozenset({"image/jpeg", "image/png"})


@bp.get("/equipment/cases")
@requires(Permission.EQUIPMENT_READ)
def index() -> ResponseReturnValue:
    """List the cases in sight, narrowed by state, kind and text."""
    state, kind, text = asked_word("state", CaseState), asked_word("kind", CaseKind), asked_text()
    page = page_of_request(
        cases.query_cases(g.viewer, state=state, kind=kind, text=text),
        sorts={"found": [EquipmentCase.found_on, EquipmentCase.id]},
        default="-found",
    )
    return render_template(
        "equipment/cases/index.html",
        page=page,
        state=state,
        kind=kind,
        text=text,
        states=labels.choices(CaseState),
        kinds=labels.choices(CaseKind),
    )


@bp.route("/equipment/cases/new", methods=["GET", "POST"])
@requires(Permission.EQUIPMENT_REPORT)
@accepts_bytes(MOST_BYTES)
def new() -> ResponseReturnValue:
    """Report an item damaged, lost, stolen or destroyed."""
    form = ReportForm(data={"tag": request.args.get("tag", "")[:80], "found_on": clock.today()})
    if form.validate_on_submit():
        with form.showing(DomainError):
            item = _find_item(form.tag.data or "")
            if item is None:
                raise DomainError(_("No item with this tag or serial number is in your sight."), field="tag")
            case = cases.report_case(item, form.result(), actor=g.viewer)
            flash(
                _(
                    "Your report about %(tag)s is recorded. It does not count as usable until the case is decided.",
                    tag=item.tag,
                ),
                "success",
            )
            if g.viewer.may(Permission.EQUIPMENT_READ, case):
                return redirect(url_for("cases.show", equipment_case_id=case.id), 303)
            return redirect(url_for("desk.show"), 303)
    return render_form("equipment/cases/new.html", form)


def _find_item(mark: str) -> Item | None:
    """Return the one item in sight with this tag, or else with this serial number."""
    wanted = mark.casefold()
    tag, serial = func.lower(Item.tag) == wanted, func.lower(Item.serial) == wanted
    query = select(Item).where(or_(tag, serial), visible(Item, g.viewer)).limit(3)
    found = list(db.session.execute(query).scalars())
    exact = [item for item in found if item.tag.casefold() == wanted] or found
    return exact[0] if len(exact) == 1 else None


@bp.get("/equipment/cases/<int:equipment_case_id>")
@requires(Permission.EQUIPMENT_READ, on=EquipmentCase)
def show(equipment_case: EquipmentCase) -> ResponseReturnValue:
    """Show a case: what was reported, photos, and what was decided."""
    return render_template("equipment/cases/show.html", case=equipment_case)


@bp.route("/equipment/cases/<int:equipment_case_id>/close", methods=["GET", "POST"])
@requires(Permission.EQUIPMENT_CHECK, on=EquipmentCase)
def close(equipment_case: EquipmentCase) -> ResponseReturnValue:
    """Decide a case."""
    if request.method == "GET" and equipment_case.state is CaseState.CLOSED:
        return redirect(url_for("cases.show", equipment_case_id=equipment_case.id))
    form = DecisionForm(data={"closed_on": clock.today()})
    if form.validate_on_submit():
        with form.showing(DomainError):
            cases.close_case(equipment_case, form.result(), actor=g.viewer)
            flash(_("The case about %(tag)s is closed.", tag=equipment_case.item.tag), "success")
            return redirect(url_for("cases.show", equipment_case_id=equipment_case.id), 303)
    return render_form("equipment/cases/close.html", form, case=equipment_case)


@bp.get("/equipment/cases/<int:equipment_case_id>/photos/<int:number>")
@requires(Permission.EQUIPMENT_READ, on=EquipmentCase)
def photo(equipment_case: EquipmentCase, number: int) -> ResponseReturnValue:
    """Send a photo of a case: only ever as the picture it was taken for, never as a page."""
    if not 1 <= number <= len(equipment_case.photos):
        abort(404)
    kept = equipment_case.photos[number - 1]
    media = str(kept["type"])
    if media not in _PICTURES:
        abort(404)
    response = Response(storage.get(str(kept["key"])), mimetype=media)
    ending = media.rpartition("/")[2]
    name = f"{equipment_case.item.tag}-{equipment_case.id}-{number}.{ending}"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
