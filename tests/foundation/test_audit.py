"""The audit trail: appended in the change's own transaction, chained, and impossible to rewrite unseen."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from accounts.models import Agency
from foundation import audit
from foundation.audit import AuditDetail, AuditEntry
from foundation.db import db
from tests.factories.accounts import make_agency, make_user


@pytest.fixture
def agency(app: Flask) -> Agency:
    agency = make_agency("CPD")
    db.session.commit()
    return agency


def record_three(agency: Agency) -> None:
    for number in range(3):
        audit.record("agency:changed", agency, actor=None, changes={"number": (number, number + 1)})
    db.session.commit()


def unguard() -> None:
    """Take the database's own guard away, as only its owner can."""
    if db.engine.dialect.name == "sqlite":
        guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'"
        for name in db.session.scalars(text(guards)).all():
            db.session.execute(text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        db.session.execute(text("ALTER TABLE audit_detail DISABLE TRIGGER USER"))


def test_entry_says_who_what_old_new_and_why(agency: Agency) -> None:
    user = make_user(agency=agency)
    number = audit.record(
        "agency:changed",
        agency,
        actor=user,
        reason="Moved.",
        changes={
            "on": (date(2026, 1, 1), None),
            "at": (None, datetime(2026, 1, 1, tzinfo=UTC)),
            "share": (Decimal("0.50"), Decimal("0.75")),
        },
    )
    db.session.commit()
    entry = db.session.get_one(AuditEntry, number)
    assert (entry.id, entry.actor_id, entry.reason) == (1, user.id, "Moved.")
    assert (entry.subject_type, entry.subject_id) == ("agency", agency.id)
    assert entry.changes == {
        "on": ["2026-01-01", None],
        "at": [None, "2026-01-01T00:00:00.000000+00:00"],
        "share": ["0.50", "0.75"],
    }


def test_entry_goes_with_the_change_when_that_is_taken_back(agency: Agency) -> None:
    audit.record("agency:changed", agency, actor=None)
    db.session.rollback()
    assert audit.read_head() == (0, "0" * 64)
    record_three(agency)
    assert audit.verify_chain().problems == ()


def test_entry_taken_back_in_a_savepoint_leaves_no_gap(agency: Agency) -> None:
    audit.record("agency:changed", agency, actor=None)
    savepoint = db.session.begin_nested()
    audit.record("agency:changed", agency, actor=None)
    savepoint.rollback()
    audit.record("agency:changed", agency, actor=None)
    db.session.commit()
    report = audit.verify_chain()
    assert (report.entries, report.problems) == (2, ())


def test_new_row_may_be_the_subject(app: Flask) -> None:
    agency = Agency(code="NEW", names={"en": "New"}, country="JO", kind="other")
    db.session.add(agency)
    audit.record("agency:registered", agency, actor=None)
    db.session.commit()
    assert db.session.scalars(select(AuditEntry.subject_id)).one() == agency.id


def test_whole_chain_verifies_and_ends_at_the_head(agency: Agency) -> None:
    record_three(agency)
    report = audit.verify_chain()
    assert (report.entries, report.problems) == (3, ())
    assert audit.read_head() == (3, report.head)


@pytest.mark.parametrize("statement", [update(AuditEntry).values(reason="x"), delete(AuditEntry)])
def test_database_refuses_to_alter_or_remove_an_entry(agency: Agency, statement: object) -> None:
    record_three(agency)
    with pytest.raises(DatabaseError):
        db.session.execute(statement)  # type: ignore[call-overload]
    db.session.rollback()
    assert audit.verify_chain().problems == ()


def test_altered_entry_is_named(agency: Agency) -> None:
    record_three(agency)
    unguard()
    db.session.execute(update(AuditEntry).where(AuditEntry.id == 2).values(reason="Another."))
    assert audit.verify_chain().problems == ("entry 2 was altered",)


def test_removed_entry_is_named(agency: Agency) -> None:
    record_three(agency)
    unguard()
    db.session.execute(delete(AuditEntry).where(AuditEntry.id == 2))
    assert "entry 2 is missing (found 3)" in audit.verify_chain().problems


def test_reordered_entries_are_found(agency: Agency) -> None:
    record_three(agency)
    unguard()
    for old, new in ((2, 99), (3, 2), (99, 3)):
        db.session.execute(update(AuditEntry).where(AuditEntry.id == old).values(id=new))
    problems = " ".join(audit.verify_chain().problems)
    assert "entry 2" in problems
    assert "entry 3" in problems


def test_cut_off_tail_is_found_against_an_anchor_alone(agency: Agency) -> None:
    record_three(agency)
    anchor = audit.read_head()
    unguard()
    db.session.execute(delete(AuditEntry).where(AuditEntry.id == 3))
    assert audit.verify_chain().problems == ()
    assert audit.verify_chain(anchor=anchor).problems == (
        "the chain ends at entry 2, before the anchor's entry 3",
    )


def test_anchor_of_another_history_is_found(agency: Agency) -> None:
    record_three(agency)
    assert audit.verify_chain(anchor=(2, "f" * 64)).problems == ("entry 2 differs from the anchor",)


def test_chain_written_with_another_key_does_not_verify(app: Flask, agency: Agency) -> None:
    record_three(agency)
    key = app.extensions["ijaza_config"].audit_key
    audit.configure("another key")
    try:
        assert len(audit.verify_chain().problems) == 3
    finally:
        audit.configure(key)


def test_personal_value_stands_beside_the_chain_and_only_its_hash_inside(agency: Agency) -> None:
    audit.record(
        "agency:changed", agency, actor=None, changes={"name": (None, "Rana Haddad")}, personal={"name"}
    )
    db.session.commit()
    assert "Rana" not in str(db.session.scalars(select(AuditEntry.changes)).one())
    assert db.session.scalars(select(AuditDetail.new)).one() == "Rana Haddad"


def test_equal_personal_values_have_different_hashes(agency: Agency) -> None:
    for _ in range(2):
        audit.record(
            "agency:changed", agency, actor=None, changes={"name": (None, "Rana")}, personal={"name"}
        )
    first, second = db.session.scalars(select(AuditEntry.changes).order_by(AuditEntry.id)).all()
    assert first["name"][1] != second["name"][1]


def test_erasing_a_personal_value_leaves_the_chain_whole(agency: Agency) -> None:
    audit.record("agency:changed", agency, actor=None, changes={"name": (None, "Rana")}, personal={"name"})
    db.session.execute(delete(AuditDetail))
    db.session.commit()
    assert audit.verify_chain().problems == ()


def test_altered_personal_value_is_found(agency: Agency) -> None:
    audit.record("agency:changed", agency, actor=None, changes={"name": (None, "Rana")}, personal={"name"})
    db.session.commit()
    unguard()
    db.session.execute(update(AuditDetail).values(new="Layla"))
    assert audit.verify_chain().problems == ("the value of name beside entry 1 was altered",)


def test_only_what_changed_is_reported(agency: Agency) -> None:
    assert audit.changes_of(agency, country="JO") == {}
    assert audit.changes_of(agency, country="ID") == {"country": ("JO", "ID")}
    assert agency.country == "ID"


def test_command_says_whether_the_trail_is_whole(app: Flask, agency: Agency) -> None:
    record_three(agency)
    runner = app.test_cli_runner()
    whole = runner.invoke(args=["audit", "verify", "--json"])
    assert (whole.exit_code, '"entries": 3' in whole.output) == (0, True)
    unguard()
    db.session.execute(update(AuditEntry).where(AuditEntry.id == 2).values(reason="Another."))
    db.session.commit()
    broken = runner.invoke(args=["audit", "verify", "--json"])
    assert (broken.exit_code, "entry 2 was altered" in broken.output) == (1, True)
