"""What is frozen, the database itself keeps frozen: plain SQL over the application's own connection is refused too."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from foundation.db import db
from tests.support.inhabited import WorldApp

FROZEN = {
    "audit_entry": "reason = 'never'",
    "certificate_version": "code = 'FORGED'",
    "certificate_file": "sha256 = 'forged'",
    "mark_operation": "outcome = 'applied'",
    "person_name": "value = 'Somebody Else'",
    "standard_edition": "label = 'forged'",
    "snapshot": "sha256 = 'forged'",
    "snapshot_file": "sha256 = 'forged'",
    "medical_reason": "sealed = gate_id",
    "custody_entry": "note = 'never'",
    "deed_receipt": "reason = 'never'",
    "deed_signature": "name = 'Somebody Else'",
    "deed_file": "sha256 = 'forged'",
    "inspection": "result = 'pass'",
}


def _count(table: str) -> int:
    return db.session.execute(select(func.count()).select_from(text(table))).scalar_one()


@pytest.mark.parametrize("table", FROZEN)
def test_frozen_row_is_neither_changed_nor_deleted(inhabited: WorldApp, table: str) -> None:
    rows = _count(table)
    assert rows > 0
    statements = [f"UPDATE {table} SET id = id", f"DELETE FROM {table}"]
    if inhabited.database.kind == "sqlite":
        statements += [f"UPDATE {table} SET {FROZEN[table]}", f"REPLACE INTO {table} SELECT * FROM {table}"]
    else:
        statements += [f"TRUNCATE {table} CASCADE"]
    for statement in statements:
        try:
            with pytest.raises(DatabaseError, match="append-only"):
                db.session.execute(text(statement))
        finally:
            db.session.rollback()
    assert _count(table) == rows
    db.session.rollback()


def test_every_table_that_says_it_is_append_only_is_among_them(inhabited: WorldApp) -> None:
    frozen = {
        mapper.local_table.name
        for mapper in db.Model.registry.mappers
        if "append-only" in (mapper.class_.__doc__ or "").casefold()
    }
    assert frozen <= set(FROZEN)
