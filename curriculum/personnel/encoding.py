"""Guess how a text file is encoded, say how sure the guess is, and let a person overrule it.

Order, from the product's rule: byte-order mark, else valid UTF-8, else UTF-16 by its pattern of zero bytes, else
Windows-1256 or Windows-1252 by letters. The last step is a guess about people's names, so it is always shown.
"""

import codecs
import re
from dataclasses import dataclass
from enum import StrEnum

from curriculum.personnel.problems import Refusal, SheetRefused


class Confidence(StrEnum):
    """How far a guess can be trusted."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """An encoding under the name people know, the codec that reads it, and how sure we are."""

    name: str
    codec: str
    confidence: Confidence


# What the form offers, and the codecs behind it.
ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "windows-1256": "cp1256",
    "windows-1252": "cp1252",
}
_ALIASES = {"utf8": "utf-8", "utf16": "utf-16", "cp1256": "windows-1256", "cp1252": "windows-1252", "1256": "windows-1256",
            "1252": "windows-1252", "utf-8-sig": "utf-8", "utf-16le": "utf-16", "utf-16-le": "utf-16"}  # fmt: skip

_PATTERN_SAMPLE = 65_536
_WORDS = re.compile(rb"[A-Za-z\x80-\xff]+")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
_HIGH = re.compile(rb"[\x80-\xff]")


def choose_encoding(data: bytes, asked: str | None = None) -> EncodingGuess:
    """Return the encoding of a text file: the one asked for if it fits, else the best guess.

    Raises `SheetRefused` if the encoding asked for is unknown or does not fit, or if the bytes are no text.
    """
    if asked:
        return _check_asked(data, asked)
    for mark, name, codec in (
        (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
    ):
        if data.startswith(mark):
            if not _fits(data, codec):
                raise SheetRefused(Refusal.WRONG_ENCODING, encoding=name)
            return EncodingGuess(name, codec, Confidence.CERTAIN)
    if b"\0" not in data:
        if _fits(data, "utf-8"):
            return EncodingGuess("utf-8", "utf-8", Confidence.CERTAIN)
        return _guess_windows(data)
    codec = _utf16_by_pattern(data)
    if codec is None or not _fits(data, codec):
        raise SheetRefused(Refusal.NOT_A_SHEET)
    return EncodingGuess("utf-16", codec, Confidence.LIKELY)


def _check_asked(data: bytes, asked: str) -> EncodingGuess:
    name = asked.strip().casefold().replace("_", "-")
    name = _ALIASES.get(name, name)
    codec = ENCODINGS.get(name)
    if codec is None:
        raise SheetRefused(Refusal.UNKNOWN_ENCODING, encoding=asked[:40])
    if name == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = _utf16_by_pattern(data) or "utf-16-le"
    if (b"\0" in data and name != "utf-16") or not _fits(data, codec):
        raise SheetRefused(Refusal.WRONG_ENCODING, encoding=name)
    return EncodingGuess(name, codec, Confidence.CERTAIN)


def _fits(data: bytes, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        for start in range(0, len(data), _PATTERN_SAMPLE):
            decoder.decode(data[start : start + _PATTERN_SAMPLE])
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _utf16_by_pattern(data: bytes) -> str | None:
    """Return the byte order in which delimiters and line ends, always plain ASCII, carry their zero byte."""
    if len(data) % 2:
        return None
    sample = data[:_PATTERN_SAMPLE]
    little = sum(sample[1::2][i] == 0 and sample[::2][i] in b"\r\n,;\t" for i in range(len(sample) // 2))
    big = sum(sample[::2][i] == 0 and sample[1::2][i] in b"\r\n,;\t" for i in range(len(sample) // 2))
    if little == big:
        return None
    return "utf-16-le" if little > big else "utf-16-be"


def _guess_windows(data: bytes) -> EncodingGuess:
    """Choose between the Arabic and the Western code page.

    Arabic words are written in high bytes alone; Western ones mix them with ASCII letters ("Français"). The French
    accents have the same codes in both pages, so a French sheet without Arabic reads the same either way.
    """
    arabic = western = 0
    for word in _WORDS.finditer(data):
        letters = word.group()
        if not _HIGH.search(letters):
            continue
        if _ASCII_LETTER.search(letters):
            western += 1
        elif len(letters) > 1:
            arabic += 1
    name = "windows-1256" if arabic > western or not _fits(data, "cp1252") else "windows-1252"
    votes, against = (arabic, western) if name == "windows-1256" else (western, arabic)
    is_likely = votes >= 3 and votes >= 9 * against
    return EncodingGuess(name, ENCODINGS[name], Confidence.LIKELY if is_likely else Confidence.UNSURE)
