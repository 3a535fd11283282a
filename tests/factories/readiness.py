"""Factories of readiness: standards loaded, teams, and people who hold what a post asks for."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select

from accounts.models import Agency, Person, User
from accounts.permissions import Role
from curriculum.models import Course, QualificationKind, RecordedQualification
from equipment.models import Item, ItemType
from foundation import clock
from foundation.db import db
from readiness.models import EvidenceState, Standard, StandardEdition, Team, TeamItem, TeamMember
from readiness.services import records, standards
from readiness.standards.data import ExerciseKind
from tests.factories.accounts import make_agency, make_person, make_user
from tests.factories.curriculum import make_course
from tests.factories.equipment import hand_over, make_items, make_type

_numbers = count(1)
FORMED = date(2026, 1, 5)
HELD_SINCE = date(2026, 2, 1)
LINES = {"EQ-01": 4, "EQ-02": 6, "EQ-03": 2}


def load() -> None:
    """Load the standards once."""
    if db.session.execute(select(Standard.id).limit(1)).first() is None:
        standards.load_standards()


def get_edition(code: str = "mcm-team") -> StandardEdition:
    load()
    return standards.get_current(code)


def make_team(agency: Agency | None = None, *, standard: str = "mcm-team", **values: Any) -> Team:
    number = next(_numbers)
    agency = agency or make_agency()
    edition = get_edition(standard)
    team = Team(
        agency_id=agency.id,
        edition=edition,
        **{
            "code": f"TEAM-{number}",
            "names": {"en": f"Team {number}", "ar": f"فريق {number}", "fr": f"Équipe {number}"},
            "domain": edition.standard.domain,
            "formed_on": FORMED,
        }
        | values,
    )
    db.session.add(team)
    db.session.flush()
    return team


def hold(
    person: Person,
    code: str,
    *,
    since: date = HELD_SINCE,
    until: date | None = date(2029, 1, 31),
    recorder: User | None = None,
) -> RecordedQualification:
    """Let a person hold a course by a paper from elsewhere."""
    course = db.session.execute(select(Course).where(Course.code == code)).scalar_one_or_none()
    recorder = recorder or db.session.execute(select(User).limit(1)).scalar_one_or_none()
    row = RecordedQualification(
        person_id=person.id,
        course_id=(course or make_course(code)).id,
        kind=QualificationKind.LICENCE,
        issuer="Council",
        reference=f"REF-{next(_numbers)}",
        starts_on=since,
        ends_on=until,
        recorded_at=clock.now(),
        recorded_by_id=(recorder or make_user(Role.PROGRAMME_MANAGER)).id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def join(team: Team, persons: Iterable[Person], *, since: date = FORMED) -> list[TeamMember]:
    rows = [
        TeamMember(agency_id=team.agency_id, team_id=team.id, person_id=person.id, starts_on=since)
        for person in persons
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def make_members(team: Team, number: int, *codes: str, **holding: Any) -> list[Person]:
    """Members of the team's agency who hold the courses."""
    people = [make_person(team.agency) for _ in range(number)]
    for person in people:
        for code in codes:
            hold(person, code, **holding)
    join(team, people)
    return people


def make_line_type(line: str, standard: str = "mcm-team", **values: Any) -> ItemType:
    return make_type(line_codes=[f"{standard}:{line}"], **values)


def equip(team: Team, line: str, number: int, *, standard: str = "mcm-team", **values: Any) -> list[Item]:
    """Items for a line, handed over to the team's agency and allotted to the team."""
    items = make_items(number, item_type=make_line_type(line, standard, **values))
    hand_over(team.agency, items)
    allot(team, items)
    return items


def allot(team: Team, items: Sequence[Item], *, since: date | None = None) -> list[TeamItem]:
    rows = [
        TeamItem(agency_id=team.agency_id, team_id=team.id, item_id=item.id, starts_on=since or clock.today())
        for item in items
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def exercise(team: Team, on: date, *, kind: ExerciseKind = ExerciseKind.FIELD, **values: Any) -> None:
    defaults: dict[str, Any] = {"hours": Decimal(8), "accepted": True}
    records.record_exercise(
        team, records.ExerciseValues(kind=kind, held_on=on, **defaults | values), actor=None
    )


def show(team: Team, *codes: str, state: EvidenceState = EvidenceState.MET, **values: Any) -> None:
    """Record evidence for lines of the checklist of the standard the team aims at."""
    defaults: dict[str, Any] = {"dated_on": FORMED}
    records.record_evidence(
        team,
        team.edition.standard,
        [records.EvidenceValues(code=code, state=state, **defaults | values) for code in codes],
        actor=None,
    )


def make_story_team(agency: Agency | None = None, *, trained: bool = True, equipped: bool = True) -> Team:
    """The story's team: one leader, four triage officers, and after the course twelve responders and twelve items."""
    team = make_team(agency, code="CPD-MCM")
    make_members(team, 1, "M-MIM-320")
    make_members(team, 4, "M-TRI-101")
    responders = make_members(team, 13)
    if trained:
        for person in responders[:12]:
            hold(person, "MCM-201", since=clock.today())
    if equipped:
        for line, number in LINES.items():
            equip(team, line, number)
    return team
