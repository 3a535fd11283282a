"""Is this file a genuine certificate, and what is it worth: the judgement behind `certificates verify` and a dropped PDF.

Works without network. With this installation's records the status is known; with an exported trust root alone, what the seal
and the embedded facts prove.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cryptography import x509

from certification.services.certificates import Verification
from certification.status import CertificateStatus

NOT_GENUINE = "not_genuine"


@dataclass(frozen=True)
class Verdict:
    """The answer in the shape others build on; `problems` says in sentences why a file is not genuine."""

    verdict: str
    number: str | None = None
    version: int | None = None
    name: str | None = None
    name_native: str | None = None
    course: str | None = None
    issued_on: str | None = None
    expires_on: str | None = None
    problems: list[str] = field(default_factory=list)


def judge_file(
    pdf: bytes, *, trust: Sequence[x509.Certificate], known: Verification | None, on: date
) -> Verdict:
    """Judge a file on a day: `known` is what this installation's records say of exactly these bytes, if anything.

    Without records a sealed, unaltered file of a trusted issuer is valid or expired by its own facts.
    """
    # Imported where they are used: the libraries that read sealed files cost every start-up a second.
    from certification.documents.embedded import read_embedded_facts
    from certification.sealing import inspect_seal

    report = inspect_seal(pdf, trust)
    if not report.genuine:
        return Verdict(NOT_GENUINE, problems=list(report.problems))
    facts = read_embedded_facts(pdf)
    if facts is None:
        return Verdict(NOT_GENUINE, problems=["The file is sealed but is no certificate."])
    status = known.status if known is not None else _status_by_itself(facts, on)
    return Verdict(
        verdict=status.value,
        number=facts["number"],
        version=facts["version"],
        name=facts["name"],
        name_native=facts["name_native"],
        course=facts["course"].get("en"),
        issued_on=facts["issued_on"],
        expires_on=facts["expires_on"],
        problems=[]
        if known is not None
        else ["Suspension and revocation could not be checked: no records here."],
    )


def _status_by_itself(facts: dict[str, Any], on: date) -> CertificateStatus:
    expires_on = facts["expires_on"]
    if expires_on is not None and on > date.fromisoformat(expires_on):
        return CertificateStatus.EXPIRED
    return CertificateStatus.VALID
