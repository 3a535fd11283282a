"""Approvals of a cohort's certification: by the course director and by the certifying official, two different people."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import User
from curriculum.models import Cohort
from foundation.db import Model, Moment, Word


class ApprovalKind(StrEnum):
    """In which capacity somebody approves."""

    DIRECTOR = "director"
    OFFICIAL = "official"


class Approval(Model):
    """One approval of exactly the list of eligible trainees whose digest it carries.

    When a record changes afterwards the digest no longer fits, and the list must be approved again.
    """

    __tablename__ = "approval"
    __table_args__ = (UniqueConstraint("cohort_id", "kind", "digest"),)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    kind: Mapped[ApprovalKind] = mapped_column(Word(ApprovalKind))
    digest: Mapped[str] = mapped_column(String(64))
    eligible: Mapped[int]
    approved_at: Mapped[datetime] = mapped_column(Moment)
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    cohort: Mapped[Cohort] = relationship()
    approved_by: Mapped[User] = relationship()
