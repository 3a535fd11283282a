"""People over the API: what is given and what never is, registering, changing with the state in hand."""

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import fishing
from accounts.models import Affiliation, Person
from accounts.services.identity_documents import read_document_number
from foundation import clock
from foundation.db import db
from tests.api.conftest import Caller, MakeCaller, kind_of
from tests.factories.accounts import make_agency, make_person

RAMI = {
    "family_name": "Haddad",
    "given_names": "Rami",
    "native_name": "رامي حداد",
    "birth_date": "1990-01-02",
    "nationality": "JO",
    "document_type": "passport",
    "document_issuer": "JO",
    "document_number": "A 1234567",
    "document_expires_on": "2031-05-06",
    "email": "rami@cpd.example",
    "phone": "+962 6 555 0100",
    "languages": ["ar", "en"],
    "rank": "captain",
}


def _named_person(caller: Caller, **values: object) -> Person:
    person = make_person(caller.agency, family_name="Haddad", given_names="Rami", **values)
    db.session.commit()
    return person


def test_registered_person_is_given_back_without_his_document_number(caller: Caller) -> None:
    answer = caller.post("/people", RAMI)
    assert answer.status_code == 201
    expected = {name: value for name, value in RAMI.items() if name != "document_number"}
    assert answer.json == expected | {
        "ref": answer.json["ref"],
        "certificate_name": None,
        "serving_since": clock.today().isoformat(),
        "serving_until": None,
    }
    assert answer.location == f"/api/v1/people/{answer.json['ref']}"
    again = caller.get(answer.location)
    assert (again.json, again.headers["ETag"]) == (answer.json, answer.headers["ETag"])
    person = db.session.execute(select(Person)).scalar_one()
    assert read_document_number(person) == "A1234567"
    assert "1234567" not in caller.get("/people").text


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"birth_date": "2090-01-01"}, "#/birth_date"),
        ({"birth_date": "1990-02-30"}, "#/birth_date"),
        ({"birth_date": "1990-W01-1"}, "#/birth_date"),
        ({"birth_date": None}, "#/birth_date"),
        ({"family_name": "حداد"}, "#/family_name"),
        ({"family_name": " ", "given_names": ""}, "#/family_name"),
        ({"nationality": "ZZ"}, "#/nationality"),
        ({"nationality": "jo"}, "#/nationality"),
        ({"languages": ["ar", "qq"]}, "#/languages/1"),
        ({"languages": "ar"}, "#/languages"),
        ({"email": "nobody"}, "#/email"),
        ({"document_type": "licence"}, "#/document_type"),
        ({"document_type": None}, "#/document_type"),
        ({"confirm_known": 1}, "#/confirm_known"),
        ({"public_ref": "PHACKED"}, "#/public_ref"),
        ({"a/b~c": 1}, "#/a~1b~0c"),
    ],
)
def test_impossible_value_is_named_by_its_place(
    caller: Caller, change: dict[str, object], pointer: str
) -> None:
    refused = caller.post("/people", RAMI | change)
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json["errors"]] == [pointer]


def test_missing_value_is_named(caller: Caller) -> None:
    refused = caller.post("/people", {"family_name": "Haddad"})
    assert refused.json["errors"] == [{"pointer": "#/birth_date", "detail": "This is missing."}]


def test_refusal_is_told_in_the_language_asked_for(caller: Caller) -> None:
    unborn = RAMI | {"birth_date": "2090-01-01"}
    said = {
        language: caller.post("/people", unborn, headers={"Accept-Language": language}).json["detail"]
        for language in ("en", "fr", "ar", "xx")
    }
    assert said["en"] == said["xx"] == "This birth date is not possible."
    assert len(set(said.values())) == 3


