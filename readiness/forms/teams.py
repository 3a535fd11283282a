"""What is typed about a team: its names and standard, first and last days, exercises and evidence."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from wtforms import BooleanField, DecimalField, IntegerField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from accounts.forms.fields import WordField, agency_choices, name_field, show_texts, texts_of
from accounts.models import Agency
from foundation import clock
from foundation.forms import DayField, Form, LinesField, TextField, choices_of, past_day
from foundation.i18n import _, lazy, text_in
from readiness.labels import EXERCISES
from readiness.models import EvidenceState, StandardEdition, Team
from readiness.services.assessing import MOST_HOLD_DAYS
from readiness.services.records import EvidenceValues, ExerciseValues
from readiness.services.teams import TeamValues
from readiness.standards.data import ExerciseKind

_STATES = {
    EvidenceState.MET: lazy("Met"),
    EvidenceState.NOT_MET: lazy("Not met"),
    EvidenceState.NOT_APPLICABLE: lazy("Does not apply"),
}


class EditTeamForm(Form):
    """All of a team but its code, agency and first day."""

    names_en = name_field(lazy("Name in English"), InputRequired(lazy("Type the English name.")))
    names_ar = name_field(lazy("Name in Arabic"))
    names_fr = name_field(lazy("Name in French"))
    edition_id = SelectField(
        lazy("Measured against"),
        [InputRequired(lazy("Choose a standard."))],
        coerce=str,
        description=lazy("Another standard can be asked for at any time; this one is shown first."),
    )

    def offer(self, editions: Iterable[StandardEdition]) -> None:
        """Give the standards to choose from."""
        pairs = [(str(one.id), f"{text_in(one.titles)} · {one.label}") for one in editions]
        self.edition_id.choices = choices_of([("", str(_("Choose a standard"))), *pairs])

    def show(self, team: Team) -> None:
        """Fill in what is stored."""
        show_texts(self, "names", team.names)
        self.edition_id.data = str(team.edition_id)

    def result(self) -> TeamValues:
        return TeamValues(names=texts_of(self, "names"), edition_id=int(self.edition_id.data))


class NewTeamForm(EditTeamForm):
    """A team with the code it keeps, its agency, and the day it was formed."""

    code = TextField(
        lazy("Code"),
        [
            InputRequired(lazy("Give the team a short code.")),
            Regexp(
                r"^[A-Za-z][A-Za-z0-9-]{1,29}\Z",
                message=lazy("Use 2 to 30 letters, digits or hyphens, a letter first."),
            ),
        ],
        description=lazy("It stands in lists and reports and is not changed later, for example CPD-MCM."),
    )
    agency = SelectField(lazy("Agency"), [InputRequired(lazy("Choose the agency."))], coerce=str)
    formed_on = DayField(lazy("Formed on"), [InputRequired(lazy("Type the day.")), past_day])

    def offer_agencies(self, agencies: Iterable[Agency]) -> None:
        """Give the agencies to choose from; one alone is chosen."""
        pairs = agency_choices(agencies)
        self.agency.choices = choices_of(pairs if len(pairs) == 1 else [("", _("Choose an agency")), *pairs])

    def result_day(self) -> date:
        """Return the day the team was formed."""
        assert self.formed_on.data is not None
        return self.formed_on.data


class ClosingForm(Form):
    """A team's last day, and why."""

    on = DayField(lazy("Last day"), [InputRequired(lazy("Type the last day.")), past_day])
    reason = LinesField(lazy("Reason"), [InputRequired(lazy("Say why.")), Length(max=500)])

    def result(self) -> tuple[date, str]:
        assert self.on.data is not None and self.reason.data is not None
        return self.on.data, self.reason.data


class FirstDayForm(Form):
    """From which day on people or items are in a team."""

    starts_on = DayField(lazy("From"), [InputRequired(lazy("Type the first day."))])

    def result(self) -> date:
        assert self.starts_on.data is not None
        return self.starts_on.data


class LastDayForm(Form):
    """Until which day people or items are in a team."""

    on = DayField(lazy("Last day"), [InputRequired(lazy("Type the last day."))])

    def result(self) -> date:
        assert self.on.data is not None
        return self.on.data


