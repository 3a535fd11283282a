"""Attempts and marks. A signed attempt is frozen; every value ever entered stays in the operations."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from curriculum.models.courses import Assessment, AssessmentItem
from curriculum.models.enrolments import Enrolment
from foundation.db import Model, Moment, Word
from foundation.tenancy import AgencyOwned


class AttemptState(StrEnum):
    """A sheet is a draft while marks are entered, then signed and locked."""

    DRAFT = "draft"
    SIGNED = "signed"


class Attempt(AgencyOwned, Model):
    """One try of one trainee at one assessment: the sheet an evaluator fills and signs.

    `score_percent`, `outcome` ('competent', 'not_yet_competent') and `failed_critical` are written at signing by the pure rules.
    The marks are decimals by item; a written paper has one item, its percentage.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "assessment_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"), index=True)
    number: Mapped[int]
    state: Mapped[AttemptState] = mapped_column(Word(AttemptState))
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"), index=True)
    observed_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Moment)
    signed_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    outcome: Mapped[str | None] = mapped_column(String(20))
    score_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    content_hash: Mapped[str | None] = mapped_column(String(64))
    enrolment: Mapped[Enrolment] = relationship()
    assessment: Mapped[Assessment] = relationship()
    evaluator: Mapped[User] = relationship(foreign_keys=[evaluator_id])
    marks: Mapped[list["Mark"]] = relationship(back_populates="attempt")

    @property
    def person_id(self) -> int:
        return self.enrolment.person_id

    @property
    def instructor_ids(self) -> frozenset[int]:
        return self.enrolment.instructor_ids

    @property
    def lead_ids(self) -> frozenset[int]:
        return self.enrolment.lead_ids

    @property
    def director_ids(self) -> frozenset[int]:
        return self.enrolment.director_ids


class Mark(AgencyOwned, Model):
    """The value in force for one item of an attempt; `version` rises with every operation that changed it."""

    __tablename__ = "mark"
    __table_args__ = (UniqueConstraint("attempt_id", "item_id"),)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("assessment_item.id", ondelete="RESTRICT"))
    value: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    version: Mapped[int] = mapped_column(default=1)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    attempt: Mapped[Attempt] = relationship(back_populates="marks")
    item: Mapped[AssessmentItem] = relationship()


class MarkOperation(AgencyOwned, Model):
    """One value as it was entered, once for ever. `uuid` comes from the device: the same operation twice is stored once.

    `value` None clears the mark. `outcome` is 'applied', 'repeated' or 'conflict'; a conflict leaves the mark in force untouched.
    """

    __tablename__ = "mark_operation"
    __table_args__ = (UniqueConstraint("uuid"),)
    uuid: Mapped[str] = mapped_column(String(36))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="RESTRICT"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("assessment_item.id", ondelete="RESTRICT"))
    value: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    base_version: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(12))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class EvaluatorQualification(Model):
    """An instructor's licence to evaluate a course, from and until when (both days included)."""

    __tablename__ = "evaluator_qualification"
    __table_args__ = (UniqueConstraint("user_id", "course_id", "starts_on"),)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="RESTRICT"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    reference: Mapped[str | None] = mapped_column(String(120))
