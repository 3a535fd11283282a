"""One assessment whole: fill posts, cover lines, walk the checklist, judge the areas."""

import hashlib
from dataclasses import asdict

from readiness.assessment import Assessment, ExerciseResult
from readiness.plain import canonical
from readiness.rules import areas
from readiness.rules.checklist import judge_checklist
from readiness.rules.equipment import cover_lines
from readiness.rules.inputs import TeamInput
from readiness.rules.people import fill_roster, list_expiries
from readiness.standards.data import StandardDefinition

ENGINE_VERSION = "1"


def judge_team(definition: StandardDefinition, team: TeamInput, *, edition: str) -> Assessment:
    """Return the assessment of a team against a standard; the same values give the same assessment, whenever it is made."""
    roster = fill_roster(definition, team)
    lines = cover_lines(definition.equipment, team.items, team.lots)
    checklist = judge_checklist(definition, team, roster)
    exercises = list_exercises(definition, team)
    rule = definition.rules.area
    judged = (
        areas.judge_people(rule("P"), roster.positions),
        areas.judge_on_hand(rule("S"), lines),
        areas.judge_usable(rule("R"), lines),
        areas.judge_training(rule("T"), definition, team, roster, checklist),
        areas.judge_exercise(rule("X"), exercises, team),
        areas.judge_documents(rule("D"), checklist),
    )
    level, worst = areas.judge_overall(judged)
    return Assessment(
        team=team.team,
        team_names=team.team_names,
        agency=team.agency,
        standard=definition.id,
        standard_title=definition.titles,
        edition=edition,
        on=team.on,
        hold_days=team.hold_days,
        known_at=team.known_at,
        level=level,
        worst=worst,
        areas=judged,
        positions=roster.positions,
        bottlenecks=roster.bottlenecks,
        indispensable=roster.indispensable,
        equipment=lines,
        requirements=checklist,
        expiries=list_expiries(definition, team),
        people={person.id: person.name for person in team.people},
        engine_version=ENGINE_VERSION,
        rule_version=definition.rules.version,
        inputs_sha256=hash_inputs(definition, team),
        exercises=exercises,
        items={item.id: item.tag for item in team.items},
    )


def list_exercises(definition: StandardDefinition, team: TeamInput) -> tuple[ExerciseResult, ...]:
    """Return the exercises up to the day, the latest first, and which of them count as the full exercise that is asked for."""
    rules = {one.kind: one for one in definition.exercises}
    shortest = min(one.least_hours for one in definition.exercises if one.full)
    found = []
    for one in sorted(team.exercises, key=lambda one: (one.held_on, one.kind.value), reverse=True):
        asked = rules.get(one.kind)
        least = asked.least_hours if asked is not None else shortest
        found.append(
            ExerciseResult(
                kind=one.kind.value,
                names=asked.names if asked is not None else {},
                held_on=one.held_on,
                hours=int(one.hours),
                accepted=one.accepted,
                counts=one.accepted and one.kind in definition.full_exercise and one.hours >= least,
            )
        )
    return tuple(found)


def hash_inputs(definition: StandardDefinition, team: TeamInput) -> str:
    """Return the hash of all that was judged but the moment, so that two assessments can be told to rest on the same facts."""
    known = asdict(team)
    del known["known_at"]
    for item in (*known["items"], *known["lots"]):
        item["lines"] = sorted(item["lines"])
    known["standard"] = asdict(definition)
    return hashlib.sha256(canonical(known).encode()).hexdigest()
