"""Forms of approval and of acts against a certificate."""

from dataclasses import dataclass

from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired, Length

from certification.labels import ACTION
from certification.models import ApprovalKind, CertificateActionKind
from foundation.forms import Form, LinesField, choices_of
from foundation.i18n import lazy


class ApprovalForm(Form):
    """Approve exactly the list that was shown."""

    kind = HiddenField(validators=[InputRequired()])
    digest = HiddenField(validators=[InputRequired(), Length(max=64)])

    def result(self) -> tuple[ApprovalKind, str]:
        """Return in which capacity is approved, and the digest of the list that was shown."""
        return ApprovalKind(self.kind.data), str(self.digest.data)

    def validate_kind(self, field: HiddenField) -> None:
        ApprovalKind(field.data)


@dataclass(frozen=True)
class Proposal:
    """What is proposed, and why."""

    kind: CertificateActionKind
    reason: str | None


class ProposalForm(Form):
    """Propose to suspend, lift or revoke."""

    kind = RadioField(
        lazy("What do you propose?"), validators=[InputRequired(lazy("Choose what you propose."))]
    )
    reason = LinesField(
        lazy("Reason"),
        [
            InputRequired(lazy("Give the reason in a sentence: it stays with the certificate.")),
            Length(max=2000),
        ],
        description=lazy("Seen by those who decide and by auditors, not by the public."),
    )

    def offer(self, kinds: list[CertificateActionKind]) -> None:
        """Offer only the acts that would change something."""
        self.kind.choices = [(kind.value, ACTION[kind]) for kind in kinds]

    def result(self) -> Proposal:
        return Proposal(CertificateActionKind(self.kind.data), self.reason.data)


class DecisionForm(Form):
    """Approve or decline a proposal."""

    decision = RadioField(
        lazy("Your decision"),
        choices=choices_of([("approve", lazy("Approve")), ("decline", lazy("Decline"))]),
        validators=[InputRequired(lazy("Choose approve or decline."))],
    )
    note = LinesField(lazy("Note"), [Length(max=2000)], description=lazy("Needed when you decline."))

    def result(self) -> tuple[bool, str | None]:
        """Return whether the proposal is approved, and the note."""
        return self.decision.data == "approve", self.note.data
