"""Passwords: hashed with Argon2id, judged by what attackers try first, never by composition rules.

46 MiB, two passes, one lane: about 30-60 ms of CPU here. Two hashes at a time in a process, so that a flood of sign-ins
cannot take all its memory.
"""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from foundation.errors import DomainError
from foundation.i18n import _

LEAST = 12
MOST = 128
_hasher = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
_turns = BoundedSemaphore(2)
# Verified when nobody has the address, so that a wrong address takes as long as a wrong password. The hash of nobody's password,
# made once with the costs above: to make it at each start would cost as much as a sign-in. A test holds its costs to the hasher's.
_NOBODY = "$argon2id$v=19$m=47104,t=2,p=1$kuRobPHL0iZRfe+SE+j4HA$f1QOu5N7/GQbUiaC5BnW/RqcOz6FGc+JaMPb/afhwQ4"


class WeakPassword(DomainError):
    """The password is too short, too long, or among those tried first."""


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, salt and costs included."""
    with _turns:
        return _hasher.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Return whether the password fits; takes as long when there is no hash at all."""
    with _turns:
        try:
            fits = _hasher.verify(password_hash or _NOBODY, password[:1024])
        except (VerificationError, InvalidHashError):
            return False
    return fits and password_hash is not None


def refuse_weak(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Raise WeakPassword unless the password has 12 to 128 characters and would survive the first million guesses.

    `about` are words an attacker would try for this person: his name, his address, the product's name.
    """
    if len(password) < LEAST:
        raise WeakPassword(
            _("Use at least %(least)s characters; a short sentence is best.", least=LEAST), field="password"
        )
    if len(password) > MOST:
        raise WeakPassword(_("Use at most %(most)s characters.", most=MOST), field="password")
    # Imported here: its word lists take a third of a second to load, and few requests need them.
    from zxcvbn import zxcvbn

    words = [
        part
        for text in (*about, "ijaza")
        for part in (text, *text.replace("@", " ").replace(".", " ").split())
    ]
    if zxcvbn(password[:72], user_inputs=words)["guesses_log10"] < 8:
        raise WeakPassword(
            _(
                "This password is among those tried first. Use several words that have nothing to do with you."
            ),
            field="password",
        )
