"""The pages of teams, their readiness, and standards, as the people who work with them use them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from accounts.models import Agency
from accounts.permissions import Role
from equipment.models import Item
from foundation import clock
from foundation.db import db
from readiness.models import Snapshot, Team, TeamExercise, TeamItem, TeamMember
from tests.factories.accounts import make_agency, make_officer, make_person, make_user
from tests.factories.equipment import hand_over, make_items
from tests.factories.readiness import (
    allot,
    equip,
    get_edition,
    load,
    make_line_type,
    make_members,
    make_story_team,
    make_team,
)

SignIn = Callable[..., Any]


@pytest.fixture
def team(app: Flask) -> Team:
    team = make_story_team(make_agency("CPD"))
    db.session.commit()
    return team


def test_officer_forms_a_team_adds_members_and_allots_items(app: Flask, sign_in: SignIn) -> None:
    agency = make_agency("CPD")
    officer = make_officer(agency)
    people = [make_person(agency) for _ in range(3)]
    items = make_items(2, item_type=make_line_type("EQ-02"))
    hand_over(agency, items)
    edition = get_edition()
    db.session.commit()
    client = sign_in(officer)
    today = clock.today().isoformat()
    assert client.get("/teams").status_code == 200
    assert client.get("/teams/new").status_code == 200
    formed = client.post(
        "/teams/new",
        data={
            "agency": agency.id,
            "code": "cpd-mcm",
            "names_en": "Mass casualty",
            "names_ar": "فريق الإصابات الجماعية",
            "edition_id": edition.id,
            "formed_on": today,
        },
    )
    assert formed.status_code == 303
    team = db.session.query(Team).one()
    assert (team.code, team.domain, team.agency_id) == ("CPD-MCM", "medical", agency.id)
    page = client.get(formed.location)
    assert people[0].family_name in page.text
    added = client.post(
        f"/teams/{team.id}/members/add",
        data={"ids": [person.id for person in people], "starts_on": today},
        follow_redirects=True,
    )
    assert added.status_code == 200
    assert db.session.query(TeamMember).count() == 3
    allotted = client.post(
        f"/teams/{team.id}/equipment/allot",
        data={"ids": [item.id for item in items], "starts_on": today},
        follow_redirects=True,
    )
    assert allotted.status_code == 200
    assert items[0].tag in allotted.text
    assert db.session.query(TeamItem).count() == 2


def test_readiness_page_gives_the_story_its_figures_and_opens_to_evidence(
    app: Flask, sign_in: SignIn, team: Team
) -> None:
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    page = client.get(f"/teams/{team.id}/readiness")
    assert page.status_code == 200
    assert "17 / 18" in page.text
    assert "12 / 12" in page.text
    assert "M-MIM-320" in page.text
    member = db.session.query(TeamMember).filter_by(team_id=team.id).first()
    assert member is not None
    assert f"/persons/{member.person_id}" in page.text
    assert "/qualifications/" in page.text
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    before = client.get(f"/teams/{team.id}/readiness?on={yesterday}")
    assert "5 / 18" in before.text
    assert "0 / 12" in before.text


def test_readiness_page_judges_against_any_standard(app: Flask, sign_in: SignIn, team: Team) -> None:
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    page = client.get(f"/teams/{team.id}/readiness?standard=insarag-usar-medium")
    assert page.status_code == 200
    assert "0 / 40" in page.text


def test_nonsense_in_the_question_is_said_and_answered_for_today(app: Flask, sign_in: SignIn) -> None:
    team = make_team()
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    for question in ("on=never", "standard=none", "hold_days=-1", "hold_days=x", "on=1901-01-01"):
        page = client.get(f"/teams/{team.id}/readiness?{question}")
        assert page.status_code == 422, question


def test_keeping_figures_makes_a_snapshot_that_stays_what_it_was(
    app: Flask, sign_in: SignIn, team: Team
) -> None:
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    kept = client.post(
        f"/teams/{team.id}/readiness",
        data={"standard": "mcm-team", "on": clock.today().isoformat(), "hold_days": "0"},
    )
    assert kept.status_code == 303
    snapshot = db.session.query(Snapshot).one()
    assert snapshot.number == f"S-{clock.now().year}-0001"
    page = client.get(kept.location)
    assert "17 / 18" in page.text
    make_members(team, 1, "M-MIM-320")
    db.session.commit()
    assert "17 / 18" in client.get(kept.location).text
    assert "18 / 18" in client.get(f"/teams/{team.id}/readiness").text
    assert client.get("/snapshots").status_code == 200
    assert snapshot.number in client.get(f"/teams/{team.id}/snapshots").text
    assert client.get(f"/snapshots/{snapshot.number}/en.pdf").status_code == 404


def test_officer_of_another_agency_meets_404_on_every_page(app: Flask, sign_in: SignIn, team: Team) -> None:
    other = make_officer(make_agency())
    db.session.commit()
    client = sign_in(other)
    for place in (
        "",
        "/edit",
        "/close",
        "/members",
        "/members/add",
        "/equipment",
        "/records",
        "/exercises/new",
        "/evidence/new",
        "/readiness",
        "/snapshots",
    ):
        assert client.get(f"/teams/{team.id}{place}").status_code == 404, place
    assert team.code not in client.get("/teams").text


def test_exercise_and_evidence_are_recorded_and_an_exercise_withdrawn(
    app: Flask, sign_in: SignIn, team: Team
) -> None:
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    today = clock.today().isoformat()
    new = client.post(
        f"/teams/{team.id}/exercises/new",
        data={"kind": "field", "held_on": today, "hours": "8", "accepted": "y"},
    )
    assert new.status_code == 303
    shown = client.post(
        f"/teams/{team.id}/evidence/new", data={"code": "MC-01", "state": "met", "dated_on": today}
    )
    assert shown.status_code == 303
    page = client.get(f"/teams/{team.id}/records")
    assert page.status_code == 200
    exercise = db.session.query(TeamExercise).one()
    gone = client.post(f"/team-exercises/{exercise.id}/withdraw", data={"reason": "Held by another team"})
    assert gone.status_code == 303
    assert "Held by another team" in client.get(f"/teams/{team.id}/records").text


def give_items(agency: Agency, number: int) -> list[Item]:
    """Items for a line, with the agency."""
    items = make_items(number, item_type=make_line_type("EQ-02"))
    hand_over(agency, items)
    return items


def test_equipment_is_found_among_many_and_what_counts_elsewhere_cannot_be_chosen(
    app: Flask, sign_in: SignIn
) -> None:
    team = make_team()
    taken, *items = give_items(team.agency, 61)
    other = make_team(team.agency)
    allot(other, [taken])
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    address = f"/teams/{team.id}/equipment/allot"
    first, last = client.get(address).text, client.get(f"{address}?page=2").text
    assert (first.count("data-bulk-row"), last.count("data-bulk-row")) == (50, 10)
    assert f"Counts for {other.code}" in last
    found = client.get(address, query_string={"q": f"{items[7].tag.lower()} {items[7].item_type.code}"}).text
    assert (items[7].tag in found, found.count("data-bulk-row")) == (True, 1)
    assert "Nothing fits" in client.get(f"{address}?q=no-such-thing").text
    refused = client.post(address, data={"ids": taken.id, "starts_on": clock.today().isoformat()})
    assert refused.status_code == 409
    assert taken.tag in refused.text


def test_items_of_a_team_are_listed_in_pages(app: Flask, sign_in: SignIn) -> None:
    team = make_team()
    items = give_items(team.agency, 53)
    allot(team, items)
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    shown = [client.get(f"/teams/{team.id}/equipment?page={page}").text for page in (1, 2)]
    assert [text.count("data-bulk-row") for text in shown] == [50, 3]
    assert items[-1].tag in shown[1]


BAD_INPUT: list[tuple[str, dict[str, str]]] = [
    ("/edit", {"names_en": ""}),
    ("/close", {"on": "2999-01-01", "reason": "over"}),
    ("/members/add", {"starts_on": "", "ids": "1"}),
    ("/members/add", {"starts_on": "2026-11-22"}),
    ("/members/remove", {"on": "never", "ids": "1"}),
    ("/equipment/allot", {"starts_on": "2026-11-22"}),
    ("/equipment/release", {"on": ""}),
    ("/exercises/new", {"kind": "party", "held_on": "2026-01-01", "hours": "8"}),
    ("/exercises/new", {"kind": "field", "held_on": "2999-01-01", "hours": "8"}),
    ("/exercises/new", {"kind": "field", "held_on": "2026-01-01", "hours": "NaN"}),
    ("/evidence/new", {"code": "XX", "state": "met", "dated_on": "2026-01-01"}),
    (
        "/evidence/new",
        {"code": "MC-01", "state": "met", "dated_on": "2026-02-01", "valid_until": "2026-01-01"},
    ),
    ("/readiness", {"standard": "none", "on": "2026-11-22"}),
]


def test_bad_input_is_refused_with_the_form_shown_again(app: Flask, sign_in: SignIn) -> None:
    team = make_team()
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    answers = [client.post(f"/teams/{team.id}{place}", data=data).status_code for place, data in BAD_INPUT]
    assert answers == [422] * len(BAD_INPUT)


def test_team_is_edited_emptied_and_closed(app: Flask, sign_in: SignIn, team: Team) -> None:
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    today = clock.today().isoformat()
    edition = get_edition("who-emt-type1-mobile")
    saved = client.post(f"/teams/{team.id}/edit", data={"names_en": "New name", "edition_id": edition.id})
    assert saved.status_code == 303
    row = db.session.query(TeamMember).filter_by(team_id=team.id).first()
    item = db.session.query(TeamItem).filter_by(team_id=team.id).first()
    assert row is not None and item is not None
    assert (
        client.post(f"/teams/{team.id}/members/remove", data={"ids": row.id, "on": today}).status_code == 303
    )
    assert (
        client.post(f"/teams/{team.id}/equipment/release", data={"ids": item.id, "on": today}).status_code
        == 303
    )
    closed = client.post(f"/teams/{team.id}/close", data={"on": today, "reason": "Merged into another"})
    assert closed.status_code == 303
    assert client.get(f"/teams/{team.id}").status_code == 200
    again = client.post(f"/teams/{team.id}/edit", data={"names_en": "x", "edition_id": edition.id})
    assert again.status_code == 409


def test_standards_are_listed_and_shown_with_basis_and_source(app: Flask, sign_in: SignIn) -> None:
    load()
    db.session.commit()
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    listed = client.get("/standards")
    assert listed.text.count("data-row-link") == 11
    assert "insarag-usar-medium" in client.get("/standards?domain=usar&q=medium").text
    page = client.get("/standards/insarag-usar-medium")
    assert page.status_code == 200
    assert "Published" in page.text and "Planning" in page.text
    assert client.get("/standards/none").status_code == 404


def test_start_page_names_teams_that_are_not_ready_with_the_reason(
    app: Flask, sign_in: SignIn, team: Team
) -> None:
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    weak = make_team(team.agency, names={"en": "Weak team"})
    equip(weak, "EQ-02", 1)
    db.session.commit()
    client.post(f"/teams/{weak.id}/readiness", data={"standard": "mcm-team", "on": clock.today().isoformat()})
    page = client.get("/")
    assert "Weak team is not ready" in page.text
    assert "0/18" in page.text
    assert "CPD-MCM" in client.get("/search?q=cpd-m").text
