"""Files are read strictly: whatever is not as it should be is refused with its place."""

import json
from datetime import date
from typing import Any

import pytest

from readiness.engine import Certificate, InvalidProblem, Member, Position
from readiness.engine import reading as reading_module
from readiness.engine.reading import read_problem


def make_file() -> dict[str, Any]:
    return {
        "on": "2026-11-22",
        "hold_days": 3,
        "positions": [{"id": "leader", "need": 2, "priority": 9, "any_of": [["LEAD", "ICS"], []]}],
        "people": [
            {
                "id": "Ana",
                "available": [["2026-01-01", None]],
                "certificates": [{"qualification": "LEAD", "from": "2026-01-01", "to": "2026-12-31"}],
            }
        ],
        "implies": {"LEAD": ["ICS"]},
        "courses": [{"qualification": "LEAD", "price": 900, "requires": ["ICS"]}],
        "until": "2028-11-22",
    }


def read(value: Any) -> Any:
    return read_problem(json.dumps(value).encode())


def test_whole_file_is_read() -> None:
    asked = read(make_file())
    assert (asked.on, asked.hold_days, asked.implies) == (date(2026, 11, 22), 3, {"LEAD": ("ICS",)})
    assert asked.positions == (Position("leader", 2, 9, (frozenset({"LEAD", "ICS"}), frozenset())),)
    certificate = Certificate("LEAD", date(2026, 1, 1), date(2026, 12, 31))
    assert asked.members == (Member("Ana", ((date(2026, 1, 1), None),), (certificate,)),)


def test_what_has_one_natural_meaning_may_be_left_out() -> None:
    file = make_file()
    for name in ("hold_days", "implies", "courses", "until"):
        del file[name]
    del file["people"][0]["available"]
    file["people"][0]["certificates"][0]["to"] = None
    asked = read(file)
    assert (asked.hold_days, asked.implies, asked.members[0].available) == (0, {}, ())
    assert asked.members[0].certificates[0].ends_on is None


def test_byte_order_mark_of_an_editor_is_no_obstacle() -> None:
    assert read_problem(b"\xef\xbb\xbf" + json.dumps(make_file()).encode()).hold_days == 3


PERSON = ("people", 0)
HELD = (*PERSON, "certificates", 0)
POST = ("positions", 0)
REMOVED = object()


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("on",), REMOVED, "on is missing"),
        (("on",), "22.11.2026", "on is"),
        (("on",), "2026-02-30", "no day of the calendar"),
        (("on",), "20261122", "written like"),
        (("on",), "2026-W47-7", "written like"),
        (("on",), "٢٠٢٦-١١-٢٢", "written like"),
        (("on",), 20261122, "on is a whole number instead of a text"),
        (("on",), None, "on is null instead of a text"),
        (("hold_days",), -1, "hold_days is -1"),
        (("hold_days",), 2.5, "hold_days is 2.5 instead of a whole number"),
        (("hold_days",), True, "hold_days is true or false"),
        (("hold_days",), 10**12, "hold_days is 1000000000000"),
        (("positons",), [], "positons is not known here"),
        (("odd one\n",), [], '"odd one\\n" is not known here'),
        (("positions",), REMOVED, "positions is missing"),
        (("positions",), {}, "positions is an object instead of a list"),
        ((*POST, "id"), REMOVED, "positions[0].id is missing"),
        ((*POST, "id"), " ", "positions[0].id is"),
        ((*POST, "id"), "a\u001b[31m", "positions[0].id is"),
        ((*POST, "id"), "\ud800", "positions[0].id is"),
        ((*POST, "need"), -1, "positions[0].need is -1"),
        ((*POST, "need"), "2", "positions[0].need is a text"),
        ((*POST, "priority"), 1.5, "positions[0].priority is 1.5"),
        ((*POST, "any_of"), ["LEAD"], "positions[0].any_of[0] is a text instead of a list"),
        ((*POST, "any_of"), [["LEAD", 3]], "positions[0].any_of[0][1] is a whole number"),
        (("people", 0), "Ana", "people[0] is a text instead of an object"),
        ((*PERSON, "certificates"), REMOVED, "people[0].certificates is missing"),
        ((*PERSON, "qualified"), True, "people[0].qualified is not known here"),
        ((*PERSON, "available"), [["2026-01-01"]], "people[0].available[0] holds 1 values"),
        ((*PERSON, "available"), [[None, "2026-01-01"]], "people[0].available[0][0] is null"),
        ((*PERSON, "available"), [["2026-02-01", "2026-01-01"]], "people[0].available[0][1] is 2026-01-01, before"),
        ((*HELD, "from"), "2026-13-01", "people[0].certificates[0].from is"),
        ((*HELD, "from"), REMOVED, "people[0].certificates[0].from is missing"),
        ((*HELD, "to"), "2025-12-31", "people[0].certificates[0].to is 2025-12-31, before"),
        ((*HELD, "qualification"), "", "people[0].certificates[0].qualification is"),
        (("implies",), [], "implies is a list instead of an object"),
        (("implies", "LEAD"), "ICS", 'implies["LEAD"] is a text instead of a list'),
        (("courses", 0, "price"), 9.5, "courses[0].price is 9.5"),
        (("courses", 0, "price"), -1, "courses[0].price is -1"),
        (("until",), "soon", "until is"),
    ],
)  # fmt: skip
def test_field_that_is_not_as_it_should_be_is_refused_with_its_place(
    path: tuple[str | int, ...], value: Any, words: str
) -> None:
    file = make_file()
    *way, last = path
    inside: Any = file
    for step in way:
        inside = inside[step]
    if value is REMOVED:
        del inside[last]
    else:
        inside[last] = value
    with pytest.raises(InvalidProblem) as refused:
        read(file)
    assert words in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(("kind", "place"), [("positions", "positions[1].id"), ("people", "people[1].id")])
def test_name_given_twice_is_refused_at_its_second_place(kind: str, place: str) -> None:
    file = make_file()
    file[kind].append(dict(file[kind][0]))
    with pytest.raises(InvalidProblem) as refused:
        read(file)
    assert place in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"{", "line 1"),
        (b"[]", "The file is a list instead of an object"),
        (b"null", "The file is null"),
        (b'{"on": "\xff"}', "not UTF-8"),
        (b'{"on": NaN}', "NaN is not a number of JSON"),
        (b'{"hold_days": -Infinity}', "-Infinity is not a number of JSON"),
        (b'{"on": "2026-11-22", "on": "2026-11-23"}', '"on" stands twice'),
        (b'{"hold_days": ' + b"9" * 5_000 + b"}", "too many digits"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(InvalidProblem) as refused:
        read_problem(content)
    assert words in str(refused.value)


def test_file_beyond_the_limit_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "MOST_BYTES", 1024 * 1024)
    with pytest.raises(InvalidProblem, match="larger than 1 MB"):
        read_problem(b" " * (1024 * 1024 + 1))
