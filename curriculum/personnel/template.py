"""The empty sheet to fill in: CSV and XLSX, with headings in the reader's language and an explanation beside them."""

from curriculum.personnel.columns import HEADINGS, Column
from foundation.exports import write_csv, write_xlsx
from foundation.i18n import _, direction

_WIDTH = 22


def template_csv(language: str = "en") -> bytes:
    """Return the headings as CSV in UTF-8 with a byte-order mark."""
    return write_csv(_headings(language), [])


def template_xlsx(language: str = "en") -> bytes:
    """Return a workbook with an empty table and a sheet that explains its columns in the language of the request."""
    headings = _headings(language)
    explanations = _explanations()
    return write_xlsx(
        headings,
        [],
        title=_("Personnel"),
        right_to_left=direction(language) == "rtl",
        widths=[_WIDTH] * len(headings),
        notes=[
            [_("Column"), _("What to write")],
            *([heading, explanations[column]] for heading, column in zip(headings, Column, strict=True)),
            ["", ""],
            ["", _("Columns may stand in any order. Columns with other headings are named and not read.")],
            ["", _("Leave no formulas in the cells. At most 20,000 rows, 60 columns and 10 MB.")],
        ],
        notes_title=_("How to fill in"),
    )


def _headings(language: str) -> list[str]:
    table = HEADINGS.get(language, HEADINGS["en"])
    return [table[column][0] for column in Column]


def _explanations() -> dict[Column, str]:
    return {
        Column.FAMILY_NAME: _(
            "Required: the family name in Latin letters, as in the passport. People with one name need one of the two."
        ),
        Column.GIVEN_NAMES: _("Required: the given names in Latin letters, as in the passport."),
        Column.NATIVE_NAME: _("The full name in its own script, for example in Arabic."),
        Column.BIRTH_DATE: _("Required: year-month-day, for example 1990-03-25. Gregorian calendar."),
        Column.NATIONALITY: _("The country, by name or by its code of two or three letters."),
        Column.DOCUMENT_TYPE: _("passport, national id or other."),
        Column.DOCUMENT_ISSUER: _("The country that issued the document, by name or code."),
        Column.DOCUMENT_NUMBER: _(
            "The number of the document. Format the column as text, so that leading zeros stay."
        ),
        Column.DOCUMENT_EXPIRES_ON: _("Year-month-day."),
        Column.EMAIL: _("One address."),
        Column.PHONE: _("With the country code, for example +962 6 555 1234."),
        Column.LANGUAGES: _("Names or codes with commas between, for example ar, en."),
        Column.RANK: _("Rank or grade, as text."),
    }
