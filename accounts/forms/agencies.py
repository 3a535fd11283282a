"""What a programme manager types about an agency and its agreements."""

from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from accounts.forms.fields import (
    CountryField,
    MailAddress,
    PhoneNumber,
    WordField,
    name_field,
    show_texts,
    texts_of,
)
from accounts.labels import AGENCY_KIND_LABELS, DOMAIN_LABELS
from accounts.models import Agency, AgencyKind, Agreement
from accounts.services.agencies import AgencyValues, AgreementValues
from foundation.forms import DayField, Form, LinesField, TextField, choices_of
from foundation.i18n import lazy


class EditAgencyForm(Form):
    """All of an agency but its code."""

    names_en = name_field(lazy("Name in English"), InputRequired(lazy("Type the English name.")))
    names_ar = name_field(lazy("Name in Arabic"))
    names_fr = name_field(lazy("Name in French"))
    country = CountryField(lazy("Country"), [InputRequired(lazy("Choose the country."))])
    kind = WordField(lazy("Kind"), AGENCY_KIND_LABELS)
    contact_name = TextField(lazy("Contact person"), [Length(max=120)])
    contact_email = TextField(lazy("E-mail address"), [Length(max=254), MailAddress()])
    contact_phone = TextField(lazy("Telephone"), [Length(max=40), PhoneNumber()])

    def show(self, agency: Agency) -> None:
        """Fill in what is stored."""
        show_texts(self, "names", agency.names)
        self.country.data = agency.country
        self.kind.data = agency.kind.value
        for name in ("contact_name", "contact_email", "contact_phone"):
            self[name].data = getattr(agency, name)

    def result(self) -> AgencyValues:
        return AgencyValues(
            names=texts_of(self, "names"),
            country=self.country.data,
            kind=self.kind.word(AgencyKind),
            contact_name=self.contact_name.data,
            contact_email=self.contact_email.data,
            contact_phone=self.contact_phone.data,
        )


class NewAgencyForm(EditAgencyForm):
    """An agency with the code it keeps."""

    code = TextField(
        lazy("Code"),
        [
            InputRequired(lazy("Give the agency a short code.")),
            Regexp(
                r"^[A-Za-z][A-Za-z0-9-]{1,19}\Z",
                message=lazy("Use 2 to 20 letters, digits or hyphens, a letter first."),
            ),
        ],
        description=lazy(
            "Two to six letters are best, for example CPD. It stands in lists and sheets and is not changed later."
        ),
    )


class AgreementForm(Form):
    """What was signed."""

    reference = TextField(
        lazy("Reference"), [InputRequired(lazy("Type the reference of the paper.")), Length(max=60)]
    )
    domains = SelectMultipleField(
        lazy("Domains in scope"),
        [DataRequired(lazy("Choose at least one domain."))],
        choices=choices_of(DOMAIN_LABELS.items()),
        coerce=str,
    )
    seats_per_year = IntegerField(
        lazy("Seats a year"),
        [
            InputRequired(lazy("Type a whole number.")),
            NumberRange(0, 100_000, lazy("Type a number from 0 to 100,000.")),
        ],
    )
    starts_on = DayField(lazy("First day"), [InputRequired(lazy("Type the first day."))])
    ends_on = DayField(
        lazy("Last day"),
        [InputRequired(lazy("Type the last day."))],
        description=lazy("Included. After it the agency cannot nominate under this agreement."),
    )
    note = LinesField(lazy("Note"), [Optional(), Length(max=2000)])

    def show(self, agreement: Agreement) -> None:
        """Fill in what is stored."""
        for name in ("reference", "domains", "seats_per_year", "starts_on", "ends_on", "note"):
            self[name].data = getattr(agreement, name)

    def result(self) -> AgreementValues:
        assert self.seats_per_year.data is not None
        assert self.starts_on.data is not None and self.ends_on.data is not None
        return AgreementValues(
            reference=self.reference.data or "",
            domains=tuple(self.domains.data or ()),
            seats_per_year=self.seats_per_year.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            note=self.note.data,
        )
