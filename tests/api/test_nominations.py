"""Cohorts, nominations, enrolments and certificates over the API: the rules of the pages, in JSON."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from certification.models import CertificateFile
from certification.services import issuing
from curriculum.models import (
    Cohort,
    CohortState,
    GateKind,
    GateState,
    MedicalReason,
    NominationState,
)
from foundation import clock, storage
from foundation.db import db, transaction
from tests.api.conftest import Caller, MakeCaller
from tests.factories.accounts import make_agency, make_person
from tests.factories.certification import approve_both, make_assessed_cohort
from tests.factories.curriculum import make_cohort, make_course, make_edition, make_enrolment, make_nomination


@pytest.fixture
def cohort(app: Flask) -> Cohort:
    """An open cohort, MCM-201/7, that begins in a month."""
    edition = make_edition(make_course("MCM-201"), prerequisites=[])
    return make_cohort(
        edition,
        number=7,
        code="MCM-201/7",
        state=CohortState.OPEN,
        starts_on=clock.today() + timedelta(days=30),
    )


def _people(caller: Caller, count: int) -> list[str]:
    refs = [make_person(caller.agency).public_ref for _number in range(count)]
    db.session.commit()
    return refs


def test_people_are_nominated_in_the_order_sent(caller: Caller, cohort: Cohort) -> None:
    refs = _people(caller, 3)[::-1]
    made = caller.post("/nominations", {"cohort": "MCM-201/7", "people": refs, "note": "our best"})
    assert made.status_code == 200
    assert [one["outcome"] for one in made.json["results"]] == ["nominated"] * 3
    assert [(one["person"], one["nomination"]["rank"]) for one in made.json["results"]] == [
        (refs[0], 1),
        (refs[1], 2),
        (refs[2], 3),
    ]
    listed = caller.get("/nominations", query_string={"cohort": "MCM-201/7"}).json["items"]
    assert {one["person"] for one in listed} == set(refs)
    assert {one["note"] for one in listed} == {"our best"}
    assert [gate["kind"] for gate in listed[0]["gates"]] == [kind.value for kind in GateKind]
    one = caller.get(f"/nominations/MCM-201/7/{refs[0]}")
    assert one.json == made.json["results"][0]["nomination"]


def test_who_cannot_be_nominated_is_named_and_the_others_are(caller: Caller, cohort: Cohort) -> None:
    first, second = _people(caller, 2)
    caller.post("/nominations", {"cohort": cohort.code, "people": [first]})
    elsewhere = make_person(make_agency())
    other = make_agency()
    make_nomination(cohort, other, make_person(other, public_ref="PDUAL"))
    db.session.commit()
    results = caller.post("/nominations", {"cohort": cohort.code, "people": [first, second, second]}).json
    assert [one["outcome"] for one in results["results"]] == ["already", "nominated", "already"]
    for ref in (elsewhere.public_ref, "PDUAL", "PNOBODY"):
        refused = caller.post("/nominations", {"cohort": cohort.code, "people": [second, ref]})
        assert [fault["pointer"] for fault in refused.json["errors"]] == ["#/people/1"]


def test_closed_cohort_takes_nobody(caller: Caller, cohort: Cohort) -> None:
    (ref,) = _people(caller, 1)
    cohort.state = CohortState.RUNNING
    db.session.commit()
    refused = caller.post("/nominations", {"cohort": cohort.code, "people": [ref]})
    assert refused.status_code == 409
    assert refused.json["detail"] == "Cohort MCM-201/7 takes no nominations any more."


def test_agency_without_an_agreement_nominates_nobody(make_caller: MakeCaller, cohort: Cohort) -> None:
    caller = make_caller(make_agency())
    (ref,) = _people(caller, 1)
    refused = caller.post("/nominations", {"cohort": cohort.code, "people": [ref]})
    assert refused.status_code == 422
    assert "agreement" in refused.json["detail"]


def test_withdrawal_is_done_once_and_says_why(caller: Caller, cohort: Cohort) -> None:
    (ref,) = _people(caller, 1)
    caller.post("/nominations", {"cohort": cohort.code, "people": [ref]})
    address = f"/nominations/MCM-201/7/{ref}/withdrawal"
    withdrawn = caller.post(address, {"reason": "posted abroad"}, key="w-1")
    assert (withdrawn.json["state"], withdrawn.json["reasons"]) == ("withdrawn", ["posted abroad"])
    assert caller.post(address, {"reason": "posted abroad"}, key="w-1").data == withdrawn.data
    assert caller.post(address, {"reason": "posted abroad"}).status_code == 422
    again = caller.post("/nominations", {"cohort": cohort.code, "people": [ref]})
    assert again.json["results"][0]["outcome"] == "nominated"


def test_medical_gate_says_how_it_stands_and_never_why(caller: Caller, cohort: Cohort) -> None:
    nomination = make_nomination(cohort, caller.agency, gates=GateState.NOT_CLEARED)
    for gate in nomination.gates:
        gate.reason = "a secret reason"
    db.session.commit()
    ref = nomination.person.public_ref
    found = caller.get(f"/nominations/MCM-201/7/{ref}")
    assert found.json["gates"][0] == {
        "kind": "medical",
        "state": "not_cleared",
        "limits": None,
        "valid_until": None,
    }
    assert "secret" not in found.text
    assert db.session.execute(select(MedicalReason)).first() is None


def test_cohorts_are_those_open_and_those_with_own_people(caller: Caller, cohort: Cohort) -> None:
    running = make_cohort(cohort.edition, state=CohortState.RUNNING, starts_on=date(2026, 11, 16))
    make_cohort(cohort.edition, state=CohortState.RUNNING)
    make_nomination(running, caller.agency, state=NominationState.CONFIRMED)
    db.session.commit()
    found = {one["code"]: one for one in caller.get("/cohorts").json["items"]}
    assert set(found) == {"MCM-201/7", running.code}
    assert found["MCM-201/7"]["takes_nominations"] is True
    assert found[running.code]["takes_nominations"] is False
    assert caller.get("/cohorts/MCM-201/7").json == found["MCM-201/7"]
    assert caller.get("/cohorts/MCM-201%2F7").json == found["MCM-201/7"]
    assert caller.get("/cohorts?state=running").json["items"] == [found[running.code]]


def test_nominations_end_on_the_day_named(caller: Caller, cohort: Cohort) -> None:
    cohort.nominations_close_on = clock.today() - timedelta(days=1)
    db.session.commit()
    assert caller.get("/cohorts/MCM-201/7").json["takes_nominations"] is False


def test_trainee_is_shown_with_attendance_scores_and_reasons(caller: Caller) -> None:
    cohort = make_assessed_cohort(caller.agency, competent=1)
    competent, absent = caller.get("/enrolments").json["items"]
    found = caller.get(f"/enrolments/{cohort.code}/{competent['person']}").json
    assert found["enrolment"] == competent
    assert found["outcome"] == "competent"
    assert found["attendance"]["attended"] >= found["attendance"]["required"]
    assert {one["score_percent"] for one in found["assessments"]} == {100.0}
    assert found["reasons"] == []
    late = caller.get(f"/enrolments/{cohort.code}/{absent['person']}").json
    assert late["outcome"] == "in_progress"
    assert late["assessments"][0]["score_percent"] is None
    assert late["reasons"]


def test_enrolments_are_narrowed_by_cohort_and_state(caller: Caller) -> None:
    enrolment = make_enrolment(make_cohort(), caller.agency)
    make_enrolment(make_cohort(), caller.agency)
    db.session.commit()
    query = {"cohort": enrolment.cohort.code, "state": "enrolled"}
    found = caller.get("/enrolments", query_string=query).json["items"]
    assert [one["person"] for one in found] == [enrolment.person.public_ref]


def test_certificate_is_listed_read_and_fetched_as_it_was_sealed(caller: Caller) -> None:
    cohort = make_assessed_cohort(caller.agency, competent=1)
    _director, official = approve_both(cohort)
    cohort_id, official_id = cohort.id, official.id
    db.session.commit()
    with transaction():
        issuing.freeze_cohort(cohort_id, actor_id=official_id)
    (listed,) = caller.get("/certificates").json["items"]
    assert (listed["status"], listed["version"]) == ("valid", 1)
    address = f"/certificates/{listed['number']}"
    found = caller.get(address).json
    assert found["certificate"] == listed
    assert found["versions"][0]["file_sha256"] is None
    assert caller.get(f"{address}/pdf").status_code == 404
    _seal(caller)
    pdf = caller.get(f"{address}/pdf")
    assert (pdf.mimetype, pdf.data) == ("application/pdf", b"%PDF-1.7 sealed")
    assert caller.get(f"{address}/pdf", headers={"If-None-Match": pdf.headers["ETag"]}).status_code == 304
    assert caller.get(address).json["versions"][0]["file_sha256"]


def _seal(caller: Caller) -> None:
    """Put a stand-in for the file where the worker would put the sealed one, which takes a second to print."""
    stored = storage.put(b"%PDF-1.7 sealed", suffix=".pdf")
    db.session.add(
        CertificateFile(
            version_id=1,
            agency_id=caller.agency.id,
            storage_key=stored.key,
            sha256=stored.sha256,
            size=stored.size,
            sealed_at=clock.now(),
        )
    )
    db.session.commit()
