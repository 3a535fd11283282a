"""What the API's lists of a hundred cost: real requests of a system with its token, from the token's look-up to the last byte.

People are the aim of the house: at most 15 ms of processor time. The other lists are there to be known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from werkzeug.test import Client, TestResponse

from accounts.models import ApiScope, ApiToken
from accounts.services import api_tokens
from bench.application import counted_statements, database_kinds, throwaway_application
from bench.figures import Figure, measure_in_turns, median
from certification.services import issuing
from foundation import clock
from foundation.db import db, transaction
from tests.factories.accounts import make_agency
from tests.factories.certification import approve_both, make_assessed_cohort

PEOPLE = 100
ROUNDS = 40
MILLISECONDS, STATEMENTS = 15.0, 4
LISTS = ("people", "nominations", "enrolments", "certificates")


@dataclass(frozen=True)
class MeasuredAgency:
    """An agency's system: its token."""

    token: ApiToken
    secret: str


def make_measured_agency(people: int) -> MeasuredAgency:
    """Make and commit an agency with so many certified people, and one who never sat the paper, all of one cohort."""
    agency = make_agency()
    cohort = make_assessed_cohort(agency, competent=people)
    _director, official = approve_both(cohort)
    cohort_id, official_id = cohort.id, official.id
    db.session.commit()
    with transaction():
        issuing.freeze_cohort(cohort_id, actor_id=official_id)
    token, secret = api_tokens.give_token(
        agency,
        label="measured",
        scopes=list(ApiScope),
        expires_on=clock.today() + timedelta(days=1),
        actor=None,
    )
    db.session.commit()
    return MeasuredAgency(token, secret)


def figures(people: int = PEOPLE, rounds: int = ROUNDS) -> list[Figure]:
    """Measure each list on each kind of database."""
    return [figure for kind in database_kinds() for figure in _measure(kind, people, rounds)]


def _measure(kind: str, people: int, rounds: int) -> list[Figure]:
    with throwaway_application(kind) as app:
        secret = make_measured_agency(people).secret
        db.session.remove()
        lists = {name: _reader(app, secret, f"/api/v1/{name}?limit={min(people, 200)}") for name in LISTS}
        found = []
        for name, read in lists.items():
            read()  # the first use of a token is written down
            times = measure_in_turns({name: read}, rounds=rounds)[name]
            with counted_statements() as sent:
                size = len(read().data)
            where = f"API list of {people} {name}, {kind}"
            milliseconds, statements = (MILLISECONDS, STATEMENTS) if name == "people" else (None, None)
            remark = f"least {min(times):.1f}, {size // 1024} kB"
            found += [
                Figure(where, median(times), "ms CPU", milliseconds, remark),
                Figure(where, len(sent), "statements", statements),
            ]
        return found


def _reader(app: Flask, secret: str, address: str) -> Callable[[], TestResponse]:
    """Return what reads one list again and again."""
    client, headers = Client(app), {"Authorization": f"Bearer {secret}"}

    def read() -> TestResponse:
        with app.app_context():
            response = client.get(address, headers=headers)
        if response.status_code != 200:
            raise RuntimeError(f"{address}: {response.status}")
        return response

    return read
