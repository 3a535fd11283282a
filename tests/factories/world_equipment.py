"""The equipment of the world both agencies live in: what each holds, its deeds in every state, a case with a photo, a file."""

from datetime import date
from typing import TYPE_CHECKING

from accounts.models import Agency, User
from accounts.permissions import Role
from equipment.ledger import Condition
from equipment.models import CaseKind, Deed, DeedFile, InspectionResult, ItemType, Tracking
from equipment.services import cases, inspections
from foundation import clock, storage
from foundation.db import db
from tests.factories import equipment as made

if TYPE_CHECKING:
    from tests.factories.world import Side, World

FOUND_ON = date(2026, 11, 20)
# The smallest picture there is: what a browser takes for one.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4"
    "890000000d49444154789c6310088efc0f0002ef01bc59d719270000000049454e44ae426082"
)


def equip(world: "World", agencies: dict[str, Agency], staff: dict[Role, User]) -> None:
    """Give each side items, a lot, a closed, an issued and a drafted deed, and a case; the store keeps some of each type."""
    quartermaster = staff[Role.QUARTERMASTER]
    kits = made.make_type("WRL-KIT", inspect_every_months=12)
    tags = made.make_type("WRL-TAG", tracking=Tracking.QUANTITY)
    world.keep(kits, tags)
    for side in (world.a, world.b):
        _equip_side(side, agencies[side.stem], kits, tags, quartermaster)
    world.keep(*made.make_items(2, item_type=kits), made.make_lot(50, item_type=tags, lot_number="WRL-LOT"))


def _equip_side(side: "Side", agency: Agency, kits: ItemType, tags: ItemType, quartermaster: User) -> None:
    stem = side.stem
    items = made.make_items(5, item_type=kits, donor=f"{stem} fund", maker=f"{stem} works")
    lot = made.make_lot(100, item_type=tags, lot_number=f"{stem}-LOT")
    terms = {"purpose": f"{stem} purpose", "use": f"{stem} use", "actor": quartermaster}
    closed = made.make_signed(agency, items[:3], lots=[(lot, 40)], **terms)
    receiver = made.signature(f"{stem} receiver", f"{stem} function")
    made.accept(closed, signature=receiver, actor=quartermaster)
    issued = made.make_issued(agency, items[3:4], **terms)
    draft = made.make_draft(agency, items[4:], **terms)
    case = cases.report_case(
        items[0],
        cases.Report(
            kind=CaseKind.DAMAGED,
            found_on=FOUND_ON,
            circumstances=f"{stem} dropped it from the truck.",
            photos=(PNG,),
        ),
        actor=quartermaster,
    )
    inspections.record_inspections(
        [
            inspections.Finding(
                items[1], InspectionResult.PASS, Condition.SERVICEABLE, note=f"{stem} was there"
            )
        ],
        done_on=FOUND_ON,
        actor=quartermaster,
    )
    _keep_file(closed, stem)
    db.session.flush()
    side.keep(*items[:3], lot, closed, issued, draft, *draft.lines, case)


def _keep_file(deed: Deed, stem: str) -> None:
    """Keep a stand-in for the printed deed, which takes a second to print."""
    stored = storage.put(f"%PDF-1.7 {stem} deed".encode(), suffix=".pdf")
    for language in ("en", "ar", "fr"):
        db.session.add(
            DeedFile(
                deed_id=deed.id,
                agency_id=deed.agency_id,
                language=language,
                storage_key=stored.key,
                sha256=stored.sha256,
                size=stored.size,
                made_at=clock.now(),
            )
        )
