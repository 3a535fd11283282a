"""The equipment of a team: what counts for it, many items allotted at once and released at once, and the consumables."""

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from equipment.models import Item
from equipment.services.holdings import HeldItem
from foundation import clock
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _, ngettext, text_in
from foundation.paging import cut
from readiness.forms.teams import FirstDayForm, LastDayForm
from readiness.models import Team, TeamItem
from readiness.navigation import find_page
from readiness.services import team_items
from readiness.services.assessing import lines_of
from readiness.views.days import day_asked

bp = Blueprint("team_items", __name__)
# The page shows what is at hand; all of it stands in the list of holdings.
MOST_LOTS = 50


@bp.get("/teams/<int:team_id>/equipment")
@requires(Permission.TEAM_READ, on=Team)
def index(team: Team) -> ResponseReturnValue:
    """List what counts for the team on a day, and the agency's consumables."""
    return _items_page(team, LastDayForm())


@bp.post("/teams/<int:team_id>/equipment/release")
@requires(Permission.TEAM_MANAGE, on=Team)
def release(team: Team) -> ResponseReturnValue:
    """Let several items count for the team no longer."""
    form = LastDayForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            rows = _chosen_rows(team)
            if rows:
                count = team_items.release_items(rows, on=form.result(), actor=g.viewer)
                flash(
                    ngettext("%(num)s item is released.", "%(num)s items are released.", count),
                    "success",
                )
                return redirect(url_for("team_items.index", team_id=team.id), 303)
            form.form_errors.append(_("Choose at least one item."))
    return _items_page(team, form), 409 if form.conflict else 422


@bp.route("/teams/<int:team_id>/equipment/allot", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE, on=Team)
def allot(team: Team) -> ResponseReturnValue:
    """Choose items that the agency holds and let them count for the team."""
    form = FirstDayForm()
    today = clock.today()
    if request.method == "GET":
        form.starts_on.data = today
    if form.validate_on_submit():
        with form.showing(DomainError):
            items = _chosen_items()
            if items:
                rows = team_items.allot_items(team, items, starts_on=form.result(), actor=g.viewer)
                flash(
                    ngettext(
                        "%(num)s item counts for the team.", "%(num)s items count for the team.", len(rows)
                    ),
                    "success",
                )
                return redirect(url_for("team_items.index", team_id=team.id), 303)
            form.form_errors.append(_("Choose at least one item."))
    text = " ".join(request.args.get("q", "")[:80].split())
    others = team_items.list_equipment(team, on=today).others
    status = 409 if form.conflict else 422 if form.is_submitted() else 200
    return render_template(
        "readiness/team_items/allot.html",
        team=team,
        page=cut([other for other in others if _is_meant(other[0], text)]),
        text=text,
        form=form,
        lines_of=_lines_of(team),
        item_page=_item_page,
    ), status


def _items_page(team: Team, form: LastDayForm) -> str:
    today = clock.today()
    on = day_asked(team)
    if form.on.data is None and not form.is_submitted():
        form.on.data = today
    here = team_items.list_equipment(team, on=on)
    return render_template(
        "readiness/team_items/index.html",
        team=team,
        on=on,
        today=today,
        page=cut(here.allotted),
        free=sum(code is None for _held, code in here.others),
        lots=here.lots[:MOST_LOTS],
        more_lots=max(0, len(here.lots) - MOST_LOTS),
        holdings=find_page(
            "holdings.index", Permission.EQUIPMENT_READ, holder=team.agency_id, on=on.isoformat()
        ),
        form=form,
        lines_of=_lines_of(team),
        item_page=_item_page,
        manages=team.closed_on is None and g.viewer.may(Permission.TEAM_MANAGE, team),
    )


def _chosen_rows(team: Team) -> list[TeamItem]:
    """Return the chosen rows of the team; foreign and missing ids are passed over."""
    query = select(TeamItem).where(
        TeamItem.id.in_(request.form.getlist("ids", type=int)),
        TeamItem.team_id == team.id,
        visible(TeamItem, g.viewer),
    )
    return list(db.session.execute(query.order_by(TeamItem.id)).scalars())


def _chosen_items() -> list[Item]:
    """Return the chosen items in sight; foreign and missing ids are passed over."""
    query = select(Item).where(Item.id.in_(request.form.getlist("ids", type=int)), visible(Item, g.viewer))
    return list(db.session.execute(query.order_by(Item.tag)).scalars())


def _is_meant(held: HeldItem, text: str) -> bool:
    """Return whether every word stands in an item's tag, serial number or type, in any case."""
    said = " ".join((held.tag, held.serial or "", held.type_code, text_in(held.type_names))).casefold()
    return all(word in said for word in text.casefold().split())


def _lines_of(team: Team) -> Callable[[HeldItem], list[str]]:
    standard = team.edition.standard.code
    return lambda held: sorted(lines_of(held.line_codes, standard))


def _item_page(item_id: int) -> str | None:
    return find_page("items.show", Permission.EQUIPMENT_READ, item_id=item_id)
