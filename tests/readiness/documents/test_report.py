import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pikepdf
import pytest

from certification.documents.facts import Host
from foundation.pdf import render_pdf
from readiness.assessment import Assessment, Level
from readiness.documents import report as printing
from readiness.documents.report import render_report
from readiness.documents.wording import EN, WORDINGS, write_percent
from readiness.figures import count_strengths
from tests.certification.paper import ask, plain
from tests.readiness.documents.paper import (
    AFTER,
    CODE,
    LINK,
    NAMES,
    large_team,
    story_after,
    story_before,
)

# They ask the same few reports; one worker prints them.
pytestmark = pytest.mark.xdist_group("report")
LANGUAGES = ("en", "ar", "fr")
LONGEST = {
    "en": "Joint National Urban Search and Rescue, Medical Evacuation and Hazardous Materials Task Force of the Northern Governorates",
    "ar": "القوة الوطنية المشتركة للبحث والإنقاذ في المناطق الحضرية والإخلاء الطبي والمواد الخطرة في محافظات الشمال",
    "fr": "Force nationale conjointe de recherche et de sauvetage, d’évacuation médicale et de matières dangereuses du Nord",
}


def printed(assessment: Assessment, **changes: Any) -> bytes:
    options: dict[str, Any] = {
        "previous": None, "language": "en", "snapshot_number": "S-2026-0001", "check_code": CODE, "verify_hint": LINK, "show_names": True,
    }  # fmt: skip
    options |= changes
    key = (
        assessment.to_json(),
        *(one.to_json() if isinstance(one, Assessment) else one for one in options.values()),
    )
    if key not in _printed:
        _printed[key] = render_report(assessment, **options)
    return _printed[key]


# Most tests ask the same few reports another question.
_printed: dict[tuple[Any, ...], bytes] = {}


def read(pdf: bytes, folder: Path, *options: str) -> str:
    """Read the text of a file, in the order of reading, with single spaces."""
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    # As it lies on the page, with Arabic in its order; and table by table, where two columns do not share their lines.
    ways = [ask("pdftotext", way, *options, path, "-") for way in ("-layout", "-raw")]
    return " ".join(plain(" ".join(ways)).replace("\u00a0", " ").split())


def says(text: str, expected: str) -> bool:
    """Ask whether a text says something; readers of files drop blanks between Arabic and figures, and turn their order."""
    words = plain(expected).replace("\u00a0", " ").split()
    squeezed = text.replace(" ", "")
    return "".join(words) in squeezed or "".join(reversed(words)) in squeezed


def first_page(pdf: bytes, folder: Path) -> str:
    return read(pdf, folder, "-l", "1")


def test_before_and_after_the_course_stand_on_the_first_page(tmp_path: Path) -> None:
    text = first_page(printed(story_after(), previous=story_before()), tmp_path)

    for expected in (
        "Civil Protection Mass-Casualty Team 1", "The team is ready with limits.", "17 of 18 positions are filled",
        "5 → 17 of 18", "0 → 12 of 12", "key positions 5 of 6", "was level 4", "Change since 14 November 2026",
        "Mass-casualty team leader 2 1 1", "All lines of equipment are complete and usable.", "S-2026-0001", CODE,
        "Prepared by", "Approved by", "As of 22 November 2026",
    ):  # fmt: skip
        assert expected in text


def test_the_team_before_its_course_is_told_what_stands_in_the_way(tmp_path: Path) -> None:
    text = first_page(printed(story_before()), tmp_path)

    for expected in (
        "The team is not ready.", "5 of 18 positions are filled", "0 of 12 items are on hand", "Mass-casualty responder 12 0 12",
        "lacks MCM-201", "too little of critical items: Triage kit",
    ):  # fmt: skip
        assert expected in text
    assert "→" not in text and "was level" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("assessment", [story_before(), story_after(), large_team()])
