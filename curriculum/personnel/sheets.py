"""Open a personnel sheet, CSV or XLSX, as numbered rows of plain values, whatever its sender did to it.

What comes in is hostile until proven dull: see `workbook` for the XLSX checks. Rows stream, so a sheet at the limits
needs little more memory than its bytes. The row numbers are those a person sees in the spreadsheet. Declined: guessing the
type by file name, and python-calamine, which aborts the process on a sheet with one cell in its far corner.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from curriculum.personnel.cells import Cell, Workbook
from curriculum.personnel.columns import ColumnMap, count_known_headings, map_columns
from curriculum.personnel.encoding import EncodingGuess, choose_encoding
from curriculum.personnel.problems import Refusal, SheetRefused
from curriculum.personnel.workbook import HEAD_ROWS, MAX_COLUMNS, MAX_ROWS, check_workbook
from foundation.exports import unescape_formula

MAX_FILE_BYTES = 10 * 1024 * 1024

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0"
_FOREIGN = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"MZ",
    b"\x7fELF",
    b"PK\x05\x06",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|table|\?xml|\?mso)", re.IGNORECASE)
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n?", re.IGNORECASE)
_DELIMITERS = (",", ";", "\t")
_SNIFFED_LINES = 40


class SheetKind(StrEnum):
    """What kind of file a sheet came in."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row; `number` counts from 1 as the spreadsheet shows it, `cells` start at column A."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def is_blank(self) -> bool:
        """Tell whether no cell holds anything."""
        return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """An opened sheet: its columns, and its rows of people by `rows()`, as often as needed."""

    kind: SheetKind
    columns: ColumnMap
    encoding: EncodingGuess | None = None
    delimiter: str | None = None
    worksheet: str | None = None
    other_worksheets: tuple[str, ...] = ()
    is_1904: bool = False
    _data: bytes = field(default=b"", repr=False)

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows below the headings, blank ones left out.

        Raises `SheetRefused` beyond 20,000 rows or 60 columns.
        """
        count = 0
        for row in _read(self._data, self.kind, self.encoding, self.delimiter):
            if row.number <= self.columns.heading_row or row.is_blank:
                continue
            count += 1
            if count > MAX_ROWS:
                raise SheetRefused(Refusal.TOO_MANY_ROWS, limit=MAX_ROWS)
            yield row
        if not count:
            raise SheetRefused(Refusal.NO_ROWS)


def open_sheet(data: bytes, *, filename: str = "", encoding: str | None = None) -> Sheet:
    """Open the bytes of an uploaded file and recognise its columns.

    `encoding` overrules the guess for text files (`utf-8`, `utf-16`, `windows-1256`, `windows-1252`). The file name only
    helps to say more exactly why a file is refused. Raises `SheetRefused`.
    """
    if not data.strip(b"\0 \r\n\t"):
        raise SheetRefused(Refusal.EMPTY)
    if len(data) > MAX_FILE_BYTES:
        raise SheetRefused(Refusal.TOO_BIG, limit=MAX_FILE_BYTES // 1024 // 1024)
    if filename.casefold().endswith((".xlsm", ".xltm", ".xlam")):
        raise SheetRefused(Refusal.MACRO)
    if data.startswith(_ZIP):
        return _open_workbook(data)
    if data.startswith(_COMPOUND):
        raise SheetRefused(Refusal.OLD_EXCEL)
    if data.startswith(_FOREIGN):
        raise SheetRefused(Refusal.NOT_A_SHEET)
    if _MARKUP.match(data[:200]):
        raise SheetRefused(Refusal.OTHER_SPREADSHEET)
    return _open_text(data, encoding)


def _open_workbook(data: bytes) -> Sheet:
    check_workbook(data)
    book = Workbook(data)
    names = [worksheet.title for worksheet in book.worksheets]
    head = _take_head(_read(data, SheetKind.XLSX, None, None))
    return Sheet(
        SheetKind.XLSX,
        _find_columns(head),
        worksheet=names[0],
        other_worksheets=tuple(names[1:]),
        is_1904=book.is_1904,
        _data=data,
    )


def _open_text(data: bytes, asked: str | None) -> Sheet:
    encoding = choose_encoding(data, asked)
    if _looks_binary(data, encoding):
        raise SheetRefused(Refusal.NOT_A_SHEET)
    heads = {
        delimiter: _take_head(_read(data, SheetKind.CSV, encoding, delimiter))
        for delimiter in _possible_delimiters(data, encoding)
    }
    best = max(
        heads, key=lambda delimiter: max((_known_headings(row) for row in heads[delimiter]), default=0)
    )
    return Sheet(SheetKind.CSV, _find_columns(heads[best]), encoding=encoding, delimiter=best, _data=data)


def _possible_delimiters(data: bytes, encoding: EncodingGuess) -> Sequence[str]:
    with _text(data, encoding) as lines:
        separator = _SEPARATOR_LINE.fullmatch(lines.readline(16))
    return (separator.group(1),) if separator else _DELIMITERS


def _looks_binary(data: bytes, encoding: EncodingGuess) -> bool:
    sample = data[:4096].decode(encoding.codec, "ignore")
    strange = sum(ord(letter) < 32 and letter not in "\t\r\n" for letter in sample)
    return strange * 20 > len(sample)


def _take_head(rows: Iterator[SheetRow]) -> list[SheetRow]:
    head: list[SheetRow] = []
    for row in rows:
        if row.number > _SNIFFED_LINES or len(head) >= HEAD_ROWS:
            break
        if not row.is_blank:
            head.append(row)
    return head


def _find_columns(head: Sequence[SheetRow]) -> ColumnMap:
    """Take the row with the most known headings; senders like to put a title above them."""
    if not head:
        raise SheetRefused(Refusal.NO_HEADINGS)
    best = max(head, key=lambda row: (_known_headings(row), -row.number))
    return map_columns([_heading_text(cell) for cell in best.cells], heading_row=best.number)


def _known_headings(row: SheetRow) -> int:
    return count_known_headings(_heading_text(cell) for cell in row.cells)


def _heading_text(cell: Cell) -> str:
    return unescape_formula(cell)[:200] if isinstance(cell, str) else ""


def _read(
    data: bytes, kind: SheetKind, encoding: EncodingGuess | None, delimiter: str | None
) -> Iterator[SheetRow]:
    if kind is SheetKind.XLSX:
        for number, cells in Workbook(data).rows():
            yield SheetRow(number, _within_columns(cells))
    elif encoding is not None and delimiter is not None:
        yield from _read_text(data, encoding, delimiter)


def _read_text(data: bytes, encoding: EncodingGuess, delimiter: str) -> Iterator[SheetRow]:
    number = 0
    with _text(data, encoding) as lines:
        if not _SEPARATOR_LINE.fullmatch(lines.readline(16)):
            lines.seek(0)
        reader = csv.reader(lines, delimiter=delimiter)
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise SheetRefused(Refusal.CELL_TOO_LONG, row=number) from error
            yield SheetRow(number, _within_columns(cells))


def _text(data: bytes, encoding: EncodingGuess) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding.codec, newline="")


def _within_columns(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    end = len(cells)
    while end and (cells[end - 1] is None or cells[end - 1] == ""):
        end -= 1
    if end > MAX_COLUMNS:
        raise SheetRefused(Refusal.TOO_MANY_COLUMNS, limit=MAX_COLUMNS)
    return tuple(cells[:end])
