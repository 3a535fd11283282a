"""What a team exercised and what it can show for the checklist of its standard."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.permissions import Permission
from foundation import clock
from foundation.access import requires
from foundation.errors import DomainError
from foundation.forms import render_form
from foundation.i18n import _
from readiness.forms.teams import EvidenceForm, ExerciseForm, WithdrawalForm
from readiness.models import Team, TeamExercise
from readiness.services import records
from readiness.services.assessing import assess
from readiness.views.days import day_asked

bp = Blueprint("team_records", __name__)


@bp.get("/teams/<int:team_id>/records")
@requires(Permission.TEAM_READ, on=Team)
def index(team: Team) -> ResponseReturnValue:
    """Show the exercises and, line by line, what the checklist asks for and what was shown."""
    on = day_asked(team)
    definition = records.get_newest_definition(team.edition.standard)
    shown = {code for code, _names in records.list_evidence_codes(definition)}
    return render_template(
        "readiness/team_records/index.html",
        team=team,
        on=on,
        assessment=assess(team, team.edition, on=on),
        exercises=records.list_exercises(team),
        rules=definition.exercises,
        shown=shown,
        manages=team.closed_on is None and g.viewer.may(Permission.TEAM_MANAGE, team),
    )


@bp.route("/teams/<int:team_id>/exercises/new", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE, on=Team)
def record_exercise(team: Team) -> ResponseReturnValue:
    """Record an exercise."""
    form = ExerciseForm()
    if request.method == "GET":
        form.held_on.data = clock.today()
        form.accepted.data = True
    if form.validate_on_submit():
        with form.showing(DomainError):
            records.record_exercise(team, form.result(), actor=g.viewer)
            flash(_("The exercise is recorded."), "success")
            return redirect(url_for("team_records.index", team_id=team.id), 303)
    definition = records.get_newest_definition(team.edition.standard)
    return render_form(
        "readiness/team_records/record_exercise.html", form, team=team, rules=definition.exercises
    )


@bp.route("/team-exercises/<int:team_exercise_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE, on=TeamExercise)
def withdraw_exercise(team_exercise: TeamExercise) -> ResponseReturnValue:
    """Withdraw an exercise that was recorded in error."""
    form = WithdrawalForm()
    if form.validate_on_submit():
        with form.showing(DomainError):
            records.withdraw_exercise(team_exercise, reason=form.result(), actor=g.viewer)
            flash(_("The exercise is withdrawn and counts no more."), "success")
            return redirect(url_for("team_records.index", team_id=team_exercise.team_id), 303)
    return render_form("readiness/team_records/withdraw_exercise.html", form, exercise=team_exercise)


@bp.route("/teams/<int:team_id>/evidence/new", methods=["GET", "POST"])
@requires(Permission.TEAM_MANAGE, on=Team)
def record_evidence(team: Team) -> ResponseReturnValue:
    """Record what was shown for a line of the checklist."""
    form = EvidenceForm()
    standard = team.edition.standard
    lines = records.list_evidence_codes(records.get_newest_definition(standard))
    form.offer(lines)
    if request.method == "GET":
        asked = request.args.get("code", "")[:30]
        form.code.data = asked if asked in {code for code, _names in lines} else ""
        form.dated_on.data = clock.today()
    if form.validate_on_submit():
        with form.showing(DomainError):
            values = form.result()
            records.record_evidence(team, standard, [values], actor=g.viewer)
            flash(_("What was shown for %(code)s is recorded.", code=values.code), "success")
            return redirect(url_for("team_records.index", team_id=team.id), 303)
    return render_form("readiness/team_records/record_evidence.html", form, team=team, standard=standard)
