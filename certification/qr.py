"""The QR code on paper, drawn as one path.

A rectangle for each module made the whole page 2.6 times slower to draw; horizontal strokes in a single path do the same picture.
The link is written in capitals, which a QR code packs at 5.5 bits a letter instead of 8: fewer and larger squares for a
telephone to see.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import segno
from segno import consts

QUIET_ZONE = 4
ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


@dataclass(frozen=True)
class QrDrawing:
    """A QR symbol as an SVG path, to be stroked one unit wide.

    `modules` is the width of the symbol itself. The path begins after a quiet zone of four modules on each side: a view box of
    `0 0 n+8 n+8` shows it, `4 4 n n` leaves it to the white paper round the symbol.
    """

    modules: int
    path: str


def draw_qr(link: str, *, digits: str = "", exact: bool = False) -> QrDrawing:
    """Draw a link as QR code of level M.

    The link is put in capitals; the server reads path and code in any case. `digits` is an optional payload of decimal digits
    that follows the link after `#`, where no server ever sees it; digits need only 3.3 bits each. Raises ValueError for a link
    with letters outside the alphanumeric set or digits that are none. `exact` keeps the letters as they are, for a page whose address
    is read in its own case only.
    """
    if exact:
        symbol = segno.make(link, error="m", boost_error=False, micro=False)
        return QrDrawing(modules=len(symbol.matrix), path=_stroke(symbol.matrix))
    capitals = link.upper()
    if not capitals or not ALPHANUMERIC.issuperset(capitals):
        raise ValueError("The link holds characters that a QR code cannot pack as capitals.")
    if digits and not (digits.isascii() and digits.isdigit()):
        raise ValueError("The payload behind the link may hold decimal digits only.")
    content: Any = capitals
    if digits:
        content = [
            (capitals, consts.MODE_ALPHANUMERIC),
            ("#", consts.MODE_BYTE),
            (digits, consts.MODE_NUMERIC),
        ]
    symbol = segno.make(content, error="m", boost_error=False, micro=False)
    return QrDrawing(modules=len(symbol.matrix), path=_stroke(symbol.matrix))


def _stroke(matrix: Iterable[Iterable[int]]) -> str:
    """Turn rows of modules into horizontal strokes: one `M x y h length` for each dark run."""
    strokes: list[str] = []
    for row, modules in enumerate(matrix):
        start: int | None = None
        for column, dark in enumerate([*modules, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                strokes.append(f"M{start + QUIET_ZONE} {row + QUIET_ZONE}.5h{column - start}")
                start = None
    return "".join(strokes)
