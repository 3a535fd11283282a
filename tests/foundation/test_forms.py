"""Forms: plain text alone, blanks are nothing, dates as people type them, refusals beside their fields."""

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms.validators import DataRequired, InputRequired, Length

from foundation.errors import DomainConflict, DomainError
from foundation.forms import DayField, Form, LinesField, TextField, past_day, render_form, tidy


class SampleForm(Form):
    line = TextField("Line", [InputRequired("Needed."), Length(max=20)])
    lines = LinesField("Lines")
    day = DayField("Day", [past_day])
    needed_day = DayField("Needed day", [DataRequired("Needed.")])


def fill(app: Flask, **values: str) -> SampleForm:
    data = {"line": "text", "needed_day": "2026-01-02"} | values
    with app.test_request_context(method="POST", data=data):
        form = SampleForm(MultiDict(data), meta={"csrf": False})
        form.validate()
    return form


@pytest.mark.parametrize(("typed", "kept"), [(None, None), ("", None), ("  ", None), ("\t x \n", "x")])
def test_surrounding_blanks_are_dropped(typed: str | None, kept: str | None) -> None:
    assert tidy(typed) == kept


@pytest.mark.parametrize("typed", ["", " ", "\t\n", "\u00a0"])
def test_blanks_alone_are_nothing(app: Flask, typed: str) -> None:
    assert fill(app, line=typed).line.errors == ["Needed."]
    assert fill(app, needed_day=typed).needed_day.errors == ["Needed."]


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\u202e", "\u2066", "\u0085"])
def test_signs_that_cannot_be_shown_are_refused(app: Flask, sign: str) -> None:
    assert "cannot be shown" in str(fill(app, line=f"a{sign}b").line.errors[0])
    assert "cannot be shown" in str(fill(app, lines=f"a{sign}b").lines.errors[0])


def test_lines_may_break_and_a_line_may_not(app: Flask) -> None:
    assert not fill(app, lines="one\r\ntwo\tthree").lines.errors
    assert fill(app, line="one\ntwo").line.errors


@pytest.mark.parametrize("typed", ["2026-11-22", "22.11.2026", "22/11/2026", " 2026-11-22 "])
def test_dates_are_read_as_people_type_them(app: Flask, typed: str) -> None:
    form = fill(app, needed_day=typed)
    assert form.needed_day.data == date(2026, 11, 22)
    assert not form.needed_day.errors


@pytest.mark.parametrize("typed", ["tomorrow", "2026-02-30", "11/22/2026", "0026-11-22", "2026", "9" * 400])
def test_what_is_no_date_is_refused(app: Flask, typed: str) -> None:
    form = fill(app, needed_day=typed)
    assert form.needed_day.errors
    assert form.needed_day.data is None


def test_future_is_refused_where_only_the_past_makes_sense(app: Flask) -> None:
    assert fill(app, day="2999-01-01").day.errors == ["This date is in the future."]
    assert not fill(app, day="2001-01-01").day.errors


def test_refusal_stands_beside_its_field(app: Flask) -> None:
    form = fill(app)
    with app.test_request_context(method="POST"), form.showing(DomainError):
        raise DomainError("Not this.", field="line")
    assert form.line.errors == ["Not this."]


def test_refusal_without_a_field_stands_above_the_form(app: Flask) -> None:
    form = fill(app)
    with app.test_request_context(method="POST"), form.showing(DomainError):
        raise DomainError("Not at all.", field="nowhere")
    assert form.form_errors == ["Not at all."]


def test_other_errors_are_not_swallowed(app: Flask) -> None:
    form = fill(app)
    with pytest.raises(ZeroDivisionError), app.test_request_context(method="POST"), form.showing(DomainError):
        raise ZeroDivisionError


@pytest.mark.parametrize(("error", "status"), [(DomainError("No."), 422), (DomainConflict("Changed."), 409)])
def test_status_tells_a_refusal_from_a_conflict(app: Flask, error: DomainError, status: int) -> None:
    with app.test_request_context("/sign-in", method="POST"):
        form = SampleForm(MultiDict(), meta={"csrf": False})
        with form.showing(DomainError):
            raise error
        answer = render_form("errors/404.html", form)
    assert isinstance(answer, tuple)
    assert answer[1] == status


def test_fresh_form_is_an_ordinary_page(app: Flask) -> None:
    with app.test_request_context("/sign-in"):
        answer = render_form("errors/404.html", SampleForm(meta={"csrf": False}))
    assert isinstance(answer, tuple)
    assert answer[1] == 200
