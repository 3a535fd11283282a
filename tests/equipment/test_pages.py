"""Equipment in the pages: register, draw up, count and sign, take back, report, inspect, and every door that stays shut."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import Agency, User
from accounts.permissions import Role
from equipment.ledger import Condition
from equipment.models import (
    CaseKind,
    CaseState,
    CustodyEntry,
    Deed,
    DeedFile,
    DeedKind,
    DeedReceipt,
    DeedState,
    EquipmentCase,
    Inspection,
    Item,
    ItemType,
    Lot,
    Tracking,
)
from equipment.services import cases
from foundation import clock, jobs
from foundation.db import db
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.equipment import (
    STROKES,
    hand_over,
    make_draft,
    make_issued,
    make_item,
    make_items,
    make_lot,
    make_quartermaster,
    make_type,
)
from tests.factories.world_equipment import PNG
from tests.support.client import LintingClient
from tests.support.statements import counted_statements

SignIn = Callable[[User], LintingClient]
DRAWN = json.dumps(STROKES)


@dataclass
class Store:
    client: LintingClient
    quartermaster: User
    agency: Agency


@pytest.fixture
def store(app: Flask, sign_in: SignIn) -> Store:
    quartermaster = make_quartermaster()
    agency = make_agency("CPD")
    db.session.commit()
    return Store(sign_in(quartermaster), quartermaster, agency)


def count(model: type) -> int:
    found: int = db.session.execute(select(func.count()).select_from(model)).scalar_one()
    return found


def signatures(deed: Deed, **changes: Any) -> dict[str, Any]:
    """What the signing page sends when everything came."""
    sent = {
        "content_hash": deed.content_hash,
        "giver_name": "Qadir Store",
        "giver_title": "Quartermaster",
        "giver_strokes": DRAWN,
        "receiver_name": "Rania Receiver",
        "receiver_title": "",
        "receiver_strokes": DRAWN,
    }
    for line in deed.lines:
        if line.item_id is not None:
            sent[f"line-{line.id}-outcome"] = "accepted"
        else:
            sent |= {
                f"line-{line.id}-accepted": str(line.quantity),
                f"line-{line.id}-refused": "0",
                f"line-{line.id}-missing": "0",
            }
    return sent | changes


# --- registering ----------------------------------------------------------------------


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


# --- lists ----------------------------------------------------------------------------


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


def count_statements(client: LintingClient, path: str) -> int:
    with counted_statements() as statements:
        assert client.get(path).status_code == 200
    return len(statements)


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


@pytest.mark.parametrize("page", ["sign", "issue", ""])
def test_a_deed_costs_the_same_for_three_lines_and_for_thirty(store: Store, page: str) -> None:
    kind = make_type("RADIO", tag_prefix="R")
    make = make_draft if page == "issue" else make_issued
    short = make(store.agency, make_items(3, item_type=kind), actor=store.quartermaster)
    long = make(store.agency, make_items(30, item_type=kind), actor=store.quartermaster)
    db.session.commit()

    costs = [count_statements(store.client, f"/deeds/{deed.id}/{page}".rstrip("/")) for deed in (short, long)]

    assert costs[0] == costs[1]


def test_what_cannot_be_printed_is_said_before_it_is_frozen_or_signed(store: Store) -> None:
    draft = make_draft(store.agency, make_items(1), purpose="For 救援", actor=store.quartermaster)
    issued = make_issued(store.agency, make_items(1), actor=store.quartermaster)
    db.session.commit()

    refused = store.client.post(f"/deeds/{draft.id}/issue")
    assert refused.status_code == 422
    assert "援 救" in refused.text
    refused = store.client.post(f"/deeds/{issued.id}/sign", data=signatures(issued, receiver_name="王小明"))
    assert refused.status_code == 422
    assert "The deed cannot print these characters" in refused.text


# --- drawing up -----------------------------------------------------------------------


def test_a_deed_is_drawn_up_chosen_and_issued(store: Store) -> None:
    items = make_items(3, item_type=make_type("KIT", tag_prefix="K"))
    lot = make_lot(100)
    db.session.commit()
    terms = {"kind": "handover", "agency": store.agency.id, "purpose": "For the team", "language": "en"}
    assert store.client.post("/deeds/new", data=terms | {"purpose": " "}).status_code == 422
    assert store.client.post("/deeds/new", data=terms | {"return_due_on": "2020-01-01"}).status_code == 422
    answer = store.client.post("/deeds/new", data=terms)
    deed = db.session.execute(select(Deed)).scalar_one()
    assert answer.headers["Location"] == f"/deeds/{deed.id}/lines/new"
    path = f"/deeds/{deed.id}/lines"

    page = store.client.get(f"{path}/new").text
    assert all(item.tag in page for item in items)
    added = store.client.post(path, data={"ids": [items[0].id], f"lot-{lot.id}": "40"}, follow_redirects=True)
    assert "2 lines are added." in added.text
    assert store.client.post(path, data={f"lot-{lot.id}": "many"}).status_code == 422
    assert "Nothing was chosen." in store.client.post(path, data={}, follow_redirects=True).text
    scanned = store.client.post(
        f"{path}/scan", data={"marks": f"{items[1].serial}, k-0003"}, headers={"Accept": "application/json"}
    )
    assert "K-0002 K-0003: added." in scanned.get_json()["message"]
    unknown = store.client.post(f"{path}/scan", data={"marks": "Z-1"}, headers={"Accept": "application/json"})
    assert unknown.status_code == 422
    assert unknown.get_json()["error"] == "No item has the tag or serial number Z-1."
    db.session.expire_all()
    assert [line.position for line in deed.lines] == [1, 2, 3, 4]
    removed = store.client.post(f"{path}/{deed.lines[0].id}/remove", follow_redirects=True)
    assert removed.status_code == 200

    assert "frozen" in store.client.get(f"/deeds/{deed.id}/issue").text
    assert store.client.post(f"/deeds/{deed.id}/issue").headers["Location"] == f"/deeds/{deed.id}/sign"
    db.session.expire_all()
    assert deed.state is DeedState.ISSUED
    assert len(deed.lines) == 3


def test_an_issue_says_everything_that_hinders_it(store: Store) -> None:
    item = make_item(item_type=make_type("KIT", tag_prefix="K"))
    deed = make_draft(store.agency, [item], actor=store.quartermaster)
    cases.report_case(
        item,
        cases.Report(CaseKind.DAMAGED, clock.today(), "Dropped from the truck."),
        actor=store.quartermaster,
    )
    db.session.commit()

    page = store.client.get(f"/deeds/{deed.id}/issue")
    assert "K-0001 cannot be handed over" in page.text
    assert store.client.post(f"/deeds/{deed.id}/issue").status_code == 422
    assert "It cannot be issued yet" in store.client.get(f"/deeds/{deed.id}").text


def test_an_issued_deed_is_changed_no_more(store: Store) -> None:
    item, other = make_items(2)
    deed = make_issued(store.agency, [item], actor=store.quartermaster)
    db.session.commit()

    assert (
        store.client.post(f"/deeds/{deed.id}/edit", data={"purpose": "Other", "language": "en"}).status_code
        == 409
    )
    assert store.client.post(f"/deeds/{deed.id}/lines", data={"ids": [other.id]}).status_code == 409
    assert store.client.post(f"/deeds/{deed.id}/lines/scan", data={"marks": other.tag}).status_code == 409
    assert store.client.post(f"/deeds/{deed.id}/lines/{deed.lines[0].id}/remove").status_code == 409
    assert store.client.post(f"/deeds/{deed.id}/issue").status_code == 409
    assert store.client.get(f"/deeds/{deed.id}/lines/new").status_code == 302


def test_a_deed_is_made_void_with_a_reason_and_stays_in_the_list(store: Store) -> None:
    deed = make_issued(store.agency, make_items(1), actor=store.quartermaster)
    db.session.commit()

    assert store.client.post(f"/deeds/{deed.id}/void", data={"reason": ""}).status_code == 422
    assert store.client.post(f"/deeds/{deed.id}/void", data={"reason": "Wrong agency"}).status_code == 303
    assert "Wrong agency" in store.client.get(f"/deeds/{deed.id}").text
    assert deed.number is not None
    assert deed.number in store.client.get("/deeds?state=void").text


# --- counting and signing -------------------------------------------------------------


def test_both_sign_on_one_page_and_the_files_follow(store: Store) -> None:
    items, lot = make_items(2), make_lot(200)
    deed = make_issued(store.agency, items, lots=[(lot, 150)], actor=store.quartermaster)
    db.session.commit()
    page = store.client.get(f"/deeds/{deed.id}/sign").text
    assert deed.check_code is not None
    assert deed.check_code in page

    answer = store.client.post(f"/deeds/{deed.id}/sign", data=signatures(deed))

    assert answer.headers["Location"] == f"/deeds/{deed.id}"
    again = store.client.post(f"/deeds/{deed.id}/sign", data=signatures(deed))
    assert again.status_code == 303
    assert count(DeedReceipt) == 3
    assert store.client.get(f"/deeds/{deed.id}/deed-en.pdf").status_code == 404
    assert "Waiting to start" in store.client.get(f"/deeds/{deed.id}/files").text
    jobs.run_pending()
    jobs.run_pending()
    assert count(DeedFile) == 3
    for language in ("en", "ar", "fr"):
        file = store.client.get(f"/deeds/{deed.id}/deed-{language}.pdf")
        assert file.mimetype == "application/pdf"
        assert file.data.startswith(b"%PDF-")
    assert store.client.get(f"/deeds/{deed.id}/sign").headers["Location"] == f"/deeds/{deed.id}"


@pytest.mark.parametrize(
    ("line", "changes", "said"),
    [
        (0, {"outcome": "refused"}, "Line 1: Say in a few words why."),
        (0, {"outcome": "lost"}, "Line 1: Choose what became of it."),
        (0, {"outcome": "damaged"}, "Line 1: Choose what became of it."),
        (1, {"accepted": "8", "refused": "2", "missing": "1", "reason": "x"}, "must add up to 10, not to 11"),
        (1, {"accepted": "-1", "missing": "11"}, "Line 2: Type whole numbers, none below zero."),
        (1, {"accepted": "9", "missing": "1"}, "Line 2: Say in a few words why."),
        (1, {"accepted": "٩", "missing": "1", "reason": "x" * 501}, "Use at most 500 letters."),
        (1, {"accepted": "9", "missing": "1", "reason": "a\u202eb"}, "cannot be shown"),
    ],
)
def test_counts_that_do_not_add_up_are_named_by_line(
    store: Store, line: int, changes: dict[str, str], said: str
) -> None:
    deed = make_issued(store.agency, make_items(1), lots=[(make_lot(10), 10)], actor=store.quartermaster)
    db.session.commit()
    anchor = f"line-{deed.lines[line].id}"

    sent = signatures(deed, **{f"{anchor}-{name}": value for name, value in changes.items()})
    answer = store.client.post(f"/deeds/{deed.id}/sign", data=sent)

    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="#{anchor}"' in answer.text
    assert answer.text.count("[[[100, 700, 0]") == 2  # both signatures are still there
    assert count(DeedReceipt) == 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("giver_strokes", "", "Sign in the field"),
        ("giver_strokes", "[[[1,1,1]]]", "Sign in the field"),
        ("receiver_strokes", "[[[1,1]]]", "could not be read"),
        ("receiver_strokes", "[[[1e999,1,1],[1,1,2]]]", "could not be read"),
        ("receiver_strokes", "x" * 100_000, "Sign in the field"),
        ("receiver_name", " ", "Type the name of whoever signs."),
        ("receiver_name", "x" * 121, "Field cannot be longer than 120"),
    ],
)
def test_a_signature_that_is_none_is_refused(store: Store, name: str, value: str, said: str) -> None:
    deed = make_issued(store.agency, make_items(1), actor=store.quartermaster)
    db.session.commit()

    answer = store.client.post(f"/deeds/{deed.id}/sign", data=signatures(deed, **{name: value}))

    assert answer.status_code == 422
    assert said in answer.text
    db.session.expire_all()
    assert deed.signatures == []


def test_another_content_than_the_one_shown_is_not_signed(store: Store) -> None:
    deed = make_issued(store.agency, make_items(1), actor=store.quartermaster)
    db.session.commit()

    answer = store.client.post(f"/deeds/{deed.id}/sign", data=signatures(deed, content_hash="0" * 64))

    assert answer.status_code == 409
    assert "The deed was shown in another state." in answer.text
    db.session.expire_all()
    assert deed.signatures == []


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


# --- damage, loss and inspections -----------------------------------------------------


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


# --- who holds what -------------------------------------------------------------------


def test_holdings_of_a_day_are_shown_and_exported(store: Store) -> None:
    kind = make_type("KIT", tag_prefix="K", names={"en": "=cmd()", "ar": "طقم", "fr": "Kit"})
    items, lot = make_items(2, item_type=kind), make_lot(100, lot_number="L-77")
    hand_over(store.agency, items[:1], lots=[(lot, 30)], actor=store.quartermaster)
    db.session.commit()
    holder = f"holder={store.agency.id}"

    assert "K-0001" in store.client.get(f"/equipment/holdings?{holder}").text
    earlier = store.client.get(f"/equipment/holdings?{holder}&on={date(2026, 2, 1).isoformat()}").text
    assert "Nothing is held" in earlier
    rows = list(
        csv.reader(
            io.StringIO(store.client.get(f"/equipment/holdings.csv?{holder}").data.decode("utf-8-sig"))
        )
    )
    assert [row[0] for row in rows[1:]] == ["K-0001", ""]
    assert rows[1][2] == "'=cmd()"
    assert rows[2][3:5] == ["L-77", "30"]
    sheet = store.client.get(f"/equipment/holdings.xlsx?{holder}")
    assert sheet.data.startswith(b"PK")
    assert store.client.get("/equipment/holdings?holder=999999").status_code == 404


# --- doors ----------------------------------------------------------------------------


def test_an_officer_sees_what_the_own_agency_holds_and_no_draft(store: Store, sign_in: SignIn) -> None:
    kind = make_type("KIT", tag_prefix="K")
    mine, other, drafted = make_items(3, item_type=kind)
    closed = hand_over(store.agency, [mine], actor=store.quartermaster)
    foreign = hand_over(make_agency("UHO"), [other], actor=store.quartermaster)
    draft = make_draft(store.agency, [drafted], actor=store.quartermaster)
    officer = make_officer(store.agency)
    db.session.commit()
    client = sign_in(officer)

    listed = client.get("/equipment").text
    assert "K-0001" in listed
    assert "K-0002" not in listed
    assert "Register items" not in listed
    assert client.get(f"/equipment/items/{other.id}").status_code == 404
    assert client.get(f"/deeds/{closed.id}").status_code == 200
    assert client.get(f"/deeds/{foreign.id}").status_code == 404
    assert client.get(f"/deeds/{draft.id}").status_code == 404
    assert client.get(f"/deeds/{draft.id}/files").status_code == 404
    assert "UHO" not in client.get(f"/equipment/holdings?holder={foreign.agency_id}").text
    for path in (
        f"/deeds/{closed.id}/sign",
        "/deeds/new",
        "/equipment/items/new",
        "/equipment/inspections/new",
    ):
        assert client.get(path).status_code == 403
    report = {
        "tag": "K-0001",
        "kind": "lost",
        "found_on": clock.today().isoformat(),
        "circumstances": "Nobody has seen it since.",
    }
    assert client.post("/equipment/cases/new", data=report | {"tag": "K-0002"}).status_code == 422
    assert client.post("/equipment/cases/new", data=report).status_code == 303
    case = db.session.execute(select(EquipmentCase)).scalar_one()
    assert case.agency_id == store.agency.id
    assert client.get(f"/equipment/cases/{case.id}/close").status_code == 403


def test_an_instructor_reports_damage_and_sees_no_list(store: Store, sign_in: SignIn) -> None:
    make_item(item_type=make_type("KIT", tag_prefix="K"))
    instructor = make_user(Role.INSTRUCTOR)
    db.session.commit()
    client = sign_in(instructor)

    assert "Report damage" in client.get("/").text
    assert client.get("/equipment").status_code == 403
    report = {
        "tag": "K-0001",
        "kind": "damaged",
        "found_on": clock.today().isoformat(),
        "circumstances": "The lamp does not light any more.",
    }
    answer = client.post("/equipment/cases/new", data=report, follow_redirects=True)
    assert answer.status_code == 200
    assert "Your report about K-0001 is recorded." in answer.text


def test_a_manager_reads_and_changes_nothing(store: Store, sign_in: SignIn) -> None:
    deed = make_issued(store.agency, make_items(1), actor=store.quartermaster)
    manager = make_user(Role.PROGRAMME_MANAGER)
    db.session.commit()
    client = sign_in(manager)

    assert "Count and sign" not in client.get(f"/deeds/{deed.id}").text
    for path in ("sign", "issue", "void", "edit", "lines/new"):
        assert client.get(f"/deeds/{deed.id}/{path}").status_code == 403
    assert client.post(f"/deeds/{deed.id}/sign", data=signatures(deed)).status_code == 403


def test_a_draft_cannot_be_signed(store: Store) -> None:
    draft = make_draft(store.agency, make_items(1), actor=store.quartermaster)
    db.session.commit()

    for answer in (store.client.get(f"/deeds/{draft.id}/sign"), store.client.post(f"/deeds/{draft.id}/sign")):
        assert answer.headers["Location"] == f"/deeds/{draft.id}"
