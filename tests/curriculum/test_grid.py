"""The recording grid over HTTP: what a page shows, what its doors accept, and everything they refuse."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from accounts.models import User
from accounts.permissions import Role
from curriculum.models import (
    Assessment,
    Attempt,
    AttemptState,
    Cohort,
    CourseDirector,
    Enrolment,
    Mark,
    MarkOperation,
)
from foundation.db import db
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.curriculum import make_cohort, make_enrolment, post_instructor
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]
JSON = {"Accept": "application/json"}


@dataclass
class World:
    cohort_id: int
    station_id: int
    paper_id: int
    items: dict[str, int]
    trainees: list[int]
    grace: User
    omar: User
    lead: User
    officer: User
    stranger: User


@pytest.fixture
def world(app: Flask) -> World:
    """A running cohort with three trainees of one agency and one of another; a cohort of the same course elsewhere."""
    agency, other = make_agency(), make_agency()
    cohort = make_cohort(starts_on=date(2026, 11, 16))
    people = [make_user(Role.INSTRUCTOR, name=name) for name in ("Grace", "Omar", "Lead", "Stranger")]
    post_instructor(cohort, people[0])
    post_instructor(cohort, people[1])
    post_instructor(cohort, people[2], lead=True)
    trainees = [make_enrolment(cohort, agency, number=n) for n in (1, 2, 3)]
    trainees.append(make_enrolment(cohort, other, number=4))
    station, paper = cohort.edition.assessments
    found = World(
        cohort.id,
        station.id,
        paper.id,
        {item.code: item.id for item in [*station.items, *paper.items]},
        [trainee.id for trainee in trainees],
        people[0],
        people[1],
        people[2],
        make_officer(agency),
        people[3],
    )
    db.session.commit()
    return found


def send(
    client: LintingClient, world: World, *, trainee: int = 0, paper: bool = False, **changes: Any
) -> Any:
    body = {
        "uuid": str(uuid4()),
        "item_id": world.items["score" if paper else "I1"],
        "value": 3,
        "base_version": 0,
    }
    options = changes.pop("options", {})
    assessment_id = world.paper_id if paper else world.station_id
    address = f"/enrolments/{world.trainees[trainee]}/assessments/{assessment_id}/marks"
    return client.post(changes.pop("address", address), json=body | changes, headers=JSON, **options)


def fill(client: LintingClient, world: World, *, value: int = 3, trainee: int = 0) -> int:
    for code in ("I1", "I2", "I3"):
        answer = send(client, world, trainee=trainee, item_id=world.items[code], value=value)
    return int(answer.json["attempt_id"])


def grid_address(world: World) -> str:
    return f"/cohorts/{world.cohort_id}/assessments/{world.station_id}"


def count(model: type) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def test_saved_mark_answers_value_version_progress_and_judgement(world: World, sign_in: SignIn) -> None:
    answer = send(sign_in(world.grace), world)
    assert answer.status_code == 200
    assert answer.json["outcome"] == "applied"
    assert (answer.json["value"], answer.json["version"]) == ("3", 1)
    assert answer.json["progress"] == {"done": 1, "total": 3}
    assert answer.json["judgement"]["outcome"] == "incomplete"
    assert f"/attempts/{answer.json['attempt_id']}" in answer.json["sheet"]


def test_replay_of_the_same_uuid_answers_the_same_and_stores_nothing_more(
    world: World, sign_in: SignIn
) -> None:
    client, uuid = sign_in(world.grace), str(uuid4())
    first, second = send(client, world, uuid=uuid), send(client, world, uuid=uuid)
    assert first.json == second.json
    assert count(MarkOperation) == 1


def test_conflict_is_answered_with_both_values_and_the_way_to_the_decision(
    world: World, sign_in: SignIn
) -> None:
    send(sign_in(world.grace), world, value=2)
    answer = send(sign_in(world.omar), world, value=3)
    assert (answer.status_code, answer.json["outcome"], answer.json["value"]) == (200, "conflict", "2")
    assert "you entered 3, and a colleague entered 2" in answer.json["message"]
    page = sign_in(world.lead).get(answer.json["decision_url"])
    assert page.status_code == 200
    assert "Grace" in page.text
    assert "Omar" in page.text


def test_lead_decides_on_the_page_and_the_grid_is_at_peace_again(world: World, sign_in: SignIn) -> None:
    send(sign_in(world.grace), world, value=2)
    answer = send(sign_in(world.omar), world, value=3)
    lead = sign_in(world.lead)
    assert "1 conflict to decide" in lead.get(grid_address(world)).text
    without = lead.post(answer.json["decision_url"], data={"value": "3"})
    assert without.status_code == 422
    assert "Say why this value stands." in without.text
    assert lead.post(answer.json["decision_url"], data={"value": "3", "reason": "Seen."}).status_code == 303
    assert "conflict to decide" not in lead.get(grid_address(world)).text
    assert [mark.value for mark in db.session.execute(select(Mark)).scalars()] == [3]


def test_evaluator_who_does_not_lead_reads_both_values_and_cannot_decide(
    world: World, sign_in: SignIn
) -> None:
    send(sign_in(world.grace), world, value=2)
    address = send(sign_in(world.omar), world, value=3).json["decision_url"]
    omar = sign_in(world.omar)
    page = omar.get(address)
    assert "The lead instructor decides" in page.text
    assert "<textarea" not in page.text
    refused = omar.post(address, data={"value": "3", "reason": "Mine."})
    assert refused.status_code in (403, 422)
    assert [mark.value for mark in db.session.execute(select(Mark)).scalars()] == [2]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"uuid": "not-a-uuid"}, 400),
        ({"uuid": None}, 400),
        ({"item_id": "x"}, 400),
        ({"item_id": True}, 400),
        ({"item_id": 999999}, 404),
        ({"base_version": -1}, 400),
        ({"base_version": None}, 400),
        ({"number": "one"}, 400),
        ({"value": [3]}, 400),
        ({"value": {"a": 1}}, 400),
        ({"value": True}, 400),
        ({"value": "three"}, 422),
        ({"value": "NaN"}, 422),
        ({"value": "1e999"}, 422),
        ({"value": 7}, 422),
        ({"value": -1}, 422),
        ({"value": 2.5}, 422),
        ({"value": "3.001"}, 422),
    ],
)
def test_what_is_no_mark_is_refused_with_a_sentence(
    world: World, sign_in: SignIn, changes: dict[str, Any], status: int
) -> None:
    answer = send(sign_in(world.grace), world, **changes)
    assert answer.status_code == status
    assert answer.json["error"]
    assert (count(MarkOperation), count(Attempt)) == (0, 0)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"3"])
def test_body_that_is_no_operation_is_refused(world: World, sign_in: SignIn, body: bytes) -> None:
    address = f"/enrolments/{world.trainees[0]}/assessments/{world.station_id}/marks"
    answer = sign_in(world.grace).post(address, data=body, content_type="application/json", headers=JSON)
    assert answer.status_code == 400
    assert answer.json["error"] == "The mark could not be read."


@pytest.mark.parametrize(
    ("value", "status"), [("72.5", 200), ("100", 200), ("72,5", 200), ("72.55", 422), ("101", 422), ("", 200)]
)
def test_written_paper_takes_percent_with_one_decimal(
    world: World, sign_in: SignIn, value: str, status: int
) -> None:
    assert send(sign_in(world.grace), world, paper=True, value=value).status_code == status


def test_missing_csrf_token_is_400(world: World, sign_in: SignIn) -> None:
    assert send(sign_in(world.grace), world, options={"with_token": False}).status_code == 400
    assert count(MarkOperation) == 0


def test_who_is_not_signed_in_is_told_so_in_json(world: World, client: LintingClient) -> None:
    assert send(client, world).status_code == 401


def test_only_instructors_of_the_cohort_get_in(world: World, sign_in: SignIn) -> None:
    director = make_user(Role.COURSE_DIRECTOR)
    cohort = db.session.get_one(Cohort, world.cohort_id)
    db.session.add(CourseDirector(course_id=cohort.edition.course_id, user_id=director.id))
    users = {
        "stranger": (world.stranger, 404, 403),
        "officer": (world.officer, 403, 403),
        "director": (director, 200, 403),
        "auditor": (make_user(Role.AUDITOR), 200, 403),
        "trainee": (make_user(Role.TRAINEE), 404, 404),
        "administrator": (make_user(Role.ADMINISTRATOR), 404, 403),
    }
    db.session.commit()
    for name, (user, reads, writes) in users.items():
        client = sign_in(user)
        assert client.get(grid_address(world)).status_code == reads, name
        assert send(client, world).status_code == writes, name
    assert count(MarkOperation) == 0


def test_ids_of_another_agency_answer_as_if_there_were_nothing(world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    foreign, own = fill(grace, world, trainee=3), fill(grace, world, trainee=0)
    officer = sign_in(world.officer)
    assert officer.get(f"/attempts/{foreign}").status_code == 404
    page = officer.get(f"/attempts/{own}")
    assert page.status_code == 200
    assert "Every value entered" not in page.text
    assert send(officer, world, trainee=3).status_code == 404
    assert officer.post(f"/attempts/{foreign}/sign").status_code == 404


def test_instrument_of_another_edition_is_404(world: World, sign_in: SignIn) -> None:
    other = make_cohort().edition.assessments[0]
    item_id, other_id = other.items[0].id, other.id
    db.session.commit()
    grace = sign_in(world.grace)
    address = f"/enrolments/{world.trainees[0]}/assessments/{other_id}/marks"
    assert send(grace, world, address=address, item_id=item_id).status_code == 404
    assert grace.get(f"/cohorts/{world.cohort_id}/assessments/{other_id}").status_code == 404
    assert send(grace, world, item_id=item_id).status_code == 404


def test_instructor_who_is_the_trainee_records_nothing_about_himself(world: World, sign_in: SignIn) -> None:
    enrolment = db.session.get_one(Enrolment, world.trainees[0])
    db.session.get_one(User, world.grace.id).person_id = enrolment.person_id
    db.session.commit()
    grace = sign_in(world.grace)
    assert send(grace, world).status_code == 403
    assert "Yourself" in grace.get(grid_address(world)).text


def test_every_door_to_a_signed_sheet_is_locked(world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    attempt_id = fill(grace, world)
    assert grace.post(f"/attempts/{attempt_id}/sign", data={"note": ""}).status_code == 303
    assert send(grace, world, value=1, base_version=1, number=1).status_code == 409
    assert send(grace, world, value=1, base_version=1).status_code == 409
    assert grace.post(f"/attempts/{attempt_id}/sign", data={"note": ""}).status_code == 409
    row = f"/enrolments/{world.trainees[0]}/assessments/{world.station_id}/row"
    typed = {f"m-{world.trainees[0]}-{world.items['I1']}": "1", "attempt": "1"}
    assert grace.post(row, data=typed).status_code == 409
    lead = sign_in(world.lead)
    decide = f"/attempts/{attempt_id}/items/{world.items['I1']}/decide"
    assert lead.post(decide, data={"value": "1", "reason": "x"}).status_code in (409, 422)
    assert {mark.value for mark in db.session.execute(select(Mark)).scalars()} == {3}


def test_refused_signature_shows_every_reason_at_once_and_keeps_the_note(
    world: World, sign_in: SignIn
) -> None:
    grace = sign_in(world.grace)
    attempt_id = send(grace, world, value=3).json["attempt_id"]
    send(sign_in(world.omar), world, value=1)
    page = grace.post(f"/attempts/{attempt_id}/sign", data={"note": "Kept words"})
    assert page.status_code == 422
    assert "items still to be marked: 2" in page.text
    assert "marked differently" in page.text
    assert "Kept words" in page.text


def test_signing_together_names_the_sheets_and_leaves_out_the_unfinished(
    world: World, sign_in: SignIn
) -> None:
    grace = sign_in(world.grace)
    first, second = fill(grace, world, trainee=0), fill(grace, world, trainee=1)
    send(grace, world, trainee=2)
    address = f"{grid_address(world)}/sign"
    page = grace.get(address)
    assert "2 sheets can be signed" in page.text
    assert "items still to be marked: 2" in page.text
    assert grace.post(address, data={"ids": [first, 999999]}).status_code == 303
    states = dict(db.session.execute(select(Attempt.id, Attempt.state)).all())
    assert (states[first], states[second]) == (AttemptState.SIGNED, AttemptState.DRAFT)
    assert grace.post(address, data={}).status_code == 422


def test_colleagues_sheets_are_not_signed_together_with_ones_own(world: World, sign_in: SignIn) -> None:
    attempt_id = fill(sign_in(world.omar), world)
    grace = sign_in(world.grace)
    assert grace.post(f"{grid_address(world)}/sign", data={"ids": [attempt_id]}).status_code == 422


def test_row_is_saved_by_a_plain_form(world: World, sign_in: SignIn) -> None:
    grace, trainee = sign_in(world.grace), world.trainees[0]
    typed = {f"m-{trainee}-{world.items[code]}": "3" for code in ("I1", "I2")} | {
        "attempt": "1",
        f"v-{trainee}": "",
    }
    answer = grace.post(f"/enrolments/{trainee}/assessments/{world.station_id}/row", data=typed)
    assert (answer.status_code, count(Mark)) == (303, 2)
    assert "The row is saved." in grace.get(answer.location.partition("#")[0]).text


def test_second_attempts_have_a_grid_of_their_own(world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    attempt_id = fill(grace, world, value=2)
    assert "Nobody has to try again" in grace.get(f"{grid_address(world)}?attempt=2").text
    grace.post(f"/attempts/{attempt_id}/sign", data={"note": "Practise."})
    assert "1 trainee has a second attempt" in grace.get(grid_address(world)).text
    assert "did not mark the attempt before" in grace.get(f"{grid_address(world)}?attempt=2").text
    omar = sign_in(world.omar)
    assert "did not mark the attempt before" not in omar.get(f"{grid_address(world)}?attempt=2").text
    assert send(omar, world, number=2).json["attempt_id"] != attempt_id
    assert grace.get(f"{grid_address(world)}?attempt=3").status_code == 404


def test_counts_of_the_instruments_lead_to_what_they_count(world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    attempt_id = fill(grace, world)
    grace.post(f"/attempts/{attempt_id}/sign", data={"note": ""})
    send(grace, world, trainee=1)
    page = grace.get(f"/cohorts/{world.cohort_id}/assessments")
    assert ">1/4<" in page.text
    assert "Grace" in page.text
    for shown, rows in {"signed": 1, "draft": 1, "missing": 2, "conflict": 0, "nonsense": 4}.items():
        assert grace.get(f"{grid_address(world)}?show={shown}").text.count("data-grid-row") == rows


def test_grid_costs_the_same_statements_for_three_trainees_and_for_thirty(
    world: World, sign_in: SignIn
) -> None:
    grace = sign_in(world.grace)
    fill(grace, world)
    few = count_statements(lambda: grace.get(grid_address(world)))
    cohort = db.session.get_one(Cohort, world.cohort_id)
    agency = make_agency()
    for number in range(10, 37):
        make_enrolment(cohort, agency, number=number)
    db.session.commit()
    send(grace, world, trainee=1)
    assert count_statements(lambda: grace.get(grid_address(world))) == few


def test_saving_a_mark_takes_few_statements(world: World, sign_in: SignIn) -> None:
    grace = sign_in(world.grace)
    send(grace, world)
    assert count_statements(lambda: send(grace, world, item_id=world.items["I2"])) <= 30


def count_statements(act: Callable[[], object]) -> int:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)


def test_start_page_names_own_unsigned_sheets_conflicts_and_todays_sessions(
    world: World, sign_in: SignIn
) -> None:
    grace = sign_in(world.grace)
    send(grace, world, value=2)
    send(sign_in(world.omar), world, value=3)
    assert "1 sheet of yours in Station 1" in grace.get("/").text
    assert "1 conflict to decide in Station 1" in sign_in(world.lead).get("/").text
    assert "conflict to decide" not in grace.get("/").text


def test_recorder_that_was_away_gets_a_fresh_token_and_the_users_id(world: World, sign_in: SignIn) -> None:
    answer = sign_in(world.grace).get("/recording/token", headers=JSON)
    assert answer.json["user_id"] == world.grace.id
    assert len(answer.json["token"]) > 20


def test_printed_grid_has_a_row_for_everybody(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.grace).get(f"{grid_address(world)}?print=1")
    assert page.text.count("<tr>") == 5


def test_instruments_know_only_their_own_cohort(world: World, sign_in: SignIn) -> None:
    assert db.session.get_one(Assessment, world.station_id).code == "ST1"
    assert sign_in(world.stranger).get(f"/cohorts/{world.cohort_id}/assessments").status_code == 404
