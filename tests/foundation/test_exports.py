"""Exports open safely: text that looks like a formula stays text, numbers stay numbers."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from foundation.exports import escape_formula, stream_csv, unescape_formula, write_csv, write_xlsx

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://host.example";"x")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "|calc",
    "%0A=1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\ufeff=1+1",
    "\u00a0=1+1",
    "\uff1d1+1",
    "\uff0b1+1",
]
HARMLESS = ["-5", "+33123", "-1.5", "3,5", "Al-Khatib", "O'Brien", "a=b", "", "أحمد", "'quoted'", "12%"]


@pytest.mark.parametrize("text", FORMULAS)
def test_formula_is_written_with_an_apostrophe(text: str) -> None:
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert escape_formula(text) == text


@given(st.text())
def test_escaping_is_undone_and_done_once(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text or text.startswith("'")
    assert escape_formula(escape_formula(text)) == escape_formula(text)


def test_formulas_are_inert_in_csv_and_xlsx() -> None:
    rows = [[text, 1] for text in FORMULAS]

    lines = list(csv.reader(io.StringIO(write_csv(["text", "number"], rows).decode("utf-8-sig"), newline="")))
    sheet = load_workbook(io.BytesIO(write_xlsx(["text", "number"], rows))).active

    assert [line[0] for line in lines[1:]] == [f"'{text}" for text in FORMULAS]
    for row in sheet.iter_rows(min_row=2):
        assert row[0].data_type == "s"
        assert row[0].value.startswith("'")
        assert row[1].value == 1


def test_headings_that_look_like_formulas_are_text_too() -> None:
    assert write_csv(["=1+1"], []).decode("utf-8-sig") == "'=1+1\r\n"
    assert load_workbook(io.BytesIO(write_xlsx(["=1+1"], []))).active["A1"].data_type == "s"


def test_values_keep_their_kind() -> None:
    moment = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
    row = ["Ann", 7, -5, 2.5, Decimal("70.25"), True, None, date(1990, 3, 25), moment]

    text = write_csv(["a"] * 9, [row]).decode("utf-8-sig").splitlines()[1]
    cells = [cell.value for cell in load_workbook(io.BytesIO(write_xlsx(["a"] * 9, [row]))).active[2]]

    assert text == "Ann,7,-5,2.5,70.25,true,,1990-03-25,2026-11-22T14:05:00+00:00"
    assert cells[:7] == ["Ann", 7, -5, 2.5, 70.25, True, None]
    assert cells[7:] == [datetime(1990, 3, 25), datetime(2026, 11, 22, 14, 5)]  # noqa: DTZ001


def test_tags_of_humanitarian_data_stand_under_the_headings() -> None:
    data = write_csv(["name", "country"], [["Ann", "JO"]], hxl=["#contact+name", "#country+code"])
    assert data.decode("utf-8-sig").splitlines() == ["name,country", "#contact+name,#country+code", "Ann,JO"]
    sheet = load_workbook(io.BytesIO(write_xlsx(["name"], [["Ann"]], hxl=["#contact+name"]))).active
    assert sheet["A2"].value == "#contact+name"


def test_csv_begins_with_a_byte_order_mark_and_streams_line_by_line() -> None:
    pieces = list(stream_csv(["a"], ([str(n)] for n in range(3))))
    assert pieces[0] == "\ufeff"
    assert "".join(pieces) == "\ufeffa\r\n0\r\n1\r\n2\r\n"


def test_xlsx_bears_control_characters_odd_titles_and_right_to_left() -> None:
    data = write_xlsx(
        ["a"], [["x\x00y\x0b"]], title="A/B:[C]*?" * 9, right_to_left=True, notes=[["n", "=1+1"]]
    )
    book = load_workbook(io.BytesIO(data))
    assert book.worksheets[0]["A2"].value == "x\ufffdy\ufffd"
    assert book.worksheets[0].sheet_view.rightToLeft
    assert len(book.worksheets[0].title) <= 31
    assert book.worksheets[1]["B1"].value == "'=1+1"
