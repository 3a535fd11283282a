"""Lists: every row once, however the list grows meanwhile, and as few statements for thirty as for three."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Person
from bench.api import make_measured_agency
from foundation.db import db
from tests.api.conftest import Caller, MakeCaller
from tests.factories.accounts import make_person
from tests.support.statements import counted_statements

LISTS = ("/people", "/cohorts", "/nominations", "/enrolments", "/certificates")
START = datetime(2026, 1, 1, tzinfo=UTC)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(st.integers(0, 3), max_size=12),
    limit=st.integers(1, 5),
    later=st.lists(st.integers(0, 6), max_size=6),
)
def test_walk_meets_everybody_once_while_people_are_added(
    app: Flask, caller: Caller, moments: list[int], limit: int, later: list[int]
) -> None:
    db.session.query(Person).filter(Person.rank == "of another run").update({"rank": None})
    before = set(db.session.execute(db.select(Person.public_ref)).scalars())
    for moment in moments:
        make_person(caller.agency, created_at=START + timedelta(hours=moment))
    db.session.commit()
    there = set(db.session.execute(db.select(Person.public_ref)).scalars())
    additions = iter(later)
    met: list[str] = []
    following: str | None = f"/people?limit={limit}"
    while following:
        page = caller.get(following).json
        met += [one["ref"] for one in page["items"]]
        following = page["next"]
        if (moment := next(additions, None)) is not None:
            make_person(caller.agency, created_at=START + timedelta(hours=moment))
            db.session.commit()
    assert before <= there
    assert len(met) == len(set(met))
    assert there <= set(met)


def test_pages_are_linked_and_the_last_says_so(caller: Caller) -> None:
    for _number in range(3):
        make_person(caller.agency)
    db.session.commit()
    first = caller.get("/people?limit=2")
    assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
    assert f"cursor={first.json['cursor']}" in first.json["next"]
    last = caller.get(first.json["next"])
    assert (last.json["next"], last.json["cursor"], len(last.json["items"])) == (None, None, 1)
    assert "Link" not in last.headers


def test_cursor_of_one_list_is_refused_by_another(caller: Caller, make_caller: MakeCaller) -> None:
    for _number in range(2):
        make_person(caller.agency)
    db.session.commit()
    cursor = caller.get("/people?limit=1").json["cursor"]
    refused = caller.get(f"/nominations?cursor={cursor}")
    assert refused.status_code == 422
    assert [fault["parameter"] for fault in refused.json["errors"]] == ["cursor"]
    assert make_caller().get(f"/people?cursor={cursor}").json["items"] == []


@pytest.mark.parametrize("path", LISTS)
def test_thirty_rows_cost_as_many_statements_as_three(app: Flask, path: str) -> None:
    counts = []
    for people in (3, 30):
        measured = make_measured_agency(people)
        caller = Caller(app, measured.token, measured.secret)
        assert len(caller.walk(f"{path}?limit=200")) == {"/cohorts": 1, "/certificates": people}.get(
            path, people + 1
        )
        with counted_statements() as statements:
            caller.get(path)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 6
