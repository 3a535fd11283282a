"""Certificates after issue: found by code, number or file, their public status, and their bytes as they were sealed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from accounts.models import Agency, Person, User
from accounts.names import fold_latin, fold_native
from certification.codes import normalise_code
from certification.documents.facts import CertificateFacts
from certification.models import (
    Certificate,
    CertificateAction,
    CertificateActionKind,
    CertificateActionState,
    CertificateFile,
    CertificateVersion,
)
from certification.services.issuing import read_facts
from certification.status import CertificateStatus, DecidedAction, Standing, judge_status
from curriculum.models import Cohort
from foundation import clock, storage
from foundation.access import visible
from foundation.db import db
from foundation.errors import NotFound
from foundation.i18n import _

SOON = timedelta(days=90)


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
        decided_on=clock.day_of(moment) if moment else None,
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


def query_certificates(
    viewer: User,
    *,
    text: str = "",
    agency: str = "",
    standing: Standing | None = None,
    on: date | None = None,
) -> Select[*tuple[Any, ...]]:
    """Return the list of certificates in sight, each with its newest version, narrowed by number or name, agency and standing on a day."""
    newest = _newest_versions()
    query = (
        select(
            Certificate.id,
            Certificate.number,
            Person.given_names,
            Person.family_name,
            Person.native_name,
            Cohort.code.label("cohort"),
            CertificateVersion.issued_on,
            CertificateVersion.expires_on,
        )
        .join(newest, newest.c.certificate_id == Certificate.id)
        .join(CertificateVersion, CertificateVersion.id == newest.c.version_id)
        .join(Person, Person.id == Certificate.person_id)
        .join(Cohort, Cohort.id == Certificate.cohort_id)
        .where(visible(Certificate, viewer))
    )
    if agency:
        query = query.where(Certificate.agency_id.in_(select(Agency.id).where(Agency.code == agency)))
    if standing is not None and on is not None:
        query = query.where(_is_valid(on))
        if standing is Standing.ENDING:
            query = query.where(CertificateVersion.expires_on <= on + SOON)
    if text:
        name = Person.folded_latin.contains(fold_latin(text), autoescape=True)
        native = Person.folded_native.contains(fold_native(text), autoescape=True)
        query = query.where(or_(Certificate.number.icontains(text, autoescape=True), name, native))
    return query


def select_valid(on: date) -> Select[Any]:
    """Return the Core select of every certificate that is valid on a day: agency, person, and the last day of its newest version."""
    newest = _newest_versions()
    columns: list[Any] = [Certificate.agency_id, Certificate.person_id, CertificateVersion.expires_on]
    return (
        select(*columns)
        .join(newest, newest.c.certificate_id == Certificate.id)
        .join(CertificateVersion, CertificateVersion.id == newest.c.version_id)
        .where(_is_valid(on))
    )


def _newest_versions() -> Subquery:
    return (
        select(CertificateVersion.certificate_id, func.max(CertificateVersion.id).label("version_id"))
        .group_by(CertificateVersion.certificate_id)
        .subquery()
    )


def _is_valid(on: date) -> ColumnElement[bool]:
    """Return, for certificates with their newest version, the condition under which `judge_status` says valid."""
    action, later = aliased(CertificateAction), aliased(CertificateAction)

    def approved(one: Any, kind: CertificateActionKind) -> ColumnElement[bool]:
        return and_(one.kind == kind, one.state == CertificateActionState.APPROVED)

    lifted = exists().where(
        later.certificate_id == action.certificate_id,
        approved(later, CertificateActionKind.LIFT),
        or_(
            later.decided_at > action.decided_at,
            and_(later.decided_at == action.decided_at, later.id > action.id),
        ),
    )
    taken_away = exists().where(
        action.certificate_id == Certificate.id,
        or_(
            approved(action, CertificateActionKind.REVOKE),
            and_(approved(action, CertificateActionKind.SUSPEND), ~lifted),
        ),
    )
    in_date = or_(CertificateVersion.expires_on.is_(None), CertificateVersion.expires_on >= on)
    return and_(in_date, ~taken_away)


def map_statuses(certificate_ids: Sequence[int], *, on: date) -> dict[int, CertificateStatus]:
    """Return the public state of the newest version of each certificate, in a few statements."""
    query = (
        select(Certificate)
        .where(Certificate.id.in_(certificate_ids))
        .options(selectinload(Certificate.actions), selectinload(Certificate.versions))
    )
    return {one.id: status_of(one.current, on=on) for one in db.session.execute(query).scalars()}


def map_enrolments(cohort: Cohort) -> dict[int, int]:
    """Return {enrolment id: certificate id} of a cohort."""
    query = select(Certificate.enrolment_id, Certificate.id).where(Certificate.cohort_id == cohort.id)
    return {enrolment_id: certificate_id for enrolment_id, certificate_id in db.session.execute(query)}


def list_of_person(person_id: int | None) -> list[Certificate]:
    """Return a person's certificates, the newest first."""
    query = (
        select(Certificate)
        .where(Certificate.person_id == person_id)
        .options(selectinload(Certificate.actions), selectinload(Certificate.versions))
        .order_by(Certificate.id.desc())
    )
    return list(db.session.execute(query).scalars())


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
    # What there is one of comes along in the same statement; the public page asks this for whoever reads a QR code.
    return select(CertificateVersion).options(
        joinedload(CertificateVersion.file),
        joinedload(CertificateVersion.certificate, innerjoin=True).options(
            selectinload(Certificate.actions), selectinload(Certificate.versions)
        ),
    )
