"""A team's readiness from the command line: the figures of a day, the report, and the standards that come with the system."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from curriculum.catalogue.loading import CatalogueError
from foundation import clock
from foundation.commands import answer, domain_command, json_option, refuse
from foundation.db import db, reading
from foundation.errors import DomainError
from foundation.i18n import LANGUAGES
from readiness.assessment import Assessment
from readiness.models import Snapshot, StandardEdition, Team
from readiness.services import assessing, snapshots, standards, teams

_LEVEL_WORDS = {1: "ready", 2: "ready with limits", 3: "limited", 4: "not ready", None: "not known"}


class Day(click.ParamType):  # type: ignore[type-arg]
    """A day as year-month-day."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  # a plain date
        except ValueError:
            self.fail(f"{value} is no date as 2026-11-22.", param, ctx)


def _of_team(command: Any) -> Any:
    for option in (
        click.option("--team", "team_code", required=True, help="The team's code."),
        click.option(
            "--standard", "standard_code", required=True, help="The standard, e.g. insarag-usar-medium."
        ),
        click.option("--on", type=Day(), help="The day asked about; today when left out."),
        click.option(
            "--hold-days",
            type=click.IntRange(0, assessing.MOST_HOLD_DAYS),
            default=0,
            help="Days of deployment.",
        ),
        json_option,
    ):
        command = option(command)
    return command


@click.command("assess")
@_of_team
def assess_command(
    team_code: str, standard_code: str, on: date | None, hold_days: int, as_json: bool
) -> None:
    """Say how ready a team is against a standard, as of a day. Nothing is written."""
    try:
        with reading():
            team, edition = _find(team_code, standard_code)
            assessment = assessing.assess(team, edition, on=on or clock.today(), hold_days=hold_days)
    except DomainError as error:
        refuse(error.message)
    answer(as_document(assessment, snapshot=None), as_json=as_json, text=_text(assessment))


@click.command("report")
@_of_team
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=True)
@domain_command
def report_command(
    team_code: str,
    standard_code: str,
    on: date | None,
    hold_days: int,
    as_json: bool,
    language: str,
    out: Path,
) -> None:
    """Freeze a snapshot of a team's readiness and write its report as PDF."""
    team, edition = _find(team_code, standard_code)
    snapshot = snapshots.freeze(team, edition, on=on or clock.today(), hold_days=hold_days, actor=None)
    db.session.flush()
    whole = snapshots.get_whole(snapshot.id)
    out.write_bytes(snapshots.render(whole, language=language))
    # The other languages are printed by whoever works off the jobs.
    snapshots.start_report(snapshot, actor=None)
    document = as_document(whole.assessment, snapshot=snapshot) | {"file": str(out), "language": language}
    answer(document, as_json=as_json, text=f"{_text(whole.assessment)}\n{snapshot.number}: {out}")


@click.command("load-standards")
@json_option
@domain_command
def load_command(as_json: bool) -> None:
    """Write the standards that come with the system; a figure that changed becomes a further edition."""
    try:
        report = standards.load_standards()
    except CatalogueError as error:
        refuse(str(error))
    document = {
        "standards": report.standards,
        "editions": report.editions,
        "unchanged": report.unchanged,
    }
    text = (
        f"Standards added: {len(report.standards)}. Editions added: {len(report.editions)}."
        f" Already there: {report.unchanged}."
    )
    answer(document, as_json=as_json, text=text)


def _find(team_code: str, standard_code: str) -> tuple[Team, StandardEdition]:
    team = teams.find_team(team_code)
    if team is None:
        refuse(f"There is no team {team_code}.")
    return team, standards.get_current(standard_code)


def as_document(assessment: Assessment, *, snapshot: Snapshot | None) -> dict[str, Any]:
    """Return an assessment in the shape that others build on."""
    level = assessment.level
    return {
        "team": assessment.team,
        "standard": assessment.standard,
        "edition": assessment.edition,
        "on": assessment.on.isoformat(),
        "hold_days": assessment.hold_days,
        "level": int(level) if level is not None else None,
        "worst": list(assessment.worst),
        "areas": [
            {
                "code": area.code,
                "level": int(area.level) if area.level is not None else None,
                "figure": area.figure,
                "part": area.part,
                "whole": area.whole,
                "percent": str(area.percent) if area.percent is not None else None,
                "months": area.months,
                "binding": list(area.binding),
            }
            for area in assessment.areas
        ],
        "required": assessment.required,
        "filled": assessment.filled,
        "positions": [
            {"id": one.id, "need": one.need, "filled": one.filled, "reserve": one.reserve}
            for one in assessment.positions
        ],
        "bottlenecks": [
            {
                "positions": list(one.positions),
                "need": one.need,
                "qualified": one.qualified,
                "short": one.short,
                "candidates": [
                    {"person": assessment.people[who.person_id], "missing": list(who.missing)}
                    for who in one.candidates
                ],
            }
            for one in assessment.bottlenecks
        ],
        "equipment": [
            {
                "code": line.code,
                "need": line.need,
                "on_hand": line.on_hand,
                "usable": line.usable,
                "critical": line.critical,
                "reasons": dict(line.reasons),
            }
            for line in assessment.equipment
        ],
        "rule_version": assessment.rule_version,
        "inputs_sha256": assessment.inputs_sha256,
        "snapshot": snapshot.number if snapshot is not None else None,
    }


def _text(assessment: Assessment) -> str:
    decided = f" ({', '.join(assessment.worst)})" if assessment.worst else ""
    lines = [
        f"{assessment.team} against {assessment.standard} {assessment.edition}, {assessment.on}:"
        f" {_LEVEL_WORDS[assessment.level]}{decided}.",
        f"Positions: {assessment.filled} of {assessment.required}."
        f" Items: {assessment.items_on_hand} of {assessment.items_required} on hand,"
        f" {assessment.items_usable} usable.",
    ]
    lines += [
        f"  {', '.join(one.positions)}: need {one.need}, qualified {one.qualified}, short {one.short}."
        + "".join(
            f" {assessment.people[who.person_id]} lacks {', '.join(who.missing)}."
            for who in one.candidates[:3]
        )
        for one in assessment.bottlenecks
    ]
    return "\n".join(lines)
