"""Inspections: one check of several items at once, each with what was found; until when it counts follows from the type."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from accounts.models import User
from accounts.permissions import Permission
from equipment.ledger import OUTSIDE, Condition
from equipment.models import Inspection, InspectionResult, Item
from equipment.services import ledger
from equipment.usability import USABLE_CONDITIONS
from foundation import audit, clock
from foundation.access import visible
from foundation.dates import add_months
from foundation.db import db
from foundation.errors import DomainError, Forbidden
from foundation.i18n import _

MOST_ITEMS = 500


class InspectionIncomplete(DomainError):
    """An inspection lacks something it needs, or contradicts itself."""


@dataclass(frozen=True)
class Finding:
    """What was found of one item. `limits` say what it may not be used for, and are needed for a pass with limits."""

    item: Item
    result: InspectionResult
    condition: Condition
    limits: str | None = None
    note: str | None = None


def record_inspections(findings: Sequence[Finding], *, done_on: date, actor: User) -> list[Inspection]:
    """Record one check of each item. All or none. A correction is another check of the same day: the last one counts.

    Raises Forbidden and InspectionIncomplete, which names the item.
    """
    if not actor.may(Permission.EQUIPMENT_CHECK):
        raise Forbidden(_("Only a quartermaster records inspections."))
    if not 1 <= len(findings) <= MOST_ITEMS:
        raise InspectionIncomplete(_("Choose from 1 to %(most)s items.", most=MOST_ITEMS), field="items")
    if done_on > clock.today():
        raise InspectionIncomplete(_("This day is still to come."), field="done_on")
    heads = ledger.read_heads([finding.item.chain for finding in findings])
    rows = []
    for finding in findings:
        if heads[finding.item.chain].receiver == OUTSIDE:
            raise InspectionIncomplete(_("%(tag)s is not on the books any more.", tag=finding.item.tag))
        _check(finding)
        rows.append(_write(finding, done_on=done_on, actor=actor))
    db.session.add_all(rows)
    db.session.flush()
    audit.record_many(
        [
            audit.Change(
                "inspection:recorded",
                row,
                reason=row.note,
                changes={
                    "item": (None, finding.item.tag),
                    "result": (None, row.result),
                    "condition": (None, row.condition),
                    "valid_until": (None, row.valid_until),
                },
                agency_id=heads[finding.item.chain].receiver.agency_id,
            )
            for row, finding in zip(rows, findings, strict=True)
        ],
        actor=actor,
    )
    return rows


def _check(finding: Finding) -> None:
    tag = finding.item.tag
    if finding.result is InspectionResult.LIMITED and not finding.limits:
        raise InspectionIncomplete(_("%(tag)s: say what the limits are.", tag=tag), field="limits")
    if finding.result is InspectionResult.PASS and finding.condition not in USABLE_CONDITIONS:
        raise InspectionIncomplete(
            _("%(tag)s: what passes without limits is as new or serviceable.", tag=tag), field="condition"
        )


def _write(finding: Finding, *, done_on: date, actor: User) -> Inspection:
    interval = finding.item.item_type.inspect_every_months
    return Inspection(
        item_id=finding.item.id,
        done_on=done_on,
        result=finding.result,
        condition=finding.condition,
        limits=finding.limits if finding.result is InspectionResult.LIMITED else None,
        valid_until=add_months(done_on, interval) if interval is not None else None,
        note=finding.note,
        recorded_at=clock.now(),
        done_by_id=actor.id,
        done_by_name=actor.name,
    )


def list_of_item(item: Item, viewer: User) -> list[Inspection]:
    """Return the checks of an item that a viewer may see, the newest first."""
    query = select(Inspection).where(Inspection.item_id == item.id, visible(Inspection, viewer))
    return list(db.session.execute(query.order_by(Inspection.done_on.desc(), Inspection.id.desc())).scalars())
