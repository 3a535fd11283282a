"""Tokens of the API: given to an agency's own system, shown once, ended at once.

Each acts as a service user of its agency, made with it: what it does stands in the audit trail under the token's name, and
what it may do is what an officer may, within its scopes.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from accounts.bearer import USED, hash_token
from accounts.models import Agency, ApiScope, ApiToken, User, UserRole
from accounts.permissions import Role
from foundation import audit, clock
from foundation.access import AccessEntry
from foundation.api.idempotency import forget_answers
from foundation.db import db
from foundation.errors import DomainConflict, DomainError
from foundation.i18n import _

MOST_MONTHS = 12
BEGINNING = "ijaza_"
_PREFIX_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


class TokenRefused(DomainError):
    """No token can be given like this."""


class TokenRevoked(DomainConflict):
    """The token is revoked already."""


def give_token(
    agency: Agency, *, label: str, scopes: Iterable[ApiScope], expires_on: date, actor: User | None
) -> tuple[ApiToken, str]:
    """Make a token for an agency's system; return it with its secret, which is kept nowhere and cannot be read again.

    Raises TokenRefused: without a scope, for a closed agency, for a day that is past or more than twelve months away.
    """
    wanted = sorted(set(scopes))
    today = clock.today()
    if agency.closed_at is not None:
        raise TokenRefused(_("This agency is closed; reopen it first."), field="agency")
    if not wanted:
        raise TokenRefused(_("Choose at least one thing that the token may be used for."), field="scopes")
    if not today <= expires_on <= latest_expiry(today):
        raise TokenRefused(_("A token lasts twelve months at most, from today."), field="expires_on")
    prefix = "".join(secrets.choice(_PREFIX_SIGNS) for _sign in range(8))
    secret = f"{BEGINNING}{prefix}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        agency_id=agency.id,
        label=label,
        prefix=prefix,
        token_hash=hash_token(secret),
        scopes=[scope.value for scope in wanted],
        user=_make_service_user(agency, label=label, prefix=prefix),
        created_at=clock.now(),
        created_by_id=actor.id if actor is not None else None,
        expires_on=expires_on,
    )
    db.session.add(token)
    db.session.flush()
    changes = {"label": (None, label), "scopes": (None, token.scopes), "expires_on": (None, expires_on)}
    audit.record("token:given", token, actor=actor, changes=changes)
    return token, secret


def revoke_token(token: ApiToken, *, reason: str, actor: User) -> None:
    """End a token at once, and its service user with it. Raises TokenRevoked."""
    if token.revoked_at is not None:
        raise TokenRevoked(_("This token is revoked already."))
    token.revoked_at = clock.now()
    token.user.disabled_at = token.revoked_at
    forget_answers(token.user_id)
    audit.record("token:revoked", token, actor=actor, reason=reason)


def latest_expiry(today: date) -> date:
    """Return the last day that a token made today may have: the day before its anniversary."""
    ordinal = today.replace(year=today.year + MOST_MONTHS // 12, day=min(today.day, 28)).toordinal()
    return date.fromordinal(ordinal - 1)


def query_tokens(*, agency: Agency | None = None) -> Select[Any]:
    """Return the Core select of all tokens, or of one agency's."""
    columns: list[Any] = [
        ApiToken.id,
        ApiToken.label,
        ApiToken.prefix,
        ApiToken.scopes,
        ApiToken.expires_on,
        ApiToken.revoked_at,
        ApiToken.created_at,
        Agency.code.label("agency_code"),
    ]
    query = select(*columns).join(Agency, Agency.id == ApiToken.agency_id)
    return query.where(ApiToken.agency_id == agency.id) if agency is not None else query


def map_last_uses(token_ids: Sequence[int]) -> Mapping[int, datetime]:
    """Return when each token was last used, as far as the access log remembers; exact to ten minutes."""
    query = (
        select(AccessEntry.subject_id, func.max(AccessEntry.at))
        .where(
            AccessEntry.kind == USED,
            AccessEntry.subject_type == ApiToken.__tablename__,
            AccessEntry.subject_id.in_(token_ids),
        )
        .group_by(AccessEntry.subject_id)
    )
    return {token_id: at for token_id, at in db.session.execute(query) if token_id is not None}


def _make_service_user(agency: Agency, *, label: str, prefix: str) -> User:
    # The address can receive nothing (RFC 2606), and without a password nobody signs in with it.
    user = User(
        email=f"token-{prefix}@service.invalid",
        name=f"{agency.code} · {label}",
        agency_id=agency.id,
        is_service=True,
        created_at=clock.now(),
        role_rows=[UserRole(role=Role.AGENCY_OFFICER)],
    )
    db.session.add(user)
    return user
