"""Certificates by command: issue, export, verify, in the shapes that others build on."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from accounts.permissions import Role
from certification.models import Certificate, CertificateActionKind
from certification.services import actions
from curriculum.models import Cohort
from foundation.db import db
from tests.factories.accounts import make_user
from tests.factories.certification import approve_both, make_assessed_cohort, make_official


def run(app: Flask, *arguments: str) -> Result:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=list(arguments))
    db.session.rollback()
    db.session.expire_all()
    return result


def run_json(app: Flask, *arguments: str) -> tuple[int, Any]:
    result = run(app, *arguments, "--json")
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def cohort(app: Flask) -> Cohort:
    cohort = make_assessed_cohort()
    approve_both(cohort)
    return cohort


def test_issue_twice_names_the_issued_then_the_holders_and_the_refused_with_reasons(
    app: Flask, cohort: Cohort
) -> None:
    code, first = run_json(app, "certificates", "issue", "--cohort", cohort.code)
    again, second = run_json(app, "certificates", "issue", "--cohort", cohort.code)

    assert (code, again) == (0, 0)
    assert [entry["number"] for entry in first["issued"]] == [
        f"{cohort.certificate_stem}-00{n}" for n in (1, 2, 3)
    ]
    assert (second["issued"], second["already"]) == ([], first["issued"])
    assert set(first["issued"][0]) == {"number", "version", "person", "name"}
    assert len(first["refused"]) == 1 and first["refused"][0]["reasons"]


def test_issue_without_approvals_or_for_nothing_is_refused_with_exit_1(app: Flask) -> None:
    unapproved = make_assessed_cohort()
    assert run(app, "certificates", "issue", "--cohort", unapproved.code).exit_code == 1
    assert run(app, "certificates", "issue", "--cohort", "NO-SUCH/1").exit_code == 1
    assert run(app, "certificates", "issue").exit_code == 2


def test_export_holds_all_that_a_checker_needs_and_verify_tells_genuine_from_changed(
    app: Flask, cohort: Cohort, tmp_path: Path
) -> None:
    run(app, "certificates", "issue", "--cohort", cohort.code)
    code, listed = run_json(app, "certificates", "export", "--cohort", cohort.code, "--out", str(tmp_path))
    first = tmp_path / f"{cohort.certificate_stem}-001-v1.pdf"

    assert code == 0
    assert listed["files"] == sorted(path.name for path in tmp_path.iterdir())
    code, verdict = run_json(app, "certificates", "verify", str(first))
    assert (code, verdict["verdict"], verdict["problems"]) == (0, "valid", [])
    assert set(verdict) == {
        "verdict", "number", "version", "name", "name_native", "course", "issued_on", "expires_on", "problems",
    }  # fmt: skip
    code, alone = run_json(app, "certificates", "verify", str(first), "--trust", str(tmp_path))
    assert (code, alone["verdict"], alone["name_native"]) == (0, "valid", verdict["name_native"])
    over = (date.fromisoformat(verdict["expires_on"]) + timedelta(days=1)).isoformat()
    code, late = run_json(app, "certificates", "verify", str(first), "--trust", str(tmp_path), "--on", over)
    assert (code, late["verdict"]) == (1, "expired")

    changed = tmp_path / "changed.pdf"
    changed.write_bytes(first.read_bytes().replace(b"endobj", b"endobk", 1))
    code, spoiled = run_json(app, "certificates", "verify", str(changed))
    assert (code, spoiled["verdict"], spoiled["name"]) == (3, "not_genuine", None)


def test_verify_of_a_revoked_certificate_exits_1(app: Flask, cohort: Cohort, tmp_path: Path) -> None:
    run(app, "certificates", "issue", "--cohort", cohort.code)
    run(app, "certificates", "export", "--cohort", cohort.code, "--out", str(tmp_path))
    certificate = db.session.query(Certificate).order_by(Certificate.sequence).first()
    assert certificate is not None
    manager, official = make_user(Role.PROGRAMME_MANAGER), make_official()
    action = actions.propose(
        certificate, CertificateActionKind.REVOKE, reason="A forged paper was proven.", actor=manager
    )
    actions.decide(action, approve=True, note=None, actor=official)

    code, verdict = run_json(app, "certificates", "verify", str(tmp_path / f"{certificate.number}-v1.pdf"))

    assert (code, verdict["verdict"], verdict["number"]) == (1, "revoked", certificate.number)


def test_audit_verify_finds_the_trail_whole(app: Flask, cohort: Cohort) -> None:
    code, report = run_json(app, "audit", "verify")
    assert (code, report["problems"]) == (0, [])
    assert report["entries"] > 0
