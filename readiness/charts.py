"""The geometry of the charts of readiness: where each line and bar lies, in pixels rounded to a tenth, and nothing about markup.

`templates/macros/charts.html` draws what is computed here, with the same call on a page and on paper. The renderer of PDF files does not
apply a page's styles to a drawing and does not shape text in it; so colours stand in the one table below, chosen to be read on white
paper and on the dark screen alike, and a drawing writes nothing but figures: numbers, days, codes. Names are cells of the table round
it. What is missing is hatched, with the lines as one path, because patterns leave seams in some viewers. `mirrored` draws for readers
from right to left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from readiness.assessment import Level


@dataclass(frozen=True)
class Colours:
    """A ground and the ink that is read on it, contrast at least 4.5 to 1."""

    ground: str
    ink: str


LEVEL_COLOURS: dict[Level | None, Colours] = {
    Level.READY: Colours("#1b6338", "#ffffff"),
    Level.READY_WITH_LIMITS: Colours("#7aa927", "#16210a"),
    Level.LIMITED: Colours("#e08a00", "#241500"),
    Level.NOT_READY: Colours("#9c1f19", "#ffffff"),
    None: Colours("#e7e4dc", "#2b302d"),
}


@dataclass(frozen=True)
class Palette:
    """What is there and counts, what is there and does not count, what is missing (always hatched), and axes."""

    have: str = "#2b7d7b"
    idle: str = "#b9cfcb"
    gap: str = "#c0503a"
    rule: str = "#8d918c"


PALETTE = Palette()
HATCH_STEP = 4.0
TICKED = 7.0
"""Width of a unit from which units are told apart."""


@dataclass(frozen=True)
class Rect:
    """A rectangle from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Label:
    """A figure and where it stands; `anchor` is start, middle or end in the sense of SVG, which knows no mirror."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class LevelSign:
    """A level as figure and as filled strokes, four for ready and one for not ready, so that grey print keeps the order."""

    figure: str
    ground: str
    ink: str
    filled: tuple[Rect, ...]
    empty: tuple[Rect, ...]
    width: float
    height: float


@dataclass(frozen=True)
class Bar:
    """A bar of `need` units: usable, then idle, then the hatched gap. `unit` is the width of one; a mark shows what was before."""

    width: float
    height: float
    unit: float
    usable: Rect | None
    idle: Rect | None
    gap: Rect | None
    hatch: str
    ticks: str
    before: float | None


@dataclass(frozen=True)
class Column:
    """One month: its bar, the figure above, the month below."""

    rect: Rect
    count: Label
    month: Label


@dataclass(frozen=True)
class Months:
    """Columns month by month; `unit` is the height of one, `base` the line they stand on, `years` the labels under the months."""

    width: float
    height: float
    unit: float
    base: float
    columns: tuple[Column, ...]
    years: tuple[Label, ...]


@dataclass(frozen=True)
class Limit:
    """The limit of a level: a line across the plot, and the level's figure on its colour beside the end of the line."""

    y: float
    box: Rect
    label: Label
    colours: Colours


@dataclass(frozen=True)
class Fall:
    """Where the line first goes down: the point, and its day."""

    x: float
    y: float
    label: Label


@dataclass(frozen=True)
class Steps:
    """A line of whole numbers that keeps its height until the day it changes; `unit` is the height of one, `day` the width of one."""

    width: float
    height: float
    plot: Rect
    unit: float
    day: float
    path: str
    limits: tuple[Limit, ...]
    scale: tuple[Label, ...]
    grid: str
    days: tuple[Label, ...]
    falls: tuple[Fall, ...]


def tenth(value: float) -> float:
    """Round to a tenth of a pixel, which no eye and no printer tells apart."""
    return round(float(value), 1) + 0.0


def draw_level(level: Level | None) -> LevelSign:
    """Draw the sign of a level; unknown has a question mark and empty strokes."""
    colours = LEVEL_COLOURS[level]
    strokes = tuple(Rect(27 + 5.0 * place, 19 - 3.0 * place, 3, 5 + 3.0 * place) for place in range(4))
    filled = 0 if level is None else 5 - level
    return LevelSign(
        "?" if level is None else str(int(level)),
        colours.ground,
        colours.ink,
        strokes[:filled],
        strokes[filled:],
        50,
        30,
    )


def draw_bar(
    need: int,
    on_hand: int,
    *,
    usable: int | None = None,
    before: int | None = None,
    width: float = 120,
    height: float = 10,
    unit: float | None = None,
    mirrored: bool = False,
) -> Bar:
    """Draw how much of a need is met; more than the need is not drawn, as it covers nothing.

    `usable` is the part of what is on hand that counts, all of it unless given. `unit` sets the width of one, for bars to be compared;
    without it the need fills the width.
    """
    one = width / max(need, 1) if unit is None else unit
    there = min(max(on_hand, 0), need)
    counts = there if usable is None else min(max(usable, 0), there)

    def part(first: int, last: int) -> Rect | None:
        if last <= first:
            return None
        start, length = tenth(first * one), tenth(tenth(last * one) - tenth(first * one))
        return Rect(tenth(width - start - length) if mirrored else start, 0.0, length, height)

    gap = part(there, need)
    marks = [tenth(width - place * one if mirrored else place * one) for place in range(1, there)]
    return Bar(
        width=width,
        height=height,
        unit=one,
        usable=part(0, counts),
        idle=part(counts, there),
        gap=gap,
        hatch=hatch(gap) if gap else "",
        ticks="".join(f"M{x:g} 0v{height:g}" for x in marks) if one >= TICKED else "",
        before=None if before is None else tenth(abs((width if mirrored else 0) - min(before, need) * one)),
    )