class ExerciseForm(Form):
    """An exercise that was held."""

    kind = WordField(lazy("Kind"), EXERCISES)
    held_on = DayField(lazy("Held on"), [InputRequired(lazy("Type the day.")), past_day])
    hours = DecimalField(
        lazy("Hours"),
        [
            InputRequired(lazy("Type the hours as a number.")),
            NumberRange(Decimal("0.5"), Decimal(999), lazy("Type a number from 0.5 to 999.")),
        ],
        places=1,
    )
    accepted = BooleanField(
        lazy("Accepted"),
        description=lazy("Whoever evaluated it says that it was held in full. Only then does it count."),
    )
    note = LinesField(lazy("Note"), [Optional(), Length(max=2000)])

    def result(self) -> ExerciseValues:
        assert self.held_on.data is not None and self.hours.data is not None
        return ExerciseValues(
            kind=self.kind.word(ExerciseKind),
            held_on=self.held_on.data,
            hours=self.hours.data.quantize(Decimal("0.1")),
            accepted=self.accepted.data,
            note=self.note.data,
        )


class WithdrawalForm(Form):
    """Why an exercise is withdrawn."""

    reason = LinesField(lazy("Reason"), [InputRequired(lazy("Say why.")), Length(max=500)])

    def result(self) -> str:
        return self.reason.data or ""


class EvidenceForm(Form):
    """What was shown for one line of the checklist."""

    code = SelectField(
        lazy("Line of the checklist"), [InputRequired(lazy("Choose a line of the checklist."))], coerce=str
    )
    state = WordField(lazy("What it shows"), _STATES)
    dated_on = DayField(lazy("Dated"), [InputRequired(lazy("Type the day.")), past_day])
    valid_until = DayField(
        lazy("Valid until"),
        [Optional()],
        description=lazy("The last day on which it counts. Leave it empty when it does not run out."),
    )
    note = LinesField(lazy("Which paper, where it is kept"), [Optional(), Length(max=500)])

    def offer(self, lines: Iterable[tuple[str, dict[str, str]]]) -> None:
        """Give the lines to choose from."""
        self.code.choices = choices_of(
            [("", str(_("Choose a line"))), *((code, f"{code} · {text_in(names)}") for code, names in lines)]
        )

    def result(self) -> EvidenceValues:
        assert self.dated_on.data is not None
        return EvidenceValues(
            code=self.code.data,
            state=self.state.word(EvidenceState),
            dated_on=self.dated_on.data,
            valid_until=self.valid_until.data,
            note=self.note.data,
        )


class AssessmentForm(Form):
    """Which standard, which day and for how long: asked for in the address, and again when the figures are frozen."""

    standard = SelectField(lazy("Standard"), coerce=str)
    on = DayField(lazy("As of"), [Optional()])
    hold_days = IntegerField(
        lazy("Days of deployment"),
        [Optional(), NumberRange(0, MOST_HOLD_DAYS, lazy("Type a number from 0 to 365."))],
    )

    def offer(self, editions: Iterable[StandardEdition]) -> None:
        """Give the standards to choose from."""
        self.standard.choices = choices_of(
            [(one.standard.code, f"{text_in(one.titles)} · {one.label}") for one in editions]
        )

    @staticmethod
    def default(team: Team) -> tuple[str, date, int]:
        """Return what is shown when nothing is asked for: the team's own standard, today, the day itself."""
        return team.edition.standard.code, _last_day(team), 0

    def fill(self, code: str, on: date, hold_days: int) -> None:
        """Show what is answered; what was typed wrongly stays to be corrected."""
        for field, value in ((self.standard, code), (self.on, on), (self.hold_days, hold_days)):
            if not field.errors:
                field.data = value

    def result(self, team: Team) -> tuple[str, date, int]:
        """Return the standard's code, the day (today when none was asked for) and the days of deployment."""
        code = self.standard.data or team.edition.standard.code
        return code, self.on.data or _last_day(team), self.hold_days.data or 0


def _last_day(team: Team) -> date:
    today = clock.today()
    return min(today, team.closed_on) if team.closed_on is not None else today
