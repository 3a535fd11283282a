"""Certificates after issue: found by code, number or file, their public status, and their bytes as they were sealed."""

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from certification.codes import normalise_code
from certification.documents.facts import CertificateFacts
from certification.models import (
    Certificate,
    CertificateAction,
    CertificateActionState,
    CertificateFile,
    CertificateVersion,
)
from certification.services.issuing import read_facts
from certification.status import CertificateStatus, DecidedAction, judge_status
from foundation import storage
from foundation.db import db
from foundation.errors import NotFound
from foundation.i18n import _


@dataclass(frozen=True)
class Verification:
    """What anybody may learn of one certificate version: what is printed on it, and what it is worth today."""

    facts: CertificateFacts
    status: CertificateStatus
    file_sha256: str | None
    newest_version: int
    decided_on: date | None


def find_version(code: str) -> CertificateVersion | None:
    """Return the version with a public code, typed in any case and with any separators; None when there is none."""
    normalised = normalise_code(code)
    if normalised is None:
        return None
    query = _with_certificate().where(CertificateVersion.code == normalised)
    return db.session.execute(query).scalar_one_or_none()


def find_version_of_file(pdf: bytes) -> CertificateVersion | None:
    """Return the version whose sealed file is exactly these bytes."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    query = _with_certificate().join(CertificateFile, CertificateFile.version_id == CertificateVersion.id)
    return db.session.execute(query.where(CertificateFile.sha256 == sha256)).scalar_one_or_none()


def verify_version(version: CertificateVersion, *, on: date) -> Verification:
    """Return what the public may know of a version on a day."""
    certificate = version.certificate
    approved = list_approved_actions(certificate)
    moment = approved[-1].decided_at if approved else None
    return Verification(
        facts=read_facts(version),
        status=status_of(version, on=on),
        file_sha256=version.file.sha256 if version.file else None,
        newest_version=certificate.current.version,
        decided_on=moment.date() if moment else None,
    )


def status_of(version: CertificateVersion, *, on: date) -> CertificateStatus:
    """Return the public state of a version on a day."""
    certificate = version.certificate
    return judge_status(
        version=version.version,
        newest_version=certificate.current.version,
        expires_on=version.expires_on,
        actions=[DecidedAction(action.kind.value) for action in list_approved_actions(certificate)],
        on=on,
    )


def list_approved_actions(certificate: Certificate) -> list[CertificateAction]:
    """Return the approved actions of a certificate in the order in which they were decided."""
    approved = [action for action in certificate.actions if action.state == CertificateActionState.APPROVED]
    return sorted(approved, key=lambda action: (action.decided_at or action.proposed_at, action.id))


def read_file(version: CertificateVersion) -> bytes:
    """Return the sealed bytes of a version as they were issued; raise NotFound while they are still being made."""
    if version.file is None:
        raise NotFound(_("This certificate is being printed and sealed. Try again in a moment."))
    return storage.get(version.file.storage_key)


def file_name(version: CertificateVersion) -> str:
    """Return the name of the file: number and version, distinct for namesakes."""
    return f"{version.certificate.number}-v{version.version}.pdf"


def list_versions_of_cohort(cohort_id: int) -> list[CertificateVersion]:
    """Return every version issued in a cohort, in order of number and version."""
    query = (
        _with_certificate()
        .join(Certificate, Certificate.id == CertificateVersion.certificate_id)
        .where(Certificate.cohort_id == cohort_id)
        .order_by(Certificate.sequence, CertificateVersion.version)
    )
    return list(db.session.execute(query).scalars())


def _with_certificate() -> Select[CertificateVersion]:
    return select(CertificateVersion).options(
        selectinload(CertificateVersion.file),
        selectinload(CertificateVersion.certificate).options(
            selectinload(Certificate.actions), selectinload(Certificate.versions)
        ),
    )
