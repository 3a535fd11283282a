"""Teams: formed, changed and closed; who is in them and which items are theirs. Every change is dated and stays to be read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from accounts.models import Affiliation, Agency, Person, User
from accounts.permissions import Permission
from equipment.models import Item
from equipment.services.holdings import HeldItem, HeldLot, list_held
from foundation import audit, clock
from foundation.access import visible
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _
from foundation.tenancy import EVERYTHING, within
from readiness.models import Standard, StandardEdition, Team, TeamItem, TeamMember


class TeamCodeTaken(DomainConflict):
    """Another team has this code."""


class TeamClosed(DomainConflict):
    """The team is closed: nothing of it changes any more."""


class TeamRefused(DomainError):
    """What was asked of the team cannot be."""


class MemberAlready(DomainConflict):
    """The person was put into the team a moment ago."""


class ItemTaken(DomainConflict):
    """The item counts for a team already."""


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
    _require(team, actor)
    edition = _get_edition(values.edition_id)
    changes = audit.changes_of(team, **asdict(values), domain=edition.standard.domain)
    if changes:
        audit.record("team:changed", team, actor=actor, changes=changes)


def close_team(team: Team, *, on: date, reason: str, actor: User) -> None:
    """Close a team: from the day after nobody and nothing is in it any more. Raises Forbidden, TeamClosed, TeamRefused."""
    _require(team, actor)
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


def add_members(
    team: Team, persons: Sequence[Person], *, starts_on: date, actor: User | None
) -> list[TeamMember]:
    """Put persons of the agency into a team from a day on; who is in it then stays as he is. Return the new rows.

    A person must serve the agency on that day, and may serve in other teams too. All or none: raises Forbidden, TeamClosed, TeamRefused.
    """
    _require(team, actor)
    _check_first_day(team, starts_on)
    ids = [person.id for person in persons]
    serving = set(db.session.execute(_serving_ids(team.agency_id, starts_on, ids)).scalars())
    for person in persons:
        if person.id not in serving:
            raise TeamRefused(
                _("%(name)s does not serve in the agency on this day.", name=person.latin_name), field="ids"
            )
    here = set(
        db.session.execute(
            select(TeamMember.person_id).where(
                TeamMember.team_id == team.id,
                TeamMember.person_id.in_(ids),
                or_(TeamMember.ends_on.is_(None), TeamMember.ends_on >= starts_on),
            )
        ).scalars()
    )
    rows = [
        TeamMember(agency_id=team.agency_id, team=team, person=person, starts_on=starts_on)
        for person in persons
        if person.id not in here
    ]
    taken = MemberAlready(_("Somebody of these was put into the team a moment ago. Look at the list again."))
    with conflict_as("uq_team_member_team_id_person_id_open", taken):
        db.session.add_all(rows)
    audit.record_many(
        [
            audit.Change(
                "team:member_added",
                team,
                None,
                {"person": (None, row.person_id), "starts_on": (None, starts_on)},
            )
            for row in rows
        ],
        actor=actor,
    )
    return rows


def remove_members(rows: Sequence[TeamMember], *, on: date, reason: str | None, actor: User) -> int:
    """End persons' time in their team with a last day; return how many. Raises Forbidden, TeamClosed, TeamRefused."""
    for row in rows:
        _require(row.team, actor)
        _end(row, on)
    audit.record_many(
        [
            audit.Change(
                "team:member_removed",
                row.team,
                reason,
                {"person": (row.person_id, None), "ends_on": (None, row.ends_on)},
            )
            for row in rows
        ],
        actor=actor,
    )
    return len(rows)


def allot_items(team: Team, items: Sequence[Item], *, starts_on: date, actor: User | None) -> list[TeamItem]:
    """Let items count for a team from a day on; what counts for it already stays. Return the new rows.

    The agency must hold each of them on that day, and none may count for another team. All or none: raises Forbidden, TeamClosed,
    TeamRefused, ItemTaken.
    """
    _require(team, actor)
    _check_first_day(team, starts_on)
    held = {one.item_id for one in list_held(team.agency_id, on=starts_on)[0]}
    for item in items:
        if item.id not in held:
            raise TeamRefused(_("The agency does not hold %(tag)s on this day.", tag=item.tag), field="ids")
    elsewhere = _end_elsewhere(team, [item.id for item in items], starts_on)
    for item in items:
        if elsewhere.get(item.id, team.id) != team.id:
            raise _taken(item.tag)
    rows = [
        TeamItem(agency_id=team.agency_id, team=team, item=item, starts_on=starts_on)
        for item in items
        if item.id not in elsewhere
    ]
    with conflict_as("uq_team_item_item_id_open", _taken(", ".join(row.item.tag for row in rows))):
        db.session.add_all(rows)
    audit.record_many(
        [
            audit.Change(
                "team:item_allotted",
                team,
                None,
                {"item": (None, row.item_id), "starts_on": (None, starts_on)},
            )
            for row in rows
        ],
        actor=actor,
    )
    return rows


def _end_elsewhere(team: Team, item_ids: Sequence[int], starts_on: date) -> dict[int, int]:
    """Return {item id: team id} of what counts for some team of the agency; what other agencies gave away ends in their teams."""
    query = select(TeamItem).where(
        TeamItem.item_id.in_(item_ids), or_(TeamItem.ends_on.is_(None), TeamItem.ends_on >= starts_on)
    )
    # An item that went from one agency to another may still be written down for a team of the first, which the second may not see.
    with within(EVERYTHING):
        found = list(db.session.execute(query).scalars())
    stale = [row for row in found if row.agency_id != team.agency_id]
    for row in stale:
        row.ends_on = max(row.starts_on, starts_on - timedelta(days=1))
        changes = {"item": (row.item_id, None), "ends_on": (None, row.ends_on)}
        audit.record("team_item:ended", row, actor=None, reason="the item left the agency", changes=changes)
    return {row.item_id: row.team_id for row in found if row.agency_id == team.agency_id}


