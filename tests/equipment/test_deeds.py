"""Deeds: one list, frozen and hashed at issue, signed by two, and custody moves by what was counted."""

from flask import Flask

from equipment.models import DeedState
from equipment.services.holdings import list_held
from equipment.services.items import today
from equipment.services.ledger import verify_ledger
from tests.factories.accounts import make_agency
from tests.factories.equipment import (
    accept,
    make_items,
    make_lot,
    make_signed,
)


def test_twelve_items_and_two_hundred_tags_go_out_on_one_deed(app: Flask) -> None:
    agency = make_agency("CPD")
    deed = make_signed(agency, make_items(12), lots=[(make_lot(500), 200)])
    accept(deed)

    items, lots = list_held(agency.id, on=today())
    assert deed.state is DeedState.CLOSED
    assert deed.number == f"D-{today().year}-0001"
    assert len(items) == 12
    assert all(item.usable and item.deed_number == deed.number for item in items)
    assert [lot.quantity for lot in lots] == [200]
    assert [lot.quantity for lot in list_held(None, on=today())[1]] == [300]
    assert verify_ledger().problems == ()
