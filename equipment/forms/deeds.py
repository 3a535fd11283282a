"""The forms of a deed: its terms, what stands on it, and both signatures with what was counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from markupsafe import Markup
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from accounts.forms.fields import WordField
from curriculum.models import Cohort
from equipment import labels
from equipment.ledger import Condition
from equipment.models import Deed, DeedKind, DeedLine
from equipment.services.deeds import Count, Signature, Terms
from equipment.strokes import LONGEST_TEXT, EmptyStrokes, Strokes, UnreadableStrokes, read_strokes
from foundation.fonts import find_unprintable
from foundation.forms import DayField, Form, LinesField, PlainText, TextField, choices_of
from foundation.i18n import LANGUAGE_NAMES, _, lazy

MOST_COUNT = 10_000_000
LONGEST_REASON = 500


class TermsForm(Form):
    """Under what conditions things change hands."""

    cohort = SelectField(lazy("In connection with cohort"))
    purpose = LinesField(
        lazy("Purpose"), [InputRequired(lazy("Say what the equipment is for.")), Length(max=500)]
    )
    use = LinesField(lazy("What it may be used for"), [Length(max=500)])
    retransfer_allowed = BooleanField(lazy("It may be passed on to others under the same terms"))
    inspection_right = BooleanField(lazy("The giver may inspect it after giving notice"), default=True)
    return_due_on = DayField(lazy("To be returned by"), [Optional()])
    language = SelectField(lazy("Language of the deed on the screen"), choices=choices_of(LANGUAGE_NAMES))

    def __init__(self, *args: Any, cohorts: Iterable[Cohort], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nothing = ("", _("none"))
        self.cohort.choices = choices_of([nothing, *((str(one.id), one.code) for one in cohorts)])

    @property
    def cohort_id(self) -> int | None:
        return int(self.cohort.data) if self.cohort.data else None

    def terms(self) -> Terms:
        """Return the conditions as they were typed."""
        return Terms(
            purpose=self.purpose.data or "",
            use=self.use.data,
            retransfer_allowed=self.retransfer_allowed.data,
            inspection_right=self.inspection_right.data,
            return_due_on=self.return_due_on.data,
            language=self.language.data,
        )


class DeedForm(TermsForm):
    """A new deed: which way, with whom, on which terms."""

    kind = WordField(lazy("Kind"), labels.DEED_KIND)
    agency = SelectField(lazy("Agency"), [InputRequired(lazy("Choose the agency."))])

    def __init__(self, *args: Any, agencies: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agency.choices = choices_of([("", _("Choose an agency")), *agencies])

    @property
    def agency_id(self) -> int:
        return int(self.agency.data)

    @property
    def deed_kind(self) -> DeedKind:
        kind: DeedKind = self.kind.word(DeedKind)
        return kind


class StrokesField(HiddenField):
    """The strokes of a signature pad, kept as they were drawn when the form is shown again."""

    data: str | None
    strokes: Strokes = ()

    def pre_validate(self, form: Any) -> None:
        try:
            self.strokes = read_strokes(self.data)
        except EmptyStrokes:
            raise ValidationError(_("Sign in the field with a pen, a finger or the mouse.")) from None
        except UnreadableStrokes:
            self.data = ""
            raise ValidationError(
                _("The signature could not be read. Clear the field and sign again.")
            ) from None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist and len(valuelist[0]) <= LONGEST_TEXT else ""


class Printable:
    """Refuse what the deed could not print: letters that none of its faces has."""

    def __call__(self, form: Any, field: Any) -> None:
        if unprintable := find_unprintable(field.data or ""):
            raise ValidationError(
                _(
                    "The deed cannot print these characters: %(characters)s",
                    characters=" ".join(sorted(unprintable)),
                )
            )


def _signatory(label: Any) -> TextField:
    return TextField(
        label, [InputRequired(lazy("Type the name of whoever signs.")), Length(max=120), Printable()]
    )


def _title(label: Any) -> TextField:
    return TextField(label, [Length(max=120), Printable()])


@dataclass
class CountedLine:
    """One line of a deed as it is counted on the screen: what was typed, kept as typed, and what is wrong with it."""

    line: DeedLine
    outcome: str = "accepted"
    accepted: str = ""
    refused: str = "0"
    missing: str = "0"
    reason: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"line-{self.line.id}"

    @property
    def is_item(self) -> bool:
        return self.line.item_id is not None

    def read(self, posted: Mapping[str, str]) -> None:
        """Take over what was sent; what was not sent stays as it is."""
        for name in ("outcome", "accepted", "refused", "missing", "reason"):
            setattr(self, name, posted.get(f"{self.anchor}-{name}", getattr(self, name)).strip())

    def count(self, *, is_return: bool) -> Count | None:
        """Return the count, or None after noting what is wrong with it."""
        self.errors = []
        numbers = self._numbers(is_return=is_return)
        if numbers is None:
            return None
        accepted, refused, missing = numbers
        reason = " ".join(self.reason.split())
        self._check_reason(reason, needed=accepted < self.line.quantity or self.outcome == "damaged")
        if accepted + refused + missing != self.line.quantity:
            self.errors.append(
                _(
                    "Accepted, refused and missing must add up to %(issued)s, not to %(counted)s.",
                    issued=self.line.quantity,
                    counted=accepted + refused + missing,
                )
            )
        if self.errors:
            return None
        is_damaged = self.outcome == "damaged" and self.is_item
        return Count(
            line_id=self.line.id,
            accepted=accepted,
            refused=refused,
            missing=missing,
            reason=reason or None,
            condition=Condition.UNSERVICEABLE if is_damaged else None,
        )

    def _numbers(self, *, is_return: bool) -> tuple[int, int, int] | None:
        if self.is_item:
            taken = ("accepted", "damaged") if is_return else ("accepted",)
            if self.outcome not in (*taken, "refused", "missing"):
                self.errors.append(_("Choose what became of it."))
                return None
            return int(self.outcome in taken), int(self.outcome == "refused"), int(self.outcome == "missing")
        numbers = [_whole(text) for text in (self.accepted, self.refused, self.missing)]
        accepted, refused, missing = numbers
        if accepted is None or refused is None or missing is None:
            self.errors.append(_("Type whole numbers, none below zero."))
            return None
        return accepted, refused, missing

    def _check_reason(self, reason: str, *, needed: bool) -> None:
        if needed and not reason:
            self.errors.append(_("Say in a few words why."))
        if len(reason) > LONGEST_REASON:
            self.errors.append(_("Use at most %(most)s letters.", most=LONGEST_REASON))
        try:
            PlainText()(None, _Text(reason))
            Printable()(None, _Text(reason))
        except ValidationError as error:
            self.errors.append(str(error))


@dataclass(frozen=True)
class _Text:
    data: str


def _whole(text: str) -> int | None:
    """Return a whole number, in the digits of any script; None for anything else."""
    if not text.isdecimal() or len(text) > 9:
        return None
    return min(int(text), MOST_COUNT)


class SigningForm(Form):
    """Both signatures on one screen, with what was counted; bound to the content that was shown."""

    content_hash = HiddenField()
    giver_name = _signatory(lazy("Name"))
    giver_title = _title(lazy("Function"))
    giver_strokes = StrokesField(lazy("Signature of the giver"))
    receiver_name = _signatory(lazy("Name"))
    receiver_title = _title(lazy("Function"))
    receiver_strokes = StrokesField(lazy("Signature of the receiver"))

    def __init__(self, deed: Deed, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_return = deed.kind is DeedKind.RETURN
        self.lines = [CountedLine(line, accepted=str(line.quantity)) for line in deed.lines]
        self.counts: list[Count] = []
        if self.is_submitted():
            for line in self.lines:
                line.read(request.form)

    def validate(self, extra_validators: Any = None) -> bool:
        fields_are_fine = super().validate(extra_validators)
        counts = [line.count(is_return=self.is_return) for line in self.lines]
        self.counts = [count for count in counts if count is not None]
        for line in self.lines:
            for message in line.errors:
                self.form_errors.append(
                    Markup('<a href="#{}">{}</a>').format(
                        line.anchor, _("Line %(line)s: %(what)s", line=line.line.position, what=message)
                    )
                )
        return fields_are_fine and len(self.counts) == len(self.lines)

    def giver(self) -> Signature:
        """Return the giver's signature."""
        return Signature(self.giver_name.data or "", self.giver_title.data, self.giver_strokes.strokes)

    def receiver(self) -> Signature:
        """Return the receiver's signature."""
        return Signature(
            self.receiver_name.data or "", self.receiver_title.data, self.receiver_strokes.strokes
        )


class IssueForm(Form):
    """Nothing but the button: what it freezes is said on the page."""


class VoidForm(Form):
    """Why a deed is made void."""

    reason = LinesField(
        lazy("Reason"), [InputRequired(lazy("Say why the deed is made void.")), Length(max=1000)]
    )
