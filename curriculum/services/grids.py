"""Recording grids: what an instrument's sheets hold for every trainee of a cohort, in a handful of statements whatever the number.

A grid shows one attempt at a time: the first of everybody, or a later one of those who may or did try again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from accounts.models import Person, User
from curriculum.models import (
    Assessment,
    Attempt,
    AttemptState,
    Cohort,
    Enrolment,
    EnrolmentState,
    Mark,
    MarkOperation,
)
from curriculum.outcomes import AttemptJudgement, judge_attempt, may_attempt
from curriculum.schemes import AssessmentScheme, AttemptRecord, Outcome
from curriculum.services.attempts import CONFLICT, DECIDED
from curriculum.services.records import scheme_of_assessment
from curriculum.verdicts import Reason
from foundation import clock
from foundation.db import db
from foundation.i18n import language

IN_SIGHT = (EnrolmentState.ENROLLED, EnrolmentState.LEFT)


class SheetStatus(StrEnum):
    """How a sheet stands: nothing on it; open; two evaluators differ; stopped by a critical item; complete; signed."""

    EMPTY = "empty"
    OPEN = "open"
    CONFLICT = "conflict"
    STOPPED = "stopped"
    COMPLETE = "complete"
    SIGNED = "signed"


@dataclass(frozen=True)
class Cell:
    """The mark in force for one item; version 0 with no value where nothing was ever put down."""

    value: Decimal | None = None
    version: int = 0


@dataclass(frozen=True)
class Sheet:
    """One attempt of one trainee as the grid shows it. `attempt_id` None: not begun."""

    number: int
    attempt_id: int | None
    status: SheetStatus
    done: int
    total: int
    judgement: AttemptJudgement
    cells: Mapping[int, Cell] = field(repr=False)
    conflicts: frozenset[int] = frozenset()
    evaluator_id: int | None = None
    observed_on: date | None = None
    started_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def passed(self) -> bool:
        return self.judgement.outcome is Outcome.COMPETENT

    @property
    def minutes(self) -> int | None:
        """Whole minutes from the first value to the last, at least one; None before anything was put down."""
        if self.started_at is None or self.last_at is None:
            return None
        return max(1, round((self.last_at - self.started_at).total_seconds() / 60))


@dataclass(frozen=True)
class GridRow:
    """One trainee with the sheet of the attempt at hand; `hindrances` say why it cannot be written on now."""

    enrolment_id: int
    number: int
    name: str
    state: EnrolmentState
    sheet: Sheet
    next_number: int | None = None
    hindrances: tuple[Reason, ...] = ()
    own: bool = False


@dataclass(frozen=True)
class Grid:
    """An instrument and its sheets. `attempt` is the number of the try shown, `retakes` how many trainees have a further one to do."""

    assessment: Assessment
    scheme: AssessmentScheme
    attempt: int
    rows: Sequence[GridRow]
    retakes: int

    def count(self, *statuses: SheetStatus) -> int:
        """Return how many sheets stand so."""
        return sum(1 for row in self.rows if row.sheet.status in statuses)

    @property
    def marks_done(self) -> int:
        return sum(row.sheet.done for row in self.rows)

    @property
    def marks_total(self) -> int:
        return sum(row.sheet.total for row in self.rows)

    @property
    def conflicts(self) -> int:
        return sum(len(row.sheet.conflicts) for row in self.rows)

    @property
    def began_at(self) -> datetime | None:
        """When the first sheet of the latest day was begun."""
        moments = [row.sheet.started_at for row in self.rows if row.sheet.started_at is not None]
        latest = max(moments, default=None)
        return None if latest is None else min(m for m in moments if m.date() == latest.date())

    @property
    def minutes_a_sheet(self) -> int | None:
        """The usual time at the station: the median of the finished sheets, in minutes."""
        done = sorted(
            row.sheet.minutes
            for row in self.rows
            if row.sheet.minutes is not None
            and row.sheet.status in (SheetStatus.COMPLETE, SheetStatus.SIGNED)
        )
        return done[len(done) // 2] if done else None


def show_name(family: str, given: str, native: str | None) -> str:
    """Return a trainee's name as his colleagues read it: in his own script on Arabic pages, else as in the passport."""
    if language() == "ar" and native:
        return native
    return f"{given} {family}".strip()


