"""The pure rules of the ledger: the canonical form, replay, and the search for faults."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipment.ledger import (
    GENESIS,
    HOST,
    OUTSIDE,
    Condition,
    CustodyKind,
    Entry,
    Party,
    find_faults,
    party_of,
    replay,
)

DAY = date(2026, 3, 1)
FIRST, SECOND = party_of(1), party_of(2)
# SHA-256 of the canonical form below, computed once by hand with another program: a change of the form would break every chain.
KNOWN_FORM = (
    '{"by_name":"سعاد","by_user_id":7,"chain":"item:12","condition":"B","deed_line_id":null,"giver":"outside",'
    '"happened_on":"2026-03-01","kind":"received","note":"as new","previous_hash":"'
    + GENESIS
    + '","quantity":1,'
    '"receiver":"host","recorded_at":"2026-03-01T09:30:00.000000+00:00","seq":1}'
)


def entry(seq: int, giver: Party, receiver: Party, quantity: int = 1, *, days: int = 0) -> Entry:
    return Entry(
        chain="lot:1",
        seq=seq,
        kind=CustodyKind.RECEIVED if giver == OUTSIDE else CustodyKind.HANDED_OVER,
        giver=giver,
        receiver=receiver,
        quantity=quantity,
        happened_on=DAY + timedelta(days=days),
        recorded_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        deed_line_id=None,
        condition=Condition.SERVICEABLE,
        note=None,
        by_user_id=7,
        by_name="Souad",
        previous_hash="",
    )


def chained(*entries: Entry) -> list[tuple[Entry, str]]:
    rows: list[tuple[Entry, str]] = []
    previous = GENESIS
    for one in entries:
        one = replace(one, previous_hash=previous)
        previous = one.hash()
        rows.append((one, previous))
    return rows


def sound() -> list[tuple[Entry, str]]:
    return chained(
        entry(1, OUTSIDE, HOST, 10), entry(2, HOST, FIRST, 6, days=1), entry(3, FIRST, HOST, 2, days=3)
    )


def test_canonical_form_is_fixed() -> None:
    one = replace(
        entry(1, OUTSIDE, HOST), chain="item:12", note="as new", by_name="سعاد", previous_hash=GENESIS
    )
    assert one.canonical().decode() == KNOWN_FORM


def test_hash_does_not_depend_on_the_zone_in_which_a_moment_is_given() -> None:
    one = entry(1, OUTSIDE, HOST)
    elsewhere = replace(one, recorded_at=one.recorded_at.astimezone(timezone(timedelta(hours=3))))
    assert elsewhere.hash() == one.hash()


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 9},
        {"receiver": SECOND},
        {"giver": FIRST},
        {"happened_on": DAY + timedelta(days=2)},
        {"recorded_at": datetime(2026, 3, 1, 9, 30, 1, tzinfo=UTC)},
        {"note": "something"},
        {"by_name": "Somebody"},
        {"by_user_id": 8},
        {"condition": Condition.AS_NEW},
        {"deed_line_id": 4},
        {"kind": CustodyKind.RETURNED},
    ],
    ids=lambda change: next(iter(change)),
)
def test_altered_entry_is_found_and_named(change: dict[str, object]) -> None:
    rows = sound()
    rows[1] = (replace(rows[1][0], **change), rows[1][1])  # type: ignore[arg-type]
    assert "custody entry lot:1 no. 2 was altered" in find_faults(rows)


def test_sound_chain_has_no_faults() -> None:
    assert find_faults(sound()) == []


def test_missing_entry_is_found_and_named() -> None:
    rows = sound()
    assert find_faults([rows[0], rows[2]])[0] == "custody entry lot:1 no. 2 is missing (found no. 3)"


def test_entry_written_anew_with_its_own_hash_breaks_the_one_after_it() -> None:
    rows = sound()
    forged = replace(rows[1][0], quantity=9)
    rows[1] = (forged, forged.hash())
    assert find_faults(rows) == ["custody entry lot:1 no. 3 does not follow the one before it"]


def test_giver_who_does_not_hold_what_he_gives_is_found() -> None:
    rows = chained(entry(1, OUTSIDE, HOST, 5), entry(2, HOST, FIRST, 6))
    assert find_faults(rows) == ["custody entry lot:1 no. 2 gives what host did not hold"]


def test_days_that_run_backwards_are_found() -> None:
    rows = chained(entry(1, OUTSIDE, HOST, 5, days=2), entry(2, HOST, FIRST, 1, days=1))
    assert find_faults(rows) == ["custody entry lot:1 no. 2 is dated before the one before it"]


def test_replay_stops_at_the_day_asked_about() -> None:
    entries = [one for one, _hash in sound()]
    assert replay(entries, until=DAY - timedelta(days=1)) == {}
    assert replay(entries, until=DAY) == {HOST: 10}
    assert replay(entries, until=DAY + timedelta(days=2)) == {HOST: 4, FIRST: 6}
    assert replay(entries) == {HOST: 6, FIRST: 4}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([OUTSIDE, HOST, FIRST, SECOND]),
            st.sampled_from([OUTSIDE, HOST, FIRST, SECOND]),
            st.integers(1, 20),
        ),
        max_size=30,
    )
)
def test_nothing_comes_from_nowhere_and_nothing_gets_lost(moves: list[tuple[Party, Party, int]]) -> None:
    held: dict[Party, int] = {}
    kept: list[Entry] = []
    came_in = went_out = 0
    for giver, receiver, quantity in moves:
        if giver == receiver or (giver != OUTSIDE and held.get(giver, 0) < quantity):
            continue
        held[giver] = held.get(giver, 0) - quantity
        held[receiver] = held.get(receiver, 0) + quantity
        came_in += quantity * (giver == OUTSIDE)
        went_out += quantity * (receiver == OUTSIDE)
        kept.append(entry(len(kept) + 1, giver, receiver, quantity))
    assert find_faults(chained(*kept)) == []
    assert sum(replay(kept).values()) == came_in - went_out
