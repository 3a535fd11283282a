"""The two signatures: sums of each line, what moves and what stays, one acceptance however often it is sent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from accounts.models import Agency
from accounts.permissions import Role
from equipment.ledger import HOST, Condition, party_of
from equipment.models import (
    CaseKind,
    CaseState,
    CustodyEntry,
    Deed,
    DeedKind,
    DeedReceipt,
    DeedSignature,
    DeedState,
    EquipmentCase,
)
from equipment.services import deeds, ledger
from equipment.services.deeds import (
    BadCount,
    BadSignature,
    Count,
    DeedClosed,
    HashDiffers,
    Signature,
    SignatureMissing,
)
from equipment.services.holdings import find_holder, list_held
from foundation import clock
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.errors import Forbidden
from tests.factories.accounts import make_agency, make_user
from tests.factories.equipment import (
    STROKES,
    accept,
    count_all,
    hand_over,
    hash_of,
    make_issued,
    make_item,
    make_items,
    make_lot,
    make_quartermaster,
    make_signed,
    signature,
)
from tests.support.at_once import at_once
from tests.support.statements import counted_statements


def count_rows(model: type) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def quantities(agency: Agency | None) -> list[int]:
    return [lot.quantity for lot in list_held(agency.id if agency else None, on=clock.today())[1]]


def test_twelve_items_and_two_hundred_tags_go_out_on_one_deed(app: Flask) -> None:
    agency = make_agency("CPD")
    deed = accept(make_signed(agency, make_items(12), lots=[(make_lot(500), 200)]))

    items, _lots = list_held(agency.id, on=clock.today())
    assert deed.state is DeedState.CLOSED
    assert len(items) == 12
    assert all(item.usable and item.deed_number == deed.number for item in items)
    assert (quantities(agency), quantities(None)) == ([200], [300])
    assert [one.side.value for one in deed.signatures] == ["giver", "receiver"]
    assert {one.content_hash for one in deed.signatures} == {deed.content_hash}
    assert ledger.verify_ledger().problems == ()


def test_of_ten_issued_seven_are_accepted_two_refused_and_one_is_missing(app: Flask) -> None:
    agency = make_agency()
    deed = make_signed(agency, lots=[(make_lot(10), 10)])
    line = deed.lines[0]
    accept(deed, [Count(line.id, 7, refused=2, missing=1, reason="Two wet, one not in the box")])

    assert (quantities(agency), quantities(None)) == ([7], [3])
    assert line.receipt is not None
    assert (line.receipt.accepted, line.receipt.refused, line.receipt.missing) == (7, 2, 1)
    assert make_issued(agency, lots=[(line.thing, 3)]).state is DeedState.ISSUED


def test_counts_that_do_not_add_up_are_refused_by_line(app: Flask) -> None:
    deed = make_signed(None, [make_item()], lots=[(make_lot(10), 10)])
    first, second = deed.lines
    counts = [Count(first.id, 1), Count(second.id, 8, refused=2, missing=1, reason="Wet")]
    with pytest.raises(BadCount, match="Line 2: .* add up to 10, not to 11") as refused:
        accept(deed, counts)
    assert (refused.value.field, refused.value.status) == ("line_2", 422)
    assert count_rows(DeedReceipt) == 0


@pytest.mark.parametrize("count", [Count(0, 9, refused=1), Count(0, 9, missing=1, reason="  ")])
def test_what_is_refused_or_missing_needs_a_reason(app: Flask, count: Count) -> None:
    deed = make_signed(None, lots=[(make_lot(10), 10)])
    with pytest.raises(BadCount, match="say why"):
        accept(deed, [replace(count, line_id=deed.lines[0].id)])


@pytest.mark.parametrize(
    "counts",
    [
        [],
        [Count(0, 10), Count(0, 10)],
        [Count(0, 10), Count(-1, 1)],
        [Count(0, 11, refused=-1, reason="Odd")],
    ],
)
def test_each_line_is_counted_once_and_never_below_zero(app: Flask, counts: list[Count]) -> None:
    deed = make_signed(None, lots=[(make_lot(10), 10)])
    line_id = deed.lines[0].id
    with pytest.raises(BadCount):
        accept(deed, [replace(one, line_id=line_id if one.line_id == 0 else 999_999) for one in counts])


@pytest.mark.parametrize(
    ("accepted", "refused", "missing", "reason"),
    [(8, 2, 1, "'Wet'"), (9, 1, 0, "NULL"), (11, -1, 0, "'Odd'")],
)
def test_database_itself_keeps_the_sums(
    app: Flask, accepted: int, refused: int, missing: int, reason: str
) -> None:
    deed = make_signed(None, lots=[(make_lot(10), 10)])
    db.session.commit()
    for quantity in (10, accepted + refused + missing):
        with pytest.raises(IntegrityError):
            db.session.execute(
                text(
                    "INSERT INTO deed_receipt (agency_id, deed_line_id, quantity, accepted, refused, missing, reason,"
                    " condition_received, recorded_at) VALUES"
                    f" (:agency, :line, :quantity, :accepted, :refused, :missing, {reason}, 'A', CURRENT_TIMESTAMP)"
                ),
                {
                    "agency": deed.agency_id,
                    "line": deed.lines[0].id,
                    "quantity": quantity,
                    "accepted": accepted,
                    "refused": refused,
                    "missing": missing,
                },
            )
        db.session.rollback()


def test_acceptance_sent_twice_writes_one_set_of_entries(app: Flask) -> None:
    actor = make_quartermaster()
    deed = make_signed(None, make_items(3), actor=actor)
    first = accept(deed, actor=actor)
    entries, audited = count_rows(CustodyEntry), count_rows(AuditEntry)
    second = accept(deed, actor=actor)
    assert second is first
    assert (count_rows(CustodyEntry), count_rows(AuditEntry)) == (entries, audited)
    assert count_rows(DeedReceipt) == 3


def test_another_acceptance_of_a_closed_deed_is_refused(app: Flask) -> None:
    deed = make_signed(None, [make_item()])
    accept(deed)
    with pytest.raises(DeedClosed):
        accept(deed, signature=signature("Somebody Else"))
    with pytest.raises(DeedClosed):
        accept(deed, [Count(deed.lines[0].id, 0, refused=1, reason="Changed my mind")])


def test_two_acceptances_at_once_write_one_set_of_entries(app: Flask) -> None:
    actor = make_quartermaster()
    deed = make_signed(None, make_items(4), lots=[(make_lot(9), 9)], actor=actor)
    deed_id, actor_id = deed.id, actor.id
    before = count_rows(CustodyEntry)
    db.session.commit()

    def act() -> str:
        actor_now = db.session.get_one(type(actor), actor_id)
        return accept(db.session.get_one(Deed, deed_id), actor=actor_now).state.value

    assert at_once(app, act, act, act) == ["closed", "closed", "closed"]
    db.session.rollback()
    assert count_rows(CustodyEntry) == before + 5
    assert (count_rows(DeedReceipt), count_rows(DeedSignature)) == (5, 2)
    assert ledger.verify_ledger().problems == ()


def test_different_acceptances_at_once_close_the_deed_once(app: Flask) -> None:
    actor = make_quartermaster()
    deed = make_signed(None, lots=[(make_lot(9), 9)], actor=actor)
    deed_id, line_id, actor_id = deed.id, deed.lines[0].id, actor.id
    db.session.commit()

    def act(accepted: int) -> int:
        counts = [Count(line_id, accepted, missing=9 - accepted, reason="Counted")]
        accept(db.session.get_one(Deed, deed_id), counts, actor=db.session.get_one(type(actor), actor_id))
        return accepted

    results = at_once(app, lambda: act(9), lambda: act(5))
    assert sum(isinstance(result, DeedClosed) for result in results) == 1
    won = next(result for result in results if isinstance(result, int))
    db.session.rollback()
    assert [row.accepted for row in db.session.query(DeedReceipt)] == [won]


def test_what_was_seen_in_another_state_is_not_signed(app: Flask) -> None:
    actor = make_quartermaster()
    deed = make_issued(None, [make_item()], actor=actor)
    with pytest.raises(HashDiffers) as refused:
        deeds.sign_giver(deed, signature=signature(), seen_hash="0" * 64, actor=actor)
    assert refused.value.status == 409
    deeds.sign_giver(deed, signature=signature(), seen_hash=hash_of(deed), actor=actor)
    with pytest.raises(HashDiffers):
        accept(deed, seen_hash="0" * 64)
    assert deed.state is DeedState.ISSUED


def test_giver_signs_first_and_once(app: Flask) -> None:
    actor = make_quartermaster()
    deed = make_issued(None, [make_item()], actor=actor)
    with pytest.raises(SignatureMissing):
        accept(deed)
    first = deeds.sign_giver(deed, signature=signature(), seen_hash=hash_of(deed), actor=actor)
    again = deeds.sign_giver(deed, signature=signature(), seen_hash=hash_of(deed), actor=actor)
    assert again is first
    with pytest.raises(DeedClosed):
        deeds.sign_giver(deed, signature=signature("Another"), seen_hash=hash_of(deed), actor=actor)


def test_draft_and_void_deed_take_no_signature(app: Flask) -> None:
    actor = make_quartermaster()
    deed = make_issued(None, [make_item()], actor=actor)
    deeds.void_deed(deed, reason="Wrong list", actor=actor)
    with pytest.raises(DeedClosed):
        deeds.sign_giver(deed, signature=signature(), seen_hash=hash_of(deed), actor=actor)
    with pytest.raises(DeedClosed):
        accept(deed)


@pytest.mark.parametrize(
    "bad",
    [
        Signature("", None, STROKES),
        Signature("Dot", None, [[[500, 500, 0]]]),
        Signature("Nothing", None, []),
        Signature("Outside", None, [[[0, 0, 0], [1001, 500, 9]]]),
        Signature("Backwards", None, [[[0, 0, 0], [900, 500, -9]]]),
        Signature("Two numbers", None, [[[0, 0], [900, 500]]]),
        Signature("Words", None, [[["x", 0, 0], [900, 500, 9]]]),  # type: ignore[list-item]
        Signature("Yes", None, [[[True, 0, 0], [900, 500, 9]]]),
        Signature("Scribble", None, [[[n % 900, 5, n] for n in range(20_001)]]),
    ],
    ids=lambda one: one.name,
)
def test_signature_is_a_name_and_a_drawing(app: Flask, bad: Signature) -> None:
    deed = make_signed(None, [make_item()])
    with pytest.raises(BadSignature):
        accept(deed, signature=bad)


def test_killed_half_way_leaves_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    deed = make_signed(None, make_items(3))
    deed_id, before = deed.id, count_rows(CustodyEntry)
    db.session.commit()

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("equipment.services.signing._open_cases", die)
    with pytest.raises(KeyboardInterrupt):
        accept(deed)
    db.session.rollback()
    assert db.session.get_one(Deed, deed_id).state is DeedState.ISSUED
    assert (count_rows(CustodyEntry), count_rows(DeedReceipt), count_rows(DeedSignature)) == (before, 0, 1)


def test_late_entry_keeps_the_day_and_the_moment(app: Flask) -> None:
    agency, item = make_agency(), make_item()
    with clock.frozen_at(clock.now() - timedelta(days=10)):
        deed = make_signed(agency, [item])
    day = clock.today() - timedelta(days=4)
    accept(deed, happened_on=day)
    entry = db.session.query(CustodyEntry).order_by(CustodyEntry.id.desc()).first()
    assert entry is not None
    assert entry.happened_on == day
    assert entry.recorded_at.date() > day
    assert list_held(agency.id, on=day - timedelta(days=1))[0] == []
    assert len(list_held(agency.id, on=day)[0]) == 1
    assert list_held(agency.id, on=day, known_at=entry.recorded_at - timedelta(seconds=1))[0] == []


@pytest.mark.parametrize("days", [-1, 2])
def test_acceptance_lies_neither_before_the_issue_nor_in_the_future(app: Flask, days: int) -> None:
    deed = make_signed(None, [make_item()])
    with pytest.raises(ledger.BadDay):
        accept(deed, happened_on=clock.today() + timedelta(days=days))


def test_return_brings_many_items_back_on_one_list(app: Flask) -> None:
    agency, items, lot = make_agency(), make_items(5), make_lot(50)
    hand_over(agency, items, lots=[(lot, 50)])
    deed = make_signed(agency, items, lots=[(lot, 20)], kind=DeedKind.RETURN)
    assert deed.content is not None
    assert deed.content["giver"]["code"] == agency.code
    accept(deed)
    assert {find_holder(item) for item in items} == {HOST}
    assert (quantities(agency), quantities(None)) == ([30], [20])


def test_return_of_a_damaged_item_opens_a_case(app: Flask) -> None:
    agency, (whole, broken) = make_agency(), make_items(2)
    hand_over(agency, [whole, broken])
    deed = make_signed(agency, [whole, broken], kind=DeedKind.RETURN)
    counts = [
        Count(line.id, 1, reason="Display broken", condition=Condition.UNSERVICEABLE)
        if line.item is broken
        else Count(line.id, 1)
        for line in deed.lines
    ]
    accept(deed, counts)
    case = db.session.query(EquipmentCase).one()
    assert (case.item, case.kind, case.state) == (broken, CaseKind.DAMAGED, CaseState.OPEN)
    assert (case.circumstances, case.agency_id) == ("Display broken", None)
    held = {one.tag: one for one in list_held(None, on=clock.today())[0]}
    assert held[whole.tag].usable
    assert (held[broken.tag].condition, held[broken.tag].reasons) == ("D", ("case_open", "condition"))


def test_missing_item_of_a_return_stays_with_the_agency_and_is_a_case(app: Flask) -> None:
    agency, item = make_agency(), make_item()
    hand_over(agency, [item])
    deed = make_signed(agency, [item], kind=DeedKind.RETURN)
    accept(deed, [Count(deed.lines[0].id, 0, missing=1, reason="Not in the box")])
    case = db.session.query(EquipmentCase).one()
    assert (case.kind, case.agency_id, case.deed_line_id) == (CaseKind.LOST, agency.id, deed.lines[0].id)
    assert find_holder(item) == party_of(agency.id)
    assert list_held(agency.id, on=clock.today())[0][0].reasons == ("case_open",)


def test_only_a_quartermaster_takes_signatures(app: Flask) -> None:
    agency = make_agency()
    deed = make_signed(agency, [make_item()])
    for actor in (make_user(Role.PROGRAMME_MANAGER), make_user(Role.AGENCY_OFFICER, agency=agency)):
        with pytest.raises(Forbidden):
            accept(deed, actor=actor)


def test_acceptance_is_audited_with_its_sums_and_a_digest_of_the_entries(app: Flask) -> None:
    deed = make_signed(None, [make_item()], lots=[(make_lot(10), 10)])
    accept(deed, [Count(deed.lines[0].id, 1), Count(deed.lines[1].id, 9, missing=1, reason="Short")])
    entry = db.session.query(AuditEntry).filter_by(action="deed:accepted").one()
    assert entry.agency_id == deed.agency_id
    assert [entry.changes[key][1] for key in ("accepted", "refused", "missing")] == [10, 0, 1]
    assert len(entry.changes["custody"][1]) == 64


@pytest.mark.parametrize("table", ["deed_receipt", "deed_signature"])
def test_receipts_and_signatures_are_not_changed_by_plain_sql(app: Flask, table: str) -> None:
    accept(make_signed(None, [make_item()]))
    db.session.commit()
    statements = [f"UPDATE {table} SET agency_id = agency_id", f"DELETE FROM {table}"]
    if db.engine.dialect.name == "sqlite":
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        statements.append(f"TRUNCATE {table} CASCADE")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_number_of_statements_of_an_acceptance_does_not_grow_with_the_lines(app: Flask) -> None:
    def statements(lines: int) -> int:
        actor = make_quartermaster()
        deed = make_signed(None, make_items(lines), actor=actor)
        db.session.commit()
        loaded = db.session.get_one(Deed, deed.id)
        counts, seen = count_all(loaded), hash_of(loaded)
        db.session.commit()
        with counted_statements() as counted:
            deeds.accept_deed(loaded, receipts=counts, signature=signature(), seen_hash=seen, actor=actor)
        return len(counted)

    assert statements(30) == statements(3)
