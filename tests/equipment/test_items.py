"""Items, lots and types: registered by one act, received into the store, and off the books only with a reason."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from accounts.models import User
from accounts.permissions import Role
from equipment.catalogue.loading import CatalogueError, read_item_types
from equipment.ledger import HOST, Condition
from equipment.models import CustodyEntry, Item, ItemCategory, ItemType, Tracking, Unit
from equipment.services import items, ledger
from equipment.services.holdings import find_holder, list_held
from equipment.services.items import (
    Arrival,
    BadQuantity,
    LotDiffers,
    SerialTaken,
    TypeTaken,
    TypeValues,
    WrongTracking,
)
from foundation import clock
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.errors import Forbidden
from tests.factories.accounts import make_agency, make_user
from tests.factories.equipment import LONG_AGO, hand_over, make_lot, make_quartermaster, make_type
from tests.support.at_once import at_once

ARRIVAL = Arrival(LONG_AGO, maker="Maker", donor="A donor")


def register(item_type: ItemType, *serials: str | None, actor: User | None = None) -> list[Item]:
    return items.register_items(
        item_type, serials=serials, arrival=ARRIVAL, actor=actor or make_quartermaster()
    )


def held(lot_id: int, agency_id: int | None = None) -> int:
    return sum(one.quantity for one in list_held(agency_id, on=clock.today())[1] if one.lot_id == lot_id)


def test_items_get_tags_that_run_on_and_are_received_into_the_store(app: Flask) -> None:
    radio = make_type("RADIO-VHF", tag_prefix="R")
    first = register(radio, "A1", "A2")
    assert [one.tag for one in [*first, *register(radio, "A3", None, None)]] == [
        "R-0001",
        "R-0002",
        "R-0003",
        "R-0004",
        "R-0005",
    ]
    entry = db.session.query(CustodyEntry).filter_by(item_id=first[0].id).one()
    assert (entry.seq, entry.kind, entry.happened_on, find_holder(first[0])) == (
        1,
        "received",
        LONG_AGO,
        HOST,
    )
    assert db.session.query(AuditEntry).filter_by(action="item:registered").count() == 5


def test_serial_is_registered_once_within_a_type(app: Flask) -> None:
    radio, other = make_type(), make_type()
    (known,) = register(radio, "A1")
    with pytest.raises(SerialTaken, match=f"A1 is registered already: {known.tag}"):
        register(radio, "A9", "A1")
    with pytest.raises(SerialTaken, match="A7 stands twice"):
        register(radio, "A7", "A7")
    assert db.session.query(Item).count() == 1
    assert len(register(other, "A1")) == 1


def test_items_registered_at_once_get_different_tags(app: Flask) -> None:
    type_id, actor_id = make_type(tag_prefix="R").id, make_quartermaster().id
    db.session.commit()

    def act(serial: str) -> str:
        item_type = db.session.get_one(ItemType, type_id)
        return register(item_type, serial, actor=db.session.get_one(User, actor_id))[0].tag

    results = at_once(app, *(lambda serial=serial: act(serial) for serial in "ABC"))
    assert sorted(map(str, results)) == ["R-0001", "R-0002", "R-0003"]


def test_number_of_items_has_its_limits(app: Flask) -> None:
    item_type = make_type()
    for serials in ([], [None] * (items.MOST_ITEMS + 1)):
        with pytest.raises(BadQuantity):
            register(item_type, *serials)


def test_nothing_arrives_tomorrow(app: Flask) -> None:
    arrival = Arrival(clock.today() + timedelta(days=2))
    with pytest.raises(ledger.BadDay):
        items.register_items(make_type(), serials=["A"], arrival=arrival, actor=None)


def test_lots_are_of_types_counted_by_quantity_and_items_of_the_others(app: Flask) -> None:
    with pytest.raises(WrongTracking):
        register(make_type(tracking=Tracking.QUANTITY), "A")
    with pytest.raises(WrongTracking):
        make_lot(item_type=make_type())


def test_more_of_a_known_lot_is_added_to_it(app: Flask) -> None:
    tags = make_type(tracking=Tracking.QUANTITY)
    lot = make_lot(100, item_type=tags, lot_number="L-1", expires_on=date(2030, 1, 1))
    again = make_lot(50, item_type=tags, lot_number="L-1", expires_on=date(2030, 1, 1))
    assert (again, held(lot.id)) == (lot, 150)
    with pytest.raises(LotDiffers):
        make_lot(50, item_type=tags, lot_number="L-1", expires_on=date(2031, 1, 1))


def test_what_is_used_up_or_written_off_leaves_its_holder(app: Flask) -> None:
    agency, lot, actor = make_agency(), make_lot(100), make_quartermaster()
    hand_over(agency, lots=[(lot, 40)])
    items.consume(lot, quantity=15, holder=agency, on=clock.today(), note="Exercise", actor=actor)
    items.write_off_lot(lot, quantity=10, holder=None, on=clock.today(), note="Water damage", actor=actor)
    assert (held(lot.id, agency.id), held(lot.id)) == (25, 50)
    with pytest.raises(ledger.NotHeld, match="holds 25, not 26"):
        items.consume(lot, quantity=26, holder=agency, on=clock.today(), note=None, actor=actor)
    with pytest.raises(BadQuantity):
        items.consume(lot, quantity=0, holder=agency, on=clock.today(), note=None, actor=actor)
    trail = db.session.query(AuditEntry).filter_by(subject_type="lot").order_by(AuditEntry.id)
    actions = [row.action for row in trail]
    assert actions == ["lot:received", "lot:consumed", "lot:written_off"]


def test_movement_before_the_last_one_is_refused(app: Flask) -> None:
    lot, actor = make_lot(10), make_quartermaster()
    items.consume(lot, quantity=1, holder=None, on=date(2026, 3, 1), note=None, actor=actor)
    with pytest.raises(ledger.BadDay, match="was moved on"):
        items.consume(lot, quantity=1, holder=None, on=date(2026, 2, 28), note=None, actor=actor)


def test_only_a_quartermaster_registers(app: Flask) -> None:
    manager = make_user(Role.PROGRAMME_MANAGER)
    with pytest.raises(Forbidden):
        register(make_type(), "A", actor=manager)
    with pytest.raises(Forbidden):
        items.register_item_type(type_values(), actor=manager)


def type_values(**values: object) -> TypeValues:
    defaults: dict[str, object] = {
        "code": "ROPE",
        "names": {"en": "Rope"},
        "tracking": Tracking.SERIAL,
        "unit": Unit.PIECE,
        "category": ItemCategory.RESCUE,
        "tag_prefix": "RO",
    }
    return TypeValues(**(defaults | values))  # type: ignore[arg-type]


def test_type_has_a_code_and_a_tag_prefix_of_its_own(app: Flask) -> None:
    actor = make_quartermaster()
    items.register_item_type(type_values(), actor=actor)
    with pytest.raises(TypeTaken) as refused:
        items.register_item_type(type_values(tag_prefix="RP"), actor=actor)
    assert refused.value.field == "code"
    with pytest.raises(TypeTaken) as refused:
        items.register_item_type(type_values(code="ROPE-2"), actor=actor)
    assert refused.value.field == "tag_prefix"
    with pytest.raises(WrongTracking):
        items.register_item_type(type_values(code="ROPE-3", tag_prefix=None), actor=actor)


def test_types_that_come_with_the_system_are_written_once(app: Flask) -> None:
    added = items.load_item_types()
    assert {"TRIAGE-KIT", "RADIO-VHF", "SUCTION-UNIT", "TRIAGE-TAG"} <= set(added)
    assert len(added) > 25
    assert items.load_item_types() == []
    kit = db.session.query(ItemType).filter_by(code="TRIAGE-KIT").one()
    assert (kit.names["ar"], kit.line_codes) == ("حقيبة فرز الإصابات", ["mcm-team:EQ-01"])


def test_command_loads_the_types(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["equipment", "load-types", "--json"])
    assert result.exit_code == 0
    assert "SUCTION-UNIT" in result.output


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ('"tag_prefix": "Z", ', "should have a tag_prefix exactly when"),
        ('"colour": "red", ', "has unknown colour"),
    ],
)
def test_wrong_file_of_types_is_refused_by_place(tmp_path: Path, change: str, problem: str) -> None:
    path = tmp_path / "types.json"
    path.write_text(
        '{"schema": "item-types/1", "item_types": [{"code": "A", ' + change + '"tracking": "quantity", '
        '"unit": "piece", "category": "water", "names": {"en": "A", "ar": "ا", "fr": "A"}}]}'
    )
    with pytest.raises(CatalogueError, match=problem):
        read_item_types(path)


def test_condition_of_what_arrives_is_the_first_observation(app: Flask) -> None:
    items.register_items(
        make_type(), serials=[None], arrival=Arrival(LONG_AGO, Condition.UNKNOWN), actor=None
    )
    assert list_held(None, on=clock.today())[0][0].reasons == ("condition",)
