"""Text that data carries in every language of the house.

Sentences of the program go through gettext; titles and checklist items belong to an edition, are frozen
with it and travel with their own translations. Declined: a translation table keyed by English text, because
two items with the same English wording may need two different Arabic ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "ar", "fr")


@dataclass(frozen=True, slots=True)
class LocalText:
    """One text in English, Arabic and French."""

    en: str
    ar: str
    fr: str

    @classmethod
    def from_mapping(cls, texts: Mapping[str, str]) -> "LocalText":
        """Build from ``{"en": …, "ar": …, "fr": …}``; raise ``KeyError`` for a missing language."""
        return cls(en=texts["en"], ar=texts["ar"], fr=texts["fr"])

    def in_language(self, language: str) -> str:
        """Return the text in ``language`` (``ar``, ``fr``; any other tag answers English)."""
        base = language.replace("_", "-").split("-")[0].lower()
        return {"ar": self.ar, "fr": self.fr}.get(base, self.en)

    def as_mapping(self) -> dict[str, str]:
        """Return ``{"en": …, "ar": …, "fr": …}`` for storing."""
        return {"en": self.en, "ar": self.ar, "fr": self.fr}
