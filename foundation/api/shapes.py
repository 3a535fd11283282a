"""What an API takes and gives, as frozen dataclasses: read strictly, written quickly, described as JSON Schema.

One declaration serves three ends, so the description cannot say anything else than what is done. A shape may hold text,
whole numbers, numbers, yes/no, dates, moments, words of an enumeration, lists, {word: text} and other shapes; `X | None`
may be null; `X | Kept` may be left out, which keeps what is stored. Rules stand in `Annotated`.
"""

import hashlib
import json
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from foundation.i18n import _
from foundation.plain_text import LINES_PATTERN, ONE_LINE_PATTERN, is_plain

S = TypeVar("S")


class Kept(Enum):
    """The value of a field that a change does not name: what is stored stays."""

    KEPT = "kept"


KEPT = Kept.KEPT


@dataclass(frozen=True)
class Text:
    """The rules of a text: signs at most and at least after tidying, a pattern, whether it may have several lines."""

    most: int
    least: int = 0
    pattern: str | None = None
    lines: bool = False
    format: str | None = None


@dataclass(frozen=True)
class Between:
    """The limits of a whole number, both included."""

    least: int
    most: int


@dataclass(frozen=True)
class Many:
    """How many entries a list may have."""

    most: int
    least: int = 0


@dataclass(frozen=True)
class Says:
    """A sentence for the description."""

    text: str


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a request: where (a JSON pointer, or the name of a parameter) and what."""

    place: str
    message: str


class BadValues(Exception):
    """A value does not have the shape that was asked for."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.place}: {fault.message}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class _Kind:
    """A type, taken apart: the plain type, the rules that stand by it, and whether null is allowed."""

    base: Any
    nullable: bool
    rules: Mapping[type, Any]
    of: "_Kind | None" = None  # what a list holds


@dataclass(frozen=True)
class _Part:
    """One field of a shape."""

    name: str
    kind: _Kind
    required: bool


@cache
def _parts_of(shape: type) -> tuple[_Part, ...]:
    hints = get_type_hints(shape, include_extras=True)
    return tuple(_Part(f.name, _take_apart(hints[f.name]), _is_required(f)) for f in fields(shape))


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _take_apart(hint: Any) -> _Kind:
    rules: dict[type, Any] = {}
    nullable = False
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            hint, *marks = get_args(hint)
            rules |= {type(mark): mark for mark in marks}
        elif origin in (Union, types.UnionType):
            options = get_args(hint)
            nullable = nullable or type(None) in options
            (hint,) = (option for option in options if option not in (type(None), Kept))
        else:
            break
    if origin in (list, tuple, Sequence):
        return _Kind(list, nullable, rules, _take_apart(get_args(hint)[0]))
    return _Kind(dict if origin in (dict, Mapping) else hint, nullable, rules)


# Reading


def read_shape(shape: type[S], value: Any) -> S:
    """Return a value of JSON as a shape; raise BadValues naming every fault by its pointer."""
    faults: list[Fault] = []
    found = _read_object(shape, value, "", faults)
    if faults:
        raise BadValues(faults)
    return cast(S, found)


def read_parameters(shape: type[S], values: Mapping[str, list[str]]) -> S:
    """Return the parameters of an address as a shape: each at most once, none that is not declared."""
    faults: list[Fault] = []
    parts = {part.name: part for part in _parts_of(cast(Any, shape))}
    found: dict[str, Any] = {}
    for name, texts in values.items():
        if name not in parts:
            faults.append(Fault(name, _("There is no such parameter.")))
        elif len(texts) > 1:
            faults.append(Fault(name, _("This parameter may be given once.")))
        else:
            found[name] = _read(_of_text(parts[name].kind, texts[0]), parts[name].kind, name, faults)
    if faults:
        raise BadValues(faults)
    return shape(**found)


def _of_text(kind: _Kind, text: str) -> Any:
    """Return the text of a parameter as the JSON value that it stands for."""
    if kind.base is int and re.fullmatch(r"-?[0-9]{1,9}", text):
        return int(text)
    if kind.base is bool and text in ("true", "false"):
        return text == "true"
    return text


