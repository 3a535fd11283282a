"""Writing an import: new persons registered, known ones affiliated, and all of them nominated in the order of the sheet.

Every row is classed anew, so that a person registered since the rehearsal is recognised, and rows go in pieces that each
commit: nobody waits for ten thousand rows. A run that was killed goes on where it stopped, because each row notes in the
transaction of its piece who it became; and when somebody else registers people meanwhile, the rest is classed once more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from accounts.models import Affiliation, Agency, DocumentType, Person, User
from accounts.services.persons import PersonValues, register_persons
from curriculum.models import Cohort, ImportRow, ImportRun, ImportState, RowClass, RowDecision
from curriculum.personnel.classing import ClassedRow, Rehearsal
from curriculum.personnel.rows import PersonRow
from curriculum.services import imports
from curriculum.services.imports import ImportOptions, Progress, Unit
from curriculum.services.known_people import tell_other_agencies
from curriculum.services.nominations import find_obstacle, nominate
from foundation import audit, clock, jobs
from foundation.dated import not_over
from foundation.db import db, reading
from foundation.errors import DomainError
from foundation.i18n import _, in_language
from foundation.tenancy import EVERYTHING, within

PIECE = 250
# Up to here "all rows or none" is one transaction; beyond, it would keep everybody else from writing for too long.
MOST_AT_ONCE = 1000


@dataclass(frozen=True)
class WriteOrder:
    """What is to be written, and for whom.

    `decisions` by row number; `person_of_row` holds the rows an earlier try wrote.
    """

    agency_id: int
    cohort_id: int | None
    actor_id: int | None
    whole: bool = False
    run_id: int | None = None
    decisions: Mapping[int, RowDecision] = field(default_factory=dict)
    person_of_row: Mapping[int, int] = field(default_factory=dict)


@dataclass
class WriteReport:
    """How many persons were added, how many nominated, and who each written row became."""

    registered: int = 0
    nominated: int = 0
    person_of_row: dict[int, int] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Classing:
    """A rehearsal, and how many persons were on record when it was made."""

    rehearsal: Rehearsal
    persons: int


def classify(class_rows: Callable[[], Rehearsal]) -> Classing:
    """Class rows together with the size of the register, by which a later change is noticed."""
    with reading():
        persons = _count_persons()
        return Classing(class_rows(), persons)


def write(run_id: int, *, actor_id: int | None, unit: Unit, progress: Progress) -> dict[str, Any]:
    """Write a confirmed run. `actor_id` is who confirmed it.

    A run that cannot be written as confirmed (the cohort has closed, or all rows were wanted and one became doubtful) goes back
    to its officer with the reason.
    """
    with reading():
        run = db.session.get_one(ImportRun, run_id)
        if run.state is not ImportState.WRITING:
            return {"written": run.written}
        order = _read_order(run, actor_id)
        options, data, name = ImportOptions.of(run), imports.read_content(run), run.file_name
        actor = db.session.get(User, actor_id) if actor_id is not None else None
        speech = actor.language if actor is not None else "en"

    def class_rows() -> Rehearsal:
        return imports.rehearse_sheet(data, agency_id=order.agency_id, options=options, name=name)[1]

    with in_language(speech):
        obstacle = _find_obstacle(order)
        if obstacle is not None:
            return _put_back(run_id, obstacle, unit=unit)
        classing = classify(class_rows)
        if order.whole and not order.person_of_row and _has_doubtful(classing.rehearsal, order):
            message = _(
                "Rows became doubtful since the rehearsal, so nothing was written. Look at them again."
            )
            return _put_back(run_id, message, unit=unit, again=True)
        try:
            report = write_rows(classing, order, class_rows=class_rows, unit=unit, progress=progress)
        except DomainError as refusal:
            return _put_back(run_id, refusal.message, unit=unit)
    with unit():
        run = db.session.get_one(ImportRun, run_id)
        actor = db.session.get(User, actor_id) if actor_id is not None else None
        changes = audit.changes_of(run, state=ImportState.WRITTEN, finished_at=clock.now())
        audit.record("import:written", run, actor=actor, changes=changes | {"written": (0, run.written)})
        return {"written": run.written, "nominated": report.nominated}


def write_rows(
    classing: Classing,
    order: WriteOrder,
    *,
    class_rows: Callable[[], Rehearsal],
    unit: Unit,
    progress: Progress,
) -> WriteReport:
    """Write the good rows in pieces, each a transaction of its own. Raises what keeps the agency from nominating."""
    report = WriteReport(person_of_row=dict(order.person_of_row), done=set(order.person_of_row))
    while not _write_pieces(classing, order, report, unit=unit, progress=progress):
        classing = classify(class_rows)
    return report


def _write_pieces(
    classing: Classing, order: WriteOrder, report: WriteReport, *, unit: Unit, progress: Progress
) -> bool:
    """Write what is left; return False as soon as somebody else was registered since the rows were classed."""
    expected, total = classing.persons, len(classing.rehearsal.rows)
    left = [row for row in classing.rehearsal.rows if row.number not in report.done]
    for piece in _pieces(left, order):
        with unit(), within(EVERYTHING):
            _wait_for_register()
            if _count_persons() != expected:
                return False
            expected += _write_piece(piece, order, report)
        report.done.update(row.number for row in piece)
        progress(len(report.done), total, "")
    return True


def _pieces(rows: Sequence[ClassedRow], order: WriteOrder) -> Iterator[Sequence[ClassedRow]]:
    size = MOST_AT_ONCE if order.whole and len(rows) <= MOST_AT_ONCE else PIECE
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _wait_for_register() -> None:
    """Let imports register people one after another; on SQLite whoever writes is alone anyway."""
    # Whoever registers writes to the audit chain, and its writers follow one another until they commit.
    audit.record_many([], actor=None)


def _count_persons() -> int:
    return db.session.execute(select(func.count(Person.id))).scalar_one()


def _write_piece(piece: Sequence[ClassedRow], order: WriteOrder, report: WriteReport) -> int:
    """Register, affiliate and nominate the people of one piece; return how many were registered."""
    agency = db.session.get_one(Agency, order.agency_id)
    actor = db.session.get(User, order.actor_id) if order.actor_id is not None else None
    fresh, known = _sort_out(piece, order)
    fresh, namesakes = _find_namesakes(fresh, agency)
    known |= namesakes
    begun = _affiliate(list(dict.fromkeys(known.values())), agency, actor=actor)
    if begun:
        tell_other_agencies(begun, agency)
    people: dict[int, int] = dict(known)
    values = [_values_of(row.person, row) for row in fresh if row.person is not None]
    for row, person in zip(fresh, register_persons(values, agency=agency, actor=actor), strict=True):
        people[row.number] = person.id
    known_rows = report.person_of_row | people
    for row in piece:
        repeats = (
            row.row_class in (RowClass.EXACT_DUPLICATE, RowClass.KNOWN)
            or order.decisions.get(row.number) is RowDecision.SAME
        )
        if repeats and row.match is None and row.matches_row in known_rows:
            # A row that repeats an earlier one is that row's person.
            people[row.number] = known_rows[row.number] = known_rows[row.matches_row]
    nominated = _nominate_piece(piece, people, order, agency=agency, actor=actor) if order.cohort_id else 0
    if order.run_id is not None:
        _note_persons(people, order.run_id, registered=len(fresh))
    report.person_of_row.update(people)
    report.registered += len(fresh)
    report.nominated += nominated
    return len(fresh)


def _sort_out(piece: Sequence[ClassedRow], order: WriteOrder) -> tuple[list[ClassedRow], dict[int, int]]:
    """Return the rows of persons to register, and {row number: person} of those on record."""
    fresh: list[ClassedRow] = []
    known: dict[int, int] = {}
    for row in piece:
        decision = order.decisions.get(row.number)
        is_probable = row.row_class is RowClass.PROBABLE_DUPLICATE
        if row.row_class is RowClass.NEW or (is_probable and decision is RowDecision.DIFFERENT):
            fresh.append(row)
        elif row.match is not None and (
            row.row_class is RowClass.KNOWN
            or (is_probable and decision is RowDecision.SAME and row.match.is_own)
        ):
            known[row.number] = row.match.id
    return fresh, known


def _find_namesakes(fresh: Sequence[ClassedRow], agency: Agency) -> tuple[list[ClassedRow], dict[int, int]]:
    """Take out of the rows to register those whose person is there already, and return both.

    Somebody who is not whom his row was compared with stands on record without his document, which belongs to the other. The
    same sheet a second time would be compared with the other again, and make a third person of two.
    """
    asked = [row for row in fresh if row.row_class is RowClass.PROBABLE_DUPLICATE and row.person is not None]
    if not asked:
        return list(fresh), {}
    own = select(Affiliation.person_id).where(Affiliation.agency_id == agency.id)
    query = select(Person.id, Person.birth_date, Person.folded_latin, Person.folded_native).where(
        Person.birth_date.in_({row.person.birth_date for row in asked if row.person is not None}),
        Person.document_key.is_(None),
        Person.id.in_(own),
    )
    on_record = {
        (person.birth_date, person.folded_latin, person.folded_native or ""): person.id
        for person in db.session.execute(query)
    }
    found: dict[int, int] = {}
    for row in asked:
        assert row.person is not None
        key = (row.person.birth_date, row.person.latin_key, row.person.native_key)
        if key in on_record and (row.match is None or on_record[key] != row.match.id):
            found[row.number] = on_record[key]
    return [row for row in fresh if row.number not in found], found


def _affiliate(person_ids: Sequence[int], agency: Agency, *, actor: User | None) -> list[Affiliation]:
    """Let persons on record serve the agency from today, unless they do; return the affiliations that began."""
    if not person_ids:
        return []
    today = clock.today()
    serving = set(
        db.session.execute(
            select(Affiliation.person_id).where(
                Affiliation.agency_id == agency.id,
                Affiliation.person_id.in_(person_ids),
                not_over(Affiliation, today),
            )
        ).scalars()
    )
    begun = [
        Affiliation(agency_id=agency.id, person_id=person_id, starts_on=today)
        for person_id in person_ids
        if person_id not in serving
    ]
    if begun:
        db.session.add_all(begun)
        db.session.flush()
        audit.record_many(
            (
                audit.Change(
                    "affiliation:begun",
                    one,
                    changes={"starts_on": (None, today), "person_id": (None, one.person_id)},
                )
                for one in begun
            ),
            actor=actor,
        )
    return begun


def _nominate_piece(
    piece: Sequence[ClassedRow],
    people: Mapping[int, int],
    order: WriteOrder,
    *,
    agency: Agency,
    actor: User | None,
) -> int:
    cohort = db.session.get_one(Cohort, order.cohort_id)
    wanted = list(dict.fromkeys(people[row.number] for row in piece if row.number in people))
    found = {
        person.id: person
        for person in db.session.execute(select(Person).where(Person.id.in_(wanted))).scalars()
    }
    persons = [found[person_id] for person_id in wanted]
    results = nominate(cohort, persons, agency=agency, actor=actor) if persons else []
    return sum(result.nomination is not None for result in results)


def _note_persons(people: Mapping[int, int], run_id: int, *, registered: int) -> None:
    if people:
        table = ImportRow.__table__
        statement = (
            update(table)  # type: ignore[arg-type]
            .where(table.c.run_id == run_id, table.c.row == bindparam("number"))
            .values(person_id=bindparam("person"))
        )
        db.session.execute(
            statement, [{"number": number, "person": person} for number, person in people.items()]
        )
    run = db.session.get_one(ImportRun, run_id)
    run.written += registered


def _read_order(run: ImportRun, actor_id: int | None) -> WriteOrder:
    query = select(ImportRow.row, ImportRow.decision, ImportRow.person_id).where(ImportRow.run_id == run.id)
    rows = db.session.execute(
        query.where(or_(ImportRow.decision.is_not(None), ImportRow.person_id.is_not(None)))
    ).all()
    return WriteOrder(
        agency_id=run.agency_id,
        cohort_id=run.cohort_id,
        actor_id=actor_id if actor_id is not None else run.uploaded_by_id,
        whole=bool(run.options.get("whole")),
        run_id=run.id,
        decisions={row.row: row.decision for row in rows if row.decision is not None},
        person_of_row={row.row: row.person_id for row in rows if row.person_id is not None},
    )


def _find_obstacle(order: WriteOrder) -> str | None:
    if order.cohort_id is None:
        return None
    with reading():
        cohort = db.session.get_one(Cohort, order.cohort_id)
        obstacle = find_obstacle(cohort, db.session.get_one(Agency, order.agency_id))
        return obstacle.message if obstacle is not None else None


def _has_doubtful(rehearsal: Rehearsal, order: WriteOrder) -> bool:
    return any(
        row.row_class is RowClass.ERROR
        or (row.row_class is RowClass.PROBABLE_DUPLICATE and row.number not in order.decisions)
        for row in rehearsal.rows
    )


def _put_back(run_id: int, message: str, *, unit: Unit, again: bool = False) -> dict[str, Any]:
    """Give a run back to its officer with the reason, rehearsed `again` when its rows read differently now."""
    with unit():
        run = db.session.get_one(ImportRun, run_id)
        state = ImportState.REHEARSING if again else ImportState.REHEARSED
        changes = audit.changes_of(run, state=state, refusal=message[:500])
        if again:
            run.job_id = jobs.enqueue(imports.REHEARSE_JOB, run.id, agency_id=run.agency_id, actor=None).id
        audit.record("import:put_back", run, actor=None, reason=message[:500], changes=changes)
    return {"put_back": True}


def _values_of(person: PersonRow, row: ClassedRow) -> PersonValues:
    document = person.document
    # A document that somebody on record holds already cannot be his too: the officer said that they are two people.
    if row.row_class is RowClass.PROBABLE_DUPLICATE:
        document = None
    return PersonValues(
        family_name=person.family_name,
        given_names=person.given_names,
        native_name=person.native_name or None,
        birth_date=person.birth_date,
        nationality=person.nationality or None,
        document_type=DocumentType(document.kind) if document else None,
        document_issuer=document.issuer or None if document else None,
        document_number=document.number if document else None,
        document_expires_on=document.expires_on if document else None,
        email=person.email or None,
        phone=person.phone or None,
        languages=person.languages,
        rank=person.rank or None,
    )
