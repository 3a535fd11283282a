"""Gather what is known of a team on a day and have it judged. The number of statements does not grow with the team."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from accounts.models import Affiliation, Person
from equipment.services.holdings import list_held
from foundation import clock
from foundation.dated import not_over, runs_on
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _
from foundation.registry import Holding, list_holdings
from readiness.assessment import Assessment
from readiness.models import StandardEdition, Team, TeamExercise, TeamItem, TeamMember
from readiness.rules.assessing import judge_team
from readiness.rules.inputs import (
    EvidenceInput,
    ExerciseInput,
    HeldInput,
    ItemInput,
    LotInput,
    PersonInput,
    Span,
    TeamInput,
)
from readiness.rules.periods import intersect
from readiness.services import records

MOST_HOLD_DAYS = 365
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)


class NoTeamThen(DomainError):
    """The team did not exist on the day asked about."""


class ImpossibleDay(DomainError):
    """The day or the length of the deployment is out of reach."""


def assess(team: Team, edition: StandardEdition, *, on: date, hold_days: int = 0) -> Assessment:
    """Return a team's readiness as of a day, for a deployment of so many days after it, as far as is known now.

    Members are those of that day who serve the agency; certificates, custody, inspections, exercises and evidence are those of that
    day. Raises NoTeamThen, ImpossibleDay.
    """
    check_day(team, on=on, hold_days=hold_days)
    return judge_team(
        edition.definition, gather(team, edition, on=on, hold_days=hold_days), edition=edition.label
    )


def check_day(team: Team, *, on: date, hold_days: int) -> None:
    """Refuse a day on which the team was not there, and lengths that lead nowhere."""
    if not EARLIEST <= on <= LATEST:
        raise ImpossibleDay(_("Choose a day between 1990 and 2100."), field="on")
    if not 0 <= hold_days <= MOST_HOLD_DAYS:
        raise ImpossibleDay(_("A deployment lasts from 0 to 365 days."), field="hold_days")
    if on < team.formed_on:
        raise NoTeamThen(_("Team %(code)s was not formed yet on this day.", code=team.code), field="on")
    if team.closed_on is not None and on > team.closed_on:
        raise NoTeamThen(_("Team %(code)s was closed by this day.", code=team.code), field="on")


def gather(team: Team, edition: StandardEdition, *, on: date, hold_days: int) -> TeamInput:
    """Return what is known of a team on a day, as the rules read it."""
    items, lots = _gather_equipment(team, edition.standard.code, on)
    evidence = records.map_latest_evidence(team, edition.standard_id, on=on)
    return TeamInput(
        team=team.code,
        team_names=team.names,
        agency=team.agency.code,
        on=on,
        hold_days=hold_days,
        known_at=clock.now(),
        people=_gather_people(team, on),
        items=items,
        lots=lots,
        evidence=tuple(
            EvidenceInput(one.code, one.state.value, one.dated_on, one.valid_until, one.note or "")
            for one in evidence.values()
        ),
        exercises=_gather_exercises(team, on),
    )


def _gather_people(team: Team, on: date) -> tuple[PersonInput, ...]:
    query = (
        select(
            TeamMember.person_id,
            TeamMember.starts_on,
            TeamMember.ends_on,
            Person.given_names,
            Person.family_name,
        )
        .join(Person, Person.id == TeamMember.person_id)
        .where(TeamMember.team_id == team.id, runs_on(TeamMember, on))
        .order_by(TeamMember.person_id)
    )
    rows = db.session.execute(query).all()
    ids = [row.person_id for row in rows]
    serving = _gather_service(team, ids, on)
    held: dict[int, list[HeldInput]] = {}
    for holding in list_holdings(ids):
        evidence = holding.evidence if may_be_told(team, holding) else ""
        held.setdefault(holding.person_id, []).append(
            HeldInput(holding.qualification, holding.starts_on, holding.ends_on, evidence)
        )
    return tuple(
        PersonInput(
            id=row.person_id,
            name=f"{row.given_names} {row.family_name}".strip(),
            available=intersect([(row.starts_on, row.ends_on)], serving.get(row.person_id, ())),
            held=tuple(sorted(held.get(row.person_id, ()), key=_in_order)),
        )
        for row in rows
    )


def may_be_told(team: Team, holding: Holding) -> bool:
    """Return whether the evidence of a holding may stand in a team's papers: what a person earned by another agency may not."""
    return holding.agency_id is None or holding.agency_id == team.agency_id


def _in_order(one: HeldInput) -> tuple[str, date, date, str]:
    return one.qualification, one.starts_on, one.ends_on or date.max, one.evidence


def _gather_service(team: Team, ids: Iterable[int], on: date) -> dict[int, list[Span]]:
    query = select(Affiliation.person_id, Affiliation.starts_on, Affiliation.ends_on).where(
        Affiliation.agency_id == team.agency_id,
        Affiliation.person_id.in_(list(ids)),
        not_over(Affiliation, on),
    )
    spans: dict[int, list[Span]] = {}
    for person_id, starts_on, ends_on in db.session.execute(query):
        spans.setdefault(person_id, []).append((starts_on, ends_on))
    return spans


def _gather_equipment(
    team: Team, standard: str, on: date
) -> tuple[tuple[ItemInput, ...], tuple[LotInput, ...]]:
    """Return the items that count for the team and are with its agency, and the agency's consumables.

    Consumables are the store of the whole agency and count for each of its teams.
    """
    items, lots = list_held(team.agency_id, on=on)
    query = select(TeamItem.item_id).where(TeamItem.team_id == team.id, runs_on(TeamItem, on))
    allotted = set(db.session.execute(query).scalars())
    return (
        tuple(
            ItemInput(
                id=one.item_id,
                tag=one.tag,
                lines=lines_of(one.line_codes, standard),
                usable=one.usable,
                reasons=one.reasons,
                inspection_due_on=one.inspection_due_on,
            )
            for one in items
            if one.item_id in allotted
        ),
        tuple(
            LotInput(lines_of(one.line_codes, standard), one.quantity, one.usable_quantity) for one in lots
        ),
    )


def lines_of(codes: Iterable[str], standard: str) -> frozenset[str]:
    """Return the lines of one standard among the codes 'standard:line' that a type of equipment fulfils."""
    parted = (code.partition(":") for code in codes)
    return frozenset(line for name, _colon, line in parted if name.casefold() == standard.casefold())


def _gather_exercises(team: Team, on: date) -> tuple[ExerciseInput, ...]:
    query = (
        select(TeamExercise.kind, TeamExercise.held_on, TeamExercise.hours, TeamExercise.accepted)
        .where(
            TeamExercise.team_id == team.id,
            TeamExercise.held_on <= on,
            TeamExercise.withdrawn_at.is_(None),
        )
        .order_by(TeamExercise.held_on, TeamExercise.id)
    )
    return tuple(ExerciseInput(*row) for row in db.session.execute(query))
