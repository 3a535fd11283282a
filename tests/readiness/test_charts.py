from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.assessment import Level
from readiness.charts import (
    LEVEL_COLOURS,
    PALETTE,
    common_unit,
    draw_bar,
    draw_level,
    draw_months,
    draw_steps,
    hatch,
)

DAY = date(2026, 11, 22)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("level", [*Level, None])
def test_the_figure_of_a_level_is_read_on_its_colour(level: Level | None) -> None:
    assert _contrast(LEVEL_COLOURS[level].ground, LEVEL_COLOURS[level].ink) >= 4.5


@pytest.mark.parametrize("ground", ["#ffffff", "#fbfaf7", "#1b201f", "#151918"])
def test_bars_and_gaps_are_seen_on_paper_and_on_the_dark_screen(ground: str) -> None:
    assert _contrast(PALETTE.have, ground) >= 3
    assert _contrast(PALETTE.gap, ground) >= 3
    assert _contrast(PALETTE.have, PALETTE.idle) >= 2


def test_a_level_is_told_by_its_figure_and_by_its_strokes() -> None:
    signs = [draw_level(level) for level in (*Level, None)]

    assert [sign.figure for sign in signs] == ["1", "2", "3", "4", "?"]
    assert [len(sign.filled) for sign in signs] == [4, 3, 2, 1, 0]
    assert all(len(sign.filled) + len(sign.empty) == 4 for sign in signs)


@given(
    need=st.integers(1, 500), on_hand=st.integers(0, 600), usable=st.integers(0, 600), mirrored=st.booleans()
)
def test_the_widths_of_a_bar_give_back_its_numbers(
    need: int, on_hand: int, usable: int, mirrored: bool
) -> None:
    bar = draw_bar(need, on_hand, usable=usable, width=320, mirrored=mirrored)

    parts = [bar.usable, bar.idle, bar.gap]
    counts = [round(part.width / bar.unit) if part else 0 for part in parts]
    there = min(on_hand, need)
    assert counts == [min(usable, there), there - min(usable, there), need - there]
    placed = sorted((part.x, part.width) for part in parts if part)
    assert placed[0][0] == 0 and round(sum(width for _, width in placed), 1) == 320
    # What is there begins where reading begins.
    if bar.usable and mirrored:
        assert round(bar.usable.x + bar.usable.width, 1) == 320
    elif bar.usable:
        assert bar.usable.x == 0


def test_what_was_before_is_marked_on_the_bar() -> None:
    assert draw_bar(18, 17, before=5, width=180).before == 50
    assert draw_bar(18, 17, before=5, width=180, mirrored=True).before == 130
    assert draw_bar(18, 17, width=180).before is None


def test_bars_with_one_unit_can_be_compared() -> None:
    unit = common_unit([2, 4, 12], width=96)
    bars = [draw_bar(need, need, width=96, unit=unit) for need in (2, 4, 12)]

    assert [bar.usable.width for bar in bars if bar.usable] == [16, 32, 96]
    assert common_unit([1], width=96) == 12


def test_the_hatch_stays_inside_what_is_missing() -> None:
    bar = draw_bar(10, 4, width=100)

    assert bar.gap is not None and bar.gap.x == 40
    points = [tuple(map(float, point.split())) for point in bar.hatch.replace("L", "M").split("M") if point]
    assert points and all(40 <= x <= 100 and 0 <= y <= 10 for x, y in points)
    assert hatch(bar.gap) == bar.hatch
    assert draw_bar(4, 4).hatch == ""


def test_columns_of_months_give_back_their_counts_and_name_the_year_once() -> None:
    counts = [(date(2026, 11, 1), 3), (date(2026, 12, 1), 0), (date(2027, 1, 1), 7)]
    drawn = draw_months(counts, width=300)

    assert [round(column.rect.height / drawn.unit) for column in drawn.columns] == [3, 0, 7]
    assert [column.count.text for column in drawn.columns] == ["3", "", "7"]
    assert [label.text for label in drawn.years] == ["2026", "2027"]
    turned = draw_months(counts, width=300, mirrored=True)
    assert [column.month.x for column in turned.columns] == [300 - column.month.x for column in drawn.columns]


def test_a_line_of_steps_gives_back_its_numbers() -> None:
    points = [(DAY, 17), (DAY + timedelta(days=100), 16), (DAY + timedelta(days=200), 14)]
    drawn = draw_steps(
        points, until=DAY + timedelta(days=365), whole=18, limits=(90, 80, 70), falls=[points[1][0]]
    )

    bottom = drawn.plot.y + drawn.plot.height
    heights = [float(drawn.path[1:].split("H")[0].split()[1])]
    heights += [float(part.split("H")[0]) for part in drawn.path.split("V")[1:]]
    assert [round((bottom - y) / drawn.unit) for y in heights] == [17, 16, 14]
    assert round((drawn.falls[0].x - drawn.plot.x) / drawn.day) == 100
    assert drawn.falls[0].label.text == "2027-03-02"
    assert [limit.label.text for limit in drawn.limits] == ["1", "2", "3"]
    boxes = [limit.box.y for limit in drawn.limits]
    assert all(later - earlier >= 14 for earlier, later in zip(boxes, boxes[1:], strict=False))


def test_time_runs_from_the_right_for_readers_from_the_right() -> None:
    points = [(DAY, 5), (DAY + timedelta(days=50), 4)]
    drawn = draw_steps(points, until=DAY + timedelta(days=365), whole=5, falls=[points[1][0]], mirrored=True)

    start = float(drawn.path[1:].split()[0])
    assert start == drawn.plot.x + drawn.plot.width
    assert drawn.falls[0].x < start
    assert [label.anchor for label in drawn.scale] == ["start", "start"]