def test_every_figure_of_the_assessment_is_on_paper(
    assessment: Assessment, language: str, tmp_path: Path
) -> None:
    wording = WORDINGS[language]
    pdf = printed(assessment, language=language)
    first, text = first_page(pdf, tmp_path), read(pdf, tmp_path)

    assert says(first, wording.verdicts[assessment.level or 0])
    for part, whole in count_strengths(assessment).values():
        assert says(first, wording.out_of.format(part=part, whole=whole))
    for area in assessment.areas:
        if area.percent is not None and area.whole is not None and area.whole < 1000:
            # Arabic writes the sign on the other side.
            assert says(first, write_percent(language, area.percent).strip("% \u00a0"))
    for row in assessment.positions:
        assert (
            f"{row.need} {row.filled} {row.reserve}" in text
            or f"{row.reserve} {row.filled} {row.need}" in text
        )
    for line in assessment.equipment:
        figures = [str(line.need), str(line.on_hand), str(line.usable)]
        assert " ".join(figures) in text or " ".join(reversed(figures)) in text
    assert "S-2026-0001" in first and CODE in first
    assert assessment.inputs_sha256[:32] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_in_every_script_are_found_by_search(language: str, tmp_path: Path) -> None:
    text = read(printed(story_after(), language=language), tmp_path)

    assert [name for name in NAMES if name not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_permission_no_person_can_be_told_from_the_report(language: str, tmp_path: Path) -> None:
    for assessment in (story_before(), story_after(), large_team()):
        text = read(printed(assessment, language=language, show_names=False), tmp_path)
        told = [*assessment.people.values()] + [
            ending.evidence for ending in assessment.expiries if ending.person_id is not None
        ]
        assert [name for name in told if name in text] == []


@pytest.mark.parametrize(
    ("standard", "language"),
    [
        ("insarag-usar-heavy", "en"), ("insarag-usar-heavy", "ar"), ("insarag-usar-heavy", "fr"), ("fema-usr-task-force-type1", "en"),
        ("who-emt-type2", "fr"), ("csirt-sim3-basic", "ar"), (None, "en"), (None, "ar"), (None, "fr"),
    ],
)  # fmt: skip
def test_the_first_page_is_one_page_and_nothing_on_it_collides(
    standard: str | None, language: str, tmp_path: Path
) -> None:
    assessment = large_team(standard, people=80) if standard else story_before()
    # The annexes are left short: only the first page is asked about.
    assessment = replace(
        assessment,
        team_names=LONGEST,
        requirements=assessment.requirements[:1],
        expiries=assessment.expiries[:9],
    )
    path = tmp_path / "report.pdf"
    path.write_bytes(printed(assessment, previous=replace(assessment, on=AFTER), language=language))

    words = list(_words_of_first_page(path))
    heading = WORDINGS[language].headings["A"].split()[0]
    assert not any(word == "Annex" or (word == heading and y < 60) for word, y, _ in words)
    foot = min(y for word, y, _ in words if word == "S-2026-0001")
    assert [word for word, y, _ in words if y > _RUNNING_FOOT and y < _RUNNING_FOOT_TEXT] == []
    # The code that a phone reads ends where the words beside it end.
    assert [word for word, y, bottom in words if y < _RUNNING_FOOT < bottom - 2] == []
    chart = max(bottom for word, y, bottom in words if re.fullmatch(r"202\d-\d\d", word))
    assert chart < foot


# The page ends 16 mm above the edge of the paper; the line at its foot begins two below that, in points from the top.
_RUNNING_FOOT = (297 - 16) * 72 / 25.4
_RUNNING_FOOT_TEXT = (297 - 14.5) * 72 / 25.4


def _words_of_first_page(path: Path) -> Iterator[tuple[str, float, float]]:
    pattern = r'<word xMin="[\d.]+" yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)</word>'
    for top, bottom, word in re.findall(pattern, ask("pdftotext", "-bbox", "-l", "1", path, "-")):
        yield plain(word), float(top), float(bottom)


def test_no_picture_is_made_of_dots_and_only_the_shipped_typefaces_are_embedded(tmp_path: Path) -> None:
    for language in LANGUAGES:
        path = tmp_path / f"{language}.pdf"
        path.write_bytes(printed(large_team(), language=language))

        assert ask("pdfimages", "-list", path).splitlines()[2:] == []
        rows = [line.split() for line in ask("pdffonts", path).splitlines()[2:]]
        assert {row[0].split("+")[1] for row in rows} <= {
            "EB-Garamond", "EB-Garamond-Italic", "EB-Garamond-Semi-Bold", "Amiri", "Amiri-Semi-Bold", "Amiri-Italic", "Amiri-Oblique",
        }  # fmt: skip
        assert all(row[-5:-2] == ["yes", "yes", "yes"] for row in rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_character_is_printed_as_an_empty_box(language: str) -> None:
    pdf = printed(story_after(), previous=story_before(), language=language)

    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) in ("Tj", "TJ"):
                    shown = operands[0] if str(operator) == "TJ" else [operands[0]]
                    glyphs = b"".join(bytes(part) for part in shown if isinstance(part, pikepdf.String))
                    assert b"\x00\x00" not in [glyphs[at : at + 2] for at in range(0, len(glyphs), 2)]


def test_the_same_assessment_gives_the_same_bytes_after_a_journey_through_json() -> None:
    again = Assessment.from_json(story_after().to_json())
    first = printed(again)
    _printed.clear()

    assert again == story_after()
    assert printed(story_after()) == first


def test_another_snapshot_or_language_is_another_file() -> None:
    files = [
        printed(story_after()),
        printed(story_after(), snapshot_number="S-2026-0002"),
        printed(story_after(), language="fr"),
        printed(story_after(), show_names=False),
    ]

    assert len({bytes(pikepdf.open(io.BytesIO(one)).trailer.ID[0]) for one in files}) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_sound_and_declares_archive_and_accessibility_profiles(
    language: str, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(printed(large_team(), language=language))

    assert "No syntax or stream encoding errors found" in ask("qpdf", "--check", path)
    with pikepdf.open(path) as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode()
        assert 'pdfaid:part="3"' in metadata and 'pdfaid:conformance="A"' in metadata
        assert 'pdfuaid:part="1"' in metadata
        assert str(pdf.Root.Lang) == language
        elements = list(_elements(pdf.Root.StructTreeRoot.K))
        figures = [one for one in elements if one.S == "/Figure"]
        assert figures and all(str(one.get("/Alt", "")) for one in figures)
        assert [str(one.S) for one in elements].count("/H1") == 1
        assert sum(one.S == "/TH" for one in elements) > 50


def _elements(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        yield from _elements(node.get("/K", pikepdf.Array()))


def test_the_code_on_paper_leads_to_the_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(printed(story_after()))
    subprocess.run(
        ["pdftoppm", "-r", "150", "-f", "1", "-l", "1", "-png", path, tmp_path / "page"], check=True
    )

    (picture,) = tmp_path.glob("page*.png")
    assert ask("zbarimg", "--quiet", "--raw", picture).strip() == LINK


def test_the_host_and_its_demonstration_are_named(tmp_path: Path) -> None:
    host = Host("Disaster Response Service", "هيئة الاستجابة للكوارث", "Service de réponse aux catastrophes")

    text = first_page(printed(story_after(), host=host, demonstration=True), tmp_path)
    assert "Disaster Response Service" in text and "Demonstration – invented data" in text
    assert "Demonstration" not in first_page(printed(story_after()), tmp_path)


def test_what_is_not_known_is_said_and_never_counted(tmp_path: Path) -> None:
    before = story_before()
    unknown = replace(
        before.areas[5], level=None, percent=None, part=None, whole=None, binding=("unknown:MC-01",)
    )
    assessment = replace(before, level=None, worst=("X", "D"), areas=(*before.areas[:5], unknown))

    text = read(printed(assessment), tmp_path)
    assert "The readiness of the team is not known." in text
    assert "Plans and documents (not known: MC-01)" in text
    assert "Areas not known: Exercise, Plans and documents." in text


def test_a_share_just_under_a_limit_is_not_rounded_up_to_it() -> None:
    area = story_after().areas[0]

    assert area.percent is not None
    assert write_percent("en", area.percent * 0 + 89_97 / area.percent.__class__(100)) == "89.9%"
    assert write_percent("fr", area.percent) == "94,4\u00a0%"


def test_a_team_of_nobody_and_nothing_is_reported_too(tmp_path: Path) -> None:
    empty = replace(
        story_before(), level=None, worst=("P",), positions=(), bottlenecks=(), indispensable=(), equipment=(), requirements=(),
        expiries=(), people={},
        areas=tuple(
            replace(one, level=None, part=None, whole=None, percent=None, binding=()) for one in story_before().areas
        ),
    )  # fmt: skip

    text = read(printed(empty), tmp_path)
    for expected in (
        "The standard names no positions.", "The standard asks for no equipment.", "Nothing ends in the next twelve months.",
        "The standard has no checklist.", "Nobody is placed yet.",
    ):  # fmt: skip
        assert expected in text


HOSTILE = "<img src=file:///etc/passwd></style>{{ 7*7 }}"


def test_markup_in_any_text_is_printed_as_letters(tmp_path: Path) -> None:
    before = story_before()
    assessment = replace(
        before, team_names={"en": HOSTILE}, standard_title={"en": HOSTILE}, edition=HOSTILE, agency=HOSTILE, people={1: HOSTILE},
        positions=tuple(replace(row, names={"en": HOSTILE}) for row in before.positions),
        equipment=tuple(replace(line, names={"en": HOSTILE}, category=HOSTILE, unit=HOSTILE) for line in before.equipment),
        requirements=tuple(replace(one, title={"en": HOSTILE}, evidence=HOSTILE) for one in before.requirements),
    )  # fmt: skip

    assert "{{ 7*7 }}" in read(printed(assessment), tmp_path)


class _Drawings(HTMLParser):
    """Gathers the drawings of a page as their elements."""

    def __init__(self) -> None:
        super().__init__()
        self.drawings: list[list[tuple[str, dict[str, str | None]]]] = []
        self.texts: list[str] = []
        self._open: str = ""
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "svg":
            self.drawings.append([])
            self._depth += 1
        if self._depth:
            self.drawings[-1].append((tag, dict(attrs)))
            self._open = tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._depth:
            self.drawings[-1].append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "svg"
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._depth and self._open == "text":
            self.texts.append(data)


def drawings_of(assessment: Assessment, language: str, **changes: Any) -> _Drawings:
    pages: list[str] = []

    def keep(html: str, **options: Any) -> bytes:
        pages.append(html)
        return render_pdf(html, **options)

    with patch.object(printing, "render_pdf", keep):
        _printed.clear()
        printed(assessment, language=language, **changes)
    found = _Drawings()
    found.feed(pages[0])
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_drawing_keeps_the_rules_of_drawings(language: str) -> None:
    found = drawings_of(large_team(), language, previous=story_before())

    assert len(found.drawings) > 80
    ids = [attributes["id"] for one in found.drawings for _, attributes in one if "id" in attributes]
    assert len(ids) == len(set(ids))
    for drawing in found.drawings:
        assert [tag for tag, _ in drawing[:2]] == ["svg", "title"]
        for tag, attributes in drawing:
            assert tag in {"svg", "title", "rect", "path", "text", "circle"}
            assert not {"class", "style"} & attributes.keys()
            assert "var(" not in str(attributes) and "url(" not in str(attributes)
    assert [text for text in found.texts if not re.fullmatch(r"[0-9?-]+", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_levels_can_be_told_without_colour(language: str, tmp_path: Path) -> None:
    assessment = large_team()
    text = first_page(printed(assessment, language=language), tmp_path)

    for area in assessment.areas:
        assert says(text, WORDINGS[language].levels[area.level or 0])
        assert ("?" if area.level is None else str(int(area.level))) in text
    assert EN.levels[Level.NOT_READY] == "Not ready"
