"""The readiness report: a first page for a reader who has forty seconds, and annexes with the proof of every figure on it.

Made from a frozen assessment alone, in one language, in a background job. The first page is one page whatever the standard and the
team: its lists are cut where the annex goes on, and say so. Long data belongs into a table beside the report, not on paper.
"""

from collections.abc import Sequence
from datetime import UTC, date
from hashlib import sha256
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from certification.documents.facts import Host
from certification.qr import draw_qr
from foundation.documents import (
    as_code,
    compose,
    document_assets,
    isolated,
    read_static,
    read_stylesheet,
)
from foundation.fonts import as_printed
from foundation.i18n import direction
from foundation.pdf import render_pdf
from readiness.assessment import AreaResult, Assessment, Level
from readiness.documents.terms import CATEGORIES, REASONS, UNITS, word_of
from readiness.documents.wording import ANNEX_LETTERS, WORDINGS, Wording, write_date, write_percent
from readiness.figures import Bottleneck, Equipment, Figures, Tile, draw_figures

# What the first page has room for.
MOST_BOTTLENECKS = 3
MOST_LINES = 5
MOST_REASONS = 2
MOST_NAMES = 2
SHORT_NAME = 34
SHORTEST_NAME = 26
SHORT_EDITION = 64
# Heights of the line of what stays, in pixels: what a page with little on it has room for, and a full one.
TALL = 130
LOW = 84
_TEAM_SIZES = ((36, "grand"), (62, "large"), (110, "medium"))


def render_report(
    assessment: Assessment,
    *,
    previous: Assessment | None,
    language: str,
    snapshot_number: str,
    check_code: str,
    verify_hint: str,
    show_names: bool,
    known_on: date | None = None,
    host: Host | None = None,
    limits: Sequence[int] = (),
    demonstration: bool = False,
) -> bytes:
    """Print a report as PDF/A-3a + PDF/UA-1 in 'en', 'ar' or 'fr'; equal arguments give equal bytes.

    `previous` is the assessment to compare with. `check_code` stands on the first page, and `verify_hint`, the link at which it can be
    compared, in letters and as QR code. Without `show_names` no person can be told from the report, nor from the number of a
    certificate in it. `known_on` is the day at home up to which things were known (default: that of universal time). `limits` are the
    percentages of filled positions that divide the levels, if others than the assessment's. The emblem is the host's, or the product's
    own.
    """
    wording = WORDINGS[language]
    is_roomy = _is_roomy(assessment)
    figures = draw_figures(
        assessment, previous=previous, language=language, limits=limits, height=TALL if is_roomy else LOW
    )
    writer = _Writer(figures, wording, show_names)
    html = compose(
        "report.html",
        figures=figures,
        wording=wording,
        write=writer,
        language=language,
        foot=writer.foot(snapshot_number),
        direction=direction(language),
        letters=ANNEX_LETTERS[language],
        team_size=next((size for most, size in _TEAM_SIZES if len(figures.team) <= most), "small"),
        host=host.name_in(language) if host else "",
        number=snapshot_number,
        code=check_code,
        place=_place(verify_hint),
        qr=draw_qr(verify_hint, exact=True),
        known_on=known_on or assessment.known_at.date(),
        show_names=show_names,
        demonstration=demonstration,
        short_edition=isolated(shorten(assessment.edition, SHORT_EDITION)),
        is_roomy=is_roomy,
    )
    seed = f"{snapshot_number}\n{language}\n{show_names}\n{assessment.to_json()}"
    return render_pdf(
        html,
        assets=document_assets({"emblem.svg": _emblem(host)}),
        language=language,
        identifier=sha256(seed.encode()).hexdigest()[:32].encode(),
        stylesheets=[read_stylesheet("document-fonts.css"), read_stylesheet("document-report.css")],
        created=assessment.known_at.astimezone(UTC),
    )


def _is_roomy(assessment: Assessment) -> bool:
    """Judge whether the first page has little to carry, and may be set larger."""
    short = sum(line.usable < line.need for line in assessment.equipment)
    return len(assessment.bottlenecks) <= 2 and short <= 3


def _emblem(host: Host | None) -> bytes:
    return host.emblem.encode() if host and host.emblem else read_static("brand/host-emblem.svg")


