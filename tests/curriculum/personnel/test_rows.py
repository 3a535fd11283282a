"""Cells become persons, or problems that name the cell."""

from datetime import date, datetime

import pytest

from curriculum.personnel.cells import Cell, Formula
from curriculum.personnel.columns import Column, map_columns
from curriculum.personnel.dates import DateOrder, guess_date_order, read_date, swap_day_and_month
from curriculum.personnel.problems import Problem
from curriculum.personnel.rows import PersonRow, RowReading, read_row
from curriculum.personnel.sheets import SheetRow
from curriculum.personnel.values import (
    read_country,
    read_document_number,
    read_email,
    read_languages,
    read_phone,
)

TODAY = date(2026, 11, 22)
COLUMNS = map_columns([column.value for column in Column], heading_row=1)


def read(order: DateOrder = DateOrder.DMY, **cells: Cell) -> RowReading:
    values: dict[str, Cell] = {
        "family_name": "Haddad",
        "given_names": "Lina",
        "birth_date": "1990-03-25",
        **cells,
    }
    row = SheetRow(7, tuple(values.get(column.value) for column in Column))
    return read_row(row, COLUMNS, today=TODAY, order=order)


def person(**cells: Cell) -> PersonRow:
    reading = read(**cells)
    assert reading.person is not None, reading.problems
    return reading.person


def problems(**cells: Cell) -> list[tuple[str, Problem]]:
    reading = read(**cells)
    assert reading.person is None
    assert all(problem.sentence for problem in reading.problems)
    return [(problem.column, problem.code) for problem in reading.problems]


def test_a_full_row_is_normalised() -> None:
    row = person(
        native_name=" لينا  حدّاد ", nationality="Jordan", document_type="جواز سفر", document_issuer="JOR",
        document_number="n 123-456", document_expires_on=datetime(2030, 1, 2), email="Lina@Cpd.Example",  # noqa: DTZ001
        phone="00962 (6) 555-1234", languages="العربية، الإنجليزية و الفرنسية", rank="Captain",
    )  # fmt: skip

    assert (row.number, row.latin_name, row.native_name) == (7, "Lina Haddad", "لينا حدّاد")
    assert row.document is not None
    assert (row.document.key, row.document.expires_on) == (("passport", "JO", "N123456"), date(2030, 1, 2))
    assert (row.nationality, row.email, row.phone) == ("JO", "Lina@cpd.example", "+96265551234")
    assert row.languages == ("ar", "en", "fr")
    assert row.assumed == ()


def test_what_a_document_lacks_is_filled_in_and_named() -> None:
    row = person(nationality="JO", document_number=123456789)
    assert row.document is not None and row.document.key == ("passport", "JO", "123456789")
    assert row.assumed == (Column.DOCUMENT_TYPE, Column.DOCUMENT_ISSUER)


def test_one_name_is_enough() -> None:
    assert person(family_name=None, given_names="Suharto").latin_name == "Suharto"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"family_name": "", "given_names": None}, ("family_name", Problem.REQUIRED)),
        ({"family_name": "حداد"}, ("family_name", Problem.NOT_LATIN)),
        ({"given_names": "Li\u202ena"}, ("given_names", Problem.BIDI_OVERRIDE)),
        ({"given_names": "Li\x00na"}, ("given_names", Problem.CONTROL_CHARACTER)),
        ({"family_name": Formula("=A1")}, ("family_name", Problem.FORMULA)),
        ({"family_name": "=A1"}, ("family_name", Problem.FORMULA)),
        ({"family_name": "+A1"}, ("family_name", Problem.FORMULA)),
        ({"family_name": "-A1"}, ("family_name", Problem.FORMULA)),
        ({"family_name": "@A1"}, ("family_name", Problem.FORMULA)),
        ({"family_name": "'=A1"}, ("family_name", Problem.FORMULA)),
        ({"phone": "+cmd|' /C calc'!A0"}, ("phone", Problem.FORMULA)),
        ({"rank": "#REF!"}, ("rank", Problem.SPREADSHEET_ERROR)),
        ({"native_name": "أحمد Ali"}, ("native_name", Problem.MIXED_SCRIPTS)),
        ({"birth_date": None}, ("birth_date", Problem.REQUIRED)),
        ({"birth_date": Formula("=TODAY()")}, ("birth_date", Problem.FORMULA)),
        ({"birth_date": "2026-11-23"}, ("birth_date", Problem.BIRTH_IN_FUTURE)),
        ({"birth_date": "1919-12-31"}, ("birth_date", Problem.BIRTH_TOO_EARLY)),
        ({"birth_date": "31/02/1990"}, ("birth_date", Problem.NOT_A_DATE)),
        ({"birth_date": "03/25/1990"}, ("birth_date", Problem.DATE_ORDER)),
        ({"birth_date": "25/03/90"}, ("birth_date", Problem.SHORT_YEAR)),
        ({"birth_date": "1410-05-12"}, ("birth_date", Problem.HIJRI_DATE)),
        ({"birth_date": "12 رمضان 1410"}, ("birth_date", Problem.HIJRI_DATE)),
        ({"birth_date": 1990}, ("birth_date", Problem.NOT_A_DATE)),
        ({"nationality": "Atlantis"}, ("nationality", Problem.UNKNOWN_COUNTRY)),
        ({"document_issuer": "XX", "document_number": "N1234"}, ("document_issuer", Problem.UNKNOWN_COUNTRY)),
        ({"document_type": "library card"}, ("document_type", Problem.UNKNOWN_DOCUMENT_TYPE)),
        ({"document_number": "N?!"}, ("document_number", Problem.BAD_DOCUMENT_NUMBER)),
        ({"document_expires_on": "soon"}, ("document_expires_on", Problem.NOT_A_DATE)),
        ({"document_expires_on": "2999-01-01"}, ("document_expires_on", Problem.DATE_OUT_OF_RANGE)),
        ({"email": "lina@localhost"}, ("email", Problem.BAD_EMAIL)),
        ({"email": "lina@@cpd.example"}, ("email", Problem.BAD_EMAIL)),
        ({"phone": "call me"}, ("phone", Problem.BAD_PHONE)),
        ({"languages": "ar, klingonese"}, ("languages", Problem.UNKNOWN_LANGUAGE)),
        ({"rank": "x" * 81}, ("rank", Problem.TOO_LONG)),
    ],
)
def test_each_problem_names_its_cell(cells: dict[str, Cell], expected: tuple[str, Problem]) -> None:
    assert problems(**cells) == [expected]


