"""The custody ledger: the only place that appends to it, and the walk that finds whatever was tampered with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Row, case, func, select

from accounts.models import User
from equipment.contents import compute_hash
from equipment.ledger import (
    GENESIS,
    OUTSIDE,
    Condition,
    CustodyKind,
    Entry,
    Party,
    PartyKind,
    compute_digest,
    find_faults,
)
from equipment.models import CustodyEntry, Deed, DeedLine, DeedReceipt, DeedSignature, Item, Lot
from foundation import clock
from foundation.audit import AuditEntry
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError
from foundation.i18n import _, format_date_for, language

# Databases take only so many parameters in one statement.
MOST_AT_ONCE = 1000
SYSTEM = "system"


class NotHeld(DomainConflict):
    """The giver does not hold what is given, or not so much of it."""


class BadDay(DomainError):
    """A movement can neither lie in the future nor before the last one of the same thing."""


class LedgerMoved(DomainConflict):
    """Somebody else moved the same thing in the same moment."""


@dataclass(frozen=True)
class Movement:
    """One thing that changes hands; of an item the quantity is 1."""

    thing: Item | Lot
    kind: CustodyKind
    giver: Party
    receiver: Party
    condition: Condition
    quantity: int = 1
    deed_line_id: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Head:
    """The last entry of a chain, as far as the next one needs it."""

    seq: int
    hash: str
    happened_on: date
    receiver: Party
    condition: Condition


_NO_HEAD = Head(0, GENESIS, date.min, OUTSIDE, Condition.UNKNOWN)


@dataclass(frozen=True)
class LedgerReport:
    """What a walk along the ledger found: entries read, and every problem in a sentence that names the entry."""

    entries: int
    problems: tuple[str, ...]


def append(movements: Sequence[Movement], *, happened_on: date, actor: User | None) -> list[CustodyEntry]:
    """Append movements of one day in their order, and return the entries. All or none.

    Each thing may occur once. Raises NotHeld, BadDay, LedgerMoved. The number of statements does not grow with the movements
    beyond one for each thousand.
    """
    if happened_on > clock.today():
        raise BadDay(_("This day is still to come."), field="happened_on")
    things = [movement.thing for movement in movements]
    lock(things)
    heads = read_heads([thing.chain for thing in things])
    held = count_held([thing for thing in things if isinstance(thing, Lot)])
    now = clock.now()
    rows = []
    for movement in movements:
        head = heads.get(movement.thing.chain, _NO_HEAD)
        _refuse(movement, head, held, happened_on=happened_on)
        rows.append(_write(movement, head, happened_on=happened_on, recorded_at=now, actor=actor))
    with conflict_as(
        "uq_custody_entry_chain_seq", LedgerMoved(_("Somebody moved the same thing just now. Look again."))
    ):
        db.session.add_all(rows)
    return rows


def lock(things: Sequence[Item | Lot]) -> None:
    """Let nobody else move these things before this transaction ends; always in the same order, so that nobody waits in a circle."""
    for model in (Item, Lot):
        ids = sorted(thing.id for thing in things if isinstance(thing, model))
        for part in _parts(ids):
            query = select(model.id).where(model.id.in_(part)).order_by(model.id).with_for_update()
            db.session.execute(query).all()


def read_heads(chains: Sequence[str]) -> dict[str, Head]:
    """Return the last entry of each chain that has one."""
    heads = {}
    for part in _parts(sorted(set(chains))):
        last = (
            select(CustodyEntry.chain, func.max(CustodyEntry.seq).label("seq"))
            .where(CustodyEntry.chain.in_(part))
            .group_by(CustodyEntry.chain)
            .subquery()
        )
        query = select(
            CustodyEntry.chain,
            CustodyEntry.seq,
            CustodyEntry.hash,
            CustodyEntry.happened_on,
            CustodyEntry.receiver,
            CustodyEntry.receiver_agency_id,
            CustodyEntry.condition,
        ).join(last, (last.c.chain == CustodyEntry.chain) & (last.c.seq == CustodyEntry.seq))
        for row in db.session.execute(query):
            receiver = Party(row.receiver, row.receiver_agency_id)
            heads[row.chain] = Head(row.seq, row.hash, row.happened_on, receiver, row.condition)
    return heads


def count_held(lots: Sequence[Lot]) -> dict[tuple[int, Party], int]:
    """Return how much of each lot each party holds now, as {(lot id, party): quantity}; the outside is left out."""
    held: dict[tuple[int, Party], int] = {}
    for part in _parts(sorted({lot.id for lot in lots})):
        for kind, agency_id, sign in (
            (CustodyEntry.receiver, CustodyEntry.receiver_agency_id, 1),
            (CustodyEntry.giver, CustodyEntry.giver_agency_id, -1),
        ):
            columns: list[Any] = [CustodyEntry.lot_id, kind, agency_id, func.sum(CustodyEntry.quantity)]
            query = (
                select(*columns)
                .where(CustodyEntry.lot_id.in_(part), kind != PartyKind.OUTSIDE)
                .group_by(*columns[:3])
            )
            for lot_id, party_kind, party_id, quantity in db.session.execute(query):
                key = (lot_id, Party(party_kind, party_id))
                held[key] = held.get(key, 0) + sign * int(quantity)
    return held


def _refuse(movement: Movement, head: Head, held: dict[tuple[int, Party], int], *, happened_on: date) -> None:
    thing = movement.thing
    name = thing.tag if isinstance(thing, Item) else thing.lot_number
    if happened_on < head.happened_on:
        raise BadDay(
            _(
                "%(name)s was moved on %(day)s already; an earlier day cannot be recorded any more.",
                name=name,
                day=format_date_for(language(), head.happened_on),
            ),
            field="happened_on",
        )
    if isinstance(thing, Item):
        if head.receiver != movement.giver:
            raise NotHeld(_("%(name)s is not held by the giver.", name=name))
    elif movement.giver != OUTSIDE:
        there = held.get((thing.id, movement.giver), 0)
        if there < movement.quantity:
            raise NotHeld(
                _(
                    "Lot %(name)s: the giver holds %(held)s, not %(wanted)s.",
                    name=name,
                    held=there,
                    wanted=movement.quantity,
                )
            )


def _write(
    movement: Movement, head: Head, *, happened_on: date, recorded_at: Any, actor: User | None
) -> CustodyEntry:
    thing = movement.thing
    row = CustodyEntry(
        chain=thing.chain,
        seq=head.seq + 1,
        kind=movement.kind,
        item_id=thing.id if isinstance(thing, Item) else None,
        lot_id=thing.id if isinstance(thing, Lot) else None,
        giver=movement.giver.kind,
        giver_agency_id=movement.giver.agency_id,
        receiver=movement.receiver.kind,
        receiver_agency_id=movement.receiver.agency_id,
        quantity=movement.quantity,
        happened_on=happened_on,
        recorded_at=recorded_at,
        deed_line_id=movement.deed_line_id,
        condition=movement.condition,
        note=movement.note,
        by_user_id=actor.id if actor else None,
        by_name=actor.name if actor else SYSTEM,
        previous_hash=head.hash,
    )
    row.hash = row.as_entry().hash()
    return row


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), MOST_AT_ONCE):
        yield values[start : start + MOST_AT_ONCE]


def verify_ledger() -> LedgerReport:
    """Walk every chain and compare the deeds with it; each problem names the entry, item, deed or line it is about."""
    problems: list[str] = []
    count = 0
    table: Any = CustodyEntry.__table__
    query = select(table).order_by(table.c.chain, table.c.seq)
    rows = db.session.execute(query).yield_per(MOST_AT_ONCE)
    for _chain, entries in groupby(rows, key=lambda row: row.chain):
        listed = [(_as_entry(row), str(row.hash)) for row in entries]
        count += len(listed)
        problems += find_faults(listed)
    problems += [
        *_things_without_entry(),
        *_altered_deeds(),
        *_receipts_without_entry(),
        *_entries_not_audited(),
    ]
    return LedgerReport(count, tuple(problems))


def _as_entry(row: Row[Any]) -> Entry:
    return Entry(
        chain=row.chain,
        seq=row.seq,
        kind=row.kind,
        giver=Party(row.giver, row.giver_agency_id),
        receiver=Party(row.receiver, row.receiver_agency_id),
        quantity=row.quantity,
        happened_on=row.happened_on,
        recorded_at=row.recorded_at,
        deed_line_id=row.deed_line_id,
        condition=row.condition,
        note=row.note,
        by_user_id=row.by_user_id,
        by_name=row.by_name,
        previous_hash=row.previous_hash,
    )


def _things_without_entry() -> Iterator[str]:
    items = select(Item.tag).outerjoin(CustodyEntry, CustodyEntry.item_id == Item.id)
    for tag in db.session.execute(items.where(CustodyEntry.id.is_(None))).scalars():
        yield f"item {tag} has no custody entry"
    lots = select(Lot.lot_number).outerjoin(CustodyEntry, CustodyEntry.lot_id == Lot.id)
    for number in db.session.execute(lots.where(CustodyEntry.id.is_(None))).scalars():
        yield f"lot {number} has no custody entry"


def _altered_deeds() -> Iterator[str]:
    deeds = select(Deed.number, Deed.content, Deed.content_hash).where(Deed.content_hash.is_not(None))
    for number, content, stored in db.session.execute(deeds).yield_per(100):
        if compute_hash(content) != stored:
            yield f"the content of deed {number} was altered"
    signatures = (
        select(Deed.number, DeedSignature.side)
        .join(Deed, Deed.id == DeedSignature.deed_id)
        .where(Deed.content_hash != DeedSignature.content_hash)
    )
    for number, side in db.session.execute(signatures):
        yield f"the {side}'s signature on deed {number} is of another content"


def _receipts_without_entry() -> Iterator[str]:
    """What was accepted must have come into the ledger, and nothing else: an entry cut off a chain's end shows here."""
    moved = case((CustodyEntry.id.is_(None), 0), else_=CustodyEntry.quantity)
    query = (
        select(Deed.number, DeedLine.position, DeedReceipt.accepted, moved.label("moved"))
        .select_from(DeedReceipt)
        .join(DeedLine, DeedLine.id == DeedReceipt.deed_line_id)
        .join(Deed, Deed.id == DeedLine.deed_id)
        .outerjoin(CustodyEntry, CustodyEntry.deed_line_id == DeedLine.id)
        .where(DeedReceipt.accepted != moved)
        .order_by(Deed.id, DeedLine.position)
    )
    for row in db.session.execute(query):
        yield (
            f"line {row.position} of deed {row.number}: {row.accepted} accepted, "
            f"but the custody ledger moved {row.moved}"
        )


def _entries_not_audited() -> Iterator[str]:
    """A chain that was written anew as a whole is sound in itself; the keyed audit trail remembers what it was."""
    query = (
        select(Deed.id, CustodyEntry.hash)
        .join(DeedLine, DeedLine.deed_id == Deed.id)
        .join(CustodyEntry, CustodyEntry.deed_line_id == DeedLine.id)
        .order_by(Deed.id, DeedLine.position)
    )
    hashes: dict[int, list[str]] = {}
    for deed_id, entry_hash in db.session.execute(query):
        hashes.setdefault(deed_id, []).append(entry_hash)
    accepted = (
        select(Deed.id, Deed.number, AuditEntry.changes)
        .join(AuditEntry, (AuditEntry.subject_id == Deed.id) & (AuditEntry.action == "deed:accepted"))
        .order_by(Deed.id)
    )
    for deed_id, number, changes in db.session.execute(accepted):
        if changes["custody"][1] != compute_digest(hashes.get(deed_id, [])):
            yield f"the custody entries of deed {number} are not those that the audit trail remembers"


def list_problems() -> tuple[str, ...]:
    """Return what is wrong with the ledger, for `./ijaza audit verify`."""
    return verify_ledger().problems
