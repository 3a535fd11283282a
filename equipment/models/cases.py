"""Cases: an item reported damaged, lost, stolen or destroyed, and what was decided about it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Agency, User
from equipment.ledger import Condition
from equipment.models.deeds import DeedLine
from equipment.models.items import Item
from foundation.db import Model, Moment, Word


class CaseKind(StrEnum):
    """What happened to an item."""

    DAMAGED = "damaged"
    LOST = "lost"
    STOLEN = "stolen"
    DESTROYED = "destroyed"


class CaseState(StrEnum):
    """A case is open until it is decided."""

    OPEN = "open"
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """How a case ended; only what is written off leaves the books."""

    REPAIRED = "repaired"
    FOUND = "found"
    UNFOUNDED = "unfounded"
    WRITTEN_OFF = "written_off"


class EquipmentCase(Model):
    """One report about one item, which does not count from `found_on` until the case is closed; an item has one open case at most.

    `agency_id` is whoever held the item then, empty for the host's own store; `photos` are {key, sha256, size, type} of stored
    files; `deed_line_id` names the line of a deed on which it came to light. `condition_after` is the condition decided at the end.
    """

    __tablename__ = "equipment_case"
    __table_args__ = (
        Index(
            "uq_equipment_case_open",
            "item_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"), index=True)
    deed_line_id: Mapped[int | None] = mapped_column(ForeignKey("deed_line.id", ondelete="RESTRICT"))
    kind: Mapped[CaseKind] = mapped_column(Word(CaseKind))
    state: Mapped[CaseState] = mapped_column(Word(CaseState), index=True)
    found_on: Mapped[date] = mapped_column(Date)
    circumstances: Mapped[str] = mapped_column(Text)
    photos: Mapped[list[dict[str, str | int]]] = mapped_column(JSON, default=list)
    reported_at: Mapped[datetime] = mapped_column(Moment)
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    reported_by_name: Mapped[str] = mapped_column(String(160))
    closed_on: Mapped[date | None] = mapped_column(Date)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[CaseOutcome | None] = mapped_column(Word(CaseOutcome))
    condition_after: Mapped[Condition | None] = mapped_column(Word(Condition))
    decision_note: Mapped[str | None] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    item: Mapped[Item] = relationship()
    agency: Mapped[Agency | None] = relationship()
    deed_line: Mapped[DeedLine | None] = relationship()
    reported_by: Mapped[User | None] = relationship(foreign_keys=[reported_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
