"""Answers of the pure rules: allowed or not, and why.

A rule answers with codes and parameters, never with sentences: the same answer is shown in three languages,
sent by the API, printed in a refusal list and counted. ``curriculum.reasons`` turns a code into its
sentence.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from curriculum.texts import LocalText

ReasonValue: TypeAlias = str | int | Decimal | date | LocalText


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code and the values its sentence needs, as sorted pairs so that reasons compare."""

    code: str
    values: tuple[tuple[str, ReasonValue], ...] = ()

    @classmethod
    def of(cls, code: str, **params: ReasonValue) -> "Reason":
        """Build a reason from keyword parameters."""
        return cls(str(code), tuple(sorted(params.items(), key=lambda pair: pair[0])))

    @property
    def params(self) -> dict[str, ReasonValue]:
        """The values by name."""
        return dict(self.values)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something is allowed; a refusal always says why."""

    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        """True when nothing stands in the way."""
        return not self.reasons
