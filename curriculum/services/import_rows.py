"""The rows of an import run as they are kept: findings by code, so that every reader gets them in his own language.

The report of a rehearsal outlives the language it was made in: the officer may read it in Arabic, the auditor in French. So a
row keeps what was found, and the sentence is made when it is read.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from accounts.models import Affiliation, Person
from curriculum.models import ImportRow, ImportRun, RowClass, RowDecision
from curriculum.personnel.classing import ClassedRow, KnownPerson, Reason, Rehearsal
from curriculum.personnel.columns import HEADINGS, Column
from curriculum.personnel.dates import DateOrder
from curriculum.personnel.problems import CellProblem, Problem
from curriculum.personnel.report import column_to_look_at, describe_row, write_error_workbook
from curriculum.personnel.rows import cell_text
from curriculum.personnel.sheets import Sheet
from foundation.db import db
from foundation.i18n import in_language

# Somebody of whom nothing is told but that he is known.
_SOMEBODY = KnownPerson(0, "", False, "", "", date.min)
_LONGEST_SHOWN = 120


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a row of the sheet, or a person of the agency on record. `person_id` leads to the record."""

    name: str
    native_name: str
    birth_date: date | None
    row: int | None = None
    person_id: int | None = None
    reference: str = ""


@dataclass(frozen=True)
class RowLine:
    """One row as a page shows it. `other` is whom it is compared with, None when that is nobody of the agency."""

    own: Side
    row_class: RowClass
    column: str
    sentence: str
    decision: RowDecision | None
    person_id: int | None
    is_foreign: bool
    other: Side | None = None

    @property
    def number(self) -> int | None:
        """The row's number as the spreadsheet shows it."""
        return self.own.row


def keep_rows(
    rehearsal: Rehearsal, sheet: Sheet, *, run_id: int, agency_id: int, language: str
) -> list[dict[str, Any]]:
    """Return the rows of a rehearsal as values to insert; `language` is that of the sentence kept beside the codes."""
    written = _read_names(sheet, {row.number for row in rehearsal.rows if row.person is None})
    with in_language(language):
        return [
            {
                "run_id": run_id,
                "agency_id": agency_id,
                "row": row.number,
                "row_class": row.row_class,
                "shown": _names_of(row, written) | _findings_of(row),
                "column": column_to_look_at(row),
                "reason": describe_row(row)[:1000] or None,
                "candidate_id": row.match.id if row.match is not None and row.match.is_own else None,
                "candidate_row": row.matches_row,
            }
            for row in rehearsal.rows
        ]


def _names_of(row: ClassedRow, written: dict[int, tuple[str, str]]) -> dict[str, Any]:
    if row.person is None:
        name, native = written.get(row.number, ("", ""))
        return {"name": name, "native_name": native}
    return {
        "name": row.person.latin_name,
        "native_name": row.person.native_name,
        "birth_date": row.person.birth_date.isoformat(),
    }


def _findings_of(row: ClassedRow) -> dict[str, Any]:
    findings: dict[str, Any] = {}
    if row.reason is not None:
        findings["finding"] = row.reason.value
    if row.problems:
        findings["problems"] = [[one.column, one.code.value, one.shown] for one in row.problems]
    if row.match is not None and not row.match.is_own:
        findings["foreign"] = True
    return findings


