"""Persons, kept once each, with three governed names, and their dated affiliations with agencies."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models.agencies import Agency
from foundation.db import Model, Moment, Word
from foundation.tenancy import AgencyOwned


class DocumentType(StrEnum):
    """The identity documents an import sheet may name."""

    PASSPORT = "passport"
    NATIONAL_ID = "national_id"
    OTHER = "other"


class NameKind(StrEnum):
    """The three governed names of a person."""

    NATIVE = "native"
    PASSPORT = "passport"
    CERTIFICATE = "certificate"


class Person(Model):
    """One human being. Latin names as in the passport; family or given may be empty (one-word names), never both.

    `folded_latin` and `folded_native` are search keys made by `accounts.names`; `document_number_sealed` is encrypted with the
    field key, and `document_key` is a keyed hash of type, issuer and number by which the same document is recognised.
    """

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("public_ref"),
        UniqueConstraint("document_key"),
        Index("ix_person_birth_date_folded_latin", "birth_date", "folded_latin"),
    )
    public_ref: Mapped[str] = mapped_column(String(26))
    family_name: Mapped[str] = mapped_column(String(120), default="")
    given_names: Mapped[str] = mapped_column(String(120), default="")
    native_name: Mapped[str | None] = mapped_column(String(200))
    certificate_name: Mapped[str | None] = mapped_column(String(200))
    folded_latin: Mapped[str] = mapped_column(String(260), index=True)
    folded_native: Mapped[str | None] = mapped_column(String(260), index=True)
    birth_date: Mapped[date] = mapped_column(Date)
    nationality: Mapped[str | None] = mapped_column(String(2))
    document_type: Mapped[DocumentType | None] = mapped_column(Word(DocumentType))
    document_issuer: Mapped[str | None] = mapped_column(String(2))
    document_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    document_key: Mapped[str | None] = mapped_column(String(64))
    document_expires_on: Mapped[date | None] = mapped_column(Date)
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(40))
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    rank: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Moment)
    affiliations: Mapped[list["Affiliation"]] = relationship(back_populates="person")
    names: Mapped[list["PersonName"]] = relationship(back_populates="person", order_by="PersonName.id")

    @property
    def agency_ids(self) -> frozenset[int]:
        """The agencies this person serves or served, as far as they are in sight."""
        return frozenset(affiliation.agency_id for affiliation in self.affiliations)

    @property
    def person_id(self) -> int:
        """Itself: rules about persons ask every subject for its `person_id`."""
        return self.id

    @property
    def latin_name(self) -> str:
        """The passport name in reading order: given names, then family name."""
        return f"{self.given_names} {self.family_name}".strip()

    @property
    def name_for_certificate(self) -> str:
        """The name to print: the certificate spelling when there is one, else the passport's."""
        return self.certificate_name or self.latin_name


class PersonName(Model):
    """One value a governed name once had: append-only history."""

    __tablename__ = "person_name"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[NameKind] = mapped_column(Word(NameKind))
    value: Mapped[str] = mapped_column(String(260))
    since: Mapped[datetime] = mapped_column(Moment)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    reason: Mapped[str | None] = mapped_column(String(300))
    person: Mapped[Person] = relationship(back_populates="names")


class Affiliation(AgencyOwned, Model):
    """A person's time in an agency; several at once are allowed. `ends_on` empty: still there."""

    __tablename__ = "affiliation"
    __table_args__ = (UniqueConstraint("agency_id", "person_id", "starts_on"),)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    person: Mapped[Person] = relationship(back_populates="affiliations")
    agency: Mapped[Agency] = relationship()
