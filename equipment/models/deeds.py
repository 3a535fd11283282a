"""Deeds: one list of many things that one party hands to another, frozen and hashed when issued, signed by both."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Agency, User
from curriculum.models import Cohort
from equipment.ledger import HOST, Condition, Party, party_of
from equipment.models.items import Item, Lot
from foundation.db import Model, Moment, Word
from foundation.tenancy import AgencyOwned


class DeedKind(StrEnum):
    """Which way a deed goes: from the host to an agency, or back."""

    HANDOVER = "handover"
    RETURN = "return"


class DeedState(StrEnum):
    """A deed is drafted, issued (from then on frozen), and closed by the receiver's signature; or void before that."""

    DRAFT = "draft"
    ISSUED = "issued"
    CLOSED = "closed"
    VOID = "void"


class SignatureSide(StrEnum):
    """Whose signature it is."""

    GIVER = "giver"
    RECEIVER = "receiver"


class SignatureMethod(StrEnum):
    """How a signature was given. A drawn one is evidence, not a qualified electronic signature."""

    DRAWN = "drawn"


class Deed(AgencyOwned, Model):
    """One handover or return with a partner agency.

    The number D-2026-0001 is given at issue and runs without gaps within a year; `content` and its SHA-256 are frozen then, and
    everything printed later comes from them.
    """

    __tablename__ = "deed"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("year", "sequence"),
        CheckConstraint(
            "state NOT IN ('issued', 'closed') OR (number IS NOT NULL AND content_hash IS NOT NULL)",
            name="frozen",
        ),
    )
    kind: Mapped[DeedKind] = mapped_column(Word(DeedKind))
    state: Mapped[DeedState] = mapped_column(Word(DeedState), index=True)
    number: Mapped[str | None] = mapped_column(String(20))
    year: Mapped[int | None]
    sequence: Mapped[int | None]
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    use: Mapped[str | None] = mapped_column(Text)
    retransfer_allowed: Mapped[bool] = mapped_column(default=False)
    inspection_right: Mapped[bool] = mapped_column(default=True)
    return_due_on: Mapped[date | None] = mapped_column(Date, index=True)
    language: Mapped[str] = mapped_column(String(5), default="en")
    drafted_at: Mapped[datetime] = mapped_column(Moment)
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    issued_on: Mapped[date | None] = mapped_column(Date)
    issued_at: Mapped[datetime | None] = mapped_column(Moment)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    content_hash: Mapped[str | None] = mapped_column(String(64))
    closed_on: Mapped[date | None] = mapped_column(Date)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    void_reason: Mapped[str | None] = mapped_column(Text)
    agency: Mapped[Agency] = relationship()
    cohort: Mapped[Cohort | None] = relationship()
    drafted_by: Mapped[User | None] = relationship(foreign_keys=[drafted_by_id])
    issued_by: Mapped[User | None] = relationship(foreign_keys=[issued_by_id])
    voided_by: Mapped[User | None] = relationship(foreign_keys=[voided_by_id])
    lines: Mapped[list["DeedLine"]] = relationship(back_populates="deed", order_by="DeedLine.position")
    signatures: Mapped[list["DeedSignature"]] = relationship(
        back_populates="deed", order_by="DeedSignature.id"
    )
    files: Mapped[list["DeedFile"]] = relationship(back_populates="deed", order_by="DeedFile.id")

    @property
    def giver(self) -> Party:
        return HOST if self.kind is DeedKind.HANDOVER else party_of(self.agency_id)

    @property
    def receiver(self) -> Party:
        return party_of(self.agency_id) if self.kind is DeedKind.HANDOVER else HOST

    @property
    def check_code(self) -> str | None:
        """The first eight characters of the content's hash, in two groups, as both parties compare them: 3F2A-91C0."""
        if self.content_hash is None:
            return None
        return f"{self.content_hash[:4]}-{self.content_hash[4:8]}".upper()

    def signature_of(self, side: SignatureSide) -> "DeedSignature | None":
        """Return the signature of one side, or None while it is missing."""
        return next((one for one in self.signatures if one.side is side), None)