def _read_object(shape: type, value: Any, pointer: str, faults: list[Fault]) -> Any:
    if not isinstance(value, dict):
        faults.append(Fault(pointer, _("This has to be an object.")))
        return None
    parts = _parts_of(shape)
    known = {part.name for part in parts}
    before = len(faults)
    faults += [
        Fault(_join(pointer, name), _("There is no such field.")) for name in value if name not in known
    ]
    found = {}
    for part in parts:
        if part.name in value:
            found[part.name] = _read(value[part.name], part.kind, _join(pointer, part.name), faults)
        elif part.required:
            faults.append(Fault(_join(pointer, part.name), _("This is missing.")))
    return shape(**found) if len(faults) == before else None


def _read(value: Any, kind: _Kind, pointer: str, faults: list[Fault]) -> Any:
    if value is None:
        if not kind.nullable:
            faults.append(Fault(pointer, _("This may not be null.")))
        return None
    if kind.base is list and kind.of is not None:
        return _read_list(value, kind, kind.of, pointer, faults)
    if is_dataclass(kind.base):
        return _read_object(cast(type, kind.base), value, pointer, faults)
    try:
        return _read_plain(value, kind)
    except ValueError as error:
        faults.append(Fault(pointer, str(error)))
        return None


def _read_list(value: Any, kind: _Kind, of: _Kind, pointer: str, faults: list[Fault]) -> Any:
    many = kind.rules.get(Many, Many(1000))
    if not isinstance(value, list):
        faults.append(Fault(pointer, _("This has to be a list.")))
        return None
    if not many.least <= len(value) <= many.most:
        faults.append(
            Fault(pointer, _("This takes %(least)s to %(most)s entries.", least=many.least, most=many.most))
        )
        return None
    return tuple(_read(one, of, f"{pointer}/{number}", faults) for number, one in enumerate(value))


def _read_plain(value: Any, kind: _Kind) -> Any:
    """Return one plain value; raise ValueError with a sentence."""
    if kind.base is str:
        return _read_text(value, kind)
    if kind.base is bool:
        if not isinstance(value, bool):
            raise ValueError(_("This has to be true or false."))
        return value
    if kind.base is int:
        limits = kind.rules.get(Between, Between(-(2**31), 2**31 - 1))
        if not isinstance(value, int) or isinstance(value, bool) or not limits.least <= value <= limits.most:
            raise ValueError(
                _(
                    "This has to be a whole number from %(least)s to %(most)s.",
                    least=limits.least,
                    most=limits.most,
                )
            )
        return value
    if kind.base is date:
        return _read_day(value)
    if isinstance(kind.base, type) and issubclass(kind.base, StrEnum):
        words = [member.value for member in kind.base]
        if not isinstance(value, str) or value not in words:
            raise ValueError(_("This has to be one of: %(words)s.", words=", ".join(words)))
        return kind.base(value)
    raise TypeError(f"no way to read {kind.base!r}")


def _read_text(value: Any, kind: _Kind) -> str | None:
    rules = kind.rules[Text]
    if not isinstance(value, str):
        raise ValueError(_("This has to be a text."))
    if not is_plain(value, lines=rules.lines):
        raise ValueError(_("This contains a character that cannot be kept."))
    tidied = value.strip()
    if not rules.least <= len(tidied) or len(value) > rules.most:
        raise ValueError(
            _("This has to have %(least)s to %(most)s characters.", least=rules.least, most=rules.most)
        )
    if rules.pattern and not re.fullmatch(rules.pattern, value, re.ASCII):
        raise ValueError(_("This is not written as it has to be."))
    return tidied or (None if kind.nullable else "")


def _read_day(value: Any) -> date:
    # `fromisoformat` would take weeks and days of the year as well.
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(_("This has to be a date such as 2026-11-22."))


def _join(pointer: str, name: str) -> str:
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"


def named(shape: Any) -> dict[str, Any]:
    """Return the fields that a change names, without those it keeps."""
    return {f.name: value for f in fields(shape) if (value := getattr(shape, f.name)) is not KEPT}


# Writing


