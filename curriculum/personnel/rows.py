"""Turn the cells of one row into a person, or say cell by cell what is wrong.

Pure: the same cells give the same answer, and today's date is handed in. Nothing is guessed silently: what the sheet does
not say and the row needs (the kind and the issuer of a numbered document) is filled in and named in `assumed`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from accounts.names import find_latin_fault, find_native_fault, latin_key, native_key, normalise_name
from curriculum.personnel.cells import Cell, Formula
from curriculum.personnel.columns import Column, ColumnMap
from curriculum.personnel.dates import DateOrder, OrderGuess, guess_date_order, read_date
from curriculum.personnel.problems import CellProblem, Problem
from curriculum.personnel.sheets import Sheet, SheetRow
from curriculum.personnel.values import (
    read_country,
    read_document_number,
    read_document_type,
    read_email,
    read_languages,
    read_phone,
)
from foundation.exports import unescape_formula

EARLIEST_BIRTH_YEAR = 1920
_LATEST_EXPIRY_YEAR = 2100
_MAX_RANK_LENGTH = 80
_SHOWN = 60
_SPREADSHEET_ERRORS = frozenset(
    {"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!"}
)
_FORMULA_STARTS = ("=", "@", "\uff1d", "\uff20")
_SIGNS = ("+", "-", "\uff0b", "\uff0d")
_DDE = re.compile(r"^[+\-].*[|!]")
_INNER_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BIDI_CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LATIN_COLUMNS = (Column.FAMILY_NAME, Column.GIVEN_NAMES)


@dataclass(frozen=True, slots=True)
class Document:
    """An identity document as the sheet names it. `kind` and `issuer` (ISO 3166 alpha-2, or "") belong to its key."""

    kind: str
    issuer: str
    number: str
    expires_on: date | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two documents the same: kind, issuer, number."""
        return self.kind, self.issuer, self.number


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as a row of the sheet describes him or her, every value checked and normalised."""

    number: int
    family_name: str
    given_names: str
    native_name: str
    birth_date: date
    nationality: str
    document: Document | None
    email: str
    phone: str
    languages: tuple[str, ...]
    rank: str
    latin_key: str
    native_key: str
    is_birth_date_ambiguous: bool = False
    assumed: tuple[Column, ...] = ()

    @property
    def latin_name(self) -> str:
        """The full Latin name, given names first."""
        return f"{self.given_names} {self.family_name}".strip()

    @property
    def content(self) -> tuple[object, ...]:
        """What two rows must share to be one row twice: every value, folded."""
        return (
            self.latin_key, self.native_key, self.birth_date, self.nationality, self.document, self.email,
            self.phone, self.languages, self.rank.casefold(),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowReading:
    """What one row says: a person, or the problems that keep it from being one."""

    number: int
    person: PersonRow | None
    problems: tuple[CellProblem, ...] = ()


def read_rows(
    sheet: Sheet, *, today: date, date_order: DateOrder | None = None
) -> tuple[OrderGuess, Iterator[RowReading]]:
    """Read every row of a sheet. Returns the order of day and month that was used, and the readings as a stream.

    Without `date_order` the birth dates of the whole sheet decide it. Raises `SheetRefused` beyond the limits.
    """
    guess = OrderGuess(date_order, is_certain=True) if date_order else guess_date_order(_birth_cells(sheet))
    readings = (
        read_row(row, sheet.columns, today=today, order=guess.order, is_1904=sheet.is_1904)
        for row in sheet.rows()
    )
    return guess, readings


def _birth_cells(sheet: Sheet) -> Iterator[Cell]:
    position = sheet.columns.positions[Column.BIRTH_DATE]
    for row in sheet.rows():
        if position < len(row.cells):
            yield row.cells[position]


def read_row(
    row: SheetRow, columns: ColumnMap, *, today: date, order: DateOrder, is_1904: bool = False
) -> RowReading:
    """Read one row. `today` bounds the birth date; `order` is how ambiguous dates are read."""
    cells = _Cells(row, columns)
    family_name, given_names = _read_latin_names(cells)
    native_name = cells.text(Column.NATIVE_NAME)
    if native_name and (fault := find_native_fault(native_name)) is not None:
        cells.refuse(Column.NATIVE_NAME, Problem(fault.value))
    birth_date, is_ambiguous = _read_birth_date(cells, today, order, is_1904=is_1904)
    nationality = cells.country(Column.NATIONALITY)
    document, assumed = _read_document(cells, columns, nationality, order, is_1904=is_1904)
    email, phone, languages, rank = _read_contact(cells)
    if cells.problems or birth_date is None:
        return RowReading(row.number, None, tuple(cells.problems))
    person = PersonRow(
        number=row.number,
        family_name=family_name,
        given_names=given_names,
        native_name=normalise_name(native_name),
        birth_date=birth_date,
        nationality=nationality,
        document=document,
        email=email,
        phone=phone,
        languages=languages,
        rank=rank,
        latin_key=latin_key(family_name, given_names),
        native_key=native_key(native_name),
        is_birth_date_ambiguous=is_ambiguous,
        assumed=assumed,
    )
    return RowReading(row.number, person)


class _Cells:
    """The cells of one row by column, collecting what is wrong with them."""

    def __init__(self, row: SheetRow, columns: ColumnMap) -> None:
        self.problems: list[CellProblem] = []
        self._cells = {
            column: row.cells[position] if position < len(row.cells) else None
            for column, position in columns.positions.items()
        }
        self._refused: set[Column] = set()

    def refuse(self, column: Column, code: Problem, shown: str | None = None) -> None:
        """Note a problem; the first of each cell is kept."""
        if column not in self._refused:
            self._refused.add(column)
            value = self._cells.get(column)
            text = (
                shown if shown is not None else value.text if isinstance(value, Formula) else cell_text(value)
            )
            self.problems.append(CellProblem(column.value, code, _printable(text)))

    def is_refused(self, column: Column) -> bool:
        """Tell whether the cell has a problem already."""
        return column in self._refused

    def raw(self, column: Column) -> Cell:
        """Return the cell as it came, None for a formula (which is noted)."""
        cell = self._cells.get(column)
        if isinstance(cell, Formula):
            self.refuse(column, Problem.FORMULA)
            return None
        if isinstance(cell, str) and cell.strip():
            text = unescape_formula(cell.strip())
            if code := _find_text_problem(text, column):
                self.refuse(column, code)
                return None
            return text
        return None if isinstance(cell, str) else cell

    def text(self, column: Column) -> str:
        """Return the cell as trimmed text, "" if it is empty or refused."""
        return cell_text(self.raw(column)).strip()

    def country(self, column: Column) -> str:
        """Return the cell as an ISO 3166 alpha-2 code, "" if it is empty or unknown (which is noted)."""
        text = self.text(column)
        code = read_country(text) if text else ""
        if code is None:
            self.refuse(column, Problem.UNKNOWN_COUNTRY)
        return code or ""


def cell_text(cell: Cell) -> str:
    """Return a cell as the text a person would type: whole numbers without a point, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, Formula):
        return cell.text
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _find_text_problem(text: str, column: Column) -> Problem | None:
    if text in _SPREADSHEET_ERRORS:
        return Problem.SPREADSHEET_ERROR
    if _BIDI_CONTROL.search(text):
        return Problem.BIDI_OVERRIDE
    if text.startswith(_FORMULA_STARTS) or _DDE.match(text):
        return Problem.FORMULA
    if text.startswith(_SIGNS) and column is not Column.PHONE:
        return Problem.FORMULA
    return Problem.CONTROL_CHARACTER if _INNER_CONTROL.search(text) else None


