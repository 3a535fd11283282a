"""What instructors type besides marks: a signature with its note, a decision with its reason, a day's attendance."""

from decimal import Decimal, InvalidOperation

from wtforms import RadioField
from wtforms.validators import InputRequired, Length

from foundation.errors import DomainError
from foundation.forms import Form, LinesField
from foundation.i18n import _, lazy


class Unreadable(DomainError):
    """What a device sent is no entry at all (HTTP 400): a fault of the program, not of the person."""

    status = 400


NOTE_LENGTH = 2000
REASON_LENGTH = 300


class SignForm(Form):
    """The evaluator's note to the trainee; needed when the attempt does not pass."""

    note = LinesField(
        lazy("Note to the trainee"),
        [Length(max=NOTE_LENGTH)],
        description=lazy("What was seen, and what to practise. Needed when the attempt does not pass."),
    )


class BulkSignForm(Form):
    """Nothing but the confirmation; the sheets are chosen by their ids."""


class DecideForm(Form):
    """Which of the evaluators' values stands, and why. An empty value stands for "no mark"."""

    value = RadioField(lazy("Which value stands?"), [InputRequired(lazy("Choose a value."))])
    reason = LinesField(
        lazy("Reason"), [InputRequired(lazy("Say why this value stands.")), Length(max=REASON_LENGTH)]
    )


def read_mark(text: str | None) -> Decimal | None:
    """Return a typed mark as a number, a comma read as the decimal point; empty means no mark.

    Raises ValueError with a sentence for people.
    """
    cleaned = (text or "").strip().replace(",", ".").replace("٫", ".")
    if not cleaned:
        return None
    try:
        value = Decimal(cleaned)
    except InvalidOperation as exc:
        raise ValueError(_("Type a number, for example 72.5.")) from exc
    if not value.is_finite() or abs(value) >= 1_000_000 or value != round(value, 2):
        raise ValueError(_("Type a number with two decimals at most."))
    return value
