"""Slow guessing down without ever shutting a door: each further failure makes the next try wait longer, up to a limit.

Counted in the access log, so that every replica counts alike. Three counts, because an attacker may keep to one address
or to one network: the pair of both grows to minutes, the address alone and the network alone only to a minute, so that
nobody can lock another person out, nor one colleague a whole ministry behind one address.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from foundation import access, clock, sealing
from foundation.db import reading
from foundation.errors import TooMany
from foundation.i18n import _, ngettext

WINDOW_MINUTES = 60


@dataclass(frozen=True)
class Allowance:
    """How many failures cost nothing, and how many seconds a try waits at most after more of them."""

    free: int
    longest_seconds: int

    def delay_seconds(self, failures: int) -> int:
        """Return how long after the last failure the next try is heard: 2, 4, 8 … seconds."""
        over = failures - self.free
        return 0 if over < 0 else min(2 ** min(over + 1, 20), self.longest_seconds)


PAIR = Allowance(free=5, longest_seconds=15 * 60)
ADDRESS = Allowance(free=20, longest_seconds=60)
NETWORK = Allowance(free=60, longest_seconds=60)


def address_key(email: str) -> str:
    """Return the word by which an address is counted: the access log keeps no addresses, known or mistyped."""
    return sealing.keyed_hash("sign-in", email.strip().casefold())


def refuse_too_fast(tried: str, *, key: str, forgiven_by: str | None = None) -> None:
    """Raise TooMany while the address, the caller's network or both must wait.

    `tried` is the kind of access entry counted, `key` from `address_key`. An entry of the kind `forgiven_by` for the same
    address and network starts the count of the pair afresh.
    """
    network = access.client_network()
    since = _last(forgiven_by, key, network) if forgiven_by else None
    waits = [
        _wait_seconds(PAIR, tried, detail=key, network=network, since=since),
        _wait_seconds(ADDRESS, tried, forgiven_by, detail=key),
        _wait_seconds(NETWORK, tried, forgiven_by, network=network),
    ]
    seconds = max(waits)
    if seconds <= 0:
        return
    if seconds < 90:
        wait = ngettext("Wait one second, then try again.", "Wait %(num)s seconds, then try again.", seconds)
    else:
        minutes = math.ceil(seconds / 60)
        wait = ngettext("Wait one minute, then try again.", "Wait %(num)s minutes, then try again.", minutes)
    raise TooMany(_("Too many tries.") + " " + wait, retry_after_seconds=seconds)


def remember_try(tried: str, *, key: str) -> None:
    """Count a try at once, before it is judged, so that tries sent side by side are all counted."""
    with reading():  # ends the transaction it may open: the entry is written in one of its own
        access.log_access(tried, detail=key)
    access.write_access_entries()


def _last(kind: str, key: str, network: str | None) -> datetime | None:
    return access.recent_tries(kind, minutes=WINDOW_MINUTES, detail=key, network=network)[1]


def _wait_seconds(allowance: Allowance, tried: str, forgiven_by: str | None = None, **where: Any) -> int:
    count, last = access.recent_tries(tried, minutes=WINDOW_MINUTES, **where)
    if last is None:
        return 0
    if forgiven_by is not None and count > allowance.free:
        count -= access.count_recent(forgiven_by, minutes=WINDOW_MINUTES, **where)
    heard_at = last + timedelta(seconds=allowance.delay_seconds(count))
    return max(0, math.ceil((heard_at - clock.now()).total_seconds()))
