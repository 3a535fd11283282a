"""Enrolments: a person with a confirmed seat, a trainee of the cohort."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Agency, Person
from curriculum.models.cohorts import Cohort
from curriculum.models.nominations import Nomination
from foundation.db import Model, Moment, Word
from foundation.tenancy import AgencyOwned


class EnrolmentState(StrEnum):
    """A trainee is enrolled; or never came; or left (and may rejoin); or his nomination was withdrawn before."""

    ENROLLED = "enrolled"
    NO_SHOW = "no_show"
    LEFT = "left"
    WITHDRAWN = "withdrawn"


class Enrolment(AgencyOwned, Model):
    """One trainee of one cohort; `number` is what stands on his vest and on the grid."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("cohort_id", "person_id"),
        UniqueConstraint("cohort_id", "number"),
        UniqueConstraint("nomination_id"),
    )
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id", ondelete="RESTRICT"))
    number: Mapped[int]
    state: Mapped[EnrolmentState] = mapped_column(Word(EnrolmentState))
    state_reason: Mapped[str | None] = mapped_column(Text)
    enrolled_at: Mapped[datetime] = mapped_column(Moment)
    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship()
    nomination: Mapped[Nomination] = relationship()
    agency: Mapped[Agency] = relationship()

    @property
    def director_ids(self) -> frozenset[int]:
        return self.cohort.director_ids

    @property
    def instructor_ids(self) -> frozenset[int]:
        return self.cohort.instructor_ids

    @property
    def lead_ids(self) -> frozenset[int]:
        return self.cohort.lead_ids
