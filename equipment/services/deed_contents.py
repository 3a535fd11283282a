"""The content of a deed as it is frozen at issue: everything that is printed later, whatever changes meanwhile."""

from datetime import date
from typing import Any

from accounts.models import Agency, Host
from equipment.contents import SCHEMA
from equipment.models import Deed, DeedKind, DeedLine


def build_content(deed: Deed, host: Host, *, on: date) -> dict[str, Any]:
    """Return the content of a numbered deed issued on a day: plain JSON, days in ISO form."""
    store = {"names": dict(host.names), "code": host.short_name, "country": host.country}
    agency = _agency(deed.agency)
    giver, receiver = (store, agency) if deed.kind is DeedKind.HANDOVER else (agency, store)
    return {
        "schema": SCHEMA,
        "number": deed.number,
        "kind": deed.kind.value,
        "issued_on": on.isoformat(),
        "giver": giver,
        "receiver": receiver,
        "cohort": deed.cohort.code if deed.cohort is not None else None,
        "purpose": deed.purpose,
        "terms": {
            "use": deed.use,
            "retransfer_allowed": deed.retransfer_allowed,
            "inspection_right": deed.inspection_right,
            "return_due_on": deed.return_due_on.isoformat() if deed.return_due_on else None,
        },
        "language": deed.language,
        "lines": [_line(line) for line in sorted(deed.lines, key=lambda one: one.position)],
        "totals": {
            "items": sum(line.item_id is not None for line in deed.lines),
            "units": sum(line.quantity for line in deed.lines),
        },
    }


def _agency(agency: Agency) -> dict[str, Any]:
    return {"names": dict(agency.names), "code": agency.code, "country": agency.country}


def _line(line: DeedLine) -> dict[str, Any]:
    item_type = line.thing.item_type
    expires_on = line.lot.expires_on if line.lot is not None else None
    return {
        "position": line.position,
        "type": item_type.code,
        "names": dict(item_type.names),
        "tag": line.item.tag if line.item is not None else None,
        "serial": line.item.serial if line.item is not None else None,
        "lot": line.lot.lot_number if line.lot is not None else None,
        "expires_on": expires_on.isoformat() if expires_on is not None else None,
        "quantity": line.quantity,
        "unit": item_type.unit.value,
        "condition": line.condition_issued.value,
        "note": line.note,
    }
