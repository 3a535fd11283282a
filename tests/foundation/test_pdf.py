import gc
import os
from pathlib import Path

import pytest

from foundation.documents import document_assets, read_stylesheet
from foundation.fonts import as_printed, find_unprintable
from foundation.pdf import RenderError, render_pdf

PAGE = '<html lang="en"><title>A page</title><p>Łódź</p></html>'
FONTS = read_stylesheet("document-fonts.css")


def _render(html: str, **options: object) -> bytes:
    arguments = {
        "assets": document_assets({}),
        "language": "en",
        "identifier": b"page",
        "stylesheets": [FONTS],
    }
    return render_pdf(html, **(arguments | options))  # type: ignore[arg-type]


def test_the_same_input_gives_the_same_bytes() -> None:
    assert _render(PAGE) == _render(PAGE)


def test_a_missing_asset_is_an_error() -> None:
    with pytest.raises(RenderError, match=r"asset:seal\.svg"):
        _render(PAGE.replace("Łódź", '<img src="asset:seal.svg" alt="">'))


@pytest.mark.parametrize(
    "reference",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:9/x.png",
        "data:image/png;base64,AA",
        "x.png",
        "//host/x",
        "asset:../x",
    ],
)
@pytest.mark.parametrize(
    "markup",
    ['<img src="{}" alt="x">', '<p style="background: url({})">x', '<link rel="attachment" href="{}">',
     '<link rel="stylesheet" href="{}">', '<style>@import url({});</style>', '<object data="{}"></object>'],
)  # fmt: skip
def test_nothing_outside_the_given_assets_is_read(markup: str, reference: str) -> None:
    with pytest.raises(RenderError):
        _render(PAGE.replace("<p>", markup.format(reference) + "<p>"))


def test_a_page_without_title_is_refused() -> None:
    with pytest.raises(RenderError, match="title"):
        _render("<p>Text")


def test_the_garbage_collector_runs_again_afterwards() -> None:
    assert gc.isenabled()
    _render(PAGE)
    with pytest.raises(RenderError):
        _render("<p>Text")
    assert gc.isenabled()


def test_a_forked_child_renders_and_leaves_the_parents_fonts_in_place() -> None:
    expected = _render(PAGE)
    child = os.fork()
    if child == 0:
        os._exit(0 if _render(PAGE) == expected else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert _render(PAGE.replace("Łódź", "Ḥamāh ﬁ ثلاثة")) != expected


def test_letters_of_many_languages_can_be_printed_and_others_are_named() -> None:
    printable = "Łódź İstanbul Nguyễn Œuvre Αθήνα Київ صلاح گلچین ٹیپو می‌خواهم 1234٥٦ “–” №"

    assert find_unprintable(printable) == set()
    assert find_unprintable("王 Li\u202e\x00🙂") == {"王", "\u202e", "\x00", "🙂"}


def test_text_is_printed_composed_and_without_marks_that_break_copying() -> None:
    assert as_printed("Nguye\u0302\u0303n  Thi\u0323") == "Nguyễn Thị"
    assert as_printed("محمّد مُحَمَّـــد") == "محمد محمد"


def test_licences_lie_beside_the_typefaces() -> None:
    folder = Path(__file__).resolve().parents[2] / "static" / "fonts"

    for name in ("Amiri-OFL.txt", "EBGaramond-OFL.txt"):
        assert "SIL Open Font License" in (folder / name).read_text(encoding="utf-8")
