"""Inspections: until when they count, what a failed one does, and what is due."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from accounts.permissions import Role
from equipment.ledger import Condition
from equipment.models import Inspection, InspectionResult, Item
from equipment.services import dues
from equipment.services.holdings import list_held
from equipment.services.inspections import Finding, InspectionIncomplete, record_inspections
from foundation import clock
from foundation.dates import add_months
from foundation.db import db
from foundation.errors import Forbidden
from tests.factories.accounts import make_user
from tests.factories.equipment import LONG_AGO, make_item, make_items, make_quartermaster, make_type
from tests.support.statements import counted_statements

PASS, LIMITED, FAIL = InspectionResult.PASS, InspectionResult.LIMITED, InspectionResult.FAIL


def inspect(
    *things: Item,
    on: date,
    result: InspectionResult = PASS,
    condition: Condition = Condition.SERVICEABLE,
    limits: str | None = None,
) -> list[Inspection]:
    findings = [Finding(item, result, condition, limits=limits) for item in things]
    return record_inspections(findings, done_on=on, actor=make_quartermaster())


def reasons(on: date) -> list[tuple[str, ...]]:
    return [one.reasons for one in list_held(None, on=on)[0]]


def test_item_never_inspected_is_due_one_interval_after_it_came(app: Flask) -> None:
    make_item(item_type=make_type(inspect_every_months=3))
    assert list_held(None, on=LONG_AGO)[0][0].inspection_due_on == date(2026, 4, 5)
    assert (reasons(date(2026, 4, 5)), reasons(date(2026, 4, 6))) == ([()], [("inspection_overdue",)])


def test_inspection_counts_one_interval_from_its_day(app: Flask) -> None:
    item = make_item(item_type=make_type(inspect_every_months=3))
    (row,) = inspect(item, on=date(2026, 5, 31))
    assert row.valid_until == date(2026, 8, 31)
    assert reasons(date(2026, 5, 30)) == [("inspection_overdue",)]
    assert (reasons(date(2026, 5, 31)), reasons(date(2026, 8, 31))) == ([()], [()])
    assert reasons(date(2026, 9, 1)) == [("inspection_overdue",)]


def test_failed_item_is_not_usable_until_it_passes(app: Flask) -> None:
    item = make_item()
    inspect(item, on=date(2026, 5, 1), result=FAIL, condition=Condition.UNSERVICEABLE)
    inspect(item, on=date(2026, 6, 1))
    assert reasons(date(2026, 5, 1)) == [("inspection_failed", "condition")]
    assert reasons(date(2026, 6, 1)) == [()]


def test_pass_with_limits_says_which_and_does_not_count_as_ready(app: Flask) -> None:
    item = make_item()
    with pytest.raises(InspectionIncomplete, match=item.tag):
        inspect(item, on=clock.today(), result=LIMITED, condition=Condition.LIMITED)
    inspect(item, on=clock.today(), result=LIMITED, condition=Condition.LIMITED, limits="Indoors only")
    assert reasons(clock.today()) == [("condition",)]


def test_what_passes_is_serviceable(app: Flask) -> None:
    with pytest.raises(InspectionIncomplete):
        inspect(make_item(), on=clock.today(), condition=Condition.UNSERVICEABLE)


def test_several_items_are_inspected_at_once_all_or_none(app: Flask) -> None:
    good, bad = make_items(2)
    findings = [
        Finding(good, PASS, Condition.SERVICEABLE),
        Finding(bad, LIMITED, Condition.LIMITED),
    ]
    with pytest.raises(InspectionIncomplete):
        record_inspections(findings, done_on=clock.today(), actor=make_quartermaster())
    db.session.flush()
    assert db.session.query(Inspection).count() == 0
    assert len(inspect(good, bad, on=clock.today())) == 2


def test_inspection_lies_not_in_the_future(app: Flask) -> None:
    with pytest.raises(InspectionIncomplete):
        inspect(make_item(), on=clock.today() + timedelta(days=2))


def test_only_a_quartermaster_inspects(app: Flask) -> None:
    finding = Finding(make_item(), PASS, Condition.SERVICEABLE)
    with pytest.raises(Forbidden):
        record_inspections([finding], done_on=clock.today(), actor=make_user(Role.INSTRUCTOR))


def test_inspections_are_not_changed_by_plain_sql(app: Flask) -> None:
    inspect(make_item(), on=clock.today())
    db.session.commit()
    for statement in ("UPDATE inspection SET result = 'pass'", "DELETE FROM inspection"):
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_items_due_are_listed_the_most_urgent_first(app: Flask) -> None:
    day = date(2026, 6, 15)
    quarterly, yearly = make_type(inspect_every_months=3), make_type(inspect_every_months=12)
    overdue, inspected, soon = make_items(3, item_type=quarterly)
    make_items(2, item_type=yearly)
    make_item()
    inspect(inspected, on=date(2026, 6, 1))
    inspect(soon, on=date(2026, 4, 10))
    listed = dues.list_due_inspections(until=day + timedelta(days=30), on=day)
    assert [(one.item_id, one.due_on) for one in listed] == [
        (overdue.id, add_months(LONG_AGO, 3)),
        (soon.id, date(2026, 7, 10)),
    ]


def test_list_of_items_due_costs_the_same_number_of_statements_for_three_and_for_thirty(app: Flask) -> None:
    counts, on = [], clock.today()
    for number in (3, 27):
        make_items(number, item_type=make_type(inspect_every_months=3))
        with counted_statements() as statements:
            assert dues.list_due_inspections(until=on, on=on)
        counts.append(len(statements))
    assert counts == [6, 6]