def build_grid(cohort: Cohort, assessment: Assessment, *, viewer: User, attempt: int = 1) -> Grid:
    """Return the grid of one instrument of a cohort, for the attempt of a number."""
    scheme = scheme_of_assessment(assessment)
    item_ids = {item.code: item.id for item in assessment.items}
    people = list_trainees(cohort)
    sheets = _gather_sheets(cohort, assessment, scheme, item_ids)
    on = clock.today(cohort.time_zone)
    rows, retakes = [], 0
    for one in people:
        own = sheets.get(one.id, {})
        row = _row_of(one, own, scheme, attempt=attempt, on=on, viewer=viewer)
        if row is not None:
            rows.append(row)
            retakes += row.next_number is not None
    return Grid(assessment, scheme, attempt, rows, retakes)


def list_trainees(cohort: Cohort) -> Sequence[Any]:
    """Return the trainees of a cohort who came, as Core rows in order of their numbers."""
    query = (
        select(
            Enrolment.id,
            Enrolment.number,
            Enrolment.state,
            Enrolment.person_id,
            Person.family_name,
            Person.given_names,
            Person.native_name,
        )
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state.in_(IN_SIGHT))
        .order_by(Enrolment.number)
    )
    return db.session.execute(query).all()


def describe_sheet(attempt: Attempt, assessment: Assessment) -> Sheet:
    """Return one sheet as it stands now, for the answer to a saved mark."""
    scheme = scheme_of_assessment(assessment)
    item_ids = {item.code: item.id for item in assessment.items}
    marks = _gather_marks([attempt.id])
    conflicts = _gather_conflicts([attempt.id])
    return _sheet_of(
        attempt, scheme, item_ids, marks.get(attempt.id, {}), conflicts.get(attempt.id, frozenset())
    )


def count_sheets(cohort: Cohort, assessments: Sequence[Assessment]) -> dict[int, Counter[str]]:
    """Return for each instrument how many trainees' latest sheets are 'signed', 'draft' or 'missing', and 'conflict' items."""
    enrolled = {row.id for row in list_trainees(cohort) if row.state == EnrolmentState.ENROLLED}
    latest: dict[tuple[int, int], tuple[int, AttemptState]] = {}
    query = (
        select(Attempt.id, Attempt.assessment_id, Attempt.enrolment_id, Attempt.number, Attempt.state)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id)
        .order_by(Attempt.number)
    )
    drafts: dict[int, int] = {}
    for row in db.session.execute(query):
        latest[row.assessment_id, row.enrolment_id] = (row.id, row.state)
        if row.state == AttemptState.DRAFT:
            drafts[row.id] = row.assessment_id
    counted: dict[int, Counter[str]] = {assessment.id: Counter() for assessment in assessments}
    for assessment in assessments:
        counts = counted[assessment.id]
        counts["trainees"] = len(enrolled)
        for enrolment_id in enrolled:
            found = latest.get((assessment.id, enrolment_id))
            counts[
                "missing" if found is None else "draft" if found[1] == AttemptState.DRAFT else "signed"
            ] += 1
    for attempt_id, items in _gather_conflicts(list(drafts)).items():
        counted[drafts[attempt_id]]["conflict"] += len(items)
    return counted


def _row_of(
    one: Any,
    own: Mapping[int, tuple[Sheet, AttemptRecord]],
    scheme: AssessmentScheme,
    *,
    attempt: int,
    on: date,
    viewer: User,
) -> GridRow | None:
    """Return a trainee's row for the attempt of a number, or None where he has no such attempt and may not begin it."""
    records = [record for _sheet, record in own.values()]
    begun = own.get(attempt)
    signed = bool(records) and all(record.signed for record in records)
    verdict = may_attempt(scheme, records, on=on, evaluator_id=viewer.id)
    open_try = may_attempt(scheme, records, on=date.max).allowed and one.state == EnrolmentState.ENROLLED
    if begun is None and attempt > 1 and not (open_try and attempt == len(records) + 1):
        return None
    following = attempt + 1 if begun is not None and (attempt + 1 in own or (signed and open_try)) else None
    hindrances: tuple[Reason, ...] = ()
    if begun is None or not begun[1].signed:
        earlier = [record for record in records if record.number < attempt]
        hindrances = may_attempt(scheme, earlier, on=on, evaluator_id=viewer.id).reasons if earlier else ()
        hindrances = hindrances or (verdict.reasons if begun is None else ())
    sheet = begun[0] if begun is not None else _empty_sheet(scheme, attempt)
    return GridRow(
        enrolment_id=one.id,
        number=one.number,
        name=show_name(one.family_name, one.given_names, one.native_name),
        state=one.state,
        sheet=sheet,
        next_number=following,
        hindrances=hindrances,
        own=viewer.person_id is not None and viewer.person_id == one.person_id,
    )


