"""Deeds with the agency, from their issue on: what was handed over or returned, what was counted, who signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from flask import g
from sqlalchemy import func

from accounts.models import ApiScope
from accounts.permissions import Permission
from equipment.api.holdings import HeldKind
from equipment.ledger import Condition
from equipment.models import Deed, DeedKind, DeedLine, DeedState, Item, SignatureSide
from equipment.services import deeds
from foundation.access import requires
from foundation.api.operations import Listing, PageQuery, api_blueprint, list_page, operation
from foundation.api.shapes import Says

bp = api_blueprint("deeds", __name__)


@dataclass(frozen=True)
class DeedRecord:
    """A handover from the host, or a return to it."""

    number: str
    kind: DeedKind
    state: DeedState
    purpose: str
    lines: Annotated[int, Says("How many lines it has.")]
    issued_on: date | None
    closed_on: Annotated[date | None, Says("When the receiver signed.")]
    return_due_on: date | None


@dataclass(frozen=True)
class DeedLineRecord:
    """One item, or so many of a lot; the counts are null until the receiver has counted."""

    position: int
    kind: HeldKind
    tag: Annotated[str, Says("The tag of an item, or the number of a lot.")]
    type: str
    name: Mapping[str, str]
    quantity: int
    condition_issued: Condition
    accepted: int | None
    refused: int | None
    missing: int | None
    reason: str | None


@dataclass(frozen=True)
class SignatureRecord:
    """Who signed for a side."""

    side: SignatureSide
    name: str
    title: str | None
    signed_at: datetime


@dataclass(frozen=True)
class DeedDetail:
    """A deed with its lines and signatures."""

    deed: DeedRecord
    check_code: Annotated[str | None, Says("By which both sides compare their papers.")]
    use: str | None
    retransfer_allowed: bool
    inspection_right: bool
    lines: Sequence[DeedLineRecord]
    signatures: Sequence[SignatureRecord]


@dataclass(frozen=True)
class DeedsQuery(PageQuery):
    """Which deeds."""

    state: DeedState | None = None
    kind: DeedKind | None = None


_FIELDS = "number kind state purpose issued_on closed_on return_due_on".split()


@bp.get("/deeds", endpoint="list")
@requires(Permission.EQUIPMENT_READ)
@operation(ApiScope.EQUIPMENT_READ, answer=DeedRecord, listing=True, query=DeedsQuery)
def list_deeds(query: DeedsQuery) -> Listing:
    """List the agency's deeds by their numbers."""
    wanted = deeds.query_deeds(g.viewer, state=query.state, kind=query.kind).where(Deed.number.is_not(None))
    page = list_page(wanted, keys=[func.coalesce(Deed.number, "")], asked=query)
    return Listing([_record(row, lines=row.lines) for row in page.rows], page.next_cursor)


@bp.get("/deeds/<ref:deed_number>")
@requires(Permission.EQUIPMENT_READ, on=Deed, by="number")
@operation(ApiScope.EQUIPMENT_READ, answer=DeedDetail)
def show(deed: Deed) -> DeedDetail:
    """Read one deed."""
    return DeedDetail(
        deed=_record(deed, lines=len(deed.lines)),
        check_code=deed.check_code,
        use=deed.use,
        retransfer_allowed=deed.retransfer_allowed,
        inspection_right=deed.inspection_right,
        lines=[_line(line) for line in deed.lines],
        signatures=[SignatureRecord(one.side, one.name, one.title, one.signed_at) for one in deed.signatures],
    )


def _record(row: Any, *, lines: int) -> DeedRecord:
    return DeedRecord(**{name: getattr(row, name) for name in _FIELDS}, lines=lines)


def _line(line: DeedLine) -> DeedLineRecord:
    receipt = line.receipt
    return DeedLineRecord(
        position=line.position,
        kind=HeldKind.ITEM if isinstance(line.thing, Item) else HeldKind.LOT,
        tag=line.name,
        type=line.thing.item_type.code,
        name=line.thing.item_type.names,
        quantity=line.quantity,
        condition_issued=line.condition_issued,
        accepted=receipt.accepted if receipt is not None else None,
        refused=receipt.refused if receipt is not None else None,
        missing=receipt.missing if receipt is not None else None,
        reason=receipt.reason if receipt is not None else None,
    )
