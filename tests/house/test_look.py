"""The look keeps its promises: colours that can be read, light and dark alike, and no icon that is not drawn."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
GROUNDS = ("paper", "surface", "sunken", "rail", "selected", "neutral-soft")
INKS = ("ink", "ink-muted", "accent", "accent-strong", "ok", "warn", "bad", "info", "neutral")
STATES = ("accent", "ok", "warn", "bad", "info", "neutral")


def _block(selector: str) -> dict[str, str]:
    start = TOKENS.index(selector + " {")
    body = TOKENS[start : TOKENS.index("}", start)]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", body))


LIGHT = _block(":root")
DARK = _block(':root[data-theme="dark"]')


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_ink_is_readable_on_every_ground(theme: dict[str, str]) -> None:
    pairs = [(ink, ground) for ink in INKS for ground in GROUNDS]
    pairs += [(ink, f"{state}-soft") for state in STATES for ink in (state, "ink", "ink-muted")]
    pairs += [("on-accent", "accent"), ("on-accent", "accent-strong"), ("on-bad", "bad")]
    pairs += [("on-level", state) for state in STATES]
    faint = {pair: round(_contrast(theme[pair[0]], theme[pair[1]]), 2) for pair in pairs}

    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_controls_and_the_focus_ring_stand_out(theme: dict[str, str]) -> None:
    ratios = {
        (edge, ground): _contrast(theme[edge], theme[ground])
        for edge in ("line-control", "focus")
        for ground in GROUNDS
    }

    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < 3} == {}


def test_dark_is_the_same_whether_wished_by_the_system_or_chosen() -> None:
    assert _block(':root:not([data-theme="light"])') == DARK


def test_light_and_dark_define_the_same_colours() -> None:
    assert set(LIGHT) == set(DARK)


def test_every_icon_a_template_names_is_drawn() -> None:
    drawn = set(
        re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static/icons/sprite.svg").read_text(encoding="utf-8"))
    )
    named = {
        name
        for template in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'icon(?:\(|=|": )"([a-z-]+)"', template.read_text(encoding="utf-8"))
    }

    assert named - drawn == set()


def test_every_role_a_sheet_uses_is_defined() -> None:
    defined = set(re.findall(r"--([a-z0-9-]+):", TOKENS))
    for sheet in ("base", "layout", "components", "grid", "document", "print"):
        text = (ROOT / "static" / "css" / f"{sheet}.css").read_text(encoding="utf-8")
        own = set(re.findall(r"--([a-z0-9-]+):", text))
        assert set(re.findall(r"var\(--([a-z0-9-]+)", text)) - defined - own == set(), sheet
