"""Import of personnel: a sheet is kept, rehearsed without writing, decided by the officer, then written.

Here are the steps up to the decision; `import_writing` does what was decided, `import_rows` keeps what each row said.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Select, delete, func, insert, select

from accounts.models import Agency, User
from curriculum.models import Cohort, ImportRow, ImportRun, ImportState, RowClass, RowDecision
from curriculum.personnel.classing import Rehearsal, class_rows
from curriculum.personnel.dates import DateOrder
from curriculum.personnel.problems import SheetRefused
from curriculum.personnel.rows import read_rows
from curriculum.personnel.sheets import Sheet, open_sheet
from curriculum.services import import_rows
from curriculum.services.known_people import KnownInDatabase
from curriculum.services.nominations import find_obstacle
from foundation import audit, clock, jobs, storage
from foundation.db import db, reading
from foundation.errors import DomainConflict, DomainError, TooMany
from foundation.i18n import _, in_language, ngettext
from foundation.tenancy import EVERYTHING, within

REHEARSE_JOB = "curriculum.rehearse_import"
WRITE_JOB = "curriculum.write_import"
UPLOADS_AN_HOUR = 40
_PIECE = 1000
_IN_PROGRESS = (ImportState.REHEARSING, ImportState.WRITING)
_STOPPED = (jobs.JobState.DEAD, jobs.JobState.CANCELLED)
Unit = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], None]


class ImportNotReady(DomainConflict):
    """The run is not in the state this act needs."""


class RowsUndecided(DomainError):
    """All rows are to be written, but some cannot be."""


class NothingToWrite(DomainError):
    """No row of the sheet can be written."""


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
    """Keep an uploaded sheet and queue its rehearsal.

    Raises TooMany beyond 40 sheets an hour of one agency, because each asks who is known; SheetRefused for what is no sheet of
    people, before keeping it; and what keeps the agency from nominating for the cohort.
    """
    _refuse_too_many(agency)
    sheet = open_sheet(data, filename=file_name, encoding=options.encoding)
    refuse_closed(cohort, agency)
    stored = storage.put(data, suffix=".sheet")
    run = ImportRun(
        agency_id=agency.id,
        cohort=cohort,
        file_name=_plain_name(file_name),
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


def _refuse_too_many(agency: Agency) -> None:
    since = clock.now() - timedelta(hours=1)
    query = select(func.count(ImportRun.id)).where(
        ImportRun.agency_id == agency.id, ImportRun.uploaded_at > since
    )
    if db.session.execute(query).scalar_one() >= UPLOADS_AN_HOUR:
        raise TooMany(
            _(
                "Your agency has sent %(most)s sheets within an hour. Send the next one later.",
                most=UPLOADS_AN_HOUR,
            ),
            retry_after_seconds=3600,
        )


def _plain_name(file_name: str) -> str:
    """Return a file's name as it can be shown: without folders, control and direction characters."""
    name = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable())[-200:] or "sheet"


def find_written_before(run: ImportRun) -> ImportRun | None:
    """Return the newest other run of the agency in which this very file was written."""
    query = select(ImportRun).where(
        ImportRun.agency_id == run.agency_id,
        ImportRun.sha256 == run.sha256,
        ImportRun.state == ImportState.WRITTEN,
        ImportRun.id != run.id,
    )
    return db.session.execute(query.order_by(ImportRun.id.desc()).limit(1)).scalar_one_or_none()


def query_runs() -> Select[Any]:
    """Return the select of import runs with who sent them and for what; the caller narrows it to what may be seen."""
    columns: list[Any] = [
        ImportRun.id,
        ImportRun.file_name,
        ImportRun.state,
        ImportRun.counts,
        ImportRun.written,
        ImportRun.uploaded_at,
        Cohort.code.label("cohort_code"),
        User.name.label("sender"),
        Agency.code.label("agency_code"),
    ]
    return (
        select(*columns)
        .join(User, User.id == ImportRun.uploaded_by_id)
        .join(Agency, Agency.id == ImportRun.agency_id)
        .outerjoin(Cohort, Cohort.id == ImportRun.cohort_id)
    )


def refuse_closed(cohort: Cohort | None, agency: Agency) -> None:
    """Raise what keeps an agency from nominating for a cohort, before a sheet is read for nothing."""
    obstacle = find_obstacle(cohort, agency) if cohort is not None else None
    if obstacle is not None:
        raise obstacle


