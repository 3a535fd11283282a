"""Forms of a course's own staff: its directors, and the licences of its evaluators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from foundation.forms import DayField, Form, TextField
from foundation.i18n import lazy

Person = tuple[int, str]


class _PersonForm(Form):
    """A form that chooses one of the users it is offered."""

    user = SelectField(lazy("Name"), [InputRequired()], coerce=int)

    def offer(self, people: Sequence[Person]) -> None:
        """Offer users as (id, name)."""
        self.user.choices = [SelectChoice(key, name) for key, name in people]


class DirectorForm(_PersonForm):
    """Let a user direct the course."""

    def result(self) -> int:
        """Return the chosen user's id."""
        return int(self.user.data)


@dataclass(frozen=True)
class Licence:
    """A licence as typed; `ends_on` None: without end."""

    user_id: int
    starts_on: date
    ends_on: date | None
    reference: str | None


class LicenceForm(_PersonForm):
    """Record an evaluator's licence."""

    starts_on = DayField(lazy("From"), [InputRequired(lazy("Say from which day the licence counts."))])
    ends_on = DayField(lazy("Until"), [Optional()], description=lazy("Empty: without end."))
    reference = TextField(lazy("Reference"), [Length(max=120)], description=lazy("The paper it rests on."))

    def result(self) -> Licence:
        assert self.starts_on.data is not None  # InputRequired
        return Licence(int(self.user.data), self.starts_on.data, self.ends_on.data, self.reference.data)
