"""Items on lines: each item counts for one line, no surplus of one line covers another, and only what is usable counts as usable.

Lines are rows and equal items are classes, so the engine that fills posts fills lines as well, exactly where substitutes overlap.
"""

from collections import Counter
from collections.abc import Sequence

from readiness.assessment import EquipmentResult
from readiness.engine.fill import Filling, fill
from readiness.engine.grouping import Demand
from readiness.rules.inputs import ItemInput, LotInput
from readiness.standards.data import EquipmentLine

NO_REASON = "other"


def cover_lines(
    lines: Sequence[EquipmentLine], items: Sequence[ItemInput], lots: Sequence[LotInput]
) -> tuple[EquipmentResult, ...]:
    """Return each line with what is on hand and usable of it. Critical lines are served first, then in the standard's order."""
    order = sorted(range(len(lines)), key=lambda place: (not lines[place].critical, place))
    row_of = {lines[place].code: row for row, place in enumerate(order)}
    most = sum(line.need for line in lines)
    on_hand = _fill(lines, order, row_of, items, [(lot.lines, min(lot.quantity, most)) for lot in lots])
    usable = _fill(
        lines,
        order,
        row_of,
        [item for item in items if item.usable],
        [(lot.lines, min(lot.usable, most)) for lot in lots],
    )
    assigned = _assign(on_hand, items, row_of)
    results = []
    for place, line in enumerate(lines):
        row = row_of[line.code]
        here = assigned.get(row, [])
        why: Counter[str] = Counter()
        for item in here:
            if not item.usable:
                why.update(item.reasons or (NO_REASON,))
        results.append(
            EquipmentResult(
                code=line.code,
                names=line.names,
                category=line.category,
                unit=line.unit,
                need=line.need,
                on_hand=on_hand.filled[order.index(place)],
                usable=usable.filled[order.index(place)],
                critical=line.critical,
                item_ids=tuple(sorted(item.id for item in here)),
                reasons=tuple(sorted(why.items())),
                basis=line.basis,
                source=line.source,
            )
        )
    return tuple(results)


def _mask(codes: frozenset[str], row_of: dict[str, int]) -> int:
    return sum(1 << row_of[code] for code in codes if code in row_of)


def _fill(
    lines: Sequence[EquipmentLine],
    order: Sequence[int],
    row_of: dict[str, int],
    items: Sequence[ItemInput],
    lots: Sequence[tuple[frozenset[str], int]],
) -> Filling:
    classes: Counter[int] = Counter()
    for item in items:
        classes[_mask(item.lines, row_of)] += 1
    for codes, quantity in lots:
        classes[_mask(codes, row_of)] += quantity
    classes.pop(0, None)
    demands = [Demand(row, lines[place].need) for row, place in enumerate(order)]
    return fill(demands, {mask: count for mask, count in classes.items() if count}, rows=len(order))


def _assign(
    filling: Filling, items: Sequence[ItemInput], row_of: dict[str, int]
) -> dict[int, list[ItemInput]]:
    """Name the items of each row: those that can be used first, then by their tags."""
    by_mask: dict[int, list[ItemInput]] = {}
    for item in sorted(items, key=lambda item: (not item.usable, item.tag, item.id)):
        by_mask.setdefault(_mask(item.lines, row_of), []).append(item)
    assigned: dict[int, list[ItemInput]] = {}
    for mask, taken in zip(filling.masks, filling.taken, strict=True):
        waiting, at = by_mask.get(mask, []), 0
        for row, count in sorted(taken.items()):
            assigned.setdefault(row, []).extend(waiting[at : at + count])
            at += count
    return assigned
