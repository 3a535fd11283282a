"""The form of a gate: one decision with what it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import RadioField
from wtforms.validators import InputRequired, Length, Optional

from curriculum import labels
from curriculum.models import Gate, GateKind, GateState
from foundation.forms import DayField, Form, LinesField
from foundation.i18n import lazy


@dataclass(frozen=True)
class Decision:
    """A decision as typed."""

    decision: GateState
    reason: str | None
    limits: str | None
    valid_until: date | None


class GateForm(Form):
    """How a gate is decided. What a decision needs besides is said under each field and checked by the service."""

    decision = RadioField(lazy("Decision"), [InputRequired()])
    reason = LinesField(lazy("Reason"), [Length(max=2000)])
    limits = LinesField(lazy("Limits"), [Length(max=500)])
    valid_until = DayField(lazy("Counts until"), [Optional()])

    def __init__(self, *args: Any, decisions: Sequence[GateState], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision.choices = [(state.value, labels.word(state)) for state in decisions]

    @classmethod
    def of_gate(cls, gate: Gate, decisions: Sequence[GateState]) -> "GateForm":
        """Return the form as the gate stands; a medical reason is never put into it."""
        return cls(
            decisions=decisions,
            data={
                "decision": gate.state.value if gate.state is not GateState.OPEN else None,
                "reason": gate.reason if gate.kind is not GateKind.MEDICAL else None,
                "limits": gate.limits,
                "valid_until": gate.valid_until,
            },
        )

    def result(self) -> Decision:
        """Return the decision as typed."""
        return Decision(
            GateState(self.decision.data), self.reason.data, self.limits.data, self.valid_until.data
        )
