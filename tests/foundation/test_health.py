"""The machine that watches: alive and ready."""

import pytest

from foundation import health
from tests.support.client import LintingClient


def test_healthz_says_alive_without_sign_in(client: LintingClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


def test_factories_build_a_cohort_with_trainees(app: object) -> None:
    from tests.factories.accounts import make_agency
    from tests.factories.curriculum import make_cohort, make_enrolment

    agency, cohort = make_agency(), make_cohort()
    enrolment = make_enrolment(cohort, agency)

    assert enrolment.cohort.edition.assessments[0].items[0].critical


def test_readyz_names_what_is_broken_without_saying_why(
    client: LintingClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> bool:
        raise OSError("/secret/folder is gone")

    monkeypatch.setitem(health._checks, "disk", broken)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"]["disk"] is False
    assert "secret" not in answer.text
    assert "readiness check failed" in caplog.text
