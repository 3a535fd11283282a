"""What hinders the issue of a deed: each reason a sentence that names the thing, so that all of them can be put right at once."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import func, or_, select

from accounts.models import Affiliation
from equipment import labels
from equipment.models import Deed, DeedKind, DeedLine, DeedState, Item, Lot
from equipment.services import ledger
from equipment.services.holdings import read_facts
from equipment.usability import is_expired, judge_issue
from foundation.dated import runs_on
from foundation.db import db
from foundation.fonts import find_unprintable
from foundation.i18n import _
from foundation.registry import list_holdings


def list_problems(deed: Deed, *, on: date) -> list[str]:
    """Return everything that hinders the issue of a draft on a day; what is returned may be damaged, overdue or expired."""
    if not deed.lines:
        return [_("The deed is empty: put something on it.")]
    items = [line.item for line in deed.lines if line.item is not None]
    problems = [*_items_elsewhere(deed, items, drafts=False), *_lots_short(deed)]
    problems += _unprintable(deed)
    if deed.kind is DeedKind.HANDOVER:
        problems += [*_items_unfit(items, on), *_lots_expired(deed, on), *_lacks_holders(deed, on)]
    if deed.return_due_on is not None and deed.return_due_on < on:
        problems.append(_("The day on which everything is due back has passed."))
    return problems


def _unprintable(deed: Deed) -> Iterator[str]:
    """A deed is printed in faces that have Latin, Greek, Cyrillic and Arabic letters: nothing becomes an empty box on paper."""
    texts = [deed.purpose, deed.use or ""]
    for line in deed.lines:
        name = (line.item.serial or "") if line.item is not None else line.lot.lot_number if line.lot else ""
        texts += [name, line.note or ""]
    for text in texts:
        if unprintable := find_unprintable(text):
            yield _(
                "“%(text)s” has characters that the deed cannot print: %(characters)s",
                text=text[:60],
                characters=" ".join(sorted(unprintable)),
            )


def find_hindrance(deed: Deed, items: Sequence[Item]) -> str | None:
    """Return why one of these items cannot be put on a draft, or None."""
    return next(_items_elsewhere(deed, items, drafts=True), None)


def _items_elsewhere(deed: Deed, items: Sequence[Item], *, drafts: bool) -> Iterator[str]:
    heads = ledger.read_heads([item.chain for item in items])
    for item in items:
        head = heads.get(item.chain)
        if head is None or head.receiver != deed.giver:
            yield _("%(tag)s is not held by the giver.", tag=item.tag)
    states = [DeedState.ISSUED, DeedState.DRAFT] if drafts else [DeedState.ISSUED]
    query = (
        select(Item.tag, Deed.number)
        .select_from(DeedLine)
        .join(Deed, Deed.id == DeedLine.deed_id)
        .join(Item, Item.id == DeedLine.item_id)
        .where(
            DeedLine.item_id.in_([item.id for item in items]),
            Deed.id != deed.id,
            Deed.state.in_(states),
        )
        .order_by(Item.tag)
    )
    for tag, number in db.session.execute(query):
        if number is None:
            yield _("%(tag)s stands on another draft.", tag=tag)
        else:
            yield _("%(tag)s stands on deed %(number)s, which is not signed yet.", tag=tag, number=number)


def count_free(deed: Deed, lots: Sequence[Lot]) -> dict[int, int]:
    """Return how much of each lot the giver can still give: what he holds without what other issued deeds promise."""
    query = (
        select(DeedLine.lot_id, func.sum(DeedLine.quantity))
        .join(Deed, Deed.id == DeedLine.deed_id)
        .where(
            DeedLine.lot_id.in_([lot.id for lot in lots]),
            Deed.id != deed.id,
            Deed.state == DeedState.ISSUED,
            Deed.kind == deed.kind,
            # A return takes from its own agency, a handover from the one store.
            or_(Deed.kind == DeedKind.HANDOVER, Deed.agency_id == deed.agency_id),
        )
        .group_by(DeedLine.lot_id)
    )
    promised = {lot_id: int(quantity) for lot_id, quantity in db.session.execute(query)}
    held = ledger.count_held(lots)
    return {lot.id: held.get((lot.id, deed.giver), 0) - promised.get(lot.id, 0) for lot in lots}


def _lots_short(deed: Deed) -> Iterator[str]:
    lines = [line for line in deed.lines if line.lot is not None]
    free = count_free(deed, [line.lot for line in lines if line.lot is not None])
    for line in lines:
        if line.lot is not None and free[line.lot.id] < line.quantity:
            yield _(
                "Of lot %(lot)s %(free)s can be given, not %(wanted)s.",
                lot=line.lot.lot_number,
                free=free[line.lot.id],
                wanted=line.quantity,
            )


def _items_unfit(items: Sequence[Item], on: date) -> Iterator[str]:
    facts = read_facts([item.id for item in items], on=on)
    for item in items:
        for reason in judge_issue(facts[item.id], on):
            yield _("%(tag)s cannot be handed over: %(reason)s", tag=item.tag, reason=labels.REASON[reason])


def _lots_expired(deed: Deed, on: date) -> Iterator[str]:
    for line in deed.lines:
        if line.lot is not None and is_expired(line.lot.expires_on, on):
            yield _("Lot %(lot)s: its last day of use has passed.", lot=line.lot.lot_number)


def _lacks_holders(deed: Deed, on: date) -> Iterator[str]:
    """Some types go only where somebody knows how to use them."""
    wanted: dict[str, str] = {}
    for line in deed.lines:
        item_type = line.thing.item_type
        if item_type.receive_qualification:
            wanted.setdefault(item_type.receive_qualification, item_type.code)
    if not wanted:
        return
    members = select(Affiliation.person_id).where(
        Affiliation.agency_id == deed.agency_id,
        runs_on(Affiliation, on),
    )
    people = db.session.execute(members.distinct()).scalars().all()
    held = {holding.qualification for holding in list_holdings(people, on=on)}
    for qualification in sorted(wanted.keys() - held):
        yield _(
            "%(type)s goes only to agencies where somebody holds %(qualification)s; in %(agency)s nobody does on this day.",
            type=wanted[qualification],
            qualification=qualification,
            agency=deed.agency.code,
        )
