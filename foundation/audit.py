"""The audit trail: who, when, what, old, new and why, in the transaction of the change itself.

Rows are append-only (the database refuses update and delete) and chained: each carries an HMAC over its own canonical
form and the hash before it, so that an altered, removed or reordered row is found. A cut-off tail is found only against an
anchor kept elsewhere, hence `read_head()`. Values of persons stand in a table beside the chain, and the chain holds
their keyed hash alone: erasing a person leaves the chain whole.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String, Text, event, insert, select, text
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column, object_session

from foundation import clock
from foundation.db import Model, Moment, db

_GENESIS = "0" * 64
_CHAIN_LOCK = 4_915_002
_key: bytes = b""
Check = Callable[[], Iterable[str]]
_checks: dict[str, Check] = {}


class AuditEntry(Model):
    """One change. `id` runs without gaps within the chain; `changes` is {field: [old, new]}, personal values hashed."""

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(Moment)
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(80), index=True)
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int | None] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
    agency_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class AuditDetail(Model):
    """A personal value that an entry speaks of, kept outside the chain so that it can be erased."""

    __tablename__ = "audit_detail"
    entry_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), ForeignKey("audit_entry.id"), index=True
    )
    field: Mapped[str] = mapped_column(String(80))
    salt: Mapped[str] = mapped_column(String(32))
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class ChainReport:
    """What a walk along the chain found: entries read, the head, and every problem in a sentence."""

    entries: int
    head: str
    problems: tuple[str, ...]


def configure(key: str) -> None:
    """Set the secret of the chain, once at start-up."""
    global _key
    _key = key.encode()


def add_check(name: str, check: Check) -> None:
    """Add another ledger to what `verify_chain` walks: a function that returns its problems in sentences."""
    _checks[name] = check


@dataclass(frozen=True)
class Change:
    """One change to be recorded: see `record` for what each field means."""

    action: str
    subject: Any
    reason: str | None = None
    changes: Mapping[str, tuple[Any, Any]] | None = None
    personal: Iterable[str] = ()
    agency_id: int | None = None


def record(
    action: str,
    subject: Any,
    *,
    actor: Any,
    reason: str | None = None,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    personal: Iterable[str] = (),
    agency_id: int | None = None,
) -> int:
    """Append one entry to the chain and return its number.

    `action` is noun:participle; `subject` a model row (flushed here when it is new); `actor` a user row or None for the
    system itself; `changes` {field: (old, new)}; `personal` names the fields whose values must be erasable; `agency_id`
    defaults to the subject's own. Writers of the chain follow one another: PostgreSQL by a lock held until the commit.
    """
    return record_many([Change(action, subject, reason, changes, personal, agency_id)], actor=actor)


def record_many(changes: Iterable[Change], *, actor: Any) -> int:
    """Append entries in their order, in two statements for thousands of them; return the last one's number."""
    session = db.session()
    listed = list(changes)
    if any(change.subject.id is None for change in listed):
        session.flush()
    entry_id, previous = _take_head(session)
    entries: list[dict[str, Any]] = []
    details: list[dict[str, Any]] = []
    for change in listed:
        entry_id += 1
        row = _entry(change, entry_id=entry_id, previous=previous, actor=actor, details=details)
        previous = row["hash"]
        entries.append(row)
    if entries:
        # Core statements: no identity map for thousands of rows.
        session.execute(insert(AuditEntry.__table__), entries)  # type: ignore[arg-type]
    if details:
        session.execute(insert(AuditDetail.__table__), details)  # type: ignore[arg-type]
    session.info["audit_head"] = (entry_id, previous)
    return entry_id


