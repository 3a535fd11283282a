"""Who reads what of the equipment, and every door that stays shut."""

import csv
import io
from datetime import date

from sqlalchemy import select

from accounts.permissions import Role
from equipment.models import (
    EquipmentCase,
)
from foundation import clock
from foundation.db import db
from tests.equipment.pages.store import SignIn, Store, signatures
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.equipment import (
    hand_over,
    make_draft,
    make_issued,
    make_item,
    make_items,
    make_lot,
    make_type,
)


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
