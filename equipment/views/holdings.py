"""Who holds what, as of a day: one holder at a time, on a page and as a file."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.models import Agency
from accounts.permissions import Permission
from equipment import labels
from equipment.ledger import HOST, Condition, Party, PartyKind, party_of
from equipment.services import holdings
from equipment.services.holdings import HeldItem, HeldLot
from equipment.views.shared import (
    agencies_by_id,
    asked_day,
    asked_party,
    holder_choices,
    party_name,
    reason_words,
)
from foundation import clock
from foundation.access import requires, visible
from foundation.db import db
from foundation.exports import CellValue, write_csv, write_xlsx
from foundation.i18n import _, direction, language, listed, text_in
from foundation.paging import cut

bp = Blueprint("holdings", __name__)
MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("/equipment/holdings")
@requires(Permission.EQUIPMENT_READ)
def index() -> ResponseReturnValue:
    """Show what one holder has on a day: an officer's own agency; for others the own store or the agency asked about."""
    party, on = _asked()
    held, lots = holdings.list_held(party.agency_id, on=on)
    agencies = agencies_by_id()
    arguments = {"holder": _key(party), "on": on.isoformat()}
    return render_template(
        "equipment/holdings/index.html",
        page=cut(held),
        lots=lots,
        count=len(held),
        unusable=sum(not one.usable for one in held),
        pieces=sum(lot.quantity for lot in lots),
        on=on,
        today=clock.today(),
        holder=_key(party),
        holder_name=party_name(party, agencies),
        agency_id=party.agency_id,
        holders=holder_choices(_list_agencies()) if g.viewer.agency_id is None else [],
        exports=[
            (ending.upper(), url_for("holdings.export", ending=ending, **arguments))  # type: ignore[arg-type]
            for ending in MIMETYPES
        ],
    )


def _asked() -> tuple[Party, date]:
    """Return whom and which day the address asks about, within the viewer's sight and not after today."""
    today = clock.today()
    on = min(asked_day() or today, today)
    if g.viewer.agency_id is not None:
        return party_of(g.viewer.agency_id), on
    party = asked_party("holder") or HOST
    if party.kind is PartyKind.AGENCY and db.session.get(Agency, party.agency_id) is None:
        abort(404)
    return party, on


def _key(party: Party) -> str:
    return "host" if party.agency_id is None else str(party.agency_id)


def _list_agencies() -> list[Agency]:
    query = select(Agency).where(visible(Agency, g.viewer)).order_by(Agency.code)
    return list(db.session.execute(query).scalars())


@bp.get("/equipment/holdings.<any(csv, xlsx):ending>")
@requires(Permission.EQUIPMENT_READ)
def export(ending: str) -> ResponseReturnValue:
    """Hand the holdings out as CSV or XLSX, with the same rows as the page and text that no spreadsheet runs."""
    party, on = _asked()
    held, lots = holdings.list_held(party.agency_id, on=on)
    headings = [
        _("Tag"),
        _("Type"),
        _("Name"),
        _("Serial or lot"),
        _("Quantity"),
        _("Condition"),
        _("Usable"),
        _("Why not"),
        _("Held since"),
        _("Deed"),
        _("Inspection or expiry"),
    ]
    rows = [*map(_item_row, held), *map(_lot_row, lots)]
    data = (
        write_csv(headings, rows)
        if ending == "csv"
        else write_xlsx(headings, rows, title=_("Holdings"), right_to_left=direction(language()) == "rtl")
    )
    response = Response(data, mimetype=MIMETYPES[ending])
    name = f"holdings-{_key(party)}-{on.isoformat()}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _item_row(one: HeldItem) -> list[CellValue]:
    return [
        one.tag,
        one.type_code,
        text_in(one.type_names),
        one.serial,
        1,
        labels.word(Condition(one.condition)),
        _("yes") if one.usable else _("no"),
        listed(reason_words(one.reasons), ";"),
        one.since,
        one.deed_number,
        one.inspection_due_on,
    ]


def _lot_row(lot: HeldLot) -> list[CellValue]:
    usable: Any = _("yes") if lot.usable_quantity else _("no")
    return [
        None,
        lot.type_code,
        text_in(lot.type_names),
        lot.lot_number,
        lot.quantity,
        None,
        usable,
        None,
        None,
        None,
        lot.expires_on,
    ]
