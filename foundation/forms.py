"""Forms: one base, one way to show a refusal beside its field, and nothing that was typed is lost."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateField, Field, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from foundation import clock
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _
from foundation.plain_text import is_plain


def tidy(value: str | None) -> str | None:
    """Strip surrounding space; what is empty then is None."""
    if value is None:
        return None
    return value.strip() or None


def choices_of(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Return pairs (value, label) as a select field takes them; labels may be lazy texts."""
    return [SelectChoice(value, label) for value, label in pairs]


class PlainText:
    """Refuse control characters and direction overrides, with which a text can read otherwise than it is."""

    def __init__(self, *, lines: bool = False) -> None:
        self.lines = lines

    def __call__(self, form: Any, field: Field) -> None:
        if not is_plain(field.data or "", lines=self.lines):
            raise ValidationError(_("This contains a character that cannot be shown. Type the text again."))


class _Tidied(Field):
    """A field for which blanks alone are nothing, also to the validators that look at what was sent."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.raw_data = [value.strip() for value in valuelist]
        super().process_formdata(valuelist)


class TextField(_Tidied, StringField):
    """One line of plain text, tidied."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, [*validators, PlainText()], filters=[tidy], **kwargs)


class LinesField(_Tidied, TextAreaField):
    """Several lines of plain text, tidied."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, [*validators, PlainText(lines=True)], filters=[tidy], **kwargs)


class DayField(DateField):
    """A date, typed (2026-11-22, 22.11.2026 or 22/11/2026) or picked."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.raw_data = [value.strip() for value in valuelist]
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        for form in self.strptime_format:
            try:
                self.data = datetime.strptime(valuelist[0].strip(), form).date()  # noqa: DTZ007  # a plain date
            except ValueError:
                continue
            if self.data.year >= 1900:
                return
        self.data = None
        raise ValueError(_("Type the date as year-month-day, for example 2026-11-22."))


class Form(FlaskForm):
    """The base of every form. Subclasses add `result()`, which turns "maybe None" into one typed value."""

    conflict: bool = False

    @contextmanager
    def showing(self, *errors: type[DomainError]) -> Iterator[None]:
        """Let a service refuse inside the block: the sentence appears beside its field and the form is shown again.

        What the service had changed before it refused is undone at once, so that the page shows what is stored.
        """
        caught = errors or (DomainError,)
        try:
            yield
        except caught as error:
            db.session.rollback()
            self.conflict = error.status == 409
            field = self._fields.get(error.field or "")
            if field is None:
                self.form_errors.append(error.message)
            else:
                field.errors = [*field.errors, error.message]


def render_form(template: str, form: Form, **context: Any) -> ResponseReturnValue:
    """Render a page with a form: 200 when fresh, 422 when refused, 409 when the thing changed meanwhile."""
    status = 409 if form.conflict else 422 if form.is_submitted() and form.errors else 200
    return render_template(template, form=form, **context), status


def past_day(form: Any, field: Field) -> None:
    """Validate that a day is not in the future."""
    if isinstance(field.data, date) and field.data > clock.today():
        raise ValidationError(_("This date is in the future."))
