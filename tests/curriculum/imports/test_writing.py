"""Writing an import whatever happens in between: killed, confirmed by two, decided two ways, the cohort closed meanwhile."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.demo.people import STORY_KNOWN
from accounts.models import Affiliation, Agency, Person, User
from accounts.services.persons import register_persons
from curriculum.commands.personnel import personnel_group
from curriculum.models import (
    Cohort,
    CohortState,
    ImportRow,
    ImportRun,
    ImportState,
    Nomination,
    RowClass,
    RowDecision,
)
from curriculum.services import import_rows, import_writing, imports
from foundation import audit, jobs
from foundation.db import db, transaction
from foundation.i18n import in_language
from tests.curriculum.imports.desk import upload
from tests.support.story_sheet import csv_bytes, known_values, story_csv, story_rows, story_xlsx

HEADINGS = ["family_name", "given_names", "birth_date", "document_type", "document_issuer", "document_number"]


def decide(run: ImportRun, decision: RowDecision, officer: User) -> None:
    probable = [row.row for row in imports.list_rows(run) if row.row_class is RowClass.PROBABLE_DUPLICATE]
    imports.decide_rows(run, dict.fromkeys(probable, decision), actor=officer)


def confirm(run: ImportRun, officer: User, *, whole: bool = False) -> None:
    imports.start_writing(run, whole=whole, actor=officer)
    db.session.commit()


def count(model: type) -> int:
    return db.session.execute(select(func.count(model.id))).scalar_one()  # type: ignore[attr-defined]


class Killed(Exception):
    pass


def dying_after(units: int) -> Callable[[], AbstractContextManager[None]]:
    """Return units of work of which the one after the given number dies in the middle of its transaction."""
    begun = 0

    @contextmanager
    def unit() -> Iterator[None]:
        nonlocal begun
        begun += 1
        with transaction():
            yield
            if begun > units:
                raise Killed

    return unit


def ignore(_done: int, _total: int, _message: str) -> None:
    pass


def test_writing_killed_after_the_second_piece_goes_on_and_writes_nobody_twice(
    officer: User, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_writing, "PIECE", 6)
    run = upload(officer, story_xlsx(), cohort=cohort)
    decide(run, RowDecision.DIFFERENT, officer)
    confirm(run, officer)
    run_id, actor_id = run.id, officer.id

    with pytest.raises(Killed):
        import_writing.write(run_id, actor_id=actor_id, unit=dying_after(2), progress=ignore)
    half = (count(Person), count(Nomination))
    with pytest.raises(Killed):
        import_writing.write(run_id, actor_id=actor_id, unit=dying_after(2), progress=ignore)
    import_writing.write(run_id, actor_id=actor_id, unit=transaction, progress=ignore)
    import_writing.write(run_id, actor_id=actor_id, unit=transaction, progress=ignore)

    assert half == (12, 11)
    run = db.session.get_one(ImportRun, run_id)
    assert (run.state, run.written) == (ImportState.WRITTEN, 20)
    assert (count(Person), count(Nomination)) == (23, 23)
    ranks = db.session.execute(select(Nomination.rank).order_by(Nomination.rank)).scalars().all()
    assert list(ranks) == list(range(1, 24))
    assert audit.verify_chain().problems == ()


def test_same_file_twice_with_two_people_decided_twice_adds_nobody(officer: User) -> None:
    for expected in (20, 0):
        run = upload(officer, story_xlsx())
        decide(run, RowDecision.DIFFERENT, officer)
        confirm(run, officer)
        jobs.run_pending()
        assert run.written == expected
    assert count(Person) == 23


def test_two_runs_of_one_file_confirmed_at_once_register_everybody_once(officer: User) -> None:
    first, second = upload(officer, story_xlsx()), upload(officer, story_csv())
    confirm(first, officer)
    confirm(second, officer)
    jobs.run_pending()

    assert (first.written, second.written) == (19, 0)
    assert count(Person) == 22


def test_person_registered_between_two_pieces_is_recognised(
    officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_writing, "PIECE", 6)
    run = upload(officer, story_xlsx())
    confirm(run, officer)
    last = story_rows()[-1]
    agency_id = officer.agency_id
    seen = []

    def register_meanwhile(_done: int, _total: int, _message: str) -> None:
        if not seen:
            seen.append(True)
            with transaction():
                agency = db.session.get_one(Agency, agency_id)
                register_persons([known_values(last)], agency=agency, actor=None)

    import_writing.write(run.id, actor_id=officer.id, unit=transaction, progress=register_meanwhile)
    assert (run.written, count(Person)) == (18, 22)


def test_confirmed_run_cannot_be_confirmed_rehearsed_or_decided_again(officer: User) -> None:
    run = upload(officer, story_xlsx())
    confirm(run, officer)
    for act in (
        lambda: imports.start_writing(run, whole=False, actor=officer),
        lambda: imports.rehearse_again(run, options=imports.ImportOptions(), actor=officer),
        lambda: imports.decide_rows(run, {25: RowDecision.SAME}, actor=officer),
        lambda: imports.discard(run, actor=officer),
    ):
        with pytest.raises(imports.ImportNotReady):
            act()


def test_rehearsal_that_comes_late_does_not_touch_a_confirmed_run(officer: User) -> None:
    run = upload(officer, story_xlsx())
    decide(run, RowDecision.SAME, officer)
    confirm(run, officer)
    imports.rehearse(run.id, unit=transaction, progress=ignore)

    assert run.state is ImportState.WRITING
    decisions = db.session.execute(
        select(ImportRow.decision).where(ImportRow.decision.is_not(None))
    ).scalars()
    assert list(decisions) == [RowDecision.SAME]


def test_all_or_none_comes_back_when_a_row_became_doubtful(officer: User) -> None:
    rows = [
        ["Berg", "Anna", "1990-01-01", "passport", "JO", "A1111"],
        ["Holm", "Ole", "1991-01-01", "", "", ""],
    ]
    run = upload(officer, csv_bytes([HEADINGS, *rows]))
    assert run.counts["new"] == 2
    confirm(run, officer, whole=True)
    other = replace(known_values(STORY_KNOWN[0]), document_number="A1111", birth_date=date(1980, 5, 5))
    assert officer.agency is not None
    register_persons([replace(other, document_issuer="JO")], agency=officer.agency, actor=None)
    db.session.commit()
    before = count(Person)
    jobs.run_pending()

    assert run.state is ImportState.REHEARSED
    assert run.counts["probable_duplicate"] == 1
    assert "became doubtful" in (run.refusal or "")
    assert count(Person) == before


def test_cohort_that_closes_before_the_writing_gives_the_run_back(officer: User, cohort: Cohort) -> None:
    run = upload(officer, story_xlsx(), cohort=cohort)
    confirm(run, officer)
    cohort.state = CohortState.CLOSED
    db.session.commit()
    jobs.run_pending()

    assert run.state is ImportState.REHEARSED
    assert "takes no nominations" in (run.refusal or "")
    assert count(Person) == 3


def test_person_who_left_and_is_imported_again_serves_again_from_today(officer: User) -> None:
    affiliation = db.session.execute(select(Affiliation).order_by(Affiliation.id).limit(1)).scalar_one()
    person_id = affiliation.person_id
    affiliation.starts_on, affiliation.ends_on = date(2020, 1, 1), date(2021, 1, 1)
    db.session.commit()
    for _time in range(2):
        run = upload(officer, story_xlsx())
        confirm(run, officer)
        jobs.run_pending()
    query = select(Affiliation.ends_on).where(Affiliation.person_id == person_id).order_by(Affiliation.id)
    assert list(db.session.execute(query).scalars()) == [date(2021, 1, 1), None]


def test_kept_findings_read_as_the_rehearsal_said_them(officer: User) -> None:
    run = upload(officer, story_xlsx())
    rows = db.session.execute(import_rows.query_rows(run).order_by(ImportRow.row)).all()
    with in_language("en"):
        sentences = [line.sentence or None for line in import_rows.read_lines(run, rows, language="en")]
    assert sentences == [row.reason for row in imports.list_rows(run)]


def invoke(app: Flask, *arguments: str) -> tuple[int, dict[str, object], str]:
    result = app.test_cli_runner().invoke(personnel_group, list(arguments))
    document = json.loads(result.stdout) if result.stdout.strip().startswith("{") else {}
    return result.exit_code, document, result.stderr


def test_commands_rehearse_import_and_import_again(
    app: Flask, officer: User, cohort: Cohort, tmp_path: Path
) -> None:
    sheet = tmp_path / "nominees.csv"
    sheet.write_bytes(story_csv())
    options = (str(sheet), "--agency", "CPD", "--json")

    code, document, _said = invoke(app, "rehearse", *options)
    assert (code, document["rows"], document["new"], document["errors"]) == (1, 26, 19, 2)
    assert document["written"] == 0
    detail = document["details"][8]  # type: ignore[index]
    assert (detail["row"], detail["class"], detail["column"]) == (10, "error", "birth_date")

    code, document, _said = invoke(app, "import", *options)
    assert (code, document["written"], count(Person)) == (1, 0, 3)
    code, document, _said = invoke(app, "import", *options, "--mode", "good", "--cohort", cohort.code)
    assert (code, document["written"], count(Person), count(Nomination)) == (1, 19, 22, 22)
    code, document, _said = invoke(app, "import", *options, "--mode", "good", "--cohort", cohort.code)
    assert (code, document["written"], count(Person), count(Nomination)) == (1, 0, 22, 22)


def test_commands_exit_0_when_all_is_well_and_say_what_is_wrong_otherwise(
    app: Flask, officer: User, tmp_path: Path
) -> None:
    sheet = tmp_path / "people.csv"
    sheet.write_bytes(csv_bytes([HEADINGS, ["Berg", "Anna", "1990-01-01", "", "", ""]]))
    assert invoke(app, "rehearse", str(sheet), "--agency", "CPD")[0] == 0
    code, document, _said = invoke(app, "import", str(sheet), "--agency", "CPD", "--json")
    assert (code, document["written"]) == (0, 1)

    code, _document, said = invoke(app, "rehearse", str(sheet), "--agency", "NONE")
    assert (code, "There is no agency NONE." in said) == (1, True)
    code, _document, said = invoke(app, "import", str(sheet), "--agency", "CPD", "--cohort", "X/1")
    assert (code, "There is no cohort X/1." in said) == (1, True)
    sheet.write_bytes(b"%PDF-1.7")
    code, _document, said = invoke(app, "import", str(sheet), "--agency", "CPD")
    assert (code, "not a spreadsheet" in said) == (1, True)
    assert invoke(app, "import", "missing.csv", "--agency", "CPD")[0] == 2
