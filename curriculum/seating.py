"""Who gets a seat: the rule by which nominations meet seats, quotas and gates. Pure: values in, decisions out.

The rule, in the order in which it is applied:

1. A nomination with a gate that is not passed on the day is refused, with every such gate as a reason. Nobody is seated with a
   gate open, whatever his rank (product: an audit found travel orders issued before vetting was done).
2. Whoever holds a seat keeps it. A seat is never taken from one agency to please another.
3. Free seats are given one at a time, each to the agency that has the fewest seats of the cohort so far; between equals the
   agency that nominated first goes first. It gives the seat to its own best rank. So agencies advance side by side, an agency
   with few nominees never loses a seat to one with many, and within an agency its own order alone decides.
4. An agency whose quota is used gets no more; its people wait for the quota. When the seats are used the others wait for a seat.
5. The waiting list is the order in which the next seats would be given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

PASSED = frozenset({"cleared", "cleared_with_limits", "waived"})


class SeatReason(StrEnum):
    """Why somebody has no seat. A gate's reason also says which gate, and how it stands."""

    GATE_OPEN = "gate_open"
    GATE_NOT_CLEARED = "gate_not_cleared"
    GATE_ENDED = "gate_ended"
    SEATS_USED = "seats_used"
    QUOTA_USED = "quota_used"


@dataclass(frozen=True, slots=True)
class GateRecord:
    """A gate as the rule sees it: its kind, its state, and the last day on which a clearance or waiver counts."""

    kind: str
    state: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class NominationRecord:
    """A nomination as the rule sees it. `rank` 1 is the agency's first choice; `seated` when it holds a seat already."""

    id: int
    agency_id: int
    rank: int
    nominated_at: datetime
    gates: tuple[GateRecord, ...]
    seated: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason, and the gate's kind where it is about a gate."""

    reason: SeatReason
    gate: str | None = None


@dataclass(frozen=True, slots=True)
class Seating:
    """Who gets a seat now (ids in order of giving), who has one already, who waits and who is refused, each with the reasons."""

    confirmed: tuple[int, ...]
    seated: tuple[int, ...]
    waiting: Mapping[int, tuple[Ground, ...]] = field(hash=False)
    refused: Mapping[int, tuple[Ground, ...]] = field(hash=False)


def find_blocking_gates(gates: Sequence[GateRecord], on: date) -> tuple[Ground, ...]:
    """Return the gates that are not passed on a day, as reasons; a nomination without any gate is blocked as well."""
    grounds = []
    for gate in gates:
        if gate.state not in PASSED:
            undecided = gate.state == "open"
            reason = SeatReason.GATE_OPEN if undecided else SeatReason.GATE_NOT_CLEARED
            grounds.append(Ground(reason, gate.kind))
        elif gate.valid_until is not None and gate.valid_until < on:
            grounds.append(Ground(SeatReason.GATE_ENDED, gate.kind))
    return tuple(grounds) if gates else (Ground(SeatReason.GATE_OPEN),)


def judge_seats(
    nominations: Sequence[NominationRecord], seats: int, quotas: Mapping[int, int], on: date
) -> Seating:
    """Judge every nomination of a cohort against its seats.

    `seats` counts all seats of the cohort. `quotas` {agency id: seats it may still be given now}; an agency that is not named
    has no quota. `on` is the day on which gates must be passed. Withdrawn nominations are left out by the caller.
    """
    seated = [one for one in nominations if one.seated]
    refused: dict[int, tuple[Ground, ...]] = {}
    queues: dict[int, list[NominationRecord]] = {}
    first_nominated: dict[int, datetime] = {}
    for one in nominations:
        earliest = first_nominated.get(one.agency_id, one.nominated_at)
        first_nominated[one.agency_id] = min(earliest, one.nominated_at)
        if one.seated:
            continue
        grounds = find_blocking_gates(one.gates, on)
        if grounds:
            refused[one.id] = grounds
        else:
            queues.setdefault(one.agency_id, []).append(one)
    for queue in queues.values():
        queue.sort(key=lambda one: (one.rank, one.nominated_at, one.id))
    held = dict.fromkeys(first_nominated, 0)
    for one in seated:
        held[one.agency_id] += 1
    given = dict.fromkeys(first_nominated, 0)
    free = max(0, seats - len(seated))
    confirmed: list[int] = []
    waiting: dict[int, tuple[Ground, ...]] = {}
    over_quota: list[NominationRecord] = []
    while queues:
        agency = min(queues, key=lambda one: (held[one], first_nominated[one], one))
        one = queues[agency].pop(0)
        if not queues[agency]:
            del queues[agency]
        if given[agency] >= quotas.get(agency, len(nominations)):
            over_quota.append(one)
        elif len(confirmed) < free:
            confirmed.append(one.id)
            given[agency] += 1
        else:
            waiting[one.id] = (Ground(SeatReason.SEATS_USED),)
            given[agency] += 1
        held[agency] += 1
    # Whoever waits for his agency's quota stands behind those who wait for a seat alone.
    waiting |= {one.id: (Ground(SeatReason.QUOTA_USED),) for one in over_quota}
    return Seating(tuple(confirmed), tuple(one.id for one in seated), waiting, refused)
