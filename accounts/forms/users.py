"""What an administrator types about an account."""

from collections.abc import Iterable
from dataclasses import dataclass

from wtforms import SelectField, SelectMultipleField
from wtforms.fields import EmailField
from wtforms.validators import DataRequired, InputRequired, Length

from accounts.forms.fields import MailAddress, agency_choices
from accounts.labels import ROLE_LABELS
from accounts.models import Agency, User
from accounts.permissions import Role
from foundation.forms import Form, LinesField, TextField, choices_of, tidy
from foundation.i18n import LANGUAGE_NAMES, _, lazy


@dataclass(frozen=True)
class Account:
    """What an account is to be: ids where it refers to something."""

    email: str
    name: str
    function: str | None
    roles: frozenset[Role]
    agency_id: int | None
    person_ref: str | None
    language: str


class EditUserForm(Form):
    """Name, function, roles and agency of an account."""

    name = TextField(lazy("Name"), [InputRequired(lazy("Type the name.")), Length(max=160)])
    function = TextField(lazy("Function, as on letters"), [Length(max=160)])
    roles = SelectMultipleField(lazy("Roles"), coerce=str)
    agency = SelectField(lazy("Agency"), coerce=str)

    def offer(self, agencies: Iterable[Agency]) -> None:
        """Fill the choices of roles and agencies."""
        self.roles.choices = choices_of((role.value, label) for role, label in ROLE_LABELS.items())
        self.agency.choices = choices_of(
            [("", _("None: staff of the host service")), *agency_choices(agencies)]
        )

    def show(self, user: User) -> None:
        """Fill in what is stored."""
        self.name.data = user.name
        self.function.data = user.function
        self.roles.data = [role.value for role in user.roles]
        self.agency.data = str(user.agency_id or "")

    def chosen_roles(self) -> frozenset[Role]:
        return frozenset(Role(value) for value in self.roles.data or ())

    def chosen_agency_id(self) -> int | None:
        return int(self.agency.data) if self.agency.data else None


class InviteForm(EditUserForm):
    """The same for an account that does not exist yet, with the address to invite."""

    email = EmailField(
        lazy("E-mail address"),
        [
            DataRequired(lazy("Type the address to invite.")),
            Length(max=254),
            MailAddress(),
        ],
        filters=[tidy],
        description=lazy("The invitation goes there; later it is the name to sign in with."),
    )
    person = TextField(
        lazy("Person's reference"),
        [Length(max=26)],
        description=lazy("For trainees: the reference on the person's record."),
    )
    language = SelectField(
        lazy("Language of the invitation"), choices=choices_of(LANGUAGE_NAMES), default="en"
    )

    def result(self) -> Account:
        return Account(
            email=self.email.data or "",
            name=self.name.data or "",
            function=self.function.data,
            roles=self.chosen_roles(),
            agency_id=self.chosen_agency_id(),
            person_ref=self.person.data,
            language=self.language.data,
        )


class ReasonForm(Form):
    """A reason for the trail."""

    reason = LinesField(
        lazy("Reason"),
        [InputRequired(lazy("Give the reason; it stands in the audit trail.")), Length(max=500)],
    )
