"""Periodic work: each period of a declared slot is one job, however many workers look at the clock."""

from datetime import UTC, datetime

from sqlalchemy import select

from foundation import clock
from foundation.db import db, reading, transaction
from foundation.jobs.models import Job
from foundation.jobs.queue import enqueue
from foundation.jobs.registry import SLOTS, Slot

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def compute_slot_key(slot: Slot, at: datetime) -> str:
    """Return the key of the period that `at` lies in."""
    number = (at - _EPOCH - slot.offset) // slot.every
    return f"{slot.name}:{(_EPOCH + slot.offset + number * slot.every).isoformat()}"


def enqueue_due_slots() -> int:
    """Enqueue the present period of every slot that has none yet; return how many were missing.

    Looks first without the write lock: every worker asks every half minute, and nearly always nothing is
    missing.
    """
    now = clock.now()
    keys = {compute_slot_key(slot, now): slot for slot in SLOTS.values()}
    with reading():
        present = set(db.session.execute(select(Job.dedupe_key).where(Job.dedupe_key.in_(keys))).scalars())
    missing = [key for key in keys if key not in present]
    if missing:
        with transaction():
            for key in missing:
                enqueue(keys[key].name, key=key)
    return len(missing)
