"""Items on lines against plain enumeration: substitutes overlap, nothing counts twice, and usable is never more than on hand."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.rules.equipment import cover_lines
from readiness.rules.inputs import ItemInput, LotInput
from readiness.standards.data import EquipmentLine

CODES = ("A", "B", "C")


def line(code: str, need: int, *, critical: bool = False) -> EquipmentLine:
    return EquipmentLine(
        code, {"en": code}, "medical", need, need, "team", "each", critical, None, "planning", "P", None, ""
    )


def item(key: int, lines: frozenset[str], *, usable: bool = True) -> ItemInput:
    return ItemInput(key, f"T-{key:02d}", lines, usable, () if usable else ("case_open",), None)


NEEDS = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 2))
ITEMS = st.lists(st.tuples(st.frozensets(st.sampled_from(CODES)), st.booleans()), max_size=6).map(
    lambda rows: [item(key, lines, usable=usable) for key, (lines, usable) in enumerate(rows)]
)


def most_by_enumeration(needs: tuple[int, ...], items: list[ItemInput]) -> int:
    """Try every way to put each item on one of its lines or on none."""
    best = 0
    for chosen in product(*([None, *sorted(one.lines)] for one in items)):
        best = max(best, sum(min(chosen.count(code), need) for code, need in zip(CODES, needs, strict=True)))
    return best


@settings(max_examples=150, deadline=None)
@given(NEEDS, ITEMS)
def test_cover_equals_enumeration_and_usable_is_never_more_than_on_hand(
    needs: tuple[int, ...], items: list[ItemInput]
) -> None:
    lines = [line(code, need) for code, need in zip(CODES, needs, strict=True)]
    found = cover_lines(lines, items, [])
    assert sum(one.on_hand for one in found) == most_by_enumeration(needs, items)
    assert sum(one.usable for one in found) == most_by_enumeration(
        needs, [one for one in items if one.usable]
    )
    for one in found:
        assert one.usable <= one.on_hand <= one.need
        assert len(one.item_ids) == one.on_hand
    named = [key for one in found for key in one.item_ids]
    assert len(named) == len(set(named))
    by_id = {one.id: one for one in items}
    assert all(one.code in by_id[key].lines for one in found for key in one.item_ids)


def test_surplus_of_one_line_covers_no_other() -> None:
    found = cover_lines([line("A", 2), line("B", 2)], [item(n, frozenset("A")) for n in range(9)], [])
    assert [(one.on_hand, one.need) for one in found] == [(2, 2), (0, 2)]


def test_critical_line_is_served_first_by_what_fits_both() -> None:
    found = cover_lines([line("A", 1), line("B", 1, critical=True)], [item(1, frozenset("AB"))], [])
    assert [one.on_hand for one in found] == [0, 1]


def test_lots_count_by_quantity_and_an_expired_one_is_on_hand_alone() -> None:
    lots = [LotInput(frozenset("A"), 150, 150), LotInput(frozenset("A"), 100, 0)]
    (found,) = cover_lines([line("A", 200)], [], lots)
    assert (found.on_hand, found.usable, found.item_ids) == (200, 150, ())


def test_what_is_usable_is_named_first_and_the_rest_says_why_not() -> None:
    items = [item(1, frozenset("A"), usable=False), item(2, frozenset("A")), item(3, frozenset("A"))]
    (found,) = cover_lines([line("A", 2)], items, [])
    assert (found.item_ids, found.reasons) == ((2, 3), ())
    (found,) = cover_lines([line("A", 3)], items, [])
    assert (found.item_ids, found.reasons) == ((1, 2, 3), (("case_open", 1),))
