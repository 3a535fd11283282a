"""Doing it once: the same key gives the same answer and no second effect, also at the same moment."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import Client, TestResponse

from accounts.models import ApiToken, Person
from accounts.services import api_tokens
from foundation import clock
from foundation.api.idempotency import KEPT_FOR, KeptAnswer
from foundation.db import db
from tests.api.conftest import Caller, MakeCaller, kind_of
from tests.factories.accounts import make_person, make_user

RAMI = {"birth_date": "1990-01-02", "family_name": "Haddad", "given_names": "Rami", "languages": ["ar"]}


def _people() -> int:
    return db.session.execute(select(func.count()).select_from(Person)).scalar_one()


def test_repeated_request_gets_the_first_answer_and_registers_nobody_twice(caller: Caller) -> None:
    first = caller.post("/people", RAMI, key="k-1")
    again = caller.post("/people", dict(reversed(RAMI.items())), key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.data, first.location, first.headers["ETag"]) == (
        again.data,
        again.location,
        again.headers["ETag"],
    )
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert _people() == 1


def test_key_used_for_another_body_is_refused(caller: Caller) -> None:
    caller.post("/people", RAMI, key="k-1")
    refused = caller.post("/people", RAMI | {"given_names": "Sami"}, key="k-1")
    assert (refused.status_code, kind_of(refused)) == (422, "idempotency-key-reused")
    assert _people() == 1


def test_key_used_for_another_address_is_refused(caller: Caller) -> None:
    caller.post("/people", RAMI, key="k-1")
    refused = caller.post("/nominations", {"cohort": "X/1", "people": ["P1"]}, key="k-1")
    assert (refused.status_code, kind_of(refused)) == (422, "idempotency-key-reused")


def test_refused_request_may_be_corrected_under_its_key(caller: Caller) -> None:
    assert caller.post("/people", RAMI | {"birth_date": "2090-01-01"}, key="k-1").status_code == 422
    assert caller.post("/people", RAMI, key="k-1").status_code == 201
    assert _people() == 1


def test_two_agencies_may_use_the_same_key(make_caller: MakeCaller) -> None:
    for caller in (make_caller(), make_caller()):
        assert caller.post("/people", RAMI, key="k-1").status_code == 201
    assert _people() == 2


@pytest.mark.parametrize("key", ["", "with space", "é", "x" * 65, 'k"1"'])
def test_post_without_a_good_key_does_nothing(caller: Caller, key: str) -> None:
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}
    refused = caller.post("/people", RAMI, headers=headers)
    assert (refused.status_code, kind_of(refused)) == (400, "idempotency-key-missing")
    assert _people() == 0


def test_answers_are_forgotten_after_two_days(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    caller.post("/people", RAMI, key="k-1")
    later = clock.now() + KEPT_FOR + KEPT_FOR
    monkeypatch.setattr(clock, "now", lambda: later)
    caller.post("/people", RAMI | {"given_names": "Sami"}, key="k-2")
    assert db.session.execute(select(KeptAnswer.key)).scalars().all() == ["k-2"]


def test_answers_are_forgotten_with_their_token(caller: Caller) -> None:
    caller.post("/people", RAMI, key="k-1")
    api_tokens.revoke_token(db.session.get_one(ApiToken, caller.token.id), reason="lost", actor=make_user())
    db.session.commit()
    assert db.session.execute(select(KeptAnswer)).first() is None


def test_kept_answer_is_not_given_to_a_token_that_was_revoked(caller: Caller) -> None:
    caller.post("/people", RAMI, key="k-1")
    db.session.get_one(ApiToken, caller.token.id).revoked_at = clock.now()
    db.session.commit()
    assert caller.post("/people", RAMI, key="k-1").status_code == 401


def at_once(app: Flask, caller: Caller, *requests: dict[str, Any]) -> list[TestResponse]:
    """Send requests in threads of their own, all at one moment; return their answers in order."""
    headers = {"Authorization": f"Bearer {caller.secret}"}
    db.session.rollback()
    barrier = threading.Barrier(len(requests))
    answers: list[Any] = [None] * len(requests)

    def run(place: int, asked: dict[str, Any]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                answers[place] = Client(app).open(**asked | {"headers": headers | asked["headers"]})
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_same_request_twice_at_once_has_one_effect(app: Flask, caller: Caller) -> None:
    asked = {
        "path": "/api/v1/people",
        "method": "POST",
        "json": RAMI,
        "headers": {"Idempotency-Key": "at-once"},
    }
    answers = at_once(app, caller, *[asked] * 4)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 3
    assert _people() == 1


def test_two_changes_of_one_state_at_once_are_not_both_done(app: Flask, caller: Caller) -> None:
    person = make_person(caller.agency, family_name="Haddad", given_names="Rami")
    db.session.commit()
    address = f"/api/v1/people/{person.public_ref}"
    tag = caller.get(address).headers["ETag"]
    requests = [
        {"path": address, "method": "PATCH", "json": {"rank": rank}, "headers": {"If-Match": tag}}
        for rank in ("captain", "major")
    ]
    assert sorted(answer.status_code for answer in at_once(app, caller, *requests)) == [200, 412]
