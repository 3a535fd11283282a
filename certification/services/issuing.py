"""The issue of a cohort's certificates: frozen in one short transaction, then printed and sealed one by one.

Interrupted anywhere it can be run again, by the same worker, another, or the command: whoever has a certificate keeps it, whoever
has a frozen version without a file gets the file made from the frozen facts. Rendering holds no transaction open.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from accounts.models import User
from accounts.services.hosts import get_host
from certification import issuer
from certification.codes import new_code
from certification.documents.facts import TEMPLATE_VERSION, CertificateFacts, Host, Signatory
from certification.models import Approval, ApprovalKind, Certificate, CertificateFile, CertificateVersion
from certification.services.approvals import is_approved, list_approvals
from certification.services.candidates import Candidate, compute_digest, list_candidates
from curriculum.domains import DOMAIN_NAMES
from curriculum.models import Cohort, CohortSession, Outcome
from foundation import audit, clock, jobs, storage
from foundation.db import conflict_as, db, reading
from foundation.errors import DomainConflict, DomainError, NotFound
from foundation.i18n import LANGUAGES, _, country_name

ISSUE_JOB = "certification.issue_cohort"
Unit = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], None]


class NotApproved(DomainError):
    """The list of eligible trainees does not have both approvals."""


class FileExists(DomainConflict):
    """Another worker made the file first."""


@dataclass
class IssueReport:
    """What an issue did: ids of enrolments newly certified and certified before, and of those refused."""

    issued: list[int] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def as_result(self) -> dict[str, Any]:
        return {"issued": self.issued, "already": self.already, "refused": self.refused}


def start_issue(cohort: Cohort, *, actor: User) -> jobs.Job:
    """Queue the issue of a cohort's certificates; raise NotApproved without both approvals of today's list."""
    _require_approvals(cohort, list_candidates(cohort, on=clock.today()))
    job = jobs.enqueue(ISSUE_JOB, cohort.id, actor=actor)
    audit.record("certification:issue_started", cohort, actor=actor, changes={"job": (None, job.id)})
    return job


def find_issue(cohort: Cohort) -> jobs.Job | None:
    """Return the newest issue of a cohort, running or ended."""
    query = select(jobs.Job).where(jobs.Job.kind == ISSUE_JOB).order_by(jobs.Job.id.desc())
    return next(
        (job for job in db.session.execute(query.limit(200)).scalars() if job.args == [cohort.id]), None
    )


def get_issue(cohort: Cohort, job_id: int) -> jobs.Job:
    """Return an issue of this cohort; raise NotFound for anything else."""
    job = jobs.find_job(job_id)
    if job is None or job.kind != ISSUE_JOB or job.args != [cohort.id]:
        raise NotFound(_("There is no such issue."))
    return job


def issue_cohort(
    cohort_id: int, *, unit: Unit, progress: Progress, actor_id: int | None = None
) -> IssueReport:
    """Issue what a cohort has coming: freeze, then print and seal. Idempotent; may be killed at any point.

    `unit()` opens one short transaction; `progress(done, total, message)` is called between them.
    """
    with unit():
        report = freeze_cohort(cohort_id, actor_id=actor_id)
    with reading():
        pending = list_unsealed(cohort_id)
    progress(0, len(pending), "")
    for done, version_id in enumerate(pending, start=1):
        seal_version(version_id, unit=unit)
        progress(done, len(pending), "")
    return report


def freeze_cohort(cohort_id: int, *, actor_id: int | None) -> IssueReport:
    """Give every eligible trainee his number, code and frozen facts, judged again at this moment, in one transaction.

    Numbers follow the trainees' numbers and run without gaps within the cohort. Raises NotApproved.
    """
    query = select(Cohort).where(Cohort.id == cohort_id).with_for_update()
    cohort = db.session.execute(query).scalar_one()
    on = clock.today()
    candidates = list_candidates(cohort, on=on)
    report = IssueReport(
        already=[c.enrolment.id for c in candidates if c.number is not None],
        refused=[c.enrolment.id for c in candidates if not c.is_listed],
    )
    waiting = [candidate for candidate in candidates if candidate.eligibility.eligible]
    if not waiting:
        return report
    approvals = _require_approvals(cohort, candidates)
    common = _common_facts(cohort, approvals, on=on)
    actor = db.session.get(User, actor_id) if actor_id is not None else None
    sequence = len(report.already)
    for candidate in waiting:
        sequence += 1
        _freeze(candidate, cohort, common, sequence=sequence, on=on, actor=actor)
        report.issued.append(candidate.enrolment.id)
    return report


def list_unsealed(cohort_id: int) -> list[int]:
    """Return the versions of a cohort that are frozen but have no file yet, in the order of their numbers."""
    query = (
        select(CertificateVersion.id)
        .join(Certificate, Certificate.id == CertificateVersion.certificate_id)
        .outerjoin(CertificateFile, CertificateFile.version_id == CertificateVersion.id)
        .where(Certificate.cohort_id == cohort_id, CertificateFile.id.is_(None))
        .order_by(Certificate.sequence, CertificateVersion.version)
    )
    return list(db.session.execute(query).scalars())


def seal_version(version_id: int, *, unit: Unit) -> None:
    """Print and seal one frozen version and keep its bytes for ever; do nothing when that is done already."""
    with reading():
        version = db.session.get_one(CertificateVersion, version_id)
        if version.file is not None:
            return
        facts = read_facts(version)
    # Imported where they are used: drawing and signing are the worker's, and their libraries cost every start-up seconds.
    from certification.documents.certificate import render_certificate
    from certification.documents.embedded import facts_attachment
    from certification.sealing import seal_pdf

    pdf = render_certificate(facts, attachments=(facts_attachment(facts),))
    sealed_at = clock.now()
    stored = storage.put(seal_pdf(pdf, issuer.get_seal(), at=sealed_at), suffix=".pdf")
    try:
        with unit():
            version = db.session.get_one(CertificateVersion, version_id)
            file = CertificateFile(
                version_id=version.id,
                agency_id=version.agency_id,
                storage_key=stored.key,
                sha256=stored.sha256,
                size=stored.size,
                sealed_at=sealed_at,
            )
            with conflict_as("uq_certificate_file_version_id", FileExists("")):
                db.session.add(file)
            audit.record("certificate:sealed", version, actor=None, changes={"sha256": (None, stored.sha256)})
    except FileExists:
        return


def read_facts(version: CertificateVersion) -> CertificateFacts:
    """Return the frozen facts of a version."""
    return CertificateFacts.from_json(json.dumps(version.facts))


def _require_approvals(cohort: Cohort, candidates: list[Candidate]) -> list[Approval]:
    approvals = list_approvals(cohort, compute_digest(candidates))
    if not is_approved(approvals):
        raise NotApproved(
            _(
                "The course director and the certifying official must both approve this list before certificates are issued."
            )
        )
    return approvals


def _freeze(
    candidate: Candidate,
    cohort: Cohort,
    common: dict[str, Any],
    *,
    sequence: int,
    on: date,
    actor: User | None,
) -> None:
    enrolment = candidate.enrolment
    certificate = Certificate(
        agency_id=enrolment.agency_id,
        number=f"{cohort.certificate_stem}-{sequence:03d}",
        sequence=sequence,
        cohort_id=cohort.id,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        created_at=clock.now(),
    )
    db.session.add(certificate)
    db.session.flush()
    code = new_code()
    facts = CertificateFacts(
        number=certificate.number,
        version=1,
        code=code,
        verify_url=issuer.verification_url(code),
        name_latin=enrolment.person.name_for_certificate,
        name_native=enrolment.person.native_name,
        native_language="ar" if enrolment.person.native_name else None,
        issued_on=on,
        expires_on=candidate.eligibility.expires_on,
        **common,
    )
    version = CertificateVersion(
        certificate_id=certificate.id,
        agency_id=certificate.agency_id,
        version=1,
        code=code,
        facts=json.loads(facts.to_json()),
        template_version=str(TEMPLATE_VERSION),
        issued_on=on,
        expires_on=facts.expires_on,
        frozen_at=clock.now(),
        issued_by_id=actor.id if actor else None,
    )
    db.session.add(version)
    db.session.flush()
    audit.record(
        "certificate:issued",
        certificate,
        actor=actor,
        changes={
            "number": (None, certificate.number),
            "name": (None, facts.name_latin),
            "issued_on": (None, on),
            "expires_on": (None, facts.expires_on),
        },
        personal={"name"},
    )


def _common_facts(cohort: Cohort, approvals: list[Approval], *, on: date) -> dict[str, Any]:
    """Return the facts that all certificates of a cohort share."""
    host, edition = get_host(), cohort.edition
    outcomes = select(Outcome.texts).where(Outcome.edition_id == edition.id).order_by(Outcome.position)
    days = select(CohortSession.id).where(CohortSession.cohort_id == cohort.id)
    sessions = len(list(db.session.execute(days)))
    titles = {ApprovalKind.DIRECTOR: host.director_title, ApprovalKind.OFFICIAL: host.official_title}
    signed = {approval.kind: approval for approval in approvals}
    return {
        "course_code": edition.course.code,
        "course_title": edition.titles,
        "edition": edition.number,
        "cohort_code": cohort.code,
        "hours": int(edition.hours),
        "sessions": sessions,
        "domain": DOMAIN_NAMES.get(edition.course.domain, {"en": edition.course.domain}),
        "outcomes": tuple(db.session.execute(outcomes).scalars()),
        "held_from": cohort.starts_on,
        "held_to": cohort.ends_on,
        "venue": cohort.venue,
        "country": {code: country_name(cohort.country, code) for code in LANGUAGES},
        "host": Host(
            name_en=host.names["en"],
            name_ar=host.names.get("ar", ""),
            name_fr=host.names.get("fr", ""),
            short=host.short_name,
        ),
        "signatories": tuple(
            Signatory(
                name=signed[kind].approved_by.name,
                name_ar=signed[kind].approved_by.native_name or "",
                function=titles[kind],
            )
            for kind in ApprovalKind
        ),
        "languages": tuple(host.certificate_languages),
        "demonstration": issuer.is_demonstration(),
        "statement": edition.statement or {},
    }
