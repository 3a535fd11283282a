"""A team's readiness as of a day: every number opens to what it counts. Freezing it makes a snapshot with its reports."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.permissions import Permission
from curriculum.models import Course
from curriculum.navigation import find_evidence_url, sees_evidence
from foundation.access import requires, visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _, language
from foundation.registry import list_holdings
from readiness.assessment import Assessment
from readiness.figures import draw_figures
from readiness.forms.teams import AssessmentForm
from readiness.models import StandardEdition, Team
from readiness.navigation import find_page
from readiness.services import snapshots, standards
from readiness.services.assessing import assess

bp = Blueprint("readiness", __name__)


@bp.get("/teams/<int:team_id>/readiness")
@requires(Permission.TEAM_READ, on=Team)
def show(team: Team) -> ResponseReturnValue:
    """Show a team's readiness against a standard, as of a day."""
    form = AssessmentForm(request.args, meta={"csrf": False})
    editions = standards.list_current()
    form.offer(editions)
    code, on, hold_days = form.result(team) if _is_valid(form) else AssessmentForm.default(team)
    edition = _edition_of(team, code)
    assessment, problem = None, None
    try:
        assessment = assess(team, edition, on=on, hold_days=hold_days)
    except DomainError as error:
        problem = error.message
    form.fill(code, on, hold_days)
    context = _context(team, edition, assessment) if assessment is not None else {}
    page = render_template(
        "readiness/assessments/show.html",
        team=team,
        edition=edition,
        form=form,
        editions=editions,
        assessment=assessment,
        problem=problem,
        may_freeze=g.viewer.may(Permission.READINESS_REPORT, team),
        **context,
    )
    return page, 422 if form.errors or problem else 200


@bp.post("/teams/<int:team_id>/readiness")
@requires(Permission.READINESS_REPORT, on=Team)
def freeze(team: Team) -> ResponseReturnValue:
    """Keep the figures as a snapshot and have its reports printed."""
    form = AssessmentForm()
    editions = standards.list_current()
    form.offer(editions)
    if form.validate_on_submit():
        with form.showing(DomainError):
            code, on, hold_days = form.result(team)
            snapshot = snapshots.freeze(
                team, _edition_of(team, code), on=on, hold_days=hold_days, actor=g.viewer
            )
            snapshots.start_report(snapshot, actor=g.viewer)
            flash(
                _("Snapshot %(number)s is kept. Its reports are being printed.", number=snapshot.number),
                "success",
            )
            return redirect(url_for("snapshots.show", snapshot_number=snapshot.number), 303)
    page = render_template(
        "readiness/assessments/show.html",
        team=team,
        edition=team.edition,
        form=form,
        editions=editions,
        assessment=None,
        problem=None,
        may_freeze=True,
    )
    return page, 409 if form.conflict else 422


def _is_valid(form: AssessmentForm) -> bool:
    """Judge what stands in the address; an address without a question has nothing wrong."""
    if not any(request.args.get(name) for name in ("standard", "on", "hold_days")):
        return False
    if not request.args.get("standard"):
        form.standard.validate_choice = False
    return bool(form.validate())


def _edition_of(team: Team, code: str) -> StandardEdition:
    """Return the edition the team aims at when its own standard is asked for, else the newest of the one that is."""
    return team.edition if code == team.edition.standard.code else standards.get_current(code)


def _context(team: Team, edition: StandardEdition, assessment: Assessment) -> dict[str, Any]:
    """Return what the figures of an assessment open to."""
    previous = snapshots.find_last(team, edition.standard_id, on=assessment.on)
    return {
        "figures": draw_figures(
            assessment,
            previous=previous.assessment if previous is not None else None,
            language=language(),
            limits=edition.definition.rules.area("P").bands,
        ),
        "previous": previous,
        "proofs": map_proofs(assessment),
        "courses": map_courses(assessment),
        "person_page": lambda key: find_page("persons.show", Permission.PERSON_LIST, person_id=key),
        "item_page": lambda key: find_page("items.show", Permission.EQUIPMENT_READ, item_id=key),
    }


def map_proofs(assessment: Assessment) -> dict[int, dict[str, tuple[str, str | None]]]:
    """Return {person: {qualification: (evidence, address of its page)}} of those placed, as far as the viewer may see it."""
    placed = sorted({person for one in assessment.positions for person in one.members})
    directors = {
        course.code: course.director_ids
        for course in db.session.execute(select(Course).where(Course.code.in_(_codes(assessment)))).scalars()
    }
    proofs: dict[int, dict[str, tuple[str, str | None]]] = {}
    for one in list_holdings(placed, on=assessment.on):
        if sees_evidence(g.viewer, one):
            url = find_evidence_url(g.viewer, one, director_ids=directors.get(one.qualification, frozenset()))
            proofs.setdefault(one.person_id, {})[one.qualification] = (one.evidence, url)
    return proofs


def map_courses(assessment: Assessment) -> dict[str, tuple[int, dict[str, str]]]:
    """Return {code: (id, titles)} of the courses that the positions ask for."""
    query = select(Course.code, Course.id, Course.titles).where(
        Course.code.in_(_codes(assessment)), visible(Course, g.viewer)
    )
    return {code: (key, titles) for code, key, titles in db.session.execute(query)}


def _codes(assessment: Assessment) -> list[str]:
    return sorted({code for one in assessment.positions for wanted in one.any_of for code in wanted})
