"""Types of equipment: the list, one type with what there is of it, and a new one."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from accounts.permissions import Permission
from equipment import labels
from equipment.forms.items import ItemTypeForm
from equipment.models import Item, ItemCategory, ItemType, Lot, Tracking
from equipment.services import items
from equipment.views.shared import asked_text, asked_word
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _
from foundation.paging import page_of_request

bp = Blueprint("item_types", __name__)


@bp.get("/equipment/types")
@requires(Permission.EQUIPMENT_READ)
def index() -> ResponseReturnValue:
    """List the types, narrowed by what they are for and by text."""
    category, text = asked_word("category", ItemCategory), asked_text()
    page = page_of_request(
        items.query_item_types(g.viewer, category=category, text=text),
        sorts={"code": [ItemType.code], "category": [ItemType.category, ItemType.code]},
        default="code",
    )
    return render_template(
        "equipment/item_types/index.html",
        page=page,
        category=category,
        text=text,
        categories=labels.choices(ItemCategory),
    )


@bp.route("/equipment/types/new", methods=["GET", "POST"])
@requires(Permission.EQUIPMENT_REGISTER)
def new() -> ResponseReturnValue:
    """Add a type that the catalogue does not bring."""
    form = ItemTypeForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            item_type = items.register_item_type(form.result(), actor=g.viewer)
            flash(_("The type %(code)s is there.", code=item_type.code), "success")
            return redirect(url_for("item_types.show", item_type_id=item_type.id), 303)
    return render_form("equipment/item_types/new.html", form)


@bp.get("/equipment/types/<int:item_type_id>")
@requires(Permission.EQUIPMENT_READ)
def show(item_type_id: int) -> ResponseReturnValue:
    """Show a type: how it is followed, what it fulfils, and how much of it is in sight."""
    # A type is nobody's own, so that the permission is asked of nothing in particular and the row is looked for here.
    query = select(ItemType).where(ItemType.id == item_type_id, visible(ItemType, g.viewer))
    item_type = db.session.execute(query).scalar_one_or_none()
    if item_type is None:
        abort(404)
    model = Item if item_type.tracking is Tracking.SERIAL else Lot
    seen = select(func.count()).where(model.item_type_id == item_type.id, visible(model, g.viewer))
    return render_template(
        "equipment/item_types/show.html", item_type=item_type, count=db.session.execute(seen).scalar_one()
    )
