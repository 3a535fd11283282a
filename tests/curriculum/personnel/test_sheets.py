"""Sheets are opened in every encoding, delimiter and layout that agencies send."""

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from accounts.demo.people import invent_people
from curriculum.personnel.cells import Formula
from curriculum.personnel.columns import HEADINGS, Column, map_columns
from curriculum.personnel.encoding import Confidence
from curriculum.personnel.problems import Refusal, SheetRefused
from curriculum.personnel.sheets import SheetKind, open_sheet
from curriculum.personnel.template import template_csv, template_xlsx
from tests.support.story_sheet import csv_bytes

ARABIC = [
    ["اسم العائلة", "الاسم الأول", "الاسم بالعربية", "تاريخ الميلاد"],
    ["Al-Masri", "Ahmad", "أحمد المصري", "25/03/1990"],
    ["Haddad", "Lina", "لينا حداد", "26/04/1991"],
    ["Qasim", "Omar", "عمر قاسم", "27/05/1992"],
]
FRENCH = [
    ["Nom de famille", "Prénoms", "Date de naissance"],
    ["Lefèvre", "Élodie", "25/03/1990"],
    ["Bâ", "François", "26/04/1991"],
    ["Müller", "Joël", "26/04/1991"],
]


def texts(data: bytes, encoding: str | None = None) -> list[list[object]]:
    return [list(row.cells) for row in open_sheet(data, encoding=encoding).rows()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("codec", "name", "confidence"),
    [
        ("utf-8", "utf-8", Confidence.CERTAIN),
        ("utf-8-sig", "utf-8", Confidence.CERTAIN),
        ("utf-16", "utf-16", Confidence.CERTAIN),
        ("utf-16-le", "utf-16", Confidence.LIKELY),
        ("utf-16-be", "utf-16", Confidence.LIKELY),
        ("cp1256", "windows-1256", Confidence.LIKELY),
    ],
)
def test_arabic_sheet_is_read_in_every_encoding(
    codec: str, name: str, confidence: Confidence, delimiter: str
) -> None:
    data = csv_bytes(ARABIC, encoding=codec, delimiter=delimiter)

    sheet = open_sheet(data)

    assert sheet.kind is SheetKind.CSV
    assert sheet.encoding is not None
    assert (sheet.encoding.name, sheet.encoding.confidence) == (name, confidence)
    assert sheet.delimiter == delimiter
    assert texts(data) == ARABIC[1:]


def test_french_sheet_in_windows_1252_is_recognised() -> None:
    sheet = open_sheet(csv_bytes(FRENCH, encoding="cp1252", delimiter=";"))

    assert sheet.encoding is not None and sheet.encoding.name == "windows-1252"
    assert sheet.encoding.confidence is Confidence.LIKELY
    assert next(sheet.rows()).cells == ("Lefèvre", "Élodie", "25/03/1990")


def test_one_accented_letter_is_an_unsure_guess() -> None:
    sheet = open_sheet(csv_bytes([["nom", "date de naissance"], ["Bâ", "1990-03-25"]], encoding="cp1252"))
    assert sheet.encoding is not None and sheet.encoding.confidence is Confidence.UNSURE


def test_the_guess_can_be_overruled() -> None:
    data = csv_bytes([["nom", "date de naissance"], ["Jeżek", "1990-03-25"]], encoding="cp1250")
    assert texts(data, "windows-1256") != texts(data, "cp1252")
    with pytest.raises(SheetRefused) as wrong:
        open_sheet(data, encoding="utf-8")
    assert wrong.value.code is Refusal.WRONG_ENCODING
    with pytest.raises(SheetRefused) as unknown:
        open_sheet(data, encoding="ebcdic")
    assert unknown.value.code is Refusal.UNKNOWN_ENCODING


def test_row_numbers_are_those_of_the_spreadsheet() -> None:
    text = 'List of nominees\r\n\r\nfamily_name,given_names,birth_date\r\nA,"two\r\nlines",x\r\n\r\n,,\r\nB,C,y\r\n'
    sheet = open_sheet(text.encode())
    assert sheet.columns.heading_row == 3
    assert [row.number for row in sheet.rows()] == [4, 7]


def test_the_separator_line_of_a_spreadsheet_program_is_obeyed_and_not_counted() -> None:
    sheet = open_sheet(b"sep=;\r\nfamily_name;birth_date\r\nSmith;1990-03-25\r\n")
    assert sheet.delimiter == ";"
    assert [(row.number, row.cells) for row in sheet.rows()] == [(2, ("Smith", "1990-03-25"))]


