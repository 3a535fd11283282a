"""The rules of the custody ledger, pure: the canonical form of an entry, its hash, and what a chain of entries adds up to.

Each item and each lot has a chain of its own, numbered from 1 without gaps; an entry's hash covers its content and the hash
before it. The database keeps the same rules by triggers (migration 0006); this is what they are checked
against. A chain's days never run backwards, so that "as of a day" has one answer: the entries up to that day.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

GENESIS = "0" * 64


class PartyKind(StrEnum):
    """Who can hold something: the host's own store, a partner agency, or nobody of ours (suppliers, what was used up)."""

    HOST = "host"
    AGENCY = "agency"
    OUTSIDE = "outside"


class CustodyKind(StrEnum):
    """What moved something from one holder to the next."""

    RECEIVED = "received"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    CONSUMED = "consumed"
    WRITTEN_OFF = "written_off"


class Condition(StrEnum):
    """The state of a thing: A as new, B serviceable, C with limits, D to be repaired, E beyond repair, U not looked at."""

    AS_NEW = "A"
    SERVICEABLE = "B"
    LIMITED = "C"
    UNSERVICEABLE = "D"
    BEYOND_REPAIR = "E"
    UNKNOWN = "U"


@dataclass(frozen=True, order=True)
class Party:
    """A holder; an agency is named by its row."""

    kind: PartyKind
    agency_id: int | None = None

    @property
    def key(self) -> str:
        """The holder in one word, as the ledger hashes it: host, outside, agency:12."""
        return self.kind.value if self.agency_id is None else f"{self.kind.value}:{self.agency_id}"


HOST = Party(PartyKind.HOST)
OUTSIDE = Party(PartyKind.OUTSIDE)


def party_of(agency_id: int | None) -> Party:
    """Return the party of an agency, or of the host's store for None."""
    return HOST if agency_id is None else Party(PartyKind.AGENCY, agency_id)


@dataclass(frozen=True)
class Entry:
    """One movement as it is hashed; `note` and `deed_line_id` may be missing."""

    chain: str
    seq: int
    kind: CustodyKind
    giver: Party
    receiver: Party
    quantity: int
    happened_on: date
    recorded_at: datetime
    deed_line_id: int | None
    condition: Condition
    note: str | None
    by_user_id: int | None
    by_name: str
    previous_hash: str

    def canonical(self) -> bytes:
        """Return the bytes that are hashed: JSON with sorted keys, UTF-8, days and moments in ISO form, moments in UTC."""
        content = {
            "chain": self.chain,
            "seq": self.seq,
            "kind": self.kind.value,
            "giver": self.giver.key,
            "receiver": self.receiver.key,
            "quantity": self.quantity,
            "happened_on": self.happened_on.isoformat(),
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "deed_line_id": self.deed_line_id,
            "condition": self.condition.value,
            "note": self.note,
            "by_user_id": self.by_user_id,
            "by_name": self.by_name,
            "previous_hash": self.previous_hash,
        }
        return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    def hash(self) -> str:
        """Return the SHA-256 of the canonical form, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()


def compute_digest(hashes: Iterable[str]) -> str:
    """Return one SHA-256 for the hashes of several entries, in their order: what the audit trail keeps of an acceptance."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def replay(entries: Iterable[Entry], *, until: date | None = None) -> Counter[Party]:
    """Return how much each party holds after the entries of one chain up to a day (included); the outside is left out.

    Entries come in the order of their numbers.
    """
    held: Counter[Party] = Counter()
    for entry in entries:
        if until is not None and entry.happened_on > until:
            break
        held[entry.giver] -= entry.quantity
        held[entry.receiver] += entry.quantity
    del held[OUTSIDE]
    return Counter({party: quantity for party, quantity in held.items() if quantity})


def find_faults(entries: Iterable[tuple[Entry, str]]) -> list[str]:
    """Return what is wrong with one chain, given as (entry, hash that is stored) in the order of numbers; sentences name the entry.

    Looks for gaps, a wrong hash before, altered content, days that run backwards, and a giver who did not hold what he gave.
    """
    faults: list[str] = []
    held: Counter[Party] = Counter()
    expected, previous, day = 1, GENESIS, date.min
    for entry, stored in entries:
        place = f"custody entry {entry.chain} no. {entry.seq}"
        if entry.seq != expected:
            faults.append(f"custody entry {entry.chain} no. {expected} is missing (found no. {entry.seq})")
        elif entry.previous_hash != previous:
            faults.append(f"{place} does not follow the one before it")
        if entry.hash() != stored:
            faults.append(f"{place} was altered")
        if entry.happened_on < day:
            faults.append(f"{place} is dated before the one before it")
        if entry.giver != OUTSIDE and held[entry.giver] < entry.quantity:
            faults.append(f"{place} gives what {entry.giver.key} did not hold")
        held[entry.giver] -= entry.quantity
        held[entry.receiver] += entry.quantity
        expected, previous, day = entry.seq + 1, stored, entry.happened_on
    return faults
