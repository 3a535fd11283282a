"""What a fill proves: where people are short, whom it cannot lose. The same for every best fill.

Source: the canonical decomposition of bipartite graphs (Dulmage and Mendelsohn, 1958). It parts the rows that some best fill
leaves short from the others, and the people whom every best fill needs from the others; neither depends on the fill one starts from.
The first part is a violation of Hall's condition: all who qualify for a row of it are in a row of it, and still posts are open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from readiness.engine.fill import Filling, bits


@dataclass(frozen=True, slots=True)
class ShortRows:
    """Rows that share one shortage, as a mask, and how many people qualify for any of them."""

    rows: int
    qualified: int


def find_bottlenecks(filling: Filling, counts: Sequence[int]) -> list[ShortRows]:
    """Return the short rows, parted where nobody qualifies for rows of both parts; `counts` are people by class."""
    parts = {row: 1 << row for row in bits(filling.short)}
    leads = {row: row for row in parts}
    qualified = dict.fromkeys(parts, 0)

    def lead_of(row: int) -> int:
        while leads[row] != row:
            leads[row] = row = leads[leads[row]]
        return row

    people_by_rows: dict[int, int] = {}
    for mask, count in zip(filling.masks, counts, strict=True):
        shared = mask & filling.short
        people_by_rows[shared] = people_by_rows.get(shared, 0) + count
    people_by_rows.pop(0, None)
    for shared, count in people_by_rows.items():
        first, *others = {lead_of(row) for row in bits(shared)}
        for other in others:
            leads[other] = first
            parts[first] |= parts.pop(other)
            qualified[first] += qualified.pop(other)
        qualified[first] += count
    return [ShortRows(rows, qualified[row]) for row, rows in parts.items()]


def find_indispensable(filling: Filling) -> list[int]:
    """Return the places of the classes of whom losing any one person lowers the fill.

    All the others can be replaced: somebody without a post can take their place, perhaps through others who change theirs.
    """
    in_row: dict[int, list[int]] = {}
    for place, taken in enumerate(filling.taken):
        for row in taken:
            in_row.setdefault(row, []).append(place)
    replaceable = [left > 0 for left in filling.left]
    waiting = [place for place, left in enumerate(filling.left) if left]
    reached = 0
    while waiting:
        mask = filling.masks[waiting.pop()]
        for row in bits(mask & ~reached):
            for place in in_row.get(row, ()):
                if not replaceable[place]:
                    replaceable[place] = True
                    waiting.append(place)
        reached |= mask
    return [place for place, replaced in enumerate(replaceable) if not replaced]
