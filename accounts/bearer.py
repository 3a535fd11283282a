"""Who calls the API: the token in the Authorization header, and nothing else. Cookies are not looked at.

What is kept of a token is its hash. Unknown, expired and revoked tokens get one answer; a network that keeps guessing has
to wait. That a token was used stands in the access log, every ten minutes at most.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g, request
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from accounts.models import ApiToken, User
from accounts.scopes import scope_for
from foundation import access, clock
from foundation.access import AccessEntry
from foundation.db import db, side_transaction
from foundation.errors import TooMany
from foundation.i18n import _
from foundation.tenancy import EVERYTHING, within

REFUSED = "token_refused"
USED = "token_used"
MOST_REFUSALS = 30
MINUTES = 10
NOTE_EVERY = timedelta(minutes=10)
_LONGEST = 200

# The token, its user and his roles in one statement: every request of the API begins with it.
_BY_HASH = (
    select(ApiToken)
    .where(ApiToken.token_hash == bindparam("token_hash"))
    .options(joinedload(ApiToken.user).joinedload(User.role_rows))
)
_noted: dict["_Use", datetime] = {}


@dataclass(frozen=True)
class _Use:
    """A token that was used. The moment it was made tells it from one of another database."""

    token_id: int
    user_id: int
    made_at: datetime


def hash_token(secret: str) -> str:
    """Return what is kept of a token. It holds 256 random bits, so that a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def recognise() -> None:
    """Let the request act as its token's user, within its agency and scopes; without a token it is nobody's.

    Raises TooMany for a network that sent many tokens that are none.
    """
    g.scopes = frozenset()
    secret = _read_header()
    if secret is None:
        return
    with within(EVERYTHING):
        token = db.session.execute(_BY_HASH, {"token_hash": hash_token(secret)}).unique().scalar_one_or_none()
    if token is None or not token.is_valid(clock.today()):
        _count_refusal(token)
        return
    g.viewer = token.user
    g.scope = scope_for(token.user)
    g.scopes = frozenset(token.scopes)
    g.token_used = _Use(token.id, token.user_id, token.created_at)


def note_use() -> None:
    """Write down that a token was used, when that was not done lately. Called after the request's own transaction."""
    used: _Use | None = g.pop("token_used", None)
    if used is None:
        return
    now = clock.now()
    last = _noted.get(used)
    if last is not None and last <= now < last + NOTE_EVERY:
        return
    _noted[used] = now
    with side_transaction() as own:
        own.add(
            AccessEntry(
                at=now,
                kind=USED,
                user_id=used.user_id,
                subject_type=ApiToken.__tablename__,
                subject_id=used.token_id,
                network=access.client_network(),
                request_id=g.get("request_id"),
            )
        )


def _read_header() -> str | None:
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not re.fullmatch(r"[A-Za-z0-9_-]+", secret.strip(), re.ASCII):
        return None
    return secret.strip()[:_LONGEST]


def _count_refusal(token: ApiToken | None) -> None:
    network = access.client_network()
    if token is None and access.count_recent(REFUSED, minutes=MINUTES, network=network) >= MOST_REFUSALS:
        raise TooMany(
            _("Too many tokens were sent that do not exist. Wait some minutes, then try again."),
            retry_after_seconds=MINUTES * 60,
        )
    access.log_access(REFUSED, subject=token)
