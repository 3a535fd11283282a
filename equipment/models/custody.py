"""The custody ledger: who gave what to whom, and when. The database itself refuses to change it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Agency
from equipment.ledger import Condition, CustodyKind, Entry, Party, PartyKind
from equipment.models.deeds import DeedLine
from equipment.models.items import Item, Lot
from foundation.db import Model, Moment, Word


class CustodyEntry(Model):
    """One movement of an item or of so many of a lot: append-only, numbered without gaps and chained by hashes within `chain`.

    `happened_on` is the day of the movement, `recorded_at` the moment it was written down: a late entry keeps both. The
    actor's name is copied, so that it outlives the user.
    """

    __tablename__ = "custody_entry"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        UniqueConstraint("deed_line_id"),
        Index("ix_custody_entry_receiver_agency_id_happened_on", "receiver_agency_id", "happened_on"),
        CheckConstraint("(item_id IS NULL) <> (lot_id IS NULL)", name="one_thing"),
        CheckConstraint(
            "chain = CASE WHEN lot_id IS NULL THEN 'item:' || item_id ELSE 'lot:' || lot_id END", name="chain"
        ),
        CheckConstraint("quantity > 0 AND (item_id IS NULL OR quantity = 1)", name="quantity"),
        CheckConstraint("(giver = 'agency') = (giver_agency_id IS NOT NULL)", name="giver"),
        CheckConstraint("(receiver = 'agency') = (receiver_agency_id IS NOT NULL)", name="receiver"),
        CheckConstraint("(kind = 'received') = (giver = 'outside')", name="comes_in"),
        CheckConstraint("(kind IN ('consumed', 'written_off')) = (receiver = 'outside')", name="goes_out"),
    )
    chain: Mapped[str] = mapped_column(String(30))
    seq: Mapped[int]
    kind: Mapped[CustodyKind] = mapped_column(Word(CustodyKind))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id", ondelete="RESTRICT"), index=True)
    giver: Mapped[PartyKind] = mapped_column(Word(PartyKind))
    giver_agency_id: Mapped[int | None] = mapped_column(
        ForeignKey("agency.id", ondelete="RESTRICT"), index=True
    )
    receiver: Mapped[PartyKind] = mapped_column(Word(PartyKind))
    receiver_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"))
    quantity: Mapped[int]
    happened_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    deed_line_id: Mapped[int | None] = mapped_column(ForeignKey("deed_line.id", ondelete="RESTRICT"))
    condition: Mapped[Condition] = mapped_column(Word(Condition))
    note: Mapped[str | None] = mapped_column(Text)
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    by_name: Mapped[str] = mapped_column(String(160))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    item: Mapped[Item | None] = relationship(back_populates="custody")
    lot: Mapped[Lot | None] = relationship(back_populates="custody")
    deed_line: Mapped[DeedLine | None] = relationship()
    giver_agency: Mapped[Agency | None] = relationship(foreign_keys=[giver_agency_id])
    receiver_agency: Mapped[Agency | None] = relationship(foreign_keys=[receiver_agency_id])

    @property
    def giving_party(self) -> Party:
        return Party(self.giver, self.giver_agency_id)

    @property
    def receiving_party(self) -> Party:
        return Party(self.receiver, self.receiver_agency_id)

    def as_entry(self) -> Entry:
        """Return the entry as the pure rules read it."""
        return Entry(
            chain=self.chain,
            seq=self.seq,
            kind=self.kind,
            giver=self.giving_party,
            receiver=self.receiving_party,
            quantity=self.quantity,
            happened_on=self.happened_on,
            recorded_at=self.recorded_at,
            deed_line_id=self.deed_line_id,
            condition=self.condition,
            note=self.note,
            by_user_id=self.by_user_id,
            by_name=self.by_name,
            previous_hash=self.previous_hash,
        )
