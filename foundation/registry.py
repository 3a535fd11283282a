"""What a lower floor must ask of the floors above it, without looking up: two lists that packages add to at start-up.

Qualification sources answer "what does this person hold on this date". Person records say which rows belong to a person.
Nothing else goes through here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Holding:
    """One thing a person holds: the qualification's code, from and until when (both days included), and its evidence."""

    qualification: str
    starts_on: date
    ends_on: date | None
    evidence: str


@dataclass(frozen=True)
class PersonRecords:
    """The rows of one table that belong to a person: its name, and the column that names the person."""

    table: str
    person_column: str


QualificationSource = Callable[[int, date], list[Holding]]

_sources: dict[str, QualificationSource] = {}
_records: dict[str, PersonRecords] = {}


def add_qualification_source(name: str, source: QualificationSource) -> None:
    """Add a function (person id, day) -> holdings in date on that day; a name given twice replaces the first."""
    _sources[name] = source


def add_person_records(records: PersonRecords) -> None:
    """Declare a table whose rows belong to persons."""
    _records[records.table] = records


def list_holdings(person_id: int, on: date) -> list[Holding]:
    """Return everything a person holds on a day, from every source."""
    return [holding for source in _sources.values() for holding in source(person_id, on)]


def person_records() -> Iterator[PersonRecords]:
    """Yield every declared table of persons' rows."""
    yield from _records.values()
