"""Judge whether two spellings might be the name of one person.

The answer proposes, it never decides: a likeness makes two records candidates that a person looks at. It must therefore
be generous with clerks (Mohammed, Muhammad, Mohamed; Abd al-Rahman, Abdurrahman; a grandfather's name left out) and still
tell brothers apart (Hasan and Husayn, born on one day, are two people).

How: each Latin name is cut into parts, each part is reduced to how it sounds (`latin_sounds`), and the parts of the
shorter name must each find a partner in the longer one. Declined: a single similarity percentage over whole strings; it
puts Hasan and Husayn Al-Masri nearer to each other than Yusuf and Youssef.
"""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from accounts.names.folding import fold_latin, native_key

_Comparison = Callable[[str, str], bool]

_MOST_PARTS = 12
_ONE_SLIP_FROM = 5
_ANY_SLIP_FROM = 8
_ONE_NATIVE_SLIP_FROM = 6

_ABBREVIATIONS = {"mohd": "mohamad", "mohd.": "mohamad", "muhd": "mohamad", "mhd": "mohamad", "md": "mohamad"}
_ARTICLES = frozenset({"al", "el", "ul"})
_SUN_ARTICLES = frozenset({a + c for a in "aeu" for c in ("d", "n", "r", "s", "sh", "t", "z")})
_DESCENT = frozenset(
    {"bin", "ibn", "ben", "bint", "bent", "binti", "binte", "ould", "wuld", "wald", "oglu", "kizi"}
)
_SERVANT = frozenset({"abd", "abdel", "abdal", "abdul", "abdol", "abdoul", "abdu"})
_FATHER = frozenset({"abu", "abou", "abo", "bu", "bou"})
_FAITH = frozenset(
    {"din", "deen", "dine", "eddin", "eddine", "eddeen", "uddin", "addin", "aldin", "eldin", "eldine", "udin"}
)
_GLUED_SERVANT = re.compile(r"^ab[dt](?:[aeiou]+(?:l|([rsndtz])h?(?=\1))|ou?l)(.{2,})$")
_GLUED_FAITH = re.compile(r"^(.{2,}?)(?:[aeou]?[dl]d+i+n|[aeou]ld+i+n|[aeou]d+i+n)$")
_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"tch|sch|sh|ch", "C"),
        (r"aou|oou", "u"),
        (r"ee|ii|ie|iy|yi|ey|ei|ay|ai", "i"),
        (r"oo|ou|ow|aw|au|ue|oe", "u"),
        (r"ae", "e"),
        (r"ph", "f"),
        (r"dj", "j"),
        (r"dh|dz", "d"),
        (r"th", "t"),
        (r"gh", "g"),
        (r"ck|cq|qu|q|kh", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"x", "ks"),
        (r"y", "i"),
        (r"[ow]", "u"),
        (r"(?<=[aeiu])h$", ""),
        (r"(.)\1+", r"\1"),
        (r"ai|ei|ie", "i"),
        (r"i+", "i"),
        (r"(?<=[aiu]n)e$", ""),
        (r"e$", "i"),
    )
)
_VOWELS = re.compile("[aeiu]")
# Letters that clerks exchange: Gamal and Jamal, Osman and Othman, Ahmet and Ahmed, Ramazan and Ramadan, Halid and Khalid.
_EXCHANGED = frozenset(
    map(frozenset, ("gj", "st", "sz", "dt", "dz", "bp", "kh", "kg", "uv", "bv", "fv", "eu", "Cj", "Cs"))
)
_ARABIC_ARTICLE = "\u0627\u0644"
_ARABIC_SERVANT = "\u0639\u0628\u062f"
_ARABIC_DESCENT = frozenset({"\u0628\u0646", "\u0627\u0628\u0646", "\u0628\u0646\u062a"})


class Likeness(StrEnum):
    """How two full names compare, from equal to unlike; the middle ones say what differs."""

    SAME = "same"
    TRANSLITERATION = "transliteration"
    ORDER = "order"
    MISSING_PART = "missing_part"
    DIFFERENT = "different"

    @property
    def is_alike(self) -> bool:
        """Tell whether the two names may belong to one person."""
        return self is not Likeness.DIFFERENT


