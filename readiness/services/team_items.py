"""Which items are a team's: allotted and released with dates, listed as of a day with what else the agency holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select

from accounts.models import User
from equipment.models import Item
from equipment.services.holdings import HeldItem, HeldLot, list_held
from foundation import audit
from foundation.dated import runs_on
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict
from foundation.i18n import _
from foundation.tenancy import EVERYTHING, within
from readiness.models import Team, TeamItem
from readiness.services.teams import TeamRefused, check_first_day, end_row, require_manage


class ItemTaken(DomainConflict):
    """The item counts for a team already."""


@dataclass(frozen=True)
class HeldHere:
    """What the agency holds on a day, by whether it counts for the team; `others` come with the code of the team they count for."""

    allotted: list[tuple[TeamItem, HeldItem | None]]
    others: list[tuple[HeldItem, str | None]]
    lots: list[HeldLot]


def allot_items(team: Team, items: Sequence[Item], *, starts_on: date, actor: User | None) -> list[TeamItem]:
    """Let items count for a team from a day on; what counts for it already stays. Return the new rows.

    The agency must hold each of them on that day, and none may count for another team. All or none: raises Forbidden, TeamClosed,
    TeamRefused, ItemTaken.
    """
    require_manage(team, actor)
    check_first_day(team, starts_on)
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
        require_manage(row.team, actor)
        end_row(row, on)
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


def _taken(tags: str) -> ItemTaken:
    return ItemTaken(
        _("%(tags)s: counts for a team already. An item counts for one team at a time.", tags=tags),
        field="ids",
    )


def list_equipment(team: Team, *, on: date) -> HeldHere:
    """Return the items that count for a team on a day, the agency's others, free ones first, and its consumables.

    An allotted item that the agency does not hold any more comes with None: it counts for nothing.
    """
    items, lots = list_held(team.agency_id, on=on)
    held = {one.item_id: one for one in items}
    query = (
        select(TeamItem, Team.code)
        .join(Team, Team.id == TeamItem.team_id)
        .join(Item, Item.id == TeamItem.item_id)
        .where(TeamItem.agency_id == team.agency_id, runs_on(TeamItem, on))
        .order_by(Item.tag)
    )
    rows = db.session.execute(query).all()
    mine = [(row, held.get(row.item_id)) for row, _code in rows if row.team_id == team.id]
    codes = {row.item_id: code for row, code in rows}
    own = {row.item_id for row, _held in mine}
    others = [(one, codes.get(one.item_id)) for one in items if one.item_id not in own]
    return HeldHere(allotted=mine, others=sorted(others, key=lambda other: other[1] is not None), lots=lots)
