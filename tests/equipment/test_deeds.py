"""Deeds: drafted, issued (frozen, numbered, hashed), void; and what hinders an issue."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from accounts.models import Person
from accounts.permissions import Role
from curriculum.models import Course, QualificationKind
from curriculum.services.qualifications import QualificationValues, record_qualification
from equipment.contents import compute_hash
from equipment.ledger import Condition
from equipment.models import CaseKind, Deed, DeedKind, DeedState, InspectionResult, Tracking
from equipment.services import cases, deeds, inspections
from equipment.services.deeds import DeedFrozen, DeedIncomplete, LineRefused, NotIssuable, Terms, VoidRefused
from foundation import clock
from foundation.db import db
from foundation.errors import Forbidden
from tests.factories.accounts import make_agency, make_person, make_user
from tests.factories.curriculum import make_course
from tests.factories.equipment import (
    LONG_AGO,
    accept,
    hand_over,
    make_draft,
    make_issued,
    make_item,
    make_items,
    make_lot,
    make_quartermaster,
    make_signed,
    make_type,
)
from tests.support.at_once import at_once
from tests.support.statements import counted_statements


def test_issue_freezes_what_is_printed_and_hashes_it(app: Flask) -> None:
    agency = make_agency(
        "CPD", names={"en": "Civil Protection", "ar": "الدفاع المدني", "fr": "Protection civile"}
    )
    kit = make_item(item_type=make_type("TRIAGE-KIT", tag_prefix="K"))
    lot = make_lot(500, lot_number="T-77", expires_on=date(2030, 1, 31))
    deed = make_issued(
        agency, [kit], lots=[(lot, 200)], use="Field work only", return_due_on=date(2030, 6, 1)
    )

    content = deed.content
    assert content is not None
    assert deed.number == f"D-{clock.today().year}-0001"
    assert deed.state is DeedState.ISSUED
    assert deed.content_hash == compute_hash(content)
    assert content["number"] == deed.number
    assert content["giver"]["code"] == "NDRS"
    assert content["receiver"] == {"names": agency.names, "code": "CPD", "country": "JO"}
    assert content["terms"] == {
        "use": "Field work only",
        "retransfer_allowed": False,
        "inspection_right": True,
        "return_due_on": "2030-06-01",
    }
    assert [line["tag"] for line in content["lines"]] == ["K-0001", None]
    assert content["lines"][1] | {"names": None, "type": None} == {
        "position": 2,
        "type": None,
        "names": None,
        "tag": None,
        "serial": None,
        "lot": "T-77",
        "expires_on": "2030-01-31",
        "quantity": 200,
        "unit": "piece",
        "condition": "B",
        "note": None,
    }
    assert content["totals"] == {"items": 1, "units": 201}


def test_issued_deed_is_not_changed_by_any_service(app: Flask) -> None:
    actor, other = make_quartermaster(), make_item()
    deed = make_issued(None, [make_item()], actor=actor)
    with pytest.raises(DeedFrozen):
        deeds.add_items(deed, [other], actor=actor)
    with pytest.raises(DeedFrozen):
        deeds.add_lot(deed, make_lot(), 5, actor=actor)
    with pytest.raises(DeedFrozen):
        deeds.remove_line(deed.lines[0], actor=actor)
    with pytest.raises(DeedFrozen):
        deeds.edit_terms(deed, terms=Terms("Something else"), cohort=None, actor=actor)
    with pytest.raises(DeedFrozen):
        deeds.issue_deed(deed, actor=actor)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deed SET content = '{}'",
        "UPDATE deed SET content_hash = 'forged'",
        "UPDATE deed SET number = 'D-1-1'",
        "UPDATE deed SET state = 'draft'",
        "UPDATE deed SET purpose = 'other'",
        "DELETE FROM deed",
        "UPDATE deed_line SET quantity = quantity + 1",
        "UPDATE deed_line SET note = 'late'",
        "DELETE FROM deed_line",
        "INSERT INTO deed_line (deed_id, agency_id, position, lot_id, quantity, condition_issued) "
        "SELECT deed_id, agency_id, 99, lot_id, 1, 'A' FROM deed_line WHERE lot_id IS NOT NULL",
    ],
)
def test_issued_deed_is_not_changed_by_plain_sql(app: Flask, statement: str) -> None:
    make_issued(None, [make_item()], lots=[(make_lot(), 5)])
    db.session.commit()
    with pytest.raises(DatabaseError, match="append-only once the deed is issued"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_closed_deed_does_not_open_again_by_plain_sql(app: Flask) -> None:
    accept(make_signed(None, [make_item()]))
    db.session.commit()
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text("UPDATE deed SET state = 'issued'"))
    db.session.rollback()


def test_lines_are_numbered_without_gaps_at_issue(app: Flask) -> None:
    actor = make_quartermaster()
    deed = make_draft(None, make_items(4), actor=actor)
    deeds.remove_line(deed.lines[1], actor=actor)
    deeds.issue_deed(deed, actor=actor)
    assert [line.position for line in deed.lines] == [1, 2, 3]


def test_empty_deed_is_not_issued(app: Flask) -> None:
    with pytest.raises(NotIssuable, match="empty"):
        deeds.issue_deed(make_draft(), actor=make_quartermaster())


def test_every_reason_against_an_issue_is_given_at_once(app: Flask) -> None:
    actor = make_quartermaster()
    broken, overdue, failed, worn = (
        make_item(item_type=make_type(inspect_every_months=6), on=clock.today() - timedelta(days=30)),
        make_item(item_type=make_type(inspect_every_months=6), on=LONG_AGO - timedelta(days=400)),
        make_item(),
        make_item(condition=Condition.UNSERVICEABLE),
    )
    lot = make_lot(expires_on=clock.today() - timedelta(days=1))
    deed = make_draft(None, [broken, overdue, failed, worn], lots=[(lot, 10)], actor=actor)
    cases.report_case(
        broken, cases.Report(CaseKind.DAMAGED, clock.today(), "The strap is torn off."), actor=actor
    )
    finding = inspections.Finding(failed, InspectionResult.FAIL, Condition.SERVICEABLE)
    inspections.record_inspections([finding], done_on=clock.today(), actor=actor)
    with pytest.raises(NotIssuable) as refused:
        deeds.issue_deed(deed, actor=actor)
    assert refused.value.problems == (
        f"{broken.tag} cannot be handed over: A case about it is open.",
        f"{overdue.tag} cannot be handed over: Its inspection is overdue.",
        f"{failed.tag} cannot be handed over: It failed its last inspection.",
        f"{worn.tag} cannot be handed over: Its condition does not allow use.",
        f"Lot {lot.lot_number}: its last day of use has passed.",
    )


def test_what_is_damaged_or_overdue_can_be_taken_back(app: Flask) -> None:
    agency, actor = make_agency(), make_quartermaster()
    item = make_item(item_type=make_type(inspect_every_months=12))
    lot = make_lot(10, expires_on=clock.today() + timedelta(days=1))
    hand_over(agency, [item], lots=[(lot, 10)])
    cases.report_case(
        item, cases.Report(CaseKind.DAMAGED, clock.today(), "The display is broken."), actor=actor
    )
    with clock.frozen_at(clock.now() + timedelta(days=800)):
        deed = make_issued(agency, [item], lots=[(lot, 10)], kind=DeedKind.RETURN)
    assert deed.state is DeedState.ISSUED


def test_item_with_written_limits_can_be_handed_over(app: Flask) -> None:
    assert make_issued(None, [make_item(condition=Condition.LIMITED)]).state is DeedState.ISSUED


def test_serial_item_stands_on_one_open_deed_only(app: Flask) -> None:
    actor, item = make_quartermaster(), make_item()
    first = make_draft(None, [item], actor=actor)
    with pytest.raises(LineRefused, match=f"{item.tag} stands on another draft"):
        make_draft(None, [item], actor=actor)
    deeds.issue_deed(first, actor=actor)
    with pytest.raises(LineRefused, match=f"stands on deed {first.number}"):
        make_draft(None, [item], actor=actor)
    deeds.void_deed(first, reason="Drawn up for the wrong agency", actor=actor)
    assert make_issued(None, [item]).number == f"D-{clock.today().year}-0002"


def test_item_is_not_put_twice_on_one_deed(app: Flask) -> None:
    item = make_item()
    with pytest.raises(LineRefused, match="on this deed already"):
        make_draft(None, [item, item])


def test_item_that_another_holds_is_not_on_a_handover(app: Flask) -> None:
    item = make_item()
    hand_over(make_agency(), [item])
    with pytest.raises(LineRefused, match="not held by the giver"):
        make_draft(make_agency(), [item])


def test_agency_returns_only_what_it_holds(app: Flask) -> None:
    item = make_item()
    hand_over(make_agency(), [item])
    with pytest.raises(LineRefused, match="not held by the giver"):
        make_draft(make_agency(), [item], kind=DeedKind.RETURN)


def test_lot_is_promised_once(app: Flask) -> None:
    actor, lot = make_quartermaster(), make_lot(100)
    make_issued(None, lots=[(lot, 70)])
    late = make_draft(None, lots=[(lot, 30)], actor=actor)
    with pytest.raises(LineRefused, match="30 can be given"):
        make_draft(None, lots=[(lot, 31)])
    make_issued(None, lots=[(lot, 10)])
    with pytest.raises(NotIssuable, match="20 can be given, not 30"):
        deeds.issue_deed(late, actor=actor)


def test_type_that_needs_a_qualification_goes_only_where_somebody_holds_it(app: Flask) -> None:
    agency, actor, course = make_agency("UHO"), make_quartermaster(), make_course("U-TEC-310")
    saw = make_item(item_type=make_type("SAW", receive_qualification="U-TEC-310"))
    deed = make_draft(agency, [saw], actor=actor)
    record_licence(make_person(make_agency()), course, ends_on=clock.today())
    record_licence(make_person(agency), course, ends_on=clock.today() - timedelta(days=1))
    with pytest.raises(NotIssuable, match="SAW goes only to agencies where somebody holds U-TEC-310; in UHO"):
        deeds.issue_deed(deed, actor=actor)
    record_licence(make_person(agency), course, ends_on=clock.today())
    assert deeds.issue_deed(deed, actor=actor).state is DeedState.ISSUED


def record_licence(person: Person, course: Course, *, ends_on: date) -> None:
    values = QualificationValues(
        course_id=course.id,
        kind=QualificationKind.LICENCE,
        issuer="A council",
        reference=f"L-{person.id}",
        starts_on=date(2025, 1, 1),
        ends_on=ends_on,
    )
    record_qualification(person, values, actor=make_user(Role.PROGRAMME_MANAGER))


def test_numbers_run_without_gaps_within_a_year_and_drafts_take_none(app: Flask) -> None:
    make_draft(None, [make_item()])
    numbers = [make_issued(None, [make_item()]).number for _ in range(3)]
    year = clock.today().year
    assert numbers == [f"D-{year}-0001", f"D-{year}-0002", f"D-{year}-0003"]
    item = make_item()
    with clock.frozen_at(clock.now() + timedelta(days=370)):
        assert make_issued(None, [item]).number == f"D-{year + 1}-0001"


def test_deeds_issued_at_once_get_following_numbers(app: Flask) -> None:
    actor = make_quartermaster()
    drafts = [make_draft(None, [make_item()], actor=actor).id for _ in range(4)]
    actor_id = actor.id
    db.session.commit()

    def issue(deed_id: int) -> str | None:
        loaded = db.session.get_one(Deed, deed_id)
        return deeds.issue_deed(loaded, actor=db.session.get_one(type(actor), actor_id)).number

    results = at_once(app, *(lambda deed_id=deed_id: issue(deed_id) for deed_id in drafts))
    year = clock.today().year
    assert sorted(map(str, results)) == [f"D-{year}-{number:04d}" for number in range(1, 5)]


def test_one_item_on_two_drafts_issued_at_once_is_on_one_deed(app: Flask) -> None:
    actor, item = make_quartermaster(), make_item()
    first, second = make_draft(None, [item], actor=actor), make_draft(None, actor=actor)
    db.session.execute(
        text(
            "INSERT INTO deed_line (deed_id, agency_id, position, item_id, quantity, condition_issued) "
            "VALUES (:deed, :agency, 1, :item, 1, 'A')"
        ),
        {"deed": second.id, "agency": second.agency_id, "item": item.id},
    )
    ids, actor_id = [first.id, second.id], actor.id
    db.session.commit()

    def issue(deed_id: int) -> str:
        loaded = db.session.get_one(Deed, deed_id)
        return deeds.issue_deed(loaded, actor=db.session.get_one(type(actor), actor_id)).state.value

    results = at_once(app, *(lambda deed_id=deed_id: issue(deed_id) for deed_id in ids))
    assert sum(result == "issued" for result in results) == 1
    assert sum(isinstance(result, NotIssuable) for result in results) == 1


def test_void_needs_a_reason_and_keeps_the_number(app: Flask) -> None:
    actor = make_quartermaster()
    deed = make_signed(None, [make_item()], actor=actor)
    with pytest.raises(DeedIncomplete):
        deeds.void_deed(deed, reason=" ", actor=actor)
    deeds.void_deed(deed, reason="The agency did not come", actor=actor)
    assert (deed.state, deed.number) == (DeedState.VOID, f"D-{clock.today().year}-0001")


def test_deed_signed_by_both_is_not_made_void(app: Flask) -> None:
    deed = accept(make_signed(None, [make_item()]))
    with pytest.raises(VoidRefused):
        deeds.void_deed(deed, reason="Too late for that", actor=make_quartermaster())


def test_only_a_quartermaster_draws_up_deeds(app: Flask) -> None:
    agency = make_agency()
    for actor in (make_user(Role.PROGRAMME_MANAGER), make_user(Role.AGENCY_OFFICER, agency=agency)):
        with pytest.raises(Forbidden):
            deeds.draft_deed(agency, kind=DeedKind.HANDOVER, terms=Terms("Field work"), actor=actor)


def test_nothing_is_handed_over_to_a_closed_agency(app: Flask) -> None:
    agency = make_agency(closed_at=clock.now())
    with pytest.raises(DeedIncomplete, match="closed"):
        make_draft(agency)


def test_number_of_statements_of_an_issue_does_not_grow_with_the_lines(app: Flask) -> None:
    def statements(lines: int) -> int:
        item_type = make_type(tracking=Tracking.SERIAL)
        actor = make_quartermaster()
        deed = make_draft(None, make_items(lines, item_type=item_type), actor=actor)
        db.session.commit()
        loaded = db.session.get_one(Deed, deed.id)
        with counted_statements() as counted:
            deeds.issue_deed(loaded, actor=actor)
        return len(counted)

    assert statements(30) == statements(3)
