"""Teams of partner agencies: who is in them, which items are theirs, what they exercised and what they can show; all dated."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Agency, Person
from equipment.models import Item
from foundation.db import Model, Moment, Word
from foundation.tenancy import AgencyOwned
from readiness.models.standards import Standard, StandardEdition
from readiness.standards.data import ExerciseKind


class EvidenceState(StrEnum):
    """What evidence shows of a requirement."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


class Team(AgencyOwned, Model):
    """A team under its code. `names` is {language: name}, English included; it is measured against `edition` unless asked otherwise."""

    __tablename__ = "team"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("closed_on IS NULL OR closed_on >= formed_on", name="period"),
    )
    code: Mapped[str] = mapped_column(String(30))
    names: Mapped[dict[str, str]] = mapped_column(JSON)
    domain: Mapped[str] = mapped_column(String(20))
    edition_id: Mapped[int] = mapped_column(ForeignKey("standard_edition.id", ondelete="RESTRICT"))
    formed_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date, index=True)
    agency: Mapped[Agency] = relationship()
    edition: Mapped[StandardEdition] = relationship()


class TeamMember(AgencyOwned, Model):
    """A person's time in a team, both days included; `ends_on` empty: still in it. Somebody may be in two teams."""

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("team_id", "person_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        Index(
            "uq_team_member_team_id_person_id_open",
            "team_id",
            "person_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
    )
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    team: Mapped[Team] = relationship()
    person: Mapped[Person] = relationship()


class TeamItem(AgencyOwned, Model):
    """An item's time with a team, both days included; it counts for one team at a time."""

    __tablename__ = "team_item"
    __table_args__ = (
        UniqueConstraint("team_id", "item_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        Index(
            "uq_team_item_item_id_open",
            "item_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
    )
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    team: Mapped[Team] = relationship()
    item: Mapped[Item] = relationship()


class TeamExercise(AgencyOwned, Model):
    """An exercise that a team held. One recorded in error is withdrawn with a reason, and counts for nothing from then on."""

    __tablename__ = "team_exercise"
    __table_args__ = (
        CheckConstraint("hours > 0", name="hours"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawal"),
    )
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[ExerciseKind] = mapped_column(Word(ExerciseKind))
    held_on: Mapped[date] = mapped_column(Date)
    hours: Mapped[Decimal] = mapped_column(Numeric(5, 1))
    accepted: Mapped[bool]
    note: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)
    team: Mapped[Team] = relationship()


class TeamEvidence(AgencyOwned, Model):
    """What was shown for one line of a standard's checklist on a day. The latest counts; what it replaces stays to be read."""

    __tablename__ = "team_evidence"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= dated_on", name="period"),
        Index("ix_team_evidence_team_id_standard_id", "team_id", "standard_id"),
    )
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"))
    standard_id: Mapped[int] = mapped_column(ForeignKey("standard.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(30))
    state: Mapped[EvidenceState] = mapped_column(Word(EvidenceState))
    dated_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    team: Mapped[Team] = relationship()
    standard: Mapped[Standard] = relationship()