def _printable(text: str) -> str:
    shown = normalise_name(_BIDI_CONTROL.sub("\ufffd", _INNER_CONTROL.sub("\ufffd", text)))
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "\u2026"


def _read_latin_names(cells: _Cells) -> tuple[str, str]:
    """Return family and given names; one of them may be empty, because some people have one name only."""
    names = []
    for column in _LATIN_COLUMNS:
        name = normalise_name(cells.text(column))
        if name and (fault := find_latin_fault(name)) is not None:
            cells.refuse(column, Problem(fault.value))
        names.append(name)
    if not any(names) and not any(cells.is_refused(column) for column in _LATIN_COLUMNS):
        cells.refuse(Column.FAMILY_NAME, Problem.REQUIRED)
    return names[0], names[1]


def _read_birth_date(
    cells: _Cells, today: date, order: DateOrder, *, is_1904: bool
) -> tuple[date | None, bool]:
    cell = cells.raw(Column.BIRTH_DATE)
    if cell is None:
        cells.refuse(Column.BIRTH_DATE, Problem.REQUIRED)
        return None, False
    reading = read_date(cell, order, is_1904=is_1904)
    if reading.on is None:
        cells.refuse(Column.BIRTH_DATE, reading.problem or Problem.NOT_A_DATE)
        return None, False
    if reading.on > today:
        cells.refuse(Column.BIRTH_DATE, Problem.BIRTH_IN_FUTURE, reading.on.isoformat())
    elif reading.on.year < EARLIEST_BIRTH_YEAR:
        cells.refuse(Column.BIRTH_DATE, Problem.BIRTH_TOO_EARLY, reading.on.isoformat())
    return reading.on, reading.is_ambiguous


