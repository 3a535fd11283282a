"""The form by which the staff says who came, who left and who is back."""

from wtforms import RadioField
from wtforms.validators import InputRequired, Length

from curriculum import labels
from curriculum.models import Enrolment, EnrolmentState
from curriculum.services.enrolments import STATES_TO_SET
from foundation.forms import Form, LinesField
from foundation.i18n import lazy


class StateForm(Form):
    """The state of a trainee, with a reason."""

    state = RadioField(lazy("The trainee"), [InputRequired()])
    reason = LinesField(lazy("Reason"), [Length(max=500)])

    @classmethod
    def of_enrolment(cls, enrolment: Enrolment) -> "StateForm":
        """Return the form as the trainee stands."""
        form = cls(data={"state": enrolment.state.value, "reason": enrolment.state_reason})
        form.state.choices = [(state.value, labels.word(state)) for state in STATES_TO_SET]
        return form

    def result(self) -> tuple[EnrolmentState, str | None]:
        """Return the state and the reason."""
        return EnrolmentState(self.state.data), self.reason.data
