"""The public code of a certificate version: what the QR code leads to and what a person may have to type.

It carries 130 random bits, so nobody finds a certificate by trying codes, and two check symbols, so a slip of the hand is told
apart from a forged paper. The alphabet is Crockford's base 32 without I, L, O and U: no letter looks like a digit and no
words arise by accident. Capitals only, because QR codes pack capitals and digits tightly.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS = 26
CODE_LENGTH = RANDOM_SYMBOLS + 2
GROUP = 4

# The largest prime below 32² : every single wrong symbol and every swap of two neighbours changes the remainder.
_CHECK_MODULUS = 1021

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_SEPARATORS = str.maketrans("", "", " -–—‑_.\u00a0\u200e\u200f\t\r\n")


def new_code() -> str:
    """Draw a new code from the system's random source: 28 symbols, no separators."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
    return symbols + _check_symbols(symbols)


def group_code(code: str) -> str:
    """Write a code for people, in groups of four: `7K3M-…`."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def normalise_code(text: str) -> str | None:
    """Read a code as people type it: any case, spaces or dashes anywhere, O for 0, I or L for 1.

    None means the text is no code at all (wrong length, foreign letter) or was mistyped (check symbols disagree).
    """
    typed = text.translate(_SEPARATORS).upper()
    if len(typed) != CODE_LENGTH or any(symbol not in _VALUES for symbol in typed):
        return None
    code = "".join(ALPHABET[_VALUES[symbol]] for symbol in typed)
    return code if _check_symbols(code[:RANDOM_SYMBOLS]) == code[RANDOM_SYMBOLS:] else None


def _check_symbols(symbols: str) -> str:
    remainder = 0
    for symbol in symbols:
        remainder = (remainder * 32 + _VALUES[symbol]) % _CHECK_MODULUS
    return ALPHABET[remainder // 32] + ALPHABET[remainder % 32]