def write_json(value: Any) -> str:
    """Return shapes, and what is made of them, as JSON."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def tag_of(body: str) -> str:
    """Return the tag of an answer: equal answers have equal tags."""
    return hashlib.sha256(body.encode()).hexdigest()[:40]


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return value.__dict__
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"no way to write {type(value)!r}")


# Describing


class Schemas(dict[str, Any]):
    """The schemas of a description by name, and which shape each describes."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: dict[str, tuple[type, bool]] = {}

    def is_new(self, shape: type, *, strict: bool) -> bool:
        """Return whether a shape has to be described yet; raise ValueError when another has its name."""
        known = self.shapes.setdefault(shape.__name__, (shape, strict))
        if known != (shape, strict):
            raise ValueError(f"two schemas are called {shape.__name__}")
        return shape.__name__ not in self


def describe_shape(shape: type, *, strict: bool, into: Schemas) -> dict[str, Any]:
    """Return a reference to a shape's schema, which is put `into` the collection with all that it refers to.

    `strict` says that fields beside those described are refused, as they are in what is sent.
    """
    name = shape.__name__
    if into.is_new(shape, strict=strict):
        into[name] = {}
        parts = _parts_of(shape)
        # What is given has every field; what is taken may leave those out that have a value already.
        required = [part.name for part in parts if part.required or not strict]
        into[name] = {
            "type": "object",
            "description": _first_line(shape),
            "properties": {part.name: _describe(part.kind, strict=strict, into=into) for part in parts},
        }
        if required:
            into[name]["required"] = required
        if strict:
            into[name]["additionalProperties"] = False
    return {"$ref": f"#/components/schemas/{name}"}


def describe_parameters(shape: type) -> list[dict[str, Any]]:
    """Return the parameters of an address as OpenAPI describes them."""
    found = []
    defaults = {f.name: f.default for f in fields(shape)}
    for part in _parts_of(shape):
        schema = _describe(_Kind(part.kind.base, False, part.kind.rules), strict=True, into=Schemas())
        text = schema.pop("description", None)
        if defaults[part.name] not in (None, MISSING):
            schema["default"] = defaults[part.name]
        parameter = {"name": part.name, "in": "query", "required": part.required, "schema": schema}
        found.append(parameter | ({"description": text} if text else {}))
    return found


def _describe(kind: _Kind, *, strict: bool, into: Schemas) -> dict[str, Any]:
    schema = _describe_base(kind, strict=strict, into=into)
    if kind.nullable:
        if "$ref" in schema:
            schema = {"anyOf": [schema, {"type": "null"}]}
        else:
            schema["type"] = [schema["type"], "null"]
            if "enum" in schema:
                schema["enum"] = [*schema["enum"], None]
    if Says in kind.rules:
        schema["description"] = kind.rules[Says].text
    return schema


def _describe_base(kind: _Kind, *, strict: bool, into: Schemas) -> dict[str, Any]:
    base, rules = kind.base, kind.rules
    if base is list and kind.of is not None:
        schema = {"type": "array", "items": _describe(kind.of, strict=strict, into=into)}
        many = rules.get(Many)
        return schema | ({"minItems": many.least, "maxItems": many.most} if many else {})
    if is_dataclass(base):
        return describe_shape(cast(type, base), strict=strict, into=into)
    if base is str:
        return _describe_text(rules.get(Text), strict=strict)
    if base is int and Between in rules:
        return {"type": "integer", "minimum": rules[Between].least, "maximum": rules[Between].most}
    if isinstance(base, type) and issubclass(base, StrEnum):
        return {"type": "string", "enum": [member.value for member in base]}
    plain: dict[Any, dict[str, Any]] = {
        int: {"type": "integer"},
        bool: {"type": "boolean"},
        Decimal: {"type": "number"},
        date: {"type": "string", "format": "date"},
        datetime: {"type": "string", "format": "date-time"},
        dict: {"type": "object", "additionalProperties": {"type": "string"}},
    }
    return dict(plain[base])


def _describe_text(rules: Text | None, *, strict: bool) -> dict[str, Any]:
    if rules is None or not strict:
        return {"type": "string"} | ({"format": rules.format} if rules and rules.format else {})
    schema: dict[str, Any] = {"type": "string", "maxLength": rules.most}
    if rules.least:
        schema["minLength"] = rules.least
    plain = LINES_PATTERN if rules.lines else ONE_LINE_PATTERN
    schema["pattern"] = f"^(?:{rules.pattern})$" if rules.pattern else plain
    return schema | ({"format": rules.format} if rules.format else {})


def _first_line(shape: type) -> str:
    return (shape.__doc__ or "").strip().splitlines()[0]
