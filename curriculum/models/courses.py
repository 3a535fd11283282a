"""Courses and their numbered editions: what is taught, how it is assessed, what a certificate of it is worth."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from curriculum.schemes import AssessmentKind, Counting, Measure, Unit
from foundation.db import Model, Moment, Word


class EditionState(StrEnum):
    """An edition is drafted, then published and never edited again, then retired."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Course(Model):
    """A course under its code. `domain` is one of the catalogue's; `titles` and `summary` are {language: text}."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("code"),)
    code: Mapped[str] = mapped_column(String(30))
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    domain: Mapped[str] = mapped_column(String(20), index=True)
    level: Mapped[str | None] = mapped_column(String(40))
    delivery: Mapped[str | None] = mapped_column(String(120))
    summary: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    reference: Mapped[str | None] = mapped_column(Text)
    editions: Mapped[list["Edition"]] = relationship(back_populates="course", order_by="Edition.id")
    directors: Mapped[list["CourseDirector"]] = relationship(back_populates="course")

    @property
    def director_ids(self) -> frozenset[int]:
        return frozenset(row.user_id for row in self.directors)


class CourseDirector(Model):
    """A user who directs a course."""

    __tablename__ = "course_director"
    __table_args__ = (UniqueConstraint("course_id", "user_id"),)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="RESTRICT"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"), index=True)
    course: Mapped[Course] = relationship(back_populates="directors")


class Edition(Model):
    """A numbered version of a course's curriculum. `sessions_required` of the planned sessions must be attended.

    `validity_months` None: the certificate does not expire. `prerequisites` lists {"course": code, "in_date": bool}.
    """

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("course_id", "number"),)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(12))
    state: Mapped[EditionState] = mapped_column(Word(EditionState))
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    hours: Mapped[Decimal] = mapped_column(Numeric(6, 1))
    sessions_required: Mapped[int] = mapped_column(default=0)
    validity_months: Mapped[int | None]
    renewal_window_days: Mapped[int] = mapped_column(default=180)
    appeal_window_days: Mapped[int] = mapped_column(default=10)
    task_book_months: Mapped[int] = mapped_column(default=36)
    max_trainees: Mapped[int | None]
    trainees_per_instructor: Mapped[int | None]
    prerequisites: Mapped[list[Any]] = mapped_column(JSON, default=list)
    statement: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    course: Mapped[Course] = relationship(back_populates="editions", lazy="joined", innerjoin=True)
    sessions: Mapped[list["PlannedSession"]] = relationship(
        back_populates="edition", order_by="PlannedSession.position"
    )
    outcomes: Mapped[list["Outcome"]] = relationship(back_populates="edition", order_by="Outcome.position")
    assessments: Mapped[list["Assessment"]] = relationship(
        back_populates="edition", order_by="Assessment.position"
    )

    @property
    def director_ids(self) -> frozenset[int]:
        return self.course.director_ids


class PlannedSession(Model):
    """A half day of an edition: its place in the order, its day (1 is the first), morning ('am') or afternoon ('pm')."""

    __tablename__ = "planned_session"
    __table_args__ = (UniqueConstraint("edition_id", "position"),)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    position: Mapped[int]
    day: Mapped[int]
    half: Mapped[str] = mapped_column(String(2))
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    hours: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    edition: Mapped[Edition] = relationship(back_populates="sessions")


class Outcome(Model):
    """What a trainee can do afterwards, as printed on the certificate."""

    __tablename__ = "outcome"
    __table_args__ = (UniqueConstraint("edition_id", "position"),)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    position: Mapped[int]
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    edition: Mapped[Edition] = relationship(back_populates="outcomes")


class Assessment(Model):
    """One instrument of an edition. `pass_mark` is a percentage; `scale` lists the levels an item may be marked with.

    `scale` entries: {"value": 2, "label": {language: label}, "share": "0.5", "fails_critical": true}; shares from 0 to 1 of an
    item's weight. The digit 0 is never a level: it means "not observed".
    """

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("edition_id", "code"),
        CheckConstraint("max_attempts >= 1", name="attempts"),
    )
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    kind: Mapped[AssessmentKind] = mapped_column(Word(AssessmentKind))
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    pass_mark: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    max_attempts: Mapped[int] = mapped_column(default=2)
    retake_wait_days: Mapped[int] = mapped_column(default=0)
    other_evaluator_on_retake: Mapped[bool] = mapped_column(default=False)
    counting: Mapped[Counting] = mapped_column(Word(Counting), default=Counting.BEST)
    scale: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    note_required_on_fail: Mapped[bool] = mapped_column(default=True)
    questions: Mapped[int | None]
    edition: Mapped[Edition] = relationship(back_populates="assessments")
    items: Mapped[list["AssessmentItem"]] = relationship(
        back_populates="assessment", order_by="AssessmentItem.position"
    )


class AssessmentItem(Model):
    """One observable item of an assessment; failing a critical one fails the attempt whatever the score.

    `measure` says how it is marked (`curriculum.schemes`); `at_least`, `at_most` and `unit` belong to bounded items alone.
    """

    __tablename__ = "assessment_item"
    __table_args__ = (UniqueConstraint("assessment_id", "code"),)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    weight: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    critical: Mapped[bool] = mapped_column(default=False)
    measure: Mapped[Measure] = mapped_column(Word(Measure), default=Measure.LEVEL)
    at_least: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    at_most: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    unit: Mapped[Unit | None] = mapped_column(Word(Unit))
    assessment: Mapped[Assessment] = relationship(back_populates="items")
