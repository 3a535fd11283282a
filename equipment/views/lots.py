"""Stock of consumables: the lots with what is left of each, one lot with its movements, what came in, what was spent."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, case, func, or_, select

from accounts.models import Agency
from accounts.permissions import Permission
from equipment.forms.items import LotForm, SpentForm
from equipment.ledger import Party, PartyKind, party_of
from equipment.models import CustodyEntry, ItemType, Lot, Tracking
from equipment.services import holdings, items, ledger
from equipment.services.items import type_like
from equipment.views.shared import agencies_by_id, asked_text, cut_movements, party_name
from foundation import clock
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _
from foundation.paging import page_of_request

bp = Blueprint("lots", __name__)


@bp.get("/equipment/stock")
@requires(Permission.EQUIPMENT_READ)
def index() -> ResponseReturnValue:
    """List the lots in sight with what is left of each: for an officer what his agency holds, else what the own store holds."""
    text = asked_text()
    page = page_of_request(
        _query_lots(text), sorts={"type": [ItemType.code, Lot.lot_number, Lot.id]}, default="type"
    )
    return render_template("equipment/lots/index.html", page=page, text=text, today=clock.today())


def _query_lots(text: str) -> Select[Any]:
    own = party_of(g.viewer.agency_id)
    query = (
        select(
            Lot.id,
            Lot.lot_number,
            Lot.expires_on,
            ItemType.code.label("type_code"),
            ItemType.names.label("type_names"),
            ItemType.unit,
            _balance(own).label("held"),
            _balance(None).label("everywhere"),
        )
        .join(ItemType, ItemType.id == Lot.item_type_id)
        .where(visible(Lot, g.viewer))
    )
    if text:
        query = query.where(or_(Lot.lot_number.icontains(text, autoescape=True), type_like(text)))
    return query


def _balance(party: Party | None) -> Any:
    """Return the expression of what a party holds of a lot; None: of what all parties hold together."""
    entry = CustodyEntry
    if party is None:
        comes, goes = entry.giver == PartyKind.OUTSIDE, entry.receiver == PartyKind.OUTSIDE
    elif party.agency_id is None:
        comes, goes = entry.receiver == party.kind, entry.giver == party.kind
    else:
        comes = entry.receiver_agency_id == party.agency_id
        goes = entry.giver_agency_id == party.agency_id
    moved = case((comes, entry.quantity), (goes, -entry.quantity), else_=0)
    return select(func.coalesce(func.sum(moved), 0)).where(entry.lot_id == Lot.id).scalar_subquery()


@bp.route("/equipment/stock/new", methods=["GET", "POST"])
@requires(Permission.EQUIPMENT_REGISTER)
def new() -> ResponseReturnValue:
    """Receive stock: a new lot, or more of a known one."""
    query = select(ItemType).where(ItemType.tracking == Tracking.QUANTITY).order_by(ItemType.code)
    form = LotForm(
        types=db.session.execute(query).scalars(),
        data={"item_type": request.args.get("item_type", ""), "acquired_on": clock.today()},
    )
    if form.validate_on_submit():
        with form.showing(DomainError):
            sent = form.result()
            lot = items.register_lot(
                db.session.get_one(ItemType, sent.item_type_id),
                lot_number=sent.lot_number,
                quantity=sent.quantity,
                expires_on=sent.expires_on,
                arrival=sent.arrival,
                actor=g.viewer,
            )
            flash(_("Lot %(lot)s is received.", lot=lot.lot_number), "success")
            return redirect(url_for("lots.show", lot_id=lot.id), 303)
    return render_form("equipment/lots/new.html", form)


@bp.get("/equipment/stock/<int:lot_id>")
@requires(Permission.EQUIPMENT_READ, on=Lot)
def show(lot: Lot) -> ResponseReturnValue:
    """Show a lot: who holds how much of it, and its movements."""
    agencies = agencies_by_id()
    return render_template(
        "equipment/lots/show.html",
        lot=lot,
        today=clock.today(),
        holders=[(party_name(party, agencies), quantity) for party, quantity in _held(lot)],
        movements=cut_movements(holdings.list_entries(lot, g.viewer), agencies),
    )


def _held(lot: Lot) -> list[tuple[Party, int]]:
    """Return who holds how much of a lot, as far as the viewer may know, the own store first."""
    held = {party: quantity for (_lot, party), quantity in ledger.count_held([lot]).items() if quantity > 0}
    own = g.viewer.agency_id
    seen = {party: held[party] for party in held if own is None or party.agency_id == own}
    return sorted(seen.items(), key=lambda pair: (pair[0].agency_id is not None, pair[0].agency_id or 0))


@bp.route("/equipment/stock/<int:lot_id>/spent", methods=["GET", "POST"])
@requires(Permission.EQUIPMENT_REGISTER, on=Lot)
def spend(lot: Lot) -> ResponseReturnValue:
    """Record what of a lot was used up or written off."""
    agencies = agencies_by_id()
    holders = [
        (str(party.agency_id or "host"), f"{party_name(party, agencies)}: {quantity}")
        for party, quantity in _held(lot)
    ]
    form = SpentForm(holders=holders, data={"on": clock.today()})
    if form.validate_on_submit():
        with form.showing(DomainError):
            spent = form.result()
            holder = db.session.get_one(Agency, spent.holder_id) if spent.holder_id is not None else None
            if spent.is_consumed:
                items.consume(
                    lot, quantity=spent.quantity, holder=holder, on=spent.on, note=spent.note, actor=g.viewer
                )
            else:
                items.write_off_lot(
                    lot,
                    quantity=spent.quantity,
                    holder=holder,
                    on=spent.on,
                    note=spent.note or "",
                    actor=g.viewer,
                )
            flash(_("Recorded for lot %(lot)s.", lot=lot.lot_number), "success")
            return redirect(url_for("lots.show", lot_id=lot.id), 303)
    return render_form("equipment/lots/spend.html", form, lot=lot, holders=holders)
