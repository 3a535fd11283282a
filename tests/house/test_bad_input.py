"""Whatever is sent, the answer is a sentence and nothing is changed: every act of the application, asked wrongly.

Each act is asked by a user who may do it, so that the form and the service are what refuses, not the door.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest
from werkzeug.test import TestResponse

from foundation import db as database_module
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.i18n import LANGUAGES
from foundation.web import FORM_BYTES
from tests.conftest import TestDatabase
from tests.factories.world import Value
from tests.support.inhabited import END_REQUEST, WorldApp
from tests.support.routes import Route, address_of, list_routes

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "direction": "invoice\u202egnp.exe\u2066",
    "length": "x" * 10_000,
    "statement": "'; DROP TABLE person; --",
    "nothing": "\x00\x07",
    "template": "{{ 7*7 }}%(name)s{0}${7*7}",
    "number": "99999999999999999999999",
}
"""What a hostile or unlucky person types. None of it may become markup, a statement, or a server error."""


class Act:
    """One route that changes something, with arguments, and somebody who may do it."""

    def __init__(
        self, inhabited: WorldApp, route: Route, arguments: dict[str, Value], user_id: int | None
    ) -> None:
        self.inhabited, self.route, self.user_id = inhabited, route, user_id
        self.address = address_of(inhabited.app, route, arguments)

    def __str__(self) -> str:
        return f"{self.route.method} {self.address}"

    def ask(self, **values: object) -> TestResponse:
        """Do it, in the way that the values say."""
        return self.inhabited.ask(self.user_id, self.route.method, self.address, **values)


def _list_acts(inhabited: WorldApp) -> Iterator[Act]:
    """Yield every act once, with the first of side A's objects for which somebody is let in."""
    for route in list_routes(inhabited.app):
        if route.method == "GET":
            continue
        if str(route) not in inhabited.known_acts:
            inhabited.known_acts[str(route)] = _find_act(inhabited, route)
        found = inhabited.known_acts[str(route)]
        if found is not None:
            yield Act(inhabited, route, *found)


def _find_act(inhabited: WorldApp, route: Route) -> tuple[dict[str, Value], int | None] | None:
    world = inhabited.world
    for arguments in world.fill(route.rule, world.a):
        for user_id in [None] if route.access.public else world.users.values():
            if Act(inhabited, route, arguments, user_id).ask().status_code not in (403, 404):
                return arguments, user_id
    return None


@pytest.fixture
def acts(inhabited: WorldApp) -> list[Act]:
    return list(_list_acts(inhabited))


def _entries() -> int:
    return db.session.query(AuditEntry).count()


def _fields_of(act: Act) -> list[str]:
    """Return the names of the fields that the act's page offers; a page without a form of this act offers none."""
    page = act.inhabited.ask(act.user_id, "GET", act.address)
    if page.status_code != 200 or page.mimetype != "text/html":
        return []
    forms = [form for form in _parse(page).iter("form") if form.get("method", "").lower() == "post"]
    own = [form for form in forms if form.get("action") in (None, "", act.address)]
    names = {
        field.get("name")
        for form in own
        for kind in ("input", "textarea", "select")
        for field in form.iter(kind)
    }
    return sorted(name for name in names if name and name != "csrf_token")


def _parse(page: TestResponse) -> Element:
    return html5lib.parse(page.get_data(as_text=True), treebuilder="etree", namespaceHTMLElements=False)


SENTENCES = {"lead", "notice", "empty", "messages", "errors"}


def _has_message(page: TestResponse) -> bool:
    """Return whether a page says what was wrong: beside its form, on top of it, or in the form's place."""
    return any(
        element.get("role") == "alert" or not SENTENCES.isdisjoint(element.get("class", "").split())
        for element in _parse(page).iter()
    )


def test_every_act_is_found_and_somebody_may_do_it(inhabited: WorldApp, acts: list[Act]) -> None:
    found = {act.route.endpoint for act in acts}
    wanted = {route.endpoint for route in list_routes(inhabited.app) if route.method != "GET"}
    assert wanted - found == set()