def test_workbook_is_read_as_the_library_reads_it() -> None:
    book = Workbook()
    sheet = book.active
    sheet.append([column.value for column in Column])
    for person in invent_people(50):
        sheet.append(
            [
                person.family_name,
                person.given_names,
                person.native_name,
                person.birth_date,
                17,
                2.5,
                True,
                None,
                "x",
            ]
        )
    sheet["A60"] = "far below"
    sheet["C61"] = datetime(1990, 3, 25, 13, 30, tzinfo=UTC).replace(tzinfo=None)
    buffer = io.BytesIO()
    book.save(buffer)

    judge = load_workbook(io.BytesIO(buffer.getvalue()), read_only=True)
    expected = [list(row) for row in judge.active.iter_rows(min_row=2, values_only=True) if any(row)]
    found = [list(row.cells) for row in open_sheet(buffer.getvalue()).rows()]

    def trimmed(row: list[object]) -> list[object]:
        while row and row[-1] is None:
            row.pop()
        return row

    assert [trimmed(row) for row in found] == [trimmed(row) for row in expected]


def test_formula_error_and_later_worksheets_are_seen_for_what_they_are() -> None:
    book = Workbook()
    hidden = book.active
    hidden.title, hidden.sheet_state = "Hidden", "hidden"
    sheet = book.create_sheet("People")
    sheet.append(["family_name", "birth_date"])
    sheet.append(["=1+1", "1990-03-25"])
    book.create_sheet("Notes")
    buffer = io.BytesIO()
    book.save(buffer)

    opened = open_sheet(buffer.getvalue())

    assert (opened.worksheet, opened.other_worksheets) == ("People", ("Notes",))
    assert next(opened.rows()).cells[0] == Formula("=1+1")


def test_dates_of_the_1904_calendar_are_right() -> None:
    book = Workbook()
    book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
    book.active.append(["family_name", "birth_date"])
    book.active.append(["Smith", date(1990, 3, 25)])
    buffer = io.BytesIO()
    book.save(buffer)
    opened = open_sheet(buffer.getvalue())
    assert opened.is_1904
    assert next(opened.rows()).cells[1] == datetime(1990, 3, 25)  # noqa: DTZ001


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_the_template_of_each_language_is_a_sheet_with_all_columns(language: str) -> None:
    for data in (template_csv(language), template_xlsx(language)):
        sheet = open_sheet(data)
        assert set(sheet.columns.positions) == set(Column)
        assert sheet.columns.language == language
        assert sheet.columns.extra == ()


def test_headings_are_recognised_in_any_order_case_and_language() -> None:
    columns = map_columns(
        ["E-MAIL ", "Date de naissance", "اسم العائلة", "Remarks", "First name*"], heading_row=1
    )
    assert columns.positions == {
        Column.EMAIL: 0, Column.BIRTH_DATE: 1, Column.FAMILY_NAME: 2, Column.GIVEN_NAMES: 4,
    }  # fmt: skip
    assert columns.ignored == ("Remarks",)


def test_no_heading_means_two_columns() -> None:
    seen: dict[str, Column] = {}
    for table in HEADINGS.values():
        for column, names in table.items():
            for name in names:
                found = next(iter(map_columns([name, "family_name" if column is not Column.FAMILY_NAME else "x",
                                               "birth_date" if column is not Column.BIRTH_DATE else "y"],
                                              heading_row=1).positions))  # fmt: skip
                assert seen.setdefault(name, column) is column
                assert found is column


@pytest.mark.parametrize(
    ("headings", "refusal"),
    [
        (["family_name", "Surname", "birth_date"], Refusal.DUPLICATE_COLUMNS),
        (["family_name", "given_names"], Refusal.MISSING_COLUMNS),
        (["birth_date", "native_name"], Refusal.MISSING_COLUMNS),
        (["one", "two"], Refusal.NO_HEADINGS),
    ],
)
def test_headings_that_cannot_be_used_are_refused(headings: list[str], refusal: Refusal) -> None:
    with pytest.raises(SheetRefused) as caught:
        map_columns(headings, heading_row=1)
    assert caught.value.code is refusal


def test_a_heading_that_names_the_document_says_its_kind() -> None:
    assert map_columns(["surname", "dob", "رقم الجواز"], heading_row=1).document_type == "passport"
    assert map_columns(["surname", "dob", "National ID"], heading_row=1).document_type == "national_id"
