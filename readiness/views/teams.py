"""Teams: the list, one team with how it stands, forming, changing and closing one."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.models import Agency
from accounts.permissions import Permission
from accounts.scopes import is_host_staff
from accounts.services.agencies import find_agency, list_open_agencies
from foundation import clock
from foundation.access import requires
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _
from foundation.paging import page_of_request
from readiness.forms.teams import ClosingForm, EditTeamForm, NewTeamForm
from readiness.models import StandardEdition, Team
from readiness.navigation import team_tab_items
from readiness.services import snapshots, standards, teams
from readiness.services.assessing import assess

bp = Blueprint("teams", __name__)
bp.add_app_template_global(team_tab_items, "team_tab_items")
NEWEST_SNAPSHOTS = 5


@bp.get("/teams")
@requires(Permission.TEAM_LIST)
def index() -> ResponseReturnValue:
    """List the teams in sight with what each was last found to be."""
    asked = request.args
    on = clock.today()
    text = " ".join(asked.get("q", "")[:80].split())
    agency, standard = asked.get("agency", "")[:40], asked.get("standard", "")[:60]
    closed = asked.get("state") == "closed"
    page = page_of_request(
        teams.query_teams(g.viewer, on=on, text=text, agency=agency, standard=standard, closed=closed),
        sorts={"code": [Team.code], "agency": [Agency.code, Team.code]},
        default="code",
    )
    return render_template(
        "readiness/teams/index.html",
        page=page,
        text=text,
        agency=agency,
        standard=standard,
        closed=closed,
        agencies=_agencies_to_filter(),
        standards=standards.list_current(),
        levels=snapshots.map_newest_levels([row.id for row in page.rows]),
        may_form=g.viewer.may(Permission.TEAM_MANAGE),
    )


@bp.route("/teams/new", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE)
def new() -> ResponseReturnValue:
    """Form a team."""
    form = NewTeamForm()
    form.offer(standards.list_current())
    offered = _agencies_to_choose()
    form.offer_agencies(offered)
    if request.method == "GET":
        asked = find_agency(request.args.get("agency", "")[:40])
        form.agency.data = str(asked.id) if asked in offered and asked is not None else form.agency.data
        form.formed_on.data = clock.today()
    if form.validate_on_submit():
        with form.showing(DomainError):
            agency = db.session.get_one(Agency, int(form.agency.data))
            team = teams.form_team(
                agency, form.code.data or "", form.result(), formed_on=form.result_day(), actor=g.viewer
            )
            flash(_("Team %(code)s is formed. Now add its members.", code=team.code), "success")
            return redirect(url_for("team_members.add", team_id=team.id), 303)
    return render_form("readiness/teams/new.html", form)


@bp.get("/teams/<int:team_id>")
@requires(Permission.TEAM_READ, on=Team)
def show(team: Team) -> ResponseReturnValue:
    """Show a team: how it stands today, what to do next, and its latest snapshots."""
    today = clock.today()
    on = min(today, team.closed_on) if team.closed_on is not None else max(today, team.formed_on)
    members, items = teams.count_of(team, on=on)
    return render_template(
        "readiness/teams/show.html",
        team=team,
        on=on,
        members=members,
        items=items,
        assessment=assess(team, team.edition, on=on),
        latest=snapshots.list_of_team(team, g.viewer, most=NEWEST_SNAPSHOTS),
        manages=team.closed_on is None and g.viewer.may(Permission.TEAM_MANAGE, team),
    )


@bp.route("/teams/<int:team_id>/edit", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE, on=Team)
def edit(team: Team) -> ResponseReturnValue:
    """Change a team's names and standard."""
    form = EditTeamForm()
    form.offer(_editions_for(team))
    if request.method == "GET":
        form.show(team)
    if form.validate_on_submit():
        with form.showing(DomainError):
            teams.edit_team(team, form.result(), actor=g.viewer)
            flash(_("Team %(code)s is saved.", code=team.code), "success")
            return redirect(url_for("teams.show", team_id=team.id), 303)
    return render_form("readiness/teams/edit.html", form, team=team)


@bp.route("/teams/<int:team_id>/close", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE, on=Team)
def close(team: Team) -> ResponseReturnValue:
    """Close a team."""
    form = ClosingForm()
    if request.method == "GET":
        form.on.data = clock.today()
    if form.validate_on_submit():
        with form.showing(DomainError):
            on, reason = form.result()
            teams.close_team(team, on=on, reason=reason, actor=g.viewer)
            flash(_("Team %(code)s is closed.", code=team.code), "success")
            return redirect(url_for("teams.show", team_id=team.id), 303)
    return render_form("readiness/teams/close.html", form, team=team)


def _editions_for(team: Team) -> list[StandardEdition]:
    """Return the newest editions, and the one the team aims at when that is an older one."""
    newest = standards.list_current()
    return newest if team.edition in newest else [team.edition, *newest]


def _agencies_to_choose() -> list[Agency]:
    if is_host_staff(g.viewer):
        return list(list_open_agencies())
    return [g.viewer.agency] if g.viewer.agency is not None else []


def _agencies_to_filter() -> list[Agency]:
    return list(list_open_agencies()) if is_host_staff(g.viewer) else []
