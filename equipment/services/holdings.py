"""Who holds what, as of a day: read from the custody ledger, with what cases and inspections say about use.

`on` is the day asked about; `known_at` the moment up to which what was written down counts, so that a report of an earlier day
can be given again as it was known then. The number of statements does not grow with the things held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from accounts.models import Agency, User
from equipment.ledger import Condition, Party, PartyKind, party_of
from equipment.models import (
    CaseState,
    CustodyEntry,
    Deed,
    DeedLine,
    EquipmentCase,
    Inspection,
    InspectionResult,
    Item,
    ItemType,
    Lot,
)
from equipment.services.items import type_like
from equipment.usability import Facts, Observation, is_expired, judge_item
from foundation.access import visible
from foundation.dates import add_months
from foundation.db import db


@dataclass(frozen=True)
class HeldItem:
    """One item in somebody's custody on a day. `reasons` say why it is not usable (the values of usability.Reason)."""

    item_id: int
    tag: str
    serial: str | None
    type_code: str
    type_names: dict[str, str]
    line_codes: tuple[str, ...]
    agency_id: int | None
    since: date
    deed_number: str | None
    condition: str
    usable: bool
    reasons: tuple[str, ...]
    inspection_due_on: date | None


@dataclass(frozen=True)
class HeldLot:
    """So many of a lot in somebody's custody on a day; an expired lot has no usable quantity."""

    lot_id: int
    lot_number: str
    type_code: str
    type_names: dict[str, str]
    line_codes: tuple[str, ...]
    agency_id: int | None
    quantity: int
    usable_quantity: int
    expires_on: date | None


def list_held(
    agency_id: int | None, *, on: date, known_at: datetime | None = None
) -> tuple[list[HeldItem], list[HeldLot]]:
    """Return what an agency (None: the host's own store) holds on a day: items by tag, lots by type and number.

    Entries, cases and inspections that were written down after `known_at` do not count.
    """
    party = party_of(agency_id)
    return _list_items(party, on, known_at), _list_lots(party, on, known_at)


def select_counts(on: date) -> Select[Any]:
    """Return the Core select of how many items each agency holds on a day, one row an agency that holds any."""
    columns: list[Any] = [CustodyEntry.receiver_agency_id.label("agency_id"), func.count().label("items")]
    return (
        select(*columns)
        .where(
            CustodyEntry.item_id.is_not(None),
            CustodyEntry.receiver_agency_id.is_not(None),
            _is_last(CustodyEntry, on, None),
        )
        .group_by(CustodyEntry.receiver_agency_id)
    )


def _is_known(entry: Any, on: date, known_at: datetime | None) -> ColumnElement[bool]:
    """Return the condition that an entry happened by a day and was written down by a moment."""
    happened: ColumnElement[bool] = entry.happened_on <= on
    return happened if known_at is None else and_(happened, entry.recorded_at <= known_at)


def _is_last(entry: Any, on: date, known_at: datetime | None) -> ColumnElement[bool]:
    later = aliased(CustodyEntry)
    return and_(
        _is_known(entry, on, known_at),
        ~exists().where(later.chain == entry.chain, later.seq > entry.seq, _is_known(later, on, known_at)),
    )


def _is_receiver(entry: Any, party: Party) -> ColumnElement[bool]:
    if party.agency_id is not None:
        return and_(entry.receiver_agency_id == party.agency_id)
    return and_(entry.receiver == party.kind)


