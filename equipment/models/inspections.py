"""Inspections: what was found when an item was checked, and until when that counts."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from equipment.ledger import Condition
from equipment.models.items import Item
from foundation.db import Model, Moment, Word


class InspectionResult(StrEnum):
    """Passed; passed with limits that are written down; failed."""

    PASS = "pass"  # noqa: S105 # a result, no password
    LIMITED = "limited"
    FAIL = "fail"


class Inspection(Model):
    """One check of one item: append-only. `valid_until` is the last day on which it counts, by the type's interval."""

    __tablename__ = "inspection"
    __table_args__ = (
        Index("ix_inspection_item_id_done_on", "item_id", "done_on"),
        CheckConstraint("result <> 'limited' OR limits IS NOT NULL", name="limits"),
    )
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    done_on: Mapped[date] = mapped_column(Date)
    result: Mapped[InspectionResult] = mapped_column(Word(InspectionResult))
    condition: Mapped[Condition] = mapped_column(Word(Condition))
    limits: Mapped[str | None] = mapped_column(Text)
    valid_until: Mapped[date | None] = mapped_column(Date, index=True)
    note: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    done_by_name: Mapped[str] = mapped_column(String(160))
    item: Mapped[Item] = relationship()
