"""What a course file says, as frozen values; the names are those of the tables they become."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from curriculum.schemes import (
    AssessmentKind,
    AssessmentScheme,
    Counting,
    EditionScheme,
    ItemScheme,
    Level,
    Measure,
    Unit,
)
from curriculum.texts import LocalText


class Half(StrEnum):
    """Half a day, the unit in which attendance is taken."""

    AM = "am"
    PM = "pm"


@dataclass(frozen=True, slots=True)
class CourseData:
    """One course. ``summary`` is empty text for courses of which only the catalogue's outline is known.

    ``hours`` and ``validity_months`` are those of the outline (``validity_months`` ``None``: never
    expires); an edition has its own.
    """

    code: str
    title: LocalText
    domain: str
    level: str
    delivery: str
    summary: LocalText | None = None
    hours: Decimal | None = None
    validity_months: int | None = None
    prerequisites: tuple[str, ...] = ()
    entry_requirements: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class PrerequisiteData:
    """A course that has to be held; ``in_date`` asks for a certificate valid on the first day."""

    course_code: str
    in_date: bool


@dataclass(frozen=True, slots=True)
class SessionData:
    """One half-day session; ``position`` counts from 1 over the whole edition."""

    position: int
    day: int
    half: Half
    title: LocalText
    hours: Decimal


@dataclass(frozen=True, slots=True)
class OutcomeData:
    """What a competent trainee can do, as printed on the certificate's second page."""

    position: int
    text: LocalText


@dataclass(frozen=True, slots=True)
class ItemData:
    """One item of an assessment, with its wording; a bounded one has a ``unit``."""

    code: str
    position: int
    text: LocalText
    weight: Decimal
    critical: bool
    measure: Measure = Measure.LEVEL
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    unit: Unit | None = None

    def scheme(self) -> ItemScheme:
        """Return what the outcome rules need of this item."""
        return ItemScheme(self.code, self.weight, self.critical, self.measure, self.at_least, self.at_most)


@dataclass(frozen=True, slots=True)
class AssessmentData:
    """One instrument of an edition. ``questions`` is the number of questions of a written paper."""

    code: str
    kind: AssessmentKind
    title: LocalText
    position: int
    pass_mark: Decimal
    max_attempts: int
    retake_wait_days: int
    other_evaluator_on_retake: bool
    counting: Counting
    note_required_on_fail: bool
    items: tuple[ItemData, ...]
    scale: tuple[Level, ...] = ()
    questions: int | None = None

    def scheme(self) -> AssessmentScheme:
        """Return what the outcome rules need of this instrument."""
        return AssessmentScheme(
            code=self.code,
            title=self.title,
            kind=self.kind,
            pass_mark=self.pass_mark,
            items=tuple(item.scheme() for item in self.items),
            scale=self.scale,
            max_attempts=self.max_attempts,
            retake_wait_days=self.retake_wait_days,
            other_evaluator_on_retake=self.other_evaluator_on_retake,
            counting=self.counting,
            note_required_on_fail=self.note_required_on_fail,
        )


@dataclass(frozen=True, slots=True)
class EditionData:
    """One numbered edition of a course, whole.

    ``validity_months`` ``None``: its certificates do not expire.
    """

    course: CourseData
    number: str
    hours: Decimal
    validity_months: int | None
    renewal_window_days: int
    required_sessions: int
    appeal_window_days: int
    task_book_months: int
    max_trainees: int
    trainees_per_instructor: int
    prerequisites: tuple[PrerequisiteData, ...]
    sessions: tuple[SessionData, ...]
    outcomes: tuple[OutcomeData, ...]
    assessments: tuple[AssessmentData, ...]

    def scheme(self) -> EditionScheme:
        """Return what the outcome rules need of this edition."""
        return EditionScheme(
            required_sessions=self.required_sessions,
            sessions=tuple(session.position for session in self.sessions),
            assessments=tuple(assessment.scheme() for assessment in self.assessments),
        )
