"""Whose rows a piece of work may see: the net under the scoped queries."""

from collections.abc import Iterator

import pytest
from flask import Flask, g
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from accounts.models import Affiliation, Agency
from foundation.db import db
from foundation.tenancy import EVERYTHING, Scope, ScopeUnset, current_scope, within
from tests.factories.accounts import make_agency, make_person


@pytest.fixture
def two_agencies(app: Flask) -> tuple[int, int]:
    """The ids of two agencies: two people serve the first, one the second."""
    first, second = make_agency(), make_agency()
    make_person(first)
    make_person(first)
    make_person(second)
    ids = first.id, second.id
    db.session.commit()
    db.session.expunge_all()
    return ids


@pytest.fixture
def request_of(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def test_query_in_a_request_without_a_scope_is_an_error(
    two_agencies: tuple[int, int], request_of: None
) -> None:
    g.pop("scope", None)
    with pytest.raises(ScopeUnset):
        db.session.scalars(select(Affiliation)).all()


def test_tables_of_nobody_need_no_scope(two_agencies: tuple[int, int], request_of: None) -> None:
    g.pop("scope", None)
    assert len(db.session.scalars(select(Agency)).all()) == 2


def test_request_sees_the_rows_of_its_agencies_alone(two_agencies: tuple[int, int], request_of: None) -> None:
    first, second = two_agencies
    g.scope = Scope(frozenset({first}))
    assert {row.agency_id for row in db.session.scalars(select(Affiliation))} == {first}
    assert db.session.scalar(select(func.count(Affiliation.id))) == 2
    other = aliased(Affiliation)
    assert db.session.scalars(select(other.agency_id).where(other.agency_id == second)).all() == []


def test_row_of_another_agency_is_not_found_by_its_key(
    two_agencies: tuple[int, int], request_of: None
) -> None:
    first, second = two_agencies
    with within(EVERYTHING):
        foreign = db.session.scalars(select(Affiliation.id).where(Affiliation.agency_id == second)).one()
    g.scope = Scope(frozenset({first}))
    assert db.session.get(Affiliation, foreign) is None


def test_scope_of_no_agency_sees_nothing(two_agencies: tuple[int, int], request_of: None) -> None:
    g.scope = Scope(frozenset())
    assert db.session.scalars(select(Affiliation)).all() == []


def test_two_requests_of_two_agencies_do_not_share_a_statement(
    two_agencies: tuple[int, int], app: Flask
) -> None:
    first, second = two_agencies
    for agency, count in ((first, 2), (second, 1), (first, 2)):
        with app.test_request_context("/"):
            g.scope = Scope(frozenset({agency}))
            assert len(db.session.scalars(select(Affiliation)).all()) == count


def test_work_outside_requests_sees_everything(two_agencies: tuple[int, int]) -> None:
    assert current_scope() == EVERYTHING
    assert len(db.session.scalars(select(Affiliation)).all()) == 3


def test_wider_scope_lasts_for_its_block_only(two_agencies: tuple[int, int], request_of: None) -> None:
    first, _second = two_agencies
    g.scope = Scope(frozenset({first}))
    with within(EVERYTHING):
        assert len(db.session.scalars(select(Affiliation)).all()) == 3
    assert len(db.session.scalars(select(Affiliation)).all()) == 2


def test_wider_scope_ends_with_an_error_too(two_agencies: tuple[int, int], request_of: None) -> None:
    first, _second = two_agencies
    g.scope = Scope(frozenset({first}))
    with pytest.raises(ZeroDivisionError), within(EVERYTHING):
        raise ZeroDivisionError
    assert current_scope() == Scope(frozenset({first}))
