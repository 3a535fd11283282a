"""What can be wrong with a personnel sheet, and how that reads to the person who sent it.

The codes are what the pure rooms return; the sentences are translated only when they are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from foundation.errors import DomainError
from foundation.i18n import lazy


class Refusal(StrEnum):
    """Why a whole file is refused."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    UNPACKED_TOO_BIG = "unpacked_too_big"
    TOO_MANY_PARTS = "too_many_parts"
    MACRO = "macro"
    OLD_EXCEL = "old_excel"
    OTHER_SPREADSHEET = "other_spreadsheet"
    NOT_A_SHEET = "not_a_sheet"
    DAMAGED = "damaged"
    FORBIDDEN_XML = "forbidden_xml"
    ENCRYPTED = "encrypted"
    CELL_TOO_LONG = "cell_too_long"
    WRONG_ENCODING = "wrong_encoding"
    UNKNOWN_ENCODING = "unknown_encoding"
    NO_HEADINGS = "no_headings"
    MISSING_COLUMNS = "missing_columns"
    DUPLICATE_COLUMNS = "duplicate_columns"
    NO_ROWS = "no_rows"


class Problem(StrEnum):
    """Why one cell is refused."""

    REQUIRED = "required"
    FORMULA = "formula"
    CONTROL_CHARACTER = "control_character"
    BIDI_OVERRIDE = "bidi_override"
    TOO_LONG = "too_long"
    NOT_LATIN = "not_latin"
    FORBIDDEN_CHARACTER = "forbidden_character"
    MIXED_SCRIPTS = "mixed_scripts"
    NO_LETTER = "no_letter"
    NOT_A_DATE = "not_a_date"
    DATE_ORDER = "date_order"
    SHORT_YEAR = "short_year"
    HIJRI_DATE = "hijri_date"
    BIRTH_IN_FUTURE = "birth_in_future"
    BIRTH_TOO_EARLY = "birth_too_early"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    UNKNOWN_COUNTRY = "unknown_country"
    UNKNOWN_DOCUMENT_TYPE = "unknown_document_type"
    BAD_DOCUMENT_NUMBER = "bad_document_number"
    BAD_EMAIL = "bad_email"
    BAD_PHONE = "bad_phone"
    UNKNOWN_LANGUAGE = "unknown_language"
    SPREADSHEET_ERROR = "spreadsheet_error"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing wrong with one cell. `column` is a column of the sheet, `shown` what the cell holds, shortened."""

    column: str
    code: Problem
    shown: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, in the reader's language."""
        return str(_PROBLEMS[self.code]) % {"shown": self.shown}


