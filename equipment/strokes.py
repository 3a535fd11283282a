"""A signature as it was drawn: strokes of a pen, not a picture.

A stroke is a row of points (x, y, t): x and y from 0 to 1000 across and down the pad, t in milliseconds since the first touch. The
pad keeps one shape on every screen, so a signature drawn on a tablet stands on paper as it was drawn. What a browser sends is
judged here number by number, because it is printed on a deed and kept for ever; nothing but lines can come out of it.
"""

import json
from collections.abc import Sequence
from itertools import pairwise
from math import hypot, isfinite
from typing import Any

Point = tuple[int, int, int]
Stroke = tuple[Point, ...]
Strokes = tuple[Stroke, ...]

SPAN = 1000  # of both axes
HEIGHT = 400  # of the pad and of every drawing, when its width is SPAN
MOST_STROKES = 40
MOST_POINTS = 2_000
LONGEST_TEXT = 80_000
LONGEST_TIME = 3_600_000  # an hour: a page may lie open between two strokes
SHORTEST_INK = 120  # of a drawing SPAN wide: a dot or a slip of the hand is no signature
TOLERANCE = 1.5  # how far a printed line may run beside the drawn one: a tenth of a millimetre


class UnreadableStrokes(ValueError):
    """What was sent is no drawing: not JSON, out of range, too much of it."""


class EmptyStrokes(UnreadableStrokes):
    """Nothing was drawn, or so little that it is no signature."""


def read_strokes(text: str | None) -> Strokes:
    """Read what the signature pad sent: JSON, a list of strokes, each a list of points [x, y, t].

    Raises EmptyStrokes when nothing or next to nothing was drawn, UnreadableStrokes for anything else that is not a drawing.
    """
    if not text or not text.strip():
        raise EmptyStrokes("nothing was drawn")
    if len(text) > LONGEST_TEXT:
        raise UnreadableStrokes("too long")
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableStrokes("not JSON") from error
    return check_strokes(value)


def check_strokes(value: Any) -> Strokes:
    """Return strokes whose every number has been looked at, rounded to whole units; raises as `read_strokes`."""
    if not isinstance(value, list | tuple):
        raise UnreadableStrokes("not a list of strokes")
    if len(value) > MOST_STROKES:
        raise UnreadableStrokes("too many strokes")
    strokes = tuple(_check_stroke(stroke) for stroke in value)
    if sum(map(len, strokes)) > MOST_POINTS:
        raise UnreadableStrokes("too many points")
    if measure_ink(strokes) < SHORTEST_INK:
        raise EmptyStrokes("too little was drawn")
    return strokes


def measure_ink(strokes: Strokes) -> float:
    """Return how long the drawn lines are together, in units of a pad SPAN wide."""
    return sum(
        hypot(after[0] - before[0], (after[1] - before[1]) * HEIGHT / SPAN)
        for stroke in strokes
        for before, after in pairwise(stroke)
    )


def to_svg_path(strokes: Strokes) -> str:
    """Draw strokes as SVG path data for a box of SPAN by HEIGHT: digits, blanks, dots and the letters M, L and Q alone.

    Points that lie on the line anyway are left out; between the others the line is bent as a hand bends it.
    """
    return " ".join(_draw(_thin([_place(point) for point in stroke])) for stroke in strokes)


def _refuse(word: str) -> None:
    raise ValueError(word)  # NaN and Infinity, which JSON does not have


def _check_stroke(stroke: Any) -> Stroke:
    if not isinstance(stroke, list | tuple) or not stroke:
        raise UnreadableStrokes("not a stroke")
    if len(stroke) > MOST_POINTS:
        raise UnreadableStrokes("too many points")
    points = tuple(_check_point(point) for point in stroke)
    if any(after[2] < before[2] for before, after in pairwise(points)):
        raise UnreadableStrokes("time runs backwards")
    return points


def _check_point(point: Any) -> Point:
    if not isinstance(point, list | tuple) or len(point) != 3:
        raise UnreadableStrokes("not a point")
    x, y, moment = point
    return _whole(x, SPAN), _whole(y, SPAN), _whole(moment, LONGEST_TIME)


def _whole(value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise UnreadableStrokes("not a number")
    if not 0 <= value <= most:
        raise UnreadableStrokes("out of range")
    return round(value)


def _place(point: Point) -> tuple[float, float]:
    return float(point[0]), point[1] * HEIGHT / SPAN


def _thin(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave out points nearer than TOLERANCE to the line without them (Ramer, Douglas and Peucker), without recursion."""
    if len(points) < 3:
        return list(points)
    kept = {0, len(points) - 1}
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        farthest, distance = 0, TOLERANCE
        for index in range(first + 1, last):
            apart = _distance(points[index], points[first], points[last])
            if apart > distance:
                farthest, distance = index, apart
        if farthest:
            kept.add(farthest)
            waiting += [(first, farthest), (farthest, last)]
    return [points[index] for index in sorted(kept)]


def _distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return how far a point is from a stretch of line."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = across * across + down * down
    along = ((point[0] - start[0]) * across + (point[1] - start[1]) * down) / length if length else 0.0
    nearest = max(0.0, min(1.0, along))
    return hypot(point[0] - start[0] - nearest * across, point[1] - start[1] - nearest * down)


def _draw(points: Sequence[tuple[float, float]]) -> str:
    if len(points) == 1:
        x, y = points[0]
        return f"M{_write(x)} {_write(y)}L{_write(x + 1)} {_write(y)}"  # a dot: round ends make it one
    parts = [f"M{_pair(points[0])}"]
    for before, after in pairwise(points[1:]):
        middle = ((before[0] + after[0]) / 2, (before[1] + after[1]) / 2)
        parts.append(f"Q{_pair(before)} {_pair(middle)}")
    parts.append(f"L{_pair(points[-1])}")
    return "".join(parts)


def _pair(point: tuple[float, float]) -> str:
    return f"{_write(point[0])} {_write(point[1])}"


def _write(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
