"""The acceptance story's sheet, steps 2 to 5, as far as no database is needed."""

from datetime import date

import pytest

from accounts.demo.people import STORY_NAMESAKES
from curriculum.personnel.classing import KnownList, Reason, Rehearsal, RowClass, class_rows
from curriculum.personnel.problems import Problem
from curriculum.personnel.report import report_json, write_error_workbook
from curriculum.personnel.rows import read_rows
from curriculum.personnel.sheets import Sheet, open_sheet
from tests.support import story_sheet as story

TODAY = date(2026, 11, 22)


def rehearse(sheet: Sheet, known: KnownList) -> Rehearsal:
    order, readings = read_rows(sheet, today=TODAY)
    return class_rows(readings, known, order=order)


@pytest.fixture(params=["xlsx", "windows-1256"])
def sheet(request: pytest.FixtureRequest) -> Sheet:
    return open_sheet(story.story_xlsx() if request.param == "xlsx" else story.story_csv())


def test_the_sheet_has_26_rows_and_the_classes_of_the_story(sheet: Sheet) -> None:
    report = report_json(rehearse(sheet, story.known_before()))

    assert report["rows"] == 26
    assert {name: report[name] for name in story.STORY_COUNTS} == {
        "new": 19, "known": 3, "exact_duplicates": 1, "probable_duplicates": 1, "errors": 2,
    }  # fmt: skip
    assert report["written"] == 0


def test_the_errors_name_column_and_reason(sheet: Sheet) -> None:
    rehearsal = rehearse(sheet, story.known_before())

    errors = [row for row in rehearsal.rows if row.row_class is RowClass.ERROR]
    assert [[(p.column, p.code) for p in row.problems] for row in errors] == [
        [("birth_date", Problem.BIRTH_IN_FUTURE)],
        [("family_name", Problem.REQUIRED)],
    ]


def test_the_probable_duplicate_is_one_passport_under_two_latin_spellings(sheet: Sheet) -> None:
    rehearsal = rehearse(sheet, story.known_before())

    (row,) = [row for row in rehearsal.rows if row.row_class is RowClass.PROBABLE_DUPLICATE]
    assert row.reason is Reason.DOCUMENT_OTHER_NAME
    assert row.matches_row == 6
    assert row.person is not None
    assert row.person.latin_name == "Mohamed Sameer El Tamimy"


def test_a_person_of_another_agency_is_known_and_nothing_else(sheet: Sheet) -> None:
    details = report_json(rehearse(sheet, story.known_before()))["details"]

    assert isinstance(details, list)
    foreign = details[5]
    assert foreign == {"row": 7, "class": "known", "column": None, "reason": "Known person.", "person": None}


def test_namesakes_with_different_birth_dates_are_two_new_people(sheet: Sheet) -> None:
    rehearsal = rehearse(sheet, story.known_before())

    birth_dates = {person.birth_date for person in STORY_NAMESAKES}
    rows = [row for row in rehearsal.rows if row.person and row.person.birth_date in birth_dates]
    assert [row.row_class for row in rows] == [RowClass.NEW, RowClass.NEW]
    assert rows[0].person is not None and rows[1].person is not None
    assert rows[0].person.native_key == rows[1].person.native_key


def test_corrected_error_workbook_brings_the_nominees_to_24(sheet: Sheet) -> None:
    rehearsal = rehearse(sheet, story.known_before())
    workbook = write_error_workbook(
        sheet, rehearsal.rows, order=rehearsal.order.order, classes={RowClass.ERROR}
    )  # type: ignore[union-attr]

    again = rehearse(open_sheet(story.correct_story_workbook(workbook)), story.known_before())

    assert [row.row_class for row in again.rows] == [RowClass.NEW, RowClass.NEW]
    people = {
        row.person.document.key
        for row in (*rehearsal.rows, *again.rows)
        if row.person is not None and row.person.document is not None
    }
    assert len(people) == 24


def test_the_same_sheet_again_is_known_row_by_row(sheet: Sheet) -> None:
    on_record = story.known_list(story.STORY_PEOPLE)

    rehearsal = rehearse(sheet, on_record)

    assert rehearsal.count(RowClass.NEW) == 0
    assert rehearsal.count(RowClass.KNOWN) == 22