class SheetRefused(DomainError):
    """The file cannot be read as a personnel sheet; nothing of it was used."""

    def __init__(self, code: Refusal, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(describe_refusal(code, facts), field="file")


def describe_refusal(code: Refusal, facts: Mapping[str, object] | None = None) -> str:
    """Return why a file is refused, as a sentence in the reader's language."""
    return str(_REFUSALS[code]) % dict(facts or {})


_REFUSALS = {
    Refusal.EMPTY: lazy("The file is empty. Choose the file again, or save it once more from the spreadsheet."),
    Refusal.TOO_BIG: lazy("The file is larger than %(limit)s MB. Split it and send the parts one after another."),
    Refusal.TOO_MANY_ROWS: lazy("The sheet has more than %(limit)s rows. Split it and send the parts one after another."),
    Refusal.TOO_MANY_COLUMNS: lazy("The sheet has more than %(limit)s columns. Keep only the columns of the template."),
    Refusal.UNPACKED_TOO_BIG: lazy(
        "The workbook unpacks to far more than its size. Copy the table into a new workbook and send that."
    ),
    Refusal.TOO_MANY_PARTS: lazy("The workbook has too many parts. Copy the table into a new workbook and send that."),
    Refusal.MACRO: lazy("The workbook contains macros. Save it as “Excel workbook (.xlsx)” without macros."),
    Refusal.OLD_EXCEL: lazy(
        "This is an old Excel workbook (.xls) or one with a password. Open it and save it as “Excel workbook (.xlsx)” "
        "without a password, or as CSV."
    ),
    Refusal.OTHER_SPREADSHEET: lazy("This kind of spreadsheet is not read. Save it as “Excel workbook (.xlsx)” or as CSV."),
    Refusal.NOT_A_SHEET: lazy("This is not a spreadsheet. Send an Excel workbook (.xlsx) or a CSV file."),
    Refusal.DAMAGED: lazy("The workbook is damaged and cannot be read. Open it and save it again, then send that."),
    Refusal.FORBIDDEN_XML: lazy(
        "The workbook contains definitions that no spreadsheet program writes. Copy the table into a new workbook."
    ),
    Refusal.ENCRYPTED: lazy("The workbook is protected by a password. Save it without one and send that."),
    Refusal.CELL_TOO_LONG: lazy("A cell near row %(row)s is too long. A quotation mark may be missing its partner."),
    Refusal.WRONG_ENCODING: lazy("The file is not written in %(encoding)s. Choose another encoding, or let it be recognised."),
    Refusal.UNKNOWN_ENCODING: lazy("The encoding %(encoding)s is not known. Choose one of the list."),
    Refusal.NO_HEADINGS: lazy("No row with column headings was found. Compare your sheet with the template."),
    Refusal.MISSING_COLUMNS: lazy("The sheet lacks the column %(columns)s. Compare your sheet with the template."),
    Refusal.DUPLICATE_COLUMNS: lazy("Two columns have the same meaning: %(columns)s. Keep one of them."),
    Refusal.NO_ROWS: lazy("There are headings but no rows below them."),
}

_PROBLEMS = {
    Problem.REQUIRED: lazy("A value is required here."),
    Problem.FORMULA: lazy("“%(shown)s” is a formula. Put the value itself in the cell."),
    Problem.CONTROL_CHARACTER: lazy("The cell contains invisible control characters or a line break. Type the value again."),
    Problem.BIDI_OVERRIDE: lazy("The cell contains characters that turn the writing direction. Type the value again."),
    Problem.TOO_LONG: lazy("“%(shown)s” is too long."),
    Problem.NOT_LATIN: lazy(
        "“%(shown)s” is not in Latin letters. Write the name here as it stands in the passport, and the original in the "
        "column for the native name."
    ),
    Problem.FORBIDDEN_CHARACTER: lazy(
        "“%(shown)s” contains a character that no name has. Use letters, spaces, apostrophes, hyphens and full stops."
    ),
    Problem.MIXED_SCRIPTS: lazy("“%(shown)s” mixes letters of two scripts. Type the name again in one script."),
    Problem.NO_LETTER: lazy("“%(shown)s” contains no letter."),
    Problem.NOT_A_DATE: lazy("“%(shown)s” is not a date. Write it as year-month-day, for example 1990-03-25."),
    Problem.DATE_ORDER: lazy("“%(shown)s” does not fit the order of day and month of this sheet. Write it as 1990-03-25."),
    Problem.SHORT_YEAR: lazy("“%(shown)s” has no year of four digits. Write it as 1990-03-25."),
    Problem.HIJRI_DATE: lazy("“%(shown)s” looks like a Hijri date. Write the Gregorian date, for example 1990-03-25."),
    Problem.BIRTH_IN_FUTURE: lazy("The birth date %(shown)s is in the future."),
    Problem.BIRTH_TOO_EARLY: lazy("The birth date %(shown)s is before 1920."),
    Problem.DATE_OUT_OF_RANGE: lazy("The date %(shown)s cannot be right."),
    Problem.UNKNOWN_COUNTRY: lazy("“%(shown)s” is not a country. Use its name or its code, for example JO."),
    Problem.UNKNOWN_DOCUMENT_TYPE: lazy("“%(shown)s” is not a kind of document. Use passport, national id or other."),
    Problem.BAD_DOCUMENT_NUMBER: lazy("“%(shown)s” is not a document number. Use letters and digits, 3 to 30 of them."),
    Problem.BAD_EMAIL: lazy("“%(shown)s” is not an e-mail address."),
    Problem.BAD_PHONE: lazy("“%(shown)s” is not a telephone number. Write it with its country code, for example +962 6 555 1234."),
    Problem.UNKNOWN_LANGUAGE: lazy("“%(shown)s” is not a language. Use names or codes with commas between, for example ar, en."),
    Problem.SPREADSHEET_ERROR: lazy("The cell shows the spreadsheet error %(shown)s. Put the value itself in the cell."),
}
