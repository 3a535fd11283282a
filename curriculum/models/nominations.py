"""Nominations of an agency for a cohort, in rank order, and the gates between a nomination and a seat."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Agency, Person
from curriculum.models.cohorts import Cohort
from foundation.db import Model, Moment, Word
from foundation.tenancy import AgencyOwned


class NominationState(StrEnum):
    """Nominated, then a seat confirmed, or waiting for one, or withdrawn, or refused by name with a reason."""

    NOMINATED = "nominated"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class GateKind(StrEnum):
    """What must be cleared before a seat is confirmed."""

    MEDICAL = "medical"
    VETTING = "vetting"
    LANGUAGE = "language"
    DOCUMENT = "document"
    PREREQUISITE = "prerequisite"


class GateState(StrEnum):
    """How a gate stands."""

    OPEN = "open"
    CLEARED = "cleared"
    CLEARED_WITH_LIMITS = "cleared_with_limits"
    NOT_CLEARED = "not_cleared"
    WAIVED = "waived"


class Nomination(AgencyOwned, Model):
    """One person nominated by one agency for one cohort; `rank` 1 is the agency's first choice."""

    __tablename__ = "nomination"
    __table_args__ = (UniqueConstraint("cohort_id", "person_id"),)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    rank: Mapped[int]
    state: Mapped[NominationState] = mapped_column(Word(NominationState), index=True)
    note: Mapped[str | None] = mapped_column(Text)
    decided_reason: Mapped[str | None] = mapped_column(Text)
    nominated_at: Mapped[datetime] = mapped_column(Moment)
    nominated_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship()
    agency: Mapped[Agency] = relationship()
    gates: Mapped[list["Gate"]] = relationship(back_populates="nomination", order_by="Gate.id")

    @property
    def director_ids(self) -> frozenset[int]:
        return self.cohort.director_ids


class Gate(AgencyOwned, Model):
    """One gate of one nomination. A waiver or a clearance may end (`valid_until`, that day included); the limits are plain text.

    The reason of the medical gate is not here: it stands sealed in `MedicalReason`, read by the medical reviewer alone.
    """

    __tablename__ = "gate"
    __table_args__ = (UniqueConstraint("nomination_id", "kind"),)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id", ondelete="RESTRICT"))
    kind: Mapped[GateKind] = mapped_column(Word(GateKind), index=True)
    state: Mapped[GateState] = mapped_column(Word(GateState), index=True)
    reason: Mapped[str | None] = mapped_column(Text)
    limits: Mapped[str | None] = mapped_column(Text)
    valid_until: Mapped[date | None] = mapped_column(Date)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    nomination: Mapped[Nomination] = relationship(back_populates="gates")

    @property
    def person_id(self) -> int:
        return self.nomination.person_id

    @property
    def director_ids(self) -> frozenset[int]:
        return self.nomination.director_ids

    def is_passed(self, on: date) -> bool:
        """Return whether the gate lets the person through on a day."""
        passed = self.state in (GateState.CLEARED, GateState.CLEARED_WITH_LIMITS, GateState.WAIVED)
        return passed and (self.valid_until is None or on <= self.valid_until)


class MedicalReason(AgencyOwned, Model):
    """Why a medical gate was decided as it was, sealed with the field key; append-only, each reading is logged."""

    __tablename__ = "medical_reason"
    gate_id: Mapped[int] = mapped_column(ForeignKey("gate.id", ondelete="RESTRICT"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
