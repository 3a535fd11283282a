"""Import of personnel: a sheet is kept, rehearsed without writing, decided by the officer, then written.

Writing classes every row anew, so that a person registered since the rehearsal is recognised, and goes in pieces that each commit:
nobody waits for ten thousand rows, and a run that was killed goes on where it stopped, because rows already written are known.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select, update

from accounts.models import Affiliation, Agency, DocumentType, Person, User
from accounts.services.registration import PersonValues, register_persons
from curriculum.models import Cohort, ImportRow, ImportRun, ImportState, RowClass, RowDecision
from curriculum.personnel.classing import ClassedRow, Rehearsal, class_rows
from curriculum.personnel.dates import DateOrder
from curriculum.personnel.problems import SheetRefused
from curriculum.personnel.report import column_to_look_at, describe_row, write_error_workbook
from curriculum.personnel.rows import PersonRow, read_rows
from curriculum.personnel.sheets import Sheet, open_sheet
from curriculum.services.known_people import KnownInDatabase
from curriculum.services.nominations import find_obstacle, nominate
from foundation import audit, clock, jobs, storage
from foundation.db import db, reading
from foundation.errors import DomainConflict, DomainError
from foundation.i18n import _, in_language, ngettext
from foundation.tenancy import EVERYTHING, within

REHEARSE_JOB = "curriculum.rehearse_import"
WRITE_JOB = "curriculum.write_import"
PIECE = 250
Unit = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], None]


class ImportNotReady(DomainConflict):
    """The run is not in the state this act needs."""


class RowsUndecided(DomainError):
    """All rows are to be written, but some cannot be."""


@dataclass(frozen=True)
class ImportOptions:
    """What the officer chose over what was guessed; None leaves the guess."""

    encoding: str | None = None
    date_order: DateOrder | None = None

    @classmethod
    def of(cls, run: ImportRun) -> "ImportOptions":
        order = run.options.get("date_order")
        return cls(run.options.get("encoding"), DateOrder(order) if order else None)

    def as_json(self) -> dict[str, str | None]:
        return {"encoding": self.encoding, "date_order": self.date_order.value if self.date_order else None}


def upload_sheet(
    data: bytes,
    *,
    file_name: str,
    agency: Agency,
    cohort: Cohort | None,
    options: ImportOptions,
    actor: User,
) -> ImportRun:
    """Keep an uploaded sheet and queue its rehearsal. Raises SheetRefused for what is no sheet of people, before keeping it."""
    sheet = open_sheet(data, filename=file_name, encoding=options.encoding)
    refuse_closed(cohort, agency)
    stored = storage.put(data, suffix=".sheet")
    run = ImportRun(
        agency_id=agency.id,
        cohort=cohort,
        file_name=file_name[-200:],
        storage_key=stored.key,
        sha256=stored.sha256,
        options=options.as_json(),
        sheet=_describe(sheet),
        counts={},
        state=ImportState.REHEARSING,
        uploaded_at=clock.now(),
        uploaded_by_id=actor.id,
    )
    db.session.add(run)
    db.session.flush()
    run.job_id = jobs.enqueue(REHEARSE_JOB, run.id, actor=actor, agency_id=agency.id).id
    audit.record("import:uploaded", run, actor=actor, changes={"sha256": (None, stored.sha256)})
    return run


def refuse_closed(cohort: Cohort | None, agency: Agency) -> None:
    """Raise what keeps an agency from nominating for a cohort, before a sheet is read for nothing."""
    obstacle = find_obstacle(cohort, agency) if cohort is not None else None
    if obstacle is not None:
        raise obstacle


def rehearse_again(run: ImportRun, *, options: ImportOptions, actor: User) -> None:
    """Rehearse a run with another encoding or order of dates. Raises ImportNotReady once it was written."""
    if run.state not in (ImportState.REHEARSED, ImportState.REFUSED):
        raise ImportNotReady(_("This sheet is being read or was written already."))
    changes = audit.changes_of(run, options=options.as_json(), state=ImportState.REHEARSING, refusal=None)
    run.job_id = jobs.enqueue(REHEARSE_JOB, run.id, actor=actor, agency_id=run.agency_id).id
    audit.record("import:rehearsed_again", run, actor=actor, changes=changes)


def rehearse(run_id: int, *, unit: Unit, progress: Progress) -> dict[str, Any]:
    """Class every row of a run and keep the report; writes no person. Running it twice gives the same report."""
    with reading():
        run = db.session.get_one(ImportRun, run_id)
        agency_id, uploader = run.agency_id, db.session.get_one(User, run.uploaded_by_id)
        speech = uploader.language
        try:
            sheet, rehearsal = rehearse_sheet(
                _content(run), agency_id=agency_id, options=ImportOptions.of(run), name=run.file_name
            )
        except SheetRefused as refusal:
            sheet, rehearsal, refused = None, None, refusal.message
    if sheet is None or rehearsal is None:
        with unit():
            run = db.session.get_one(ImportRun, run_id)
            audit.changes_of(run, state=ImportState.REFUSED, refusal=refused[:500], finished_at=clock.now())
        return {"refused": True}
    with in_language(speech):
        rows = [_report_row(row, run_id=run_id, agency_id=agency_id) for row in rehearsal.rows]
    with unit():
        db.session.execute(delete(ImportRow).where(ImportRow.run_id == run_id))
    stream, done = iter(rows), 0
    while piece := list(islice(stream, PIECE * 4)):
        with unit():
            db.session.execute(insert(ImportRow), piece)
        done += len(piece)
        progress(done, len(rows), "")
    counts = count_classes(rehearsal)
    with unit():
        run = db.session.get_one(ImportRun, run_id)
        run.sheet, run.counts, run.state = _describe(sheet, rehearsal), counts, ImportState.REHEARSED
    return counts


def rehearse_sheet(
    data: bytes, *, agency_id: int, options: ImportOptions, name: str = ""
) -> tuple[Sheet, Rehearsal]:
    """Read and class a sheet against everybody on record, without writing. Raises SheetRefused."""
    sheet = open_sheet(data, filename=name, encoding=options.encoding)
    order, readings = read_rows(sheet, today=clock.today(), date_order=options.date_order)
    with within(EVERYTHING):
        return sheet, class_rows(readings, KnownInDatabase(agency_id), order=order)


def decide_rows(run: ImportRun, decisions: dict[int, RowDecision], *, actor: User) -> None:
    """Say of probable duplicates, by row number, whether they are the person on record. Raises ImportNotReady."""
    if run.state != ImportState.REHEARSED:
        raise ImportNotReady(_("This sheet is being read or was written already."))
    for row in db.session.execute(
        select(ImportRow).where(ImportRow.run_id == run.id, ImportRow.row.in_(decisions))
    ).scalars():
        if row.row_class == RowClass.PROBABLE_DUPLICATE and row.decision != decisions[row.row]:
            changes = audit.changes_of(row, decision=decisions[row.row])
            db.session.flush()
            audit.record("import_row:decided", row, actor=actor, changes=changes)


def start_writing(run: ImportRun, *, whole: bool, actor: User) -> None:
    """Queue the writing of a rehearsed run: all rows or none (`whole`), or the good ones.

    Raises ImportNotReady, and RowsUndecided when all rows are wanted and some are in error or undecided.
    """
    db.session.refresh(run, with_for_update=True)
    if run.state != ImportState.REHEARSED:
        raise ImportNotReady(_("This sheet is being read or was written already."))
    if whole and (bad := count_unacceptable(run)):
        raise RowsUndecided(
            ngettext(
                "%(num)s row cannot be written as it is. Correct it, or write the good rows.",
                "%(num)s rows cannot be written as they are. Correct them, or write the good rows.",
                bad,
            )
        )
    run.state = ImportState.WRITING
    run.job_id = jobs.enqueue(WRITE_JOB, run.id, actor=actor, agency_id=run.agency_id).id
    audit.record("import:confirmed", run, actor=actor, changes={"whole": (None, whole)})


def discard(run: ImportRun, *, actor: User) -> None:
    """Put a rehearsed or refused run aside; nothing of it is written."""
    if run.state not in (ImportState.REHEARSED, ImportState.REFUSED):
        raise ImportNotReady(_("This sheet is being read or was written already."))
    changes = audit.changes_of(run, state=ImportState.DISCARDED, finished_at=clock.now())
    audit.record("import:discarded", run, actor=actor, changes=changes)


def count_unacceptable(run: ImportRun) -> int:
    """Return how many rows are in error, or probable duplicates nobody decided about."""
    query = select(ImportRow.row_class, ImportRow.decision).where(ImportRow.run_id == run.id)
    return sum(
        row_class == RowClass.ERROR or (row_class == RowClass.PROBABLE_DUPLICATE and decision is None)
        for row_class, decision in db.session.execute(query)
    )


def write(run_id: int, *, unit: Unit, progress: Progress) -> dict[str, Any]:
    """Write a confirmed run: new persons registered, known ones affiliated, and all of them nominated in their order."""
    with reading():
        run = db.session.get_one(ImportRun, run_id)
        if run.state != ImportState.WRITING:
            return {"written": run.written}
        agency_id, cohort_id, actor_id = run.agency_id, run.cohort_id, run.uploaded_by_id
        options, data, name = ImportOptions.of(run), _content(run), run.file_name
        rows = select(ImportRow.row, ImportRow.decision).where(
            ImportRow.run_id == run_id, ImportRow.decision.is_not(None)
        )
        decisions = {
            number: decision for number, decision in db.session.execute(rows) if decision is not None
        }
        _sheet, rehearsal = rehearse_sheet(data, agency_id=agency_id, options=options, name=name)
    report = write_rows(
        rehearsal,
        agency_id=agency_id,
        cohort_id=cohort_id,
        actor_id=actor_id,
        decisions=decisions,
        unit=unit,
        progress=progress,
        run_id=run_id,
    )
    with unit():
        run = db.session.get_one(ImportRun, run_id)
        actor = db.session.get_one(User, actor_id)
        changes = audit.changes_of(
            run, state=ImportState.WRITTEN, written=run.written + report.registered, finished_at=clock.now()
        )
        audit.record("import:written", run, actor=actor, changes=changes)
    return {"written": report.registered, "nominated": report.nominated}


@dataclass
class WriteReport:
    """How many persons were added, how many nominated, and who each written row became."""

    registered: int
    nominated: int
    person_of_row: dict[int, int]


def write_rows(
    rehearsal: Rehearsal,
    *,
    agency_id: int,
    cohort_id: int | None,
    actor_id: int | None,
    decisions: dict[int, RowDecision],
    unit: Unit,
    progress: Progress,
    run_id: int | None = None,
) -> WriteReport:
    """Write the good rows of a rehearsal in pieces of a few hundred, each a transaction of its own."""
    report = WriteReport(0, 0, {})
    stream, done = iter(rehearsal.rows), 0
    while piece := list(islice(stream, PIECE)):
        with unit(), within(EVERYTHING):
            agency = db.session.get_one(Agency, agency_id)
            actor = db.session.get(User, actor_id) if actor_id is not None else None
            _write_piece(piece, report, agency=agency, actor=actor, decisions=decisions)
            if cohort_id is not None:
                report.nominated += _nominate_piece(
                    piece, report, cohort_id=cohort_id, agency=agency, actor=actor
                )
            if run_id is not None:
                _note_persons(piece, report, run_id=run_id)
        done += len(piece)
        progress(done, len(rehearsal.rows), "")
    return report


def make_error_workbook(run: ImportRun, *, language: str) -> bytes:
    """Return the rows that could not be accepted as a workbook in the layout of the sheet, each with its problem."""
    options = ImportOptions.of(run)
    sheet, rehearsal = rehearse_sheet(
        _content(run), agency_id=run.agency_id, options=options, name=run.file_name
    )
    assert rehearsal.order is not None
    return write_error_workbook(sheet, rehearsal.rows, order=rehearsal.order.order, language=language)


def count_classes(rehearsal: Rehearsal) -> dict[str, int]:
    """Return {class: rows} of a rehearsal."""
    return {row_class.value: rehearsal.count(row_class) for row_class in RowClass}


def _write_piece(
    piece: Sequence[ClassedRow],
    report: WriteReport,
    *,
    agency: Agency,
    actor: User | None,
    decisions: dict[int, RowDecision],
) -> None:
    fresh: list[ClassedRow] = []
    for row in piece:
        decided = decisions.get(row.number)
        same = row.row_class == RowClass.KNOWN or (
            row.row_class == RowClass.PROBABLE_DUPLICATE and decided == RowDecision.SAME
        )
        if row.row_class == RowClass.NEW or (
            row.row_class == RowClass.PROBABLE_DUPLICATE and decided == RowDecision.DIFFERENT
        ):
            fresh.append(row)
        elif same and row.match is not None:
            _affiliate(row.match.id, agency, actor=actor)
            report.person_of_row[row.number] = row.match.id
    values = [_values_of(row.person, row) for row in fresh if row.person is not None]
    for row, person in zip(fresh, register_persons(values, agency=agency, actor=actor), strict=True):
        report.person_of_row[row.number] = person.id
        report.registered += 1
    for row in piece:
        # A row that repeats an earlier one is that row's person.
        repeats = (
            row.row_class in (RowClass.EXACT_DUPLICATE, RowClass.KNOWN)
            or decisions.get(row.number) == RowDecision.SAME
        )
        if repeats and row.match is None and row.matches_row in report.person_of_row:
            report.person_of_row[row.number] = report.person_of_row[row.matches_row]


def _affiliate(person_id: int, agency: Agency, *, actor: User | None) -> None:
    current = select(Affiliation.id).where(
        Affiliation.person_id == person_id, Affiliation.agency_id == agency.id, Affiliation.ends_on.is_(None)
    )
    if db.session.execute(current).first() is not None:
        return
    affiliation = Affiliation(agency_id=agency.id, person_id=person_id, starts_on=clock.today())
    db.session.add(affiliation)
    db.session.flush()
    audit.record("affiliation:started", affiliation, actor=actor, changes={"person": (None, person_id)})


def _nominate_piece(
    piece: Sequence[ClassedRow], report: WriteReport, *, cohort_id: int, agency: Agency, actor: User | None
) -> int:
    cohort = db.session.get_one(Cohort, cohort_id)
    wanted = list(
        dict.fromkeys(report.person_of_row[row.number] for row in piece if row.number in report.person_of_row)
    )
    found = {
        person.id: person
        for person in db.session.execute(select(Person).where(Person.id.in_(wanted))).scalars()
    }
    persons = [found[person_id] for person_id in wanted]
    return sum(
        result.nomination is not None for result in nominate(cohort, persons, agency=agency, actor=actor)
    )


def _note_persons(piece: Sequence[ClassedRow], report: WriteReport, *, run_id: int) -> None:
    for row in piece:
        if row.number in report.person_of_row:
            db.session.execute(
                update(ImportRow)
                .where(ImportRow.run_id == run_id, ImportRow.row == row.number)
                .values(person_id=report.person_of_row[row.number])
                .execution_options(synchronize_session=False)
            )


def _values_of(person: PersonRow, row: ClassedRow) -> PersonValues:
    document = person.document
    # A document that somebody on record holds already cannot be his too: the officer said that they are two people.
    holds_other = row.row_class == RowClass.PROBABLE_DUPLICATE
    return PersonValues(
        family_name=person.family_name,
        given_names=person.given_names,
        native_name=person.native_name or None,
        birth_date=person.birth_date,
        nationality=person.nationality or None,
        document_type=DocumentType(document.kind) if document and not holds_other else None,
        document_issuer=document.issuer or None if document and not holds_other else None,
        document_number=document.number if document and not holds_other else None,
        document_expires_on=document.expires_on if document and not holds_other else None,
        email=person.email or None,
        phone=person.phone or None,
        languages=person.languages,
        rank=person.rank or None,
    )


def _report_row(row: ClassedRow, *, run_id: int, agency_id: int) -> dict[str, Any]:
    person = row.person
    shown = (
        {
            "name": person.latin_name,
            "native_name": person.native_name,
            "birth_date": person.birth_date.isoformat(),
        }
        if person is not None
        else {}
    )
    return {
        "run_id": run_id,
        "agency_id": agency_id,
        "row": row.number,
        "row_class": row.row_class,
        "shown": shown,
        "column": column_to_look_at(row),
        "reason": describe_row(row)[:1000] or None,
        "candidate_id": row.match.id if row.match is not None and row.match.is_own else None,
        "candidate_row": row.matches_row,
    }


def _content(run: ImportRun) -> bytes:
    return storage.get(run.storage_key)


def _describe(sheet: Sheet, rehearsal: Rehearsal | None = None) -> dict[str, Any]:
    """Return what was recognised of a sheet, to be shown and corrected: kind, encoding, delimiter, columns, order of dates."""
    described: dict[str, Any] = {
        "kind": sheet.kind.value,
        "encoding": sheet.encoding.name if sheet.encoding else None,
        "worksheet": sheet.worksheet,
        "ignored": list(sheet.columns.ignored),
    }
    if rehearsal is not None and rehearsal.order is not None:
        described |= {"date_order": rehearsal.order.order.value, "ambiguous_dates": rehearsal.ambiguous_dates}
    return described


def list_rows(run: ImportRun) -> Iterator[ImportRow]:
    """Yield the report of a run in the order of the sheet."""
    yield from db.session.execute(
        select(ImportRow).where(ImportRow.run_id == run.id).order_by(ImportRow.row)
    ).scalars()
