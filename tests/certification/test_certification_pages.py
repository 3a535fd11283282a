"""Certification through its pages: approve, issue, download, propose, decide, verify; and every wrong way in."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import User
from accounts.permissions import Role
from certification.models import Approval, Certificate, CertificateAction, CertificateActionState
from certification.services import certificates
from curriculum.models import Cohort
from foundation import jobs
from foundation.db import db
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.certification import issue, make_assessed_cohort, make_director, make_official
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]


@pytest.fixture
def cohort(app: Flask) -> Cohort:
    return make_assessed_cohort(make_agency("CPD"))


def digest_on(page: str) -> str:
    """Return the digest that the approval button of a page carries."""
    return page.split('name="digest" value="')[1].split('"')[0]


def test_two_officials_approve_and_the_certificates_are_issued_with_progress(
    cohort: Cohort, sign_in: SignIn
) -> None:
    director, official = sign_in(make_director(cohort)), sign_in(make_official())
    address = f"/cohorts/{cohort.id}/certification"
    for client, kind in ((director, "director"), (official, "official")):
        digest = digest_on(client.get(address).text)
        assert client.post(f"{address}/approve", data={"kind": kind, "digest": digest}).status_code == 302

    started = official.post(f"{address}/issue")
    assert started.status_code == 302
    jobs.run_pending()

    assert "3 certificates were issued" in official.get(started.location).text
    assert official.get(f"/cohorts/{cohort.id}/certificates.zip").mimetype == "application/zip"
    assert "Certified" in director.get(address).text
    assert official.get("/certificates").text.count(cohort.certificate_stem) >= 3


def test_approval_of_an_outdated_list_is_a_conflict_and_nothing_is_stored(
    cohort: Cohort, sign_in: SignIn
) -> None:
    client = sign_in(make_director(cohort))
    answer = client.post(
        f"/cohorts/{cohort.id}/certification/approve", data={"kind": "director", "digest": "0" * 64}
    )
    assert answer.status_code == 409
    assert db.session.execute(select(func.count(Approval.id))).scalar_one() == 0


@pytest.mark.parametrize(
    "data", [{}, {"kind": "king", "digest": "x"}, {"kind": "director", "digest": "x" * 65}]
)
def test_approval_with_bad_input_is_refused(cohort: Cohort, sign_in: SignIn, data: dict[str, str]) -> None:
    client = sign_in(make_director(cohort))
    assert client.post(f"/cohorts/{cohort.id}/certification/approve", data=data).status_code == 422


def test_official_cannot_approve_as_director(cohort: Cohort, sign_in: SignIn) -> None:
    client = sign_in(make_official())
    digest = digest_on(client.get(f"/cohorts/{cohort.id}/certification").text)
    answer = client.post(
        f"/cohorts/{cohort.id}/certification/approve", data={"kind": "director", "digest": digest}
    )
    assert answer.status_code == 403


def test_issue_without_approvals_is_refused(cohort: Cohort, sign_in: SignIn) -> None:
    client = sign_in(make_official())
    assert client.post(f"/cohorts/{cohort.id}/certification/issue").status_code == 422


def test_revocation_needs_two_people_and_is_public_at_once(
    cohort: Cohort, sign_in: SignIn, client: LintingClient
) -> None:
    certificate = issue(cohort)[0]
    code = certificate.current.code
    manager = make_user(Role.PROGRAMME_MANAGER, Role.CERTIFYING_OFFICIAL)
    proposer, decider = sign_in(manager), sign_in(make_official())
    assert "Valid" in client.get(f"/verify/{code}").text

    form = {"kind": "revoke", "reason": "The prerequisite paper was forged."}
    assert proposer.post(f"/certificates/{certificate.id}/actions/new", data=form).status_code == 302
    action = db.session.execute(select(CertificateAction)).scalar_one()
    assert proposer.post(f"/certificate-actions/{action.id}", data={"decision": "approve"}).status_code == 422
    assert decider.post(f"/certificate-actions/{action.id}", data={"decision": "decline"}).status_code == 422
    assert decider.post(f"/certificate-actions/{action.id}", data={"decision": "approve"}).status_code == 302
    assert decider.post(f"/certificate-actions/{action.id}", data={"decision": "approve"}).status_code == 409

    assert db.session.get_one(CertificateAction, action.id).state == CertificateActionState.APPROVED
    assert "Revoked" in client.get(f"/verify/{code}").text
    assert client.get(f"/VERIFY/{code.lower()}").status_code == 200
    assert client.get(f"/verify/{code}.json").json["status"] == "revoked"


def test_proposal_without_a_readable_reason_is_refused(cohort: Cohort, sign_in: SignIn) -> None:
    certificate = issue(cohort)[0]
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    for reason in ("", "bad", "a\u202eb forged paper was shown"):
        answer = client.post(
            f"/certificates/{certificate.id}/actions/new", data={"kind": "revoke", "reason": reason}
        )
        assert answer.status_code == 422
    assert db.session.execute(select(func.count(CertificateAction.id))).scalar_one() == 0


def test_certificates_of_one_agency_do_not_exist_for_another(cohort: Cohort, sign_in: SignIn) -> None:
    certificate = issue(cohort)[0]
    stranger = sign_in(make_officer(make_agency("UHO")))
    own = sign_in(make_officer(certificate.agency))

    for address in (f"/certificates/{certificate.id}", f"/certificates/{certificate.id}/versions/1.pdf"):
        assert stranger.get(address).status_code == 404
        assert own.get(address).status_code == 200
    assert certificate.number not in stranger.get("/certificates").text


def test_trainee_downloads_exactly_the_sealed_bytes(cohort: Cohort, sign_in: SignIn) -> None:
    mine, other = issue(cohort)[:2]
    trainee = sign_in(make_user(Role.TRAINEE, agency=mine.agency, person=mine.person))

    assert mine.number in trainee.get("/my/certificates").text
    answer = trainee.get(f"/certificates/{mine.id}/versions/1.pdf")
    assert answer.data == certificates.read_file(db.session.get_one(Certificate, mine.id).current)
    assert trainee.get(f"/certificates/{other.id}").status_code == 404
    assert trainee.get(f"/certificates/{mine.id}/versions/2.pdf").status_code == 404


def test_file_is_judged_byte_for_byte(cohort: Cohort, client: LintingClient) -> None:
    pdf = certificates.read_file(issue(cohort)[0].current)

    genuine = client.post("/verify", data={"file": (io.BytesIO(pdf), "certificate.pdf")})
    spoiled = client.post("/verify", data={"file": (io.BytesIO(pdf + b"\n% added"), "certificate.pdf")})
    nonsense = client.post("/verify", data={"file": (io.BytesIO(b"not a pdf"), "certificate.pdf")})

    assert genuine.status_code == 200 and "Byte for byte" in genuine.text
    assert spoiled.status_code == 422 and "Not genuine" in spoiled.text
    assert nonsense.status_code == 422 and "Not genuine" in nonsense.text
    form = "application/x-www-form-urlencoded"
    assert client.post("/verify", data=b"code=" + b"x" * 4_000_000, content_type=form).status_code == 413


def test_unknown_codes_are_not_found_and_guessing_is_slowed_down(
    cohort: Cohort, client: LintingClient
) -> None:
    for _ in range(30):
        assert client.get("/verify/0000-0000-0000").status_code == 404
    refused = client.get("/verify/0000-0000-0000")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert client.post("/verify", data={"code": "ABC"}).status_code == 422
