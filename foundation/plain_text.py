"""Which texts may be kept at all: no control characters, and no direction overrides, with which a text can read otherwise than it is."""

import re

# C0 and C1 controls, the overrides and isolates of bidirectional text, and halves of characters that no encoding can hold.
_FORBIDDEN = "\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_ONE_LINE = re.compile(f"[{_FORBIDDEN}]")
_LINES = re.compile(f"(?![\n\r\t])[{_FORBIDDEN}]")

# The same for a description of the API; halves of characters are left out, for other programs cannot even write them.
ONE_LINE_PATTERN = r"^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$"
LINES_PATTERN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$"


def is_plain(text: str, *, lines: bool = False) -> bool:
    """Return whether a text may be kept; `lines` allows line breaks and tabs."""
    return (_LINES if lines else _ONE_LINE).search(text) is None
