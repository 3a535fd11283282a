"""A sheet of personnel as CPD's office saves it on an Arabic Windows machine, rehearsed and waiting for its officer."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from accounts.demo.people import InventedPerson, invent_people_of
from certification.demo.cast import Cast
from certification.demo.setting import PEOPLE_OF_ONE_WORLD
from certification.demo.timeline import Scene, at
from certification.demo.training import NextMedicalCohort
from curriculum.personnel.columns import HEADINGS, Column
from curriculum.services import imports

# Of the land's invented people: a few whom CPD has on record, and some whom nobody has.
ON_RECORD, UNKNOWN = 60, 330
FILE_NAME = "مرشحون MCM-201.csv"
_LANGUAGES = {"ar": "العربية", "en": "الإنجليزية"}


def sheet_scenes(cast: Cast) -> Iterator[Scene]:
    """Yield the opening of the cohort that the sheet is for, and the upload; the rehearsal is a background job."""
    cohort = NextMedicalCohort(cast)
    yield from cohort.scenes()

    def upload() -> None:
        imports.upload_sheet(
            write_sheet(list_rows(cast.world)),
            file_name=FILE_NAME,
            agency=cast.agency("CPD"),
            cohort=cohort.delivery.cohort,
            options=imports.ImportOptions(),
            actor=cast.officer("CPD"),
        )

    yield Scene(at(cast.timeline.day(-1), "13:35"), upload)


def list_rows(world: int) -> list[InventedPerson]:
    """Return 14 rows: 8 new, 2 known, a row twice, somebody known under another spelling, and 2 that cannot be right."""
    start = world * PEOPLE_OF_ONE_WORLD
    fresh = list(invent_people_of("JO", 10, start=start + UNKNOWN))
    known = list(invent_people_of("JO", 3, start=start + ON_RECORD))
    respelled = replace(known[2], given_names=known[2].given_names.replace("a", "e", 1), rank="")
    unborn = replace(fresh[8], birth_date=fresh[8].birth_date.replace(year=2091))
    nameless = replace(fresh[9], family_name="", given_names="")
    return [*fresh[:5], known[0], unborn, *fresh[5:8], fresh[2], known[1], respelled, nameless]


def write_sheet(people: Sequence[InventedPerson]) -> bytes:
    """Return the rows as that machine saves them: Windows-1256, semicolons, Arabic headings, day first."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    rows.writerow(HEADINGS["ar"][column][0] for column in Column)
    for one in people:
        rows.writerow(
            [
                one.family_name,
                one.given_names,
                one.native_name,
                f"{one.birth_date:%d/%m/%Y}",
                "الأردن",
                "جواز سفر",
                "الأردن",
                one.document_number,
                f"{one.document_expires_on:%d/%m/%Y}",
                one.email,
                one.phone,
                "، ".join(_LANGUAGES[code] for code in one.languages),
                one.rank,
            ]
        )
    return buffer.getvalue().encode("cp1256")
