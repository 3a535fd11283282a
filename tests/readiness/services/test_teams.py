"""Teams: who may form and change them, dated members and items, and what is refused."""

from datetime import date, timedelta

import pytest
from flask import Flask

from accounts.models import Affiliation, Agency
from accounts.permissions import Role
from foundation import clock
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.errors import Forbidden
from readiness.models import Team, TeamItem
from readiness.services import team_items, team_members, teams
from readiness.services.assessing import assess
from tests.factories.accounts import make_agency, make_officer, make_person, make_user
from tests.factories.equipment import hand_over, make_items, take_back
from tests.factories.readiness import FORMED, equip, get_edition, join, make_line_type, make_team


def form(agency: Agency, code: str = "CPD-MCM") -> Team:
    values = teams.TeamValues(names={"en": "Team"}, edition_id=get_edition().id)
    return teams.form_team(agency, code, values, formed_on=FORMED, actor=make_user(Role.PROGRAMME_MANAGER))


def test_code_belongs_to_one_team_in_any_case(app: Flask) -> None:
    form(make_agency())
    with pytest.raises(teams.TeamCodeTaken):
        form(make_agency(), "cpd-mcm")


def test_only_manager_and_own_officer_form_and_change_a_team(app: Flask) -> None:
    agency = make_agency()
    values = teams.TeamValues(names={"en": "Team"}, edition_id=get_edition().id)
    for stranger in (make_officer(make_agency()), make_user(Role.QUARTERMASTER), make_user(Role.AUDITOR)):
        with pytest.raises(Forbidden):
            teams.form_team(agency, "T1", values, formed_on=FORMED, actor=stranger)
    team = teams.form_team(agency, "T1", values, formed_on=FORMED, actor=make_officer(agency))
    with pytest.raises(Forbidden):
        team_members.add_members(team, [], starts_on=FORMED, actor=make_officer(make_agency()))


def test_team_cannot_be_formed_in_the_future_or_for_a_closed_agency(app: Flask) -> None:
    manager = make_user(Role.PROGRAMME_MANAGER)
    values = teams.TeamValues(names={"en": "Team"}, edition_id=get_edition().id)
    with pytest.raises(teams.TeamRefused):
        teams.form_team(
            make_agency(), "T1", values, formed_on=clock.today() + timedelta(days=1), actor=manager
        )
    with pytest.raises(teams.TeamRefused):
        teams.form_team(make_agency(closed_at=clock.now()), "T1", values, formed_on=FORMED, actor=manager)


def test_members_are_added_together_or_not_at_all(app: Flask) -> None:
    team = make_team()
    own, stranger = make_person(team.agency), make_person(make_agency())
    with pytest.raises(teams.TeamRefused, match="does not serve"):
        team_members.add_members(team, [own, stranger], starts_on=clock.today(), actor=None)
    assert teams.count_of(team, on=clock.today()) == (0, 0)
    assert len(team_members.add_members(team, [own], starts_on=clock.today(), actor=None)) == 1
    assert team_members.add_members(team, [own], starts_on=clock.today(), actor=None) == []


def test_who_left_the_agency_cannot_be_added(app: Flask) -> None:
    team = make_team()
    person = make_person(team.agency)
    db.session.query(Affiliation).filter_by(person_id=person.id).update({"ends_on": date(2026, 2, 1)})
    with pytest.raises(teams.TeamRefused):
        team_members.add_members(team, [person], starts_on=clock.today(), actor=None)
    assert team_members.add_members(team, [person], starts_on=date(2026, 1, 31), actor=None)


def test_member_who_was_removed_can_come_back_later(app: Flask) -> None:
    team, manager = make_team(), make_user(Role.PROGRAMME_MANAGER)
    person = make_person(team.agency)
    (row,) = join(team, [person])
    team_members.remove_members([row], on=date(2026, 3, 31), reason=None, actor=manager)
    with pytest.raises(teams.TeamRefused):
        team_members.remove_members([row], on=date(2026, 4, 30), reason=None, actor=manager)
    team_members.add_members(team, [person], starts_on=date(2026, 5, 1), actor=manager)
    counts = [teams.count_of(team, on=day)[0] for day in (FORMED, date(2026, 4, 15), date(2026, 5, 1))]
    assert counts == [1, 0, 1]


def test_item_counts_for_one_team_at_a_time(app: Flask) -> None:
    team = make_team()
    second = make_team(team.agency)
    items = equip(team, "EQ-02", 2)
    today = clock.today()
    with pytest.raises(team_items.ItemTaken, match=items[0].tag):
        team_items.allot_items(second, items, starts_on=today, actor=None)
    rows = db.session.query(TeamItem).all()
    team_items.release_items(rows, on=today, actor=make_user(Role.PROGRAMME_MANAGER))
    assert len(team_items.allot_items(second, items, starts_on=today + timedelta(days=1), actor=None)) == 2


def test_item_that_the_agency_does_not_hold_is_not_allotted(app: Flask) -> None:
    team = make_team()
    items = make_items(1, item_type=make_line_type("EQ-02"))
    with pytest.raises(teams.TeamRefused, match=items[0].tag):
        team_items.allot_items(team, items, starts_on=clock.today(), actor=None)


def test_item_that_went_to_another_agency_is_free_for_its_teams(app: Flask) -> None:
    team, other = make_team(), make_team()
    items = equip(team, "EQ-02", 1)
    take_back(team.agency, items)
    hand_over(other.agency, items)
    assert len(team_items.allot_items(other, items, starts_on=clock.today(), actor=None)) == 1
    db.session.flush()
    assert assess(other, other.edition, on=clock.today()).items_on_hand == 1
    assert assess(team, team.edition, on=clock.today()).items_on_hand == 0


def test_closed_team_changes_no_more_and_lets_go_of_everything(app: Flask) -> None:
    team, manager = make_team(), make_user(Role.PROGRAMME_MANAGER)
    join(team, [make_person(team.agency)])
    equip(team, "EQ-02", 1)
    with pytest.raises(teams.TeamRefused):
        teams.close_team(team, on=date(2026, 3, 1), reason="over", actor=manager)
    teams.close_team(team, on=clock.today(), reason="over", actor=manager)
    assert teams.count_of(team, on=clock.today() + timedelta(days=1)) == (0, 0)
    with pytest.raises(teams.TeamClosed):
        team_members.add_members(team, [], starts_on=clock.today(), actor=manager)
    actions = {row.action for row in db.session.query(AuditEntry).filter_by(subject_type="team")}
    assert "team:closed" in actions
