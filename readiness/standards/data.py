"""What a standard's file says, as frozen values: the requirements of a team, each figure with its basis and its source.

`names` and `titles` are {language: text} with English always there. `basis` is "published" (a public standard says so) or
"planning" (a proposal of this project); `verified` tells whether a published figure was read in the cited text, None for a planning one.
"""

from dataclasses import dataclass
from enum import StrEnum


class ExerciseKind(StrEnum):
    """What kind of exercise a team holds; standards name theirs differently and mean one of these."""

    FIELD = "field"
    CLASSIFICATION = "classification"
    MODULE = "module"
    TECHNICAL = "technical"
    TABLE_TOP = "table_top"
    COMMAND_POST = "command_post"
    MOBILISATION = "mobilisation"
    COMMUNICATIONS = "communications"


class RequirementKind(StrEnum):
    """How a line of the checklist is shown to be met."""

    DOCUMENT = "document"
    RECORD = "record"
    DEMONSTRATION = "demonstration"
    STOCK = "stock"
    COMPUTED = "computed"
    COUNT = "count"
    CAPABILITY = "capability"
    PARAMETER = "parameter"
    INDIVIDUAL = "individual"
    SKILL = "skill"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a standard that is not a position, an item or a line of the checklist: `value` as it is printed."""

    group: str
    code: str
    value: str
    unit: str
    basis: str
    source: str
    verified: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from, and how much of it was read."""

    id: str
    title: str
    publisher: str
    address: str
    read: str


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the team, such as search or logistics."""

    code: str
    names: dict[str, str]
    headcount: int


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A row of equal posts. Whoever fills one holds all `courses`; `licences` are asked for in words and judged by nobody here."""

    code: str
    component: str
    names: dict[str, str]
    need: int
    courses: tuple[str, ...]
    licences: tuple[str, ...]
    function: str
    key: bool
    mandatory: bool
    basis: str
    source: str
    verified: bool | None


@dataclass(frozen=True, slots=True)
class EquipmentLine:
    """A line of the equipment list: `need` for the whole team, `quantity` for each team, worksite or person (`per`)."""

    code: str
    names: dict[str, str]
    category: str
    need: int
    quantity: int
    per: str
    unit: str
    critical: bool
    inspect_every_months: int | None
    basis: str
    source: str
    verified: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """A line of the checklist. `detail` is its threshold, as ">= 300 mm"; empty when it has none."""

    code: str
    names: dict[str, str]
    kind: RequirementKind
    critical: bool
    evidence: tuple[str, ...]
    detail: str
    basis: str
    source: str
    verified: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class SkillCount:
    """So many members with a skill; without a `course` it cannot be counted and evidence is recorded."""

    code: str
    names: dict[str, str]
    least: int
    course: str | None
    basis: str
    source: str
    verified: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class ExerciseRule:
    """An exercise that is asked for every so many months, of so many hours at least."""

    kind: ExerciseKind
    names: dict[str, str]
    every_months: int
    least_hours: int
    full: bool
    basis: str
    source: str
    verified: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class Recency:
    """What each member must have done within so many months; `courses`: any of them shows it, none means evidence is recorded."""

    code: str
    names: dict[str, str]
    every_months: int
    courses: tuple[str, ...]
    basis: str
    source: str
    verified: bool | None


@dataclass(frozen=True, slots=True)
class AreaRule:
    """The bands of one area: level 1 at or above the first figure, and so on; for months at or below. `key`: of key rows alone."""

    code: str
    bands: tuple[int, ...]
    key: tuple[int, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The one rule set by which areas become levels, as it stood when the edition was read."""

    version: str
    areas: tuple[AreaRule, ...]

    def area(self, code: str) -> AreaRule:
        """Return an area's rule; KeyError for a code that the rule set does not know."""
        for area in self.areas:
            if area.code == code:
                return area
        raise KeyError(code)


@dataclass(frozen=True, slots=True)
class StandardDefinition:
    """One edition of a standard, whole. `roster_ratio` is how many are on the roster for each post, as printed ("2.0")."""

    id: str
    titles: dict[str, str]
    domain: str
    issuer: str
    edition_label: str
    edition: str
    edition_note: str
    status: str
    headcount: int
    roster_ratio: str
    sources: tuple[Source, ...]
    figures: tuple[Figure, ...]
    components: tuple[Component, ...]
    positions: tuple[PositionRow, ...]
    equipment: tuple[EquipmentLine, ...]
    requirements: tuple[Requirement, ...]
    skills: tuple[SkillCount, ...]
    exercises: tuple[ExerciseRule, ...]
    full_exercise: tuple[ExerciseKind, ...]
    individual: tuple[Recency, ...]
    rules: RuleSet
