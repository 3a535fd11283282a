"""Files that mean harm are refused within two seconds of processor time and without much memory."""

import time
import tracemalloc
from collections.abc import Callable
from datetime import date

import pytest

from curriculum.personnel.problems import Refusal, SheetRefused
from curriculum.personnel.rows import read_rows
from curriculum.personnel.sheets import open_sheet
from tests.support import hostile_sheets as hostile

MOST_SECONDS = 2.0
MOST_BYTES = 200 * 1024 * 1024


def read_all(data: bytes, filename: str = "sheet.xlsx") -> list[object]:
    sheet = open_sheet(data, filename=filename)
    return list(read_rows(sheet, today=date(2026, 11, 22))[1])


def refusal_of(data: bytes, filename: str = "sheet.xlsx") -> Refusal:
    with pytest.raises(SheetRefused) as caught:
        read_all(data, filename)
    assert caught.value.message
    return caught.value.code


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (hostile.zip_bomb, Refusal.UNPACKED_TOO_BIG),
        (hostile.lying_header, Refusal.DAMAGED),
        (hostile.lying_checksum, Refusal.DAMAGED),
        (hostile.far_corner, Refusal.TOO_MANY_COLUMNS),
        (hostile.far_row, Refusal.TOO_MANY_ROWS),
        (hostile.many_small_cells, Refusal.UNPACKED_TOO_BIG),
        (hostile.too_many_rows, Refusal.TOO_MANY_ROWS),
        (hostile.entity_bomb, Refusal.FORBIDDEN_XML),
        (hostile.doctype_in_utf16, Refusal.FORBIDDEN_XML),
        (hostile.many_parts, Refusal.TOO_MANY_PARTS),
        (hostile.macro_workbook, Refusal.MACRO),
        (hostile.macro_type, Refusal.MACRO),
        (hostile.strange_reference, Refusal.DAMAGED),
        (hostile.many_styles, Refusal.UNPACKED_TOO_BIG),
        (hostile.sheet_elsewhere, Refusal.NOT_A_SHEET),
    ],
)
def test_hostile_workbook_is_refused_soon_and_with_little_memory(
    make: Callable[[], bytes], refusal: Refusal
) -> None:
    data = make()
    tracemalloc.start()
    try:
        start = time.process_time()
        assert refusal_of(data) is refusal
        spent = time.process_time() - start
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert spent < MOST_SECONDS
    assert peak < MOST_BYTES


@pytest.mark.parametrize(
    ("data", "filename", "refusal"),
    [
        (b"", "a.csv", Refusal.EMPTY),
        (b" \r\n", "a.csv", Refusal.EMPTY),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls", Refusal.OLD_EXCEL),
        (hostile.workbook(), "macros.xlsm", Refusal.MACRO),
        (b"%PDF-1.7\n", "sheet.xlsx", Refusal.NOT_A_SHEET),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "sheet.csv", Refusal.NOT_A_SHEET),
        (
            b"<html><table><tr><td>family_name</td></tr></table></html>",
            "sheet.xls",
            Refusal.OTHER_SPREADSHEET,
        ),
        (b"\x01\x02\x03\x04" * 200, "sheet.csv", Refusal.NOT_A_SHEET),
        (b"PK\x03\x04 broken", "sheet.xlsx", Refusal.DAMAGED),
        (hostile.workbook()[:700], "sheet.xlsx", Refusal.DAMAGED),
        (hostile.workbook(b"<worksheet><sheetData>"), "sheet.xlsx", Refusal.DAMAGED),
        (hostile.workbook(), "sheet.xlsx", Refusal.NO_ROWS),
        (b"x" * (10 * 1024 * 1024 + 1), "sheet.csv", Refusal.TOO_BIG),
    ],
)
def test_what_is_no_personnel_sheet_is_refused_by_its_bytes(
    data: bytes, filename: str, refusal: Refusal
) -> None:
    assert refusal_of(data, filename) is refusal


def test_csv_beyond_rows_columns_and_cell_length_is_refused() -> None:
    head = b"family_name,birth_date\r\n"
    assert refusal_of(head + b"Smith,1990-01-01\r\n" * 20_001, "a.csv") is Refusal.TOO_MANY_ROWS
    assert refusal_of(head + b"Smith,1990-01-01" + b",x" * 60, "a.csv") is Refusal.TOO_MANY_COLUMNS
    assert refusal_of(head + b'"Smith,1990-01-01\r\n' + b"x" * 200_000, "a.csv") is Refusal.CELL_TOO_LONG


def test_twenty_thousand_rows_are_read_in_flat_memory() -> None:
    data = b"family_name,given_names,birth_date\r\n" + b"Smith,Ann,1990-01-01\r\n" * 20_000
    sheet = open_sheet(data)
    tracemalloc.start()
    try:
        count = sum(1 for _row in sheet.rows())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 4 * 1024 * 1024


def test_cells_far_away_without_a_value_do_no_harm() -> None:
    row = hostile.person_row(2, "Smith", "Ann", "1990-01-01")
    data = hostile.workbook(row + '<row r="1048576" ht="20"><c r="XFD1048576" s="0"/></row>')

    assert len(read_all(data)) == 1