def _list_items(party: Party, on: date, known_at: datetime | None) -> list[HeldItem]:
    query = (
        select(
            Item.id,
            Item.tag,
            Item.serial,
            Item.item_type_id,
            CustodyEntry.happened_on,
            Deed.number,
        )
        .select_from(CustodyEntry)
        .join(Item, Item.id == CustodyEntry.item_id)
        .outerjoin(DeedLine, DeedLine.id == CustodyEntry.deed_line_id)
        .outerjoin(Deed, Deed.id == DeedLine.deed_id)
        .where(_is_receiver(CustodyEntry, party), _is_last(CustodyEntry, on, known_at))
        .order_by(Item.tag)
    )
    rows = db.session.execute(query).all()
    if not rows:
        return []
    # Types are few: read once each, not with every item.
    types = {
        row.id: (row.code, row.names, tuple(row.line_codes))
        for row in db.session.execute(
            select(ItemType.id, ItemType.code, ItemType.names, ItemType.line_codes).where(
                ItemType.id.in_({row.item_type_id for row in rows})
            )
        )
    }
    mine = select(CustodyEntry.item_id).where(
        CustodyEntry.item_id.is_not(None), _is_receiver(CustodyEntry, party)
    )
    facts = read_facts(mine, on=on, known_at=known_at)
    held = []
    for row in rows:
        known = facts[row.id]
        reasons = judge_item(known, on)
        code, names, line_codes = types[row.item_type_id]
        held.append(
            HeldItem(
                item_id=row.id,
                tag=row.tag,
                serial=row.serial,
                type_code=code,
                type_names=names,
                line_codes=line_codes,
                agency_id=party.agency_id,
                since=row.happened_on,
                deed_number=row.number,
                condition=known.condition.value,
                usable=not reasons,
                reasons=tuple(reason.value for reason in reasons),
                inspection_due_on=known.inspection_due_on,
            )
        )
    return held


def read_facts(item_ids: Any, *, on: date, known_at: datetime | None = None) -> dict[int, Facts]:
    """Return what is known on a day of the items of a select of ids (or a list of them), in four statements.

    The condition is that of the last observation: a movement, an inspection or the end of a case. The first inspection is due
    one interval after the item came into the ledger.
    """
    seen: dict[int, Observation] = {}
    began: dict[int, date] = {}
    columns: list[Any] = [
        CustodyEntry.item_id,
        CustodyEntry.happened_on,
        CustodyEntry.recorded_at,
        CustodyEntry.condition,
    ]
    # Of each chain the first entry and the last one: what lies between has been observed anew.
    ends = or_(CustodyEntry.seq == 1, _is_last(CustodyEntry, on, known_at))
    entries = select(*columns).where(
        CustodyEntry.item_id.in_(item_ids), _is_known(CustodyEntry, on, known_at), ends
    )
    for item_id, happened_on, recorded_at, condition in db.session.execute(
        entries.order_by(CustodyEntry.chain, CustodyEntry.seq)
    ):
        began.setdefault(item_id, happened_on)
        seen[item_id] = Observation(happened_on, recorded_at, condition)
    due, failed = _read_inspections(item_ids, seen, on, known_at)
    open_cases = _read_cases(item_ids, seen, on, known_at)
    types = (
        select(Item.id, ItemType.inspect_every_months)
        .join(ItemType, ItemType.id == Item.item_type_id)
        .where(Item.id.in_(item_ids))
    )
    return {
        item_id: Facts(
            condition=seen[item_id].condition if item_id in seen else Condition.UNKNOWN,
            case_open=item_id in open_cases,
            inspection_failed=item_id in failed,
            inspection_due_on=due[item_id] if item_id in due else _first_due(began.get(item_id), interval),
        )
        for item_id, interval in db.session.execute(types)
    }


def _first_due(began: date | None, interval: int | None) -> date | None:
    return add_months(began, interval) if began is not None and interval is not None else None


def _observe(seen: dict[int, Observation], item_id: int, observation: Observation) -> None:
    last = seen.get(item_id)
    if last is None or (observation.on, observation.recorded_at) >= (last.on, last.recorded_at):
        seen[item_id] = observation


