"""Teams of the agency, and how ready each is against a standard, as of a day. Nothing is frozen by reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from flask import g
from sqlalchemy import select

from accounts.models import ApiScope, Person
from accounts.permissions import Permission
from foundation import clock
from foundation.access import requires, visible
from foundation.api.operations import Listing, PageQuery, api_blueprint, list_page, operation
from foundation.api.shapes import Between, Says, Text
from foundation.db import db
from readiness.assessment import Assessment
from readiness.models import Team
from readiness.services import standards, team_members, teams
from readiness.services.assessing import MOST_HOLD_DAYS, assess

bp = api_blueprint("teams", __name__)


@dataclass(frozen=True)
class TeamRecord:
    """A team. Texts are kept by language."""

    code: str
    name: Mapping[str, str]
    standard: Annotated[str, Says("What it is measured against unless asked otherwise.")]
    formed_on: date
    closed_on: date | None


@dataclass(frozen=True)
class MemberRecord:
    """A person in a team."""

    person: str
    name: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class TeamDetail:
    """A team with its members of today."""

    team: TeamRecord
    members: Sequence[MemberRecord]


@dataclass(frozen=True)
class AreaRecord:
    """One area: P people, S equipment on hand, R equipment usable, T training, X exercise, D plans and documents."""

    code: str
    level: Annotated[
        int | None, Says("1 ready, 2 ready with limits, 3 limited, 4 not ready, null not known.")
    ]
    part: int | None
    whole: int | None
    percent: Decimal | None
    months: int | None
    binding: Sequence[str]


@dataclass(frozen=True)
class PositionRecord:
    """A row of the standard, who is placed on it, and how many more qualify."""

    code: str
    name: Mapping[str, str]
    need: int
    filled: int
    reserve: int
    people: Annotated[Sequence[str], Says("The references of those placed.")]


@dataclass(frozen=True)
class CandidateRecord:
    """A member who lacks few qualifications for positions that are short."""

    person: str
    missing: Sequence[str]


@dataclass(frozen=True)
class BottleneckRecord:
    """Positions that share one shortage."""

    positions: Sequence[str]
    need: int
    qualified: int
    short: int
    candidates: Sequence[CandidateRecord]


@dataclass(frozen=True)
class EquipmentLineRecord:
    """A line of equipment of the standard."""

    code: str
    name: Mapping[str, str]
    need: int
    on_hand: int
    usable: int
    critical: bool


@dataclass(frozen=True)
class ReadinessRecord:
    """How ready a team is, with what every figure was counted from."""

    team: str
    standard: str
    edition: str
    on: date
    hold_days: int
    level: Annotated[
        int | None, Says("1 ready, 2 ready with limits, 3 limited, 4 not ready, null not known.")
    ]
    worst: Annotated[Sequence[str], Says("The areas that decide the level.")]
    required: int
    filled: int
    areas: Sequence[AreaRecord]
    positions: Sequence[PositionRecord]
    bottlenecks: Sequence[BottleneckRecord]
    indispensable: Annotated[Sequence[str], Says("People whose loss leaves a position empty.")]
    equipment: Sequence[EquipmentLineRecord]


@dataclass(frozen=True)
class TeamsQuery(PageQuery):
    """Which teams."""

    closed: Annotated[bool, Says("Those that are closed, instead of those at work.")] = False


@dataclass(frozen=True)
class ReadinessQuery:
    """Against what, when and for how long."""

    standard: (
        Annotated[str, Text(60, pattern="[A-Za-z0-9.-]{1,60}"), Says("The team's own when left out.")] | None
    ) = None
    on: Annotated[date, Says("The day asked about; today when left out.")] | None = None
    hold_days: Annotated[int, Between(0, MOST_HOLD_DAYS), Says("Days of deployment after it.")] = 0


@bp.get("/teams", endpoint="list")
@requires(Permission.TEAM_LIST)
@operation(ApiScope.READINESS_READ, answer=TeamRecord, listing=True, query=TeamsQuery)
def list_teams(query: TeamsQuery) -> Listing:
    """List the agency's teams by their codes."""
    wanted = teams.query_teams(g.viewer, on=clock.today(), closed=query.closed)
    page = list_page(wanted, keys=[Team.code], asked=query)
    records = [
        TeamRecord(row.code, row.names, row.standard_code, row.formed_on, row.closed_on) for row in page.rows
    ]
    return Listing(records, page.next_cursor)


@bp.get("/teams/<ref:team_code>")
@requires(Permission.TEAM_READ, on=Team, by="code")
@operation(ApiScope.READINESS_READ, answer=TeamDetail)
def show(team: Team) -> TeamDetail:
    """Read one team with its members of today."""
    record = TeamRecord(team.code, team.names, team.edition.standard.code, team.formed_on, team.closed_on)
    return TeamDetail(record, _members(team))


@bp.get("/teams/<ref:team_code>/readiness")
@requires(Permission.TEAM_READ, on=Team, by="code")
@operation(ApiScope.READINESS_READ, answer=ReadinessRecord, query=ReadinessQuery)
def show_readiness(team: Team, query: ReadinessQuery) -> ReadinessRecord:
    """Say how ready a team is on a day, as far as is known now."""
    own = query.standard in (None, team.edition.standard.code)
    edition = team.edition if own or query.standard is None else standards.get_current(query.standard)
    return _represent(assess(team, edition, on=query.on or clock.today(), hold_days=query.hold_days))


def _members(team: Team) -> list[MemberRecord]:
    query = team_members.query_members(team, g.viewer, on=clock.today()).add_columns(Person.public_ref)
    return [
        MemberRecord(
            row.public_ref, f"{row.given_names} {row.family_name}".strip(), row.starts_on, row.ends_on
        )
        for row in db.session.execute(query.order_by(Person.public_ref))
    ]


def _represent(assessment: Assessment) -> ReadinessRecord:
    refs = _refs(assessment)
    return ReadinessRecord(
        team=assessment.team,
        standard=assessment.standard,
        edition=assessment.edition,
        on=assessment.on,
        hold_days=assessment.hold_days,
        level=_level(assessment.level),
        worst=assessment.worst,
        required=assessment.required,
        filled=assessment.filled,
        areas=[
            AreaRecord(one.code, _level(one.level), one.part, one.whole, one.percent, one.months, one.binding)
            for one in assessment.areas
        ],
        positions=[
            PositionRecord(
                one.id, one.names, one.need, one.filled, one.reserve, [refs[key] for key in one.members]
            )
            for one in assessment.positions
        ],
        bottlenecks=[
            BottleneckRecord(
                one.positions,
                one.need,
                one.qualified,
                one.short,
                [CandidateRecord(refs[who.person_id], who.missing) for who in one.candidates],
            )
            for one in assessment.bottlenecks
        ],
        indispensable=[refs[key] for key in assessment.indispensable],
        equipment=[
            EquipmentLineRecord(one.code, one.names, one.need, one.on_hand, one.usable, one.critical)
            for one in assessment.equipment
        ],
    )


def _level(level: int | None) -> int | None:
    return int(level) if level is not None else None


def _refs(assessment: Assessment) -> dict[int, str]:
    """Return the public references of the people that an assessment speaks of."""
    query = select(Person.id, Person.public_ref).where(
        Person.id.in_(list(assessment.people)), visible(Person, g.viewer)
    )
    found: dict[Any, str] = {key: ref for key, ref in db.session.execute(query)}
    return found
