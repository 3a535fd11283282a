"""The sheet of the acceptance story: 26 rows as agency CPD's officer sends them, and what she corrects afterwards.

19 new, 3 known, 1 exact duplicate row, 1 probable duplicate, 2 errors; corrected, 24 people.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from openpyxl import Workbook, load_workbook

from accounts.demo.people import STORY_KNOWN, STORY_PEOPLE, InventedPerson
from accounts.models import DocumentType
from accounts.names import latin_key, native_key
from accounts.services.persons import PersonValues
from curriculum.personnel.classing import KnownList, KnownPerson
from curriculum.personnel.columns import HEADINGS, Column

STORY_COUNTS = {"new": 19, "known": 3, "exact_duplicates": 1, "probable_duplicates": 1, "errors": 2}
BORN_IN_FUTURE = STORY_PEOPLE[8]
ARABIC_NAME_ONLY = STORY_PEOPLE[16]
SPELLED_TWICE = STORY_PEOPLE[4]
ENTERED_TWICE = STORY_PEOPLE[14]

_ARABIC_WORDS = {"ar": "العربية", "en": "الإنجليزية", "fr": "الفرنسية"}


def story_rows() -> list[InventedPerson]:
    """Return the 26 rows in the order of the sheet, mistakes included."""
    rows = list(STORY_PEOPLE)
    rows[8] = replace(BORN_IN_FUTURE, birth_date=date(2089, 10, 13))
    rows[16] = replace(ARABIC_NAME_ONLY, given_names="", family_name="")
    rows.insert(20, replace(ENTERED_TWICE, given_names="NOUR AL-DIN  SALIM ", family_name=" barakat"))
    rows.insert(23, replace(SPELLED_TWICE, given_names="Mohamed Sameer", family_name="El Tamimy", rank=""))
    return rows


def story_xlsx() -> bytes:
    """Return the sheet as an XLSX with English headings and real dates."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Nominees"
    sheet.append([HEADINGS["en"][column][1] if column is not Column.EMAIL else "E-mail" for column in Column])
    for person in story_rows():
        sheet.append(
            [
                person.family_name, person.given_names, person.native_name, person.birth_date, person.nationality,
                person.document_type, person.document_issuer, person.document_number, person.document_expires_on,
                person.email, person.phone, ", ".join(person.languages), person.rank,
            ]
        )  # fmt: skip
    return _saved(book)


def story_csv() -> bytes:
    """Return the sheet as an Arabic Windows machine saves it: Windows-1256, semicolons, Arabic headings, day first."""
    lines = [[HEADINGS["ar"][column][0] for column in Column] + ["ملاحظات"]]
    for person in story_rows():
        lines.append(
            [
                person.family_name, person.given_names, person.native_name, f"{person.birth_date:%d/%m/%Y}", "الأردن",
                "جواز سفر", "الأردن", person.document_number, f"{person.document_expires_on:%d/%m/%Y}", person.email,
                person.phone, "، ".join(_ARABIC_WORDS[code] for code in person.languages), person.rank, "",
            ]
        )  # fmt: skip
    return csv_bytes(lines, encoding="cp1256", delimiter=";")


def correct_story_workbook(workbook: bytes) -> bytes:
    """Correct the returned error workbook as the officer does: the birth date, and the name in Latin letters."""
    book = load_workbook(io.BytesIO(workbook))
    sheet = book.active
    by_number = {person.document_number: person for person in STORY_PEOPLE}
    for row in sheet.iter_rows(min_row=2):
        cells = [cell.value for cell in row]
        person = next(by_number[value] for value in cells if value in by_number)
        if person is BORN_IN_FUTURE:
            row[list(Column).index(Column.BIRTH_DATE)].value = person.birth_date.isoformat()
        if person is ARABIC_NAME_ONLY:
            row[list(Column).index(Column.FAMILY_NAME)].value = person.family_name
            row[list(Column).index(Column.GIVEN_NAMES)].value = person.given_names
    return _saved(book)


def known_before() -> KnownList:
    """Return the three persons that are on record when the sheet arrives; the physician is the university hospital's."""
    return known_list(STORY_KNOWN, own=[person.agencies == ("CPD",) for person in STORY_KNOWN])


def known_list(people: Iterable[InventedPerson], *, own: Sequence[bool] = (), first_id: int = 1) -> KnownList:
    """Return invented people as persons on record, numbered from `first_id`; all of the agency unless `own` says."""
    entries = []
    for position, person in enumerate(people):
        known = KnownPerson(
            id=first_id + position,
            reference=f"P{first_id + position:05d}",
            is_own=own[position] if position < len(own) else True,
            latin_key=latin_key(person.family_name, person.given_names),
            native_key=native_key(person.native_name),
            birth_date=person.birth_date,
            document_kind=person.document_type if person.document_number else "",
            document_issuer=person.document_issuer if person.document_number else "",
        )
        key = (person.document_type, person.document_issuer, person.document_number)
        entries.append((known, key if person.document_number else None))
    return KnownList(entries)


def csv_bytes(lines: Iterable[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Return rows as the bytes of a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
    return buffer.getvalue().encode(encoding)


def _saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def known_values(person: InventedPerson) -> PersonValues:
    """Return an invented person as the register takes him."""
    return PersonValues(
        family_name=person.family_name,
        given_names=person.given_names,
        native_name=person.native_name,
        birth_date=person.birth_date,
        nationality=person.nationality,
        document_type=DocumentType(person.document_type) if person.document_number else None,
        document_issuer=person.document_issuer or None,
        document_number=person.document_number or None,
        document_expires_on=person.document_expires_on,
        email=person.email or None,
        phone=person.phone or None,
        languages=tuple(person.languages),
        rank=person.rank or None,
    )
