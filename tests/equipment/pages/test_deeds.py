"""Deeds in their pages: drawn up, issued, made void, and signed by both."""

import pytest
from sqlalchemy import select

from equipment.models import (
    CaseKind,
    Deed,
    DeedFile,
    DeedReceipt,
    DeedState,
)
from equipment.services import cases
from foundation import clock, jobs
from foundation.db import db
from tests.equipment.pages.store import Store, count, count_statements, signatures
from tests.factories.equipment import (
    make_draft,
    make_issued,
    make_item,
    make_items,
    make_lot,
    make_type,
)


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


def test_a_draft_cannot_be_signed(store: Store) -> None:
    draft = make_draft(store.agency, make_items(1), actor=store.quartermaster)
    db.session.commit()

    for answer in (store.client.get(f"/deeds/{draft.id}/sign"), store.client.post(f"/deeds/{draft.id}/sign")):
        assert answer.headers["Location"] == f"/deeds/{draft.id}"
