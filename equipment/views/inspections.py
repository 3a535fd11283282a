"""Inspections: one check of several items at once."""

from datetime import timedelta

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from equipment.forms.cases import InspectionForm
from equipment.models import Item
from equipment.services import dues, holdings, inspections
from equipment.services.inspections import MOST_ITEMS
from equipment.views.shared import read_ids
from foundation import clock
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import ngettext

bp = Blueprint("inspections", __name__)
AHEAD = timedelta(days=30)


@bp.route("/equipment/inspections/new", methods=["GET", "POST"])
@requires(Permission.EQUIPMENT_CHECK)
def new() -> ResponseReturnValue:
    """Record one check of the items chosen on a list, or of what is due; one result for all, what differs on its own."""
    today = clock.today()
    chosen = _list_items(read_ids(request.values.getlist("ids"), most=MOST_ITEMS))
    is_choice = request.form.get("act") == "choose"  # sent by the list of items, not by this form
    form = InspectionForm(data={"done_on": today}, **({"formdata": None} if is_choice else {}))
    if not is_choice and form.validate_on_submit():
        with form.showing(DomainError):
            made = inspections.record_inspections(form.findings(chosen), done_on=form.day, actor=g.viewer)
            flash(
                ngettext("%(num)s inspection is recorded.", "%(num)s inspections are recorded.", len(made)),
                "success",
            )
            if len(chosen) == 1:
                return redirect(url_for("items.show", item_id=chosen[0].id), 303)
            return redirect(url_for("items.index"), 303)
    due_ids = [one.item_id for one in dues.list_due_inspections(until=today + AHEAD, on=today)]
    candidates = chosen or _list_items(due_ids[:MOST_ITEMS])
    facts = holdings.read_facts([item.id for item in candidates], on=today)
    return render_form(
        "equipment/inspections/new.html",
        form,
        candidates=candidates,
        chosen={item.id for item in chosen},
        due={item_id: known.inspection_due_on for item_id, known in facts.items()},
    )


def _list_items(ids: list[int]) -> list[Item]:
    query = select(Item).where(Item.id.in_(ids), visible(Item, g.viewer)).order_by(Item.tag)
    return list(db.session.execute(query).scalars()) if ids else []
