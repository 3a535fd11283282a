"""What an administrator types about a token of the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from wtforms import SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Length

from accounts.forms.fields import agency_choices
from accounts.labels import API_SCOPE_LABELS
from accounts.models import Agency, ApiScope
from foundation.forms import DayField, Form, TextField, choices_of
from foundation.i18n import _, lazy


@dataclass(frozen=True)
class TokenWish:
    """What a token is to be."""

    label: str
    agency_id: int
    scopes: frozenset[ApiScope]
    expires_on: date


class TokenForm(Form):
    """A token that does not exist yet."""

    agency = SelectField(lazy("Agency"), [InputRequired(lazy("Choose the agency."))], coerce=str)
    label = TextField(
        lazy("What it is for"),
        [InputRequired(lazy("Type what the token is for.")), Length(max=80)],
        description=lazy(
            "For example: personnel system. It stands in the audit trail beside all that is done with it."
        ),
    )
    scopes = SelectMultipleField(lazy("May be used to"), coerce=str)
    expires_on = DayField(
        lazy("Valid until"),
        [InputRequired(lazy("Type the last day."))],
        description=lazy("Twelve months at most."),
    )

    def offer(self, agencies: Iterable[Agency]) -> None:
        """Fill the choices of agencies and scopes."""
        self.agency.choices = choices_of([("", str(_("Choose an agency"))), *agency_choices(agencies)])
        self.scopes.choices = choices_of((scope.value, label) for scope, label in API_SCOPE_LABELS.items())

    def result(self) -> TokenWish:
        assert self.expires_on.data is not None
        return TokenWish(
            label=self.label.data or "",
            agency_id=int(self.agency.data),
            scopes=frozenset(ApiScope(value) for value in self.scopes.data or ()),
            expires_on=self.expires_on.data,
        )
