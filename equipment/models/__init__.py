"""The tables of equipment: types, items and lots, deeds with lines and signatures, the custody ledger, cases, inspections."""

from equipment.models.cases import CaseKind, CaseOutcome, CaseState, EquipmentCase
from equipment.models.custody import CustodyEntry
from equipment.models.deeds import (
    Deed,
    DeedFile,
    DeedKind,
    DeedLine,
    DeedReceipt,
    DeedSignature,
    DeedState,
    SignatureMethod,
    SignatureSide,
)
from equipment.models.inspections import Inspection, InspectionResult
from equipment.models.items import Item, ItemCategory, ItemType, Lot, Tracking, Unit

__all__ = [
    "CaseKind",
    "CaseOutcome",
    "CaseState",
    "CustodyEntry",
    "Deed",
    "DeedFile",
    "DeedKind",
    "DeedLine",
    "DeedReceipt",
    "DeedSignature",
    "DeedState",
    "EquipmentCase",
    "Inspection",
    "InspectionResult",
    "Item",
    "ItemCategory",
    "ItemType",
    "Lot",
    "SignatureMethod",
    "SignatureSide",
    "Tracking",
    "Unit",
]
