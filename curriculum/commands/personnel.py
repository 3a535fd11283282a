"""Personnel from the command line: the same rehearsal and the same writing as the pages."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from accounts.models import Agency
from curriculum.models import Cohort
from curriculum.personnel.classing import Rehearsal, RowClass
from curriculum.personnel.dates import DateOrder
from curriculum.personnel.encoding import ENCODINGS
from curriculum.personnel.report import report_json
from curriculum.services import import_writing, imports
from foundation.commands import answer, json_option, progress_bar, refuse
from foundation.db import db, reading, transaction
from foundation.errors import DomainError

Function = Callable[..., Any]


def _sheet_options(function: Function) -> Function:
    for option in (
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option("--agency", "agency_code", required=True, help="The agency's code, e.g. CPD."),
        click.option(
            "--encoding", type=click.Choice(sorted(ENCODINGS)), help="Instead of the guess, for CSV."
        ),
        click.option(
            "--date-order",
            type=click.Choice([order.value for order in DateOrder]),
            help="Instead of the guess.",
        ),
        json_option,
    ):
        function = option(function)
    return function


@click.group("personnel")
def personnel_group() -> None:
    """Bring a spreadsheet of personnel."""


@personnel_group.command("rehearse")
@_sheet_options
def rehearse_command(
    file: Path, agency_code: str, encoding: str | None, date_order: str | None, as_json: bool
) -> None:
    """Say row by row what an import would do, without writing. Exit 1 when rows are in error."""
    with reading():
        agency = _find_agency(agency_code)
        rehearsal = _rehearse(file, agency.id, encoding, date_order)
        document = report_json(rehearsal)
    answer(document, as_json=as_json, text=_text(document))
    sys.exit(1 if rehearsal.count(RowClass.ERROR) else 0)


@personnel_group.command("import")
@_sheet_options
@click.option(
    "--mode", type=click.Choice(["all", "good"]), default="all", help="All rows or none, or the good ones."
)
@click.option("--cohort", "cohort_code", help="Nominate the rows for this cohort, in their order.")
def import_command(
    file: Path,
    agency_code: str,
    encoding: str | None,
    date_order: str | None,
    as_json: bool,
    mode: str,
    cohort_code: str | None,
) -> None:
    """Register the persons of a sheet. The same file twice adds nobody. Exit 1 when rows were left out."""
    with reading():
        agency = _find_agency(agency_code)
        agency_id, cohort_id = agency.id, _find_open_cohort(cohort_code, agency)
    is_whole = mode == "all"

    def class_rows() -> Rehearsal:
        return _rehearse(file, agency_id, encoding, date_order)

    classing = import_writing.classify(class_rows)
    rehearsal = classing.rehearsal
    left_out = rehearsal.count(RowClass.ERROR) + rehearsal.count(RowClass.PROBABLE_DUPLICATE)
    if is_whole and left_out:
        document = report_json(rehearsal)
        answer(
            document,
            as_json=as_json,
            text=_text(document) + "\nNothing was written: some rows cannot be (see --mode good).",
        )
        sys.exit(1)
    showing, progress = progress_bar("Writing", as_json=as_json)
    try:
        with showing:
            report = import_writing.write_rows(
                classing,
                import_writing.WriteOrder(agency_id, cohort_id, actor_id=None, whole=is_whole),
                class_rows=class_rows,
                unit=transaction,
                progress=progress,
            )
    except DomainError as error:
        refuse(error.message)
    document = report_json(rehearsal, written=report.registered)
    answer(document, as_json=as_json, text=_text(document))
    sys.exit(1 if left_out else 0)


def _rehearse(file: Path, agency_id: int, encoding: str | None, date_order: str | None) -> Rehearsal:
    options = imports.ImportOptions(encoding, DateOrder(date_order) if date_order else None)
    try:
        _sheet, rehearsal = imports.rehearse_sheet(
            file.read_bytes(), agency_id=agency_id, options=options, name=file.name
        )
    except DomainError as error:
        refuse(error.message)
    return rehearsal


def _find_agency(code: str) -> Agency:
    agency = db.session.execute(select(Agency).where(Agency.code == code)).scalar_one_or_none()
    if agency is None:
        refuse(f"There is no agency {code}.")
    return agency


def _find_open_cohort(code: str | None, agency: Agency) -> int | None:
    if code is None:
        return None
    cohort = db.session.execute(select(Cohort).where(Cohort.code == code)).scalar_one_or_none()
    if cohort is None:
        refuse(f"There is no cohort {code}.")
    try:
        imports.refuse_closed(cohort, agency)
    except DomainError as error:
        refuse(error.message)
    return cohort.id


def _text(document: dict[str, Any]) -> str:
    lines = [
        f"{document['rows']} rows: {document['new']} new, {document['known']} known, "
        f"{document['probable_duplicates']} probable duplicates, {document['exact_duplicates']} exact duplicates, "
        f"{document['errors']} errors; {document['written']} written."
    ]
    lines += [f"  row {d['row']}: {d['class']}: {d['reason']}" for d in document["details"] if d["reason"]]
    return "\n".join(lines)
