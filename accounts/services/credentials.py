"""Passwords in use: who may enter with one, and how one is set by a link or by its owner.

Hashing takes tens of milliseconds of CPU on purpose. It is done between a reading and a writing transaction, never inside
one: on SQLite every other writer would wait. The functions here therefore end the transaction they find, and are called
first in a request.
"""

from dataclasses import dataclass

from sqlalchemy import select

from accounts import passwords, throttles, tokens
from accounts.demo.accounts import DEMO_PASSWORD
from accounts.models import User, UserSession
from accounts.sessions import end_all_sessions
from foundation import access, audit
from foundation.db import db, reading
from foundation.errors import DomainError
from foundation.i18n import _

SIGN_IN_TRIED = "sign_in_tried"
SIGNED_IN = "signed_in"
RESET_ASKED = "reset_asked"


class SignInFailed(DomainError):
    """Address and password do not belong together; which of them is wrong is never said."""


class WrongPassword(DomainError):
    """The present password was asked for and another was typed."""


@dataclass(frozen=True)
class _Known:
    id: int
    password_hash: str | None
    disabled: bool


def sign_in(email: str, password: str, *, demo_allowed: bool) -> User:
    """Return the user whose address and password these are.

    Unknown address, wrong password, disabled account and an invitation not yet accepted are one answer in one time. The
    password of the demonstration opens nothing unless `demo_allowed`. Raises SignInFailed, TooMany.
    """
    key = throttles.address_key(email)
    with reading():
        throttles.refuse_too_fast(SIGN_IN_TRIED, key=key, forgiven_by=SIGNED_IN)
        known = _find_known(email)
    throttles.remember_try(SIGN_IN_TRIED, key=key)
    fits = passwords.is_password(password, known.password_hash if known else None)
    if known is None or not fits or known.disabled or (password == DEMO_PASSWORD and not demo_allowed):
        raise SignInFailed(_("This address and password do not belong together. Check both and try again."))
    user = db.session.get_one(User, known.id)
    access.log_access(SIGNED_IN, detail=key, user_id=user.id)
    return user


def find_user_by_email(email: str) -> User | None:
    """Return the user of an address in any case, or None."""
    return db.session.execute(select(User).where(User.email == tidy_email(email))).scalar_one_or_none()


def tidy_email(email: str) -> str:
    """Return an address as it is kept: without surrounding space, in small letters."""
    return email.strip().casefold()


def set_password_by_link(token: str, *, purpose: tokens.LinkPurpose, password: str) -> User:
    """Set the password of the user a link was sent to, which spends the link and ends every session.

    Raises LinkSpent, WeakPassword.
    """
    with reading():
        user = tokens.user_of_token(token, purpose)
        about = (user.name, user.email)
    passwords.refuse_weak(password, about=about)
    password_hash = passwords.hash_password(password)
    user = tokens.user_of_token(token, purpose, lock=True)
    _set_password(user, password_hash)
    action = "user:invitation_accepted" if purpose is tokens.LinkPurpose.INVITATION else "user:password_reset"
    audit.record(action, user, actor=user)
    return user


def change_own_password(
    user: User, *, present: str, password: str, here: UserSession | None, demo_locked: bool = False
) -> None:
    """Change a user's password on his own wish; every session but the one at hand (`here`) ends.

    Raises WrongPassword (field `present`), WeakPassword (field `password`), TooMany.
    """
    if demo_locked:
        raise DomainError(_("The accounts of the demonstration keep their password."), field="password")
    key = throttles.address_key(user.email)
    with reading():
        throttles.refuse_too_fast(SIGN_IN_TRIED, key=key, forgiven_by=SIGNED_IN)
        present_hash, about = user.password_hash, (user.name, user.email)
    if not passwords.is_password(present, present_hash):
        throttles.remember_try(SIGN_IN_TRIED, key=key)
        raise WrongPassword(_("This is not your present password."), field="present")
    passwords.refuse_weak(password, about=about)
    password_hash = passwords.hash_password(password)
    _set_password(user, password_hash, but=here)
    if here is not None:
        here.credential_version = user.credential_version
    audit.record("user:password_changed", user, actor=user)


def open_demo_account(user: User, *, password_hash: str) -> None:
    """Accept the invitation of an account of the demonstration with the hash of the password all of them share.

    The rules for passwords are left out on purpose: `sign_in` refuses this one wherever the demonstration is not allowed.
    """
    _set_password(user, password_hash)
    audit.record("user:invitation_accepted", user, actor=user)


def _set_password(user: User, password_hash: str, *, but: UserSession | None = None) -> None:
    user.password_hash = password_hash
    user.credential_version += 1
    end_all_sessions(user, but=but)


def _find_known(email: str) -> _Known | None:
    row = db.session.execute(
        select(User.id, User.password_hash, User.disabled_at, User.is_service).where(
            User.email == tidy_email(email)
        )
    ).first()
    return _Known(row.id, row.password_hash, row.disabled_at is not None or row.is_service) if row else None