def release_items(rows: Sequence[TeamItem], *, on: date, actor: User) -> int:
    """Let items count for their team no longer after a last day; return how many. Raises Forbidden, TeamClosed, TeamRefused."""
    for row in rows:
        _require(row.team, actor)
        _end(row, on)
    audit.record_many(
        [
            audit.Change(
                "team:item_released",
                row.team,
                None,
                {"item": (row.item_id, None), "ends_on": (None, row.ends_on)},
            )
            for row in rows
        ],
        actor=actor,
    )
    return len(rows)


def require_manage(team: Team, actor: User | None) -> None:
    """Raise Forbidden unless the actor manages the team, TeamClosed when it is closed. None is the system itself."""
    _require(team, actor)


def _require(team: Team, actor: User | None) -> None:
    if actor is not None and not actor.may(Permission.TEAM_MANAGE, team):
        raise Forbidden(_("Only a programme manager or an officer of the agency changes its teams."))
    if team.closed_on is not None:
        raise TeamClosed(_("Team %(code)s is closed.", code=team.code))


def _taken(tags: str) -> ItemTaken:
    return ItemTaken(
        _("%(tags)s: counts for a team already. An item counts for one team at a time.", tags=tags),
        field="ids",
    )


def _check_first_day(team: Team, starts_on: date) -> None:
    if starts_on < team.formed_on:
        raise TeamRefused(_("The team was not formed yet on this day."), field="starts_on")


def _end(row: TeamMember | TeamItem, on: date) -> None:
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


def _serving_ids(agency_id: int, on: date, ids: Sequence[int] | None = None) -> Select[Any]:
    query = select(Affiliation.person_id).where(
        Affiliation.agency_id == agency_id,
        Affiliation.starts_on <= on,
        or_(Affiliation.ends_on.is_(None), Affiliation.ends_on >= on),
    )
    return query if ids is None else query.where(Affiliation.person_id.in_(ids))


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
        query = select(func.count()).select_from(model).where(model.team_id == team.id, is_on(model, on))
        counts.append(db.session.execute(query).scalar_one())
    return counts[0], counts[1]


def is_on(model: type[TeamMember] | type[TeamItem], on: date) -> Any:
    """Return the condition that a dated row includes a day."""
    return and_(model.starts_on <= on, or_(model.ends_on.is_(None), model.ends_on >= on))


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
        .where(TeamMember.team_id == Team.id, is_on(TeamMember, on))
        .scalar_subquery()
    )
    items = (
        select(func.count())
        .select_from(TeamItem)
        .where(TeamItem.team_id == Team.id, is_on(TeamItem, on))
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


def query_members(team: Team, viewer: User, *, on: date) -> Select[Any]:
    """Return the Core select of a team's members on a day."""
    columns: list[Any] = [
        TeamMember.id,
        TeamMember.person_id,
        TeamMember.starts_on,
        TeamMember.ends_on,
        Person.given_names,
        Person.family_name,
        Person.native_name,
        Person.rank,
    ]
    return (
        select(*columns)
        .join(Person, Person.id == TeamMember.person_id)
        .where(TeamMember.team_id == team.id, is_on(TeamMember, on), visible(TeamMember, viewer))
    )


def query_candidates(team: Team, viewer: User, *, on: date, text: str | None = None) -> Select[Any]:
    """Return the Core select of the agency's people who serve on a day and are not in the team then, or later."""
    inside = exists().where(
        TeamMember.team_id == team.id,
        TeamMember.person_id == Person.id,
        or_(TeamMember.ends_on.is_(None), TeamMember.ends_on >= on),
    )
    columns: list[Any] = [
        Person.id,
        Person.given_names,
        Person.family_name,
        Person.native_name,
        Person.rank,
        Person.birth_date,
    ]
    query = select(*columns).where(
        Person.id.in_(_serving_ids(team.agency_id, on)), ~inside, visible(Person, viewer)
    )
    if text:
        names = (Person.folded_latin, Person.native_name, Person.family_name, Person.given_names)
        query = query.where(or_(*(name.icontains(text, autoescape=True) for name in names)))
    return query


@dataclass(frozen=True)
class HeldHere:
    """What the agency holds on a day, by whether it counts for the team: rows with what is held, what is free, what is elsewhere."""

    allotted: list[tuple[TeamItem, HeldItem | None]]
    free: list[HeldItem]
    elsewhere: list[tuple[HeldItem, str]]
    lots: list[HeldLot]


def list_equipment(team: Team, *, on: date) -> HeldHere:
    """Return the items that count for a team on a day, those that could, those that count for another, and the consumables.

    An allotted item that the agency does not hold any more comes with None: it counts for nothing.
    """
    items, lots = list_held(team.agency_id, on=on)
    held = {one.item_id: one for one in items}
    query = (
        select(TeamItem, Team.code)
        .join(Team, Team.id == TeamItem.team_id)
        .join(Item, Item.id == TeamItem.item_id)
        .where(TeamItem.agency_id == team.agency_id, is_on(TeamItem, on))
        .order_by(Item.tag)
    )
    rows = db.session.execute(query).all()
    mine = [(row, held.get(row.item_id)) for row, _code in rows if row.team_id == team.id]
    others = {row.item_id: code for row, code in rows if row.team_id != team.id}
    taken = {row.item_id for row, _held in mine} | set(others)
    return HeldHere(
        allotted=mine,
        free=[one for one in items if one.item_id not in taken],
        elsewhere=[(held[key], code) for key, code in others.items() if key in held],
        lots=lots,
    )