def test_act_without_its_token_is_refused_in_the_reader_s_language(
    inhabited: WorldApp, acts: list[Act]
) -> None:
    wrong = []
    for act in acts:
        for language in LANGUAGES:
            response = act.ask(with_token=False, headers={"Accept-Language": language})
            if response.status_code != 400 or "<h1" not in response.get_data(as_text=True):
                wrong.append(f"{act}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


def test_empty_form_is_refused_with_a_sentence_or_does_what_needs_no_words(acts: list[Act]) -> None:
    wrong = []
    for act in acts:
        response = act.ask(data={})
        if response.status_code == 422 and not _has_message(response):
            wrong.append(f"{act}: 422 without a sentence")
        elif response.status_code not in (200, 302, 303, 400, 409, 422):
            wrong.append(f"{act}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


def test_refused_act_leaves_no_entry_in_the_audit_trail(
    inhabited: WorldApp, acts: list[Act], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, wrong = _entries(), []
    for act in acts:
        status = act.ask(data={"csrf": "none", "unknown": "x"}).status_code
        if _entries() != before:
            wrong.append(f"{act}: {status}")
    assert not wrong, "\n".join(wrong)


def test_body_that_is_too_large_is_refused(acts: list[Act]) -> None:
    wrong = []
    for act in acts:
        body = b"a=" + b"x" * (12 * FORM_BYTES)
        response = act.ask(data=body, content_type="application/x-www-form-urlencoded")
        if response.status_code != 413:
            wrong.append(f"{act}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_refused_or_shown_as_text(acts: list[Act], kind: str) -> None:
    wrong, text = [], HOSTILE[kind]
    for act in acts:
        response = act.ask(data=dict.fromkeys(_fields_of(act), text))
        body = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
        if response.status_code >= 500 or "<script>alert(1)" in body or "<img src=x" in body:
            wrong.append(f"{act}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


def test_unknown_and_impossible_ids_are_not_found(inhabited: WorldApp, acts: list[Act]) -> None:
    world, wrong = inhabited.world, []
    for act in acts:
        rule = act.route.rule
        if not rule.arguments or act.route.access.public:
            continue
        arguments = next(iter(world.fill(rule, world.a)))
        for name, value in arguments.items():
            if not isinstance(value, int):
                continue
            good = address_of(inhabited.app, act.route, {**arguments, name: 424242})
            for bad in ("424242", "0", "9" * 30, "-1", "1.5", "abc", "%00", "1%20OR%201=1"):
                response = inhabited.ask(act.user_id, act.route.method, good.replace("424242", bad))
                if response.status_code not in (403, 404, 405):
                    wrong.append(f"{act.route.method} {good} with {bad}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


# Each time is an act of its own: a letter is sent again, a protected value is read again, the chain is walked again.
REPEATABLE = {
    "users.invite_again",
    "persons.show_document_number",
    "audit.verify",
    "audit.show_personal_values",
}


def test_act_sent_twice_has_one_effect(
    acts: list[Act],
    inhabited: WorldApp,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A double click, a repeated request: the second is refused, or answers the same and changes nothing more."""
    monkeypatch.setattr(database_module, "end_request", END_REQUEST)  # here the acts are done
    database = TestDatabase(inhabited.database.kind, tmp_path_factory.mktemp("twice"))
    other, wrong, done = WorldApp(database), [], 0
    with other.app.app_context():
        for act in acts:
            other.forget_sessions()
            first = other.ask(act.user_id, act.route.method, act.address, data={})
            entries = _entries()
            db.session.rollback()
            second = other.ask(act.user_id, act.route.method, act.address, data={})
            done += first.status_code < 400
            again = _entries() - entries
            db.session.rollback()
            if second.status_code >= 500 or (again and act.route.endpoint not in REPEATABLE):
                wrong.append(f"{act}: {first.status_code}, {second.status_code}, {again} more entries")
        db.session.remove()
    database.close()
    assert not wrong, "\n".join(wrong)
    assert done > 5
