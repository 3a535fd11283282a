"""Cases: an item is reported damaged, lost, stolen or destroyed, does not count from that day, and somebody decides about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select

from accounts.models import Agency, User
from accounts.permissions import Permission
from equipment.ledger import OUTSIDE, Condition, CustodyKind, Party, PartyKind
from equipment.models import (
    CaseKind,
    CaseOutcome,
    CaseState,
    DeedLine,
    EquipmentCase,
    Item,
    ItemType,
)
from equipment.services import ledger
from equipment.services.holdings import find_holder
from equipment.services.ledger import Movement
from foundation import audit, clock, storage
from foundation.access import visible
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _

LEAST_WORDS = 10
MOST_PHOTOS = 6
MOST_PHOTO_BYTES = 8 * 1024 * 1024
# How the files of the pictures that browsers show begin: (bytes, ending, media type).
_PICTURES = (
    (b"\xff\xd8\xff", ".jpg", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", ".png", "image/png"),
)


class CaseIncomplete(DomainError):
    """A report or a decision lacks something it needs."""


class CaseOpen(DomainConflict):
    """A case about this item is open already."""


class CaseClosed(DomainConflict):
    """The case was decided meanwhile."""


class BadPhoto(DomainError):
    """A photo is a JPEG or PNG file, not too large, and there are not too many of them."""


@dataclass(frozen=True)
class Report:
    """What somebody reports: the kind, the day it was found, in a sentence how it came about, and photos as bytes."""

    kind: CaseKind
    found_on: date
    circumstances: str
    photos: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Decision:
    """How a case ends: `condition` is that of the item from then on, needed when it is repaired or found."""

    outcome: CaseOutcome
    note: str
    condition: Condition | None = None
    closed_on: date | None = None


def report_case(item: Item, report: Report, *, actor: User) -> EquipmentCase:
    """Open a case about an item; it does not count as usable from the day found on.

    An officer reports what his agency holds. Raises Forbidden, CaseIncomplete, BadPhoto, CaseOpen.
    """
    holder = find_holder(item)
    if not actor.may(Permission.EQUIPMENT_REPORT, item) or (
        actor.agency_id is not None and holder.agency_id != actor.agency_id
    ):
        raise Forbidden(
            _("Only whoever holds an item, its instructors and the quartermaster report about it.")
        )
    if holder == OUTSIDE:
        raise CaseIncomplete(_("This item is not on the books any more."))
    if len(report.circumstances) < LEAST_WORDS:
        raise CaseIncomplete(_("Say in a sentence how it came about."), field="circumstances")
    if report.found_on > clock.today():
        raise CaseIncomplete(_("This day is still to come."), field="found_on")
    return open_case(item, report, holder=holder, deed_line=None, actor=actor)


def open_case(
    item: Item, report: Report, *, holder: Party, deed_line: DeedLine | None, actor: User | None
) -> EquipmentCase:
    """Write a case down, without asking who may: for what comes to light on a deed. Raises BadPhoto, CaseOpen."""
    case = EquipmentCase(
        item_id=item.id,
        agency_id=holder.agency_id,
        deed_line_id=deed_line.id if deed_line else None,
        kind=report.kind,
        state=CaseState.OPEN,
        found_on=report.found_on,
        circumstances=report.circumstances,
        photos=_keep(report.photos),
        reported_at=clock.now(),
        reported_by_id=actor.id if actor else None,
        reported_by_name=actor.name if actor else ledger.SYSTEM,
    )
    with conflict_as(
        "uq_equipment_case_open", CaseOpen(_("A case about %(tag)s is open already.", tag=item.tag))
    ):
        db.session.add(case)
    audit.record(
        "equipment_case:reported",
        case,
        actor=actor,
        reason=report.circumstances,
        changes={"item": (None, item.tag), "kind": (None, report.kind), "found_on": (None, report.found_on)},
        agency_id=holder.agency_id,
    )
    return case


def _keep(photos: Sequence[bytes]) -> list[dict[str, str | int]]:
    """Keep photos and return where they are. Raises BadPhoto before the first is kept."""
    if len(photos) > MOST_PHOTOS:
        raise BadPhoto(_("Give at most %(most)s photos.", most=MOST_PHOTOS), field="photos")
    kinds = []
    for photo in photos:
        kind = next(((ending, media) for head, ending, media in _PICTURES if photo.startswith(head)), None)
        if kind is None or len(photo) > MOST_PHOTO_BYTES:
            raise BadPhoto(_("A photo is a JPEG or PNG file of at most 8 MB."), field="photos")
        kinds.append(kind)
    kept: list[dict[str, str | int]] = []
    for photo, (ending, media) in zip(photos, kinds, strict=True):
        stored = storage.put(photo, suffix=ending)
        kept.append({"key": stored.key, "sha256": stored.sha256, "size": stored.size, "type": media})
    return kept


def close_case(case: EquipmentCase, decision: Decision, *, actor: User) -> None:
    """Decide a case. Written off: the item leaves the books, by an entry in the custody ledger.

    Raises Forbidden, CaseClosed, CaseIncomplete without a note or, for an item that comes back, without its condition.
    """
    if not actor.may(Permission.EQUIPMENT_CHECK):
        raise Forbidden(_("Only a quartermaster decides about a case."))
    db.session.refresh(case, with_for_update=True)
    if case.state is CaseState.CLOSED:
        raise CaseClosed(_("This case has been decided already."))
    if len(decision.note) < LEAST_WORDS:
        raise CaseIncomplete(_("Give the reason in a sentence: it stays with the case."), field="note")
    comes_back = decision.outcome in (CaseOutcome.REPAIRED, CaseOutcome.FOUND)
    if comes_back and decision.condition is None:
        raise CaseIncomplete(_("Say in what condition the item is now."), field="condition")
    closed_on = decision.closed_on or clock.today()
    if not case.found_on <= closed_on <= clock.today():
        raise CaseIncomplete(_("A case ends between the day found on and today."), field="closed_on")
    if decision.outcome is CaseOutcome.WRITTEN_OFF:
        _write_off(case, decision, on=closed_on, actor=actor)
    changes = audit.changes_of(
        case,
        state=CaseState.CLOSED,
        outcome=decision.outcome,
        closed_on=closed_on,
        condition_after=decision.condition if comes_back else None,
    )
    case.closed_at, case.decided_by_id, case.decision_note = clock.now(), actor.id, decision.note
    db.session.flush()
    audit.record(
        "equipment_case:closed",
        case,
        actor=actor,
        reason=decision.note,
        changes=changes,
        agency_id=case.agency_id,
    )


def _write_off(case: EquipmentCase, decision: Decision, *, on: date, actor: User) -> None:
    holder = find_holder(case.item)
    if holder.kind is PartyKind.OUTSIDE:
        return
    head = ledger.read_heads([case.item.chain])[case.item.chain]
    ledger.append(
        [Movement(case.item, CustodyKind.WRITTEN_OFF, holder, OUTSIDE, head.condition, note=decision.note)],
        happened_on=on,
        actor=actor,
    )


def find_open(item: Item) -> EquipmentCase | None:
    """Return the open case about an item."""
    query = select(EquipmentCase).where(
        EquipmentCase.item_id == item.id, EquipmentCase.state == CaseState.OPEN
    )
    return db.session.execute(query).scalar_one_or_none()


def list_of_item(item: Item, viewer: User) -> list[EquipmentCase]:
    """Return the cases about an item that a viewer may see, the newest first."""
    query = select(EquipmentCase).where(EquipmentCase.item_id == item.id, visible(EquipmentCase, viewer))
    return list(db.session.execute(query.order_by(EquipmentCase.id.desc())).scalars())


def query_cases(
    viewer: User,
    *,
    state: CaseState | None = None,
    kind: CaseKind | None = None,
    text: str | None = None,
) -> Select[Any]:
    """Return the Core select of the cases in sight, one row a case."""
    columns: list[Any] = [
        EquipmentCase.id,
        EquipmentCase.kind,
        EquipmentCase.state,
        EquipmentCase.found_on,
        EquipmentCase.closed_on,
        EquipmentCase.outcome,
        EquipmentCase.reported_by_name,
        Item.id.label("item_id"),
        Item.tag,
        ItemType.names.label("type_names"),
        Agency.code.label("agency_code"),
    ]
    query = (
        select(*columns)
        .select_from(EquipmentCase)
        .join(Item, Item.id == EquipmentCase.item_id)
        .join(ItemType, ItemType.id == Item.item_type_id)
        .outerjoin(Agency, Agency.id == EquipmentCase.agency_id)
        .where(visible(EquipmentCase, viewer))
    )
    if state is not None:
        query = query.where(EquipmentCase.state == state)
    if kind is not None:
        query = query.where(EquipmentCase.kind == kind)
    if text:
        like = (column.icontains(text, autoescape=True) for column in (Item.tag, Item.serial))
        query = query.where(or_(*like))
    return query
