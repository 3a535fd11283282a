"""Class each row of a sheet: error, exact duplicate, known, probable duplicate or new; the first that fits.

Source: product.md, "How an import row is classed". Rows are compared with the agency's known persons, with all persons and
with earlier rows of the file. Pure: what is known is asked through `KnownPeople`, in blocks, so that a database answers a
sheet of ten thousand rows with some hundred queries; nothing is compared pair by pair.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Protocol

from accounts.names import Likeness, LikenessIndex, judge_likeness
from curriculum.personnel.dates import OrderGuess, swap_day_and_month
from curriculum.personnel.problems import CellProblem
from curriculum.personnel.rows import Document, PersonRow, RowReading

# Scripts whose names are written with a blank between the parts.
_SPACED_SCRIPT = re.compile("[\u0000-\u2fff]")
_BLOCK = 400
_MOST_JUDGED = 400

DocumentKey = tuple[str, str, str]


class RowClass(StrEnum):
    """What a row would do."""

    NEW = "new"
    KNOWN = "known"
    PROBABLE_DUPLICATE = "probable_duplicate"
    EXACT_DUPLICATE = "exact_duplicate"
    ERROR = "error"


class Reason(StrEnum):
    """Why a row is in its class."""

    EQUAL_ROW = "equal_row"
    SAME_DOCUMENT = "same_document"
    SAME_NAME_AND_BIRTH_DATE = "same_name_and_birth_date"
    DOCUMENT_OTHER_NAME = "document_other_name"
    DOCUMENT_OTHER_BIRTH_DATE = "document_other_birth_date"
    SEVERAL_PERSONS = "several_persons"
    OTHER_DOCUMENT = "other_document"
    TRANSLITERATION = "transliteration"
    ORDER = "order"
    MISSING_PART = "missing_part"
    DAY_AND_MONTH = "day_and_month"


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person already kept, as far as classing needs. The keys are those of `accounts.names`.

    `is_own` tells whether the officer's agency may see the person. Two documents contradict each other if kind and issuer
    are equal and the persons were not found by the same number; the number itself is not needed here.
    """

    id: int
    reference: str
    is_own: bool
    latin_key: str
    native_key: str
    birth_date: date
    document_kind: str = ""
    document_issuer: str = ""


class KnownPeople(Protocol):
    """The persons on record, asked in blocks of at most some hundred keys."""

    def by_documents(self, documents: Collection[DocumentKey]) -> Mapping[DocumentKey, Sequence[KnownPerson]]:
        """Return who holds each of the documents; a document nobody holds may be left out."""
        ...

    def by_birth_dates(self, birth_dates: Collection[date]) -> Iterable[KnownPerson]:
        """Return everybody born on one of the days, in a stable order."""
        ...


class KnownList:
    """Persons held in memory, each with the key of his or her document; empty, a sheet is compared with itself alone."""

    def __init__(self, persons: Iterable[tuple[KnownPerson, DocumentKey | None]] = ()) -> None:
        self._holders: defaultdict[DocumentKey, list[KnownPerson]] = defaultdict(list)
        self._born: defaultdict[date, list[KnownPerson]] = defaultdict(list)
        for person, document in persons:
            self._born[person.birth_date].append(person)
            if document is not None:
                self._holders[document].append(person)

    def by_documents(self, documents: Collection[DocumentKey]) -> Mapping[DocumentKey, Sequence[KnownPerson]]:
        """Return who holds each of the documents."""
        return {key: self._holders[key] for key in documents if key in self._holders}

    def by_birth_dates(self, birth_dates: Collection[date]) -> Iterable[KnownPerson]:
        """Return everybody born on one of the days."""
        return (person for day in birth_dates for person in self._born.get(day, ()))


@dataclass(frozen=True, slots=True)
class ClassedRow:
    """One row and its class. `match` is the person, `matches_row` the earlier row, that gave the class, if one did."""

    number: int
    row_class: RowClass
    person: PersonRow | None = None
    reason: Reason | None = None
    match: KnownPerson | None = None
    matches_row: int | None = None
    problems: tuple[CellProblem, ...] = ()


@dataclass(frozen=True)
class Rehearsal:
    """What a sheet would do, row by row, without anything being written."""

    rows: tuple[ClassedRow, ...]
    order: OrderGuess | None = None

    def count(self, row_class: RowClass) -> int:
        """Return how many rows are in a class."""
        return sum(row.row_class is row_class for row in self.rows)

    @property
    def ambiguous_dates(self) -> int:
        """How many birth dates would be another day in another order, while no date of the sheet proves the order."""
        if self.order is None or (self.order.is_certain and not self.order.contradicted):
            return 0
        return sum(row.person is not None and row.person.is_birth_date_ambiguous for row in self.rows)


def class_rows(
    readings: Iterable[RowReading], known: KnownPeople, *, order: OrderGuess | None = None
) -> Rehearsal:
    """Class every row; the same rows and records give the same answer, whatever the order of the records."""
    record, file = _Record(known), _File()
    classed: list[ClassedRow] = []
    stream = iter(readings)
    while block := list(islice(stream, _BLOCK)):
        people = [reading.person for reading in block if reading.person is not None]
        record.learn(people)
        for reading in block:
            classed.append(_class_row(reading, record, file))
            file.add(classed[-1])
    return Rehearsal(tuple(classed), order)


