"""What can be put on a draft: the giver's items that stand on no other open deed, and what is free of his lots."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select

from accounts.models import User
from equipment.models import Deed, DeedLine, DeedState, Item, ItemType, Lot
from equipment.services import holdings, issue_checks
from foundation import clock
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _

OPEN = (DeedState.DRAFT, DeedState.ISSUED)
MOST_MARKS = 200


class UnknownMark(DomainError):
    """No item that can be given carries this tag or serial number."""


@dataclass(frozen=True)
class FreeLot:
    """A lot of which something can be put on a draft: `free` so many."""

    held: holdings.HeldLot
    free: int


def query_choosable(
    deed: Deed, viewer: User, *, text: str | None = None, item_type: str | None = None
) -> Select[Any]:
    """Return the Core select of the items that can be put on a draft, one row an item, as `holdings.query_items`."""
    standing = exists().where(DeedLine.item_id == Item.id, Deed.id == DeedLine.deed_id, Deed.state.in_(OPEN))
    return holdings.query_items(viewer, text=text, item_type=item_type, holder=deed.giver).where(~standing)


def list_free_lots(deed: Deed) -> list[FreeLot]:
    """Return the giver's lots of which something is left and that do not stand on the draft yet."""
    on_deed = {line.lot_id for line in deed.lines}
    _items, held = holdings.list_held(deed.giver.agency_id, on=clock.today())
    wanted = {lot.lot_id: lot for lot in held if lot.lot_id not in on_deed}
    if not wanted:
        return []
    lots = db.session.execute(select(Lot).where(Lot.id.in_(wanted))).scalars().all()
    free = issue_checks.count_free(deed, lots)
    return [FreeLot(lot, free[lot_id]) for lot_id, lot in wanted.items() if free[lot_id] > 0]


def list_chosen(deed: Deed, viewer: User, ids: Sequence[int]) -> list[Item]:
    """Return the items of some ids that can be put on a draft, in the order of their tags; others are passed over."""
    choosable = query_choosable(deed, viewer).with_only_columns(Item.id)
    query = select(Item).where(Item.id.in_(choosable), Item.id.in_(ids)).order_by(Item.tag)
    return list(db.session.execute(query).scalars())


def find_by_marks(marks: Sequence[str]) -> list[Item]:
    """Return the items with these tags or serial numbers, in their order. Raises UnknownMark, which names the first unknown."""
    wanted = list(dict.fromkeys(mark.casefold() for mark in marks))[:MOST_MARKS]
    tags, serials = func.lower(Item.tag), func.lower(Item.serial)
    found: dict[str, list[Item]] = {}
    query = select(Item).where(tags.in_(wanted) | serials.in_(wanted)).order_by(Item.id)
    for item in db.session.execute(query).scalars():
        for mark in {item.tag.casefold(), (item.serial or "").casefold()} & set(wanted):
            found.setdefault(mark, []).append(item)
    items = []
    for mark in wanted:
        fitting = found.get(mark, [])
        exact = [item for item in fitting if item.tag.casefold() == mark] or fitting
        if not exact:
            raise UnknownMark(_("No item has the tag or serial number %(mark)s.", mark=mark.upper()))
        if len(exact) > 1:
            raise UnknownMark(
                _("Several items have the serial number %(mark)s: use the tag.", mark=mark.upper())
            )
        items += exact
    return list(dict.fromkeys(items))


def list_types(deed: Deed, viewer: User) -> list[tuple[str, dict[str, str]]]:
    """Return the types of which something can be put on a draft, as (code, names)."""
    choosable = query_choosable(deed, viewer).with_only_columns(Item.item_type_id)
    query = select(ItemType.code, ItemType.names).where(ItemType.id.in_(choosable)).order_by(ItemType.code)
    return [(code, names) for code, names in db.session.execute(query)]
