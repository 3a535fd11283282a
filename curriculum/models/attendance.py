"""Attendance: one row for a trainee and a session, with a reason when it is not plain presence."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from curriculum.models.cohorts import CohortSession
from curriculum.models.enrolments import Enrolment
from curriculum.schemes import Presence
from foundation.db import Model, Moment, Word
from foundation.tenancy import AgencyOwned


class Attendance(AgencyOwned, Model):
    """How a trainee stood to one session. A made-up session says when and with whom in `reason`."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("enrolment_id", "cohort_session_id"),)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    cohort_session_id: Mapped[int] = mapped_column(
        ForeignKey("cohort_session.id", ondelete="RESTRICT"), index=True
    )
    presence: Mapped[Presence] = mapped_column(Word(Presence))
    reason: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    enrolment: Mapped[Enrolment] = relationship()
    session: Mapped[CohortSession] = relationship()
