"""The machine that watches: alive and ready."""

from tests.support.client import LintingClient


def test_healthz_says_alive_without_sign_in(client: LintingClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


def test_factories_build_a_cohort_with_trainees(app: object) -> None:
    from tests.factories.accounts import make_agency
    from tests.factories.curriculum import make_cohort, make_enrolment

    agency, cohort = make_agency(), make_cohort()
    enrolment = make_enrolment(cohort, agency)

    assert enrolment.cohort.edition.assessments[0].items[0].critical
