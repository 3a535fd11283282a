"""The store at which the tests of these pages work."""

import pytest
from flask import Flask

from foundation.db import db
from tests.equipment.pages.store import SignIn, Store
from tests.factories.accounts import make_agency
from tests.factories.equipment import (
    make_quartermaster,
)


@pytest.fixture
def store(app: Flask, sign_in: SignIn) -> Store:
    quartermaster = make_quartermaster()
    agency = make_agency("CPD")
    db.session.commit()
    return Store(sign_in(quartermaster), quartermaster, agency)
