"""The forms of a qualification from elsewhere: what is recorded, and why it is revoked."""

from collections.abc import Iterable

from flask_wtf.file import FileField
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from curriculum import labels
from curriculum.models import Course, QualificationKind
from curriculum.services.qualifications import QualificationValues
from foundation.forms import DayField, Form, LinesField, TextField
from foundation.i18n import lazy, text_in


class QualificationForm(Form):
    """Record what a person holds from elsewhere."""

    course = SelectField(lazy("Counts as"), [InputRequired(lazy("Choose a course."))])
    kind = RadioField(lazy("On what ground"), [InputRequired(lazy("Choose on what ground it counts."))])
    issuer = TextField(lazy("Issued by"), [InputRequired(lazy("Say who issued the paper.")), Length(max=200)])
    reference = TextField(
        lazy("Reference"),
        [InputRequired(lazy("Give the number or name of the paper.")), Length(max=120)],
        description=lazy("The number or name of the paper it rests on."),
    )
    starts_on = DayField(lazy("From"), [InputRequired(lazy("Say from which day it counts."))])
    ends_on = DayField(
        lazy("Until"),
        [Optional()],
        description=lazy("The last day on which it counts. Empty: without end. An equivalence needs one."),
    )
    note = LinesField(lazy("Note"), [Length(max=2000)])
    paper = FileField(lazy("The paper"), description=lazy("PDF, JPEG or PNG, at most 5 MB."))

    def offer(self, courses: Iterable[Course]) -> None:
        """Offer courses that may be recorded, and the grounds."""
        self.course.choices = [
            SelectChoice("", "–"),
            *(
                SelectChoice(str(course.id), f"{course.code} · {text_in(course.titles)}")
                for course in courses
            ),
        ]
        self.kind.choices = [SelectChoice(*pair) for pair in labels.choices(QualificationKind)]

    def result(self) -> QualificationValues:
        """Return what was typed."""
        assert self.starts_on.data is not None  # InputRequired
        return QualificationValues(
            course_id=int(self.course.data),
            kind=QualificationKind(self.kind.data),
            issuer=str(self.issuer.data),
            reference=str(self.reference.data),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            note=self.note.data,
        )

    def read_paper(self, *, most_bytes: int) -> bytes | None:
        """Return the uploaded file, cut one byte above what is allowed, or None."""
        return self.paper.data.read(most_bytes + 1) or None if self.paper.data else None


class RevocationForm(Form):
    """Revoke an entry."""

    reason = LinesField(
        lazy("Reason"),
        [
            InputRequired(lazy("Give the reason in a sentence: it stays with the entry.")),
            Length(max=2000),
        ],
    )