def _read_inspections(
    item_ids: Any, seen: dict[int, Observation], on: date, known_at: datetime | None
) -> tuple[dict[int, date | None], set[int]]:
    """Return until when the last inspection of each item counts, and the items that failed it."""
    query = select(
        Inspection.item_id,
        Inspection.done_on,
        Inspection.recorded_at,
        Inspection.condition,
        Inspection.result,
        Inspection.valid_until,
    ).where(Inspection.item_id.in_(item_ids), Inspection.done_on <= on)
    if known_at is not None:
        query = query.where(Inspection.recorded_at <= known_at)
    due: dict[int, date | None] = {}
    failed: set[int] = set()
    for row in db.session.execute(query.order_by(Inspection.done_on, Inspection.id)):
        _observe(seen, row.item_id, Observation(row.done_on, row.recorded_at, row.condition))
        due[row.item_id] = row.valid_until
        if row.result is InspectionResult.FAIL:
            failed.add(row.item_id)
        else:
            failed.discard(row.item_id)
    return due, failed


def _read_cases(item_ids: Any, seen: dict[int, Observation], on: date, known_at: datetime | None) -> set[int]:
    """Return the items about which a case is open on a day: from the day found on to the day before it was closed."""
    columns: list[Any] = [
        EquipmentCase.item_id,
        EquipmentCase.closed_on,
        EquipmentCase.closed_at,
        EquipmentCase.condition_after,
    ]
    query = select(*columns).where(EquipmentCase.item_id.in_(item_ids), EquipmentCase.found_on <= on)
    if known_at is not None:
        query = query.where(EquipmentCase.reported_at <= known_at)
    still_open = set()
    for item_id, closed_on, closed_at, condition in db.session.execute(query.order_by(EquipmentCase.id)):
        closed = closed_on is not None and closed_on <= on and (known_at is None or closed_at <= known_at)
        if not closed:
            still_open.add(item_id)
        elif condition is not None:
            _observe(seen, item_id, Observation(closed_on, closed_at, condition))
    return still_open


def _list_lots(party: Party, on: date, known_at: datetime | None) -> list[HeldLot]:
    incoming = _is_receiver(CustodyEntry, party)
    outgoing = (
        CustodyEntry.giver_agency_id == party.agency_id
        if party.agency_id is not None
        else CustodyEntry.giver == party.kind
    )
    quantity = func.sum(
        case((incoming, CustodyEntry.quantity), else_=0) - case((outgoing, CustodyEntry.quantity), else_=0)
    ).label("held")
    sums = (
        select(CustodyEntry.lot_id, quantity)
        .where(
            CustodyEntry.lot_id.is_not(None),
            _is_known(CustodyEntry, on, known_at),
            or_(incoming, outgoing),
        )
        .group_by(CustodyEntry.lot_id)
        .having(quantity > 0)
        .subquery()
    )
    query = (
        select(
            Lot.id,
            Lot.lot_number,
            Lot.expires_on,
            ItemType.code,
            ItemType.names,
            ItemType.line_codes,
            sums.c.held,
        )
        .join(sums, sums.c.lot_id == Lot.id)
        .join(ItemType, ItemType.id == Lot.item_type_id)
        .order_by(ItemType.code, Lot.lot_number)
    )
    return [
        HeldLot(
            lot_id=row.id,
            lot_number=row.lot_number,
            type_code=row.code,
            type_names=row.names,
            line_codes=tuple(row.line_codes),
            agency_id=party.agency_id,
            quantity=int(row.held),
            usable_quantity=0 if is_expired(row.expires_on, on) else int(row.held),
            expires_on=row.expires_on,
        )
        for row in db.session.execute(query)
    ]


@dataclass(frozen=True)
class Standing:
    """How one item stands on a day: who holds it since when (as far as the viewer may know), and whether it is usable."""

    holder: Party | None
    holder_names: dict[str, str] | None
    since: date | None
    condition: Condition
    reasons: tuple[str, ...]
    inspection_due_on: date | None

    @property
    def usable(self) -> bool:
        return not self.reasons