def test_all_problems_of_a_row_are_told_at_once() -> None:
    assert problems(family_name="=1", email="x", nationality="??") == [
        ("family_name", Problem.FORMULA),
        ("nationality", Problem.UNKNOWN_COUNTRY),
        ("email", Problem.BAD_EMAIL),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        date(1990, 3, 25), datetime(1990, 3, 25, 12), 32957, 32957.0, "32957", "1990-03-25", "1990/3/25", "25/03/1990",  # noqa: DTZ001
        "25.3.1990", "25-03-1990", "٢٥/٠٣/١٩٩٠", "۱۹۹۰-۰۳-۲۵", "19900325", 19900325, "25 March 1990", "March 25, 1990",
        "25 mars 1990", "25 آذار 1990", "25 مارس 1990", "1990-03-25T00:00:00", "1990-03-25 00:00:00", "\u200f25/03/1990",
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_common_form(cell: Cell) -> None:
    assert read_date(cell, DateOrder.DMY).on == date(1990, 3, 25)


def test_ambiguous_dates_follow_the_order_and_are_told() -> None:
    day_first, month_first = read_date("03/04/1990", DateOrder.DMY), read_date("03/04/1990", DateOrder.MDY)
    assert (day_first.on, month_first.on) == (date(1990, 4, 3), date(1990, 3, 4))
    assert day_first.is_ambiguous and month_first.is_ambiguous
    assert not read_date("1990-03-04", DateOrder.DMY).is_ambiguous
    assert not read_date("04/04/1990", DateOrder.DMY).is_ambiguous


def test_the_order_is_told_by_the_other_dates() -> None:
    assert guess_date_order(["03/04/1990", "25/03/1990"]).order is DateOrder.DMY
    assert guess_date_order(["03/04/1990", "03/25/1990"]).order is DateOrder.MDY
    assert not guess_date_order(["03/04/1990", None, 5]).is_certain
    assert guess_date_order(["25/03/1990", "03/25/1990"]).contradicted


def test_day_and_month_exchange_only_when_that_is_another_date() -> None:
    assert swap_day_and_month(date(1990, 3, 4)) == date(1990, 4, 3)
    assert swap_day_and_month(date(1990, 4, 4)) is None
    assert swap_day_and_month(date(1990, 3, 13)) is None


@pytest.mark.parametrize(
    "text", ["JO", "jo", "JOR", "Jordan", "الأردن", "الاردن", "Jordanie", "Jordanian", "أردنية", "The Jordan"]
)
def test_a_country_is_known_by_code_name_and_nationality(text: str) -> None:
    assert read_country(text) == "JO"


def test_further_values() -> None:
    assert read_country("Côte d’Ivoire") == "CI"
    assert read_country("UK") == "GB"
    assert read_country("USA") == "US"
    assert read_country("XK") == "XK" or read_country("Kosovo") == "XK"
    assert read_document_number("١٢٣-٤٥٦") == "123456"
    assert read_document_number("12") is None
    assert read_phone("٠٧٩ ٥٥٥ ١٢٣٤") == "0795551234"
    assert read_email("mailto:a.b+c@x.example") == "a.b+c@x.example"
    assert read_languages("Arabic; en / Français") == (("ar", "en", "fr"), "")
    assert read_languages("ara, eng") == (("ar", "en"), "")
    assert read_languages("") == ((), "")
