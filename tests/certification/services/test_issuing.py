"""Issue: frozen, sealed, once each; refused by name; approved by two of exactly the list they saw."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.permissions import Role
from certification import issuer
from certification.checking import judge_file
from certification.models import ApprovalKind, Certificate, CertificateFile, CertificateVersion
from certification.services import approvals, certificates, issuing
from certification.services.candidates import compute_digest, list_candidates
from curriculum.models import Cohort, Enrolment
from foundation import jobs
from foundation.db import db, transaction
from tests.factories.accounts import make_user
from tests.factories.certification import approve_both, make_assessed_cohort

TODAY = date(2026, 11, 22)


@pytest.fixture
def cohort(app: Flask) -> Cohort:
    """Three competent trainees and one who never sat the paper."""
    return make_assessed_cohort()


def run_issue(cohort: Cohort) -> issuing.IssueReport:
    cohort_id = cohort.id
    db.session.commit()
    return issuing.issue_cohort(cohort_id, unit=transaction, progress=lambda *_: None)


def test_issue_for_cohort_twice_issues_once(cohort: Cohort) -> None:
    approve_both(cohort)

    first, second = run_issue(cohort), run_issue(cohort)

    assert (len(first.issued), len(first.refused)) == (3, 1)
    assert (second.issued, len(second.already)) == ([], 3)
    numbers = list(db.session.execute(select(Certificate.number).order_by(Certificate.sequence)).scalars())
    stem = cohort.certificate_stem
    assert numbers == [f"{stem}-001", f"{stem}-002", f"{stem}-003"]
    assert db.session.execute(select(func.count(CertificateFile.id))).scalar_one() == 3


def test_issue_is_refused_without_both_approvals(cohort: Cohort) -> None:
    with pytest.raises(issuing.NotApproved):
        run_issue(cohort)
    assert db.session.execute(select(func.count(Certificate.id))).scalar_one() == 0


def test_change_after_approval_asks_for_a_new_one(cohort: Cohort) -> None:
    approve_both(cohort)
    enrolment = db.session.execute(select(Enrolment).order_by(Enrolment.number)).scalars().first()
    assert enrolment is not None
    enrolment.person.certificate_name = "Another Spelling"
    db.session.commit()

    with pytest.raises(issuing.NotApproved):
        run_issue(cohort)


def test_one_person_cannot_give_both_approvals(cohort: Cohort) -> None:
    both = make_user(Role.COURSE_DIRECTOR, Role.CERTIFYING_OFFICIAL)
    candidates = list_candidates(cohort, on=TODAY)
    digest = compute_digest(candidates)
    approvals.approve(cohort, ApprovalKind.DIRECTOR, candidates=candidates, seen_digest=digest, actor=both)

    with pytest.raises(approvals.SamePerson):
        approvals.approve(
            cohort, ApprovalKind.OFFICIAL, candidates=candidates, seen_digest=digest, actor=both
        )


def test_issue_stopped_between_freezing_and_sealing_is_finished_from_the_frozen_facts(cohort: Cohort) -> None:
    approve_both(cohort)
    with transaction():
        issuing.freeze_cohort(cohort.id, actor_id=None)
    codes = set(db.session.execute(select(CertificateVersion.code)).scalars())

    report = run_issue(cohort)

    assert len(report.already) == 3
    assert set(db.session.execute(select(CertificateVersion.code)).scalars()) == codes
    assert db.session.execute(select(func.count(CertificateFile.id))).scalar_one() == 3


def test_job_issues_and_the_file_is_genuine_by_its_bytes_and_by_its_code(cohort: Cohort) -> None:
    _, official = approve_both(cohort)
    job = issuing.start_issue(cohort, actor=official)
    db.session.commit()
    jobs.run_pending()

    done = jobs.find_job(job.id)
    assert done is not None
    assert len(done.result["issued"]) == 3
    version = db.session.execute(select(CertificateVersion).order_by(CertificateVersion.id)).scalars().first()
    assert version is not None
    pdf = certificates.read_file(version)
    found = certificates.find_version_of_file(pdf)
    assert found is not None and found.id == version.id
    assert certificates.find_version(version.code.lower()) is found
    known = certificates.verify_version(found, on=TODAY)
    verdict = judge_file(pdf, trust=issuer.list_trust_roots(), known=known, on=TODAY)
    assert (verdict.verdict, verdict.number, verdict.name) == (
        "valid",
        version.certificate.number,
        known.facts.name_latin,
    )
    spoiled = pdf.replace(b"/Type", b"/Tipe", 1)
    assert judge_file(spoiled, trust=issuer.list_trust_roots(), known=None, on=TODAY).verdict == "not_genuine"