def test_known_person_of_another_agency_is_said_to_be_known_and_nothing_else(make_caller: MakeCaller) -> None:
    theirs, ours = make_caller(), make_caller()
    assert theirs.post("/people", RAMI).status_code == 201
    refused = ours.post("/people", RAMI | {"given_names": "Samir", "native_name": None})
    assert (refused.status_code, kind_of(refused), refused.json["certain"]) == (409, "known-person", False)
    certain = ours.post("/people", RAMI)
    assert (certain.status_code, certain.json["certain"]) == (409, True)
    assert "Haddad" not in certain.text
    assert ours.get("/people").json["items"] == []
    added = ours.post("/people", RAMI | {"confirm_known": True})
    assert added.status_code == 201
    assert db.session.execute(select(Person.id)).scalars().all() == [1]
    assert len(db.session.execute(select(Affiliation.id)).scalars().all()) == 2


def test_trying_documents_to_learn_who_is_on_record_is_stopped(
    make_caller: MakeCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fishing, "KNOWN_PERSONS_AN_HOUR", 2)
    theirs, ours = make_caller(), make_caller()
    theirs.post("/people", RAMI)
    assert [ours.post("/people", RAMI).status_code for _try in range(3)] == [409, 409, 429]


def test_change_needs_the_state_that_was_read(caller: Caller) -> None:
    person = _named_person(caller)
    address = f"/people/{person.public_ref}"
    tag = caller.get(address).headers["ETag"]
    unnamed = caller.call("PATCH", address, json={"rank": "major"})
    assert (unnamed.status_code, kind_of(unnamed)) == (428, "if-match-missing")
    changed = caller.call("PATCH", address, json={"rank": "major"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json["rank"]) == (200, "major")
    late = caller.call("PATCH", address, json={"rank": "colonel"}, headers={"If-Match": tag})
    assert (late.status_code, kind_of(late)) == (412, "changed-meanwhile")
    found = caller.get(address)
    assert (found.json["rank"], found.headers["ETag"]) == ("major", changed.headers["ETag"])


def test_what_a_change_leaves_out_stays_and_null_takes_away(caller: Caller) -> None:
    ref = caller.post("/people", RAMI).json["ref"]
    address, headers = f"/people/{ref}", {"If-Match": "*"}
    before = caller.get(address).json
    changed = caller.call("PATCH", address, json={"phone": None, "languages": ["fr"]}, headers=headers)
    assert changed.json == before | {"phone": None, "languages": ["fr"]}
    assert read_document_number(db.session.execute(select(Person)).scalar_one()) == "A1234567"


def test_changed_name_needs_a_reason_that_stays_with_it(caller: Caller) -> None:
    person = _named_person(caller)
    address, headers = f"/people/{person.public_ref}", {"If-Match": "*"}
    refused = caller.call("PATCH", address, json={"family_name": "Hadad"}, headers=headers)
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["#/reason"]
    change = {"family_name": "Hadad", "reason": "as in the new passport"}
    assert caller.call("PATCH", address, json=change, headers=headers).json["family_name"] == "Hadad"


def test_person_who_left_is_read_and_not_changed(caller: Caller) -> None:
    person = _named_person(caller)
    affiliation = db.session.execute(select(Affiliation)).scalar_one()
    affiliation.ends_on = clock.today().replace(year=2025)
    db.session.commit()
    found = caller.get(f"/people/{person.public_ref}").json
    assert found["serving_until"] == affiliation.ends_on.isoformat()
    headers = {"If-Match": "*"}
    assert caller.call("PATCH", f"/people/{person.public_ref}", json={}, headers=headers).status_code == 403
    assert [one["ref"] for one in caller.get("/people?serving=false").json["items"]] == [person.public_ref]
    assert caller.get("/people?serving=true").json["items"] == []


def test_people_are_found_by_a_word_of_their_name(app: Flask, caller: Caller) -> None:
    _named_person(caller, folded_latin="haddad rami")
    make_person(caller.agency)
    make_person(make_agency(), folded_latin="haddad sami")
    db.session.commit()
    found = caller.get("/people", query_string={"q": "Haddad"}).json["items"]
    assert [one["given_names"] for one in found] == ["Rami"]
