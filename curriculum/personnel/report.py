"""Tell people and machines what a sheet would do: the row report, its JSON shape, and the workbook of rows to correct."""

from collections.abc import Collection, Iterable
from datetime import date

from curriculum.personnel.cells import Cell
from curriculum.personnel.classing import ClassedRow, Reason, Rehearsal, RowClass
from curriculum.personnel.columns import PROBLEM_HEADINGS, Column, is_problem_heading
from curriculum.personnel.dates import DateOrder, read_date
from curriculum.personnel.rows import cell_text
from curriculum.personnel.sheets import Sheet, SheetRow
from foundation.exports import unescape_formula, write_xlsx
from foundation.i18n import _, direction, lazy

NOT_ACCEPTED = frozenset({RowClass.ERROR, RowClass.PROBABLE_DUPLICATE})

_DATE_COLUMNS = (Column.BIRTH_DATE, Column.DOCUMENT_EXPIRES_ON)
_REASONS = {
    Reason.EQUAL_ROW: lazy("The row repeats row %(row)s."),
    Reason.SAME_DOCUMENT: lazy("Document, birth date and names agree."),
    Reason.SAME_NAME_AND_BIRTH_DATE: lazy("Name and birth date agree."),
    Reason.DOCUMENT_OTHER_NAME: lazy("The document is the same, the name is written differently."),
    Reason.DOCUMENT_OTHER_BIRTH_DATE: lazy("The document is the same, the birth date differs."),
    Reason.SEVERAL_PERSONS: lazy("Several known persons have this name and birth date."),
    Reason.OTHER_DOCUMENT: lazy("Name and birth date agree, the document number differs."),
    Reason.TRANSLITERATION: lazy("The birth date is the same and the name may be another spelling."),
    Reason.ORDER: lazy("The birth date is the same and the parts of the name stand in another order."),
    Reason.MISSING_PART: lazy("The birth date is the same and one of the names lacks a part."),
    Reason.DAY_AND_MONTH: lazy("The name is the same; day and month of the birth date may be exchanged."),
}
# Which cell to look at when a row is only probably somebody known.
_COLUMN_OF_REASON = {
    Reason.DOCUMENT_OTHER_NAME: Column.FAMILY_NAME,
    Reason.DOCUMENT_OTHER_BIRTH_DATE: Column.BIRTH_DATE,
    Reason.OTHER_DOCUMENT: Column.DOCUMENT_NUMBER,
    Reason.TRANSLITERATION: Column.FAMILY_NAME,
    Reason.ORDER: Column.FAMILY_NAME,
    Reason.MISSING_PART: Column.FAMILY_NAME,
    Reason.DAY_AND_MONTH: Column.BIRTH_DATE,
}


def describe_row(row: ClassedRow) -> str:
    """Return why a row is in its class, in the reader's language; "" for a new person.

    Of a person outside the agency nothing is told but that he or she is known.
    """
    if len(row.problems) == 1:
        return row.problems[0].sentence
    if row.problems:
        return " ".join(_with_column(problem.column, problem.sentence) for problem in row.problems)
    if row.reason is None:
        return ""
    if row.match is not None and not row.match.is_own:
        return str(_("Known person."))
    sentence = str(_REASONS[row.reason]) % {"row": row.matches_row}
    if row.matches_row is not None and row.reason is not Reason.EQUAL_ROW:
        sentence = _("Compared with row %(row)s: %(sentence)s", row=row.matches_row, sentence=sentence)
    return sentence


def column_to_look_at(row: ClassedRow) -> str | None:
    """Return the column a person should look at first, None if no single one."""
    if row.problems:
        return row.problems[0].column
    if row.reason is None or (row.match is not None and not row.match.is_own):
        return None
    column = _COLUMN_OF_REASON.get(row.reason)
    return column.value if column is not None else None


def report_json(rehearsal: Rehearsal, *, written: int = 0) -> dict[str, object]:
    """Return the report others build on; `written` counts the persons that were added.

    Each row has one entry in `details`; `problems` lists all of an erroneous row's cells.
    """
    return {
        "rows": len(rehearsal.rows),
        "new": rehearsal.count(RowClass.NEW),
        "known": rehearsal.count(RowClass.KNOWN),
        "probable_duplicates": rehearsal.count(RowClass.PROBABLE_DUPLICATE),
        "exact_duplicates": rehearsal.count(RowClass.EXACT_DUPLICATE),
        "errors": rehearsal.count(RowClass.ERROR),
        "written": written,
        "details": [_detail(row) for row in rehearsal.rows],
    }


def _detail(row: ClassedRow) -> dict[str, object]:
    is_own = row.match is not None and row.match.is_own
    detail: dict[str, object] = {
        "row": row.number,
        "class": row.row_class.value,
        "column": column_to_look_at(row),
        "reason": describe_row(row) or None,
        "person": row.match.reference if row.match is not None and is_own else None,
    }
    if row.problems:
        detail["problems"] = [
            {"column": problem.column, "code": problem.code.value, "reason": problem.sentence}
            for problem in row.problems
        ]
    if row.matches_row is not None:
        detail["same_as_row"] = row.matches_row
    return detail


def write_error_workbook(
    sheet: Sheet,
    rows: Iterable[ClassedRow],
    *,
    order: DateOrder,
    classes: Collection[RowClass] = NOT_ACCEPTED,
    language: str = "en",
) -> bytes:
    """Return an XLSX in the layout of the uploaded sheet with the rows of the given classes and a column of problems.

    Dates that were understood are written as ISO dates, so that they mean the same when the workbook comes back alone.
    """
    wanted = {row.number: row for row in rows if row.row_class in classes}
    width = max((position for position, _heading in enumerate(sheet.columns.headings, 1)), default=0)
    kept = [position for position in range(width) if not is_problem_heading(sheet.columns.headings[position])]
    headings = [sheet.columns.headings[position] for position in kept]
    dates = {position for column, position in sheet.columns.positions.items() if column in _DATE_COLUMNS}
    lines = (
        [
            *(_returned_text(sheet, row, position, dates, order) for position in kept),
            _problem_text(wanted[row.number], row),
        ]
        for row in sheet.rows()
        if row.number in wanted
    )
    return write_xlsx(
        [*headings, PROBLEM_HEADINGS.get(language, PROBLEM_HEADINGS["en"])],
        lines,
        title=sheet.worksheet or "Sheet1",
        right_to_left=direction(language) == "rtl",
        widths=[*([18] * len(headings)), 60],
    )


def _returned_text(
    sheet: Sheet, row: SheetRow, position: int, dates: Collection[int], order: DateOrder
) -> str:
    cell: Cell = row.cells[position] if position < len(row.cells) else None
    if position in dates and cell is not None:
        on: date | None = read_date(cell, order, is_1904=sheet.is_1904).on
        if on is not None:
            return on.isoformat()
    return unescape_formula(cell_text(cell))


def _problem_text(classed: ClassedRow, row: SheetRow) -> str:
    return str(_("Row %(row)s: %(reason)s", row=row.number, reason=describe_row(classed)))


def _with_column(column: str, sentence: str) -> str:
    return f"{column}: {sentence}"
