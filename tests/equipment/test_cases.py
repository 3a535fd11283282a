"""Cases: an item does not count from the day it was found damaged or missing, until somebody decides."""

from datetime import timedelta

import pytest
from flask import Flask

from accounts.models import User
from accounts.permissions import Role
from equipment.ledger import OUTSIDE, Condition, party_of
from equipment.models import CaseKind, CaseOutcome, CaseState, EquipmentCase, Item
from equipment.services import cases
from equipment.services.cases import (
    BadPhoto,
    CaseClosed,
    CaseIncomplete,
    CaseOpen,
    Decision,
    Report,
    close_case,
    report_case,
)
from equipment.services.holdings import find_holder, list_held
from foundation import clock, storage
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.errors import Forbidden
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.equipment import hand_over, make_item, make_quartermaster
from tests.support.at_once import at_once

JPEG = b"\xff\xd8\xff\xe0 a photo"
NOTE = "Seen by the workshop and decided."


def report(item: Item, actor: User | None = None, *, days_ago: int = 3, **values: object) -> EquipmentCase:
    words = {"kind": CaseKind.DAMAGED, "circumstances": "Fell from the truck in the exercise."} | values
    found_on = clock.today() - timedelta(days=days_ago)
    return report_case(item, Report(found_on=found_on, **words), actor=actor or make_quartermaster())  # type: ignore[arg-type]


def reasons(agency_id: int | None, days_ago: int = 0) -> list[tuple[str, ...]]:
    return [one.reasons for one in list_held(agency_id, on=clock.today() - timedelta(days=days_ago))[0]]


def test_item_does_not_count_from_the_day_it_was_found_damaged(app: Flask) -> None:
    report(make_item())
    assert (reasons(None, 4), reasons(None, 3), reasons(None)) == ([()], [("case_open",)], [("case_open",)])


def test_repaired_item_counts_again_from_the_day_the_case_was_closed(app: Flask) -> None:
    case = report(make_item())
    decision = Decision(CaseOutcome.REPAIRED, NOTE, Condition.SERVICEABLE, clock.today() - timedelta(days=1))
    close_case(case, decision, actor=make_quartermaster())
    assert case.state is CaseState.CLOSED
    assert (reasons(None, 2), reasons(None, 1), reasons(None)) == ([("case_open",)], [()], [()])
    assert list_held(None, on=clock.today())[0][0].condition == "B"


def test_report_of_an_earlier_moment_is_given_as_it_was_known_then(app: Flask) -> None:
    with clock.frozen_at(clock.now() - timedelta(days=30)):
        item = make_item()
    case = report(item)
    before = case.reported_at - timedelta(seconds=1)
    case_known = [
        list_held(None, on=clock.today(), known_at=moment)[0] for moment in (before, case.reported_at)
    ]
    assert [[one.reasons for one in held] for held in case_known] == [[()], [("case_open",)]]


def test_written_off_item_leaves_the_books(app: Flask) -> None:
    agency, item = make_agency(), make_item()
    hand_over(agency, [item])
    case = report(item, days_ago=0)
    close_case(case, Decision(CaseOutcome.WRITTEN_OFF, NOTE), actor=make_quartermaster())
    assert find_holder(item) == OUTSIDE
    assert list_held(agency.id, on=clock.today())[0] == []
    with pytest.raises(CaseIncomplete, match="not on the books"):
        report(item)


def test_unfounded_case_changes_nothing(app: Flask) -> None:
    case = report(make_item())
    close_case(case, Decision(CaseOutcome.UNFOUNDED, NOTE), actor=make_quartermaster())
    held = list_held(None, on=clock.today())[0][0]
    assert (held.usable, held.condition) == (True, "A")


@pytest.mark.parametrize("outcome", [CaseOutcome.REPAIRED, CaseOutcome.FOUND])
def test_item_that_comes_back_needs_a_condition(app: Flask, outcome: CaseOutcome) -> None:
    with pytest.raises(CaseIncomplete) as refused:
        close_case(report(make_item()), Decision(outcome, NOTE), actor=make_quartermaster())
    assert refused.value.field == "condition"


