"""What a lower floor must ask of the floors above it, without looking up: two lists that packages add to at start-up.

Qualification sources answer "what does this person hold, from when until when". Person records say which rows belong to a person.
Nothing else goes through here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class EndedBy(StrEnum):
    """What was decided against the evidence: a period ended before its time, or the whole of it is revoked."""

    SUSPENSION = "suspension"
    REVOCATION = "revocation"


@dataclass(frozen=True, slots=True)
class Holding:
    """One period in which a person holds a qualification, both days included; `ends_on` None: without end.

    `qualification` is a course's code; `evidence` what proves it, as a certificate's number; `source` who says so. `url_of` is
    (endpoint, values) of the page behind the evidence. `agency_id` is the agency whose evidence it is: officers of others learn
    that and until when the person holds it, never the evidence; None when whoever sees the person may see it.
    """

    person_id: int
    qualification: str
    starts_on: date
    ends_on: date | None
    evidence: str
    source: str
    url_of: tuple[str, Mapping[str, Any]] | None = None
    agency_id: int | None = None
    ended_by: EndedBy | None = None

    def is_in_date(self, on: date) -> bool:
        """Return whether the period includes a day."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True)
class PersonRecords:
    """The rows of one table that belong to a person: its name, and the column that names the person."""

    table: str
    person_column: str


QualificationSource = Callable[[Sequence[int]], list[Holding]]

_sources: dict[str, QualificationSource] = {}
_records: dict[str, PersonRecords] = {}


def add_qualification_source(name: str, source: QualificationSource) -> None:
    """Add a function (person ids) -> every period in which one of them holds something; a name given twice replaces the first.

    A source sees all of a person's evidence, whosever it is, and asks as many statements for one person as for a thousand. What
    it said of a day that is over it says for ever: a revocation ends a period the day before it was decided, never earlier.
    """
    _sources[name] = source


def add_person_records(records: PersonRecords) -> None:
    """Declare a table whose rows belong to persons."""
    _records[records.table] = records


def list_holdings(person_ids: Sequence[int], *, on: date | None = None) -> list[Holding]:
    """Return what persons hold, from every source: all periods, or only those that include a day."""
    found = [holding for source in _sources.values() for holding in source(person_ids)] if person_ids else []
    return found if on is None else [holding for holding in found if holding.is_in_date(on)]


def person_records() -> Iterator[PersonRecords]:
    """Yield every declared table of persons' rows."""
    yield from _records.values()
