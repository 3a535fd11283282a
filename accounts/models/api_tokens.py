"""Tokens with which an agency's own system calls the API."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models.agencies import Agency
from accounts.models.users import User
from foundation.db import Model, Moment
from foundation.tenancy import AgencyOwned


class ApiScope(StrEnum):
    """What a token may be used for; what it may do then is decided by the permission table, as for an officer."""

    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    NOMINATIONS_READ = "nominations:read"
    NOMINATIONS_WRITE = "nominations:write"
    CERTIFICATES_READ = "certificates:read"
    EQUIPMENT_READ = "equipment:read"
    READINESS_READ = "readiness:read"


class ApiToken(AgencyOwned, Model):
    """One token of one agency: its hash alone, and `prefix`, by which people tell it from others.

    It acts as a user of its own (`user`), so that permissions, sight and the audit trail are those of an officer.
    """

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("token_hash"), UniqueConstraint("user_id"))
    label: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(12))
    token_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    expires_on: Mapped[date] = mapped_column(Date)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    agency: Mapped[Agency] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])

    def is_valid(self, on: date) -> bool:
        """Return whether the token opens anything on a day; the last day is included."""
        return self.revoked_at is None and on <= self.expires_on and self.user.disabled_at is None
