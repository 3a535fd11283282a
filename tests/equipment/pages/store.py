"""What the tests of these pages share: a store with its quartermaster at the desk, and what a signed form holds."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from accounts.models import Agency, User
from equipment.models import (
    Deed,
)
from foundation.db import db
from tests.factories.equipment import (
    STROKES,
)
from tests.support.client import LintingClient
from tests.support.statements import counted_statements

SignIn = Callable[[User], LintingClient]
DRAWN = json.dumps(STROKES)


@dataclass
class Store:
    client: LintingClient
    quartermaster: User
    agency: Agency


def count(model: type) -> int:
    found: int = db.session.execute(select(func.count()).select_from(model)).scalar_one()
    return found


def signatures(deed: Deed, **changes: Any) -> dict[str, Any]:
    """What the signing page sends when everything came."""
    sent = {
        "content_hash": deed.content_hash,
        "giver_name": "Qadir Store",
        "giver_title": "Quartermaster",
        "giver_strokes": DRAWN,
        "receiver_name": "Rania Receiver",
        "receiver_title": "",
        "receiver_strokes": DRAWN,
    }
    for line in deed.lines:
        if line.item_id is not None:
            sent[f"line-{line.id}-outcome"] = "accepted"
        else:
            sent |= {
                f"line-{line.id}-accepted": str(line.quantity),
                f"line-{line.id}-refused": "0",
                f"line-{line.id}-missing": "0",
            }
    return sent | changes


def count_statements(client: LintingClient, path: str) -> int:
    with counted_statements() as statements:
        assert client.get(path).status_code == 200
    return len(statements)
