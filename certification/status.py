"""What a certificate is worth on a day: one of five public states, by rule, without database or clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CertificateStatus(StrEnum):
    """The public states. The gravest that applies is shown: revoked, then suspended, then replaced, then expired."""

    VALID = "valid"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Standing(StrEnum):
    """By what a list of certificates is narrowed: those that are valid, and those of them that end within 90 days."""

    VALID = "valid"
    ENDING = "ending"


@dataclass(frozen=True, slots=True)
class DecidedAction:
    """An approved action: 'suspend', 'lift' or 'revoke', in the order in which they were decided."""

    kind: str


def judge_status(
    *, version: int, newest_version: int, expires_on: date | None, actions: Sequence[DecidedAction], on: date
) -> CertificateStatus:
    """Return the public state of one version on a day; the last valid day is included.

    A revocation is final; a suspension holds until it is lifted. Both concern the certificate, and so every version.
    """
    if any(action.kind == "revoke" for action in actions):
        return CertificateStatus.REVOKED
    holding = [action.kind for action in actions if action.kind in ("suspend", "lift")]
    if holding and holding[-1] == "suspend":
        return CertificateStatus.SUSPENDED
    if version < newest_version:
        return CertificateStatus.REPLACED
    if expires_on is not None and on > expires_on:
        return CertificateStatus.EXPIRED
    return CertificateStatus.VALID
