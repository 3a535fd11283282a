"""The database keeps the ledger by itself: plain SQL of the application's own connection changes nothing and forges nothing."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from equipment.ledger import CustodyKind, PartyKind, party_of
from equipment.models import CustodyEntry
from equipment.services import ledger
from equipment.services.holdings import list_held
from foundation import audit, clock
from foundation.db import db
from tests.factories.accounts import make_agency
from tests.factories.equipment import accept, hand_over, make_item, make_items, make_lot, make_signed


def last_row(chain: str) -> dict[str, object]:
    table = CustodyEntry.__table__
    query = select(table).where(table.c.chain == chain).order_by(table.c.seq.desc()).limit(1)
    row = dict(db.session.execute(query).one()._mapping)
    return row


def raw_insert(row: dict[str, object], **changes: object) -> None:
    """Write what follows a chain's last row by plain SQL, past every service."""
    values = row | {
        "seq": int(str(row["seq"])) + 1,
        "previous_hash": row["hash"],
        "hash": "f" * 64,
        "kind": CustodyKind.HANDED_OVER,
        "giver": row["receiver"],
        "giver_agency_id": row["receiver_agency_id"],
        "receiver": PartyKind.HOST,
        "receiver_agency_id": None,
        "deed_line_id": None,
    }
    values.pop("id")
    db.session.execute(insert(CustodyEntry.__table__).values(**values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("table", ["custody_entry", "audit_entry"])
def test_rows_are_neither_changed_nor_deleted(app: Flask, table: str) -> None:
    hand_over(make_agency(), [make_item()])
    db.session.commit()
    statements = [
        f"UPDATE {table} SET hash = 'forged'",
        f"UPDATE {table} SET id = id",
        f"DELETE FROM {table}",
    ]
    if db.engine.dialect.name == "sqlite":
        statements += [
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            f"REPLACE INTO {table} SELECT * FROM {table}",
            f"UPDATE OR REPLACE {table} SET id = id",
        ]
    else:
        statements += [f"TRUNCATE {table} CASCADE"]
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_what_follows_rightly_is_taken(app: Flask) -> None:
    agency, item = make_agency(), make_item()
    raw_insert(last_row(item.chain), receiver=PartyKind.AGENCY, receiver_agency_id=agency.id)
    assert [one.tag for one in list_held(agency.id, on=clock.today())[0]] == [item.tag]


@pytest.mark.parametrize("seq", [1, 3, 0, -1])
def test_number_that_does_not_follow_is_refused(app: Flask, seq: int) -> None:
    agency, item = make_agency(), make_item()
    row = last_row(item.chain)
    with pytest.raises(DatabaseError, match="the number does not follow the last one"):
        raw_insert(row, seq=seq, receiver=PartyKind.AGENCY, receiver_agency_id=agency.id)
    db.session.rollback()


def test_wrong_hash_before_is_refused(app: Flask) -> None:
    agency, item = make_agency(), make_item()
    with pytest.raises(DatabaseError, match="the hash before is not that of the last one"):
        raw_insert(
            last_row(item.chain),
            previous_hash="0" * 64,
            receiver=PartyKind.AGENCY,
            receiver_agency_id=agency.id,
        )
    db.session.rollback()


def test_day_before_the_last_one_is_refused(app: Flask) -> None:
    agency, item = make_agency(), make_item()
    with pytest.raises(DatabaseError, match="the day lies before that of the last one"):
        raw_insert(
            last_row(item.chain),
            happened_on=date(2020, 1, 1),
            receiver=PartyKind.AGENCY,
            receiver_agency_id=agency.id,
        )
    db.session.rollback()


def test_giver_who_is_not_the_holder_is_refused(app: Flask) -> None:
    holder, other = make_agency(), make_agency()
    item = make_item()
    hand_over(holder, [item])
    row = last_row(item.chain)
    for giver in (
        {"giver": PartyKind.HOST, "giver_agency_id": None},
        {"giver": PartyKind.AGENCY, "giver_agency_id": other.id},
        {"giver": PartyKind.OUTSIDE, "giver_agency_id": None, "kind": CustodyKind.RECEIVED},
    ):
        with pytest.raises(DatabaseError, match="the giver is not the holder"), db.session.begin_nested():
            raw_insert(row, **giver)


def test_giver_who_holds_less_of_a_lot_is_refused(app: Flask) -> None:
    agency, lot = make_agency(), make_lot(10)
    hand_over(agency, lots=[(lot, 4)])
    row = last_row(lot.chain)
    agency_gives = {"giver": PartyKind.AGENCY, "giver_agency_id": agency.id}
    with pytest.raises(DatabaseError, match="the giver holds less than is given"), db.session.begin_nested():
        raw_insert(row, **agency_gives, quantity=5)
    raw_insert(row, **agency_gives, quantity=4)
    assert list_held(agency.id, on=clock.today())[1] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 2},
        {"quantity": 0},
        {"chain": "item:999999", "seq": 1, "previous_hash": "0" * 64, "giver": PartyKind.OUTSIDE},
        {"receiver": PartyKind.OUTSIDE},
        {"receiver": PartyKind.AGENCY},
        {"kind": CustodyKind.RECEIVED},
        {"lot_id": 1},
    ],
    ids=str,
)
def test_entry_that_contradicts_itself_is_refused(app: Flask, changes: dict[str, object]) -> None:
    make_lot()
    agency, item = make_agency(), make_item()
    with pytest.raises(IntegrityError):
        raw_insert(
            last_row(item.chain),
            **{"receiver": PartyKind.AGENCY, "receiver_agency_id": agency.id}
            | ({"receiver_agency_id": None} if "receiver" in changes else {})
            | changes,
        )
    db.session.rollback()


