"""Items and lots: register what came in, add to a lot, use up, write off. Whatever comes in is received by the host's own store."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from accounts.models import Agency, User
from accounts.permissions import Permission
from equipment.catalogue.loading import read_item_types
from equipment.ledger import HOST, OUTSIDE, Condition, CustodyKind, Party, party_of
from equipment.models import Item, ItemCategory, ItemType, Lot, Tracking, Unit
from equipment.services import ledger
from equipment.services.ledger import Movement
from foundation import audit, clock
from foundation.access import visible
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import LANGUAGES, _

MOST_ITEMS = 1000


class TypeTaken(DomainConflict):
    """There is a type with this code or tag prefix already."""


class SerialTaken(DomainConflict):
    """A serial number is registered already, or stands twice in the list."""


class WrongTracking(DomainError):
    """Items are of types that are followed piece by piece, lots of those followed by quantity."""


class LotDiffers(DomainConflict):
    """A lot with this number is known with another last day of use."""


class BadQuantity(DomainError):
    """A quantity is at least one, and a list of items not empty and not too long."""


@dataclass(frozen=True)
class TypeValues:
    """What is said of an item type. `names` is {language: name}, English included."""

    code: str
    names: dict[str, str]
    tracking: Tracking
    unit: Unit
    category: ItemCategory
    tag_prefix: str | None = None
    critical: bool = False
    inspect_every_months: int | None = None
    receive_qualification: str | None = None
    line_codes: list[str] = field(default_factory=list)
    weight_g: int | None = None
    value_minor: int | None = None


@dataclass(frozen=True)
class Arrival:
    """How things came in: when, in what condition, who made and who gave them."""

    acquired_on: date
    condition: Condition = Condition.AS_NEW
    maker: str | None = None
    donor: str | None = None


def load_item_types(*, actor: User | None = None) -> list[str]:
    """Write the types that come with the system and are not stored yet; return their codes. A second load changes nothing."""
    known = set(db.session.execute(select(ItemType.code)).scalars())
    added = []
    for values in read_item_types():
        if values["code"] not in known:
            _write_type(TypeValues(**values), actor=actor)
            added.append(values["code"])
    return added


def register_item_type(values: TypeValues, *, actor: User) -> ItemType:
    """Add a type of equipment. Raises Forbidden, WrongTracking, TypeTaken."""
    _require_register(actor)
    return _write_type(values, actor=actor)


def _write_type(values: TypeValues, *, actor: User | None) -> ItemType:
    if (values.tracking is Tracking.SERIAL) != bool(values.tag_prefix):
        raise WrongTracking(
            _(
                "A type that is followed piece by piece needs the letters its tags begin with, and no other has them."
            ),
            field="tag_prefix",
        )
    row = ItemType(**asdict(values), created_at=clock.now())
    taken = TypeTaken(_("There is a type with this code already."), field="code")
    prefix_taken = TypeTaken(_("Another type's tags begin with these letters."), field="tag_prefix")
    with (
        conflict_as("uq_item_type_code", taken),
        conflict_as("uq_item_type_tag_prefix", prefix_taken),
    ):
        db.session.add(row)
    audit.record("item_type:added", row, actor=actor, changes={"code": (None, row.code)})
    return row


def register_items(
    item_type: ItemType, *, serials: Sequence[str | None], arrival: Arrival, actor: User | None
) -> list[Item]:
    """Register one item for each serial (None: it has none), give each its tag, and receive them into the store. All or none.

    Tags run on within a type: R-0001, R-0002. Raises WrongTracking, BadQuantity, SerialTaken.
    """
    _require_register(actor)
    if item_type.tracking is not Tracking.SERIAL:
        raise WrongTracking(_("This type is counted by lot, not piece by piece."), field="item_type")
    if not 1 <= len(serials) <= MOST_ITEMS:
        raise BadQuantity(_("Register from 1 to %(most)s items at a time.", most=MOST_ITEMS), field="serials")
    known = [serial for serial in serials if serial is not None]
    twice = sorted({serial for serial in known if known.count(serial) > 1})
    if twice:
        raise SerialTaken(_("Serial number %(serial)s stands twice.", serial=twice[0]), field="serials")
    # Who registers more of the same type waits: the tags run on.
    db.session.execute(select(ItemType.id).where(ItemType.id == item_type.id).with_for_update())
    _refuse_known(item_type, known)
    there = db.session.execute(select(func.count()).where(Item.item_type_id == item_type.id)).scalar_one()
    items = [
        Item(
            tag=f"{item_type.tag_prefix}-{number:04d}",
            item_type=item_type,
            serial=serial,
            maker=arrival.maker,
            donor=arrival.donor,
            acquired_on=arrival.acquired_on,
            registered_at=clock.now(),
            registered_by_id=actor.id if actor else None,
        )
        for number, serial in enumerate(serials, start=there + 1)
    ]
    taken = SerialTaken(_("One of these serial numbers is registered already."), field="serials")
    with conflict_as("uq_item_item_type_id_serial", taken):
        db.session.add_all(items)
    ledger.append(
        [Movement(item, CustodyKind.RECEIVED, OUTSIDE, HOST, arrival.condition) for item in items],
        happened_on=arrival.acquired_on,
        actor=actor,
    )
    audit.record_many(
        [
            audit.Change(
                "item:registered", item, changes={"tag": (None, item.tag), "serial": (None, item.serial)}
            )
            for item in items
        ],
        actor=actor,
    )
    return items


def _refuse_known(item_type: ItemType, serials: Sequence[str]) -> None:
    query = select(Item.serial, Item.tag).where(Item.item_type_id == item_type.id, Item.serial.in_(serials))
    row = db.session.execute(query.order_by(Item.id)).first()
    if row is not None:
        raise SerialTaken(
            _("Serial number %(serial)s is registered already: %(tag)s.", serial=row.serial, tag=row.tag),
            field="serials",
        )


def register_lot(
    item_type: ItemType,
    *,
    lot_number: str,
    quantity: int,
    expires_on: date | None,
    arrival: Arrival,
    actor: User | None,
) -> Lot:
    """Register a lot and receive so much of it into the store; of a known lot, receive more. Raises WrongTracking, BadQuantity.

    A known lot keeps its last day of use; another one given for it is refused (LotDiffers).
    """
    _require_register(actor)
    if item_type.tracking is not Tracking.QUANTITY:
        raise WrongTracking(_("This type is followed piece by piece, not by lot."), field="item_type")
    _require_quantity(quantity)
    query = select(Lot).where(Lot.item_type_id == item_type.id, Lot.lot_number == lot_number)
    lot = db.session.execute(query).scalar_one_or_none()
    if lot is None:
        lot = Lot(
            item_type=item_type,
            lot_number=lot_number,
            expires_on=expires_on,
            donor=arrival.donor,
            registered_at=clock.now(),
            registered_by_id=actor.id if actor else None,
        )
        taken = LotDiffers(_("This lot was registered just now. Look again."), field="lot_number")
        with conflict_as("uq_lot_item_type_id_lot_number", taken):
            db.session.add(lot)
    elif lot.expires_on != expires_on:
        raise LotDiffers(
            _("This lot is known with another last day of use. Check the number."), field="expires_on"
        )
    _move_lot(
        lot,
        Movement(lot, CustodyKind.RECEIVED, OUTSIDE, HOST, arrival.condition, quantity=quantity),
        on=arrival.acquired_on,
        action="lot:received",
        actor=actor,
    )
    return lot


def consume(
    lot: Lot, *, quantity: int, holder: Agency | None, on: date, note: str | None, actor: User | None
) -> None:
    """Record that a holder (None: the host) used up so much of a lot. Raises BadQuantity, NotHeld, BadDay."""
    _end_lot(lot, CustodyKind.CONSUMED, quantity=quantity, holder=holder, on=on, note=note, actor=actor)


def write_off_lot(
    lot: Lot, *, quantity: int, holder: Agency | None, on: date, note: str, actor: User | None
) -> None:
    """Take so much of a lot off the books, with the reason. Raises BadQuantity, NotHeld, BadDay."""
    _end_lot(lot, CustodyKind.WRITTEN_OFF, quantity=quantity, holder=holder, on=on, note=note, actor=actor)


def _end_lot(
    lot: Lot,
    kind: CustodyKind,
    *,
    quantity: int,
    holder: Agency | None,
    on: date,
    note: str | None,
    actor: User | None,
) -> None:
    _require_register(actor)
    _require_quantity(quantity)
    giver: Party = party_of(holder.id if holder is not None else None)
    head = ledger.read_heads([lot.chain])[lot.chain]
    _move_lot(
        lot,
        Movement(lot, kind, giver, OUTSIDE, head.condition, quantity=quantity, note=note),
        on=on,
        action=f"lot:{kind.value}",
        actor=actor,
        agency_id=giver.agency_id,
    )


def _move_lot(
    lot: Lot,
    movement: Movement,
    *,
    on: date,
    action: str,
    actor: User | None,
    agency_id: int | None = None,
) -> None:
    db.session.flush()
    ledger.append([movement], happened_on=on, actor=actor)
    audit.record(
        action,
        lot,
        actor=actor,
        reason=movement.note,
        changes={"lot": (None, lot.lot_number), "quantity": (None, movement.quantity)},
        agency_id=agency_id,
    )


def query_item_types(
    viewer: User, *, category: ItemCategory | None = None, text: str | None = None
) -> Select[Any]:
    """Return the Core select of the item types in sight, one row a type."""
    columns: list[Any] = [
        ItemType.id,
        ItemType.code,
        ItemType.names,
        ItemType.tracking,
        ItemType.unit,
        ItemType.category,
        ItemType.critical,
        ItemType.inspect_every_months,
        ItemType.receive_qualification,
    ]
    query = select(*columns).where(visible(ItemType, viewer))
    if category is not None:
        query = query.where(ItemType.category == category)
    if text:
        query = query.where(type_like(text))
    return query


def type_like(text: str) -> ColumnElement[bool]:
    """Return the condition that a type's code or one of its names contains a text."""
    names = [ItemType.names[code].as_string().icontains(text, autoescape=True) for code in LANGUAGES]
    return or_(ItemType.code.icontains(text, autoescape=True), *names)


def _require_register(actor: User | None) -> None:
    if actor is not None and not actor.may(Permission.EQUIPMENT_REGISTER):
        raise Forbidden(_("Only a quartermaster registers equipment and writes it off."))


def _require_quantity(quantity: int) -> None:
    if quantity < 1:
        raise BadQuantity(_("A quantity is at least one."), field="quantity")
