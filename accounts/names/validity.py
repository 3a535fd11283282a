"""Say what is wrong with a name before it is kept.

Source: ICAO Doc 9303 part 3 (names in Latin letters, apostrophe and hyphen), and the product's rule that control and
bidi-override characters never enter a record, because they can make one name look like another on a certificate.
"""

import re
import unicodedata
from enum import StrEnum

from accounts.names.folding import normalise_name, script_of

MAX_NAME_LENGTH = 120

_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
_LATIN_RANGES = re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0259\u1e00-\u1eff]")
_PUNCTUATION = frozenset("' -.")
_NATIVE_PUNCTUATION = _PUNCTUATION | {"\u00b7", "\u30fb", "\u05f3", "\u05f4", "\u05be", "\u055b", "\u2019"}
_FORMULA_STARTS = frozenset("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20\uff5c\uff05")
# Japanese and Korean names mix these freely; elsewhere two scripts in one name are a look-alike trick or a slip.
_EAST_ASIAN = frozenset(
    {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "KATAKANA-HIRAGANA", "IDEOGRAPHIC", "BOPOMOFO"}
)
_MAX_MARKS_IN_A_ROW = 3


class NameFault(StrEnum):
    """What is wrong with a name."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    BIDI_OVERRIDE = "bidi_override"
    FORMULA = "formula"
    NOT_LATIN = "not_latin"
    FORBIDDEN_CHARACTER = "forbidden_character"
    MIXED_SCRIPTS = "mixed_scripts"
    NO_LETTER = "no_letter"


def find_latin_fault(text: str) -> NameFault | None:
    """Return what is wrong with a name in Latin letters, None if nothing is.

    Letters with diacritics, apostrophe, hyphen, space and full stop are allowed; see `passport_spelling` for A to Z.
    """
    name = normalise_name(text)
    fault = _find_common_fault(name)
    if fault is not None:
        return fault
    for letter in name:
        if _LATIN_RANGES.match(letter) or letter in _PUNCTUATION or unicodedata.combining(letter):
            continue
        return NameFault.NOT_LATIN if letter.isalpha() else NameFault.FORBIDDEN_CHARACTER
    return None if any(map(str.isalpha, name)) else NameFault.NO_LETTER


def find_native_fault(text: str) -> NameFault | None:
    """Return what is wrong with a name in its own script, None if nothing is."""
    name = normalise_name(text)
    fault = _find_common_fault(name)
    if fault is not None:
        return fault
    scripts: set[str] = set()
    for position, letter in enumerate(name):
        category = unicodedata.category(letter)
        if category[0] == "L":
            scripts.add("EAST ASIAN" if (script := script_of(letter)) in _EAST_ASIAN else script)
        elif letter in _JOINERS:
            if position in (0, len(name) - 1):
                return NameFault.CONTROL_CHARACTER
        elif category[0] != "M" and letter not in _NATIVE_PUNCTUATION:
            return NameFault.FORBIDDEN_CHARACTER
    if not scripts:
        return NameFault.NO_LETTER
    return NameFault.MIXED_SCRIPTS if len(scripts - {"MODIFIER"}) > 1 else None


def _find_common_fault(name: str) -> NameFault | None:
    if not name:
        return NameFault.EMPTY
    if any(letter in _BIDI_CONTROLS for letter in name):
        return NameFault.BIDI_OVERRIDE
    if any(unicodedata.category(letter) in _UNPRINTABLE for letter in name if letter not in _JOINERS):
        return NameFault.CONTROL_CHARACTER
    if len(name) > MAX_NAME_LENGTH:
        return NameFault.TOO_LONG
    if name.lstrip("'").strip()[:1] in _FORMULA_STARTS and name.strip("' "):
        return NameFault.FORMULA
    return NameFault.FORBIDDEN_CHARACTER if _has_stacked_marks(name) else None


def _has_stacked_marks(name: str) -> bool:
    """Tell whether more marks sit on one letter than any writing system needs."""
    run = 0
    for letter in unicodedata.normalize("NFD", name):
        run = run + 1 if unicodedata.category(letter) == "Mn" else 0
        if run > _MAX_MARKS_IN_A_ROW:
            return True
    return False
