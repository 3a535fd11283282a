"""The register in its pages: types, items and stock are received, found and used up."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from equipment.models import (
    CaseKind,
    CustodyEntry,
    Item,
    ItemType,
    Lot,
    Tracking,
)
from equipment.services import cases
from foundation import clock
from foundation.db import db
from tests.equipment.pages.store import Store, count, count_statements
from tests.factories.equipment import (
    hand_over,
    make_draft,
    make_item,
    make_items,
    make_lot,
    make_type,
)


def test_many_serials_become_items_with_tags_of_their_own(store: Store) -> None:
    radios = make_type("RADIO", tag_prefix="R")
    db.session.commit()

    answer = store.client.post(
        "/equipment/items/new",
        data={
            "item_type": radios.id,
            "serials": "VX-1\n\n  VX-2 \nVX-3",
            "without_serial": "2",
            "acquired_on": "2026-11-01",
            "condition": "A",
        },
        follow_redirects=True,
    )

    assert answer.status_code == 200
    assert "5 items are registered: R-0001 to R-0005." in answer.text
    rows = db.session.execute(select(Item.tag, Item.serial).order_by(Item.tag)).all()
    assert rows == [
        ("R-0001", "VX-1"),
        ("R-0002", "VX-2"),
        ("R-0003", "VX-3"),
        ("R-0004", None),
        ("R-0005", None),
    ]


@pytest.mark.parametrize(
    ("changes", "said", "status"),
    [
        ({"serials": "VX-1\nVX-1"}, "stands twice", 409),
        ({"serials": ""}, "Type at least one serial number", 422),
        ({"serials": "x" * 90}, "Line 1 is longer than 80 letters", 422),
        ({"acquired_on": "2999-01-01"}, "in the future", 422),
        ({"item_type": ""}, "Choose the type", 422),
        ({"item_type": "999999"}, "Not a valid choice", 422),
        ({"without_serial": "-1"}, "Number must be between", 422),
    ],
)
def test_what_cannot_be_registered_is_said_and_stays_typed(
    store: Store, changes: dict[str, str], said: str, status: int
) -> None:
    radios = make_type("RADIO", tag_prefix="R")
    db.session.commit()
    sent = {
        "item_type": str(radios.id),
        "serials": "VX-7",
        "acquired_on": "2026-11-01",
        "condition": "A",
        "maker": "Motorlab",
    }

    answer = store.client.post("/equipment/items/new", data=sent | changes)

    assert answer.status_code == status
    assert said in answer.text
    assert "Motorlab" in answer.text
    assert count(Item) == 0


def test_stock_is_received_used_up_and_written_off_with_a_reason(store: Store) -> None:
    tags = make_type("TAGS", tracking=Tracking.QUANTITY)
    db.session.commit()
    sent = {"item_type": tags.id, "lot_number": "L-1", "quantity": "200", "acquired_on": "2026-11-01"}
    assert store.client.post("/equipment/stock/new", data=sent).status_code == 303
    lot = db.session.execute(select(Lot)).scalar_one()
    spent = {
        "what": "written_off",
        "holder": "host",
        "quantity": "5",
        "on": clock.today().isoformat(),
        "note": "",
    }

    refused = store.client.post(f"/equipment/stock/{lot.id}/spent", data=spent)
    assert refused.status_code == 422
    assert "Say why it is written off." in refused.text
    too_many = store.client.post(
        f"/equipment/stock/{lot.id}/spent", data=spent | {"what": "consumed", "quantity": "201"}
    )
    assert too_many.status_code == 409
    assert (
        store.client.post(f"/equipment/stock/{lot.id}/spent", data=spent | {"note": "Wet"}).status_code == 303
    )

    page = store.client.get(f"/equipment/stock/{lot.id}").text
    assert "Written off" in page
    assert "195" in store.client.get("/equipment/stock").text


def test_a_type_is_added_once(store: Store) -> None:
    sent = {
        "code": "DRONE",
        "names_en": "Drone",
        "tracking": "serial",
        "tag_prefix": "DR",
        "unit": "piece",
        "category": "search",
    }
    assert store.client.post("/equipment/types/new", data=sent).status_code == 303
    again = store.client.post("/equipment/types/new", data=sent | {"tag_prefix": "DX"})
    assert again.status_code == 409
    assert "There is a type with this code already." in again.text
    lacking = store.client.post("/equipment/types/new", data=sent | {"code": "DRONE-2", "tag_prefix": ""})
    assert lacking.status_code == 422
    drone = db.session.execute(select(ItemType).where(ItemType.code == "DRONE")).scalar_one()
    assert "Drone" in store.client.get(f"/equipment/types/{drone.id}").text


def test_items_are_found_by_tag_type_holder_and_use(store: Store) -> None:
    radios, kits = make_type("RADIO", tag_prefix="R"), make_type("KIT", tag_prefix="K")
    held = make_items(2, item_type=radios)
    make_items(1, item_type=kits)
    hand_over(store.agency, held[:1], actor=store.quartermaster)
    cases.report_case(
        held[1],
        cases.Report(CaseKind.DAMAGED, clock.today(), "The aerial is broken off."),
        actor=store.quartermaster,
    )
    db.session.commit()

    def tags(question: str) -> list[str]:
        text = store.client.get(f"/equipment{question}").text
        return [tag for tag in ("K-0001", "R-0001", "R-0002") if tag in text]

    assert tags("") == ["K-0001", "R-0001", "R-0002"]
    assert tags("?q=r-0002") == ["R-0002"]
    assert tags("?type=KIT") == ["K-0001"]
    assert tags("?holder=host") == ["K-0001", "R-0002"]
    assert tags(f"?holder={store.agency.id}") == ["R-0001"]
    assert tags("?use=unusable") == tags("?use=case") == ["R-0002"]
    assert tags("?use=usable") == ["K-0001", "R-0001"]
    assert tags("?holder=999999999999999&use=nonsense&sort=-x&after=@@") == ["K-0001", "R-0001", "R-0002"]
    assert "No item fits" in store.client.get("/equipment?q=nowhere").text


def test_an_item_says_who_held_it_on_an_earlier_day_and_shows_its_chain(store: Store) -> None:
    item = make_item(item_type=make_type("KIT", tag_prefix="K", names={"en": "Kit"}))
    hand_over(store.agency, [item], actor=store.quartermaster)
    db.session.commit()
    entries = db.session.execute(select(CustodyEntry).order_by(CustodyEntry.seq)).scalars().all()

    now = store.client.get(f"/equipment/items/{item.id}").text
    before = store.client.get(
        f"/equipment/items/{item.id}?on={(clock.today() - timedelta(days=1)).isoformat()}"
    ).text

    assert "CPD · " in now.partition("Chain of custody")[0]
    assert "Own store" in before.partition("Chain of custody")[0]
    for entry in entries:
        assert f"{entry.hash[:12]}…" in now
    for nonsense in ("?on=never", "?on=9999-12-31", "?on="):
        assert store.client.get(f"/equipment/items/{item.id}{nonsense}").status_code == 200


def test_lists_cost_the_same_for_three_rows_and_for_thirty(store: Store) -> None:
    kind, tags = make_type("RADIO", tag_prefix="R"), make_type("TAGS", tracking=Tracking.QUANTITY)

    def fill(number: int) -> None:
        for item in make_items(number, item_type=kind):
            make_draft(store.agency, [item], actor=store.quartermaster)
            cases.report_case(
                item,
                cases.Report(CaseKind.LOST, clock.today(), "Left behind in the field."),
                actor=store.quartermaster,
            )
            make_lot(item_type=tags)
        db.session.commit()

    pages = ("/equipment", "/equipment/stock", "/equipment/holdings", "/deeds", "/equipment/cases")
    fill(3)
    few = [count_statements(store.client, page) for page in pages]
    fill(27)
    many = [count_statements(store.client, page) for page in pages]

    assert many == few
