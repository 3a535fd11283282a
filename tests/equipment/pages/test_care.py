"""What comes back, breaks and is inspected, in the pages."""

import io
from typing import Any

from sqlalchemy import select

from equipment.ledger import Condition
from equipment.models import (
    CaseKind,
    CaseState,
    Deed,
    DeedKind,
    EquipmentCase,
    Inspection,
)
from equipment.services import cases
from foundation import clock
from foundation.db import db
from tests.equipment.pages.store import Store, signatures
from tests.factories.equipment import (
    hand_over,
    make_item,
    make_items,
    make_type,
)
from tests.factories.world_equipment import PNG


def test_a_return_takes_back_what_was_chosen_and_opens_a_case_for_what_is_damaged(store: Store) -> None:
    items = make_items(3)
    hand_over(store.agency, items, actor=store.quartermaster)
    db.session.commit()
    held = store.client.get(f"/equipment/holdings?holder={store.agency.id}").text
    assert "Take them back" in held

    answer = store.client.post(
        f"/deeds/take-back/{store.agency.id}", data={"ids": [item.id for item in items]}
    )
    deed = db.session.execute(select(Deed).order_by(Deed.id.desc()).limit(1)).scalar_one()
    assert answer.headers["Location"] == f"/deeds/{deed.id}/lines/new"
    assert (deed.kind, len(deed.lines)) == (DeedKind.RETURN, 3)
    store.client.post(f"/deeds/{deed.id}/issue")
    db.session.expire_all()
    damaged, missing = deed.lines[1].id, deed.lines[2].id
    sent = signatures(
        deed,
        **{
            f"line-{damaged}-outcome": "damaged",
            f"line-{damaged}-reason": "The hose is torn",
            f"line-{missing}-outcome": "missing",
            f"line-{missing}-reason": "Left in the field",
        },
    )
    assert store.client.post(f"/deeds/{deed.id}/sign", data=sent).status_code == 303

    found = db.session.execute(select(EquipmentCase).order_by(EquipmentCase.item_id)).scalars().all()
    assert [(case.item_id, case.kind, case.circumstances) for case in found] == [
        (items[1].id, CaseKind.DAMAGED, "The hose is torn"),
        (items[2].id, CaseKind.LOST, "Left in the field"),
    ]
    page = store.client.get(f"/deeds/{deed.id}").text
    assert "Missing" in page
    assert store.client.get(f"/equipment/holdings?holder={store.agency.id}").text.count("data-row-link") == 1


def test_damage_is_reported_with_a_photo_that_is_only_ever_a_picture(store: Store) -> None:
    item = make_item()
    db.session.commit()
    sent: dict[str, Any] = {
        "tag": item.tag.lower(),
        "kind": "damaged",
        "found_on": clock.today().isoformat(),
        "circumstances": "It fell from the truck on the way.",
    }

    page = store.client.post("/equipment/cases/new", data=sent | {"photos": (io.BytesIO(b"<svg/>"), "x.png")})
    assert page.status_code == 422
    assert "A photo is a JPEG or PNG file" in page.text
    assert "It fell from the truck" in page.text
    assert store.client.post("/equipment/cases/new", data=sent | {"tag": "NO-1"}).status_code == 422
    answer = store.client.post("/equipment/cases/new", data=sent | {"photos": (io.BytesIO(PNG), "a.png")})
    case = db.session.execute(select(EquipmentCase)).scalar_one()
    assert answer.headers["Location"] == f"/equipment/cases/{case.id}"

    photo = store.client.get(f"/equipment/cases/{case.id}/photos/1")
    assert (photo.mimetype, photo.data) == ("image/png", PNG)
    assert photo.headers["X-Content-Type-Options"] == "nosniff"
    assert photo.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert store.client.get(f"/equipment/cases/{case.id}/photos/2").status_code == 404
    assert store.client.get(f"/equipment/cases/{case.id}/photos/0").status_code == 404
    assert store.client.post("/equipment/cases/new", data=sent).status_code == 409


def test_a_case_is_decided_once(store: Store) -> None:
    item = make_item()
    case = cases.report_case(
        item,
        cases.Report(CaseKind.LOST, clock.today(), "Nobody has seen it since."),
        actor=store.quartermaster,
    )
    db.session.commit()
    path = f"/equipment/cases/{case.id}/close"
    decision = {"outcome": "found", "condition": "B", "note": "It lay in the other truck."}

    assert store.client.post(path, data=decision | {"condition": ""}).status_code == 422
    assert store.client.post(path, data=decision | {"note": "short"}).status_code == 422
    assert store.client.post(path, data=decision).status_code == 303
    assert store.client.post(path, data=decision).status_code == 409
    assert store.client.get(path).status_code == 302
    db.session.expire_all()
    assert case.state is CaseState.CLOSED
    assert "It lay in the other truck." in store.client.get(f"/equipment/cases/{case.id}").text


def test_several_items_are_inspected_at_once(store: Store) -> None:
    items = make_items(3, item_type=make_type("KIT", tag_prefix="K", inspect_every_months=12))
    db.session.commit()
    path = "/equipment/inspections/new"
    chosen = store.client.post(path, data={"act": "choose", "ids": [items[0].id, items[1].id]})
    assert chosen.status_code == 200
    assert chosen.text.count(" checked") == 2
    sent: dict[str, Any] = {
        "ids": [items[0].id, items[1].id],
        "done_on": clock.today().isoformat(),
        "result_word": "limited",
        "condition": "C",
        "limits": "",
    }

    assert store.client.post(path, data=sent).status_code == 422
    assert store.client.post(path, data=sent | {"ids": [], "limits": "By day only"}).status_code == 422
    assert store.client.post(path, data=sent | {"limits": "By day only"}).status_code == 303
    found = db.session.execute(select(Inspection)).scalars().all()
    assert {(one.item_id, one.limits) for one in found} == {
        (items[0].id, "By day only"),
        (items[1].id, "By day only"),
    }
    assert found[0].condition is Condition.LIMITED
