"""Factories of the equipment floor: types, items and lots in the store, and deeds as far along as a test needs them."""

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from accounts.models import Agency, User
from accounts.permissions import Role
from equipment.ledger import Condition
from equipment.models import Deed, DeedKind, Item, ItemCategory, ItemType, Lot, Tracking, Unit
from equipment.services import deeds, items
from equipment.services.deeds import Count, Signature, Terms
from foundation import clock
from foundation.db import db
from tests.factories.accounts import make_agency, make_user

_numbers = count(1)
LONG_AGO = date(2026, 1, 5)
STROKES = [[[100, 700, 0], [300, 200, 80], [500, 720, 160]], [[620, 300, 400], [900, 310, 520]]]


def make_quartermaster(**values: Any) -> User:
    return make_user(Role.QUARTERMASTER, name="Qadir Store", **values)


def make_type(code: str | None = None, **values: Any) -> ItemType:
    number = next(_numbers)
    tracking = values.get("tracking", Tracking.SERIAL)
    item_type = ItemType(
        **{
            "code": code or f"TYPE-{number}",
            "tag_prefix": f"T{number}" if tracking is Tracking.SERIAL else None,
            "names": {"en": f"Type {number}", "ar": f"نوع {number}", "fr": f"Type {number}"},
            "tracking": Tracking.SERIAL,
            "unit": Unit.PIECE,
            "category": ItemCategory.TRIAGE,
            "created_at": clock.now(),
        }
        | values
    )
    db.session.add(item_type)
    db.session.flush()
    return item_type


def make_items(
    number: int = 1, *, item_type: ItemType | None = None, on: date = LONG_AGO, **arrival: Any
) -> list[Item]:
    """Items with serials, received into the store on a day."""
    item_type = item_type or make_type()
    return items.register_items(
        item_type,
        serials=[f"SN-{next(_numbers):05d}" for _ in range(number)],
        arrival=items.Arrival(acquired_on=on, **arrival),
        actor=None,
    )


def make_item(**values: Any) -> Item:
    return make_items(1, **values)[0]


def make_lot(
    quantity: int = 200, *, item_type: ItemType | None = None, on: date = LONG_AGO, **values: Any
) -> Lot:
    item_type = item_type or make_type(tracking=Tracking.QUANTITY)
    return items.register_lot(
        item_type,
        **{"lot_number": f"L-{next(_numbers)}", "expires_on": None} | values,
        quantity=quantity,
        arrival=items.Arrival(acquired_on=on),
        actor=None,
    )


def make_draft(
    agency: Agency | None = None,
    things: Sequence[Item] = (),
    *,
    lots: Sequence[tuple[Lot, int]] = (),
    kind: DeedKind = DeedKind.HANDOVER,
    actor: User | None = None,
    **terms: Any,
) -> Deed:
    actor = actor or make_quartermaster()
    agency = agency or make_agency()
    terms = {"purpose": "Equipment of the team for field work"} | terms
    deed = deeds.draft_deed(agency, kind=kind, terms=Terms(**terms), actor=actor)
    if things:
        deeds.add_items(deed, things, actor=actor)
    for lot, quantity in lots:
        deeds.add_lot(deed, lot, quantity, actor=actor)
    return deed


def make_issued(*args: Any, actor: User | None = None, **values: Any) -> Deed:
    actor = actor or make_quartermaster()
    return deeds.issue_deed(make_draft(*args, actor=actor, **values), actor=actor)


def make_signed(*args: Any, actor: User | None = None, **values: Any) -> Deed:
    """An issued deed with the giver's signature."""
    actor = actor or make_quartermaster()
    deed = make_issued(*args, actor=actor, **values)
    deeds.sign_giver(deed, signature=signature("Ghassan Giver"), seen_hash=hash_of(deed), actor=actor)
    return deed


def signature(name: str = "Rania Receiver", title: str | None = "Head of stores") -> Signature:
    return Signature(name, title, STROKES)


def hash_of(deed: Deed) -> str:
    assert deed.content_hash is not None
    return deed.content_hash


def count_all(deed: Deed, condition: Condition | None = None) -> list[Count]:
    """Everything on the deed came."""
    return [Count(line.id, accepted=line.quantity, condition=condition) for line in deed.lines]


def accept(
    deed: Deed, receipts: Sequence[Count] | None = None, *, actor: User | None = None, **values: Any
) -> Deed:
    return deeds.accept_deed(
        deed,
        **{
            "receipts": count_all(deed) if receipts is None else receipts,
            "signature": signature(),
            "seen_hash": hash_of(deed),
            "actor": actor or make_quartermaster(),
        }
        | values,
    )


def hand_over(agency: Agency, things: Sequence[Item] = (), **values: Any) -> Deed:
    """A closed handover: the agency holds everything on it."""
    return accept(make_signed(agency, things, **values))


def take_back(agency: Agency, things: Sequence[Item] = (), **values: Any) -> Deed:
    """A closed return: the store holds everything on it again."""
    return accept(make_signed(agency, things, kind=DeedKind.RETURN, **values))