def rehearse_again(run: ImportRun, *, options: ImportOptions, actor: User) -> None:
    """Rehearse a run with another encoding or order of dates. Raises ImportNotReady once it was written."""
    _require(run, ImportState.REHEARSED, ImportState.REFUSED)
    changes = audit.changes_of(run, options=options.as_json(), state=ImportState.REHEARSING, refusal=None)
    run.job_id = jobs.enqueue(REHEARSE_JOB, run.id, actor=actor, agency_id=run.agency_id).id
    audit.record("import:rehearsed_again", run, actor=actor, changes=changes)


def rehearse(run_id: int, *, unit: Unit, progress: Progress) -> dict[str, Any]:
    """Class every row of a run and keep the report; writes no person. Running it twice gives the same report."""
    refused = ""
    with reading():
        run = db.session.get_one(ImportRun, run_id)
        if run.state is not ImportState.REHEARSING:
            return dict(run.counts)
        agency_id, speech = run.agency_id, db.session.get_one(User, run.uploaded_by_id).language
        sheet, rehearsal = None, None
        try:
            with in_language(speech):
                sheet, rehearsal = rehearse_sheet(
                    read_content(run), agency_id=agency_id, options=ImportOptions.of(run), name=run.file_name
                )
        except SheetRefused as refusal:
            refused = refusal.message
    if sheet is None or rehearsal is None:
        with unit():
            run = db.session.get_one(ImportRun, run_id)
            audit.changes_of(run, state=ImportState.REFUSED, refusal=refused[:500], finished_at=clock.now())
        return {"refused": True}
    rows = import_rows.keep_rows(rehearsal, sheet, run_id=run_id, agency_id=agency_id, language=speech)
    with unit():
        db.session.execute(delete(ImportRow).where(ImportRow.run_id == run_id))
    stream, done = iter(rows), 0
    while piece := list(islice(stream, _PIECE)):
        with unit():
            db.session.execute(insert(ImportRow), piece)
        done += len(piece)
        progress(done, len(rows), "")
    counts = count_classes(rehearsal)
    elsewhere = sum(row.match is not None and not row.match.is_own for row in rehearsal.rows)
    with unit():
        run = db.session.get_one(ImportRun, run_id)
        run.sheet, run.counts, run.state = _describe(sheet, rehearsal), counts, ImportState.REHEARSED
        # Whom of other agencies a sheet met is the one thing a rehearsal tells that its sender may not look up.
        changes = {"rows": (None, len(rows)), "known_elsewhere": (None, elsewhere)}
        actor = db.session.get(User, run.uploaded_by_id)
        audit.record("import:rehearsed", run, actor=actor, changes=changes)
    return counts


def rehearse_sheet(
    data: bytes, *, agency_id: int, options: ImportOptions, name: str = ""
) -> tuple[Sheet, Rehearsal]:
    """Read and class a sheet against everybody on record, without writing. Raises SheetRefused."""
    sheet = open_sheet(data, filename=name, encoding=options.encoding)
    order, readings = read_rows(sheet, today=clock.today(), date_order=options.date_order)
    with within(EVERYTHING):
        return sheet, class_rows(readings, KnownInDatabase(agency_id), order=order)


def decide_rows(run: ImportRun, decisions: dict[int, RowDecision], *, actor: User) -> int:
    """Say of probable duplicates, by row number, whether they are the person on record; return how many changed.

    Raises ImportNotReady. Rows that are no probable duplicates are passed over, and so is "the same person" for somebody of
    another agency: whoever could claim a stranger by a likeness would be shown his record. Such a row is corrected until it
    agrees with the passport, or left out.
    """
    _require(run, ImportState.REHEARSED)
    query = select(ImportRow).where(
        ImportRow.run_id == run.id,
        ImportRow.row.in_(decisions),
        ImportRow.row_class == RowClass.PROBABLE_DUPLICATE,
    )
    made = []
    for row in db.session.execute(query.order_by(ImportRow.row)).scalars():
        if decisions[row.row] is RowDecision.SAME and row.shown.get("foreign"):
            continue
        if row.decision != decisions[row.row]:
            changes = audit.changes_of(row, decision=decisions[row.row])
            made.append(audit.Change("import_row:decided", row, changes=changes))
    if made:
        db.session.flush()
        audit.record_many(made, actor=actor)
    return len(made)


def start_writing(run: ImportRun, *, whole: bool, actor: User) -> None:
    """Queue the writing of a rehearsed run: all rows or none (`whole`), or the good ones.

    Raises ImportNotReady; RowsUndecided when all rows are wanted and some are in error or undecided; NothingToWrite.
    """
    _require(run, ImportState.REHEARSED)
    outlook = import_rows.read_outlook(run)
    if whole and outlook.left_out:
        raise RowsUndecided(
            ngettext(
                "%(num)s row cannot be written as it is. Correct it, or write the good rows.",
                "%(num)s rows cannot be written as they are. Correct them, or write the good rows.",
                outlook.left_out,
            )
        )
    if not outlook.good:
        raise NothingToWrite(
            _("No row of this sheet can be written. Correct the rows and send the sheet again.")
        )
    changes = audit.changes_of(
        run, state=ImportState.WRITING, refusal=None, options={**run.options, "whole": whole}
    )
    run.job_id = jobs.enqueue(WRITE_JOB, run.id, actor=actor, agency_id=run.agency_id).id
    audit.record("import:confirmed", run, actor=actor, changes=changes)


