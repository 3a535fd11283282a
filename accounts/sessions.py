"""Signed-in sessions, kept on the server: the browser holds a random token, the database its hash.

A session ends after an hour of rest, after twelve hours in all, when its user is disabled, changes his password or ends it
from another device; each takes effect at the next request.
"""

import hashlib
import secrets
from datetime import timedelta

from flask import Flask, g, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_login.mixins import UserMixin
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import joinedload

from accounts import bearer
from accounts.models import User, UserSession
from accounts.scopes import scope_for
from foundation import access, clock
from foundation.api.problems import is_api_request
from foundation.db import db, side_transaction
from foundation.tenancy import Scope

LONGEST = timedelta(hours=12)
REST = timedelta(minutes=60)
TOUCH_EVERY = timedelta(minutes=1)

login_manager = LoginManager()
login_manager.session_protection = (
    None  # roaming phones change their network; the token on the server decides
)


class SignedIn(UserMixin):
    """What flask-login keeps for a request: the session row's user under the random token as its id."""

    def __init__(self, token: str, row: UserSession) -> None:
        self.token = token
        self.row = row

    def get_id(self) -> str:
        return self.token


# The session, its user and his roles in one statement, and built once: every request of a signed-in user begins with it.
_SESSION_OF_TOKEN = (
    select(UserSession)
    .where(UserSession.token_hash == bindparam("token_hash"))
    .options(joinedload(UserSession.user).joinedload(User.role_rows))
)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(user: User) -> UserSession:
    """Sign a user in: a new browser session and a new token, whatever was there before."""
    session.clear()
    token = secrets.token_urlsafe(32)
    now = clock.now()
    row = UserSession(
        token_hash=_hash(token),
        user_id=user.id,
        credential_version=user.credential_version,
        created_at=now,
        last_seen_at=now,
        expires_at=now + LONGEST,
        user_agent=(request.user_agent.string or "")[:200] or None,
        network=access.client_network(),
    )
    db.session.add(row)
    db.session.flush()
    login_user(SignedIn(token, row))
    return row


def end_session(row: UserSession) -> None:
    """End one session of a user; its browser is asked to sign in at its next request."""
    row.ended_at = clock.now()


def end_own_session() -> None:
    """Sign out this browser."""
    signed_in = g.get("signed_in")
    if signed_in is not None:
        end_session(signed_in.row)
    logout_user()
    session.clear()


def end_all_sessions(user: User, *, but: UserSession | None = None) -> None:
    """End every session of a user, except perhaps the one at hand."""
    query = update(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    if but is not None:
        query = query.where(UserSession.id != but.id)
    db.session.execute(query.values(ended_at=clock.now()))


@login_manager.user_loader
def _load(token: str) -> SignedIn | None:
    row = db.session.execute(_SESSION_OF_TOKEN, {"token_hash": _hash(token)}).unique().scalar_one_or_none()
    now = clock.now()
    if row is None or row.ended_at is not None or row.expires_at <= now or row.last_seen_at + REST <= now:
        return None
    if row.user.disabled_at is not None or row.user.credential_version != row.credential_version:
        return None
    if row.user.is_service:
        return None
    return SignedIn(token, row)


def _recognise() -> None:
    """Find out who asks, before anything else of a request."""
    if request.endpoint == "static":
        return
    g.viewer = None
    g.scope = Scope(frozenset())
    if is_api_request():
        bearer.recognise()
        return
    token = session.get("_user_id")
    if not token or not current_user.is_authenticated:
        return
    signed_in = current_user._get_current_object()
    g.signed_in = signed_in
    g.viewer = signed_in.row.user
    g.scope = scope_for(g.viewer)
    if clock.now() - signed_in.row.last_seen_at > TOUCH_EVERY:
        g.touch_session = signed_in.row.id


def _touch() -> None:
    row_id = g.pop("touch_session", None)
    if row_id is not None:
        with side_transaction() as own:
            own.execute(update(UserSession).where(UserSession.id == row_id).values(last_seen_at=clock.now()))


def init_app(app: Flask) -> None:
    """Recognise the signed-in user at the start of each request, and note at most once a minute that he was there."""
    # Templates know the user himself as `current_user`, not the wrapper that flask-login keeps.
    login_manager.init_app(app, add_context_processor=False)
    app.before_request(_recognise)
    access.after_transaction(_touch)
    access.after_transaction(bearer.note_use)