def _read_document(
    cells: _Cells, columns: ColumnMap, nationality: str, order: DateOrder, *, is_1904: bool
) -> tuple[Document | None, tuple[Column, ...]]:
    kind = read_document_type(written) if (written := cells.text(Column.DOCUMENT_TYPE)) else ""
    if kind is None:
        cells.refuse(Column.DOCUMENT_TYPE, Problem.UNKNOWN_DOCUMENT_TYPE)
    issuer = cells.country(Column.DOCUMENT_ISSUER)
    expires_on = _read_expiry(cells, order, is_1904=is_1904)
    written_number = cells.text(Column.DOCUMENT_NUMBER)
    if not written_number:
        return None, ()
    number = read_document_number(written_number)
    if number is None:
        cells.refuse(Column.DOCUMENT_NUMBER, Problem.BAD_DOCUMENT_NUMBER)
        return None, ()
    assumed = []
    if not kind:
        kind = columns.document_type or "passport"
        if not columns.document_type:
            assumed.append(Column.DOCUMENT_TYPE)
    if not issuer and nationality:
        issuer = nationality
        assumed.append(Column.DOCUMENT_ISSUER)
    return Document(kind, issuer, number, expires_on), tuple(assumed)


def _read_expiry(cells: _Cells, order: DateOrder, *, is_1904: bool) -> date | None:
    cell = cells.raw(Column.DOCUMENT_EXPIRES_ON)
    if cell is None:
        return None
    reading = read_date(cell, order, is_1904=is_1904)
    if reading.on is None:
        cells.refuse(Column.DOCUMENT_EXPIRES_ON, reading.problem or Problem.NOT_A_DATE)
    elif not EARLIEST_BIRTH_YEAR <= reading.on.year <= _LATEST_EXPIRY_YEAR:
        cells.refuse(Column.DOCUMENT_EXPIRES_ON, Problem.DATE_OUT_OF_RANGE, reading.on.isoformat())
    return reading.on


def _read_contact(cells: _Cells) -> tuple[str, str, tuple[str, ...], str]:
    email = read_email(text) if (text := cells.text(Column.EMAIL)) else ""
    if email is None:
        cells.refuse(Column.EMAIL, Problem.BAD_EMAIL)
    phone = read_phone(text) if (text := cells.text(Column.PHONE)) else ""
    if phone is None:
        cells.refuse(Column.PHONE, Problem.BAD_PHONE)
    languages, unknown = read_languages(cells.text(Column.LANGUAGES))
    if unknown:
        cells.refuse(Column.LANGUAGES, Problem.UNKNOWN_LANGUAGE, unknown)
    rank = normalise_name(cells.text(Column.RANK))
    if len(rank) > _MAX_RANK_LENGTH:
        cells.refuse(Column.RANK, Problem.TOO_LONG)
    return email or "", phone or "", languages, rank
