"""What there is: types, items with a tag of their own, and lots of consumables.

No column says who holds an item, where it is or in what condition: all of that is read from the custody ledger, cases and
inspections, so that nothing can be edited away.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Model, Moment, Word

if TYPE_CHECKING:
    from equipment.models.custody import CustodyEntry


class Tracking(StrEnum):
    """How a type is followed: each piece by its own tag, or so many of a lot."""

    SERIAL = "serial"
    QUANTITY = "quantity"


class Unit(StrEnum):
    """In what a type is counted."""

    PIECE = "piece"
    SET = "set"
    PAIR = "pair"
    BOX = "box"
    PACK = "pack"
    LITRE = "litre"
    METRE = "metre"


class ItemCategory(StrEnum):
    """What a type is for; manifests are grouped by it."""

    MEDICAL = "medical"
    TRIAGE = "triage"
    COMMUNICATIONS = "communications"
    SEARCH = "search"
    RESCUE = "rescue"
    PROTECTION = "protection"
    HAZARDOUS = "hazardous"
    POWER = "power"
    SHELTER = "shelter"
    WATER = "water"
    TRANSPORT = "transport"
    CYBER = "cyber"


class ItemType(Model):
    """A kind of equipment. `names` is {language: name}; `line_codes` are the lines of readiness standards that it fulfils.

    A line code is the standard's id and the line's code with a colon between: insarag-usar-medium:SE-01. With
    `receive_qualification` the type goes only to agencies where somebody holds that qualification.
    """

    __tablename__ = "item_type"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("tag_prefix"),
        CheckConstraint("inspect_every_months > 0", name="inspect_every_months"),
    )
    code: Mapped[str] = mapped_column(String(40))
    tag_prefix: Mapped[str | None] = mapped_column(String(8))
    names: Mapped[dict[str, str]] = mapped_column(JSON)
    tracking: Mapped[Tracking] = mapped_column(Word(Tracking))
    unit: Mapped[Unit] = mapped_column(Word(Unit))
    category: Mapped[ItemCategory] = mapped_column(Word(ItemCategory), index=True)
    critical: Mapped[bool] = mapped_column(default=False)
    inspect_every_months: Mapped[int | None]
    receive_qualification: Mapped[str | None] = mapped_column(String(60))
    line_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    weight_g: Mapped[int | None]
    value_minor: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment)


class Item(Model):
    """One piece with a tag of its own, e.g. R-0001, printed on it. Its serial number is the maker's."""

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("tag"), UniqueConstraint("item_type_id", "serial"))
    tag: Mapped[str] = mapped_column(String(20))
    item_type_id: Mapped[int] = mapped_column(ForeignKey("item_type.id", ondelete="RESTRICT"))
    serial: Mapped[str | None] = mapped_column(String(80), index=True)
    maker: Mapped[str | None] = mapped_column(String(120))
    acquired_on: Mapped[date] = mapped_column(Date)
    donor: Mapped[str | None] = mapped_column(Text)
    registered_at: Mapped[datetime] = mapped_column(Moment)
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    item_type: Mapped[ItemType] = relationship(lazy="joined", innerjoin=True)
    custody: Mapped[list["CustodyEntry"]] = relationship(
        back_populates="item", order_by="CustodyEntry.seq", viewonly=True
    )

    @property
    def chain(self) -> str:
        """The name of its chain in the custody ledger."""
        return f"item:{self.id}"

    @property
    def agency_ids(self) -> frozenset[int]:
        """The agencies that hold it or once held it."""
        return frozenset(e.receiver_agency_id for e in self.custody if e.receiver_agency_id is not None)


class Lot(Model):
    """So many pieces of a consumable that came together, with one number and one last day of use."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("item_type_id", "lot_number"),)
    item_type_id: Mapped[int] = mapped_column(ForeignKey("item_type.id", ondelete="RESTRICT"))
    lot_number: Mapped[str] = mapped_column(String(60))
    expires_on: Mapped[date | None] = mapped_column(Date, index=True)
    donor: Mapped[str | None] = mapped_column(Text)
    registered_at: Mapped[datetime] = mapped_column(Moment)
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    item_type: Mapped[ItemType] = relationship(lazy="joined", innerjoin=True)
    custody: Mapped[list["CustodyEntry"]] = relationship(
        back_populates="lot", order_by="CustodyEntry.seq", viewonly=True
    )

    @property
    def chain(self) -> str:
        """The name of its chain in the custody ledger."""
        return f"lot:{self.id}"

    @property
    def agency_ids(self) -> frozenset[int]:
        """The agencies that hold it or once held it."""
        return frozenset(e.receiver_agency_id for e in self.custody if e.receiver_agency_id is not None)
