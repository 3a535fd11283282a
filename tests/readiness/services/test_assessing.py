"""Readiness of a team as of a day, from what is recorded: the story's figures, past days, dated members, equipment, two teams."""

from datetime import date, timedelta

import pytest
from flask import Flask

from accounts.models import Affiliation
from equipment.models import CaseKind
from equipment.services.cases import Report, report_case
from foundation import clock
from foundation.db import db
from readiness.assessment import Assessment, Level
from readiness.models import Team, TeamMember
from readiness.services.assessing import ImpossibleDay, NoTeamThen, assess
from tests.factories.accounts import make_agency
from tests.factories.certification import issue, make_assessed_cohort
from tests.factories.equipment import make_quartermaster, take_back
from tests.factories.readiness import (
    equip,
    exercise,
    get_edition,
    hold,
    join,
    make_members,
    make_story_team,
    make_team,
    show,
)
from tests.support.statements import counted_statements


def judged(
    team: Team, *, on: date | None = None, hold_days: int = 0, standard: str = "mcm-team"
) -> Assessment:
    db.session.flush()
    return assess(team, get_edition(standard), on=on or clock.today(), hold_days=hold_days)


def test_story_team_has_5_of_18_positions_and_0_of_12_items_before_the_course(app: Flask) -> None:
    found = judged(make_story_team(trained=False, equipped=False))
    assert (found.filled, found.required) == (5, 18)
    assert (found.items_on_hand, found.items_usable, found.items_required) == (0, 0, 12)
    assert {one.id: (one.filled, one.need) for one in found.positions} == {
        "LDR": (1, 2),
        "TRI": (4, 4),
        "RSP": (0, 12),
    }
    assert found.level is Level.NOT_READY
    assert found.worst == ("P", "S", "R")


def test_story_team_has_17_of_18_positions_and_12_of_12_items_after_it(app: Flask) -> None:
    team = make_story_team()
    exercise(team, clock.today() - timedelta(days=30))
    show(team, "MC-01", "MC-02", "MC-03")
    found = judged(team)
    assert (found.filled, found.required) == (17, 18)
    assert (found.items_on_hand, found.items_usable, found.items_required) == (12, 12, 12)
    assert [area.level for area in found.areas] == [2, 1, 1, 1, 1, 1]
    assert found.level is Level.READY_WITH_LIMITS
    assert found.worst == ("P",)
    assert found.area("P").binding == ("band:key",)
    assert found.area("P").figure == "17 of 18"


def test_gap_is_the_second_leader_and_names_who_could_be_trained(app: Flask) -> None:
    found = judged(make_story_team())
    (gap,) = found.bottlenecks
    assert (gap.positions, gap.need, gap.qualified, gap.short) == (("LDR",), 2, 1, 1)
    assert {one.missing for one in gap.candidates} == {("M-MIM-320",)}
    placed = {person for one in found.positions for person in one.members}
    spare = [one.person_id for one in gap.candidates if one.person_id not in placed]
    assert len(spare) == 1
    assert found.people[spare[0]]


def test_figures_of_a_past_day_are_those_of_that_day(app: Flask) -> None:
    team = make_story_team()
    before = judged(team, on=clock.today() - timedelta(days=1))
    assert (before.filled, before.items_on_hand) == (5, 0)
    assert judged(team).filled == 17


def test_certificates_must_last_through_the_deployment(app: Flask) -> None:
    team = make_team()
    today = clock.today()
    make_members(team, 2, "M-MIM-320", until=today + timedelta(days=7))
    assert judged(team, hold_days=7).filled == 2
    assert judged(team, hold_days=8).filled == 0


def test_member_counts_from_his_first_day_to_his_last_in_team_and_agency(app: Flask) -> None:
    team = make_team()
    (person,) = make_members(team, 1, "M-MIM-320")
    today = clock.today()
    member = db.session.query(TeamMember).filter_by(person_id=person.id).one()
    member.ends_on = today
    assert judged(team).filled == 1
    assert judged(team, hold_days=1).filled == 0
    assert judged(team, on=today + timedelta(days=1)).filled == 0
    member.ends_on = None
    db.session.query(Affiliation).filter_by(person_id=person.id).update(
        {"ends_on": today - timedelta(days=1)}
    )
    assert judged(team).filled == 0
    assert judged(team, on=today - timedelta(days=1)).filled == 1


def test_one_person_in_two_teams_counts_in_both_and_is_one_person_in_each(app: Flask) -> None:
    agency = make_agency()
    first, second = make_team(agency), make_team(agency)
    (person,) = make_members(first, 1, "M-MIM-320", "M-TRI-101", "MCM-201")
    join(second, [person])
    assert judged(first).filled == judged(second).filled == 1


