"""Teams: formed, changed and closed, and found again. Every change is dated and stays to be read."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from accounts.models import Agency, User
from accounts.permissions import Permission
from foundation import audit, clock
from foundation.access import visible
from foundation.dated import runs_on
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _
from readiness.models import Standard, StandardEdition, Team, TeamItem, TeamMember


class TeamCodeTaken(DomainConflict):
    """Another team has this code."""


class TeamClosed(DomainConflict):
    """The team is closed: nothing of it changes any more."""


class TeamRefused(DomainError):
    """What was asked of the team cannot be."""


@dataclass(frozen=True)
class TeamValues:
    """What is known of a team. `names` is {language: name}, English included; `edition_id` what it is measured against."""

    names: dict[str, str]
    edition_id: int


def form_team(agency: Agency, code: str, values: TeamValues, *, formed_on: date, actor: User | None) -> Team:
    """Form a team of an agency under a code that no other team has. Raises Forbidden, TeamCodeTaken, TeamRefused."""
    if actor is not None and not actor.may(Permission.TEAM_MANAGE, agency):
        raise Forbidden(_("Only a programme manager or an officer of the agency forms its teams."))
    if agency.closed_at is not None:
        raise TeamRefused(_("The agency is closed in this register."), field="agency")
    if formed_on > clock.today():
        raise TeamRefused(_("This day is still to come."), field="formed_on")
    edition = _get_edition(values.edition_id)
    code = code.strip().upper()
    team = Team(
        agency_id=agency.id,
        code=code,
        names=values.names,
        domain=edition.standard.domain,
        edition=edition,
        formed_on=formed_on,
    )
    with conflict_as("uq_team_code", TeamCodeTaken(_("Another team has this code."), field="code")):
        db.session.add(team)
    changes = {
        "code": (None, code),
        "names": (None, values.names),
        "standard": (None, edition.standard.code),
        "formed_on": (None, formed_on),
    }
    audit.record("team:formed", team, actor=actor, changes=changes)
    return team


def edit_team(team: Team, values: TeamValues, *, actor: User) -> None:
    """Change a team's names and what it is measured against; its code stays. Raises Forbidden, TeamClosed, TeamRefused."""
    require_manage(team, actor)
    edition = _get_edition(values.edition_id)
    changes = audit.changes_of(team, **asdict(values), domain=edition.standard.domain)
    if changes:
        audit.record("team:changed", team, actor=actor, changes=changes)


def close_team(team: Team, *, on: date, reason: str, actor: User) -> None:
    """Close a team: from the day after nobody and nothing is in it any more. Raises Forbidden, TeamClosed, TeamRefused."""
    require_manage(team, actor)
    if not team.formed_on <= on <= clock.today():
        raise TeamRefused(_("The last day lies between the day it was formed and today."), field="on")
    rows: list[TeamMember | TeamItem] = [*_open_members(team), *_open_items(team)]
    if any(row.starts_on > on for row in rows):
        raise TeamRefused(
            _("Somebody or something came into the team after this day: choose a later one."), field="on"
        )
    for row in rows:
        row.ends_on = on
    changes = audit.changes_of(team, closed_on=on)
    audit.record("team:closed", team, actor=actor, reason=reason, changes=changes)


def require_manage(team: Team, actor: User | None) -> None:
    """Raise Forbidden unless the actor manages the team, TeamClosed when it is closed. None is the system itself."""
    if actor is not None and not actor.may(Permission.TEAM_MANAGE, team):
        raise Forbidden(_("Only a programme manager or an officer of the agency changes its teams."))
    if team.closed_on is not None:
        raise TeamClosed(_("Team %(code)s is closed.", code=team.code))


def check_first_day(team: Team, starts_on: date) -> None:
    """Raise TeamRefused when nobody and nothing can have come to the team on this day yet."""
    if starts_on < team.formed_on:
        raise TeamRefused(_("The team was not formed yet on this day."), field="starts_on")


def end_row(row: TeamMember | TeamItem, on: date) -> None:
    """Give a row its last day. Raises TeamRefused."""
    if row.ends_on is not None:
        raise TeamRefused(_("This ended already."), field="ids")
    if on < row.starts_on:
        raise TeamRefused(_("The last day lies before the first one."), field="on")
    row.ends_on = on


def _get_edition(edition_id: int) -> StandardEdition:
    edition = db.session.get(StandardEdition, edition_id)
    if edition is None:
        raise TeamRefused(_("Choose a standard."), field="edition_id")
    return edition


def _open_members(team: Team) -> list[TeamMember]:
    query = select(TeamMember).where(TeamMember.team_id == team.id, TeamMember.ends_on.is_(None))
    return list(db.session.execute(query).scalars())


def _open_items(team: Team) -> list[TeamItem]:
    query = select(TeamItem).where(TeamItem.team_id == team.id, TeamItem.ends_on.is_(None))
    return list(db.session.execute(query).scalars())


def count_of(team: Team, *, on: date) -> tuple[int, int]:
    """Return how many members and how many items a team has on a day."""
    counts = []
    for model in (TeamMember, TeamItem):
        query = select(func.count()).select_from(model).where(model.team_id == team.id, runs_on(model, on))
        counts.append(db.session.execute(query).scalar_one())
    return counts[0], counts[1]


def find_team(code: str) -> Team | None:
    """Return the team of a code, in any case, or None."""
    return db.session.execute(select(Team).where(Team.code == code.strip().upper())).scalar_one_or_none()


def query_teams(
    viewer: User,
    *,
    on: date,
    text: str | None = None,
    agency: str | None = None,
    standard: str | None = None,
    closed: bool = False,
) -> Select[Any]:
    """Return the Core select of the teams in sight, one row a team with how many people and items it has on a day."""
    members = (
        select(func.count())
        .select_from(TeamMember)
        .where(TeamMember.team_id == Team.id, runs_on(TeamMember, on))
        .scalar_subquery()
    )
    items = (
        select(func.count())
        .select_from(TeamItem)
        .where(TeamItem.team_id == Team.id, runs_on(TeamItem, on))
        .scalar_subquery()
    )
    columns: list[Any] = [
        Team.id,
        Team.code,
        Team.names,
        Team.formed_on,
        Team.closed_on,
        Agency.code.label("agency_code"),
        Agency.names.label("agency_names"),
        Standard.code.label("standard_code"),
        StandardEdition.titles.label("standard_titles"),
        StandardEdition.headcount,
        members.label("members"),
        items.label("items"),
    ]
    query: Select[Any] = (
        select(*columns)
        .join(Agency, Agency.id == Team.agency_id)
        .join(StandardEdition, StandardEdition.id == Team.edition_id)
        .join(Standard, Standard.id == StandardEdition.standard_id)
        .where(visible(Team, viewer), Team.closed_on.is_not(None) if closed else Team.closed_on.is_(None))
    )
    if agency:
        query = query.where(Agency.code == agency)
    if standard:
        query = query.where(Standard.code == standard)
    if text:
        names = [Team.names[code].as_string().icontains(text, autoescape=True) for code in ("en", "ar", "fr")]
        query = query.where(or_(Team.code.icontains(text, autoescape=True), *names))
    return query
