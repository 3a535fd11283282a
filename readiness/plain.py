"""Frozen dataclasses as plain JSON values and back without loss: what a snapshot and an edition keep is written and read here."""

import dataclasses
import json
import types
import typing
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


def write_json(value: Any) -> str:
    """Write a dataclass as JSON; equal values give equal text."""
    return canonical(dataclasses.asdict(value))


def canonical(document: Any) -> str:
    """Write plain values as JSON with sorted keys and nothing superfluous, the form that is hashed."""
    return json.dumps(document, default=_as_text, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_json(kind: type[T], text: str) -> T:
    """Read what `write_json` wrote; raise ValueError for anything else."""
    return read_document(kind, json.loads(text))


def read_document(kind: type[T], document: Any) -> T:
    """Read a dataclass from its parsed JSON; raise ValueError for anything else."""
    try:
        return cast(T, _read(kind, document))
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"This is no {kind.__name__}: {error!r}") from error


def _as_text(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"No JSON for {type(value).__name__}")


@cache
def _fields(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


@cache
def _optional(kind: type) -> frozenset[str]:
    missing = dataclasses.MISSING
    return frozenset(
        one.name
        for one in dataclasses.fields(kind)
        if one.default is not missing or one.default_factory is not missing
    )


def _read(kind: Any, value: Any) -> Any:
    """Turn plain JSON into a value of the declared type."""
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _fields(kind)
        # What an earlier release did not write yet has a default; nothing else may be missing, and nothing more be there.
        if unfit := (hints.keys() - _optional(kind) - value.keys()) | (value.keys() - hints.keys()):
            raise KeyError(*sorted(unfit))
        return kind(**{name: _read(hint, value[name]) for name, hint in hints.items() if name in value})
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _read(inner[0], value)
    if origin is tuple:
        each = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_read(one, part) for one, part in zip(each, value, strict=True))
    if origin is dict:
        return {inner[0](key): part for key, part in value.items()}
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, Enum | Decimal):
        return kind(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value
