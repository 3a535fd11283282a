"""Links by mail: invitation and reset. Signed, dated, dead once used: they carry the credential version they were made for."""

from enum import StrEnum

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from accounts.models import User
from foundation.config import Config
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _

_secret = ""
_PATHS = {"invitation": "/invitations/", "reset": "/reset/"}


class LinkPurpose(StrEnum):
    """What a link is for; each has a salt and a life of its own."""

    INVITATION = "invitation"
    RESET = "reset"


LIFE_SECONDS = {LinkPurpose.INVITATION: 48 * 3600, LinkPurpose.RESET: 30 * 60}


class LinkSpent(DomainError):
    """The link is too old, was used already, or was never ours."""

    status = 400


def configure(secret: str) -> None:
    """Set the secret that signs links, once at start-up."""
    global _secret
    _secret = secret


def make_link_token(user: User, purpose: LinkPurpose) -> str:
    """Return a token that lets this user set his password, once."""
    return _serializer(purpose).dumps([user.id, user.credential_version])


def make_link(user: User, purpose: LinkPurpose) -> str:
    """Return the whole address of a link, on the installation's public address whoever asked for it.

    The address of the request is not used: a forged Host header would send people's links elsewhere.
    """
    config: Config = current_app.extensions["ijaza_config"]
    return config.public_url + _PATHS[purpose.value] + make_link_token(user, purpose)


def user_of_token(token: str, purpose: LinkPurpose, *, lock: bool = False) -> User:
    """Return the user a token was made for; raise LinkSpent when it no longer counts.

    `lock` holds the row until the transaction ends, so that a link used twice at once counts once.
    """
    spent = LinkSpent(
        _("This link is no longer valid: it was used, or its time has run out. Ask for a new one.")
    )
    try:
        user_id, version = _serializer(purpose).loads(token, max_age=LIFE_SECONDS[purpose])
    except (BadSignature, ValueError, TypeError) as error:
        raise spent from error
    user = db.session.get(User, user_id, with_for_update={"of": User} if lock else None)
    if user is None or user.credential_version != version or user.disabled_at is not None or user.is_service:
        raise spent
    return user


def _serializer(purpose: LinkPurpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret, salt=f"ijaza-{purpose}")
