"""The equipment of a team: what counts for it, what of the agency's is free, and the consumables."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from equipment.models import Item
from foundation import clock
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.forms import Form
from foundation.i18n import _, ngettext
from readiness.forms.teams import FirstDayForm, LastDayForm
from readiness.models import Team, TeamItem
from readiness.navigation import find_page
from readiness.services import teams
from readiness.services.assessing import lines_of
from readiness.views.days import day_asked

bp = Blueprint("team_items", __name__)


@bp.get("/teams/<int:team_id>/equipment")
@requires(Permission.TEAM_READ, on=Team)
def index(team: Team) -> ResponseReturnValue:
    """Show the equipment of a day, and what of the agency's could count for the team."""
    return _page(team, FirstDayForm(), LastDayForm())


@bp.post("/teams/<int:team_id>/equipment/allot")
@requires(Permission.TEAM_MANAGE, on=Team)
def allot(team: Team) -> ResponseReturnValue:
    """Let several items count for the team."""
    form = FirstDayForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            query = select(Item).where(
                Item.id.in_(request.form.getlist("ids", type=int)), visible(Item, g.viewer)
            )
            items = list(db.session.execute(query.order_by(Item.tag)).scalars())
            if items:
                rows = teams.allot_items(team, items, starts_on=form.result(), actor=g.viewer)
                flash(
                    ngettext(
                        "%(num)s item counts for the team.", "%(num)s items count for the team.", len(rows)
                    ),
                    "success",
                )
                return redirect(url_for("team_items.index", team_id=team.id), 303)
            form.form_errors.append(_("Choose at least one item."))
    return _page(team, form, LastDayForm(formdata=None)), _status(form)


@bp.post("/teams/<int:team_id>/equipment/release")
@requires(Permission.TEAM_MANAGE, on=Team)
def release(team: Team) -> ResponseReturnValue:
    """Let several items count for the team no longer."""
    form = LastDayForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            query = select(TeamItem).where(
                TeamItem.id.in_(request.form.getlist("ids", type=int)),
                TeamItem.team_id == team.id,
                visible(TeamItem, g.viewer),
            )
            rows = list(db.session.execute(query.order_by(TeamItem.id)).scalars())
            if rows:
                count = teams.release_items(rows, on=form.result(), actor=g.viewer)
                flash(
                    ngettext("%(num)s item is released.", "%(num)s items are released.", count),
                    "success",
                )
                return redirect(url_for("team_items.index", team_id=team.id), 303)
            form.form_errors.append(_("Choose at least one item."))
    return _page(team, FirstDayForm(formdata=None), form), _status(form)


def _status(form: Form) -> int:
    return 409 if form.conflict else 422


def _page(team: Team, first: FirstDayForm, last: LastDayForm) -> str:
    today = clock.today(g.viewer.time_zone)
    on = day_asked(team)
    for field in (first.starts_on, last.on):
        if field.data is None and not field.errors:
            field.data = today
    standard = team.edition.standard.code
    return render_template(
        "readiness/team_items/index.html",
        team=team,
        on=on,
        today=today,
        here=teams.list_equipment(team, on=on),
        first=first,
        last=last,
        lines_of=lambda held: sorted(lines_of(held.line_codes, standard)),
        item_page=lambda item_id: find_page("items.show", Permission.EQUIPMENT_READ, item_id=item_id),
        manages=team.closed_on is None and g.viewer.may(Permission.TEAM_MANAGE, team),
    )