def common_unit(needs: Iterable[int], *, width: float = 120, most: float = 12) -> float:
    """Choose the width of one unit so that the largest need fits and few do not look like many."""
    return min(most, width / max([1, *needs]))


def hatch(rect: Rect, step: float = HATCH_STEP) -> str:
    """Fill a rectangle with rising lines, cut at its edges, as one path."""
    lines = []
    across = step / 2
    while across < rect.width + rect.height:
        left, right = max(0.0, across - rect.height), min(across, rect.width)
        lines.append(
            f"M{tenth(rect.x + left):g} {tenth(rect.y + across - left):g}"
            f"L{tenth(rect.x + right):g} {tenth(rect.y + across - right):g}"
        )
        across += step
    return "".join(lines)


def draw_months(
    counts: Sequence[tuple[date, int]],
    *,
    width: float = 660,
    height: float = 110,
    mirrored: bool = False,
) -> Months:
    """Draw a count for each month (given by its first day) in the order given, with the year under its first month."""
    base, top = height - 30, 16.0
    slot = width / max(len(counts), 1)
    unit = (base - top) / max([1, *(count for _, count in counts)])
    columns, years = [], []
    for place, (month, count) in enumerate(counts):
        middle = tenth(_turn((place + 0.5) * slot, width, mirrored))
        tall = tenth(count * unit)
        bar = Rect(tenth(middle - slot * 0.3), tenth(base - tall), tenth(slot * 0.6), tall)
        columns.append(
            Column(
                bar,
                Label(middle, tenth(base - tall - 4), str(count) if count else ""),
                Label(middle, base + 13, f"{month:%m}"),
            )
        )
        if place == 0 or month.month == 1:
            years.append(Label(middle, base + 27, f"{month:%Y}"))
    return Months(width, height, unit, base, tuple(columns), tuple(years))


def draw_steps(
    points: Sequence[tuple[date, int]],
    *,
    until: date,
    whole: int,
    limits: Sequence[int] = (),
    falls: Sequence[date] = (),
    width: float = 660,
    height: float = 150,
    mirrored: bool = False,
) -> Steps:
    """Draw a number that changes on the days of `points`, from the first of them to `until`, out of `whole`.

    `limits` are the percentages below which level 1, level 2, level 3 ends; `falls` are the days to be marked.
    """
    first = points[0][0]
    plot = Rect(44 if mirrored else 30, 14, width - 74, height - 40)
    unit, day = plot.height / max(whole, 1), plot.width / max((until - first).days, 1)

    def at(moment: date) -> float:
        along = (min(moment, until) - first).days * day
        return tenth(_turn(plot.x + along, 2 * plot.x + plot.width, mirrored))

    def high(number: float) -> float:
        return tenth(plot.y + plot.height - number * unit)

    path = f"M{at(first):g} {high(points[0][1]):g}"
    for (_, earlier), (moment, later) in pairwise(points):
        path += f"H{at(moment):g}" + (f"V{high(later):g}" if later != earlier else "")
    path += f"H{at(until):g}"
    heights = dict(points)
    near, far = (plot.x + plot.width, plot.x) if mirrored else (plot.x, plot.x + plot.width)
    outwards = 1 if mirrored else -1
    side = "start" if mirrored else "end"
    months = [month for month in _months_between(first, until) if month.month % 3 == 1]
    return Steps(
        width=width,
        height=height,
        plot=plot,
        unit=unit,
        day=day,
        path=path,
        limits=_limits([high(whole * percent / 100) for percent in limits], far, mirrored),
        scale=tuple(
            Label(tenth(near + 6 * outwards), tenth(high(number) + 3.5), str(number), side)
            for number in sorted({0, whole})
        ),
        grid="".join(f"M{at(month):g} {tenth(plot.y + plot.height):g}v4" for month in months),
        days=tuple(Label(at(month), height - 9, f"{month:%Y-%m}") for month in months),
        falls=tuple(
            Fall(at(moment), high(heights[moment]), _fall_label(at(moment), plot, moment)) for moment in falls
        ),
    )


def _limits(heights: Sequence[float], edge: float, mirrored: bool) -> tuple[Limit, ...]:
    """Put the signs of the levels beside the edge of the plot, apart from each other where their lines are close."""
    found: list[Limit] = []
    least = 0.0
    for level, y in zip(Level, heights, strict=False):
        box = Rect(tenth(edge - 22 if mirrored else edge + 8), tenth(max(y - 6.5, least)), 14, 13)
        least = box.y + 14
        label = Label(box.x + 7, tenth(box.y + 10.3), str(int(level)))
        found.append(Limit(y, box, label, LEVEL_COLOURS[level]))
    return tuple(found)


def _fall_label(x: float, plot: Rect, moment: date) -> Label:
    left = x > plot.x + plot.width * 0.75
    return Label(
        tenth(x - 6 if left else x + 6), plot.y - 3, f"{moment:%Y-%m-%d}", "end" if left else "start"
    )


def _months_between(first: date, until: date) -> list[date]:
    """Give the first days of the months after `first` up to `until`."""
    found, month = [], first.replace(day=1)
    while month <= until:
        if month >= first:
            found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def _turn(x: float, width: float, mirrored: bool) -> float:
    return width - x if mirrored else x
