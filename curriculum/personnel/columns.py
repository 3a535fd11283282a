"""Recognise the columns of a personnel sheet by their headings, in English, Arabic or French and in any order."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.names import fold_native
from curriculum.personnel.problems import Refusal, SheetRefused


class Column(StrEnum):
    """A column of the import sheet."""

    FAMILY_NAME = "family_name"
    GIVEN_NAMES = "given_names"
    NATIVE_NAME = "native_name"
    BIRTH_DATE = "birth_date"
    NATIONALITY = "nationality"
    DOCUMENT_TYPE = "document_type"
    DOCUMENT_ISSUER = "document_issuer"
    DOCUMENT_NUMBER = "document_number"
    DOCUMENT_EXPIRES_ON = "document_expires_on"
    EMAIL = "email"
    PHONE = "phone"
    LANGUAGES = "languages"
    RANK = "rank"


# The first heading of each language is the one the template prints.
HEADINGS: dict[str, dict[Column, tuple[str, ...]]] = {
    "en": {
        Column.FAMILY_NAME: ("family_name", "family name", "surname", "last name", "lastname", "family", "name of family"),
        Column.GIVEN_NAMES: (
            "given_names", "given names", "given name", "first name", "first names", "firstname", "forename", "forenames",
        ),
        Column.NATIVE_NAME: (
            "native_name", "native name", "name in native script", "original name", "arabic name", "name in arabic",
            "name arabic", "full name in arabic", "local name", "name in own script",
        ),
        Column.BIRTH_DATE: ("birth_date", "birth date", "date of birth", "birthdate", "born on", "born", "dob", "birthday"),
        Column.NATIONALITY: ("nationality", "citizenship", "nationality code", "country of nationality"),
        Column.DOCUMENT_TYPE: ("document_type", "document type", "type of document", "id type", "kind of document"),
        Column.DOCUMENT_ISSUER: (
            "document_issuer", "document issuer", "issuer", "issuing country", "issued by", "issuing state",
            "country of issue", "passport country",
        ),
        Column.DOCUMENT_NUMBER: (
            "document_number", "document number", "document no", "number of document", "id document number", "doc no",
        ),
        Column.DOCUMENT_EXPIRES_ON: (
            "document_expires_on", "document expires on", "document expiry", "document expiry date", "expiry date",
            "expires on", "expiry", "passport expiry", "passport expiry date", "date of expiry", "valid until",
        ),
        Column.EMAIL: ("email", "e-mail", "email address", "e-mail address", "mail"),
        Column.PHONE: ("phone", "phone number", "telephone", "telephone number", "mobile", "mobile number", "mobile phone", "tel"),
        Column.LANGUAGES: ("languages", "language", "languages spoken", "spoken languages"),
        Column.RANK: ("rank", "grade", "rank or grade", "military rank"),
    },
    "ar": {
        Column.FAMILY_NAME: (
            "اسم العائلة (بالأحرف اللاتينية)", "اسم العائلة", "اسم العائلة بالإنجليزية", "اسم العائلة باللاتينية",
            "اسم العائلة بالحروف اللاتينية", "العائلة", "اللقب", "اللقب بالإنجليزية", "اللقب بالأحرف اللاتينية", "النسب",
            "الكنية",
        ),
        Column.GIVEN_NAMES: (
            "الأسماء الأولى (بالأحرف اللاتينية)", "الأسماء الأولى", "الاسم الأول", "الاسم الأول بالإنجليزية",
            "الاسم الأول باللاتينية", "الاسم الأول بالأحرف اللاتينية", "الأسماء", "الاسم الشخصي", "الأسماء الشخصية",
            "الاسم بالإنجليزية", "الاسم باللاتينية",
        ),
        Column.NATIVE_NAME: (
            "الاسم باللغة الأصلية", "الاسم بالعربية", "الاسم الكامل بالعربية", "الاسم باللغة العربية", "الاسم العربي",
            "الاسم الكامل", "الاسم الرباعي", "الاسم الثلاثي", "الاسم",
        ),
        Column.BIRTH_DATE: ("تاريخ الميلاد", "تاريخ الولادة", "الميلاد", "المواليد"),
        Column.NATIONALITY: ("الجنسية", "بلد الجنسية"),
        Column.DOCUMENT_TYPE: ("نوع الوثيقة", "نوع المستند", "نوع الهوية", "نوع وثيقة الهوية"),
        Column.DOCUMENT_ISSUER: (
            "بلد إصدار الوثيقة", "بلد الإصدار", "جهة الإصدار", "جهة إصدار الوثيقة", "دولة الإصدار", "الدولة المصدرة",
            "مكان الإصدار",
        ),
        Column.DOCUMENT_NUMBER: ("رقم الوثيقة", "رقم المستند"),
        Column.DOCUMENT_EXPIRES_ON: (
            "تاريخ انتهاء الوثيقة", "تاريخ الانتهاء", "تاريخ انتهاء الجواز", "تاريخ انتهاء الصلاحية", "صالحة حتى", "صالح حتى",
            "انتهاء الصلاحية",
        ),
        Column.EMAIL: ("البريد الإلكتروني", "الإيميل", "ايميل", "عنوان البريد الإلكتروني", "البريد"),
        Column.PHONE: ("الهاتف", "رقم الهاتف", "الجوال", "رقم الجوال", "المحمول", "الهاتف المحمول", "الموبايل", "هاتف", "رقم الموبايل"),
        Column.LANGUAGES: ("اللغات", "اللغة", "اللغات المتحدث بها"),
        Column.RANK: ("الرتبة", "الدرجة", "الرتبة العسكرية"),
    },
    "fr": {
        Column.FAMILY_NAME: ("nom_de_famille", "nom de famille", "nom", "nom (latin)", "nom en lettres latines", "patronyme"),
        Column.GIVEN_NAMES: ("prénoms", "prénom", "prénom(s)", "prénoms (latin)", "prénoms en lettres latines"),
        Column.NATIVE_NAME: (
            "nom_en_écriture_d'origine", "nom d'origine", "nom en arabe", "nom complet en arabe", "nom arabe",
            "nom dans l'écriture d'origine", "nom natif",
        ),
        Column.BIRTH_DATE: ("date_de_naissance", "date de naissance", "né le", "née le", "né(e) le", "naissance"),
        Column.NATIONALITY: ("nationalité", "citoyenneté"),
        Column.DOCUMENT_TYPE: ("type_de_document", "type de document", "nature du document", "type de pièce", "type de pièce d'identité"),
        Column.DOCUMENT_ISSUER: (
            "pays_de_délivrance", "pays de délivrance", "pays émetteur", "délivré par", "émetteur", "pays d'émission",
        ),
        Column.DOCUMENT_NUMBER: ("numéro_de_document", "numéro de document", "numéro du document", "n° de document", "n° document", "numéro de pièce"),
        Column.DOCUMENT_EXPIRES_ON: (
            "date_d'expiration", "date d'expiration", "expire le", "expiration", "date d'expiration du document", "valable jusqu'au",
        ),
        Column.EMAIL: ("courriel", "adresse électronique", "adresse e-mail", "adresse mail", "mél"),
        Column.PHONE: ("téléphone", "numéro de téléphone", "n° de téléphone", "portable", "mobile", "tél"),
        Column.LANGUAGES: ("langues", "langue", "langues parlées"),
        Column.RANK: ("grade", "rang"),
    },
}  # fmt: skip

# A heading that names the kind of document says it for every row whose own cell does not.
_NUMBER_OF_KIND = {
    "passport": (
        "passport", "passport number", "passport no", "passport nr", "number of passport", "رقم الجواز", "رقم جواز السفر", "جواز السفر",
        "numéro de passeport", "n° de passeport", "n° passeport", "passeport",
    ),
    "national_id": (
        "national id", "national id number", "id number", "id card number", "identity card number", "national number",
        "رقم الهوية", "الرقم الوطني", "رقم البطاقة الوطنية", "رقم بطاقة التعريف", "numéro de carte d'identité", "n° cni", "cni",
        "numéro d'identité",
    ),
}  # fmt: skip

# The column of an error workbook that came back; it is ours and says nothing about the person.
PROBLEM_HEADINGS = {"en": "problem", "ar": "المشكلة", "fr": "problème"}

_NOT_A_WORD = re.compile(r"[^\w]+|_+")


def fold_heading(text: str) -> str:
    """Return a heading without case, accents, punctuation and Arabic letter forms."""
    words = _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold().replace("n°", " no "))
    return fold_native(words.replace("ـ", ""))


_COLUMN_OF: dict[str, Column] = {
    fold_heading(heading): column for table in HEADINGS.values() for column, names in table.items() for heading in names
}
_KIND_OF: dict[str, str] = {fold_heading(heading): kind for kind, names in _NUMBER_OF_KIND.items() for heading in names}
_PROBLEM_FOLDED = frozenset(fold_heading(heading) for heading in PROBLEM_HEADINGS.values())


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where each known column stands. Positions count from 0; `extra` are (position, heading) that are not read."""

    positions: dict[Column, int]
    headings: tuple[str, ...]
    extra: tuple[tuple[int, str], ...]
    heading_row: int
    document_type: str = ""

    @property
    def language(self) -> str:
        """The language whose headings the sheet mostly uses."""
        found = {fold_heading(self.headings[position]) for position in self.positions.values()}
        counts = {
            language: sum(fold_heading(name) in found for names in table.values() for name in names)
            for language, table in HEADINGS.items()
        }
        return max(counts, key=lambda language: counts[language])

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headings that are not read, as they stand in the sheet, without the problem column of ours."""
        return tuple(heading for _position, heading in self.extra if fold_heading(heading) not in _PROBLEM_FOLDED)


def is_problem_heading(text: str) -> bool:
    """Tell whether a heading is that of the problem column which error workbooks carry."""
    return fold_heading(text) in _PROBLEM_FOLDED


def count_known_headings(cells: Iterable[str]) -> int:
    """Return how many of the cells are headings of the import sheet."""
    return sum((folded := fold_heading(cell)) in _COLUMN_OF or folded in _KIND_OF for cell in cells)


def map_columns(cells: Sequence[str], *, heading_row: int) -> ColumnMap:
    """Match the headings of a row to columns.

    Raises `SheetRefused` if two headings mean the same column, or if names or birth date have none.
    """
    positions: dict[Column, int] = {}
    extra: list[tuple[int, str]] = []
    twice: list[str] = []
    kind = ""
    for position, cell in enumerate(cells):
        folded = fold_heading(cell)
        column = _COLUMN_OF.get(folded)
        if column is None and folded in _KIND_OF:
            column, kind = Column.DOCUMENT_NUMBER, _KIND_OF[folded]
        if column is None:
            if folded:
                extra.append((position, cell.strip()))
        elif column in positions:
            twice.append(f"{cells[positions[column]].strip()} / {cell.strip()}")
        else:
            positions[column] = position
    if not positions:
        raise SheetRefused(Refusal.NO_HEADINGS)
    if twice:
        raise SheetRefused(Refusal.DUPLICATE_COLUMNS, columns=", ".join(twice))
    missing = [] if Column.BIRTH_DATE in positions else [Column.BIRTH_DATE.value]
    if Column.FAMILY_NAME not in positions and Column.GIVEN_NAMES not in positions:
        missing[:0] = [Column.FAMILY_NAME.value, Column.GIVEN_NAMES.value]
    if missing:
        raise SheetRefused(Refusal.MISSING_COLUMNS, columns=", ".join(missing))
    return ColumnMap(positions, tuple(cell.strip() for cell in cells), tuple(extra), heading_row, kind)
