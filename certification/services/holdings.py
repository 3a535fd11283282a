"""What certificates say about who holds what: this floor's answer to those below and above who ask for qualifications."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from certification.models import (
    Certificate,
    CertificateAction,
    CertificateActionState,
    CertificateVersion,
)
from certification.periods import list_periods
from curriculum.models import Cohort, Course, Edition
from foundation import clock
from foundation.db import db
from foundation.registry import Holding, add_qualification_source
from foundation.tenancy import EVERYTHING, within

SOURCE = "certificates"


def list_certificate_holdings(person_ids: Sequence[int]) -> list[Holding]:
    """Return every period in which a certificate of one of these persons counts, in two statements for any number of them.

    It counts from the day of its first version to the end of the newest, without the days on which it was suspended, and to the
    day before the approval of its revocation.
    """
    newest = (
        select(
            CertificateVersion.certificate_id,
            func.min(CertificateVersion.issued_on).label("starts_on"),
            func.max(CertificateVersion.version).label("version"),
        )
        .join(Certificate, Certificate.id == CertificateVersion.certificate_id)
        .where(Certificate.person_id.in_(person_ids))
        .group_by(CertificateVersion.certificate_id)
        .subquery()
    )
    query = (
        select(
            Certificate.id,
            Certificate.number,
            Certificate.person_id,
            Certificate.agency_id,
            Course.code,
            newest.c.starts_on,
            CertificateVersion.expires_on,
        )
        .join(newest, newest.c.certificate_id == Certificate.id)
        .join(
            CertificateVersion,
            (CertificateVersion.certificate_id == Certificate.id)
            & (CertificateVersion.version == newest.c.version),
        )
        .join(Cohort, Cohort.id == Certificate.cohort_id)
        .join(Edition, Edition.id == Cohort.edition_id)
        .join(Course, Course.id == Edition.course_id)
        .order_by(Certificate.person_id, Certificate.id)
    )
    # What somebody holds is his, whichever agency sent him; who may read the evidence is said by `agency_id`.
    with within(EVERYTHING):
        rows = db.session.execute(query).all()
        actions = _list_actions(person_ids)
    return [
        Holding(
            person_id=row.person_id,
            qualification=row.code,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            evidence=row.number,
            source=SOURCE,
            url_of=("certificates.show", {"certificate_id": row.id}),
            agency_id=row.agency_id,
            ended_by=period.ended_by,
        )
        for row in rows
        for period in list_periods(row.starts_on, row.expires_on, actions.get(row.id, ()))
    ]


def _list_actions(person_ids: Sequence[int]) -> dict[int, list[tuple[str, date]]]:
    """Return {certificate id: [(kind, day), …]} of the approved actions, in the order in which they were decided."""
    query = (
        select(CertificateAction.certificate_id, CertificateAction.kind, CertificateAction.decided_at)
        .join(Certificate, Certificate.id == CertificateAction.certificate_id)
        .where(
            Certificate.person_id.in_(person_ids), CertificateAction.state == CertificateActionState.APPROVED
        )
        .order_by(CertificateAction.decided_at, CertificateAction.id)
    )
    found: dict[int, list[tuple[str, date]]] = {}
    for certificate_id, kind, decided_at in db.session.execute(query):
        assert decided_at is not None  # approved
        found.setdefault(certificate_id, []).append((kind.value, clock.day_of(decided_at)))
    return found


add_qualification_source(SOURCE, list_certificate_holdings)
