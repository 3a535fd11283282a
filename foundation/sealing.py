"""Sealed fields: values the database keeps encrypted (document numbers, medical reasons), and keyed hashes to find them by."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_key: bytes = b""
_fernet: Fernet | None = None


def configure(key: str) -> None:
    """Derive the field keys, once at start-up."""
    global _key, _fernet
    derived = HKDF(algorithm=hashes.SHA256(), length=64, salt=None, info=b"ijaza fields").derive(key.encode())
    _key, _fernet = derived[:32], Fernet(base64.urlsafe_b64encode(derived[32:]))


def seal(value: str) -> bytes:
    """Encrypt a value for the database."""
    assert _fernet is not None
    return _fernet.encrypt(value.encode())


def unseal(sealed: bytes) -> str:
    """Decrypt a sealed value. Callers log the reading."""
    assert _fernet is not None
    return _fernet.decrypt(sealed).decode()


def keyed_hash(*parts: str) -> str:
    """Return a hash by which equal values are found without being readable."""
    return hmac.new(_key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()
