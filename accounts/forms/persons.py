"""What an officer types about a person of his agency."""

from wtforms import HiddenField, SelectMultipleField
from wtforms.fields import EmailField
from wtforms.validators import InputRequired, Length

from accounts.forms.fields import CountryField, MailAddress, PhoneNumber, WordField
from accounts.labels import DOCUMENT_LABELS, SPOKEN_LANGUAGES, language_name
from accounts.models import DocumentType, Person
from accounts.services.persons import PersonValues
from foundation.forms import DayField, Form, LinesField, TextField, choices_of, past_day, tidy
from foundation.i18n import lazy


class PersonForm(Form):
    """A person who is not on record yet. `known` is set when somebody on record fits in document, name and birth date."""

    family_name = TextField(
        lazy("Family name"), [Length(max=100)], description=lazy("In Latin letters, as in the passport.")
    )
    given_names = TextField(
        lazy("Given names"), [Length(max=100)], description=lazy("In Latin letters, as in the passport.")
    )
    native_name = TextField(
        lazy("Name in its own script"), [Length(max=100)], description=lazy("Whole, as the person writes it.")
    )
    birth_date = DayField(lazy("Birth date"), [InputRequired(lazy("Type the birth date.")), past_day])
    nationality = CountryField(lazy("Nationality"))
    document_type = WordField(lazy("Identity document"), DOCUMENT_LABELS, empty=lazy("None recorded"))
    document_issuer = CountryField(lazy("Issued by"))
    document_number = TextField(
        lazy("Document number"),
        [Length(max=40)],
        description=lazy("Kept encrypted; it recognises the person when another sheet or agency names him."),
    )
    document_expires_on = DayField(lazy("Document valid until"))
    email = EmailField(lazy("E-mail address"), [Length(max=254), MailAddress()], filters=[tidy])
    phone = TextField(lazy("Telephone"), [Length(max=40), PhoneNumber()])
    languages = SelectMultipleField(lazy("Languages spoken"), coerce=str, validate_choice=False)
    rank = TextField(lazy("Rank or function"), [Length(max=80)])
    confirm_known = HiddenField()
    known: bool = False

    def offer(self) -> None:
        """Fill the choices whose words depend on the reader; languages on record stay choices."""
        codes = dict.fromkeys([*SPOKEN_LANGUAGES, *(self.languages.data or ())])
        self.languages.choices = choices_of((code, language_name(code)) for code in codes)

    def show(self, person: Person) -> None:
        """Fill in what is stored, but the document's number."""
        for name in (
            "family_name",
            "given_names",
            "native_name",
            "birth_date",
            "nationality",
            "document_issuer",
        ):
            self[name].data = getattr(person, name)
        for name in ("document_expires_on", "email", "phone", "rank"):
            self[name].data = getattr(person, name)
        self.document_type.data = person.document_type.value if person.document_type else ""
        self.languages.data = list(person.languages)

    def result(self, *, certificate_name: str | None = None) -> PersonValues:
        assert self.birth_date.data is not None
        return PersonValues(
            family_name=self.family_name.data or "",
            given_names=self.given_names.data or "",
            native_name=self.native_name.data,
            certificate_name=certificate_name,
            birth_date=self.birth_date.data,
            nationality=self.nationality.data or None,
            document_type=self.document_type.word(DocumentType),
            document_issuer=self.document_issuer.data or None,
            document_number=self.document_number.data,
            document_expires_on=self.document_expires_on.data,
            email=self.email.data,
            phone=self.phone.data,
            languages=tuple(code for code in self.languages.data or () if code in SPOKEN_LANGUAGES),
            rank=self.rank.data,
        )


class EditPersonForm(PersonForm):
    """A person on record: changed names need a reason, and the document's number is typed only to replace it."""

    certificate_name = TextField(
        lazy("Spelling on certificates"),
        [Length(max=100)],
        description=lazy("Only when it differs from the passport name."),
    )
    reason = LinesField(
        lazy("Reason for a changed name"),
        [Length(max=300)],
        description=lazy("Needed when one of the names changes; it stays in the history of names."),
    )

    def show(self, person: Person) -> None:
        super().show(person)
        self.certificate_name.data = person.certificate_name


class EndAffiliationForm(Form):
    """The last day of a person in an agency."""

    ends_on = DayField(lazy("Last day"), [InputRequired(lazy("Type the last day."))])
    reason = LinesField(lazy("Reason"), [Length(max=300)])
