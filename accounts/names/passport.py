"""Propose how a passport would print a Latin name with diacritics in the letters A to Z.

Source: ICAO Doc 9303 part 3, section 6, table A (Latin-based national characters). Only a proposal: what the passport
really says is entered by a person and always wins. Names in Arabic or Cyrillic letters get no proposal, because the
document's letter-by-letter tables give spellings that no holder would recognise.
"""

import re
import unicodedata

from accounts.names.folding import normalise_name

_LETTERS = str.maketrans(
    {
        "\u00c4": "AE", "\u00c5": "AA", "\u00c6": "AE", "\u00d0": "D", "\u00d6": "OE", "\u00d8": "OE", "\u00dc": "UE",
        "\u00de": "TH", "\u0110": "D", "\u0126": "H", "\u0130": "I", "\u0131": "I", "\u0132": "IJ", "\u0138": "Q",
        "\u0141": "L", "\u013f": "L", "\u014a": "N", "\u0152": "OE", "\u0166": "T", "\u1e9e": "SS", "\u018f": "E",
    }
)  # fmt: skip
_NOT_PRINTED = re.compile(r"[^A-Z \-]+")


def passport_spelling(text: str) -> str | None:
    """Return the capital spelling in A to Z, space and hyphen, or None if a letter has no entry in the table.

    Apostrophes and full stops are left out, as the machine-readable zone does.
    """
    capitals = normalise_name(text).replace("\u00df", "SS").upper().translate(_LETTERS)
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", capitals) if not unicodedata.combining(letter)
    )
    plain = plain.replace("'", "").replace(".", " ")
    if _NOT_PRINTED.search(plain):
        return None
    return re.sub(" +", " ", plain).strip(" -") or None
