"""What a person holds from elsewhere: a licence, an equivalence, prior learning; dated, bound to one course, revocable."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Person, User
from curriculum.models.courses import Course
from foundation.db import Model, Moment, Word


class QualificationKind(StrEnum):
    """On what ground a person counts as holding a course that he did not take here."""

    LICENCE = "licence"
    EQUIVALENCE = "equivalence"
    PRIOR_LEARNING = "prior_learning"


class RecordedQualification(Model):
    """A qualification on paper from elsewhere; both days included, `ends_on` None: without end.

    It belongs to the person and to no agency. It is never edited: a wrong one is revoked, with the reason, and recorded anew.
    `paper_key` is where the uploaded paper is kept.
    """

    __tablename__ = "recorded_qualification"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revocation"),
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[QualificationKind] = mapped_column(Word(QualificationKind))
    issuer: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    paper_key: Mapped[str | None] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    revoked_reason: Mapped[str | None] = mapped_column(Text)
    person: Mapped[Person] = relationship()
    course: Mapped[Course] = relationship(lazy="joined", innerjoin=True)
    recorded_by: Mapped[User] = relationship(foreign_keys=[recorded_by_id])
    revoked_by: Mapped[User | None] = relationship(foreign_keys=[revoked_by_id])

    @property
    def agency_ids(self) -> frozenset[int]:
        """The agencies of the person: their officers may see what he holds."""
        return self.person.agency_ids

    @property
    def director_ids(self) -> frozenset[int]:
        return self.course.director_ids
