"""Partner agencies, and the agreements under which they send people."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Model, Moment, Word


class AgencyKind(StrEnum):
    """What a partner organisation is."""

    CIVIL_PROTECTION = "civil_protection"
    FIRE_AND_RESCUE = "fire_and_rescue"
    HOSPITAL = "hospital"
    HEALTH_MINISTRY = "health_ministry"
    CYBER_CENTRE = "cyber_centre"
    RED_CROSS_CRESCENT = "red_cross_crescent"
    OTHER = "other"


class Agency(Model):
    """A partner organisation. `names` is {language: name}; the English one is always there."""

    __tablename__ = "agency"
    __table_args__ = (UniqueConstraint("code"),)
    code: Mapped[str] = mapped_column(String(20))
    names: Mapped[dict[str, str]] = mapped_column(JSON)
    country: Mapped[str] = mapped_column(String(2))
    kind: Mapped[AgencyKind] = mapped_column(Word(AgencyKind))
    contact_name: Mapped[str | None] = mapped_column(String(120))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    contact_phone: Mapped[str | None] = mapped_column(String(40))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    agreements: Mapped[list["Agreement"]] = relationship(
        back_populates="agency", order_by="Agreement.starts_on.desc()"
    )


class Agreement(Model):
    """What host and agency signed: which domains, how many seats a year, from when until when (both days included)."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("seats_per_year >= 0", name="seats"),
    )
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"), index=True)
    reference: Mapped[str] = mapped_column(String(60))
    domains: Mapped[list[str]] = mapped_column(JSON)
    seats_per_year: Mapped[int]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    agency: Mapped[Agency] = relationship(back_populates="agreements")

    def covers(self, domain: str, on: date) -> bool:
        """Return whether the agreement is in force on a day for a domain ('common' courses are always in scope)."""
        return self.starts_on <= on <= self.ends_on and (domain in self.domains or domain == "common")
