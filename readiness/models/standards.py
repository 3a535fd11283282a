"""Readiness standards, and their editions exactly as they were read: a figure that changed is a new edition, never a changed one."""

from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Model, Moment
from readiness.plain import read_document
from readiness.standards.data import StandardDefinition


class Standard(Model):
    """A standard under its code, e.g. insarag-usar-medium. `domain` is medical, usar or cyber."""

    __tablename__ = "standard"
    __table_args__ = (UniqueConstraint("code"),)
    code: Mapped[str] = mapped_column(String(60))
    domain: Mapped[str] = mapped_column(String(20), index=True)
    editions: Mapped[list["StandardEdition"]] = relationship(
        back_populates="standard", order_by="StandardEdition.number"
    )

    @property
    def current(self) -> "StandardEdition":
        """The newest edition."""
        return self.editions[-1]


class StandardEdition(Model):
    """One edition as it was read: append-only. `number` counts the editions of a standard from 1; `content` is the definition."""

    __tablename__ = "standard_edition"
    __table_args__ = (UniqueConstraint("standard_id", "number"), UniqueConstraint("standard_id", "sha256"))
    standard_id: Mapped[int] = mapped_column(ForeignKey("standard.id", ondelete="RESTRICT"))
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(60))
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    headcount: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime] = mapped_column(Moment)
    standard: Mapped[Standard] = relationship(back_populates="editions", lazy="joined", innerjoin=True)

    @cached_property
    def definition(self) -> StandardDefinition:
        """The standard as frozen values."""
        return read_document(StandardDefinition, self.content)
