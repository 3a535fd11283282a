"""Overviews: one agency on a page, and all of them in a table, the worst first; every figure opens the list it counts."""

from datetime import date
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.models import Agency
from accounts.permissions import Permission
from foundation import clock
from foundation.access import requires
from foundation.i18n import _, country_name, ngettext
from foundation.paging import page_of_request
from readiness import labels
from readiness.services import overviews
from readiness.services.overviews import NO_TEAM, RANKS, Ahead, DateKind

bp = Blueprint("overviews", __name__)


@bp.get("/overview")
@requires(Permission.TEAM_LIST)
def index() -> ResponseReturnValue:
    """Show how the agencies stand, the worst first; an officer goes to his own agency's page."""
    if g.viewer.agency_id is not None:
        return redirect(url_for("overviews.show", agency_id=g.viewer.agency_id))
    asked = request.args
    on = clock.today()
    text = " ".join(asked.get("q", "")[:80].split())
    countries = [(code, country_name(code)) for code in overviews.list_countries(g.viewer)]
    country = asked.get("country", "") if asked.get("country") in dict(countries) else ""
    ranks = _rank_choices()
    rank = asked.get("level", "")
    query = overviews.query_agencies(
        g.viewer, on=on, text=text, country=country, rank=int(rank) if rank in dict(ranks) else None
    ).subquery()
    rows = query.select()
    page = page_of_request(
        rows,
        sorts={
            "standing": [query.c.rank, query.c.calm, query.c.code],
            "agency": [query.c.code],
            "certified": [query.c.certified, query.c.code],
            "ending": [query.c.ending, query.c.code],
            "items": [query.c["items"], query.c.code],
        },
        default="standing",
    )
    return render_template(
        "readiness/overviews/index.html",
        page=page,
        teams=overviews.map_teams([row.id for row in page.rows], viewer=g.viewer),
        text=text,
        country=country,
        rank=rank,
        ranks=ranks,
        countries=countries,
    )


@bp.get("/agencies/<int:agency_id>/overview")
@requires(Permission.TEAM_READ, on=Agency)
def show(agency: Agency) -> ResponseReturnValue:
    """Show how one agency stands: people, certificates, equipment, teams, cohorts, and what lies ahead."""
    on = clock.today()
    overview = overviews.describe(agency, viewer=g.viewer, on=on)
    return render_template(
        "readiness/overviews/show.html",
        agency=agency,
        overview=overview,
        ahead=[_ahead_line(one, agency, on) for one in overview.ahead],
        on=on,
    )


def _rank_choices() -> list[tuple[str, str]]:
    """Return the worst levels an agency's teams can have, as (rank, word), the worst first."""
    ranked = sorted((rank, str(labels.level_word(level))) for level, rank in RANKS.items())
    return [*((str(rank), word) for rank, word in ranked), (str(NO_TEAM), _("No team"))]


def _ahead_line(one: Ahead, agency: Agency, on: date) -> dict[str, Any]:
    """Return what lies ahead as a sentence with the page where something is done about it."""
    if one.kind is DateKind.AGREEMENT:
        text = _("The agreement %(name)s ends.", name=one.name)
        url = url_for("agencies.show", agency_id=agency.id)
    elif one.kind is DateKind.RETURN:
        text = ngettext(
            "Deed %(name)s: %(num)s item is to come back.",
            "Deed %(name)s: %(num)s items are to come back.",
            one.count,
            name=one.name,
        )
        url = url_for("deeds.show", deed_id=one.row_id)
    elif one.kind is DateKind.SIGNATURE:
        text = _("Deed %(name)s was issued and waits for signatures.", name=one.name)
        url = url_for("deeds.show", deed_id=one.row_id)
    elif one.kind is DateKind.INSPECTION:
        text = ngettext(
            "%(num)s item is due for inspection: %(name)s.",
            "%(num)s items are due for inspection, among them %(name)s.",
            one.count,
            name=one.name,
        )
        url = url_for("holdings.index", holder=agency.id)
    else:
        text = ngettext(
            "%(name)s begins with %(num)s person of the agency.",
            "%(name)s begins with %(num)s persons of the agency.",
            one.count,
            name=one.name,
        )
        url = url_for("cohorts.show", cohort_id=one.row_id)
    urgency = "late" if one.on < on else "today" if one.on == on else None
    return {"text": text, "url": url, "due": one.on, "urgency": urgency}
