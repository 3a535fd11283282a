"""The officer of the story with three people on record, and the open cohort that the sheet is for."""

from datetime import date

import pytest
from flask import Flask

from accounts.demo.people import STORY_KNOWN
from accounts.models import User
from accounts.services.persons import register_persons
from curriculum.models import Cohort, CohortState
from foundation.db import db
from tests.factories.accounts import make_agency, make_agreement, make_officer
from tests.factories.curriculum import make_cohort
from tests.support.story_sheet import known_values


@pytest.fixture
def officer(app: Flask) -> User:
    agency = make_agency("CPD")
    make_agreement(agency)
    officer = make_officer(agency)
    register_persons([known_values(person) for person in STORY_KNOWN], agency=agency, actor=None)
    db.session.commit()
    return officer


@pytest.fixture
def cohort(officer: User) -> Cohort:
    cohort = make_cohort(state=CohortState.OPEN, starts_on=date(2027, 1, 10))
    db.session.commit()
    return cohort
