"""Equipment held, deeds, teams and their readiness over the API: the figures of the pages, in JSON."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from foundation import clock
from foundation.db import db
from readiness.services.assessing import assess
from tests.api.conftest import Caller, MakeCaller
from tests.factories.accounts import make_agency, make_person
from tests.factories.equipment import hand_over, make_draft, make_issued, make_items, make_lot, take_back
from tests.factories.readiness import join, make_story_team, make_team
from tests.support.statements import counted_statements

START = date(2026, 2, 1)


def at(day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo("UTC"))


def test_what_is_held_is_listed_as_of_a_day(caller: Caller) -> None:
    kept, returned = make_items(2)
    lot = make_lot(200, lot_number="L-1", expires_on=clock.today() + timedelta(days=5))
    with clock.frozen_at(at(START)):
        deed = hand_over(caller.agency, [kept, returned], lots=[(lot, 40)])
    with clock.frozen_at(at(START + timedelta(days=20))):
        take_back(caller.agency, [returned])
    hand_over(make_agency(), make_items(1))
    db.session.commit()
    item, consumable = caller.get("/equipment").json["items"]
    assert (item["tag"], item["deed"], item["since"]) == (kept.tag, deed.number, START.isoformat())
    assert (item["kind"], item["usable_quantity"], item["reasons"]) == ("item", 1, [])
    assert (consumable["tag"], consumable["quantity"], consumable["usable_quantity"]) == ("L-1", 40, 40)
    before = caller.get("/equipment", query_string={"on": "2026-02-10"}).json["items"]
    assert {one["tag"] for one in before} == {kept.tag, returned.tag, "L-1"}
    assert caller.get("/equipment", query_string={"on": "2026-01-31"}).json["items"] == []
    assert [one["tag"] for one in caller.walk("/equipment?limit=1")] == [kept.tag, "L-1"]


def test_cursor_of_another_list_is_refused_where_a_list_is_cut_from_a_whole(caller: Caller) -> None:
    hand_over(caller.agency, make_items(2))
    db.session.commit()
    for _number in range(2):
        make_person(caller.agency)
    db.session.commit()
    cursor = caller.get("/people?limit=1").json["cursor"]
    assert caller.get(f"/equipment?cursor={cursor}").status_code == 422


def test_deed_is_read_with_lines_counts_and_signatures_and_drafts_are_not(caller: Caller) -> None:
    item = make_items(1)[0]
    lot = make_lot(200, lot_number="L-1")
    closed = hand_over(caller.agency, [item], lots=[(lot, 40)])
    issued = make_issued(caller.agency, make_items(1))
    make_draft(caller.agency, make_items(1))
    hand_over(make_agency(), make_items(1))
    db.session.commit()
    listed = caller.get("/deeds").json["items"]
    assert [(one["number"], one["state"], one["lines"]) for one in listed] == [
        (closed.number, "closed", 2),
        (issued.number, "issued", 1),
    ]
    found = caller.get(f"/deeds/{closed.number}").json
    assert found["deed"] == listed[0]
    assert found["check_code"] == closed.check_code
    assert [(one["tag"], one["quantity"], one["accepted"], one["missing"]) for one in found["lines"]] == [
        (item.tag, 1, 1, 0),
        ("L-1", 40, 40, 0),
    ]
    assert [one["side"] for one in found["signatures"]] == ["giver", "receiver"]
    assert caller.get(f"/deeds/{issued.number}").json["lines"][0]["accepted"] is None
    assert caller.get("/deeds?state=closed").json["items"] == listed[:1]


def test_readiness_of_the_storys_team_is_told_with_people_by_their_references(caller: Caller) -> None:
    team = make_story_team(caller.agency)
    db.session.commit()
    (listed,) = caller.get("/teams").json["items"]
    assert (listed["code"], listed["standard"]) == ("CPD-MCM", "mcm-team")
    members = caller.get("/teams/CPD-MCM").json["members"]
    assert len(members) == 18
    found = caller.get("/teams/CPD-MCM/readiness").json
    known = assess(team, team.edition, on=clock.today())
    assert (found["filled"], found["required"]) == (known.filled, known.required) == (17, 18)
    assert found["level"] == int(known.level) if known.level is not None else found["level"] is None
    assert sum(line["usable"] for line in found["equipment"]) == 12
    placed = {ref for one in found["positions"] for ref in one["people"]}
    assert len(placed) == 17
    assert placed <= {one["person"] for one in members}
    assert found["bottlenecks"][0]["short"] == 1
    assert caller.get("/teams/CPD-MCM/readiness").headers["ETag"]


def test_readiness_is_asked_against_another_standard_and_for_another_day(caller: Caller) -> None:
    make_story_team(caller.agency)
    db.session.commit()
    asked = {"standard": "insarag-usar-medium", "on": "2026-06-01", "hold_days": "7"}
    found = caller.get("/teams/CPD-MCM/readiness", query_string=asked).json
    assert (found["standard"], found["on"], found["hold_days"]) == ("insarag-usar-medium", "2026-06-01", 7)
    for question, name in (({"on": "2020-01-01"}, "on"), ({"standard": "no-such"}, "standard")):
        refused = caller.get("/teams/CPD-MCM/readiness", query_string=question)
        assert (refused.status_code, refused.json["errors"][0]["parameter"]) == (422, name)


def test_closed_teams_are_listed_by_themselves(caller: Caller) -> None:
    make_team(caller.agency, code="AT-WORK")
    make_team(caller.agency, code="CLOSED", closed_on=clock.today())
    make_team(make_agency(), code="ELSEWHERE")
    db.session.commit()
    assert [one["code"] for one in caller.get("/teams").json["items"]] == ["AT-WORK"]
    assert [one["code"] for one in caller.get("/teams?closed=true").json["items"]] == ["CLOSED"]


@pytest.mark.parametrize("path", ["/equipment", "/deeds/{deed}", "/teams", "/teams/{team}"])
def test_thirty_cost_as_many_statements_as_three(app: Flask, make_caller: MakeCaller, path: str) -> None:
    counts = []
    for number in (3, 30):
        caller = make_caller()
        deed = hand_over(caller.agency, make_items(number))
        team = make_team(caller.agency)
        join(team, [make_person(caller.agency) for _ in range(number)])
        db.session.commit()
        address = path.format(deed=deed.number, team=team.code)
        assert caller.get(address).status_code == 200
        with counted_statements() as statements:
            caller.get(address)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12
