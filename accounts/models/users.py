"""Users, the roles they hold, and their signed-in sessions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models.agencies import Agency
from accounts.models.persons import Person
from accounts.permissions import Role, is_granted
from foundation.db import Model, Moment, Word


class User(Model):
    """Somebody who can sign in. Officers and trainees belong to an agency; a trainee's account names his person.

    `credential_version` rises when the password changes, which ends every link and session made before. A service
    user (`is_service`) is what a token of the API acts as: it has no password, gets no mail and never signs in.
    """

    __tablename__ = "app_user"
    __table_args__ = (UniqueConstraint("email"),)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(160))
    native_name: Mapped[str | None] = mapped_column(String(160))
    function: Mapped[str | None] = mapped_column(String(160))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    credential_version: Mapped[int] = mapped_column(default=1)
    language: Mapped[str] = mapped_column(String(2), default="en")
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id", ondelete="RESTRICT"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    invited_at: Mapped[datetime | None] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    is_service: Mapped[bool] = mapped_column(default=False, server_default=false())
    agency: Mapped[Agency | None] = relationship()
    person: Mapped[Person | None] = relationship()
    role_rows: Mapped[list["UserRole"]] = relationship(
        back_populates="user", cascade="all, delete-orphan", lazy="selectin"
    )

    is_authenticated = True

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(row.role) for row in self.role_rows)

    def has(self, *roles: Role) -> bool:
        """Return whether the user holds any of these roles."""
        return not self.roles.isdisjoint(roles)

    def may(self, permission: StrEnum, subject: Any = None) -> bool:
        """Ask the permission table. Serves decorators, templates and the API alike."""
        return self.disabled_at is None and is_granted(self, permission, subject)


class UserRole(Model):
    """One role of one user."""

    __tablename__ = "user_role"
    __table_args__ = (UniqueConstraint("user_id", "role"),)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    role: Mapped[Role] = mapped_column(Word(Role))
    user: Mapped[User] = relationship(back_populates="role_rows")


class UserSession(Model):
    """One signed-in browser. The token is kept as its hash alone; ending a session takes effect at the next request."""

    __tablename__ = "user_session"
    __table_args__ = (UniqueConstraint("token_hash"),)
    token_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"), index=True)
    credential_version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    user_agent: Mapped[str | None] = mapped_column(String(200))
    network: Mapped[str | None] = mapped_column(String(60))
    user: Mapped[User] = relationship(lazy="joined")