def judge_likeness(a: str, b: str) -> Likeness:
    """Compare two full names, each in any script, in any order of their parts; symmetric.

    Latin with Latin is compared by sound, native with native by letters, and across scripts by consonants.
    """
    a_is_latin, b_is_latin = _is_latin(a), _is_latin(b)
    if a_is_latin and b_is_latin:
        return _judge_parts(fold_latin(a), fold_latin(b), latin_sounds(a), latin_sounds(b), is_same_sound)
    if not a_is_latin and not b_is_latin:
        return _judge_parts(
            native_key(a), native_key(b), _native_parts(a), _native_parts(b), _is_same_native_part
        )
    likeness = _judge_parts("", " ", _consonants(a), _consonants(b), str.__eq__)
    return Likeness.TRANSLITERATION if likeness is Likeness.SAME else likeness


@lru_cache(maxsize=32_768)
def latin_sounds(name: str) -> tuple[str, ...]:
    """Return how each part of a Latin name sounds, in order, without articles and words for descent."""
    sounds = [sound for part in _join_compounds(fold_latin(name).split()) if (sound := _sound(part))]
    full = tuple(sound for sound in sounds if len(sound) > 1)
    return (full or tuple(sounds))[:_MOST_PARTS]


def is_same_sound(a: str, b: str) -> bool:
    """Tell whether two sounds are one name: "e" stands for "a" or "i", and a long enough name bears one clerk's slip.

    A slip is a vowel left out between consonants or an exchanged letter; from eight letters on, any one letter. An "a"
    for an "i" is no slip, nor is a letter more at the end: Jamal is not Jamil, Karim not Karima, Sami not Samir.
    """
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    shortest = min(len(a), len(b))
    head = 0
    while head < shortest and _is_same_letter(a[head], b[head], is_last=head == shortest - 1):
        head += 1
    tail = 0
    while tail < shortest - head and _is_same_letter(a[-1 - tail], b[-1 - tail], is_last=tail == 0):
        tail += 1
    rest_a, rest_b = a[head : len(a) - tail], b[head : len(b) - tail]
    if not rest_a and not rest_b:
        return True
    longest = max(len(a), len(b))
    return longest >= _ONE_SLIP_FROM and _is_slip(rest_a, rest_b, a if len(a) >= len(b) else b, head, longest)


def _is_same_letter(a: str, b: str, *, is_last: bool) -> bool:
    return a == b or (not is_last and "e" in (a, b) and (a in "aei") and (b in "aei"))


def _is_slip(rest_a: str, rest_b: str, longer: str, at: int, length: int) -> bool:
    sizes = len(rest_a), len(rest_b)
    if sizes == (1, 1):
        return frozenset(rest_a + rest_b) in _EXCHANGED or (length >= _ANY_SLIP_FROM and 0 < at < length - 1)
    if sizes in ((1, 0), (0, 1)):
        if not 0 < at < length - 1:
            return False
        extra, around = rest_a + rest_b, longer[at - 1] + longer[at + 1]
        return length >= _ANY_SLIP_FROM or (bool(_VOWELS.match(extra)) and not _VOWELS.search(around))
    return sizes == (2, 2) and length >= _ANY_SLIP_FROM and rest_a == rest_b[::-1]


def blur_vowels(sound: str) -> str:
    """Return a sound in which the vowels that may stand for each other are one; like sounds differ in one letter at most."""
    return re.sub("[aei]", "*", sound)


def adjacent_joins(parts: Sequence[str]) -> list[str]:
    """Return each part joined with its right neighbour: "mary ann" may be written "maryann"."""
    return [parts[i] + parts[i + 1] for i in range(len(parts) - 1)]


