"""Certificates: a number for ever, versions frozen at issue, files never rendered again, and public states by two people."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Agency, Person, User
from curriculum.models import Cohort, Enrolment
from foundation.db import Model, Moment, Word
from foundation.tenancy import AgencyOwned


class CertificateActionKind(StrEnum):
    """What may be done to a certificate after issue, each by two people."""

    SUSPEND = "suspend"
    LIFT = "lift"
    REVOKE = "revoke"


class CertificateActionState(StrEnum):
    """An action is proposed, then approved or declined by somebody else."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


class Certificate(AgencyOwned, Model):
    """What one trainee earned in one cohort. Numbers run without gaps within a cohort and are never used again."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("enrolment_id"),
        UniqueConstraint("cohort_id", "sequence"),
    )
    number: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="RESTRICT"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="RESTRICT"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    cohort: Mapped[Cohort] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    person: Mapped[Person] = relationship()
    agency: Mapped[Agency] = relationship()
    versions: Mapped[list["CertificateVersion"]] = relationship(
        back_populates="certificate", order_by="CertificateVersion.version"
    )
    actions: Mapped[list["CertificateAction"]] = relationship(
        back_populates="certificate", order_by="CertificateAction.id"
    )

    @property
    def director_ids(self) -> frozenset[int]:
        return self.cohort.director_ids

    @property
    def current(self) -> "CertificateVersion":
        return self.versions[-1]


class CertificateVersion(AgencyOwned, Model):
    """The frozen content of one version: append-only. `code` is the random public code, `facts` all that is printed."""

    __tablename__ = "certificate_version"
    __table_args__ = (UniqueConstraint("code"), UniqueConstraint("certificate_id", "version"))
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id", ondelete="RESTRICT"))
    version: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    template_version: Mapped[str] = mapped_column(String(20))
    issued_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    frozen_at: Mapped[datetime] = mapped_column(Moment)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    certificate: Mapped[Certificate] = relationship(back_populates="versions")
    file: Mapped["CertificateFile | None"] = relationship(back_populates="version")


class CertificateFile(AgencyOwned, Model):
    """The sealed PDF of a version: where its bytes are and their SHA-256. Append-only, one for a version for ever."""

    __tablename__ = "certificate_file"
    __table_args__ = (UniqueConstraint("version_id"),)
    version_id: Mapped[int] = mapped_column(ForeignKey("certificate_version.id", ondelete="RESTRICT"))
    storage_key: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    sealed_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[CertificateVersion] = relationship(back_populates="file")


class CertificateAction(AgencyOwned, Model):
    """A suspension, its lifting, or a revocation: proposed by one, decided by another, with reasons kept."""

    __tablename__ = "certificate_action"
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[CertificateActionKind] = mapped_column(Word(CertificateActionKind))
    state: Mapped[CertificateActionState] = mapped_column(Word(CertificateActionState), index=True)
    reason: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    decision_note: Mapped[str | None] = mapped_column(Text)
    certificate: Mapped[Certificate] = relationship(back_populates="actions")
    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def person_id(self) -> int:
        return self.certificate.person_id

    @property
    def director_ids(self) -> frozenset[int]:
        return self.certificate.director_ids
