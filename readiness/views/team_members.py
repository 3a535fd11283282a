"""The members of a team: who is in it on a day, many people added at once, and removed at once."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.models import Person
from accounts.permissions import Permission
from foundation import clock
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError, Forbidden
from foundation.i18n import _, ngettext
from foundation.paging import page_of_request
from readiness.forms.teams import FirstDayForm, LastDayForm
from readiness.models import Team, TeamMember
from readiness.navigation import find_page
from readiness.services import team_members
from readiness.views.days import day_asked

bp = Blueprint("team_members", __name__)


@bp.get("/teams/<int:team_id>/members")
@requires(Permission.TEAM_READ, on=Team)
def index(team: Team) -> ResponseReturnValue:
    """List the members of a day."""
    return _members_page(team, LastDayForm())


@bp.post("/teams/<int:team_id>/members/remove")
@requires(Permission.TEAM_MANAGE, on=Team)
def remove(team: Team) -> ResponseReturnValue:
    """End several members' time in the team."""
    form = LastDayForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            rows = _chosen_members(team)
            if rows:
                count = team_members.remove_members(rows, on=form.result(), reason=None, actor=g.viewer)
                flash(
                    ngettext("%(num)s person leaves the team.", "%(num)s people leave the team.", count),
                    "success",
                )
                return redirect(url_for("team_members.index", team_id=team.id), 303)
            form.form_errors.append(_("Choose at least one person."))
    return _members_page(team, form), 409 if form.conflict else 422


@bp.route("/teams/<int:team_id>/members/add", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE, on=Team)
def add(team: Team) -> ResponseReturnValue:
    """Choose people of the agency and put them into the team."""
    form = FirstDayForm()
    today = clock.today()
    if request.method == "GET":
        form.starts_on.data = today
    if form.validate_on_submit():
        with form.showing(DomainError):
            persons = _chosen_persons()
            if persons:
                rows = team_members.add_members(team, persons, starts_on=form.result(), actor=g.viewer)
                flash(
                    ngettext("%(num)s person is in the team.", "%(num)s people are in the team.", len(rows)),
                    "success",
                )
                return redirect(url_for("team_members.index", team_id=team.id), 303)
            form.form_errors.append(_("Choose at least one person."))
    text = " ".join(request.args.get("q", "")[:80].split())
    page = page_of_request(
        team_members.query_candidates(team, g.viewer, on=today, text=text),
        sorts={"name": [Person.folded_latin, Person.id]},
        default="name",
    )
    status = 409 if form.conflict else 422 if form.is_submitted() else 200
    return render_template(
        "readiness/team_members/add.html", team=team, page=page, text=text, form=form
    ), status


def _members_page(team: Team, form: LastDayForm) -> str:
    on = day_asked(team)
    if form.on.data is None and not form.is_submitted():
        form.on.data = clock.today()
    page = page_of_request(
        team_members.query_members(team, g.viewer, on=on),
        sorts={
            "name": [Person.folded_latin, TeamMember.id],
            "since": [TeamMember.starts_on, TeamMember.id],
        },
        default="name",
    )
    return render_template(
        "readiness/team_members/index.html",
        team=team,
        page=page,
        on=on,
        today=clock.today(),
        form=form,
        person_page=lambda person_id: find_page("persons.show", Permission.PERSON_LIST, person_id=person_id),
        manages=team.closed_on is None and g.viewer.may(Permission.TEAM_MANAGE, team),
    )


def _chosen_members(team: Team) -> list[TeamMember]:
    """Return the chosen rows of the team; foreign and missing ids are passed over."""
    query = select(TeamMember).where(
        TeamMember.id.in_(request.form.getlist("ids", type=int)),
        TeamMember.team_id == team.id,
        visible(TeamMember, g.viewer),
    )
    return list(db.session.execute(query.order_by(TeamMember.id)).scalars())


def _chosen_persons() -> list[Person]:
    """Return the chosen persons in sight; foreign and missing ids are passed over."""
    if not g.viewer.may(Permission.TEAM_MANAGE):
        raise Forbidden(_("Only a programme manager or an officer of the agency changes its teams."))
    query = select(Person).where(
        Person.id.in_(request.form.getlist("ids", type=int)), visible(Person, g.viewer)
    )
    return list(db.session.execute(query.order_by(Person.folded_latin, Person.id)).scalars())
