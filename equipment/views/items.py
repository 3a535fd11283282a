"""Items: the list, one item with its chain of custody, inspections and cases, and many new ones at once."""

from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from accounts.services.agencies import list_open_agencies
from equipment.forms.items import ItemsForm, type_choices
from equipment.models import CustodyEntry, Item, ItemType, Tracking
from equipment.services import cases, holdings, inspections, items
from equipment.usability import judge_item
from equipment.views.shared import (
    add_filters,
    agencies_by_id,
    asked_day,
    asked_party,
    asked_text,
    cut_movements,
    holder_choices,
    party_name,
)
from foundation import clock
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import ngettext
from foundation.paging import page_of_request

bp = Blueprint("items", __name__)
add_filters(bp)
USES = ("usable", "unusable", "case")


@bp.get("/equipment")
@requires(Permission.EQUIPMENT_READ)
def index() -> ResponseReturnValue:
    """List the items in sight, narrowed by type, holder, use and text."""
    asked = request.args
    text, item_type = asked_text(), asked.get("type", "")[:40]
    use = asked.get("use", "") if asked.get("use") in USES else ""
    holder = asked_party("holder")
    query = holdings.query_items(
        g.viewer, text=text, item_type=item_type, holder=holder, with_case=use == "case"
    )
    on = clock.today()
    if use in ("usable", "unusable"):
        unfit = _list_unfit(on)
        query = query.where(Item.id.in_(unfit) if use == "unusable" else Item.id.not_in(unfit))
    page = page_of_request(
        query,
        sorts={"tag": [Item.tag], "since": [CustodyEntry.happened_on, Item.id]},
        default="tag",
    )
    facts = holdings.read_facts([row.id for row in page.rows], on=on)
    return render_template(
        "equipment/items/index.html",
        page=page,
        reasons={item_id: judge_item(known, on) for item_id, known in facts.items()},
        conditions={item_id: known.condition for item_id, known in facts.items()},
        text=text,
        item_type=item_type,
        use=use,
        holder=asked.get("holder", "") if holder else "",
        types=[(code, label) for code, label in _type_filter()],
        holders=holder_choices(list_open_agencies()) if g.viewer.agency_id is None else [],
    )


def _list_unfit(on: date) -> list[int]:
    facts = holdings.read_facts(select(Item.id).where(visible(Item, g.viewer)), on=on)
    return [item_id for item_id, known in facts.items() if judge_item(known, on)]


def _type_filter() -> list[tuple[str, str]]:
    query = select(ItemType).where(ItemType.tracking == Tracking.SERIAL).order_by(ItemType.code)
    types = db.session.execute(query).scalars().all()
    return [(one.code, label) for one, (_key, label) in zip(types, type_choices(types), strict=True)]


@bp.route("/equipment/items/new", methods=["GET", "POST"])
@requires(Permission.EQUIPMENT_REGISTER)
def new() -> ResponseReturnValue:
    """Register many items of one type at once."""
    query = select(ItemType).where(ItemType.tracking == Tracking.SERIAL).order_by(ItemType.code)
    form = ItemsForm(
        types=db.session.execute(query).scalars(),
        data={"item_type": request.args.get("item_type", ""), "acquired_on": clock.today()},
    )
    if form.validate_on_submit():
        with form.showing(DomainError):
            sent = form.result()
            item_type = db.session.get_one(ItemType, sent.item_type_id)
            made = items.register_items(item_type, serials=sent.serials, arrival=sent.arrival, actor=g.viewer)
            flash(
                ngettext(
                    "%(num)s item is registered: %(first)s.",
                    "%(num)s items are registered: %(first)s to %(last)s.",
                    len(made),
                    first=made[0].tag,
                    last=made[-1].tag,
                ),
                "success",
            )
            return redirect(url_for("items.index", type=item_type.code), 303)
    return render_form("equipment/items/new.html", form)


@bp.get("/equipment/items/<int:item_id>")
@requires(Permission.EQUIPMENT_READ, on=Item)
def show(item: Item) -> ResponseReturnValue:
    """Show an item: its facts as of a day, its chain of custody, inspections and cases."""
    today = clock.today()
    on = min(asked_day() or today, today)
    standing = holdings.get_standing(item, on=on, viewer=g.viewer)
    agencies = agencies_by_id()
    return render_template(
        "equipment/items/show.html",
        item=item,
        on=on,
        today=today,
        standing=standing,
        holder=party_name(standing.holder, agencies),
        movements=cut_movements(holdings.list_entries(item, g.viewer), agencies),
        inspections=inspections.list_of_item(item, g.viewer),
        cases=cases.list_of_item(item, g.viewer),
        open_case=cases.find_open(item),
    )
