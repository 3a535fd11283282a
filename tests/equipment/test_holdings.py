"""Who holds what as of a day: the ledger replayed, with what cases and inspections say, in few statements however much is held."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipment.ledger import HOST, OUTSIDE, Condition, CustodyKind, Entry, Party, party_of, replay
from equipment.models import CustodyEntry, Item, Lot
from equipment.services import dues, holdings, ledger
from equipment.services.holdings import list_held
from equipment.services.ledger import Movement
from foundation import clock
from foundation.db import db
from tests.factories.accounts import make_agency, make_officer
from tests.factories.equipment import (
    LONG_AGO,
    hand_over,
    make_item,
    make_items,
    make_lot,
    make_quartermaster,
    make_type,
    take_back,
)
from tests.support.statements import counted_statements

START = date(2026, 2, 1)


def at(day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo("UTC"))


def tags(agency_id: int | None, on: date) -> list[str]:
    return [item.tag for item in list_held(agency_id, on=on)[0]]


def test_holder_of_any_past_day_is_told(app: Flask) -> None:
    agency, item = make_agency(), make_item()
    with clock.frozen_at(at(START)):
        hand_over(agency, [item])
    with clock.frozen_at(at(START + timedelta(days=20))):
        take_back(agency, [item])
    assert tags(None, LONG_AGO - timedelta(days=1)) == []
    assert tags(None, LONG_AGO) == [item.tag]
    assert (tags(None, START), tags(agency.id, START)) == ([], [item.tag])
    assert tags(agency.id, START + timedelta(days=19)) == [item.tag]
    assert (tags(None, clock.today()), tags(agency.id, clock.today())) == ([item.tag], [])


def test_held_item_says_since_when_and_by_which_deed(app: Flask) -> None:
    item_type = make_type("TRIAGE-KIT", line_codes=["mcm-team:EQ-01"], inspect_every_months=3)
    agency, item = make_agency(), make_item(item_type=item_type)
    with clock.frozen_at(at(START)):
        deed = hand_over(agency, [item])
    held = list_held(agency.id, on=START)[0][0]
    assert held == holdings.HeldItem(
        item_id=item.id,
        tag=item.tag,
        serial=item.serial,
        type_code="TRIAGE-KIT",
        type_names=item_type.names,
        line_codes=("mcm-team:EQ-01",),
        agency_id=agency.id,
        since=START,
        deed_number=deed.number,
        condition="A",
        usable=True,
        reasons=(),
        inspection_due_on=date(2026, 4, 5),
    )


def test_expired_lot_has_no_usable_quantity(app: Flask) -> None:
    agency, lot = make_agency(), make_lot(50, expires_on=START + timedelta(days=30))
    with clock.frozen_at(at(START)):
        hand_over(agency, lots=[(lot, 20)])
    last, after = START + timedelta(days=30), START + timedelta(days=31)
    assert [(one.quantity, one.usable_quantity) for one in list_held(agency.id, on=last)[1]] == [(20, 20)]
    assert [(one.quantity, one.usable_quantity) for one in list_held(agency.id, on=after)[1]] == [(20, 0)]


def test_what_is_held_costs_the_same_number_of_statements_for_three_and_for_thirty(app: Flask) -> None:
    few, many = make_agency(), make_agency()
    item_type = make_type(inspect_every_months=6)
    hand_over(few, make_items(3, item_type=item_type, on=clock.today()), lots=[(make_lot(9), 9)])
    hand_over(
        many, make_items(30, item_type=item_type, on=clock.today()), lots=[(make_lot(9), 9) for _ in range(9)]
    )
    counts, on = [], clock.today()
    for agency_id in (few.id, many.id):
        with counted_statements() as statements:
            list_held(agency_id, on=on)
        counts.append(len(statements))
    assert counts == [7, 7]


moves = st.lists(
    st.tuples(
        st.integers(0, 4),  # which thing: three items, two lots
        st.integers(0, 4),  # from whom
        st.integers(0, 4),  # to whom
        st.integers(1, 40),
        st.integers(0, 3),  # days after the one before
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_ledger_replayed_to_a_day_is_what_is_held_on_that_day(
    app: Flask, moves: list[tuple[int, int, int, int, int]]
) -> None:
    agencies = [make_agency() for _ in range(3)]
    parties = [OUTSIDE, HOST, *(party_of(agency.id) for agency in agencies)]
    things: list[Item | Lot] = [*make_items(3, on=START), make_lot(60, on=START), make_lot(5, on=START)]
    day = START
    for which, giver, receiver, quantity, later in moves:
        day += timedelta(days=later)
        _try_to_move(things[which], parties[giver], parties[receiver], quantity, day)

    table: dict[str, list[Entry]] = {}
    for row in db.session.query(CustodyEntry).order_by(CustodyEntry.chain, CustodyEntry.seq):
        table.setdefault(row.chain, []).append(row.as_entry())
    for on in (START, START + timedelta(days=(day - START).days // 2), day):
        for party in parties[1:]:
            items, lots = list_held(party.agency_id, on=on)
            for thing in things:
                expected = replay(table[thing.chain], until=on)[party]
                if isinstance(thing, Item):
                    assert [one.item_id for one in items].count(thing.id) == expected
                else:
                    assert sum(one.quantity for one in lots if one.lot_id == thing.id) == expected
    for thing in things:
        sums: Counter[str] = Counter()
        for one in table[thing.chain]:
            sums["in"] += one.quantity * (one.giver == OUTSIDE)
            sums["out"] += one.quantity * (one.receiver == OUTSIDE)
        assert sum(replay(table[thing.chain]).values()) == sums["in"] - sums["out"]
    assert ledger.verify_ledger().problems == ()
    db.session.rollback()


def _try_to_move(thing: Item | Lot, giver: Party, receiver: Party, quantity: int, day: date) -> None:
    if giver == receiver:
        return
    kind = CustodyKind.HANDED_OVER
    if giver == OUTSIDE:
        kind = CustodyKind.RECEIVED
    elif receiver == OUTSIDE:
        kind = CustodyKind.CONSUMED
    count = 1 if isinstance(thing, Item) else quantity
    try:
        ledger.append(
            [Movement(thing, kind, giver, receiver, Condition.SERVICEABLE, quantity=count)],
            happened_on=day,
            actor=None,
        )
    except ledger.NotHeld:
        return


def test_officer_lists_what_his_agency_holds_and_no_more(app: Flask) -> None:
    ours, theirs = make_agency(), make_agency()
    mine, gone, foreign = make_items(3)
    hand_over(ours, [mine, gone])
    hand_over(theirs, [foreign])
    take_back(ours, [gone])
    hand_over(theirs, [gone])
    officer = make_officer(ours)
    assert [row.tag for row in db.session.execute(holdings.query_items(officer))] == [mine.tag]
    assert holdings.get_standing(mine, on=clock.today(), viewer=officer).holder == party_of(ours.id)
    assert holdings.get_standing(gone, on=clock.today(), viewer=officer).holder is None
    assert [one.kind.value for one in holdings.list_entries(gone, officer)] == ["returned", "handed_over"]
    assert len(holdings.list_entries(gone, make_quartermaster())) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [("kit", {"K-0001", "K-0002"}), ("K-0002", {"K-0002"}), ("فرز", {"K-0001", "K-0002"}), ("%", set())],
)
def test_items_are_found_by_tag_and_by_type_in_any_language(app: Flask, text: str, found: set[str]) -> None:
    names = {"en": "Triage kit", "ar": "حقيبة فرز", "fr": "Trousse de triage"}
    make_items(2, item_type=make_type("TRIAGE-KIT", tag_prefix="K", names=names))
    make_item()
    rows = db.session.execute(holdings.query_items(make_quartermaster(), text=text))
    assert {row.tag for row in rows} == found


def test_items_are_listed_by_holder_and_type(app: Flask) -> None:
    agency, item_type = make_agency(), make_type("RADIO")
    held, kept = make_items(2, item_type=item_type)
    make_item()
    hand_over(agency, [held])
    viewer = make_quartermaster()

    def listed(**filters: object) -> list[str]:
        rows = db.session.execute(holdings.query_items(viewer, **filters))  # type: ignore[arg-type]
        return sorted(row.tag for row in rows)

    assert listed(item_type="RADIO") == [held.tag, kept.tag]
    assert listed(item_type="RADIO", holder=HOST) == [kept.tag]
    assert listed(holder=party_of(agency.id)) == [held.tag]


def test_items_not_returned_in_time_are_counted_by_deed(app: Flask) -> None:
    agency, items = make_agency(), make_items(3)
    due = START + timedelta(days=5)
    with clock.frozen_at(at(START)):
        deed = hand_over(agency, items, return_due_on=due)
        hand_over(make_agency(), [make_item()])
    with clock.frozen_at(at(START + timedelta(days=9))):
        take_back(agency, items[:1])
    expected = [dues.DueReturn(deed.id, str(deed.number), due, 2)]
    assert dues.list_due_returns(make_quartermaster(), until=due) == expected
    assert dues.list_due_returns(make_officer(agency), until=due) == expected
    assert dues.list_due_returns(make_officer(make_agency()), until=due) == []
    assert dues.list_due_returns(make_quartermaster(), until=due - timedelta(days=1)) == []