def _read_names(sheet: Sheet, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return (Latin name, native name) of rows as somebody typed them, for rows that are no person yet."""
    if not numbers:
        return {}
    positions = sheet.columns.positions
    found = {}
    for row in sheet.rows():
        if row.number in numbers:
            texts = {
                column: _harmless(cell_text(row.cells[position]))
                for column, position in positions.items()
                if position < len(row.cells)
            }
            latin = f"{texts.get(Column.GIVEN_NAMES, '')} {texts.get(Column.FAMILY_NAME, '')}".strip()
            found[row.number] = (latin, texts.get(Column.NATIVE_NAME, ""))
    return found


def _harmless(text: str) -> str:
    """Return a text of the sheet without control and direction characters, shortened."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:_LONGEST_SHOWN]


def recall(row: ImportRow | Row[Any]) -> ClassedRow:
    """Return a kept row as the classing returned it, without its values."""
    shown = row.shown
    return ClassedRow(
        row.row,
        row.row_class,
        reason=Reason(shown["finding"]) if "finding" in shown else None,
        match=_SOMEBODY if shown.get("foreign") else None,
        matches_row=row.candidate_row,
        problems=tuple(
            CellProblem(column, Problem(code), text) for column, code, text in shown.get("problems", ())
        ),
    )


_COLUMNS = (
    ImportRow.row,
    ImportRow.row_class,
    ImportRow.shown,
    ImportRow.column,
    ImportRow.candidate_id,
    ImportRow.candidate_row,
    ImportRow.decision,
    ImportRow.person_id,
)


def query_rows(run: ImportRun, row_class: RowClass | None = None) -> Select[Any]:
    """Return the select of a run's rows, of one class if asked."""
    query = select(*_COLUMNS).where(ImportRow.run_id == run.id)
    return query.where(ImportRow.row_class == row_class) if row_class is not None else query


def list_undecided(run: ImportRun, *, most: int) -> Sequence[Row[Any]]:
    """Return the first probable duplicates nobody decided about, in the order of the sheet."""
    query = (
        query_rows(run, RowClass.PROBABLE_DUPLICATE)
        .where(ImportRow.decision.is_(None))
        .order_by(ImportRow.row)
        .limit(most)
    )
    return db.session.execute(query).all()


def read_lines(run: ImportRun, rows: Sequence[Row[Any]], *, language: str) -> list[RowLine]:
    """Return rows as a page shows them, each duplicate with whom it is compared, in two statements however many they are."""
    persons = _read_candidates(run, {row.candidate_id for row in rows if row.candidate_id is not None})
    others = _read_other_rows(run, {row.candidate_row for row in rows if row.candidate_row is not None})
    headings = run.sheet.get("headings", {})
    usual = HEADINGS.get(language, HEADINGS["en"])
    return [
        RowLine(
            own=_side_of(row),
            row_class=row.row_class,
            column=_heading(row.column, headings, usual),
            sentence=describe_row(recall(row)),
            decision=row.decision,
            person_id=row.person_id,
            is_foreign=bool(row.shown.get("foreign")),
            other=persons.get(row.candidate_id) or others.get(row.candidate_row),
        )
        for row in rows
    ]


def _heading(column: str | None, headings: dict[str, str], usual: dict[Column, tuple[str, ...]]) -> str:
    if column is None:
        return ""
    return headings.get(column) or (usual[Column(column)][0] if column in set(Column) else column)


def _side_of(row: Row[Any]) -> Side:
    born = row.shown.get("birth_date")
    return Side(
        name=row.shown.get("name", ""),
        native_name=row.shown.get("native_name", ""),
        birth_date=date.fromisoformat(born) if born else None,
        row=row.row,
    )


def _read_candidates(run: ImportRun, ids: Collection[int]) -> dict[int | None, Side]:
    """Return the agency's own persons of these ids; whoever is not (any more) its own is left out."""
    if not ids:
        return {}
    own = select(Affiliation.person_id).where(Affiliation.__table__.c.agency_id == run.agency_id)
    query = select(
        Person.id,
        Person.public_ref,
        Person.given_names,
        Person.family_name,
        Person.native_name,
        Person.birth_date,
    ).where(Person.id.in_(ids), Person.id.in_(own))
    return {
        row.id: Side(
            name=f"{row.given_names} {row.family_name}".strip(),
            native_name=row.native_name or "",
            birth_date=row.birth_date,
            person_id=row.id,
            reference=row.public_ref,
        )
        for row in db.session.execute(query)
    }


def _read_other_rows(run: ImportRun, numbers: Collection[int]) -> dict[int | None, Side]:
    if not numbers:
        return {}
    query = select(ImportRow.row, ImportRow.shown).where(
        ImportRow.run_id == run.id, ImportRow.row.in_(numbers)
    )
    return {row.row: _side_of(row) for row in db.session.execute(query)}


def is_unacceptable() -> ColumnElement[bool]:
    """Return the condition of rows that cannot be written: in error, or a probable duplicate nobody decided about."""
    return or_(
        ImportRow.row_class == RowClass.ERROR,
        and_(ImportRow.row_class == RowClass.PROBABLE_DUPLICATE, ImportRow.decision.is_(None)),
    )


@dataclass(frozen=True)
class Outlook:
    """What writing a run would do, in rows: persons to add, persons recognised, rows repeated, rows left out."""

    new: int
    known: int
    repeated: int
    errors: int
    undecided: int

    @property
    def good(self) -> int:
        """How many rows can be written."""
        return self.new + self.known + self.repeated

    @property
    def left_out(self) -> int:
        """How many rows cannot be written."""
        return self.errors + self.undecided


def read_outlook(run: ImportRun) -> Outlook:
    """Count the rows of a run by what writing it would do with them."""
    query = (
        select(ImportRow.row_class, ImportRow.decision, func.count())
        .where(ImportRow.run_id == run.id)
        .group_by(ImportRow.row_class, ImportRow.decision)
    )
    counts = {(row_class, decision): count for row_class, decision, count in db.session.execute(query)}
    probable = RowClass.PROBABLE_DUPLICATE
    return Outlook(
        new=counts.get((RowClass.NEW, None), 0) + counts.get((probable, RowDecision.DIFFERENT), 0),
        known=counts.get((RowClass.KNOWN, None), 0) + counts.get((probable, RowDecision.SAME), 0),
        repeated=counts.get((RowClass.EXACT_DUPLICATE, None), 0),
        errors=counts.get((RowClass.ERROR, None), 0),
        undecided=counts.get((probable, None), 0),
    )


def write_workbook_of_errors(
    sheet: Sheet, rows: Iterable[ImportRow | Row[Any]], *, order: DateOrder, language: str
) -> bytes:
    """Return kept rows as a workbook in the layout of their sheet, each with its problem."""
    with in_language(language):
        return write_error_workbook(sheet, [recall(row) for row in rows], order=order, language=language)
