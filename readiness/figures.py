"""The figures of an assessment as a reader meets them: counted together, compared with the assessment before, and drawn.

The page on the screen and the report on paper show these and count nothing of their own, so that they cannot disagree. No sentence is
made here: each of the two writes its own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from foundation.i18n import direction, text_in
from readiness.assessment import (
    AreaResult,
    Assessment,
    EquipmentResult,
    ExpiryResult,
    Level,
    PositionResult,
    RequirementResult,
)
from readiness.charts import (
    PALETTE,
    Bar,
    LevelSign,
    Months,
    Palette,
    Steps,
    common_unit,
    draw_bar,
    draw_level,
    draw_months,
    draw_steps,
)

MONTHS_AHEAD = 12
BROAD = 320.0
"""Width of the bars of the totals, in pixels."""
SLIM = 96.0
"""Width of the bars in the rows of a list."""
PHONE = 340.0
"""Width of a chart that a telephone shows without making its figures small."""


@dataclass(frozen=True)
class Tile:
    """An area. `moved` is 1 for better than before, -1 for worse, 0 for the same, None where either level is unknown."""

    area: AreaResult
    sign: LevelSign
    before: Level | None
    moved: int | None


@dataclass(frozen=True)
class Strength:
    """A total that says how much of the team is there: `code` is positions, on_hand or usable."""

    code: str
    now: int
    whole: int
    before: int | None
    bar: Bar


@dataclass(frozen=True)
class Position:
    """A row of positions; `people` are the names of those placed."""

    row: PositionResult
    name: str
    short: int
    bar: Bar
    people: tuple[str, ...]


@dataclass(frozen=True)
class Trainee:
    """Whom to train, in what; one who lacks nothing would already be placed."""

    person_id: int
    name: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Bottleneck:
    """Positions that share a shortage, by their names, and who would cure it soonest."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    need: int
    qualified: int
    short: int
    trainees: tuple[Trainee, ...]


@dataclass(frozen=True)
class Equipment:
    """A line of equipment; `is_short` when fewer than needed can be used."""

    row: EquipmentResult
    name: str
    bar: Bar
    is_short: bool


@dataclass(frozen=True)
class Ending:
    """What ends, with the name of the person or the tag of the item."""

    row: ExpiryResult
    name: str


@dataclass(frozen=True)
class MonthOfEndings:
    """The endings of one month; empty months are there too."""

    month: date
    endings: tuple[Ending, ...]

    @property
    def by_qualification(self) -> tuple[tuple[str, int], ...]:
        """Count the endings by qualification, for a reader who may not see names."""
        return tuple(sorted(Counter(ending.row.qualification for ending in self.endings).items()))


@dataclass(frozen=True)
class Staying:
    """How many of today's placings stay if nothing is renewed: the line, the day it first falls and to what, and what is left.

    It is a lower bound: a reserve may step in, and a certificate that ends may not be the one the position asks for.
    """

    steps: Steps
    steps_on_phone: Steps
    falls_on: date | None
    falls_to: int
    left: int


@dataclass(frozen=True)
class Figures:
    """Everything that is shown of an assessment, in the order of the standard."""

    assessment: Assessment
    previous: Assessment | None
    language: str
    mirrored: bool
    sign: LevelSign
    team: str
    standard: str
    tiles: tuple[Tile, ...]
    strengths: tuple[Strength, ...]
    positions: tuple[Position, ...]
    bottlenecks: tuple[Bottleneck, ...]
    equipment: tuple[Equipment, ...]
    months: tuple[MonthOfEndings, ...]
    palette: Palette
    months_chart: Months
    months_on_phone: Months
    staying: Staying | None
    indispensable: tuple[str, ...]
    states: Mapping[str, int]

    @property
    def key_need(self) -> int:
        """Count the key positions."""
        return sum(position.row.need for position in self.positions if position.row.key)

    @property
    def key_filled(self) -> int:
        """Count the key positions that are filled."""
        return sum(position.row.filled for position in self.positions if position.row.key)

    @property
    def endings(self) -> int:
        """Count what ends in the months ahead."""
        return sum(len(month.endings) for month in self.months)

    def strength(self, code: str) -> Strength | None:
        """Give a total by its code, None where the standard asks for nothing of the kind."""
        return next((one for one in self.strengths if one.code == code), None)

    def text(self, texts: Mapping[str, str]) -> str:
        """Give a text in the language of the figures."""
        return text_in(dict(texts), self.language)


