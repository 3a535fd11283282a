"""What this floor shows on the start page, on the rail and in the search."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import url_for
from sqlalchemy import exists, func, select

from accounts.models import User
from accounts.permissions import Permission
from certification.models import ApprovalKind, Certificate, CertificateAction, CertificateActionState
from certification.services import approvals, certificates
from certification.services.candidates import compute_digest, list_candidates
from curriculum.models import Attempt, AttemptState, Cohort, CohortState, Enrolment
from foundation import clock
from foundation.access import visible
from foundation.db import db
from foundation.desk import Hit, Place, Waiting
from foundation.i18n import _, ngettext
from foundation.paging import fetch_page

MOST_HITS = 8
# Trainees travel home without a paper until the list is approved; a doubtful certificate is in use until it is decided about.
APPROVE_WITHIN = timedelta(days=14)
DECIDE_WITHIN = timedelta(days=3)
_APPROVALS = {
    ApprovalKind.DIRECTOR: Permission.CERTIFICATION_APPROVE_DIRECTOR,
    ApprovalKind.OFFICIAL: Permission.CERTIFICATION_APPROVE_OFFICIAL,
}


def list_waiting(viewer: User, on: date) -> Sequence[Waiting]:
    """Return the approvals, issues and proposals that wait for the viewer, and a trainee's own certificates."""
    lines: list[Waiting] = []
    if any(viewer.may(permission) for permission in (*_APPROVALS.values(), Permission.CERTIFICATE_ISSUE)):
        for cohort in _list_ended(on):
            lines += _lines_of_cohort(cohort, viewer, on)
    if viewer.may(Permission.CERTIFICATE_APPROVE_REVOCATION):
        lines += _proposals(viewer, on)
    if viewer.may(Permission.RECORD_READ_OWN):
        held = certificates.list_of_person(viewer.person_id)
        if held:
            sentence = ngettext(
                "%(num)s certificate is yours to open.", "%(num)s certificates are yours to open.", len(held)
            )
            lines.append(Waiting(sentence, url_for("certificates.own"), count=len(held)))
    return lines


def list_places(viewer: User) -> Sequence[Place]:
    """Return the list of certificates, or a trainee's own."""
    places = []
    if viewer.may(Permission.CERTIFICATE_LIST):
        places.append(Place("certificates", _("Certificates"), url_for("certificates.index"), "certificate"))
    if viewer.may(Permission.RECORD_READ_OWN):
        places.append(
            Place("own_certificates", _("My certificates"), url_for("certificates.own"), "certificate")
        )
    return places


def search(viewer: User, text: str) -> Sequence[Hit]:
    """Return the certificates in sight whose number or holder's name fits."""
    if not viewer.may(Permission.CERTIFICATE_LIST):
        return []
    page = fetch_page(
        certificates.query_certificates(viewer, text=text),
        keys=[Certificate.number, Certificate.id],
        size=MOST_HITS,
    )
    kind = _("Certificate")
    return [
        Hit(
            kind,
            row.number,
            f"{row.given_names} {row.family_name}".strip(),
            url_for("certificates.show", certificate_id=row.id),
        )
        for row in page.rows
    ]


def _list_ended(on: date) -> list[Cohort]:
    """Return the cohorts whose last day has come and which hold signed sheets without a certificate, the oldest first."""
    certified = exists().where(Certificate.enrolment_id == Enrolment.id)
    open_record = exists().where(
        Enrolment.cohort_id == Cohort.id,
        Attempt.enrolment_id == Enrolment.id,
        Attempt.state == AttemptState.SIGNED,
        ~certified,
    )
    query = (
        select(Cohort)
        .where(Cohort.state.in_([CohortState.RUNNING, CohortState.CLOSED]), Cohort.ends_on <= on, open_record)
        .order_by(Cohort.ends_on)
        .limit(20)
    )
    return list(db.session.execute(query).scalars())


def _lines_of_cohort(cohort: Cohort, viewer: User, on: date) -> list[Waiting]:
    candidates = list_candidates(cohort, on=on)
    eligible = sum(candidate.eligibility.eligible for candidate in candidates)
    if not eligible:
        return []
    given = approvals.list_approvals(cohort, compute_digest(candidates))
    due = cohort.ends_on + APPROVE_WITHIN
    url = url_for("certifications.show", cohort_id=cohort.id)
    if approvals.is_approved(given):
        if not viewer.may(Permission.CERTIFICATE_ISSUE, cohort):
            return []
        sentence = ngettext(
            "%(code)s: %(num)s certificate is approved and can be issued.",
            "%(code)s: %(num)s certificates are approved and can be issued.",
            eligible,
            code=cohort.code,
        )
        return [Waiting(sentence, url, due, _tone(due, on), count=eligible)]
    done = {approval.kind for approval in given}
    mine = any(kind not in done and viewer.may(permission, cohort) for kind, permission in _APPROVALS.items())
    if not mine or any(approval.approved_by_id == viewer.id for approval in given):
        return []
    sentence = ngettext(
        "%(code)s: %(num)s eligible trainee waits for your approval.",
        "%(code)s: %(num)s eligible trainees wait for your approval.",
        eligible,
        code=cohort.code,
    )
    return [Waiting(sentence, url, due, _tone(due, on), count=eligible)]


def _tone(due: date, on: date) -> str:
    return "bad" if due < on else "warn"


def _proposals(viewer: User, on: date) -> list[Waiting]:
    query = select(func.count(CertificateAction.id), func.min(CertificateAction.proposed_at)).where(
        CertificateAction.state == CertificateActionState.PROPOSED,
        CertificateAction.proposed_by_id != viewer.id,
        visible(CertificateAction, viewer),
    )
    count, oldest = db.session.execute(query).one()
    if not count:
        return []
    sentence = ngettext(
        "%(num)s proposal to suspend or revoke a certificate waits for your decision.",
        "%(num)s proposals to suspend or revoke a certificate wait for your decision.",
        count,
    )
    due = clock.day_of(oldest) + DECIDE_WITHIN
    return [Waiting(sentence, url_for("certificate_actions.index"), due, _tone(due, on), count=count)]