@dataclass(frozen=True, slots=True)
class _Other:
    """Somebody a row is compared with: a person on record, or an earlier row of the file."""

    person: KnownPerson | None
    row: int | None
    latin_key: str
    native_key: str
    birth_date: date
    document_kind: str
    document_issuer: str
    identity: tuple[str, int]

    @property
    def preference(self) -> tuple[int, int]:
        """Own persons first, then all persons, then earlier rows; the oldest of each first."""
        if self.person is None:
            return 2, self.row or 0
        return (0 if self.person.is_own else 1), self.person.id


def _class_row(reading: RowReading, record: "_Record", file: "_File") -> ClassedRow:
    person = reading.person
    if person is None:
        return ClassedRow(reading.number, RowClass.ERROR, problems=reading.problems)
    equal = file.by_content.get(person.content)
    if equal is not None:
        return ClassedRow(
            reading.number, RowClass.EXACT_DUPLICATE, person, Reason.EQUAL_ROW, matches_row=equal
        )
    holders = [*record.holders(person.document), *file.holders(person.document)]
    born = [
        pool for pool in (record.born(person.birth_date), file.born(person.birth_date)) if pool is not None
    ]
    same_name = [other for pool in born for other in pool.named(person)]
    found = _find_known(person, holders, same_name)
    if found is not None:
        return _matched(person, RowClass.KNOWN, *found)
    found = _find_probable(person, holders, same_name, born) or _find_exchanged(person, record, file)
    if found is not None:
        return _matched(person, RowClass.PROBABLE_DUPLICATE, *found)
    return ClassedRow(reading.number, RowClass.NEW, person)


def _matched(person: PersonRow, row_class: RowClass, reason: Reason, other: _Other) -> ClassedRow:
    return ClassedRow(person.number, row_class, person, reason, match=other.person, matches_row=other.row)


_Found = tuple[Reason, _Other]


def _find_known(person: PersonRow, holders: Sequence[_Other], same_name: Sequence[_Other]) -> _Found | None:
    sure = [
        other
        for other in holders
        if other.birth_date == person.birth_date and _names_fold_alike(person, other)
    ]
    if sure:
        return Reason.SAME_DOCUMENT, min(sure, key=lambda other: other.preference)
    if holders:
        return None
    free = [other for other in same_name if not _contradicts(person.document, other)]
    # The same human being may stand on record and in an earlier row; two records of one name and day are a question.
    rank = min((other.preference[0] for other in free), default=0)
    nearest = [other for other in free if other.preference[0] == rank]
    if len({other.identity for other in nearest}) != 1:
        return None
    return Reason.SAME_NAME_AND_BIRTH_DATE, min(nearest, key=lambda other: other.preference)


def _find_probable(
    person: PersonRow, holders: Sequence[_Other], same_name: Sequence[_Other], born: Sequence["_BornOn"]
) -> _Found | None:
    if holders:
        other = min(holders, key=lambda other: other.preference)
        is_born_alike = other.birth_date == person.birth_date
        return (Reason.DOCUMENT_OTHER_NAME if is_born_alike else Reason.DOCUMENT_OTHER_BIRTH_DATE), other
    if same_name:
        other = min(same_name, key=lambda other: other.preference)
        contradicts = _contradicts(person.document, other)
        return (Reason.OTHER_DOCUMENT if contradicts else Reason.SEVERAL_PERSONS), other
    for pool in born:
        if (alike := pool.find_alike(person)) is not None:
            return alike
    return None


def _find_exchanged(person: PersonRow, record: "_Record", file: "_File") -> _Found | None:
    """Find the same names under a birth date with day and month exchanged."""
    exchanged = swap_day_and_month(person.birth_date)
    if exchanged is None:
        return None
    pools = (record.born(exchanged), file.born(exchanged))
    others = [other for pool in pools if pool is not None for other in pool.named(person)]
    return (Reason.DAY_AND_MONTH, min(others, key=lambda other: other.preference)) if others else None


def _names_fold_alike(person: PersonRow, other: _Other) -> bool:
    """Tell whether the Latin names fold to the same, and the native ones too where both are written."""
    natives = person.native_key, other.native_key
    return person.latin_key == other.latin_key and (not all(natives) or natives[0] == natives[1])


def _contradicts(document: Document | None, other: _Other) -> bool:
    """Tell whether both hold a document of one kind and issuer; they were not found by number, so the numbers differ."""
    if document is None or not other.document_kind:
        return False
    return (document.kind, document.issuer) == (other.document_kind, other.document_issuer)


def _full_names(latin: str, native: str) -> set[str]:
    """Return the keys that are full names: a native cell with a first name alone says too little to recognise anybody."""
    is_full = " " in native or " " not in latin or not _SPACED_SCRIPT.match(native)
    return {latin, native if is_full else ""} - {""}