def draw_figures(
    assessment: Assessment,
    *,
    previous: Assessment | None,
    language: str,
    limits: Sequence[int] = (),
    height: float = 150,
) -> Figures:
    """Make the figures of an assessment, compared with `previous` where there is one, for a reader of a language.

    `limits` are the percentages of filled positions that divide the levels, those of the assessment unless given; `height` is that of
    the line of what stays, in pixels.
    """
    mirrored = direction(language) == "rtl"
    months = _months(assessment)
    counts = [(month.month, len(month.endings)) for month in months]
    return Figures(
        assessment=assessment,
        previous=previous,
        language=language,
        mirrored=mirrored,
        sign=draw_level(assessment.level),
        team=text_in(assessment.team_names, language),
        standard=text_in(assessment.standard_title, language),
        tiles=_tiles(assessment, previous),
        strengths=_strengths(assessment, previous, mirrored),
        positions=_positions(assessment, language, mirrored),
        bottlenecks=_bottlenecks(assessment, language),
        equipment=tuple(
            Equipment(
                line,
                text_in(line.names, language),
                draw_bar(line.need, line.on_hand, usable=line.usable, width=SLIM, mirrored=mirrored),
                line.usable < line.need,
            )
            for line in assessment.equipment
        ),
        months=months,
        palette=PALETTE,
        months_chart=draw_months(counts, mirrored=mirrored),
        months_on_phone=draw_months(counts, width=PHONE, mirrored=mirrored),
        staying=_staying(assessment, limits, mirrored, height),
        indispensable=tuple(_names(assessment, assessment.indispensable)),
        states=Counter(requirement.state for requirement in assessment.requirements),
    )


def _tiles(assessment: Assessment, previous: Assessment | None) -> tuple[Tile, ...]:
    levels = {area.code: area.level for area in previous.areas} if previous else {}
    tiles = []
    for area in assessment.areas:
        before = levels.get(area.code)
        moved = None
        if before is not None and area.level is not None:
            moved = (before > area.level) - (before < area.level)
        tiles.append(Tile(area, draw_level(area.level), before, moved))
    return tuple(tiles)


def count_strengths(assessment: Assessment) -> dict[str, tuple[int, int]]:
    """Count what there is and what is needed: positions, items on hand, items usable. More than a line needs covers nothing."""
    lines = assessment.equipment
    needed = sum(line.need for line in lines)
    return {
        "positions": (
            sum(row.filled for row in assessment.positions),
            sum(row.need for row in assessment.positions),
        ),
        "on_hand": (sum(min(line.on_hand, line.need) for line in lines), needed),
        "usable": (sum(min(line.usable, line.on_hand, line.need) for line in lines), needed),
    }


def _strengths(assessment: Assessment, previous: Assessment | None, mirrored: bool) -> tuple[Strength, ...]:
    earlier = count_strengths(previous) if previous else {}
    strengths = []
    for code, (now, whole) in count_strengths(assessment).items():
        if whole:
            before = earlier[code][0] if code in earlier else None
            bar = draw_bar(whole, now, before=before, width=BROAD, height=12, mirrored=mirrored)
            strengths.append(Strength(code, now, whole, before, bar))
    return tuple(strengths)


def _positions(assessment: Assessment, language: str, mirrored: bool) -> tuple[Position, ...]:
    unit = common_unit((row.need for row in assessment.positions), width=SLIM)
    return tuple(
        Position(
            row,
            text_in(row.names, language),
            row.need - row.filled,
            draw_bar(row.need, row.filled, width=SLIM, unit=unit, mirrored=mirrored),
            tuple(_names(assessment, row.members)),
        )
        for row in assessment.positions
    )


