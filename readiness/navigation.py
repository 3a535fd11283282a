"""Addresses that pages of this floor share: the tabs of a team, and the pages behind what a figure counts."""

from typing import Any

from flask import current_app, g, url_for

from accounts.permissions import Permission
from foundation.i18n import lazy
from readiness.models import Team

_TABS = (
    ("teams.show", lazy("Overview")),
    ("readiness.show", lazy("Readiness")),
    ("team_members.index", lazy("Members")),
    ("team_items.index", lazy("Equipment")),
    ("team_records.index", lazy("Exercises and evidence")),
    ("snapshots.of_team", lazy("Snapshots")),
)


def team_tab_items(team: Team, here: str) -> list[tuple[str, str, bool]]:
    """Return the sub-pages of a team as (label, address, whether it is the one at hand)."""
    return [
        (str(label), url_for(endpoint, team_id=team.id), endpoint == here)
        for endpoint, label in _TABS
        if g.viewer.may(Permission.TEAM_READ, team)
    ]


def find_page(endpoint: str, permission: Permission, **values: Any) -> str | None:
    """Return the address of a page of a lower floor when this installation has it and the viewer may open it, or None."""
    if endpoint not in current_app.view_functions or not g.viewer.may(permission):
        return None
    return url_for(endpoint, **values)
