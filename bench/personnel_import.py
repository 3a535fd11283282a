"""How long a personnel sheet of 10,000 rows takes to be read, classed and written, and how much memory.

Three cases without a database: a sheet as agencies send it against 20,000 known persons, the same as CSV, and the worst one,
where everybody is born on the first of January of one year. Three through the services on SQLite: the rehearsal, the writing,
and the writing of the same sheet once more. With `--nominate` the people are nominated for a cohort as well.
"""

import io
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from openpyxl import Workbook

import wsgi
from accounts.demo.people import InventedPerson, invent_people
from accounts.names import latin_key, native_key
from bench.figures import Figure
from curriculum.models import Cohort, CohortState, ImportRun
from curriculum.personnel.classing import KnownList, KnownPerson, class_rows
from curriculum.personnel.columns import Column
from curriculum.personnel.report import report_json
from curriculum.personnel.rows import read_rows
from curriculum.personnel.sheets import open_sheet
from curriculum.services import import_writing, imports
from foundation import migrating
from foundation.db import db, transaction
from foundation.exports import write_csv
from tests.conftest import make_config
from tests.factories.accounts import make_agency, make_agreement, make_officer
from tests.factories.curriculum import make_cohort

ROWS = 10_000
KNOWN = 20_000
AIM_SECONDS = 10.0
_TODAY = date(2026, 11, 22)


def measure(name: str, data: bytes, known: KnownList) -> dict[str, object]:
    """Read and class one sheet; return its figures: seconds of processor time, rows a second, what was found."""
    start = time.process_time()
    sheet = open_sheet(data)
    order, readings = read_rows(sheet, today=_TODAY)
    read = list(readings)
    middle = time.process_time()
    report = report_json(class_rows(read, known, order=order))
    end = time.process_time()
    return {
        "case": name,
        "rows": report["rows"],
        "known": report["known"],
        "probable_duplicates": report["probable_duplicates"],
        "read_seconds": round(middle - start, 2),
        "class_seconds": round(end - middle, 2),
        "seconds": round(end - start, 2),
        "aim_seconds": AIM_SECONDS,
        "ratio": round((end - start) / AIM_SECONDS, 2),
    }


def run() -> list[dict[str, object]]:
    """Measure the three cases and the peak memory of the process in MB."""
    people = list(invent_people(ROWS, start=KNOWN - 1_000))
    known = _known(invent_people(KNOWN))
    one_day = date(1990, 1, 1)
    crowd = _known(replace(person, birth_date=one_day) for person in invent_people(KNOWN))
    results = [
        measure("xlsx", _xlsx(people), known),
        measure("csv", _csv(people), known),
        measure(
            "csv, one birth date", _csv([replace(person, birth_date=one_day) for person in people]), crowd
        ),
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*results, {"case": "peak memory", "megabytes": round(peak)}]


def measure_services(*, nominating: bool) -> list[dict[str, object]]:
    """Send, rehearse and write one sheet twice through the services on a fresh SQLite file; return the figures of each step."""
    data = _xlsx(invent_people(ROWS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = wsgi.create_app(make_config(folder, f"sqlite:///{folder / 'bench.db'}"))
        with app.app_context():
            migrating.migrate()
            results = _measure_runs(data, nominating=nominating)
            db.session.remove()
            db.engine.dispose()
    return results


def _measure_runs(data: bytes, *, nominating: bool) -> list[dict[str, object]]:
    agency = make_agency("CPD")
    make_agreement(agency)
    officer = make_officer(agency)
    cohort = make_cohort(state=CohortState.OPEN, starts_on=date(2030, 1, 7)) if nominating else None
    db.session.commit()
    officer_id, cohort_id = officer.id, cohort.id if cohort else None
    results = []
    for time_word in ("first", "again"):
        run = imports.upload_sheet(
            data,
            file_name="people.xlsx",
            agency=agency,
            cohort=db.session.get_one(Cohort, cohort_id) if cohort_id else None,
            options=imports.ImportOptions(),
            actor=officer,
        )
        db.session.commit()
        run_id = run.id

        def rehearse(run_id: int = run_id) -> object:
            return imports.rehearse(run_id, unit=transaction, progress=_ignore)

        def write(run_id: int = run_id) -> object:
            return import_writing.write(run_id, actor_id=officer_id, unit=transaction, progress=_ignore)

        results.append(_measure_step(f"SQLite, rehearsal, {time_word}", rehearse))
        imports.start_writing(db.session.get_one(ImportRun, run_id), whole=False, actor=officer)
        db.session.commit()
        results.append(_measure_step(f"SQLite, writing, {time_word}", write))
    return results


def _ignore(_done: int, _total: int, _message: str) -> None:
    """Nobody watches."""


def _measure_step(name: str, work: Callable[[], object]) -> dict[str, object]:
    start = time.process_time()
    result = work()
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "case": name,
        "rows": ROWS,
        "result": result,
        "seconds": round(seconds, 2),
        "aim_seconds": AIM_SECONDS,
        "ratio": round(seconds / AIM_SECONDS, 2),
        "peak_megabytes": round(peak),
    }


def _cells(person: InventedPerson) -> list[str]:
    return [
        person.family_name, person.given_names, person.native_name, person.birth_date.isoformat(), person.nationality,
        person.document_type, person.document_issuer, person.document_number, person.document_expires_on.isoformat(),
        person.email, person.phone, ", ".join(person.languages), person.rank,
    ]  # fmt: skip


def _csv(people: Iterable[InventedPerson]) -> bytes:
    return write_csv([column.value for column in Column], map(_cells, people))


def _xlsx(people: Iterable[InventedPerson]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    sheet.append([column.value for column in Column])
    for person in people:
        sheet.append(_cells(person))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _known(people: Iterable[InventedPerson]) -> KnownList:
    def entries() -> Iterator[tuple[KnownPerson, tuple[str, str, str]]]:
        for number, person in enumerate(people, start=1):
            known = KnownPerson(
                number, f"P{number}", number % 3 == 0, latin_key(person.family_name, person.given_names),
                native_key(person.native_name), person.birth_date, person.document_type, person.document_issuer,
            )  # fmt: skip
            yield known, (person.document_type, person.document_issuer, person.document_number)

    return KnownList(entries())


def figures() -> list[Figure]:
    """Measure a sheet of 10,000 rows: read and classed alone, and rehearsed and written through the services, first and again."""
    found = []
    for line in measure_services(nominating=False):
        remark = f"peak {line['peak_megabytes']} MB"
        found.append(
            Figure(f"{line['rows']} rows, {line['case']}", line["seconds"], "s CPU", AIM_SECONDS, remark)
        )  # type: ignore[arg-type]
    for line in run():
        if "seconds" in line:
            remark = f"read {line['read_seconds']}, classed {line['class_seconds']}"
            found.append(
                Figure(f"{line['rows']} rows, {line['case']}", line["seconds"], "s CPU", AIM_SECONDS, remark)  # type: ignore[arg-type]
            )
        else:
            found.append(Figure(str(line["case"]), line["megabytes"], "MB"))  # type: ignore[arg-type]
    return found