class _BornOn:
    """Everybody born on one day, findable by folded name and by likeness."""

    def __init__(self) -> None:
        self._others: list[_Other] = []
        self._by_name: defaultdict[str, list[_Other]] = defaultdict(list)
        self._index = LikenessIndex()

    def add(self, other: _Other) -> None:
        self._others.append(other)
        self._index.add(other.latin_key)
        for key in _full_names(other.latin_key, other.native_key):
            self._by_name[key].append(other)

    def named(self, person: PersonRow) -> list[_Other]:
        """Return those whose full name folds to the same in either script."""
        found: dict[int, _Other] = {}
        for key in _full_names(person.latin_key, person.native_key):
            for other in self._by_name.get(key, ()):
                found[id(other)] = other
        return list(found.values())

    def find_alike(self, person: PersonRow) -> _Found | None:
        """Return the preferred one whose name is alike by transliteration, order or a missing part."""
        best: _Found | None = None
        for position in islice(self._index.candidates(person.latin_key), _MOST_JUDGED):
            other = self._others[position]
            if best is not None and best[1].preference <= other.preference:
                continue
            likeness = _judge_names(person, other)
            if likeness.is_alike:
                best = _REASON_OF[likeness], other
        return best


_REASON_OF = {
    Likeness.SAME: Reason.TRANSLITERATION,
    Likeness.TRANSLITERATION: Reason.TRANSLITERATION,
    Likeness.ORDER: Reason.ORDER,
    Likeness.MISSING_PART: Reason.MISSING_PART,
}


def _judge_names(person: PersonRow, other: _Other) -> Likeness:
    """Judge the Latin names; where both native names are written, they decide a doubt: brothers are told apart there."""
    likeness = judge_likeness(person.latin_key, other.latin_key)
    if likeness.is_alike and person.native_key and other.native_key:
        return (
            likeness if judge_likeness(person.native_key, other.native_key).is_alike else Likeness.DIFFERENT
        )
    return likeness


class _Record:
    """What the record says about the rows of the current block; days already asked for are kept."""

    def __init__(self, known: KnownPeople) -> None:
        self._known = known
        self._born: dict[date, _BornOn | None] = {}
        self._holders: dict[DocumentKey, list[_Other]] = {}

    def learn(self, people: Sequence[PersonRow]) -> None:
        """Ask for the documents and the birth dates of a block of rows."""
        documents = {person.document.key for person in people if person.document is not None}
        found = self._known.by_documents(sorted(documents)) if documents else {}
        self._holders = {key: [_on_record(person) for person in persons] for key, persons in found.items()}
        days = {person.birth_date for person in people}
        days |= {swapped for day in days if (swapped := swap_day_and_month(day)) is not None}
        days -= self._born.keys()
        self._born.update(dict.fromkeys(days))
        for person in (
            sorted(self._known.by_birth_dates(sorted(days)), key=lambda person: person.id) if days else ()
        ):
            pool = self._born.get(person.birth_date)
            if pool is None:
                pool = self._born[person.birth_date] = _BornOn()
            pool.add(_on_record(person))

    def holders(self, document: Document | None) -> Iterator[_Other]:
        """Yield who holds a document."""
        yield from self._holders.get(document.key, ()) if document is not None else ()

    def born(self, day: date) -> _BornOn | None:
        """Return those born on a day, None if nobody was."""
        return self._born.get(day)


class _File:
    """The earlier rows of the file."""

    def __init__(self) -> None:
        self.by_content: dict[tuple[object, ...], int] = {}
        self._born: dict[date, _BornOn] = {}
        self._holders: defaultdict[DocumentKey, list[_Other]] = defaultdict(list)
        self._identities: dict[int, tuple[str, int]] = {}

    def add(self, row: ClassedRow) -> None:
        """Remember a row for those after it, under the person it was recognised as."""
        person = row.person
        if person is None or row.row_class is RowClass.EXACT_DUPLICATE:
            return
        document = person.document
        other = _Other(
            None, person.number, person.latin_key, person.native_key, person.birth_date,
            document.kind if document else "", document.issuer if document else "", self._identify(row),
        )  # fmt: skip
        self.by_content.setdefault(person.content, person.number)
        self._born.setdefault(person.birth_date, _BornOn()).add(other)
        if document is not None:
            self._holders[document.key].append(other)

    def _identify(self, row: ClassedRow) -> tuple[str, int]:
        identity = ("row", row.number)
        if row.row_class is RowClass.KNOWN and row.match is not None:
            identity = ("person", row.match.id)
        elif row.row_class is RowClass.KNOWN and row.matches_row is not None:
            identity = self._identities[row.matches_row]
        self._identities[row.number] = identity
        return identity

    def holders(self, document: Document | None) -> Iterator[_Other]:
        """Yield the earlier rows with a document."""
        yield from self._holders.get(document.key, ()) if document is not None else ()

    def born(self, day: date) -> _BornOn | None:
        """Return the earlier rows of people born on a day."""
        return self._born.get(day)


def _on_record(person: KnownPerson) -> _Other:
    return _Other(
        person, None, person.latin_key, person.native_key, person.birth_date,
        person.document_kind, person.document_issuer, ("person", person.id),
    )  # fmt: skip
