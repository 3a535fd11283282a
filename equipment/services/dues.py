"""What falls due: inspections of items on the books, and equipment that was lent until a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from accounts.models import User
from equipment.ledger import PartyKind
from equipment.models import CustodyEntry, Deed, DeedKind, DeedLine, DeedState, Inspection, Item, ItemType
from equipment.services.holdings import read_facts
from foundation.access import visible
from foundation.db import db

SHORTEST_MONTH_DAYS = 28
# Equipment that is packed waits for two people.
SIGN_WITHIN = timedelta(days=3)


@dataclass(frozen=True)
class DueInspection:
    """One item that is to be inspected by a day (which may have passed)."""

    item_id: int
    tag: str
    due_on: date


@dataclass(frozen=True)
class DueReturn:
    """A deed whose items are to come back, and how many of them have not."""

    deed_id: int
    number: str
    due_on: date
    quantity: int


def list_due_inspections(*, until: date, on: date) -> list[DueInspection]:
    """Return the items that are due for inspection up to a day, the most urgent first, as things stand on a day."""
    months = select(ItemType.inspect_every_months).where(ItemType.inspect_every_months.is_not(None))
    intervals = [value for value in db.session.execute(months.distinct()).scalars() if value is not None]
    first, last, later = aliased(CustodyEntry), aliased(CustodyEntry), aliased(CustodyEntry)
    # What is not due for certain is left out by the database; the days themselves are calendar months, which only Python counts.
    old_enough: ColumnElement[bool] = or_(
        false(),
        *(
            and_(
                ItemType.inspect_every_months == interval,
                first.happened_on <= until - timedelta(days=SHORTEST_MONTH_DAYS * interval),
            )
            for interval in intervals
        ),
    )
    query = (
        select(Item.id, Item.tag)
        .join(ItemType, ItemType.id == Item.item_type_id)
        .join(first, and_(first.item_id == Item.id, first.seq == 1))
        .join(last, last.item_id == Item.id)
        .where(
            last.receiver != PartyKind.OUTSIDE,
            ~exists().where(later.chain == last.chain, later.seq > last.seq),
            ItemType.inspect_every_months.is_not(None),
            ~exists().where(Inspection.item_id == Item.id, Inspection.valid_until > until),
            or_(exists().where(Inspection.item_id == Item.id), old_enough),
        )
    )
    tags = {item_id: tag for item_id, tag in db.session.execute(query)}
    due = [
        DueInspection(item_id, tags[item_id], facts.inspection_due_on)
        for item_id, facts in read_facts(list(tags), on=on).items()
        if facts.inspection_due_on is not None and facts.inspection_due_on <= until
    ]
    return sorted(due, key=lambda one: (one.due_on, one.tag))


def list_due_returns(viewer: User, *, until: date, agency_id: int | None = None) -> list[DueReturn]:
    """Return the deeds in sight whose items were lent until a day, or longer ago, and are not all back; the most urgent first.

    With an agency, those with it alone.
    """
    later = aliased(CustodyEntry)
    columns: list[Any] = [Deed.id, Deed.number, Deed.return_due_on, func.count()]
    query = (
        select(*columns)
        .join(DeedLine, DeedLine.deed_id == Deed.id)
        .join(CustodyEntry, CustodyEntry.deed_line_id == DeedLine.id)
        .where(
            visible(Deed, viewer),
            Deed.kind == DeedKind.HANDOVER,
            Deed.state == DeedState.CLOSED,
            Deed.return_due_on <= until,
            CustodyEntry.item_id.is_not(None),
            ~exists().where(later.chain == CustodyEntry.chain, later.seq > CustodyEntry.seq),
        )
        .group_by(*columns[:3])
        .order_by(Deed.return_due_on, Deed.id)
    )
    if agency_id is not None:
        query = query.where(Deed.agency_id == agency_id)
    return [DueReturn(*row) for row in db.session.execute(query)]
