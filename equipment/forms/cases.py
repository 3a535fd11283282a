"""The forms of damage and loss, and of inspections."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from accounts.forms.fields import WordField
from equipment import labels
from equipment.ledger import Condition
from equipment.models import CaseKind, CaseOutcome, InspectionResult, Item
from equipment.services.cases import LEAST_WORDS, MOST_PHOTO_BYTES, MOST_PHOTOS, Decision, Report
from equipment.services.inspections import Finding
from foundation.forms import DayField, Form, LinesField, TextField, past_day
from foundation.i18n import _, lazy

_CONDITIONS = {key: word for key, (word, _tone) in labels.CONDITION.items()}


class ReportForm(Form):
    """What happened to an item."""

    tag = TextField(
        lazy("Tag or serial number"),
        [InputRequired(lazy("Type or scan the tag on the item.")), Length(max=80)],
    )
    kind = WordField(lazy("What happened"), labels.CASE_KIND)
    found_on = DayField(lazy("Found on"), [InputRequired(lazy("Type the day.")), past_day])
    circumstances = LinesField(
        lazy("How it came about"),
        [
            InputRequired(lazy("Say in a sentence how it came about.")),
            Length(min=LEAST_WORDS, max=4000, message=lazy("Say in a sentence how it came about.")),
        ],
    )
    photos = MultipleFileField(
        lazy("Photos"), description=lazy("JPEG or PNG, up to 8 MB each and 20 MB together.")
    )

    def validate_photos(self, field: MultipleFileField) -> None:
        """Refuse too many photos before their bytes are read."""
        if len(self._sent()) > MOST_PHOTOS:
            raise ValidationError(_("Give at most %(most)s photos.", most=MOST_PHOTOS))

    def _sent(self) -> list[Any]:
        return [one for one in self.photos.data or [] if getattr(one, "filename", "")]

    def result(self) -> Report:
        assert self.found_on.data is not None
        return Report(
            kind=self.kind.word(CaseKind),
            found_on=self.found_on.data,
            circumstances=self.circumstances.data or "",
            photos=tuple(one.read(MOST_PHOTO_BYTES + 1) for one in self._sent()),
        )


class DecisionForm(Form):
    """How a case ends."""

    outcome = WordField(lazy("Decision"), labels.CASE_OUTCOME)
    condition = WordField(
        lazy("Condition from now on"),
        _CONDITIONS,
        empty=lazy("does not come back"),
        description=lazy("Needed for an item that was repaired or found."),
    )
    closed_on = DayField(lazy("Decided on"), [Optional(), past_day])
    note = LinesField(
        lazy("Reason"),
        [
            InputRequired(lazy("Give the reason in a sentence: it stays with the case.")),
            Length(
                min=LEAST_WORDS,
                max=4000,
                message=lazy("Give the reason in a sentence: it stays with the case."),
            ),
        ],
    )

    def result(self) -> Decision:
        return Decision(
            outcome=self.outcome.word(CaseOutcome),
            note=self.note.data or "",
            condition=self.condition.word(Condition),
            closed_on=self.closed_on.data,
        )


class InspectionForm(Form):
    """One check of several items, with one result."""

    done_on = DayField(lazy("Inspected on"), [InputRequired(lazy("Type the day.")), past_day])
    result_word = WordField(lazy("Result"), {key: word for key, (word, _t) in labels.INSPECTION.items()})
    condition = WordField(lazy("Condition"), _CONDITIONS, default="B")
    limits = LinesField(
        lazy("Limits"),
        [Length(max=1000)],
        description=lazy("What it may not be used for. Needed for a pass with limits."),
    )
    note = LinesField(lazy("Note"), [Length(max=1000)])

    def validate_limits(self, field: LinesField) -> None:
        """Ask for the limits of a pass with limits."""
        if self.result_word.data == InspectionResult.LIMITED and not field.data:
            raise ValidationError(_("Say what the limits are."))

    def findings(self, items: Sequence[Item]) -> list[Finding]:
        """Return the same finding for each item."""
        return [
            Finding(
                item=item,
                result=self.result_word.word(InspectionResult),
                condition=self.condition.word(Condition),
                limits=self.limits.data,
                note=self.note.data,
            )
            for item in items
        ]

    @property
    def day(self) -> date:
        assert self.done_on.data is not None
        return self.done_on.data
