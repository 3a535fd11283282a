"""Signatures as invented people draw them: one running line with loops, a stroke below. The same name is always signed alike."""

import random
from math import pi, sin

from equipment.services.deeds import Signature

Stroke = list[list[int]]
POINTS_A_LETTER = 10
MILLISECONDS_A_POINT = 14


def sign(name: str, title: str) -> Signature:
    """Return a drawn signature under a name and a function."""
    # Nothing is kept secret here: a name alone decides the line.
    chance = random.Random(name)  # noqa: S311
    written = _write(chance, letters=min(14, max(6, len(name) - 3)))
    return Signature(name=name, title=title, strokes=[written, _underline(chance, after=written[-1][2])])


def _write(chance: random.Random, *, letters: int) -> Stroke:
    """Draw a tall first letter and others that run out: loops upwards, loops downwards, and humps between them."""
    points: Stroke = []
    x, base = 60.0, 540.0
    for letter in range(letters):
        first, fading = letter == 0, 1 - 0.7 * letter / letters
        kind = "up" if first else chance.choice(("up", "hump", "hump", "hump", "down"))
        tall = (
            400
            if first
            else (chance.uniform(150, 330) if kind != "hump" else chance.uniform(40, 120)) * fading
        )
        wide = chance.uniform(1.5, 2.2) if first else chance.uniform(0.5, 1.3)
        step = wide * 860 / (letters * 1.05)
        for point in range(POINTS_A_LETTER):
            part = point / POINTS_A_LETTER
            rise = sin(pi * part) ** 2 if kind != "hump" else abs(sin(2 * pi * part))
            lean = 0.0 if kind == "hump" else sin(2 * pi * part) * step * (0.55 if kind == "up" else -0.45)
            at_y = base + tall * rise if kind == "down" else base - tall * rise
            points.append(
                [
                    _within(x + step * part + lean + 0.12 * (base - at_y)),
                    _within(at_y),
                    len(points) * MILLISECONDS_A_POINT,
                ]
            )
        x, base = x + step, base - chance.uniform(0, 16)
    return points


def _underline(chance: random.Random, *, after: int) -> Stroke:
    """Draw the stroke below: out, and a little up at its end."""
    start, end, sag = chance.uniform(120, 260), chance.uniform(640, 900), chance.uniform(20, 60)
    return [
        [
            _within(start + (end - start) * point / 20),
            _within(780 + sag * sin(pi * point / 20) - 3 * point),
            after + 300 + point * MILLISECONDS_A_POINT,
        ]
        for point in range(21)
    ]


def _within(value: float) -> int:
    return min(1000, max(0, round(value)))
