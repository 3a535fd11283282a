"""Import of personnel into the database: rehearsed without writing, written once, nominated in order."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from accounts.models import Agency, Person, User
from curriculum.models import (
    Cohort,
    ImportRow,
    ImportRun,
    ImportState,
    Nomination,
    RowClass,
    RowDecision,
)
from curriculum.personnel.problems import SheetRefused
from curriculum.services import imports
from foundation import jobs
from foundation.db import db
from tests.curriculum.imports.desk import upload
from tests.factories.accounts import make_agency, make_agreement, make_officer
from tests.support.story_sheet import STORY_COUNTS, story_csv, story_xlsx


def count_persons() -> int:
    return db.session.execute(select(func.count(Person.id))).scalar_one()


@pytest.mark.parametrize(("make", "name"), [(story_xlsx, "nominees.xlsx"), (story_csv, "nominees.csv")])
def test_rehearsal_of_the_story_sheet_counts_and_writes_nobody(
    officer: User, make: Callable[[], bytes], name: str
) -> None:
    run = upload(officer, make(), name)

    assert run.state == ImportState.REHEARSED
    assert run.counts == {
        "new": STORY_COUNTS["new"],
        "known": STORY_COUNTS["known"],
        "probable_duplicate": STORY_COUNTS["probable_duplicates"],
        "exact_duplicate": STORY_COUNTS["exact_duplicates"],
        "error": STORY_COUNTS["errors"],
    }
    assert count_persons() == 3


def test_all_rows_or_none_is_refused_while_rows_are_in_error(officer: User) -> None:
    run = upload(officer, story_xlsx(), "nominees.xlsx")

    with pytest.raises(imports.RowsUndecided):
        imports.start_writing(run, whole=True, actor=officer)


def test_good_rows_are_written_once_and_nominated_in_their_order(officer: User, cohort: Cohort) -> None:
    run = upload(officer, story_xlsx(), "nominees.xlsx", cohort)
    probable = db.session.execute(
        select(ImportRow.row).where(ImportRow.row_class == RowClass.PROBABLE_DUPLICATE)
    ).scalar_one()
    imports.decide_rows(run, {probable: RowDecision.SAME}, actor=officer)
    imports.start_writing(run, whole=False, actor=officer)
    db.session.commit()
    jobs.run_pending()

    assert (run.state, run.written) == (ImportState.WRITTEN, 19)
    assert count_persons() == 22
    ranks = db.session.execute(select(Nomination.rank).order_by(Nomination.rank)).scalars().all()
    assert list(ranks) == list(range(1, 23))

    again = upload(officer, story_xlsx(), "nominees.xlsx", cohort)
    assert (again.counts["new"], again.counts["known"]) == (0, 22)
    imports.start_writing(again, whole=False, actor=officer)
    db.session.commit()
    jobs.run_pending()
    assert (again.written, count_persons()) == (0, 22)


def test_known_person_of_another_agency_is_shown_as_known_and_nothing_else(officer: User) -> None:
    stranger = make_agency("UHO")
    make_agreement(stranger)
    other = make_officer(stranger)
    db.session.commit()

    run = upload(other, story_xlsx(), "nominees.xlsx")

    known = db.session.execute(
        select(ImportRow).where(ImportRow.run_id == run.id, ImportRow.row_class == RowClass.KNOWN)
    ).scalars()
    assert {(row.reason, row.candidate_id) for row in known} == {("Known person.", None)}


def test_what_is_no_sheet_is_refused_and_nothing_is_kept(officer: User) -> None:
    with pytest.raises(SheetRefused):
        upload(officer, b"%PDF-1.7 not a sheet", "people.pdf")
    assert db.session.execute(select(func.count(ImportRun.id))).scalar_one() == 0
    assert isinstance(officer.agency, Agency)