class DeedLine(AgencyOwned, Model):
    """One item, or so many of a lot, on a deed. `position` counts from 1. Frozen once the deed is issued."""

    __tablename__ = "deed_line"
    __table_args__ = (
        UniqueConstraint("deed_id", "position"),
        UniqueConstraint("deed_id", "item_id"),
        UniqueConstraint("deed_id", "lot_id"),
        UniqueConstraint("id", "quantity"),
        CheckConstraint("(item_id IS NULL) <> (lot_id IS NULL)", name="one_thing"),
        CheckConstraint("quantity > 0 AND (item_id IS NULL OR quantity = 1)", name="quantity"),
    )
    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id", ondelete="RESTRICT"))
    position: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id", ondelete="RESTRICT"), index=True)
    quantity: Mapped[int]
    condition_issued: Mapped[Condition] = mapped_column(Word(Condition))
    note: Mapped[str | None] = mapped_column(Text)
    deed: Mapped[Deed] = relationship(back_populates="lines")
    item: Mapped[Item | None] = relationship(lazy="joined")
    lot: Mapped[Lot | None] = relationship(lazy="joined")
    receipt: Mapped["DeedReceipt | None"] = relationship(back_populates="line", lazy="selectin")

    @property
    def thing(self) -> Item | Lot:
        """The item, or the lot of which `quantity` pieces are meant."""
        thing = self.item if self.item is not None else self.lot
        assert thing is not None
        return thing

    @property
    def name(self) -> str:
        """The item's tag or the lot's number."""
        return self.thing.tag if isinstance(self.thing, Item) else self.thing.lot_number


class DeedReceipt(AgencyOwned, Model):
    """What the receiver counted of one line: append-only. What was refused or missing stays with the giver, with a reason.

    `quantity` is the line's own, so that the database itself keeps accepted + refused + missing = issued.
    """

    __tablename__ = "deed_receipt"
    __table_args__ = (
        UniqueConstraint("deed_line_id"),
        ForeignKeyConstraint(
            ["deed_line_id", "quantity"],
            ["deed_line.id", "deed_line.quantity"],
            ondelete="RESTRICT",
        ),
        CheckConstraint("accepted >= 0 AND refused >= 0 AND missing >= 0", name="counts"),
        CheckConstraint("accepted + refused + missing = quantity", name="sum"),
        CheckConstraint("accepted = quantity OR reason IS NOT NULL", name="reason"),
    )
    deed_line_id: Mapped[int]
    quantity: Mapped[int]
    accepted: Mapped[int]
    refused: Mapped[int]
    missing: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    condition_received: Mapped[Condition] = mapped_column(Word(Condition))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    line: Mapped[DeedLine] = relationship(back_populates="receipt")


class DeedSignature(AgencyOwned, Model):
    """One side's signature: append-only. `strokes` are lists of [x, y, ms] with x and y from 0 to 1000, of what `content_hash` names."""

    __tablename__ = "deed_signature"
    __table_args__ = (UniqueConstraint("deed_id", "side"),)
    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id", ondelete="RESTRICT"))
    side: Mapped[SignatureSide] = mapped_column(Word(SignatureSide))
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str | None] = mapped_column(String(120))
    method: Mapped[SignatureMethod] = mapped_column(Word(SignatureMethod))
    strokes: Mapped[list[list[list[int]]]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(Moment)
    captured_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    deed: Mapped[Deed] = relationship(back_populates="signatures")


class DeedFile(AgencyOwned, Model):
    """The PDF of a closed deed in one language: where its bytes are and their SHA-256. Append-only, one for ever."""

    __tablename__ = "deed_file"
    __table_args__ = (UniqueConstraint("deed_id", "language"),)
    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id", ondelete="RESTRICT"))
    language: Mapped[str] = mapped_column(String(5))
    storage_key: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Moment)
    deed: Mapped[Deed] = relationship(back_populates="files")
