"""Fold names so that spellings which differ only in writing habits compare equal.

A fold is for comparing and searching, never for showing. It forgives case, accents, apostrophes, hyphens, Arabic letter
forms and vowel marks. It does not forgive transliteration or order: those are likeness, and a person decides on them.
"""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u02bb\u02b9\u2032\u00b4\u0060\uff07"), "'")
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"), "-")
# Directional marks and byte-order marks travel invisibly in sheets saved by right-to-left systems; they mean nothing.
_INVISIBLE = dict.fromkeys(map(ord, "\u200e\u200f\u061c\ufeff"), None)
_TIDY = {**_APOSTROPHES, **_HYPHENS, **_INVISIBLE}

# Latin letters without a canonical decomposition, and what anyascii would write in another way.
_LATIN_LETTERS = str.maketrans(
    {
        "\u00e6": "ae", "\u0153": "oe", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d", "\u00fe": "th",
        "\u00df": "ss", "\u0131": "i", "\u0127": "h", "\u0167": "t", "\u014b": "n", "\u0138": "k", "\u0259": "e",
    }
)  # fmt: skip
_SCRIPTS_WITH_OPTIONAL_MARKS = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW"})
_ARABIC_LETTERS = str.maketrans(
    {
        "\u0671": "\u0627",  # alef wasla
        "\u0649": "\u064a", "\u06cc": "\u064a", "\u06d2": "\u064a", "\u06d3": "\u064a",  # ya without dots, Farsi, Urdu
        "\u0629": "\u0647", "\u06c1": "\u0647", "\u06be": "\u0647", "\u06c3": "\u0647", "\u06d5": "\u0647",  # ta marbuta, ha
        "\u06a9": "\u0643", "\u06aa": "\u0643",  # Farsi and Urdu kaf
        "\u0621": None, "\u0640": None,  # lone hamza, tatweel
    }
)  # fmt: skip
_SPACES = re.compile(r"\s+")
_BLANKS = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_NOT_A_TO_Z = re.compile(r"[^a-z ]+")
# "Abd" and "Abu" are never a name by themselves: whether a space follows is a habit of the clerk.
_ARABIC_COMPOUND = re.compile(
    r"(?:^|(?<= ))(\u0639\u0628\u062f|\u0627\u0628\u0648|\u0627\u0628\u064a|\u0627\u0644) (?=\S)"
)


def normalise_name(text: str) -> str:
    """Return a name as it is stored: NFC, tidy blanks, plain apostrophe and hyphen, no directional marks.

    Control characters inside the name stay, so that validation can refuse them; only surrounding blanks go.
    """
    tidy = unicodedata.normalize("NFC", text.translate(_TIDY)).strip()
    return _BLANKS.sub(" ", tidy)


def script_of(letter: str) -> str:
    """Return the script of one character as the first word of its Unicode name, "" if it has none."""
    return unicodedata.name(letter, "").split(" ", 1)[0]


@lru_cache(maxsize=32_768)
def fold_latin(text: str) -> str:
    """Fold a Latin name to the letters a to z and single spaces; folding twice changes nothing.

    Apostrophes and full stops vanish, hyphens become spaces. Text in another script is romanised letter by letter.
    """
    folded = unicodedata.normalize("NFKD", text.translate(_TIDY)).casefold().translate(_LATIN_LETTERS)
    folded = "".join(
        letter for letter in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(letter)
    )
    if not folded.isascii():
        folded = anyascii(folded).lower()
    folded = folded.replace("-", " ").replace("'", "").replace(".", " ")
    return _SPACES.sub(" ", _NOT_A_TO_Z.sub("", _SPACES.sub(" ", folded))).strip()


@lru_cache(maxsize=32_768)
def fold_native(text: str) -> str:
    """Fold a name in its own script: Arabic letter forms and marks, accents, case; folding twice changes nothing.

    Marks stay where they are letters in all but name (the vowel signs of Indic and Thai scripts, Japanese voicing).
    """
    folded = _fold_native_once(text)
    while (again := _fold_native_once(folded)) != folded:
        folded = again
    return folded


def _fold_native_once(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_TIDY)).casefold()
    letters: list[str] = []
    base_script = ""
    for character in unicodedata.normalize("NFKD", decomposed):
        category = unicodedata.category(character)
        if category[0] == "L":
            base_script = script_of(character)
            letters.append(character)
        elif category[0] == "M":
            if base_script not in _SCRIPTS_WITH_OPTIONAL_MARKS:
                letters.append(character)
        elif category[0] == "Z" or character in "-\u05be" or character.isspace():
            letters.append(" ")
    folded = "".join(letters).translate(_LATIN_LETTERS).translate(_ARABIC_LETTERS)
    return unicodedata.normalize("NFC", _SPACES.sub(" ", folded).strip())


def latin_key(family_name: str, given_names: str) -> str:
    """Return the folded full Latin name, given names first; equal keys mean "folds alike"."""
    return fold_latin(f"{given_names} {family_name}")


@lru_cache(maxsize=32_768)
def native_key(native_name: str) -> str:
    """Return the folded native name with Arabic compounds (abd, abu, al) written in one word."""
    return _ARABIC_COMPOUND.sub(r"\1", fold_native(native_name))


def name_key(*parts: str) -> str:
    """Return a key that does not depend on the order of the name's parts; for searching, not for judging."""
    return " ".join(sorted(fold_latin(" ".join(parts)).split()))
