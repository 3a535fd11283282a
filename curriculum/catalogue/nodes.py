"""Strict reading of JSON with errors that name the file and the place.

A course file is written by people, reviewed by people and frozen for years; a typing mistake in it must be
found when the file is read, not when the fortieth trainee is judged. Declined: a schema library, since six
small readers say all that these files need and give better messages.
"""

import json
from collections.abc import Iterator, Set
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from curriculum.texts import LANGUAGES, LocalText

Choice = TypeVar("Choice", bound=StrEnum)


class CatalogueError(ValueError):
    """A course file breaks its own rules. The message reads ``file: place: what is wrong``."""

    def __init__(self, file: str, place: str, problem: str) -> None:
        super().__init__(f"{file}: {place or 'top'}: {problem}")
        self.file, self.place, self.problem = file, place, problem


class Node:
    """One value of a JSON document that knows where it stands."""

    def __init__(self, value: Any, *, file: str, place: str = "") -> None:
        self.value, self.file, self.place = value, file, place

    @classmethod
    def read(cls, path: Path) -> "Node":
        """Read a file as UTF-8 JSON; numbers with a point become ``Decimal``, a repeated key is an error."""

        def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            keys = [key for key, _ in pairs]
            repeated = {key for key in keys if keys.count(key) > 1}
            if repeated:
                raise CatalogueError(path.name, "", f"repeated key {sorted(repeated)}")
            return dict(pairs)

        try:
            text = path.read_text(encoding="utf-8")
            return cls(json.loads(text, parse_float=Decimal, object_pairs_hook=unique), file=path.name)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise CatalogueError(path.name, "", f"not JSON in UTF-8: {error}") from error

    def fail(self, problem: str) -> CatalogueError:
        """Return the error for this place; the caller raises it."""
        return CatalogueError(self.file, self.place, problem)

    def has(self, key: str) -> bool:
        """Tell whether an object has a key with a value other than null."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def only(self, required: Set[str], optional: Set[str] = frozenset()) -> "Node":
        """Demand an object with all ``required`` keys and none that is not named; return self."""
        if not isinstance(self.value, dict):
            raise self.fail("should be an object")
        if missing := required - self.value.keys():
            raise self.fail(f"lacks {', '.join(sorted(missing))}")
        if unknown := self.value.keys() - required - optional:
            raise self.fail(f"has unknown {', '.join(sorted(unknown))}")
        return self

    def __getitem__(self, key: str) -> "Node":
        if not isinstance(self.value, dict) or key not in self.value:
            raise self.fail(f"lacks {key}")
        return Node(self.value[key], file=self.file, place=f"{self.place}.{key}".lstrip("."))

    def each(self) -> Iterator["Node"]:
        """Yield the members of a list that is not empty."""
        if not isinstance(self.value, list) or not self.value:
            raise self.fail("should be a list with at least one member")
        for position, member in enumerate(self.value):
            yield Node(member, file=self.file, place=f"{self.place}[{position}]")

    def text(self) -> str:
        """Return a trimmed text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip() or self.value != self.value.strip():
            raise self.fail("should be a text, not empty, without spaces at its ends")
        return self.value

    def local(self) -> LocalText:
        """Return a text in all languages."""
        self.only(frozenset(LANGUAGES))
        return LocalText(**{language: self[language].text() for language in LANGUAGES})

    def integer(self, least: int, most: int) -> int:
        """Return a whole number within inclusive limits."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.fail(f"should be a whole number from {least} to {most}")
        return value

    def decimal(self, least: str, most: str) -> Decimal:
        """Return a decimal within inclusive limits, written in quotes (``"72.5"``)."""
        try:
            value = Decimal(self.value) if isinstance(self.value, str) else None
        except InvalidOperation:
            value = None
        if value is None or not value.is_finite() or not Decimal(least) <= value <= Decimal(most):
            raise self.fail(f"should be a decimal in quotes from {least} to {most}")
        return value

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.fail("should be true or false")
        return self.value

    def choice(self, choices: type[Choice]) -> Choice:
        """Return a member of an enumeration by its value."""
        if self.value not in [member.value for member in choices]:
            raise self.fail(f"should be one of {', '.join(member.value for member in choices)}")
        return choices(self.value)