def _place(link: str) -> str:
    """Give the address a person types by hand: the link without its scheme."""
    parts = urlsplit(link)
    return parts.netloc + parts.path


class _Writer:
    """The sentences of one report; a template asks for each where it stands."""

    def __init__(self, figures: Figures, wording: Wording, show_names: bool) -> None:
        self._figures = figures
        self._assessment = figures.assessment
        self._wording = wording
        self._show_names = show_names

    def level(self, level: Level | None) -> str:
        """Name a level."""
        return self._wording.levels[level or 0]

    def level_title(self, level: Level | None) -> str:
        """Say a level aloud."""
        if level is None:
            return self.level(None)
        return self._wording.level.format(level=int(level), label=self.level(level))

    def verdict(self) -> str:
        """Say in a sentence how ready the team is."""
        return self._wording.verdicts[self._assessment.level or 0]

    def strength_sentence(self) -> str:
        """Say how much of the team is there; one sentence, to be read aloud."""
        parts = [
            self._wording.sentence[one.code].format(now=one.now, whole=one.whole)
            for one in self._figures.strengths
        ]
        joined = self._wording.comma.join(parts)
        return f"{joined[:1].upper()}{joined[1:]}." if joined else ""

    def decisions(self) -> list[tuple[str, Markup]]:
        """Name each area that decides the level, with its reasons."""
        return [
            (self._wording.areas.get(area.code, area.code), self._reasons(area))
            for area in self._assessment.areas
            if area.code in self._assessment.worst and area.level != Level.READY
        ]

    def _reasons(self, area: AreaResult) -> Markup:
        """Say why an area has its level: what its limits were held against, then what decides alone."""
        wording, figures = self._wording, self._figures
        named = [code.partition(":")[::2] for code in area.binding]
        if area.level is None:
            codes = [as_code(name) for kind, name in named if kind == "unknown"]
            return escape(wording.unknown) + (": " + self._some(codes, MOST_REASONS) if codes else "")
        lines = {line.row.code: line.name for line in figures.equipment}
        rows = {position.row.id: position.name for position in figures.positions}
        reasons = [self.figure(area)] if ("band", "all") in named else []
        if ("band", "key") in named:
            reasons.append(
                escape(wording.key_positions).format(part=figures.key_filled, whole=figures.key_need)
            )
        empty = [
            isolated(shorten(rows.get(name, name), SHORTEST_NAME))
            for kind, name in named
            if kind == "mandatory"
        ]
        short = [
            isolated(shorten(lines[name], SHORTEST_NAME))
            for kind, name in named
            if kind == "critical" and name in lines
        ]
        unmet = [as_code(name) for kind, name in named if kind == "critical" and name not in lines]
        for pattern, names in (
            (wording.nobody_in, empty),
            (wording.critical_items, short),
            (wording.critical_requirements, unmet),
        ):
            if names:
                reasons.append(escape(pattern).format(names=self._some(names, MOST_REASONS)))
        return Markup(wording.comma).join(reasons or [self.figure(area)])

    def _some(self, names: Sequence[Markup], most: int) -> Markup:
        """List the first names and count the others."""
        shown = Markup(self._wording.comma).join(names[:most])
        if len(names) > most:
            shown += " " + escape(self._wording.more.format(count=len(names) - most))
        return shown

    def figure(self, area: AreaResult) -> Markup:
        """Give the one number behind an area's level."""
        if area.part is not None and area.whole is not None:
            return escape(self._wording.out_of.format(part=area.part, whole=area.whole))
        if area.months is not None:
            return escape(self._wording.months.format(months=area.months))
        if area.percent is not None:
            return escape(self.percent(area))
        return escape(self._wording.unknown)

    def percent(self, area: AreaResult) -> str:
        """Give an area's percentage, if it has one."""
        return "" if area.percent is None else write_percent(self._figures.language, area.percent)

    def limits(self, area: AreaResult) -> str:
        """Say where the levels of an area begin."""
        if len(area.bands) != 3:
            return ""
        pattern = self._wording.limits_months if area.code == "X" else self._wording.limits
        return pattern.format(*area.bands)

    def trend(self, tile: Tile) -> str:
        """Say how an area has moved."""
        return "" if tile.moved is None else self._wording.trends[1 - tile.moved]

    def short_bottlenecks(self) -> tuple[Bottleneck, ...]:
        """Give the shortages that the first page has room for, the largest first."""
        return self._figures.bottlenecks[:MOST_BOTTLENECKS]

    def names_of(self, bottleneck: Bottleneck) -> Markup:
        """Name the positions of a shortage, as many as fit."""
        return self._some([isolated(shorten(name)) for name in bottleneck.names], MOST_NAMES)

    def training(self, bottleneck: Bottleneck) -> Markup:
        """Say whom to train in what, or what is lacking where nobody may be named."""
        if not bottleneck.trainees:
            return escape(self._wording.train_from_outside)
        first = bottleneck.trainees[0]
        missing = self._some([as_code(code) for code in first.missing], MOST_NAMES)
        if not self._show_names or not first.name:
            return escape(self._wording.train_unnamed).format(missing=missing)
        return escape(self._wording.train).format(
            name=isolated(shorten(first.name, SHORTEST_NAME)), missing=missing
        )

    def short_lines(self) -> list[Equipment]:
        """Give the lines of equipment that fall short: critical ones first, then by the share that is missing."""
        lacking = [line for line in self._figures.equipment if line.is_short]
        lacking.sort(key=lambda line: (not line.row.critical, line.row.usable / line.row.need, line.row.code))
        return lacking

    def first_lines(self) -> list[Equipment]:
        """Give the lines for the first page: all of a short list, else those that fall short, as many as fit."""
        if len(self._figures.equipment) <= MOST_LINES:
            return list(self._figures.equipment)
        return self.short_lines()[:MOST_LINES]

    def name(self, name: str) -> Markup:
        """Write a name, whichever way it runs."""
        return isolated(name)

    def short_name(self, name: str) -> Markup:
        """Cut a name to what a narrow column holds in two lines."""
        return isolated(shorten(name))

    def foot(self, number: str) -> str:
        """Name the report at the foot of each page; no markup reaches there, so characters keep the directions apart."""
        parts = (self._figures.team, self._figures.standard, self.date(self._assessment.on), number)
        return " · ".join(f"\u2068{shorten(part)}\u2069" for part in parts)

    def alternatives(self, any_of: Sequence[Sequence[str]]) -> Markup:
        """Write the sets of qualifications of which one suffices."""
        sets = [Markup(self._wording.any_of_join).join(as_code(code) for code in each) for each in any_of]
        return Markup(" {} ").format(self._wording.any_of).join(sets)

    def reasons(self, line: Equipment) -> str:
        """Say why items on hand are not usable."""
        language = self._figures.language
        return self._wording.comma.join(
            f"{word_of(REASONS, code, language)} ({count})" for code, count in line.row.reasons
        )

    def category(self, code: str) -> str:
        """Name a category of equipment."""
        return word_of(CATEGORIES, code, self._figures.language)

    def unit(self, code: str) -> str:
        """Name a unit; pieces need none."""
        return word_of(UNITS, code, self._figures.language)

    def unknown_areas(self) -> list[str]:
        """Name the areas about which nothing is known."""
        return [
            self._wording.areas.get(one.code, one.code) for one in self._assessment.areas if one.level is None
        ]

    def hold(self) -> str:
        """Say for how long people and qualifications must last."""
        days = self._assessment.hold_days
        return self._wording.held_for_days.format(days=days) if days else self._wording.held_on_day

    def date(self, day: object) -> str:
        """Write a date."""
        return write_date(self._figures.language, day)  # type: ignore[arg-type]

    def text(self, pattern: str, **values: object) -> Markup:
        """Fill a sentence; values keep their own direction."""
        return escape(pattern).format(**{name: _value(value) for name, value in values.items()})


def shorten(name: str, most: int = SHORT_NAME) -> str:
    """Cut a long name at a word."""
    name = as_printed(name)
    if len(name) <= most:
        return name
    return name[:most].rpartition(" ")[0].rstrip(" ,;:/(·") + "…"


def _value(value: object) -> object:
    return value if isinstance(value, int | Markup) else isolated(str(value))
