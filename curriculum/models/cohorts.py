"""Cohorts: one delivery of an edition, its sessions on real days, and the staff posted to it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from curriculum.models.courses import Edition, PlannedSession
from foundation.db import Model, Moment, Word


class CohortState(StrEnum):
    """A cohort is open for nomination, then its seats are confirmed, then it runs, then it is closed."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    RUNNING = "running"
    CLOSED = "closed"


class PostingRole(StrEnum):
    """What an instructor is posted as."""

    LEAD = "lead"
    INSTRUCTOR = "instructor"


class Cohort(Model):
    """One delivery of an edition, e.g. MCM-201/7. It keeps its edition; `certificate_stem` MCM201-7 begins its numbers."""

    __tablename__ = "cohort"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("edition_id", "number"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("seats > 0", name="seats"),
    )
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    starts_on: Mapped[date] = mapped_column(Date, index=True)
    ends_on: Mapped[date] = mapped_column(Date)
    nominations_close_on: Mapped[date | None] = mapped_column(Date)
    seats: Mapped[int]
    venue: Mapped[dict[str, str]] = mapped_column(JSON)
    country: Mapped[str] = mapped_column(String(2))
    languages: Mapped[list[str]] = mapped_column(JSON)
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    state: Mapped[CohortState] = mapped_column(Word(CohortState), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    edition: Mapped[Edition] = relationship(lazy="joined", innerjoin=True)
    sessions: Mapped[list["CohortSession"]] = relationship(
        back_populates="cohort", order_by="CohortSession.position"
    )
    postings: Mapped[list["Posting"]] = relationship(back_populates="cohort")

    @property
    def certificate_stem(self) -> str:
        return f"{self.edition.course.code.replace('-', '')}-{self.number}"

    @property
    def director_ids(self) -> frozenset[int]:
        return self.edition.course.director_ids

    @property
    def instructor_ids(self) -> frozenset[int]:
        """Everybody posted to the cohort, the lead included."""
        return frozenset(posting.user_id for posting in self.postings)

    @property
    def lead_ids(self) -> frozenset[int]:
        return frozenset(posting.user_id for posting in self.postings if posting.role == PostingRole.LEAD)


class CohortSession(Model):
    """One session of a cohort on a real day. A make-up session names the trainees it is for by their attendance."""

    __tablename__ = "cohort_session"
    __table_args__ = (UniqueConstraint("cohort_id", "position"),)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    planned_session_id: Mapped[int | None] = mapped_column(
        ForeignKey("planned_session.id", ondelete="RESTRICT")
    )
    position: Mapped[int]
    on: Mapped[date] = mapped_column(Date)
    half: Mapped[str] = mapped_column(String(2))
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    hours: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    cohort: Mapped[Cohort] = relationship(back_populates="sessions")
    planned: Mapped[PlannedSession | None] = relationship()


class Posting(Model):
    """An instructor posted to a cohort."""

    __tablename__ = "posting"
    __table_args__ = (UniqueConstraint("cohort_id", "user_id"),)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"), index=True)
    role: Mapped[PostingRole] = mapped_column(Word(PostingRole))
    cohort: Mapped[Cohort] = relationship(back_populates="postings")
    user: Mapped[User] = relationship()
