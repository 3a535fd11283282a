"""Snapshots: a team's readiness as it was reported, frozen with all its figures, and the reports that were printed from it."""

from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Agency, User
from foundation.db import Model, Moment
from foundation.tenancy import AgencyOwned
from readiness.assessment import Assessment
from readiness.models.standards import StandardEdition
from readiness.models.teams import Team
from readiness.plain import read_document


class Snapshot(AgencyOwned, Model):
    """An assessment as it was known at a moment: append-only. Numbers run without gaps within a year: S-2026-0001.

    `as_of` is the day it speaks of, `known_at` when it was made; `level` None: not known. `sha256` is that of the content as
    canonical JSON, and its first eight digits are the check code on the report.
    """

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("number"), UniqueConstraint("year", "sequence"))
    number: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    sequence: Mapped[int]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="RESTRICT"), index=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("standard_edition.id", ondelete="RESTRICT"))
    as_of: Mapped[date] = mapped_column(Date)
    known_at: Mapped[datetime] = mapped_column(Moment)
    level: Mapped[int | None]
    content: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    agency: Mapped[Agency] = relationship()
    team: Mapped[Team] = relationship()
    edition: Mapped[StandardEdition] = relationship()
    made_by: Mapped[User | None] = relationship()
    files: Mapped[list["SnapshotFile"]] = relationship(
        back_populates="snapshot", order_by="SnapshotFile.language"
    )

    @cached_property
    def assessment(self) -> Assessment:
        """What was assessed, as frozen values."""
        return read_document(Assessment, self.content)

    @property
    def check_code(self) -> str:
        """Eight digits of the content's hash, printed on the report."""
        return self.sha256[:8].upper()


class SnapshotFile(AgencyOwned, Model):
    """The report of a snapshot in one language: where its bytes are and their SHA-256. Append-only, one for a language for ever."""

    __tablename__ = "snapshot_file"
    __table_args__ = (UniqueConstraint("snapshot_id", "language"),)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshot.id", ondelete="RESTRICT"))
    language: Mapped[str] = mapped_column(String(5))
    storage_key: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Moment)
    snapshot: Mapped[Snapshot] = relationship(back_populates="files")