def get_standing(item: Item, *, on: date, viewer: User) -> Standing:
    """Return how an item stands on a day. Where it went after it left an officer's agency is not told: the holder is None."""
    facts = read_facts([item.id], on=on)[item.id]
    entry = (
        db.session.execute(
            select(CustodyEntry)
            .where(CustodyEntry.item_id == item.id, CustodyEntry.happened_on <= on)
            .order_by(CustodyEntry.seq.desc())
            .limit(1)
        )
        .scalars()
        .first()
    )
    in_sight = entry is not None and (
        viewer.agency_id is None or entry.receiver_agency_id == viewer.agency_id
    )
    known = entry if in_sight else None
    return Standing(
        holder=known.receiving_party if known else None,
        holder_names=known.receiver_agency.names if known and known.receiver_agency else None,
        since=known.happened_on if known else None,
        condition=facts.condition,
        reasons=tuple(reason.value for reason in judge_item(facts, on)),
        inspection_due_on=facts.inspection_due_on,
    )


def list_entries(thing: Item | Lot, viewer: User) -> Sequence[CustodyEntry]:
    """Return the movements of an item or lot that a viewer may read, the newest first."""
    query = (
        select(CustodyEntry)
        .where(CustodyEntry.chain == thing.chain, visible(CustodyEntry, viewer))
        .order_by(CustodyEntry.seq.desc())
    )
    return list(db.session.execute(query).scalars())


def query_items(
    viewer: User,
    *,
    text: str | None = None,
    item_type: str | None = None,
    holder: Party | None = None,
    with_case: bool = False,
) -> Select[Any]:
    """Return the Core select of the items in sight with where they are now, one row an item.

    `holder` and `agency_*` are of the last movement; for an officer only items that his agency holds are listed.
    """
    columns: list[Any] = [
        Item.id,
        Item.tag,
        Item.serial,
        ItemType.code.label("type_code"),
        ItemType.names.label("type_names"),
        CustodyEntry.receiver.label("holder"),
        CustodyEntry.receiver_agency_id.label("agency_id"),
        Agency.code.label("agency_code"),
        Agency.names.label("agency_names"),
        CustodyEntry.happened_on.label("since"),
        _open_case().label("case_open"),
    ]
    later = aliased(CustodyEntry)
    query = (
        select(*columns)
        .select_from(Item)
        .join(ItemType, ItemType.id == Item.item_type_id)
        .join(CustodyEntry, CustodyEntry.item_id == Item.id)
        .outerjoin(Agency, Agency.id == CustodyEntry.receiver_agency_id)
        .where(
            visible(Item, viewer),
            ~exists().where(later.chain == CustodyEntry.chain, later.seq > CustodyEntry.seq),
        )
    )
    if viewer.agency_id is not None:
        query = query.where(CustodyEntry.receiver_agency_id == viewer.agency_id)
    if holder is not None:
        query = query.where(_is_receiver(CustodyEntry, holder))
    if item_type:
        query = query.where(ItemType.code == item_type)
    if with_case:
        query = query.where(_open_case())
    if text:
        like = [column.icontains(text, autoescape=True) for column in (Item.tag, Item.serial)]
        query = query.where(or_(*like, type_like(text)))
    return query


def _open_case() -> ColumnElement[bool]:
    return exists().where(EquipmentCase.item_id == Item.id, EquipmentCase.state == CaseState.OPEN)


def find_holder(item: Item, *, on: date | None = None) -> Party:
    """Return who holds an item on a day (default: now); the outside for what was written off."""
    query = select(CustodyEntry.receiver, CustodyEntry.receiver_agency_id).where(
        CustodyEntry.item_id == item.id
    )
    if on is not None:
        query = query.where(CustodyEntry.happened_on <= on)
    row = db.session.execute(query.order_by(CustodyEntry.seq.desc()).limit(1)).first()
    return Party(row.receiver, row.receiver_agency_id) if row else Party(PartyKind.OUTSIDE)
