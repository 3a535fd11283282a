"""How an agency stands, and how all of them do: people, certificates, equipment and teams side by side, each figure from one place.

What teams are worth is read from their newest snapshots, with the day of each. Declined: judging anew here, because a page of fifty
agencies would ask thousands of statements; the team's own page judges as of today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from accounts.models import Agency, User
from accounts.services import affiliations
from certification.services import certificates
from certification.services.certificates import SOON
from curriculum.models import Cohort, CohortState, Edition, Nomination, NominationState
from equipment.models import Deed, DeedState
from equipment.services import dues, holdings
from foundation.access import visible
from foundation.db import db
from foundation.i18n import LANGUAGES
from readiness.assessment import Level
from readiness.models import Snapshot, Team
from readiness.services.snapshots import list_newest_of_open_teams

MOST_TEAMS = 50
MOST_COHORTS = 20
MOST_DEEDS = 20
AHEAD = timedelta(days=90)
# Worst first. What nobody has found out stands right behind what is not ready; an agency without a team comes last.
RANKS: dict[int | None, int] = {
    Level.NOT_READY: 0,
    None: 1,
    Level.LIMITED: 2,
    Level.READY_WITH_LIMITS: 3,
    Level.READY: 4,
}
NO_TEAM = 5


class DateKind(StrEnum):
    """What lies ahead for an agency."""

    AGREEMENT = "agreement"
    RETURN = "return"
    SIGNATURE = "signature"
    INSPECTION = "inspection"
    COHORT = "cohort"


@dataclass(frozen=True)
class Ahead:
    """One day ahead (or passed): of which kind, the name of the thing, its row, and how many it concerns."""

    kind: DateKind
    on: date
    name: str
    row_id: int
    count: int = 1


@dataclass(frozen=True)
class TeamLine:
    """An open team with its newest snapshot, or None when its readiness was never kept."""

    team_id: int
    names: dict[str, str]
    snapshot: Snapshot | None


@dataclass(frozen=True)
class Overview:
    """What is known of an agency on a day; `certified` counts people, `ending` certificates that end within 90 days."""

    people: int
    certified: int
    valid: int
    ending: int
    items: int
    usable: int
    teams: list[TeamLine]
    cohorts: Sequence[Any]
    ahead: list[Ahead]


def describe(agency: Agency, *, viewer: User, on: date) -> Overview:
    """Return how an agency stands. The number of statements grows with nothing."""
    held = certificates.select_valid(on).subquery()
    certified, valid, ending = db.session.execute(
        select(
            func.count(held.c.person_id.distinct()),
            func.count(),
            func.count(case((held.c.expires_on <= on + SOON, 1))),
        ).where(held.c.agency_id == agency.id)
    ).one()
    items, _lots = holdings.list_held(agency.id, on=on)
    cohorts = _list_cohorts(agency, viewer)
    ahead = [*_agreement_ends(agency, on), *_returns(agency, viewer, on), *_unsigned(agency, viewer)]
    ahead += [*_inspections(items, on), *_first_days(cohorts, on)]
    return Overview(
        people=affiliations.count_serving(agency, on=on),
        certified=certified,
        valid=valid,
        ending=ending,
        items=len(items),
        usable=sum(one.usable for one in items),
        teams=[
            TeamLine(team_id, names, snapshot)
            for team_id, names, _formed_on, snapshot in list_newest_of_open_teams(
                viewer, most=MOST_TEAMS, agency=agency
            )
        ],
        cohorts=cohorts,
        ahead=sorted(ahead, key=lambda one: (one.on, one.kind, one.name)),
    )


def _list_cohorts(agency: Agency, viewer: User) -> Sequence[Any]:
    """Return the cohorts that are not closed for which the agency nominated, with how many of its people are in them."""
    taken = (
        select(
            Nomination.cohort_id,
            func.count().label("nominated"),
            func.count(case((Nomination.state == NominationState.CONFIRMED, 1))).label("confirmed"),
        )
        .where(
            Nomination.agency_id == agency.id,
            Nomination.state != NominationState.WITHDRAWN,
            visible(Nomination, viewer),
        )
        .group_by(Nomination.cohort_id)
        .subquery()
    )
    columns: list[Any] = [
        Cohort.id,
        Cohort.code,
        Cohort.state,
        Cohort.starts_on,
        Cohort.ends_on,
        Edition.titles,
        taken.c.nominated,
        taken.c.confirmed,
    ]
    query = (
        select(*columns)
        .join(Edition, Edition.id == Cohort.edition_id)
        .join(taken, taken.c.cohort_id == Cohort.id)
        .where(Cohort.state != CohortState.CLOSED, visible(Cohort, viewer))
        .order_by(Cohort.starts_on, Cohort.id)
        .limit(MOST_COHORTS)
    )
    return db.session.execute(query).all()


def _agreement_ends(agency: Agency, on: date) -> list[Ahead]:
    return [
        Ahead(DateKind.AGREEMENT, one.ends_on, one.reference, agency.id)
        for one in agency.agreements
        if on <= one.ends_on <= on + AHEAD
    ]


def _returns(agency: Agency, viewer: User, on: date) -> list[Ahead]:
    return [
        Ahead(DateKind.RETURN, one.due_on, one.number, one.deed_id, one.quantity)
        for one in dues.list_due_returns(viewer, until=on + AHEAD, agency_id=agency.id)
    ]


def _unsigned(agency: Agency, viewer: User) -> list[Ahead]:
    columns: list[Any] = [Deed.id, Deed.number, Deed.issued_on]
    query = (
        select(*columns)
        .where(Deed.agency_id == agency.id, Deed.state == DeedState.ISSUED, visible(Deed, viewer))
        .order_by(Deed.id)
        .limit(MOST_DEEDS)
    )
    return [
        Ahead(DateKind.SIGNATURE, row.issued_on + dues.SIGN_WITHIN, row.number, row.id)
        for row in db.session.execute(query)
    ]


def _inspections(items: Sequence[holdings.HeldItem], on: date) -> list[Ahead]:
    """Return one line for each day on which items fall due for inspection."""
    by_day: dict[date, list[str]] = {}
    for one in items:
        if one.inspection_due_on is not None and one.inspection_due_on <= on + AHEAD:
            by_day.setdefault(one.inspection_due_on, []).append(one.tag)
    return [Ahead(DateKind.INSPECTION, day, tags[0], 0, len(tags)) for day, tags in by_day.items()]


def _first_days(cohorts: Sequence[Any], on: date) -> list[Ahead]:
    return [
        Ahead(DateKind.COHORT, row.starts_on, row.code, row.id, row.confirmed or row.nominated)
        for row in cohorts
        if on < row.starts_on <= on + AHEAD
    ]


def query_agencies(
    viewer: User, *, on: date, text: str = "", country: str = "", rank: int | None = None
) -> Select[Any]:
    """Return the Core select of the agencies in sight with their figures, one row each, narrowed by name, country and worst level.

    Columns: id, code, names, country, certified (people), ending (certificates within 90 days), items (held), rank (see RANKS), and
    calm: the fewer certificates end, the higher, so that the columns (rank, calm, code) sort the worst first.
    """
    held = certificates.select_valid(on).subquery()
    learnt = (
        select(
            held.c.agency_id,
            func.count(held.c.person_id.distinct()).label("certified"),
            func.count(case((held.c.expires_on <= on + SOON, 1))).label("ending"),
        )
        .group_by(held.c.agency_id)
        .subquery()
    )
    has = holdings.select_counts(on).subquery()
    ranked = _select_ranks().subquery()
    ending = func.coalesce(learnt.c.ending, 0)
    columns: list[Any] = [
        Agency.id,
        Agency.code,
        Agency.names,
        Agency.country,
        func.coalesce(learnt.c.certified, 0).label("certified"),
        ending.label("ending"),
        func.coalesce(has.c["items"], 0).label("items"),
        func.coalesce(ranked.c.rank, NO_TEAM).label("rank"),
        (-ending).label("calm"),
    ]
    query: Select[Any] = (
        select(*columns)
        .outerjoin(learnt, learnt.c.agency_id == Agency.id)
        .outerjoin(has, has.c.agency_id == Agency.id)
        .outerjoin(ranked, ranked.c.agency_id == Agency.id)
        .where(visible(Agency, viewer), Agency.closed_at.is_(None))
    )
    if text:
        query = query.where(_is_named(text))
    if country:
        query = query.where(Agency.country == country)
    if rank is not None:
        query = query.where(func.coalesce(ranked.c.rank, NO_TEAM) == rank)
    return query


def _is_named(text: str) -> ColumnElement[bool]:
    names = [Agency.names[code].as_string().icontains(text, autoescape=True) for code in LANGUAGES]
    return or_(Agency.code.icontains(text, autoescape=True), *names)


def _newest_of_teams() -> Select[Any]:
    columns: list[Any] = [Snapshot.team_id, func.max(Snapshot.id).label("snapshot_id")]
    return select(*columns).group_by(Snapshot.team_id)


def _select_ranks() -> Select[Any]:
    """Return the Core select of the worst rank among the open teams of each agency that has any."""
    newest = _newest_of_teams().subquery()
    levels = {level: rank for level, rank in RANKS.items() if level is not None}
    rank = case(*((Snapshot.level == level, rank) for level, rank in levels.items()), else_=RANKS[None])
    columns: list[Any] = [Team.agency_id, func.min(rank).label("rank")]
    return (
        select(*columns)
        .select_from(Team)
        .outerjoin(newest, newest.c.team_id == Team.id)
        .outerjoin(Snapshot, Snapshot.id == newest.c.snapshot_id)
        .where(Team.closed_on.is_(None))
        .group_by(Team.agency_id)
    )


def map_teams(agency_ids: Sequence[int], *, viewer: User) -> dict[int, list[Any]]:
    """Return {agency id: rows of its open teams}, each (id, code, names, level, as_of), the worst first, in one statement."""
    newest = _newest_of_teams().subquery()
    columns: list[Any] = [Team.agency_id, Team.id, Team.code, Team.names, Snapshot.level, Snapshot.as_of]
    query = (
        select(*columns)
        .select_from(Team)
        .outerjoin(newest, newest.c.team_id == Team.id)
        .outerjoin(Snapshot, Snapshot.id == newest.c.snapshot_id)
        .where(and_(Team.agency_id.in_(agency_ids), Team.closed_on.is_(None), visible(Team, viewer)))
        .order_by(Team.code)
    )
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(query):
        found.setdefault(row.agency_id, []).append(row)
    return {key: sorted(rows, key=lambda row: RANKS[row.level]) for key, rows in found.items()}


def list_countries(viewer: User) -> list[str]:
    """Return the countries of the agencies in sight."""
    query = select(Agency.country).where(visible(Agency, viewer), Agency.closed_at.is_(None)).distinct()
    return sorted(db.session.execute(query).scalars())
