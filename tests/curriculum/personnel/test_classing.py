"""Rows are classed in the order of the product's table; the first class that fits is the row's."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from types import FrameType

import pytest

from accounts.demo.people import InventedPerson, invent_people
from curriculum.personnel.classing import (
    ClassedRow,
    KnownList,
    KnownPerson,
    Reason,
    Rehearsal,
    RowClass,
    class_rows,
)
from curriculum.personnel.columns import Column
from curriculum.personnel.dates import DateOrder, OrderGuess
from curriculum.personnel.report import describe_row, report_json, write_error_workbook
from curriculum.personnel.rows import read_rows
from curriculum.personnel.sheets import Sheet, open_sheet
from tests.support.story_sheet import csv_bytes, known_list

TODAY = date(2026, 11, 22)
HANA = InventedPerson(
    given_names="Hana Ibrahim", family_name="Saleh", native_name="هناء إبراهيم صالح", birth_date=date(1983, 3, 9),
    nationality="JO", document_number="N4188238", document_expires_on=date(2030, 1, 1), email="hana@cpd.example",
    phone="+962 6 555 1302", languages=("ar", "en"), rank="Physician",
)  # fmt: skip


def sheet_of(people: Iterable[InventedPerson]) -> Sheet:
    lines: list[Sequence[str]] = [[column.value for column in Column]]
    for person in people:
        document = (person.document_type, person.nationality) if person.document_number else ("", "")
        lines.append(
            [
                person.family_name, person.given_names, person.native_name, person.birth_date.isoformat(),
                person.nationality, *document, person.document_number, "", person.email, person.phone,
                ",".join(person.languages), person.rank,
            ]
        )  # fmt: skip
    return open_sheet(csv_bytes(lines))


def rehearse(people: Iterable[InventedPerson], known: KnownList | None = None) -> Rehearsal:
    order, readings = read_rows(sheet_of(people), today=TODAY)
    return class_rows(readings, known or KnownList(), order=order)


def class_against(person: InventedPerson, *known: InventedPerson) -> ClassedRow:
    """Class one row against persons on record, and check that earlier rows of a file give the same class."""
    against_record = rehearse([person], known_list(known)).rows[-1]
    against_file = rehearse([*known, person]).rows[-1]
    if against_file.row_class is not RowClass.EXACT_DUPLICATE:
        assert against_file.row_class is against_record.row_class
    return against_record


def test_a_stranger_is_new() -> None:
    row = class_against(HANA, *invent_people(20))
    assert (row.row_class, row.reason, row.match) == (RowClass.NEW, None, None)


def test_same_document_birth_date_and_names_are_known() -> None:
    row = class_against(replace(HANA, given_names="HANA  IBRAHIM", native_name="", rank="Doctor"), HANA)
    assert (row.row_class, row.reason) == (RowClass.KNOWN, Reason.SAME_DOCUMENT)
    assert row.match is not None and row.match.reference == "P00001"


@pytest.mark.parametrize(
    "changes",
    [
        {"document_number": ""},
        {"document_number": "", "native_name": ""},
        {"document_number": "", "given_names": "Hanaa Ebrahim"},  # the native name agrees
        {"document_number": "123456", "document_type": "national_id"},
    ],
)
def test_name_and_birth_date_without_a_contradicting_document_are_known(changes: dict[str, str]) -> None:
    row = class_against(replace(HANA, **changes), HANA)  # type: ignore[arg-type]
    assert (row.row_class, row.reason) == (RowClass.KNOWN, Reason.SAME_NAME_AND_BIRTH_DATE)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"family_name": "Salih"}, Reason.DOCUMENT_OTHER_NAME),
        ({"given_names": "Saleh", "family_name": "Hana Ibrahim"}, Reason.DOCUMENT_OTHER_NAME),
        ({"native_name": "هناء صالح"}, Reason.DOCUMENT_OTHER_NAME),
        ({"birth_date": date(1984, 3, 9)}, Reason.DOCUMENT_OTHER_BIRTH_DATE),
        ({"document_number": "N999"}, Reason.OTHER_DOCUMENT),
        ({"document_number": "", "native_name": "", "given_names": "Hanaa Ebrahim"}, Reason.TRANSLITERATION),
        (
            {"document_number": "", "native_name": "", "given_names": "Saleh", "family_name": "Hana Ibrahim"},
            Reason.ORDER,
        ),
        ({"document_number": "", "native_name": "", "given_names": "Hana"}, Reason.MISSING_PART),
        ({"document_number": "", "birth_date": date(1983, 9, 3)}, Reason.DAY_AND_MONTH),
        ({"document_number": "N999", "birth_date": date(1983, 9, 3)}, Reason.DAY_AND_MONTH),
    ],
)
def test_probable_duplicates_name_their_reason(changes: dict[str, object], reason: Reason) -> None:
    row = class_against(replace(HANA, **changes), HANA)  # type: ignore[arg-type]
    assert (row.row_class, row.reason) == (RowClass.PROBABLE_DUPLICATE, reason)
    assert describe_row(row)


@pytest.mark.parametrize(
    "changes",
    [
        {"document_number": "", "birth_date": date(1990, 1, 1)},
        {"document_number": "", "native_name": "", "given_names": "Huda Ibrahim"},
        {
            "document_number": "",
            "given_names": "Hana Ibraheem",
            "native_name": "حنان إبراهيم صالح",
            "family_name": "Salehi",
        },
    ],
)
def test_one_name_with_another_birth_date_and_sisters_are_new(changes: dict[str, object]) -> None:
    assert class_against(replace(HANA, **changes), HANA).row_class is RowClass.NEW  # type: ignore[arg-type]


def test_a_row_equal_after_trimming_and_folding_is_an_exact_duplicate() -> None:
    again = replace(HANA, given_names=" hana ibrahim", family_name="SALEH")
    rehearsal = rehearse([HANA, again, replace(HANA, rank="Doctor")])
    assert [row.row_class for row in rehearsal.rows] == [
        RowClass.NEW,
        RowClass.EXACT_DUPLICATE,
        RowClass.KNOWN,
    ]
    assert [row.matches_row for row in rehearsal.rows] == [None, 2, 2]


def test_own_persons_are_preferred_to_those_of_others_and_those_to_earlier_rows() -> None:
    bare = replace(HANA, document_number="")
    known = known_list([bare, bare], own=[False, True])
    row = rehearse([bare], known).rows[0]
    assert row.row_class is RowClass.KNOWN
    assert row.match is not None and row.match.id == 2

    later = rehearse([replace(bare, rank="x"), bare], known_list([bare])).rows[1]
    assert later.match is not None and later.matches_row is None


def test_two_known_persons_of_one_name_and_day_are_a_question() -> None:
    bare = replace(HANA, document_number="")
    row = rehearse([bare], known_list([bare, bare])).rows[0]
    assert (row.row_class, row.reason) == (RowClass.PROBABLE_DUPLICATE, Reason.SEVERAL_PERSONS)


def test_a_native_first_name_alone_recognises_nobody() -> None:
    first, second = (
        replace(HANA, document_number="", native_name="محمد", given_names="Mohammed", family_name=family)
        for family in ("Ali", "Tawil")
    )
    assert class_against(second, first).row_class is RowClass.NEW


def test_a_person_of_another_agency_is_told_as_known_and_nothing_else() -> None:
    rehearsal = rehearse([replace(HANA, family_name="Salih")], known_list([HANA], own=[False]))
    report = report_json(rehearsal, written=0)
    assert report["details"] == [
        {"row": 2, "class": "probable_duplicate", "column": None, "reason": "Known person.", "person": None}
    ]


def test_the_class_does_not_depend_on_the_order_of_the_record() -> None:
    people = list(invent_people(300))
    rows = [*people[:50], *(replace(person, document_number="") for person in people[50:100])]
    entries = [
        (KnownPerson(n, f"P{n}", n % 2 == 0, *keys), None)
        for n, keys in enumerate((row.person.latin_key, row.person.native_key, row.person.birth_date)
                                 for row in rehearse(people).rows if row.person)
    ]  # fmt: skip
    forwards, backwards = rehearse(rows, KnownList(entries)), rehearse(rows, KnownList(reversed(entries)))
    assert forwards == backwards


def test_ambiguous_dates_are_counted_only_while_no_date_proves_the_order() -> None:
    head = "family_name,birth_date\r\n"
    for text, expected in (("A,03/04/1990\r\nB,05/06/1990", 2), ("A,03/04/1990\r\nB,25/06/1990", 0)):
        order, readings = read_rows(open_sheet((head + text).encode()), today=TODAY)
        assert class_rows(readings, KnownList(), order=order).ambiguous_dates == expected
    order, readings = read_rows(
        open_sheet((head + "A,03/04/1990").encode()), today=TODAY, date_order=DateOrder.MDY
    )
    rehearsal = class_rows(readings, KnownList(), order=order)
    assert rehearsal.ambiguous_dates == 0
    assert rehearsal.rows[0].person is not None and rehearsal.rows[0].person.birth_date == date(1990, 3, 4)


def test_the_error_workbook_keeps_layout_and_text_and_comes_back_readable() -> None:
    text = (
        "Remarks,family_name,given_names,birth_date,phone,document_number\r\n"
        "=1+1,Smith,Ann,03/25/1990,+962 6 555 1234,007\r\n"
        ",Smith,Bob,03/04/1990,+962 6 555 1235,N?!\r\n"
        ",=HYPERLINK(1),Cy,03/05/1990,,\r\n"
    )
    sheet = open_sheet(text.encode())
    order, readings = read_rows(sheet, today=TODAY)
    rehearsal = class_rows(readings, KnownList(), order=order)
    assert order == OrderGuess(DateOrder.MDY, is_certain=True)

    returned = open_sheet(write_error_workbook(sheet, rehearsal.rows, order=order.order))

    assert returned.columns.headings == (*sheet.columns.headings, "problem")
    assert returned.columns.ignored == ("Remarks",)
    rows = [row.cells for row in returned.rows()]
    assert [row[1:4] for row in rows] == [
        ("Smith", "Bob", "1990-03-04"),
        ("'=HYPERLINK(1)", "Cy", "1990-03-05"),
    ]
    assert rows[0][4] == "'+962 6 555 1235"
    _order, again = read_rows(returned, today=TODAY)
    assert [[(p.column, p.code.value) for p in reading.problems] for reading in again] == [
        [("document_number", "bad_document_number")],
        [("family_name", "formula")],
    ]


@pytest.mark.parametrize("one_day", [False, True])
def test_classing_is_never_quadratic(one_day: bool) -> None:
    def people(count: int, start: int = 0) -> list[InventedPerson]:
        found = list(invent_people(count, start=start))
        return [replace(person, birth_date=date(1990, 1, 1)) for person in found] if one_day else found

    def count_calls(count: int) -> int:
        """Count the calls of Python functions: unlike seconds they are the same on a busy machine."""
        known = known_list(people(2 * count))
        _order, readings = read_rows(sheet_of(people(count, start=count)), today=TODAY)
        read = list(readings)
        calls = 0

        def note(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(note)
        try:
            class_rows(read, known)
        finally:
            sys.setprofile(None)
        return calls

    count_calls(100)
    assert count_calls(1_600) < 8 * count_calls(400)
