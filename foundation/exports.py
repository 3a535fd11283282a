"""Write CSV and XLSX files that open safely in a spreadsheet.

Excel, LibreOffice and Google Sheets run a cell that begins like a formula. Every export of text that people typed goes
through this module, so that such text stays text; numbers and dates stay numbers and dates. Source of the rule: OWASP
ASVS 5.0, 1.2.10, widened to full-width signs and to characters that spreadsheets skip before they look for a formula.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

_DATE_FORMAT = "yyyy-mm-dd"
_MOMENT_FORMAT = "yyyy-mm-dd hh:mm"

CellValue = str | int | float | Decimal | bool | date | datetime | None

_SKIPPED = re.compile("^[ \u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff\u200e\u200f\u061c]+")
_STARTS_A_FORMULA = frozenset("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20\uff5c\uff05")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?%?")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST_XLSX_CELL = 32_767


def escape_formula(text: str) -> str:
    """Return the text with an apostrophe before it if a spreadsheet could take it for a formula.

    Plain numbers such as -5 and +33123 are left alone.
    """
    visible = _SKIPPED.sub("", text)
    if not visible or visible[0] not in _STARTS_A_FORMULA or _PLAIN_NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def unescape_formula(text: str) -> str:
    """Return what the text was before `escape_formula`; a sheet of ours that comes back is read as it was written."""
    return text[1:] if text.startswith("'") and escape_formula(text[1:]) == text else text


def write_csv(
    headings: Sequence[str],
    rows: Iterable[Sequence[CellValue]],
    *,
    hxl: Sequence[str] | None = None,
    delimiter: str = ",",
) -> bytes:
    """Return a CSV file in UTF-8 with a byte-order mark, so that a spreadsheet reads every script.

    `hxl` is a row of humanitarian data tags put under the headings.
    """
    return "".join(stream_csv(headings, rows, hxl=hxl, delimiter=delimiter)).encode("utf-8")


def stream_csv(
    headings: Sequence[str],
    rows: Iterable[Sequence[CellValue]],
    *,
    hxl: Sequence[str] | None = None,
    delimiter: str = ",",
) -> Iterator[str]:
    """Yield a CSV file line by line, byte-order mark first; for exports too long to hold."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    yield "\ufeff"
    writer.writerow([escape_formula(heading) for heading in headings])
    if hxl is not None:
        writer.writerow(hxl)
    for row in rows:
        writer.writerow([_csv_value(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def write_xlsx(
    headings: Sequence[str],
    rows: Iterable[Sequence[CellValue]],
    *,
    title: str = "Sheet1",
    right_to_left: bool = False,
    hxl: Sequence[str] | None = None,
    widths: Sequence[int] | None = None,
    notes: Sequence[Sequence[CellValue]] | None = None,
    notes_title: str = "Notes",
) -> bytes:
    """Return an XLSX file of one table, with a second sheet if there are `notes`.

    Text is stored as text, whatever it begins with; dates and numbers keep their kind. `widths` are in characters.
    """
    # Imported where it is used, here and below: the library costs every start-up a third of a second.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _write_table(
        book, [list(headings)], rows, title=title, right_to_left=right_to_left, hxl=hxl, widths=widths
    )
    if notes is not None:
        _write_table(
            book, [], notes, title=notes_title, right_to_left=right_to_left, hxl=None, widths=[28, 90]
        )
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_table(
    book: "Workbook",
    headings: list[list[str]],
    rows: Iterable[Sequence[CellValue]],
    *,
    title: str,
    right_to_left: bool,
    hxl: Sequence[str] | None,
    widths: Sequence[int] | None,
) -> None:
    sheet = book.create_sheet(_sheet_title(title))
    sheet.sheet_view.rightToLeft = right_to_left
    for position, width in enumerate(widths or (), start=1):
        sheet.column_dimensions[_column_letters(position)].width = width
    if headings:
        sheet.freeze_panes = "A2"
    for heading in headings:
        sheet.append([_xlsx_cell(sheet, text, is_heading=True) for text in heading])
    if hxl is not None:
        sheet.append([_xlsx_cell(sheet, tag, is_literal=True) for tag in hxl])
    for row in rows:
        sheet.append([_xlsx_cell(sheet, value) for value in row])


def _xlsx_cell(
    sheet: object, value: CellValue, *, is_heading: bool = False, is_literal: bool = False
) -> "WriteOnlyCell":
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, str):
        text = _UNWRITABLE.sub("\ufffd", value if is_literal else escape_formula(value))[:_LONGEST_XLSX_CELL]
        cell = WriteOnlyCell(sheet, value=text)
        cell.data_type = "s"  # the library turns any text that begins with "=" into a formula
        if is_heading:
            from openpyxl.styles import Alignment, Font

            cell.font = Font(bold=True)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        return cell
    if isinstance(value, datetime):
        # A spreadsheet has no time zones: the moment is written as it reads, in the zone it came in.
        cell = WriteOnlyCell(sheet, value=value.replace(tzinfo=None))
        cell.number_format = _MOMENT_FORMAT
        return cell
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, date):
        cell.number_format = _DATE_FORMAT
    return cell


def _csv_value(value: CellValue) -> str | int | float | Decimal:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return escape_formula(value)
    return value


def _sheet_title(title: str) -> str:
    return re.sub(r"[\\/*?:\[\]]", " ", title).strip("' ")[:31] or "Sheet1"


def _column_letters(position: int) -> str:
    letters = ""
    while position:
        position, remainder = divmod(position - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters
