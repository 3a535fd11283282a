"""Equipment that the agency holds, as of a day: items with a tag of their own, and so many of a lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from flask import g

from accounts.models import ApiScope
from accounts.permissions import Permission
from equipment.services import holdings
from equipment.services.holdings import HeldItem, HeldLot
from foundation import clock
from foundation.access import requires
from foundation.api.operations import Listing, PageQuery, api_blueprint, operation, slice_list
from foundation.api.shapes import Says

bp = api_blueprint("equipment", __name__)


class HeldKind(StrEnum):
    """What is held: a piece by itself, or so many of a lot."""

    ITEM = "item"
    LOT = "lot"


@dataclass(frozen=True)
class HeldRecord:
    """Something in the agency's custody. Texts are kept by language."""

    kind: HeldKind
    tag: Annotated[str, Says("The tag of an item, or the number of a lot.")]
    type: str
    name: Mapping[str, str]
    serial: str | None
    quantity: int
    usable_quantity: Annotated[int, Says("How many of them can be used on the day.")]
    reasons: Annotated[Sequence[str], Says("Why something cannot be used, by code.")]
    condition: str | None
    since: date | None
    deed: Annotated[str | None, Says("The number of the deed by which it came.")]
    inspection_due_on: date | None
    expires_on: date | None


@dataclass(frozen=True)
class EquipmentQuery(PageQuery):
    """What is held when."""

    on: Annotated[date, Says("The day asked about; today when left out, and not after today.")] | None = None


@bp.get("/equipment", endpoint="list")
@requires(Permission.EQUIPMENT_READ)
@operation(ApiScope.EQUIPMENT_READ, answer=HeldRecord, listing=True, query=EquipmentQuery)
def list_equipment(query: EquipmentQuery) -> Listing:
    """List what the agency holds on a day: items by their tags, then lots by type and number."""
    today = clock.today()
    held, lots = holdings.list_held(g.viewer.agency_id, on=min(query.on or today, today))
    return slice_list([*map(_item, held), *map(_lot, lots)], key=_key, asked=query)


def _key(one: HeldRecord) -> list[str]:
    # A tag belongs to one item; the number of a lot to one of its type.
    return [one.kind.value, one.type if one.kind is HeldKind.LOT else "", one.tag]


def _item(one: HeldItem) -> HeldRecord:
    return HeldRecord(
        kind=HeldKind.ITEM,
        tag=one.tag,
        type=one.type_code,
        name=one.type_names,
        serial=one.serial,
        quantity=1,
        usable_quantity=int(one.usable),
        reasons=one.reasons,
        condition=one.condition,
        since=one.since,
        deed=one.deed_number,
        inspection_due_on=one.inspection_due_on,
        expires_on=None,
    )


def _lot(one: HeldLot) -> HeldRecord:
    return HeldRecord(
        kind=HeldKind.LOT,
        tag=one.lot_number,
        type=one.type_code,
        name=one.type_names,
        serial=None,
        quantity=one.quantity,
        usable_quantity=one.usable_quantity,
        reasons=() if one.usable_quantity == one.quantity else ("expired",),
        condition=None,
        since=None,
        deed=None,
        inspection_due_on=None,
        expires_on=one.expires_on,
    )
