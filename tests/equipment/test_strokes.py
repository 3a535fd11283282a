"""A drawn signature: what is taken, what is refused, and what it becomes on paper."""

import json
import re
from itertools import pairwise
from math import hypot
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipment.strokes import (
    HEIGHT,
    MOST_POINTS,
    MOST_STROKES,
    EmptyStrokes,
    UnreadableStrokes,
    check_strokes,
    measure_ink,
    read_strokes,
    to_svg_path,
)

LINE = [[0, 500, 0], [500, 500, 10], [1000, 500, 20]]
PATH = re.compile(r"(?:M[\d.]+ [\d.]+(?:Q[\d.]+ [\d.]+ [\d.]+ [\d.]+|L[\d.]+ [\d.]+)+ ?)+")

points = st.tuples(st.integers(0, 1000), st.integers(0, 1000))
strokes = st.lists(st.lists(points, min_size=1, max_size=60), min_size=1, max_size=8).map(
    lambda drawn: [[[x, y, t] for t, (x, y) in enumerate(stroke)] for stroke in drawn]
)


def test_a_line_is_read_as_it_was_drawn() -> None:
    assert read_strokes(json.dumps([LINE])) == (((0, 500, 0), (500, 500, 10), (1000, 500, 20)),)
    assert read_strokes("[[[0.4, 499.6, 0.2], [900, 500, 7.7]]]") == (((0, 500, 0), (900, 500, 8)),)


@pytest.mark.parametrize(
    "text", [None, "", "   ", "[]", "[[[500, 500, 0]]]", "[[[500, 500, 0], [560, 500, 4]]]"]
)
def test_nothing_or_a_slip_of_the_hand_is_no_signature(text: str | None) -> None:
    with pytest.raises(EmptyStrokes):
        read_strokes(text)


@pytest.mark.parametrize(
    "value",
    [
        "{}",
        "null",
        "7",
        '"M0 0"',
        "[[[0, 0]]]",
        "[[[0, 0, 0, 0]]]",
        "[[]]",
        "[[[-1, 0, 0], [900, 0, 1]]]",
        "[[[1001, 0, 0], [0, 0, 1]]]",
        "[[[0, 0, 5], [900, 0, 4]]]",
        "[[[0, 0, 0], [NaN, 0, 1]]]",
        "[[[0, 0, 0], [Infinity, 0, 1]]]",
        "[[[0, 0, 0], [1e999, 0, 1]]]",
        "[[[true, 0, 0], [900, 0, 1]]]",
        '[[["0", 0, 0], [900, 0, 1]]]',
        "[[[0, 0, 0], [900, 0, 3600001]]]",
        "[[[0, 0, 0], [900, null, 1]]]",
        "[" * 50_000,
        "not json",
    ],
)
def test_what_is_no_drawing_is_refused(value: str) -> None:
    with pytest.raises(UnreadableStrokes):
        read_strokes(value)


def test_too_much_of_it_is_refused() -> None:
    with pytest.raises(UnreadableStrokes, match="too many strokes"):
        check_strokes([LINE] * (MOST_STROKES + 1))
    with pytest.raises(UnreadableStrokes, match="too many points"):
        check_strokes([[[n % 1000, 0, n] for n in range(MOST_POINTS // 2 + 1)]] * 2)
    with pytest.raises(UnreadableStrokes, match="too long"):
        read_strokes(json.dumps([LINE]) + " " * 80_000)
    assert len(check_strokes([LINE] * MOST_STROKES)) == MOST_STROKES


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_no_value_whatever_makes_it_stumble(value: Any) -> None:
    try:
        check_strokes(value)
    except UnreadableStrokes:
        return
    assert measure_ink(check_strokes(value)) > 0


@given(strokes)
def test_a_path_is_nothing_but_lines_inside_the_pad(drawn: Any) -> None:
    try:
        taken = check_strokes(drawn)
    except EmptyStrokes:
        return
    path = to_svg_path(taken)
    assert PATH.fullmatch(path)
    numbers = [float(number) for number in re.findall(r"[\d.]+", path)]
    assert all(0 <= x <= 1001 for x in numbers[::2])
    assert all(0 <= y <= HEIGHT for y in numbers[1::2])


@given(strokes)
def test_a_printed_line_begins_and_ends_where_the_drawn_one_did(drawn: Any) -> None:
    try:
        taken = check_strokes(drawn)
    except EmptyStrokes:
        return
    for stroke, path in zip(taken, to_svg_path(taken).split(" M"), strict=True):
        numbers = [float(number) for number in re.findall(r"[\d.]+", path)]
        assert numbers[:2] == [stroke[0][0], pytest.approx(stroke[0][1] * 0.4)]
        if len(stroke) > 1:
            assert numbers[-2:] == [stroke[-1][0], pytest.approx(stroke[-1][1] * 0.4)]


def test_points_on_the_line_are_left_out_and_bends_are_kept() -> None:
    straight = check_strokes([[[n, 500, n] for n in range(1000)]])
    assert to_svg_path(straight) == "M0 200L999 200"
    corner = check_strokes(
        [[[n, 0, n] for n in range(0, 500, 10)] + [[490, n, 500 + n] for n in range(0, 900, 10)]]
    )
    assert to_svg_path(corner) == "M0 0Q490 0 490 178L490 356"


def test_a_dot_is_drawn_as_a_dot() -> None:
    assert to_svg_path((((300, 500, 0),), ((0, 0, 0), (400, 0, 1)))) == "M300 200L301 200 M0 0L400 0"


@given(strokes)
def test_ink_is_measured_as_the_pad_shows_it(drawn: Any) -> None:
    length = sum(
        hypot(b[0] - a[0], (b[1] - a[1]) * HEIGHT / 1000) for stroke in drawn for a, b in pairwise(stroke)
    )
    assert measure_ink(drawn) == pytest.approx(length)
