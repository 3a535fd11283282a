"""Certificates of the own agency's people: listed with their public state, read, and fetched as they were sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from flask import g
from flask.typing import ResponseReturnValue

from accounts.models import ApiScope, Person
from accounts.permissions import Permission
from certification.models import Certificate, CertificateVersion
from certification.services import certificates
from certification.status import CertificateStatus
from foundation import clock
from foundation.access import requires
from foundation.api.operations import Listing, PageQuery, api_blueprint, list_page, operation
from foundation.api.shapes import Says, Text
from foundation.web import pdf_response

bp = api_blueprint("certificates", __name__)


@dataclass(frozen=True)
class CertificateRecord:
    """A certificate as its newest version stands today."""

    number: str
    version: int
    status: CertificateStatus
    person: str
    name: str
    native_name: str | None
    cohort: str
    issued_on: date
    expires_on: Annotated[date | None, Says("The last valid day, or null when it does not end.")]


@dataclass(frozen=True)
class VersionRecord:
    """One version; each but the newest is replaced."""

    version: int
    issued_on: date
    expires_on: date | None
    file_sha256: Annotated[str | None, Says("Of the sealed PDF; null while it is being made.")]


@dataclass(frozen=True)
class CertificateDetail:
    """A certificate with all that is printed on it. Texts are kept by language."""

    certificate: CertificateRecord
    course: str
    title: Mapping[str, str]
    edition: str
    hours: int
    held_from: date
    held_to: date
    verify_url: Annotated[str, Says("Where anybody can check it.")]
    demonstration: bool
    versions: Sequence[VersionRecord]


@dataclass(frozen=True)
class CertificatesQuery(PageQuery):
    """Which certificates."""

    q: Annotated[str, Text(80), Says("A part of the number, or of a name in either script.")] | None = None


@bp.get("/certificates", endpoint="list")
@requires(Permission.CERTIFICATE_LIST)
@operation(ApiScope.CERTIFICATES_READ, answer=CertificateRecord, listing=True, query=CertificatesQuery)
def list_certificates(query: CertificatesQuery) -> Listing:
    """List the certificates of the agency's people, in the order in which they were issued."""
    wanted = certificates.query_certificates(g.viewer, text=query.q or "").add_columns(
        Person.public_ref, CertificateVersion.version
    )
    page = list_page(wanted, keys=[Certificate.created_at, Certificate.number], asked=query)
    statuses = certificates.map_statuses([row.id for row in page.rows], on=clock.today())
    records = [
        CertificateRecord(
            number=row.number,
            version=row.version,
            status=statuses[row.id],
            person=row.public_ref,
            name=f"{row.given_names} {row.family_name}".strip(),
            native_name=row.native_name,
            cohort=row.cohort,
            issued_on=row.issued_on,
            expires_on=row.expires_on,
        )
        for row in page.rows
    ]
    return Listing(records, page.next_cursor)


@bp.get("/certificates/<ref:certificate_number>")
@requires(Permission.CERTIFICATE_READ, on=Certificate, by="number")
@operation(ApiScope.CERTIFICATES_READ, answer=CertificateDetail)
def show(certificate: Certificate) -> CertificateDetail:
    """Read one certificate."""
    version = certificate.current
    found = certificates.verify_version(version, on=clock.today())
    facts = found.facts
    return CertificateDetail(
        certificate=CertificateRecord(
            number=certificate.number,
            version=version.version,
            status=found.status,
            person=certificate.person.public_ref,
            name=certificate.person.latin_name,
            native_name=certificate.person.native_name,
            cohort=certificate.cohort.code,
            issued_on=version.issued_on,
            expires_on=version.expires_on,
        ),
        course=facts.course_code,
        title=facts.course_title,
        edition=facts.edition,
        hours=facts.hours,
        held_from=facts.held_from,
        held_to=facts.held_to,
        verify_url=facts.verify_url,
        demonstration=facts.demonstration,
        versions=[
            VersionRecord(
                one.version, one.issued_on, one.expires_on, one.file.sha256 if one.file is not None else None
            )
            for one in certificate.versions
        ],
    )


@bp.get("/certificates/<ref:certificate_number>/pdf")
@requires(Permission.CERTIFICATE_READ, on=Certificate, by="number")
@operation(ApiScope.CERTIFICATES_READ, media="application/pdf")
def download(certificate: Certificate) -> ResponseReturnValue:
    """Fetch the sealed file of the newest version, byte for byte as it was issued."""
    version = certificate.current
    return pdf_response(certificates.read_file(version), file_name=certificates.file_name(version))