def _entry(
    change: Change, *, entry_id: int, previous: str, actor: Any, details: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the row of one change, its personal values replaced by keyed hashes and put into `details`."""
    hidden = frozenset(change.personal)
    body: dict[str, Any] = {}
    for field, (old, new) in (change.changes or {}).items():
        if field not in hidden:
            body[field] = [_plain(old), _plain(new)]
            continue
        salt = secrets.token_hex(16)
        texts = [None if value is None else str(_plain(value)) for value in (old, new)]
        body[field] = [None if value is None else _seal(salt, value) for value in texts]
        details.append({"entry_id": entry_id, "field": field, "salt": salt, "old": texts[0], "new": texts[1]})
    subject = change.subject
    agency_id = change.agency_id if change.agency_id is not None else getattr(subject, "agency_id", None)
    row = {
        "id": entry_id,
        "at": clock.now(),
        "actor_id": getattr(actor, "id", None),
        "action": change.action,
        "subject_type": subject.__tablename__,
        "subject_id": subject.id,
        "agency_id": agency_id,
        "reason": change.reason,
        "changes": body,
        "previous_hash": previous,
    }
    row["hash"] = _chain_hash(row)
    return row


def read_head() -> tuple[int, str]:
    """Return the newest entry's number and hash, for an anchor kept elsewhere."""
    row = db.session.execute(
        select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    ).first()
    return (row.id, row.hash) if row else (0, _GENESIS)


def verify_chain(*, anchor: tuple[int, str] | None = None) -> ChainReport:
    """Walk the whole chain and report altered, missing or reordered entries, and a tail cut off before the anchor.

    The floors' own ledgers are walked as well: their problems follow.
    """
    problems: list[str] = []
    expected_id, previous = 1, _GENESIS
    anchored = anchor is None or anchor[0] == 0
    rows = db.session.execute(select(AuditEntry.__table__).order_by(AuditEntry.id)).yield_per(1000)
    count = 0
    for row in rows:
        entry = dict(row._mapping)
        if entry["id"] != expected_id:
            problems.append(f"entry {expected_id} is missing (found {entry['id']})")
        if entry["previous_hash"] != previous:
            problems.append(f"entry {entry['id']} does not follow the one before it")
        if not hmac.compare_digest(_chain_hash(entry), entry["hash"]):
            problems.append(f"entry {entry['id']} was altered")
        if anchor is not None and entry["id"] == anchor[0]:
            anchored = True
            if entry["hash"] != anchor[1]:
                problems.append(f"entry {entry['id']} differs from the anchor")
        expected_id, previous, count = entry["id"] + 1, entry["hash"], count + 1
    if not anchored and anchor is not None:
        problems.append(f"the chain ends at entry {expected_id - 1}, before the anchor's entry {anchor[0]}")
    problems += _find_altered_details()
    for check in _checks.values():
        problems += check()
    return ChainReport(entries=count, head=previous, problems=tuple(problems))


def _find_altered_details() -> list[str]:
    query = select(AuditDetail, AuditEntry.changes).join(AuditEntry, AuditEntry.id == AuditDetail.entry_id)
    problems = []
    for detail, changes in db.session.execute(query.execution_options(yield_per=1000)):
        sealed = [None if value is None else _seal(detail.salt, value) for value in (detail.old, detail.new)]
        if sealed != changes.get(detail.field):
            problems.append(f"the value of {detail.field} beside entry {detail.entry_id} was altered")
    return problems


def _take_head(session: Session) -> tuple[int, str]:
    known: tuple[int, str] | None = session.info.get("audit_head")
    if known is not None:
        return known
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    with session.no_autoflush:
        return read_head()


@event.listens_for(Session, "after_transaction_end")
def _forget_head(session: Session, transaction: SessionTransaction) -> None:
    # A savepoint that is released leaves the head as it is: the lock is held, and nobody else can have written.
    if transaction.parent is None:
        session.info.pop("audit_head", None)


@event.listens_for(Session, "after_soft_rollback")
def _forget_head_of_savepoint(session: Session, _previous: Any) -> None:
    session.info.pop("audit_head", None)


def _chain_hash(row: Mapping[str, Any]) -> str:
    canonical = {
        key: _plain(row[key])
        for key in (
            "id",
            "at",
            "actor_id",
            "action",
            "subject_type",
            "subject_id",
            "agency_id",
            "reason",
            "changes",
            "previous_hash",
        )
    }
    body = json.dumps(canonical, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(_key, body.encode(), hashlib.sha256).hexdigest()


def _seal(salt: str, value: str) -> str:
    return "hmac:" + hmac.new(_key, f"{salt}|{value}".encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def changes_of(row: Any, **new: Any) -> dict[str, tuple[Any, Any]]:
    """Set attributes of a row and return only what changed, as {field: (old, new)}, ready for `record`."""
    changed = {}
    for field, value in new.items():
        old = getattr(row, field)
        if old != value:
            changed[field] = (old, value)
            setattr(row, field, value)
    assert not changed or object_session(row) is not None or row.id is None
    return changed
