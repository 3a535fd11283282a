"""The forms of an import: the sheet itself, how it is to be read, and what a probable duplicate is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from curriculum.models import RowDecision
from curriculum.personnel.dates import DateOrder
from curriculum.personnel.encoding import ENCODINGS
from curriculum.personnel.problems import Refusal, describe_refusal
from curriculum.services.imports import ImportOptions
from foundation.forms import Form
from foundation.i18n import _, lazy

ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "windows-1256": lazy("Windows-1256 (Arabic)"),
    "windows-1252": lazy("Windows-1252 (Western European)"),
}
DATE_ORDERS = {
    DateOrder.DMY: lazy("day, month, year"),
    DateOrder.MDY: lazy("month, day, year"),
    DateOrder.YMD: lazy("year, month, day"),
}
DELIMITERS = {",": lazy("comma"), ";": lazy("semicolon"), "\t": lazy("tab")}


class ReadingForm(Form):
    """How a sheet is to be read, where the guess was wrong."""

    encoding = SelectField(lazy("Encoding"), default="")
    date_order = SelectField(lazy("Order of dates"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guessed = ("", _("as recognised"))
        self.encoding.choices = [guessed, *((name, str(ENCODING_NAMES[name])) for name in ENCODINGS)]
        self.date_order.choices = [
            guessed,
            *((order.value, str(word)) for order, word in DATE_ORDERS.items()),
        ]

    def options(self) -> ImportOptions:
        """Return what was chosen over what is recognised."""
        order = self.date_order.data
        return ImportOptions(self.encoding.data or None, DateOrder(order) if order else None)


@dataclass(frozen=True)
class SentSheet:
    """A sheet as it was sent: its bytes, the name of the file, for which cohort, and how it is to be read."""

    data: bytes
    file_name: str
    cohort_id: int | None
    options: ImportOptions


class SheetForm(ReadingForm):
    """A sheet of people to be sent."""

    file = FileField(lazy("File"))
    cohort = SelectField(lazy("Nominate for"), default="")

    def __init__(self, *args: Any, cohorts: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.file.validators = [FileRequired(describe_refusal(Refusal.EMPTY))]
        nobody = ("", _("no cohort: only put on record"))
        self.cohort.choices = [nobody, *((str(key), label) for key, label in cohorts)]

    def result(self) -> SentSheet:
        """Return the sheet as it was sent."""
        sent = self.file.data
        return SentSheet(
            data=sent.read(),
            file_name=sent.filename or "",
            cohort_id=int(self.cohort.data) if self.cohort.data else None,
            options=self.options(),
        )


def read_decisions(posted: Mapping[str, str]) -> dict[int, RowDecision]:
    """Return {row number: decision} from the fields 'row-NUMBER'; what is neither is passed over."""
    decisions = {}
    for name, value in posted.items():
        prefix, _dash, number = name.partition("-")
        if prefix == "row" and number.isascii() and number.isdecimal() and value in set(RowDecision):
            decisions[int(number[:9])] = RowDecision(value)
    return decisions


def words_of(values: Sequence[str], words: Mapping[Any, Any]) -> list[str]:
    """Return values in words, those without a word as they are."""
    return [str(words.get(value, value)) for value in values]
