"""The files of a signed deed: one a language, made once, whatever happens to the worker that makes them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import select

from equipment.models import Deed, DeedFile
from equipment.services import deed_files
from equipment.services.deed_files import PRINT_JOB
from foundation import jobs, storage
from foundation.db import db, transaction
from foundation.errors import NotFound
from tests.factories.accounts import make_agency
from tests.factories.equipment import hand_over, make_issued, make_items


def list_files(deed_id: int) -> list[tuple[str, str]]:
    query = select(DeedFile.language, DeedFile.storage_key).where(DeedFile.deed_id == deed_id)
    return [(language, key) for language, key in db.session.execute(query.order_by(DeedFile.language))]


def print_all(deed_id: int) -> list[str]:
    return deed_files.print_deed(deed_id, unit=transaction, progress=lambda *_: None)


@pytest.fixture
def deed_id(app: Flask) -> int:
    deed = hand_over(make_agency("CPD"), make_items(1))
    db.session.commit()
    return deed.id


def test_acceptance_asks_for_the_files_once(deed_id: int) -> None:
    deed = db.session.get_one(Deed, deed_id)
    job = deed_files.find_printing(deed)

    assert job is not None
    assert (job.kind, job.args) == (PRINT_JOB, [deed_id])
    assert deed_files.start_printing(deed, actor=None).id == job.id
    assert job.state is jobs.JobState.QUEUED


def test_a_second_printing_makes_nothing_anew(deed_id: int) -> None:
    assert print_all(deed_id) == ["en", "ar", "fr"]
    first = list_files(deed_id)

    assert print_all(deed_id) == []
    assert list_files(deed_id) == first
    deed = db.session.get_one(Deed, deed_id)
    for language, key in first:
        assert deed_files.read_file(deed, language) == storage.get(key)
        assert deed_files.file_name(deed, language) == f"{deed.number}-{language}.pdf"


def test_a_worker_killed_between_two_languages_goes_on_with_the_third(deed_id: int) -> None:
    units = 0

    @contextmanager
    def dying() -> Iterator[None]:
        nonlocal units
        units += 1
        if units == 2:
            raise KeyboardInterrupt
        with transaction():
            yield

    with pytest.raises(KeyboardInterrupt):
        deed_files.print_deed(deed_id, unit=dying, progress=lambda *_: None)
    assert [language for language, _key in list_files(deed_id)] == ["en"]

    assert print_all(deed_id) == ["ar", "fr"]


def test_a_deed_that_is_not_signed_has_no_file(app: Flask) -> None:
    deed = make_issued(make_agency("CPD"), make_items(1))
    db.session.commit()

    assert print_all(deed.id) == []
    assert deed_files.find_printing(deed) is None
    with pytest.raises(NotFound):
        deed_files.read_file(deed, "en")
