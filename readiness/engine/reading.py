"""A problem as a file tells it: JSON that strangers write by hand and by program, read strictly.

A field that is misspelt, missing or of another kind is refused with its place (``people[3].certificates[0].from``) instead of
being passed over: a plan on paper that silently left a certificate out would be worse than none. What may be left out is what
has one natural meaning: `hold_days` (0), `implies` (nothing), `available` (always), `courses` and `until`. These last two belong to
training plans and time lines; they are checked, so that one file serves every question, and the fill does not depend on them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from readiness.engine.problem import Certificate, InvalidProblem, Member, Position

MOST_BYTES = 50 * 1024 * 1024
LARGEST_NUMBER = 1_000_000_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_KINDS = {dict: "an object", list: "a list", str: "a text", int: "a whole number", bool: "true or false"}
_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class _Shape:
    """The fields of one kind of object."""

    needed: frozenset[str]
    optional: frozenset[str] = frozenset()


_TOP = _Shape(
    frozenset({"on", "positions", "people"}), frozenset({"hold_days", "implies", "courses", "until"})
)
_POSITION = _Shape(frozenset({"id", "need", "priority", "any_of"}))
_PERSON = _Shape(frozenset({"id", "certificates"}), frozenset({"available"}))
_CERTIFICATE = _Shape(frozenset({"qualification", "from", "to"}))
_COURSE = _Shape(frozenset({"qualification", "price"}), frozenset({"requires"}))


@dataclass(frozen=True, slots=True)
class ProblemFile:
    """What a file asks: the arguments of ``solve``."""

    on: date
    hold_days: int
    positions: tuple[Position, ...]
    members: tuple[Member, ...]
    implies: Mapping[str, Sequence[str]]


def read_problem(content: bytes) -> ProblemFile:
    """Read a file's content; ``InvalidProblem`` names the first place that is not as it should be."""
    if len(content) > MOST_BYTES:
        raise InvalidProblem(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    top = _fields(_parse(content), "", _TOP)
    _read_courses(top.get("courses", []))
    if "until" in top:
        _day(top["until"], "until")
    return ProblemFile(
        on=_day(top["on"], "on"),
        hold_days=_whole(top.get("hold_days", 0), "hold_days", least=0),
        positions=_once(_read_position, top["positions"], "positions"),
        members=_once(_read_member, top["people"], "people"),
        implies=_read_implies(top.get("implies", {})),
    )


def _parse(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise InvalidProblem(f"The file is not UTF-8 text (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise InvalidProblem(
            f"The file is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from error
    except RecursionError as error:
        raise InvalidProblem("The file is nested too deeply.") from error
    except InvalidProblem:
        raise
    except ValueError as error:
        raise InvalidProblem("The file holds a number with too many digits.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidProblem(f"The field {_shown(twice)} stands twice in one object.")
    return fields


def _refuse_constant(name: str) -> Any:
    raise InvalidProblem(f"{name} is not a number of JSON.")


def _read_position(value: Any, place: str) -> Position:
    fields = _fields(value, place, _POSITION)
    alternatives = _list(fields["any_of"], f"{place}.any_of")
    return Position(
        _text(fields["id"], f"{place}.id"),
        _whole(fields["need"], f"{place}.need", least=0),
        _whole(fields["priority"], f"{place}.priority"),
        tuple(frozenset(_texts(each, f"{place}.any_of[{at}]")) for at, each in enumerate(alternatives)),
    )


def _read_member(value: Any, place: str) -> Member:
    fields = _fields(value, place, _PERSON)
    spans = _list(fields.get("available", []), f"{place}.available")
    held = _list(fields["certificates"], f"{place}.certificates")
    return Member(
        _text(fields["id"], f"{place}.id"),
        tuple(_read_span(span, f"{place}.available[{at}]") for at, span in enumerate(spans)),
        tuple(_read_certificate(each, f"{place}.certificates[{at}]") for at, each in enumerate(held)),
    )


def _read_certificate(value: Any, place: str) -> Certificate:
    fields = _fields(value, place, _CERTIFICATE)
    start, end = _days(fields["from"], f"{place}.from", fields["to"], f"{place}.to")
    return Certificate(_text(fields["qualification"], f"{place}.qualification"), start, end)


def _read_span(value: Any, place: str) -> tuple[date, date | None]:
    days = _list(value, place)
    if len(days) != 2:
        raise InvalidProblem(f"{place} holds {len(days)} values instead of a first and a last day.")
    return _days(days[0], f"{place}[0]", days[1], f"{place}[1]")


def _read_implies(value: Any) -> dict[str, tuple[str, ...]]:
    implied = _of_kind(value, dict, "implies")
    return {
        _text(name, f"implies[{_shown(name)}]"): _texts(names, f"implies[{_shown(name)}]")
        for name, names in implied.items()
    }


def _read_courses(value: Any) -> None:
    for at, course in enumerate(_list(value, "courses")):
        place = f"courses[{at}]"
        fields = _fields(course, place, _COURSE)
        _text(fields["qualification"], f"{place}.qualification")
        _whole(fields["price"], f"{place}.price", least=0)
        _texts(fields.get("requires", []), f"{place}.requires")


def _once(read: Any, value: Any, place: str) -> tuple[Any, ...]:
    """Read a list of things that have names of their own."""
    found = tuple(read(each, f"{place}[{at}]") for at, each in enumerate(_list(value, place)))
    first: dict[str, int] = {}
    for at, each in enumerate(found):
        if first.setdefault(each.id, at) != at:
            raise InvalidProblem(
                f"{place}[{at}].id is {_shown(each.id)}, as {place}[{first[each.id]}].id is already."
            )
    return found


def _fields(value: Any, place: str, shape: _Shape) -> dict[str, Any]:
    """Return an object's fields: all that are needed and none that is unknown."""
    fields: dict[str, Any] = _of_kind(value, dict, place or "The file")
    if fields.keys() == shape.needed:
        return fields
    inside = f"{place}." if place else ""
    for name in sorted(shape.needed - fields.keys()):
        raise InvalidProblem(f"{inside}{name} is missing.")
    for name in sorted(fields.keys() - shape.needed - shape.optional):
        known = ", ".join(sorted(shape.needed | shape.optional))
        raise InvalidProblem(
            f"{inside}{name if name.isidentifier() else _shown(name)} is not known here; known are {known}."
        )
    return fields


def _list(value: Any, place: str) -> list[Any]:
    found: list[Any] = _of_kind(value, list, place)
    return found


def _texts(value: Any, place: str) -> tuple[str, ...]:
    return tuple(_text(each, f"{place}[{at}]") for at, each in enumerate(_list(value, place)))


def _text(value: Any, place: str) -> str:
    text: str = _of_kind(value, str, place)
    if not text.strip() or _CONTROL.search(text):
        raise InvalidProblem(
            f"{place} is {_shown(text)}: a name is neither empty nor holds control characters."
        )
    return text


def _whole(value: Any, place: str, *, least: int = -LARGEST_NUMBER) -> int:
    number: int = _of_kind(value, int, place)
    if not least <= number <= LARGEST_NUMBER:
        raise InvalidProblem(f"{place} is {_shown(number)}; it lies between {least} and {LARGEST_NUMBER}.")
    return number


def _days(start: Any, start_place: str, end: Any, end_place: str) -> tuple[date, date | None]:
    """Read a first and a last day; ``null`` as the last day means without end."""
    first, last = _day(start, start_place), None if end is None else _day(end, end_place)
    if last is not None and last < first:
        raise InvalidProblem(f"{end_place} is {last}, before {start_place}, {first}.")
    return first, last


def _day(value: Any, place: str) -> date:
    text = _of_kind(value, str, place)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidProblem(f"{place} is {_shown(text)}, which is no day of the calendar.") from error
    raise InvalidProblem(f"{place} is {_shown(text)}; a day is written like 2026-11-22.")


def _of_kind(value: Any, kind: type, place: str) -> Any:
    # To Python true and false are whole numbers; to whoever writes a file they are not.
    if type(value) is not kind:
        raise InvalidProblem(
            f"{place} is {_KINDS.get(type(value), _shown(value))} instead of {_KINDS[kind]}."
        )
    return value


def _shown(value: Any) -> str:
    """Write a value of the file so that it can stand in a sentence."""
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
