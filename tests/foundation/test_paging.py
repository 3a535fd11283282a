"""Lists in pages by key."""

import base64
import json
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Agency, Agreement
from foundation.db import db
from foundation.paging import Page, fetch_page, page_of_request
from tests.factories.accounts import make_agency, make_agreement


@pytest.fixture
def codes(app: Flask) -> list[str]:
    """Twelve agencies, two of each country."""
    found = [f"A{number:02d}" for number in range(12)]
    for number, code in enumerate(found):
        make_agency(code, country=f"{'ABCDEF'[number // 2]}X")
    db.session.commit()
    return found


def page(**arguments: object) -> Page:
    query = select(Agency.id, Agency.code, Agency.country)
    return fetch_page(query, keys=[Agency.code], size=5, **arguments)  # type: ignore[arg-type]


def shown(found: Page) -> list[str]:
    return [row.code for row in found.rows]


def test_pages_follow_each_other_and_lead_back(codes: list[str]) -> None:
    first = page()
    assert (shown(first), first.count, first.previous_cursor) == (codes[:5], 12, None)
    second = page(after=first.next_cursor)
    assert shown(second) == codes[5:10]
    third = page(after=second.next_cursor)
    assert (shown(third), third.next_cursor) == (codes[10:], None)
    assert shown(page(before=third.previous_cursor)) == codes[5:10]
    back = page(before=second.previous_cursor)
    assert (shown(back), back.previous_cursor) == (codes[:5], None)


def test_falling_order_pages_too(codes: list[str]) -> None:
    first = page(descending=True)
    assert shown(first) == codes[:-6:-1]
    assert shown(page(descending=True, after=first.next_cursor)) == codes[-6:-11:-1]


def test_equal_keys_are_neither_lost_nor_repeated(codes: list[str]) -> None:
    query = select(Agency.code)
    seen: list[str] = []
    after = None
    while True:
        found = fetch_page(query, keys=[Agency.country, Agency.id], size=5, after=after)
        seen += shown(found)
        after = found.next_cursor
        if after is None:
            break
    assert seen == codes


def test_row_added_before_the_cursor_shifts_nothing(codes: list[str]) -> None:
    first = page()
    make_agency("A000")
    assert shown(page(after=first.next_cursor)) == codes[5:10]


def test_dates_are_keys_too(app: Flask) -> None:
    agency = make_agency()
    for year in (2021, 2022, 2023):
        make_agreement(agency, starts_on=date(year, 1, 1))
    query = select(Agreement.starts_on)
    first = fetch_page(query, keys=[Agreement.starts_on, Agreement.id], size=2)
    second = fetch_page(query, keys=[Agreement.starts_on, Agreement.id], size=2, after=first.next_cursor)
    assert [row.starts_on.year for row in second.rows] == [2023]


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "x" * 3000,
        encoded([1]),
        encoded([None]),
        encoded(["a", "b"]),
        encoded({"a": 1}),
        encoded([[1]]),
        encoded([{"moment": "x"}]),
        encoded([{"other": "x"}]),
        "ÿÿÿ",
        "=====",
    ],
)
def test_tampered_cursor_starts_again(codes: list[str], cursor: str) -> None:
    assert shown(page(after=cursor)) == codes[:5]


def test_request_chooses_among_the_offered_sorts_only(codes: list[str], app: Flask) -> None:
    sorts = {"code": [Agency.code], "id": [Agency.id]}
    query = select(Agency.code)
    with app.test_request_context("/agencies?sort=-code"):
        found = page_of_request(query, sorts=sorts, default="code")
        assert (shown(found)[0], found.sort, found.descending) == ("A11", "code", True)
    with app.test_request_context("/agencies?sort=password"):
        found = page_of_request(query, sorts=sorts, default="-code")
        assert (shown(found)[0], found.sort, found.descending) == ("A11", "code", True)


def test_addresses_keep_the_filters_and_drop_the_old_cursor(codes: list[str], app: Flask) -> None:
    with app.test_request_context("/agencies?q=a&after=old"):
        from flask import request

        assert request.endpoint == "agencies.list"
        found = page_of_request(select(Agency.code), sorts={"code": [Agency.code]}, default="code", size=5)
        assert found.next_url is not None
        assert "q=a" in found.next_url
        assert "old" not in found.next_url


def test_size_has_a_limit(codes: list[str]) -> None:
    assert len(fetch_page(select(Agency.code), keys=[Agency.code], size=10**9).rows) == 12
    assert len(fetch_page(select(Agency.code), keys=[Agency.code], size=-5).rows) == 1