def test_what_another_agency_gave_counts_and_its_paper_is_not_told(app: Flask) -> None:
    other = make_agency()
    cohort = make_assessed_cohort(other, competent=1)
    cohort.edition.course.code = "MCM-201"
    (certificate,) = issue(cohort)
    team = make_team()
    db.session.add(
        Affiliation(agency_id=team.agency_id, person_id=certificate.person_id, starts_on=date(2025, 1, 1))
    )
    join(team, [certificate.person])
    own = make_team(other)
    join(own, [certificate.person])
    ahead = certificate.current.expires_on - timedelta(days=30)
    assert judged(team, on=ahead).filled == 1
    assert [one.evidence for one in judged(team, on=ahead).expiries] == [""]
    assert [one.evidence for one in judged(own, on=ahead).expiries] == [certificate.number]


def test_item_counts_while_the_agency_holds_it_and_is_usable_without_an_open_case(app: Flask) -> None:
    team = make_team()
    radios = equip(team, "EQ-02", 6)
    assert judged(team).area("S").part == 6
    report_case(
        radios[0],
        Report(CaseKind.DAMAGED, clock.today(), "The aerial broke when it fell from the truck"),
        actor=make_quartermaster(),
    )
    found = judged(team)
    line = next(one for one in found.equipment if one.code == "EQ-02")
    assert (line.on_hand, line.usable, line.reasons) == (6, 5, (("case_open", 1),))
    take_back(team.agency, radios[1:2])
    line = next(one for one in judged(team).equipment if one.code == "EQ-02")
    assert (line.on_hand, line.usable) == (5, 4)


def test_item_of_the_agency_that_is_not_allotted_counts_for_no_team(app: Flask) -> None:
    team = make_team()
    other = make_team(team.agency)
    equip(other, "EQ-02", 2)
    assert judged(team).items_on_hand == 0
    assert judged(other).items_on_hand == 2


def test_missing_critical_item_makes_the_team_not_ready_by_name(app: Flask) -> None:
    team = make_story_team(equipped=False)
    for line, number in {"EQ-01": 3, "EQ-02": 6, "EQ-03": 2}.items():
        equip(team, line, number)
    area = judged(team).area("S")
    assert (area.part, area.level, area.binding) == (11, Level.NOT_READY, ("critical:EQ-01",))


def test_exercise_and_evidence_count_from_their_days(app: Flask) -> None:
    team = make_story_team()
    today = clock.today()
    exercise(team, today - timedelta(days=400))
    exercise(team, today - timedelta(days=10), accepted=False)
    show(team, "MC-01", "MC-02")
    show(team, "MC-03", valid_until=today - timedelta(days=1))
    found = judged(team)
    assert (found.area("X").months, found.area("X").level) == (14, Level.READY_WITH_LIMITS)
    assert (found.area("D").level, found.area("D").binding) == (
        Level.NOT_READY,
        ("band:all", "critical:MC-03"),
    )
    earlier = judged(team, on=today - timedelta(days=1))
    assert earlier.area("D").level is Level.READY


def test_team_is_not_judged_on_days_when_it_was_not_there(app: Flask) -> None:
    team = make_team(closed_on=date(2026, 6, 30))
    for day in (date(2026, 1, 4), date(2026, 7, 1)):
        with pytest.raises(NoTeamThen):
            judged(team, on=day)
    assert judged(team, on=date(2026, 6, 30)).filled == 0
    with pytest.raises(ImpossibleDay):
        judged(team, on=date(2026, 6, 30), hold_days=366)
    with pytest.raises(ImpossibleDay):
        judged(team, on=date(1066, 10, 14))


def test_three_people_and_three_hundred_cost_the_same_statements(app: Flask) -> None:
    counts = []
    for number in (3, 300):
        team = make_team()
        make_members(team, number, "MCM-201")
        equip(team, "EQ-02", min(number, 30))
        team_id = team.id
        db.session.commit()
        db.session.expunge_all()
        team, edition = db.session.get_one(Team, team_id), get_edition()
        with counted_statements() as statements:
            assess(team, edition, on=clock.today())
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 20


def test_assessment_comes_back_from_json_without_loss(app: Flask) -> None:
    found = judged(make_story_team())
    assert Assessment.from_json(found.to_json()) == found


def test_same_facts_give_the_same_hash_and_other_facts_another(app: Flask) -> None:
    team = make_team()
    first = judged(team)
    assert judged(team).inputs_sha256 == first.inputs_sha256
    (person,) = make_members(team, 1)
    second = judged(team)
    assert second.inputs_sha256 != first.inputs_sha256
    hold(person, "MCM-201")
    assert judged(team).inputs_sha256 != second.inputs_sha256