def discard(run: ImportRun, *, actor: User) -> None:
    """Put a rehearsed or refused run aside: nothing of it is written, and what was kept of its rows is deleted."""
    _require(run, ImportState.REHEARSED, ImportState.REFUSED)
    changes = audit.changes_of(run, state=ImportState.DISCARDED, finished_at=clock.now())
    # Names of people who were never registered have no reason to stay.
    db.session.execute(delete(ImportRow).where(ImportRow.run_id == run.id))
    audit.record("import:discarded", run, actor=actor, changes=changes)


def try_again(run: ImportRun, *, actor: User) -> None:
    """Let a rehearsal or a writing that failed for good go on where it stopped. Raises ImportNotReady."""
    job = find_job(run)
    if run.state not in _IN_PROGRESS or job is None or job.state not in _STOPPED:
        raise ImportNotReady(_("This sheet is being read or was written already."))
    jobs.retry(job, actor=actor)
    audit.record("import:tried_again", run, actor=actor)


def find_job(run: ImportRun) -> jobs.Job | None:
    """Return the job that works on a run, or did last."""
    return jobs.find_job(run.job_id) if run.job_id is not None else None


def make_error_workbook(run: ImportRun, *, language: str) -> bytes:
    """Return the rows that cannot be written as a workbook in the layout of the sheet, each with its problem."""
    sheet = open_sheet(read_content(run), filename=run.file_name, encoding=run.options.get("encoding"))
    order = DateOrder(run.sheet.get("date_order", DateOrder.DMY))
    query = import_rows.query_rows(run).where(import_rows.is_unacceptable()).order_by(ImportRow.row)
    return import_rows.write_workbook_of_errors(
        sheet, db.session.execute(query).all(), order=order, language=language
    )


def count_classes(rehearsal: Rehearsal) -> dict[str, int]:
    """Return {class: rows} of a rehearsal."""
    counts = Counter(row.row_class for row in rehearsal.rows)
    return {row_class.value: counts[row_class] for row_class in RowClass}


def read_content(run: ImportRun) -> bytes:
    """Return the sheet as it was sent."""
    return storage.get(run.storage_key)


def list_rows(run: ImportRun) -> Iterator[ImportRow]:
    """Yield the report of a run in the order of the sheet."""
    yield from db.session.execute(
        select(ImportRow).where(ImportRow.run_id == run.id).order_by(ImportRow.row)
    ).scalars()


def _require(run: ImportRun, *states: ImportState) -> None:
    """Take the run for this transaction alone and raise ImportNotReady when another act was faster."""
    db.session.refresh(run, with_for_update=True)
    if run.state not in states:
        raise ImportNotReady(_("This sheet is being read or was written already."))


def _describe(sheet: Sheet, rehearsal: Rehearsal | None = None) -> dict[str, Any]:
    """Return what was recognised of a sheet, to be shown and corrected.

    {kind, encoding, confidence, delimiter, worksheet, other_worksheets, ignored, headings: {column: heading}}, and after the
    rehearsal {date_order, is_order_certain, contradicted, ambiguous_dates, assumed: {column: rows}}.
    """
    columns = sheet.columns
    described: dict[str, Any] = {
        "kind": sheet.kind.value,
        "encoding": sheet.encoding.name if sheet.encoding else None,
        "confidence": sheet.encoding.confidence.value if sheet.encoding else None,
        "delimiter": sheet.delimiter,
        "worksheet": sheet.worksheet,
        "other_worksheets": list(sheet.other_worksheets),
        "ignored": list(columns.ignored),
        "headings": {column.value: columns.headings[at] for column, at in columns.positions.items()},
    }
    if rehearsal is not None and rehearsal.order is not None:
        people = [row.person for row in rehearsal.rows if row.person is not None]
        assumed = Counter(column.value for person in people for column in person.assumed)
        described |= {
            "date_order": rehearsal.order.order.value,
            "is_order_certain": rehearsal.order.is_certain,
            "contradicted": rehearsal.order.contradicted,
            "ambiguous_dates": rehearsal.ambiguous_dates,
            "assumed": dict(assumed),
        }
    return described
