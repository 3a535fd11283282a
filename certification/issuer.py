"""The issuer of this installation: its address, its seal, its trust root. Made once a process, when first needed."""

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography import x509

from certification.issuer_keys import IssuerKeys, load_issuer_keys, trust_root
from foundation import clock
from foundation.config import Config

if TYPE_CHECKING:
    from certification.sealing import Seal

_config: Config | None = None


def configure(config: Config) -> None:
    """Set whose certificates this process issues, once at start-up."""
    global _config
    _config = config
    _keys.cache_clear()
    get_seal.cache_clear()


def _settings() -> Config:
    assert _config is not None, "certification.issuer.configure() was not called"
    return _config


def verification_url(code: str) -> str:
    """Return the address printed under the code, and the one in the QR code."""
    return f"{_settings().public_url}/verify/{code}"


def is_demonstration() -> bool:
    """Return whether certificates of this installation are marked as demonstrations."""
    return _settings().demonstration


@lru_cache(maxsize=1)
def _keys() -> IssuerKeys:
    config = _settings()
    return load_issuer_keys(
        instance_dir=config.instance_dir,
        seal=config.seal,
        password=config.seal_password,
        host=config.public_url,
        now=clock.now(),
    )


@lru_cache(maxsize=1)
def get_seal() -> "Seal":
    """Return the seal, ready to use. Raises UnusableSeal when the operator's key cannot be used."""
    # Imported where it is used: the library that signs costs every start-up a second.
    from certification.sealing import Seal

    return Seal(_keys())


def seal_begins_at() -> datetime:
    """Return the moment from which on the seal's certificate counts: nothing can be sealed as of an earlier one."""
    return _keys().certificate.not_valid_before_utc


def get_trust_root_pem() -> bytes:
    """Return the root certificate that checkers need, as PEM."""
    return trust_root(_keys())


def list_trust_roots() -> list[x509.Certificate]:
    """Return the roots this installation trusts: its own."""
    return [_keys().root]
