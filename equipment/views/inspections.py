"""Inspections: one check of several items at once."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from equipment.forms.cases import InspectionForm
from equipment.models import Item
from equipment.services import inspections, items
from equipment.services.inspections import MOST_ITEMS
from equipment.views.shared import read_ids
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import ngettext

bp = Blueprint("inspections", __name__)


@bp.route("/equipment/inspections/new", methods=["GET", "POST"])
@requires(Permission.EQUIPMENT_CHECK)
def new() -> ResponseReturnValue:
    """Record one check of the items chosen on a list; one result for all, what differs is recorded on its own."""
    chosen = _list_items(read_ids(request.values.getlist("ids"), most=MOST_ITEMS))
    form = InspectionForm(data={"done_on": items.today()})
    if chosen and form.validate_on_submit():
        with form.showing(DomainError):
            made = inspections.record_inspections(form.findings(chosen), done_on=form.day, actor=g.viewer)
            flash(
                ngettext(
                    "%(num)s inspection is recorded.", "%(num)s inspections are recorded.", len(made)
                ),
                "success",
            )
            if len(chosen) == 1:
                return redirect(url_for("items.show", item_id=chosen[0].id), 303)
            return redirect(url_for("items.index"), 303)
    return render_form("equipment/inspections/new.html", form, chosen=chosen)


def _list_items(ids: list[int]) -> list[Item]:
    query = select(Item).where(Item.id.in_(ids), visible(Item, g.viewer)).order_by(Item.tag)
    return list(db.session.execute(query).scalars()) if ids else []