def _is_latin(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return sum(ord(letter) < 0x250 or 0x1E00 <= ord(letter) < 0x1F00 for letter in letters) * 2 >= len(
        letters
    )


def _join_compounds(words: list[str]) -> list[str]:
    """Join what belongs together (abd al rahman, nour eddine, abu bakr) and drop articles and words for descent."""
    parts: list[str] = []
    rest = [_ABBREVIATIONS.get(word, word) for word in words]
    meaningful = sum(word not in _DESCENT for word in rest)
    position = 0
    while position < len(rest):
        word, following = rest[position], rest[position + 1] if position + 1 < len(rest) else ""
        position += 1
        if following and (word in _ARTICLES or (word in _SUN_ARTICLES and following[0] == word[1])):
            if following in _FAITH and parts:
                parts[-1] += "din"
                position += 1
            elif following == "lah" and parts:
                parts[-1] += "lah"
                position += 1
            continue
        if word in _SERVANT and following:
            position += 1
            if (following in _ARTICLES or following in _SUN_ARTICLES) and position < len(rest):
                following = rest[position]
                position += 1
            parts.append("abd" + following.removeprefix("al"))
        elif word in _FATHER and following:
            position += 1
            parts.append("abu" + following)
        elif word in _FAITH and parts:
            parts[-1] += "din"
        elif word in ("allah", "ullah") and parts:
            parts[-1] += "lah"
        elif word not in _DESCENT or meaningful < 2:
            parts.append(word)
    return parts


@lru_cache(maxsize=65_536)
def _sound(part: str) -> str:
    if servant := _GLUED_SERVANT.match(part):
        part = "abd" + servant.group(2)
    elif part[:2] in _ARTICLES and len(part) >= 6:
        part = part[2:]
    part = re.sub(r"(?:ee?|i)ne?$", "in", part)
    if faith := _GLUED_FAITH.match(part):
        part = faith.group(1) + "din"
    if part.startswith("abou"):
        part = "abu" + part[4:]
    for pattern, sound in _SOUNDS:
        part = pattern.sub(sound, part)
    return part


def _native_parts(name: str) -> tuple[str, ...]:
    parts = [part for part in native_key(name).split() if part not in _ARABIC_DESCENT]
    return tuple(part.removeprefix(_ARABIC_ARTICLE) if len(part) > 4 else part for part in parts)[
        :_MOST_PARTS
    ]


def _is_same_native_part(a: str, b: str) -> bool:
    if a == b:
        return True
    return min(len(a), len(b)) >= _ONE_NATIVE_SLIP_FROM and OSA.distance(a, b, score_cutoff=1) <= 1


def _consonants(name: str) -> tuple[str, ...]:
    """Return the consonants of each part, the only thing Arabic letters and a Latin spelling share."""
    if _is_latin(name):
        sounds = latin_sounds(name)
    else:
        parts = (
            part.replace(_ARABIC_SERVANT + _ARABIC_ARTICLE, _ARABIC_SERVANT, 1)
            for part in _native_parts(name)
        )
        # Letter by letter, so that two letters are not taken for one digraph (t and h in "Tahan").
        sounds = tuple("".join(_sound(fold_latin(letter)) for letter in part) for part in parts)
    return tuple(bones for sound in sounds if (bones := _bones(sound)))


def _bones(sound: str) -> str:
    """Return the consonants of a sound, doubled ones once: one script writes the vowel between them, the other not."""
    return re.sub(r"(.)\1+", r"\1", _VOWELS.sub("", sound)).removesuffix("h")


def _judge_parts(
    folded_a: str, folded_b: str, a: Sequence[str], b: Sequence[str], is_same: _Comparison
) -> Likeness:
    if not a or not b:
        return Likeness.DIFFERENT
    if folded_a == folded_b:
        return Likeness.SAME
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    if not _may_be_shortened(short, long):
        return _judge_joined(short, long, is_same)
    if not _covers(short, long, is_same):
        return _judge_joined(short, long, is_same)
    if len(short) < len(long):
        return Likeness.MISSING_PART
    in_order = all(is_same(x, y) for x, y in zip(a, b, strict=True))
    return Likeness.TRANSLITERATION if in_order else Likeness.ORDER


def _may_be_shortened(short: Sequence[str], long: Sequence[str]) -> bool:
    """Tell whether the short name says enough: one part alone stands for a name of two parts, not of four."""
    return len(short) >= 2 or len(long) <= 2


def _judge_joined(short: Sequence[str], long: Sequence[str], is_same: _Comparison) -> Likeness:
    if len(short) == len(long):
        return Likeness.DIFFERENT
    for i, joined in enumerate(adjacent_joins(long)):
        rejoined = [*long[:i], joined, *long[i + 2 :]]
        if (len(short) >= 2 or len(rejoined) == 1) and _covers(short, rejoined, is_same):
            return Likeness.TRANSLITERATION if len(short) == len(rejoined) else Likeness.MISSING_PART
    return Likeness.DIFFERENT


def _covers(short: Sequence[str], long: Sequence[str], is_same: _Comparison) -> bool:
    """Tell whether every part of the short name has a partner of its own in the long one (augmenting paths)."""
    partner_of: dict[int, int] = {}

    def place(part: int, tried: set[int]) -> bool:
        for other in range(len(long)):
            if other in tried or not is_same(short[part], long[other]):
                continue
            tried.add(other)
            if other not in partner_of or place(partner_of[other], tried):
                partner_of[other] = part
                return True
        return False

    return all(place(part, set()) for part in range(len(short)))
