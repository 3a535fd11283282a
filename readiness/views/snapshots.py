"""Snapshots: the list, one with its frozen figures, and its reports in three languages."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.permissions import Permission
from foundation.access import requires
from foundation.i18n import LANGUAGES, language
from foundation.paging import page_of_request
from foundation.web import pdf_response
from readiness import labels
from readiness.assessment import Level
from readiness.figures import draw_figures
from readiness.models import Snapshot, Team
from readiness.navigation import find_page
from readiness.services import snapshots

bp = Blueprint("snapshots", __name__)


@bp.get("/snapshots")
@requires(Permission.TEAM_LIST)
def index() -> ResponseReturnValue:
    """List the snapshots in sight, the newest first."""
    text = " ".join(request.args.get("q", "")[:80].split())
    level = request.args.get("level", type=int)
    level = level if level in set(Level) else None
    page = page_of_request(
        snapshots.query_snapshots(g.viewer, text=text, level=level),
        sorts={"number": [Snapshot.year, Snapshot.sequence], "as_of": [Snapshot.as_of, Snapshot.id]},
        default="-number",
    )
    return render_template(
        "readiness/snapshots/index.html",
        page=page,
        text=text,
        level=level,
        levels=[(int(one), str(labels.level_word(one))) for one in Level],
    )


@bp.get("/teams/<int:team_id>/snapshots")
@requires(Permission.TEAM_READ, on=Team)
def of_team(team: Team) -> ResponseReturnValue:
    """List the snapshots of a team, the newest first."""
    page = page_of_request(
        snapshots.query_snapshots(g.viewer, team=team),
        sorts={"number": [Snapshot.year, Snapshot.sequence], "as_of": [Snapshot.as_of, Snapshot.id]},
        default="-number",
    )
    return render_template(
        "readiness/snapshots/of_team.html",
        team=team,
        page=page,
        may_freeze=team.closed_on is None and g.viewer.may(Permission.READINESS_REPORT, team),
    )


@bp.get("/snapshots/<snapshot_number>")
@requires(Permission.TEAM_READ, on=Snapshot, by="number")
def show(snapshot: Snapshot) -> ResponseReturnValue:
    """Show a snapshot: its figures as they were frozen, and its reports."""
    previous = snapshots.find_previous(snapshot)
    assessment = snapshot.assessment
    return render_template(
        "readiness/snapshots/show.html",
        snapshot=snapshot,
        team=snapshot.team,
        assessment=assessment,
        previous=previous,
        figures=draw_figures(
            assessment,
            previous=previous.assessment if previous is not None else None,
            language=language(),
            limits=snapshot.edition.definition.rules.area("P").bands,
        ),
        job=snapshots.find_report(snapshot),
        languages_of_reports=LANGUAGES,
        files={one.language: one for one in snapshot.files},
        person_page=lambda key: find_page("persons.show", Permission.PERSON_LIST, person_id=key),
        item_page=lambda key: find_page("items.show", Permission.EQUIPMENT_READ, item_id=key),
        may_print=g.viewer.may(Permission.READINESS_REPORT, snapshot),
    )


@bp.post("/snapshots/<snapshot_number>/reports")
@requires(Permission.READINESS_REPORT, on=Snapshot, by="number")
def print_reports(snapshot: Snapshot) -> ResponseReturnValue:
    """Have the reports of a snapshot printed that were not yet."""
    snapshots.start_report(snapshot, actor=g.viewer)
    return redirect(url_for("snapshots.show", snapshot_number=snapshot.number), 303)


@bp.get("/snapshots/<snapshot_number>/reports")
@requires(Permission.TEAM_READ, on=Snapshot, by="number")
def reports(snapshot: Snapshot) -> ResponseReturnValue:
    """Return how far the reports are, alone, for the page that watches it."""
    return render_template(
        "readiness/snapshots/_reports.html",
        snapshot=snapshot,
        job=snapshots.find_report(snapshot),
        languages_of_reports=LANGUAGES,
        files={one.language: one for one in snapshot.files},
        may_print=g.viewer.may(Permission.READINESS_REPORT, snapshot),
    )


@bp.get("/snapshots/<snapshot_number>/<any(en, ar, fr):report_language>.pdf")
@requires(Permission.TEAM_READ, on=Snapshot, by="number")
def download(snapshot: Snapshot, report_language: str) -> ResponseReturnValue:
    """Send the report of a snapshot in a language, byte for byte as it was printed."""
    file = snapshots.find_file(snapshot, report_language)
    if file is None:
        abort(404)
    return pdf_response(snapshots.read_file(file), file_name=f"{snapshot.number}-{report_language}.pdf")
