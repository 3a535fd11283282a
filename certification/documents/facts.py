"""Everything a certificate says, as plain data that can be frozen.

At issue these facts are stored as JSON beside the file they produced. A crash between two steps, or a question ten years later, is
answered by making the certificate again from them alone: no row, setting or translation that changed since can reach it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any, Self

from foundation.fonts import find_unprintable

TEMPLATE_VERSION = 1
"""Raise with every change of wording or layout that would give an older certificate another look."""

LANGUAGES = ("en", "ar", "fr")


class UnprintableFacts(ValueError):
    """Some characters cannot be printed; `found` maps the name of each field to its offending characters."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self.found = dict(found)
        listed = "; ".join(
            f"{name}: {' '.join(map(_describe, characters))}" for name, characters in found.items()
        )
        super().__init__(f"These characters cannot be printed on a certificate: {listed}")


class UnknownTemplate(ValueError):
    """The facts were frozen for a template version this program does not have."""


@dataclass(frozen=True)
class Host:
    """The issuing organisation as printed. `emblem` is SVG source; empty means the product's own emblem."""

    name_en: str
    name_ar: str = ""
    name_fr: str = ""
    short: str = ""
    emblem: str = ""

    def name_in(self, language: str) -> str:
        """Give the name in a language, or the English one."""
        return {"ar": self.name_ar, "fr": self.name_fr}.get(language) or self.name_en


@dataclass(frozen=True)
class Signatory:
    """Who signs. `strokes` is a drawn signature as SVG path data in a box 200 wide and 60 high; empty prints the name in italics."""

    name: str
    name_ar: str = ""
    function: Mapping[str, str] = field(default_factory=dict)
    strokes: str = ""


@dataclass(frozen=True)
class CertificateFacts:
    """One certificate version. Texts by language are mappings with the keys `en`, `ar`, `fr`; English stands in for a missing one.

    `languages` names the one or two languages printed, in order. `hours` and `sessions` are whole numbers. `verify_url` is
    what the QR code leads to; `qr_digits` an optional offline token that follows it (`certification.qr`). `statement` may
    add a sentence of the course's own, for example what the holder may now do.
    """

    number: str
    version: int
    code: str
    verify_url: str
    name_latin: str
    name_native: str | None
    native_language: str | None
    course_code: str
    course_title: Mapping[str, str]
    edition: str
    cohort_code: str
    hours: int
    sessions: int
    domain: Mapping[str, str]
    outcomes: tuple[Mapping[str, str], ...]
    held_from: date
    held_to: date
    venue: Mapping[str, str]
    country: Mapping[str, str]
    issued_on: date
    expires_on: date | None
    host: Host
    signatories: tuple[Signatory, ...]
    languages: tuple[str, ...]
    demonstration: bool
    statement: Mapping[str, str] = field(default_factory=dict)
    qr_digits: str = ""
    template_version: int = TEMPLATE_VERSION

    def __post_init__(self) -> None:
        if not 1 <= len(self.languages) <= 2 or not set(self.languages) <= set(LANGUAGES):
            raise ValueError("A certificate is printed in one or two of the languages en, ar, fr.")
        if len(set(self.languages)) != len(self.languages):
            raise ValueError("A certificate is not printed twice in one language.")
        if len(self.signatories) != 2:
            raise ValueError("A certificate carries two signatures.")

    def to_json(self) -> str:
        """Write the facts as JSON with sorted keys: equal facts give equal text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=_write_date)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote. Raises ValueError for unknown or missing fields."""
        data: dict[str, Any] = json.loads(text)
        unknown = data.keys() - {each.name for each in fields(cls)}
        if unknown:
            raise ValueError(f"Unknown facts: {', '.join(sorted(unknown))}")
        for name in ("held_from", "held_to", "issued_on", "expires_on"):
            data[name] = data[name] and date.fromisoformat(data[name])
        data["host"] = Host(**data["host"])
        data["signatories"] = tuple(Signatory(**each) for each in data["signatories"])
        data["outcomes"] = tuple(data["outcomes"])
        data["languages"] = tuple(data["languages"])
        return cls(**data)


def list_unprintable(facts: CertificateFacts) -> dict[str, str]:
    """List the fields of a certificate that hold characters its fonts cannot print, to be asked **before** issue.

    Field names as in `CertificateFacts`, with dots for what lies inside (`host.name_ar`, `outcomes.0.en`); the offending
    characters follow in the order of their code points. Empty means the certificate can be printed.
    """
    found = {}
    for name, text in _texts("", asdict(facts)):
        if name != "host.emblem" and (offending := find_unprintable(text)):
            found[name] = "".join(sorted(offending))
    return found


def _texts(name: str, value: object) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(name, value)]
    inner: list[tuple[object, object]] = []
    if isinstance(value, Mapping):
        inner = list(value.items())
    elif isinstance(value, list | tuple):
        inner = list(enumerate(value))
    return [text for key, each in inner for text in _texts(f"{name}.{key}".lstrip("."), each)]


def _describe(character: str) -> str:
    return f"{character} (U+{ord(character):04X})" if character.isprintable() else f"U+{ord(character):04X}"


def _write_date(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no plain fact")
