"""What a name may look like, when two spellings fold to the same, and when they merely resemble each other.

One human being carries a native name, a passport spelling and a certificate spelling. Officers type them, spreadsheets
mangle them and clerks transliterate them, so three different questions are kept apart here: is this a name at all
(`validity`), do two spellings fold alike (`folding`), and might they be one person (`likeness`). Nothing here reads a
database or a clock, and nothing decides that two records are one person: that is for people.
"""

from accounts.names.folding import fold_latin, fold_native, latin_key, name_key, native_key, normalise_name
from accounts.names.index import LikenessIndex
from accounts.names.likeness import Likeness, judge_likeness
from accounts.names.passport import passport_spelling
from accounts.names.validity import MAX_NAME_LENGTH, NameFault, find_latin_fault, find_native_fault

__all__ = [
    "MAX_NAME_LENGTH",
    "Likeness",
    "LikenessIndex",
    "NameFault",
    "find_latin_fault",
    "find_native_fault",
    "fold_latin",
    "fold_native",
    "judge_likeness",
    "latin_key",
    "name_key",
    "native_key",
    "normalise_name",
    "passport_spelling",
]