def test_decision_needs_a_note_and_a_day_that_fits(app: Flask) -> None:
    case, actor = report(make_item()), make_quartermaster()
    with pytest.raises(CaseIncomplete) as refused:
        close_case(case, Decision(CaseOutcome.UNFOUNDED, "ok"), actor=actor)
    assert refused.value.field == "note"
    for days in (4, -1):
        day = clock.today() - timedelta(days=days)
        with pytest.raises(CaseIncomplete) as refused:
            close_case(case, Decision(CaseOutcome.UNFOUNDED, NOTE, closed_on=day), actor=actor)
        assert refused.value.field == "closed_on"


def test_case_is_decided_once(app: Flask) -> None:
    case, actor = report(make_item()), make_quartermaster()
    close_case(case, Decision(CaseOutcome.UNFOUNDED, NOTE), actor=actor)
    with pytest.raises(CaseClosed):
        close_case(case, Decision(CaseOutcome.WRITTEN_OFF, NOTE), actor=actor)


def test_item_has_one_open_case(app: Flask) -> None:
    item = make_item()
    report(item)
    with pytest.raises(CaseOpen, match=item.tag):
        report(item, kind=CaseKind.LOST)
    item_id, actor_id = item.id, make_quartermaster().id
    other = make_item().id
    db.session.commit()

    def act() -> int:
        return report(db.session.get_one(Item, other), db.session.get_one(User, actor_id)).item_id

    assert sum(isinstance(result, CaseOpen) for result in at_once(app, act, act)) == 1
    assert db.session.query(EquipmentCase).filter_by(item_id=item_id).count() == 1


def test_report_says_how_it_came_about_and_lies_not_in_the_future(app: Flask) -> None:
    item = make_item()
    for values, field in (({"circumstances": "broke"}, "circumstances"), ({"days_ago": -1}, "found_on")):
        with pytest.raises(CaseIncomplete) as refused:
            report(item, **values)  # type: ignore[arg-type]
        assert refused.value.field == field


def test_officer_reports_what_his_agency_holds(app: Flask) -> None:
    agency, item, elsewhere = make_agency(), make_item(), make_item()
    hand_over(agency, [item])
    officer = make_officer(agency)
    case = report(item, officer, kind=CaseKind.STOLEN)
    assert (case.agency_id, case.reported_by_name) == (agency.id, officer.name)
    assert find_holder(item) == party_of(agency.id)
    with pytest.raises(Forbidden):
        report(elsewhere, officer)
    with pytest.raises(Forbidden):
        report(item, make_officer(make_agency()))


def test_instructor_reports_and_quartermaster_decides(app: Flask) -> None:
    instructor = make_user(Role.INSTRUCTOR)
    case = report(make_item(), instructor)
    with pytest.raises(Forbidden):
        close_case(case, Decision(CaseOutcome.UNFOUNDED, NOTE), actor=instructor)
    with pytest.raises(Forbidden):
        report(make_item(), make_user(Role.CERTIFYING_OFFICIAL))


def test_photos_are_kept_and_what_is_none_is_refused(app: Flask) -> None:
    case = report(make_item(), photos=(JPEG, b"\x89PNG\r\n\x1a\n more"))
    assert [photo["type"] for photo in case.photos] == ["image/jpeg", "image/png"]
    assert storage.get(str(case.photos[0]["key"])) == JPEG
    for photos in ((b"<svg></svg>",), (JPEG,) * 7, (JPEG + b"x" * cases.MOST_PHOTO_BYTES,)):
        with pytest.raises(BadPhoto):
            report(make_item(), photos=photos)


def test_report_and_decision_are_audited_for_the_agency(app: Flask) -> None:
    agency, item = make_agency(), make_item()
    hand_over(agency, [item])
    close_case(report(item, days_ago=0), Decision(CaseOutcome.UNFOUNDED, NOTE), actor=make_quartermaster())
    entries = db.session.query(AuditEntry).filter(AuditEntry.subject_type == "equipment_case")
    assert [(one.action, one.agency_id) for one in entries.order_by(AuditEntry.id)] == [
        ("equipment_case:reported", agency.id),
        ("equipment_case:closed", agency.id),
    ]
