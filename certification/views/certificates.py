"""Certificates after issue: the list, one certificate with its history, the file as it was sealed, and a trainee's own."""

from flask import Blueprint, abort, g, render_template, request
from flask.typing import ResponseReturnValue

from accounts.permissions import Permission
from accounts.scopes import is_host_staff
from accounts.services.agencies import list_open_agencies
from certification.labels import STANDING, STATUS
from certification.models import Certificate, CertificateVersion
from certification.services import actions, certificates
from certification.status import Standing
from foundation import clock
from foundation.access import requires
from foundation.paging import page_of_request
from foundation.web import pdf_response

bp = Blueprint("certificates", __name__)


@bp.get("/certificates")
@requires(Permission.CERTIFICATE_LIST)
def index() -> ResponseReturnValue:
    """List the certificates in sight."""
    asked = request.args
    text, agency = " ".join(asked.get("q", "")[:80].split()), asked.get("agency", "")[:40]
    standing = Standing(asked["state"]) if asked.get("state") in set(Standing) else None
    on = clock.today()
    page = page_of_request(
        certificates.query_certificates(g.viewer, text=text, agency=agency, standing=standing, on=on),
        sorts={
            "number": [Certificate.number, Certificate.id],
            "issued": [CertificateVersion.issued_on, Certificate.id],
        },
        default="-issued",
    )
    return render_template(
        "certification/certificates/index.html",
        page=page,
        text=text,
        agency=agency,
        standing=standing,
        standings=[(one.value, str(word)) for one, word in STANDING.items()],
        agencies=list_open_agencies() if is_host_staff(g.viewer) else [],
        statuses=certificates.map_statuses([row.id for row in page.rows], on=on),
        words=STATUS,
    )


@bp.get("/certificates/<int:certificate_id>")
@requires(Permission.CERTIFICATE_READ, on=Certificate)
def show(certificate: Certificate) -> ResponseReturnValue:
    """Show a certificate: what it says, its public state, its versions and what was done about it."""
    on = clock.today()
    return render_template(
        "certification/certificates/show.html",
        certificate=certificate,
        facts=certificate.current.facts,
        status=certificates.status_of(certificate.current, on=on),
        words=STATUS,
        pending=actions.find_pending(certificate),
        possible=actions.list_possible(certificate)
        if g.viewer.may(Permission.CERTIFICATE_PROPOSE_REVOCATION, certificate)
        else [],
    )


@bp.get("/certificates/<int:certificate_id>/versions/<int:number>.pdf")
@requires(Permission.CERTIFICATE_READ, on=Certificate)
def download(certificate: Certificate, number: int) -> ResponseReturnValue:
    """Send the sealed file of a version, byte for byte as it was issued."""
    version = next((version for version in certificate.versions if version.version == number), None)
    if version is None:
        abort(404)
    return pdf_response(certificates.read_file(version), file_name=certificates.file_name(version))


@bp.get("/my/certificates")
@requires(Permission.RECORD_READ_OWN)
def own() -> ResponseReturnValue:
    """Show a trainee his own certificates."""
    on = clock.today()
    held = certificates.list_of_person(g.viewer.person_id)
    return render_template(
        "certification/certificates/own.html",
        held=[(certificate, certificates.status_of(certificate.current, on=on)) for certificate in held],
        words=STATUS,
    )
