"""How long a personnel sheet of 10,000 rows takes to be read and classed, and how much memory; without a database.

Three cases: a sheet as agencies send it against 20,000 known persons, the same in Windows-1256, and the worst one, where
everybody is born on the first of January of one year.
"""

import io
import resource
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from openpyxl import Workbook

from accounts.demo.people import InventedPerson, invent_people
from accounts.names import latin_key, native_key
from bench.figures import Figure
from curriculum.personnel.classing import KnownList, KnownPerson, class_rows
from curriculum.personnel.columns import Column
from curriculum.personnel.report import report_json
from curriculum.personnel.rows import read_rows
from curriculum.personnel.sheets import open_sheet
from foundation.exports import write_csv

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
    """Measure the three cases: seconds of processor time for a sheet of 10,000 rows, and the peak of memory."""
    found = []
    for line in run():
        if "seconds" in line:
            remark = f"read {line['read_seconds']}, classed {line['class_seconds']}"
            found.append(
                Figure(f"{line['rows']} rows, {line['case']}", line["seconds"], "s CPU", AIM_SECONDS, remark)  # type: ignore[arg-type]
            )
        else:
            found.append(Figure(str(line["case"]), line["megabytes"], "MB"))  # type: ignore[arg-type]
    return found