def _empty_sheet(scheme: AssessmentScheme, number: int) -> Sheet:
    return Sheet(number, None, SheetStatus.EMPTY, 0, len(scheme.items), judge_attempt(scheme, {}), {})


def _gather_sheets(
    cohort: Cohort, assessment: Assessment, scheme: AssessmentScheme, item_ids: Mapping[str, int]
) -> dict[int, dict[int, tuple[Sheet, AttemptRecord]]]:
    query = (
        select(
            Attempt.id,
            Attempt.enrolment_id,
            Attempt.number,
            Attempt.state,
            Attempt.evaluator_id,
            Attempt.observed_on,
            Attempt.started_at,
        )
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id, Attempt.assessment_id == assessment.id)
    )
    attempts = db.session.execute(query).all()
    marks = _gather_marks([attempt.id for attempt in attempts])
    conflicts = _gather_conflicts([a.id for a in attempts if a.state == AttemptState.DRAFT])
    codes = {item_id: code for code, item_id in item_ids.items()}
    gathered: dict[int, dict[int, tuple[Sheet, AttemptRecord]]] = defaultdict(dict)
    for attempt in attempts:
        own = marks.get(attempt.id, {})
        sheet = _sheet_of(attempt, scheme, item_ids, own, conflicts.get(attempt.id, frozenset()))
        record = AttemptRecord(
            number=attempt.number,
            marks={codes[item_id]: mark.value for item_id, mark in own.items()},
            observed_on=attempt.observed_on,
            evaluator_id=attempt.evaluator_id,
            signed=attempt.state == AttemptState.SIGNED,
        )
        gathered[attempt.enrolment_id][attempt.number] = (sheet, record)
    return gathered


def _sheet_of(
    attempt: Any,
    scheme: AssessmentScheme,
    item_ids: Mapping[str, int],
    marks: Mapping[int, Any],
    conflicts: frozenset[int],
) -> Sheet:
    values = {code: marks[item_id].value for code, item_id in item_ids.items() if item_id in marks}
    judgement = judge_attempt(scheme, values)
    return Sheet(
        number=attempt.number,
        attempt_id=attempt.id,
        status=_status(attempt.state, judgement, bool(marks), bool(conflicts)),
        done=len(scheme.items) - len(judgement.missing),
        total=len(scheme.items),
        judgement=judgement,
        cells={item_id: Cell(mark.value, mark.version) for item_id, mark in marks.items()},
        conflicts=conflicts,
        evaluator_id=attempt.evaluator_id,
        observed_on=attempt.observed_on,
        started_at=attempt.started_at,
        last_at=max((mark.recorded_at for mark in marks.values()), default=None),
    )


def _status(
    state: AttemptState, judgement: AttemptJudgement, is_marked: bool, is_disputed: bool
) -> SheetStatus:
    if state == AttemptState.SIGNED:
        return SheetStatus.SIGNED
    if is_disputed:
        return SheetStatus.CONFLICT
    if judgement.failed_critical:
        return SheetStatus.STOPPED
    if not judgement.missing:
        return SheetStatus.COMPLETE
    return SheetStatus.OPEN if is_marked else SheetStatus.EMPTY


def _gather_marks(attempt_ids: Sequence[int]) -> dict[int, dict[int, Any]]:
    gathered: dict[int, dict[int, Any]] = defaultdict(dict)
    if attempt_ids:
        query = select(Mark.attempt_id, Mark.item_id, Mark.value, Mark.version, Mark.recorded_at).where(
            Mark.attempt_id.in_(attempt_ids)
        )
        for mark in db.session.execute(query):
            gathered[mark.attempt_id][mark.item_id] = mark
    return gathered


def _gather_conflicts(attempt_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Return the items in dispute by attempt: a conflict that no decision followed."""
    if not attempt_ids:
        return {}
    query = (
        select(MarkOperation.attempt_id, MarkOperation.item_id, MarkOperation.outcome)
        .where(MarkOperation.attempt_id.in_(attempt_ids), MarkOperation.outcome.in_((CONFLICT, DECIDED)))
        .order_by(MarkOperation.id)
    )
    return _still_open(db.session.execute(query))


def _still_open(operations: Iterable[Any]) -> dict[int, frozenset[int]]:
    disputed: dict[int, set[int]] = defaultdict(set)
    for operation in operations:
        if operation.outcome == CONFLICT:
            disputed[operation.attempt_id].add(operation.item_id)
        else:
            disputed[operation.attempt_id].discard(operation.item_id)
    return {attempt_id: frozenset(items) for attempt_id, items in disputed.items() if items}