def test_services_refuse_what_the_database_would_refuse(app: Flask) -> None:
    agency, item, lot = make_agency(), make_item(), make_lot(5)
    first, second = make_signed(agency, [item]), make_signed(agency, lots=[(lot, 5)])
    raw_insert(last_row(item.chain), receiver=PartyKind.AGENCY, receiver_agency_id=make_agency().id)
    with pytest.raises(ledger.NotHeld, match=f"{item.tag} is not held by the giver"):
        accept(first)
    raw_insert(last_row(lot.chain), receiver=PartyKind.AGENCY, receiver_agency_id=agency.id, quantity=1)
    with pytest.raises(ledger.NotHeld, match="holds 4, not 5"):
        accept(second)


class Owner:
    """Somebody who owns the tables: takes the guards away, writes what he likes, and puts them back."""

    def __init__(self) -> None:
        self.is_sqlite = db.engine.dialect.name == "sqlite"

    def write(self, table: str, statement: str) -> None:
        if self.is_sqlite:
            query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
            triggers = [tuple(row) for row in db.session.execute(text(query), {"table": table})]
            for name, _sql in triggers:
                db.session.execute(text(f"DROP TRIGGER {name}"))
            db.session.execute(text(statement))
            for _name, sql in triggers:
                db.session.execute(text(sql))
        else:
            db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            db.session.execute(text(statement))
            db.session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        db.session.commit()


@pytest.mark.parametrize(
    ("table", "statement", "problem"),
    [
        (
            "custody_entry",
            "UPDATE custody_entry SET note = 'quietly' WHERE chain = '{chain}' AND seq = 2",
            "custody entry {chain} no. 2 was altered",
        ),
        (
            "custody_entry",
            "UPDATE custody_entry SET happened_on = '2026-01-06' WHERE chain = '{chain}' AND seq = 2",
            "custody entry {chain} no. 2 was altered",
        ),
        (
            "custody_entry",
            "DELETE FROM custody_entry WHERE chain = '{chain}' AND seq = 2",
            "line 1 of deed {number}: 1 accepted, but the custody ledger moved 0",
        ),
        (
            "custody_entry",
            "DELETE FROM custody_entry WHERE chain = '{chain}'",
            "item {tag} has no custody entry",
        ),
        ("deed", "UPDATE deed SET content = '{{}}'", "the content of deed {number} was altered"),
        (
            "deed_signature",
            "UPDATE deed_signature SET content_hash = 'x' WHERE side = 'giver'",
            "the giver's signature on deed {number} is of another content",
        ),
        (
            "deed_receipt",
            "UPDATE deed_receipt SET accepted = 0, refused = 1, reason = 'Never' WHERE id = "
            "(SELECT min(id) FROM deed_receipt)",
            "line 1 of deed {number}: 0 accepted, but the custody ledger moved 1",
        ),
    ],
)
def test_tampering_by_the_owner_is_found_and_located(
    app: Flask, table: str, statement: str, problem: str
) -> None:
    item = make_item()
    deed = hand_over(make_agency(), [item, *make_items(2)])
    words = {"chain": item.chain, "tag": item.tag, "number": deed.number}
    db.session.commit()
    assert audit.verify_chain().problems == ()

    Owner().write(table, statement.format(**words))
    assert problem.format(**words) in ledger.verify_ledger().problems
    assert audit.verify_chain().problems == ledger.verify_ledger().problems


def test_chain_written_anew_as_a_whole_is_found_by_the_audit_trail(app: Flask) -> None:
    agency, other, item = make_agency(), make_agency(), make_item()
    deed = hand_over(agency, [item])
    row = db.session.query(CustodyEntry).filter_by(chain=item.chain, seq=2).one()
    forged = replace(row.as_entry(), receiver=party_of(other.id)).hash()
    db.session.commit()
    statement = (
        f"UPDATE custody_entry SET receiver_agency_id = {other.id}, hash = '{forged}' WHERE id = {row.id}"
    )
    Owner().write("custody_entry", statement)
    assert ledger.verify_ledger().problems == (
        f"the custody entries of deed {deed.number} are not those that the audit trail remembers",
    )


def test_command_verifies_the_ledger_and_names_the_broken_entry(app: Flask) -> None:
    item = make_item()
    db.session.commit()
    runner = app.test_cli_runner()
    assert runner.invoke(args=["equipment", "verify"]).exit_code == 0
    Owner().write("custody_entry", "UPDATE custody_entry SET by_name = 'Nobody'")
    for command in (["audit", "verify", "--json"], ["equipment", "verify", "--json"]):
        result = runner.invoke(args=command)
        assert result.exit_code == 1
        assert f"custody entry {item.chain} no. 1 was altered" in result.output
