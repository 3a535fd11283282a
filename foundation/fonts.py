"""The typefaces documents are printed with, and which characters they can print.

A document never uses a face of the machine it is made on: a server without fonts would silently change the face, and some
Arabic faces return *another real name* when text is copied from the file (صلاح becomes صالح in several of them). Amiri draws
whole letters as whole glyphs, so Arabic is set in Amiri and Latin letters in EB Garamond, its match in colour on the page.

The files are adapted, as their licences (beside them) allow. Both are cut down to Latin, Greek, Cyrillic and Arabic letters with
their layout tables kept. In Amiri, no substitution inserts a lengthening stroke before a kaf any more: a PDF noted the stroke as
the letter and lost the letter (السالك came back as اسالك); and no kerning exceeds 0.048 em, because readers took wider gaps for
spaces between words. Tests hold both against new versions of the files.
"""

import re
import unicodedata
from functools import cache
from io import BytesIO
from pathlib import Path

FONTS_FOLDER = Path(__file__).resolve().parent.parent / "static" / "fonts"

FAMILIES: dict[str, tuple[str, ...]] = {
    "EB Garamond": ("EBGaramond-Regular.ttf", "EBGaramond-SemiBold.ttf", "EBGaramond-Italic.ttf"),
    "Amiri": ("Amiri-Regular.ttf", "Amiri-Bold.ttf"),
}

# Joiners decide how Persian and Urdu names are written; fonts need no glyph for them.
_JOINERS = frozenset("\u200c\u200d")

# Fathatan to sukun, superscript alef, tatweel.
_ARABIC_MARKS = re.compile("[\u064b-\u0652\u0670\u0640]")


@cache
def font_assets() -> dict[str, bytes]:
    """Read every document font once: asset name as the stylesheets write it (`fonts/Amiri-Regular.ttf`) to file bytes."""
    return {
        f"fonts/{name}": (FONTS_FOLDER / name).read_bytes() for names in FAMILIES.values() for name in names
    }


@cache
def _printable() -> frozenset[int]:
    """Collect the code points that every style of at least one family can draw."""
    printable: set[int] = set()
    for names in FAMILIES.values():
        maps = [set(_character_map(name)) for name in names]
        printable |= set.intersection(*maps)
    return frozenset(printable)


def _character_map(name: str) -> dict[int, str]:
    # Imported where it is used: most processes never ask.
    from fontTools.ttLib import TTFont

    with TTFont(BytesIO(font_assets()[f"fonts/{name}"]), lazy=True) as font:
        return font.getBestCmap() or {}


def as_printed(text: str) -> str:
    """Give a text as documents print it: composed (NFC), single spaces, Arabic without vowel marks and lengthening strokes.

    A mark over an Arabic letter breaks copying and searching of the printed name in every typeface tried, so محمّد is printed
    محمد, as passports print it.
    """
    return _ARABIC_MARKS.sub("", unicodedata.normalize("NFC", " ".join(text.split())))


def find_unprintable(text: str) -> set[str]:
    """Find the characters of a text that a document could not print as they are.

    Judged is the text `as_printed`. Besides letters without a glyph (Chinese, for example), control
    characters and bidirectional overrides count as unprintable: they would let a printed line show something else than
    what is stored. An empty set means the text can be printed.
    """
    return {
        character
        for character in as_printed(text)
        if character not in _JOINERS and not _is_printable(character)
    }


def _is_printable(character: str) -> bool:
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return False
    return ord(character) in _printable()