def _bottlenecks(assessment: Assessment, language: str) -> tuple[Bottleneck, ...]:
    names = {row.id: text_in(row.names, language) for row in assessment.positions}
    return tuple(
        Bottleneck(
            found.positions,
            tuple(names.get(position, position) for position in found.positions),
            found.need,
            found.qualified,
            found.short,
            tuple(
                Trainee(one.person_id, assessment.people.get(one.person_id, ""), one.missing)
                for one in found.candidates
            ),
        )
        for found in sorted(assessment.bottlenecks, key=lambda found: (-found.short, found.positions))
    )


def _names(assessment: Assessment, people: Iterable[int]) -> Iterable[str]:
    return (assessment.people.get(person, "") for person in people)


def _name_of(assessment: Assessment, row: ExpiryResult) -> str:
    if row.person_id is not None:
        return assessment.people.get(row.person_id, "")
    return "" if row.item_id is None else assessment.items.get(row.item_id, "")


def _months(assessment: Assessment) -> tuple[MonthOfEndings, ...]:
    """Sort what ends into the month of the day and the twelve after it, each month by day and name."""
    ends = sorted(
        (Ending(row, _name_of(assessment, row)) for row in assessment.expiries),
        key=lambda ending: (ending.row.ends_on, ending.row.qualification, ending.name, ending.row.evidence),
    )
    month, months = assessment.on.replace(day=1), []
    for _ in range(MONTHS_AHEAD + 1):
        following = (month + timedelta(days=32)).replace(day=1)
        own = tuple(ending for ending in ends if month <= ending.row.ends_on < following)
        months.append(MonthOfEndings(month, own))
        month = following
    return tuple(months)


def list_stays(assessment: Assessment) -> list[tuple[date, int]]:
    """List, from the day of the assessment on, the days on which fewer of those placed stay if nothing is renewed, with how many do.

    A person stays while every certificate of his that is known to end is in date for the whole length of a deployment.
    """
    placed = {person for row in assessment.positions for person in row.members}
    held: dict[tuple[int, str], date] = {}
    for ending in assessment.expiries:
        if ending.person_id in placed and ending.person_id is not None:
            key = (ending.person_id, ending.qualification)
            held[key] = max(held.get(key, ending.ends_on), ending.ends_on)
    leaves: dict[int, date] = {}
    for (person, _), ends_on in held.items():
        day = max(ends_on - timedelta(days=assessment.hold_days - 1), assessment.on)
        leaves[person] = min(leaves.get(person, day), day)
    stays = [(assessment.on, len(placed))]
    for day, leaving in sorted(Counter(leaves.values()).items()):
        left = stays[-1][1] - leaving
        if day == assessment.on:
            stays = [(day, left)]
        else:
            stays.append((day, left))
    return stays


def _staying(assessment: Assessment, limits: Sequence[int], mirrored: bool, height: float) -> Staying | None:
    """Draw the line of those who stay for a year; nothing to draw where nobody is placed."""
    needed = sum(row.need for row in assessment.positions)
    if not needed or not any(row.members for row in assessment.positions):
        return None
    until = assessment.on + timedelta(days=365)
    stays = [(day, count) for day, count in list_stays(assessment) if day <= until]
    falls_on, falls_to = stays[1] if len(stays) > 1 else (None, stays[0][1])
    falls = [falls_on] if falls_on else []
    limits = limits or next((area.bands for area in assessment.areas if area.code == "P"), ())

    def draw(**size: float) -> Steps:
        return draw_steps(
            stays,
            until=until,
            whole=needed,
            limits=limits,
            falls=falls,
            mirrored=mirrored,
            height=height,
            **size,
        )

    return Staying(draw(), draw(width=PHONE), falls_on, falls_to, stays[-1][1])


def list_unmet(requirements: Iterable[RequirementResult]) -> list[RequirementResult]:
    """List the requirements that are not met, the critical ones first."""
    return sorted(
        (one for one in requirements if one.state == "not_met"), key=lambda one: (not one.critical, one.code)
    )
