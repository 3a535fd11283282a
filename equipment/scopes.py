"""What of equipment a viewer may know to exist; everything else answers as if it were not there.

Host staff see all of it. An agency's officer sees the items and lots that his agency holds or once held, its deeds and cases.
"""

from sqlalchemy import ColumnElement, and_, false, select, true

from accounts.models import User
from accounts.permissions import Role
from accounts.scopes import is_host_staff, own_or_all
from equipment.models import (
    CustodyEntry,
    Deed,
    DeedFile,
    DeedLine,
    DeedSignature,
    EquipmentCase,
    Inspection,
    Item,
    ItemType,
    Lot,
)
from foundation.access import scope_of


@scope_of(ItemType)
def _item_types(viewer: User) -> ColumnElement[bool]:
    return true() if is_host_staff(viewer) or viewer.has(Role.AGENCY_OFFICER) else false()


@scope_of(Item)
def _items(viewer: User) -> ColumnElement[bool]:
    if is_host_staff(viewer):
        return true()
    return Item.id.in_(select(CustodyEntry.item_id).where(_received_by_own_agency(viewer)))


@scope_of(Lot)
def _lots(viewer: User) -> ColumnElement[bool]:
    if is_host_staff(viewer):
        return true()
    return Lot.id.in_(select(CustodyEntry.lot_id).where(_received_by_own_agency(viewer)))


def _received_by_own_agency(viewer: User) -> ColumnElement[bool]:
    if not viewer.has(Role.AGENCY_OFFICER) or viewer.agency_id is None:
        return false()
    return CustodyEntry.receiver_agency_id == viewer.agency_id


@scope_of(CustodyEntry)
def _custody_entries(viewer: User) -> ColumnElement[bool]:
    """An agency reads the movements to it and from it, not where a thing went before or afterwards."""
    if is_host_staff(viewer):
        return true()
    if not viewer.has(Role.AGENCY_OFFICER) or viewer.agency_id is None:
        return false()
    own = viewer.agency_id
    return (CustodyEntry.giver_agency_id == own) | (CustodyEntry.receiver_agency_id == own)


@scope_of(Deed)
def _deeds(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, Deed.agency_id)


@scope_of(DeedLine)
def _deed_lines(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, DeedLine.agency_id)


@scope_of(DeedSignature)
def _deed_signatures(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, DeedSignature.agency_id)


@scope_of(DeedFile)
def _deed_files(viewer: User) -> ColumnElement[bool]:
    return own_or_all(viewer, DeedFile.agency_id)


@scope_of(EquipmentCase)
def _cases(viewer: User) -> ColumnElement[bool]:
    if is_host_staff(viewer):
        return true()
    if not viewer.has(Role.AGENCY_OFFICER) or viewer.agency_id is None:
        return false()
    return and_(EquipmentCase.agency_id == viewer.agency_id)


@scope_of(Inspection)
def _inspections(viewer: User) -> ColumnElement[bool]:
    if is_host_staff(viewer):
        return true()
    return Inspection.item_id.in_(select(CustodyEntry.item_id).where(_received_by_own_agency(viewer)))
