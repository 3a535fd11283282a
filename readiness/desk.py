"""What this floor shows on the start page, on the rail and in the search."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import url_for

from accounts.models import User
from accounts.permissions import Permission
from foundation import clock
from foundation.desk import Hit, Place, Waiting
from foundation.i18n import _, ngettext, separator, text_in
from foundation.paging import fetch_page
from readiness import labels
from readiness.assessment import Assessment, Level
from readiness.models import Team
from readiness.services import teams
from readiness.services.snapshots import list_newest_of_open_teams

MOST_TEAMS = 50
MOST_HITS = 8
SNAPSHOT_EVERY = timedelta(days=90)


def list_waiting(viewer: User, on: date) -> Sequence[Waiting]:
    """Return the teams that were last found not ready, with the reason, and those of which nobody has kept figures lately.

    Read from the newest snapshots alone, in two statements: the start page judges nothing anew.
    """
    if not viewer.may(Permission.READINESS_REPORT):
        return []
    newest = list_newest_of_open_teams(viewer, most=MOST_TEAMS)
    lines: list[Waiting] = []
    stale = []
    for team_id, names, formed_on, snapshot in newest:
        last = snapshot.as_of if snapshot is not None else formed_on
        if snapshot is None or last + SNAPSHOT_EVERY < on:
            stale.append(team_id)
        if snapshot is not None and snapshot.level == Level.NOT_READY:
            sentence = _(
                "%(team)s is not ready: %(areas)s.", team=text_in(names), areas=_reasons(snapshot.assessment)
            )
            lines.append(Waiting(sentence, url_for("readiness.show", team_id=team_id), tone="bad"))
    if stale:
        sentence = ngettext(
            "Of %(num)s team nobody has kept its readiness for three months.",
            "Of %(num)s teams nobody has kept the readiness for three months.",
            len(stale),
        )
        url = url_for("readiness.show", team_id=stale[0]) if len(stale) == 1 else url_for("teams.index")
        lines.append(Waiting(sentence, url, count=len(stale)))
    return lines


def _reasons(assessment: Assessment) -> str:
    """Return the areas that decide, each with its figure when it has one, in a few words."""
    words = []
    for area in assessment.areas:
        if area.code in assessment.worst:
            name = str(labels.area_word(area.code))
            words.append(f"{name} {area.part}/{area.whole}" if area.part is not None else name)
    return separator().join(words)


def list_places(viewer: User) -> Sequence[Place]:
    """Return the overview, the teams and the standards for those who work with them; an officer's overview is a tab of his agency."""
    places = []
    if viewer.may(Permission.TEAM_LIST) and viewer.agency_id is None:
        places.append(Place("overview", _("Overview"), url_for("overviews.index"), "grid"))
    if viewer.may(Permission.TEAM_LIST):
        places.append(Place("teams", _("Teams"), url_for("teams.index"), "team"))
    if viewer.may(Permission.STANDARD_READ) and viewer.may(Permission.TEAM_LIST):
        places.append(Place("standards", _("Standards"), url_for("standards.index"), "standard"))
    return places


def search(viewer: User, text: str) -> Sequence[Hit]:
    """Return the teams in sight whose code or name fits."""
    if not viewer.may(Permission.TEAM_LIST):
        return []
    kind = _("Team")
    on = clock.today()
    page = fetch_page(teams.query_teams(viewer, on=on, text=text), keys=[Team.code], size=MOST_HITS)
    return [
        Hit(kind, text_in(row.names), row.code, url_for("teams.show", team_id=row.id)) for row in page.rows
    ]
