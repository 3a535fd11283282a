"""What a team exercised and what it can show: recorded with a day, withdrawn with a reason, never rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import undefer

from accounts.models import User
from foundation import audit, clock
from foundation.db import db
from foundation.errors import DomainConflict, DomainError
from foundation.i18n import _
from readiness.models import (
    EvidenceState,
    Standard,
    StandardEdition,
    Team,
    TeamEvidence,
    TeamExercise,
)
from readiness.rules.checklist import SKILL_PREFIX
from readiness.services.teams import require_manage
from readiness.standards.data import ExerciseKind, StandardDefinition

MOST_HOURS = Decimal(999)


class RecordRefused(DomainError):
    """The entry lacks something it needs, or contradicts itself."""


class AlreadyWithdrawn(DomainConflict):
    """The exercise was withdrawn meanwhile."""


@dataclass(frozen=True)
class ExerciseValues:
    """What was held: of which kind, when, for how many hours, and whether it was accepted as a full one."""

    kind: ExerciseKind
    held_on: date
    hours: Decimal
    accepted: bool
    note: str | None = None


@dataclass(frozen=True)
class EvidenceValues:
    """What was shown for a line of a standard's checklist, from which day until which."""

    code: str
    state: EvidenceState
    dated_on: date
    valid_until: date | None = None
    note: str | None = None


def record_exercise(team: Team, values: ExerciseValues, *, actor: User | None) -> TeamExercise:
    """Record an exercise that a team held. Raises Forbidden, TeamClosed, RecordRefused."""
    require_manage(team, actor)
    if values.held_on > clock.today():
        raise RecordRefused(_("This day is still to come."), field="held_on")
    if not 0 < values.hours <= MOST_HOURS:
        raise RecordRefused(_("Type how many hours it lasted, more than 0."), field="hours")
    row = TeamExercise(
        agency_id=team.agency_id,
        team=team,
        kind=values.kind,
        held_on=values.held_on,
        hours=values.hours,
        accepted=values.accepted,
        note=values.note,
        recorded_at=clock.now(),
        recorded_by_id=actor.id if actor is not None else None,
    )
    db.session.add(row)
    changes = {
        "kind": (None, values.kind),
        "held_on": (None, values.held_on),
        "hours": (None, values.hours),
        "accepted": (None, values.accepted),
    }
    audit.record("team_exercise:recorded", row, actor=actor, changes=changes)
    return row


def withdraw_exercise(exercise: TeamExercise, *, reason: str, actor: User) -> None:
    """Withdraw an exercise that was recorded in error: it stays to be read and counts no more. Raises as `record_exercise` does."""
    require_manage(exercise.team, actor)
    if exercise.withdrawn_at is not None:
        raise AlreadyWithdrawn(_("This exercise was withdrawn already."))
    changes = audit.changes_of(exercise, withdrawn_at=clock.now(), withdrawn_reason=reason)
    audit.record("team_exercise:withdrawn", exercise, actor=actor, reason=reason, changes=changes)


def record_evidence(
    team: Team, standard: Standard, values: Sequence[EvidenceValues], *, actor: User | None
) -> list[TeamEvidence]:
    """Record what was shown for lines of a standard's checklist; the latest day counts. Raises Forbidden, TeamClosed, RecordRefused."""
    require_manage(team, actor)
    known = {code for code, _title in list_evidence_codes(get_newest_definition(standard))}
    rows = []
    for one in values:
        if one.code not in known:
            raise RecordRefused(_("Choose a line of the checklist."), field="code")
        if one.dated_on > clock.today():
            raise RecordRefused(_("This day is still to come."), field="dated_on")
        if one.valid_until is not None and one.valid_until < one.dated_on:
            raise RecordRefused(_("The last day lies before the first one."), field="valid_until")
        rows.append(
            TeamEvidence(
                agency_id=team.agency_id,
                team=team,
                standard=standard,
                code=one.code,
                state=one.state,
                dated_on=one.dated_on,
                valid_until=one.valid_until,
                note=one.note,
                recorded_at=clock.now(),
                recorded_by_id=actor.id if actor is not None else None,
            )
        )
    db.session.add_all(rows)
    db.session.flush()
    audit.record_many(
        [
            audit.Change(
                "team_evidence:recorded",
                row,
                None,
                {"code": (None, row.code), "state": (None, row.state), "dated_on": (None, row.dated_on)},
            )
            for row in rows
        ],
        actor=actor,
    )
    return rows


def get_newest_definition(standard: Standard) -> StandardDefinition:
    """Return the newest edition of a standard, as frozen values."""
    query = (
        select(StandardEdition)
        .where(StandardEdition.standard_id == standard.id)
        .order_by(StandardEdition.number.desc())
        .options(undefer(StandardEdition.content))
        .limit(1)
    )
    return db.session.execute(query).scalar_one().definition


def list_evidence_codes(definition: StandardDefinition) -> list[tuple[str, dict[str, str]]]:
    """Return the lines that are shown by evidence, as (code, titles): what is counted from people is left out."""
    return [
        *((one.code, one.names) for one in definition.requirements),
        *((one.code, one.names) for one in definition.individual if not one.courses),
        *(
            (SKILL_PREFIX + one.code, one.names)
            for one in definition.skills
            if one.course is None and one.least
        ),
    ]


def list_exercises(team: Team) -> list[TeamExercise]:
    """Return all exercises of a team, the withdrawn ones too, the latest first."""
    query = (
        select(TeamExercise)
        .where(TeamExercise.team_id == team.id)
        .order_by(TeamExercise.held_on.desc(), TeamExercise.id.desc())
    )
    return list(db.session.execute(query).scalars())


def map_latest_evidence(team: Team, standard_id: int, *, on: date) -> dict[str, TeamEvidence]:
    """Return by code what counts on a day: of each line the evidence of the latest day, and of one day the last recorded."""
    query = (
        select(TeamEvidence)
        .where(
            TeamEvidence.team_id == team.id,
            TeamEvidence.standard_id == standard_id,
            TeamEvidence.dated_on <= on,
        )
        .order_by(TeamEvidence.dated_on, TeamEvidence.id)
    )
    return {row.code: row for row in db.session.execute(query).scalars()}
