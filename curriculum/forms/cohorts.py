"""The forms of a cohort: its plan, its timetable, its next state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from wtforms import FieldList, FormField, IntegerField, SelectField, SelectMultipleField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from accounts.forms.fields import CountryField
from accounts.labels import language_name
from curriculum.models import Cohort
from curriculum.services.cohorts import CohortPlan
from foundation.forms import DayField, Form, LinesField, TextField
from foundation.i18n import language, lazy, text_in

# The languages in which partner personnel are taught most; a cohort's other languages are added here.
TEACHING_LANGUAGES = ("ar", "en", "fr", "es", "pt", "ru", "tr", "fa", "ur", "id", "zh")
MOST_SEATS = 500


def weekday_choices() -> list[tuple[int, str]]:
    """Return (weekday, its name), 0 is Monday."""
    names = Locale.parse(language()).days["stand-alone"]["wide"]
    return [(day, str(names[day])) for day in range(7)]


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    places = [
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    ]
    return ("UTC", *sorted(places))


class ChecksField(SelectMultipleField):
    """Several choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


@dataclass(frozen=True)
class NewCohort:
    """What the form of a new cohort says."""

    edition_id: int
    number: int | None
    starts_on: date
    rest_days: frozenset[int]
    plan: CohortPlan


class PlanForm(Form):
    """Seats, place, languages and the last day of nomination."""

    seats = IntegerField(lazy("Seats"), [InputRequired(), NumberRange(1, MOST_SEATS)])
    nominations_close_on = DayField(lazy("Nominations close on"), [Optional()])
    venue_en = TextField(lazy("Place, in English"), [DataRequired(), Length(max=200)])
    venue_ar = TextField(lazy("Place, in Arabic"), [Length(max=200)])
    venue_fr = TextField(lazy("Place, in French"), [Length(max=200)])
    country = CountryField(lazy("Country"), [InputRequired()])
    time_zone = SelectField(lazy("Time zone"), [InputRequired()])
    languages = ChecksField(lazy("Taught in"), [DataRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.time_zone.choices = [(zone, zone.replace("_", " ")) for zone in _zones()]
        self.languages.choices = [(code, language_name(code)) for code in TEACHING_LANGUAGES]

    @classmethod
    def of_cohort(cls, cohort: Cohort) -> "PlanForm":
        """Return the form filled with a cohort's plan."""
        return cls(
            data={
                "seats": cohort.seats,
                "nominations_close_on": cohort.nominations_close_on,
                **{f"venue_{code}": cohort.venue.get(code) for code in ("en", "ar", "fr")},
                "country": cohort.country,
                "time_zone": cohort.time_zone,
                "languages": cohort.languages,
            }
        )

    def plan(self) -> CohortPlan:
        """Return the plan as typed."""
        assert self.seats.data is not None
        venue = {code: self[f"venue_{code}"].data for code in ("en", "ar", "fr")}
        return CohortPlan(
            seats=self.seats.data,
            venue={code: text for code, text in venue.items() if text},
            country=str(self.country.data),
            languages=tuple(self.languages.data or ()),
            time_zone=str(self.time_zone.data),
            nominations_close_on=self.nominations_close_on.data,
        )


class CohortForm(PlanForm):
    """A new cohort."""

    edition = SelectField(lazy("Edition"), [InputRequired()], coerce=int)
    number = IntegerField(lazy("Number"), [Optional(), NumberRange(1, 9999)])
    starts_on = DayField(lazy("First day"), [DataRequired()])
    rest_days = ChecksField(lazy("Days without sessions"), coerce=int)

    def __init__(
        self, *args: Any, editions: Sequence[tuple[int, str, str, dict[str, str]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.edition.choices = [
            (edition_id, f"{code} · {number} · {text_in(titles)}")
            for edition_id, code, number, titles in editions
        ]
        self.rest_days.choices = weekday_choices()

    def result(self) -> NewCohort:
        """Return the new cohort as typed."""
        assert self.starts_on.data is not None
        return NewCohort(
            edition_id=int(self.edition.data),
            number=self.number.data,
            starts_on=self.starts_on.data,
            rest_days=frozenset(self.rest_days.data or ()),
            plan=self.plan(),
        )


class SessionForm(PlainForm):
    """The day of one session."""

    on = DayField(lazy("Day"), [DataRequired()])
    half = SelectField(
        lazy("Half"), choices=[SelectChoice("am", lazy("Morning")), SelectChoice("pm", lazy("Afternoon"))]
    )


class TimetableForm(Form):
    """The days of all sessions of a cohort, in their order."""

    sessions = FieldList(FormField(SessionForm))

    @classmethod
    def of_cohort(cls, cohort: Cohort) -> "TimetableForm":
        """Return the form with one line a session; its number is fixed by the cohort, not by what is posted."""
        planned = [{"on": one.on, "half": one.half} for one in cohort.sessions]
        form = cls(data={"sessions": planned})
        while len(form.sessions.entries) > len(planned):
            form.sessions.pop_entry()
        for missing in planned[len(form.sessions.entries) :]:
            form.sessions.append_entry(missing)
        for line, session in zip(form.sessions.entries, cohort.sessions, strict=False):
            for field in (line.form.on, line.form.half):
                field.label.text = f"{session.position} · {text_in(session.titles)} · {field.label.text}"
        return form

    def result(self, cohort: Cohort) -> dict[int, tuple[date, str]]:
        """Return {session id: (day, half)}."""
        lines = zip(cohort.sessions, self.sessions.entries, strict=False)
        return {session.id: (line.form.on.data, line.form.half.data) for session, line in lines}


class MoveForm(Form):
    """The next state of a cohort; a reason when it is opened again."""

    reason = LinesField(lazy("Reason"), [Length(max=500)])
