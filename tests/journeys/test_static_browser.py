"""What a browser keeps: the second page brings nothing but itself."""

from collections.abc import Callable

import pytest
from flask import Flask

from accounts.permissions import Role
from foundation.db import db
from tests.factories.accounts import make_user
from tests.support.browser import Visit

pytestmark = pytest.mark.browser
FETCHED = """() => performance.getEntriesByType("resource")
  .filter((one) => one.name.includes("/static/") && !one.name.includes("favicon"))
  .map((one) => [one.name, one.transferSize])"""


def test_a_second_page_asks_for_no_script_style_or_picture(
    live_app: Flask, visit: Callable[..., Visit]
) -> None:
    manager = make_user(Role.PROGRAMME_MANAGER)
    db.session.commit()
    device = visit(manager)
    device.goto("/courses")
    first = dict(device.page.evaluate(FETCHED))
    device.goto("/cohorts")
    second = dict(device.page.evaluate(FETCHED))

    assert [name for name in first if name.endswith("/js/menus.js")]
    shared = set(first) & set(second)
    assert len(shared) > 15
    assert all(first[name] for name in shared)
    assert not any(second[name] for name in shared)
