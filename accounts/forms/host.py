"""What an administrator types about the host organisation."""

from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, Length

from accounts.forms.account import TimeZoneField
from accounts.forms.fields import CountryField, MailAddress, name_field, show_texts, texts_of
from accounts.models import Host
from accounts.services.hosts import HostValues
from foundation.forms import Form, TextField, choices_of
from foundation.i18n import LANGUAGE_NAMES, lazy


class HostForm(Form):
    """Names, place, languages and signatories of the host."""

    names_en = name_field(lazy("Name in English"), InputRequired(lazy("Type the English name.")))
    names_ar = name_field(lazy("Name in Arabic"))
    names_fr = name_field(lazy("Name in French"))
    short_name = TextField(lazy("Short name"), [InputRequired(lazy("Type the short name.")), Length(max=40)])
    country = CountryField(lazy("Country"), [InputRequired(lazy("Choose the country."))])
    city = TextField(lazy("City"), [Length(max=80)])
    time_zone = TimeZoneField(lazy("Time zone"))
    contact_email = TextField(lazy("E-mail address for questions"), [Length(max=254), MailAddress()])
    first_language = SelectField(lazy("First language"), choices=choices_of(LANGUAGE_NAMES))
    second_language = SelectField(
        lazy("Second language"), choices=choices_of([("", lazy("None")), *LANGUAGE_NAMES])
    )
    director_title_en = name_field(lazy("In English"), InputRequired(lazy("Type the English title.")))
    director_title_ar = name_field(lazy("In Arabic"))
    director_title_fr = name_field(lazy("In French"))
    official_title_en = name_field(lazy("In English"), InputRequired(lazy("Type the English title.")))
    official_title_ar = name_field(lazy("In Arabic"))
    official_title_fr = name_field(lazy("In French"))
    show_hijri = BooleanField(lazy("Show the Hijri date beside the Gregorian"))

    def show(self, host: Host) -> None:
        """Fill in what is stored."""
        for prefix in ("names", "director_title", "official_title"):
            show_texts(self, prefix, getattr(host, prefix))
        for name in ("short_name", "country", "city", "time_zone", "contact_email", "show_hijri"):
            self[name].data = getattr(host, name)
        first, second, *_others = [*host.certificate_languages, "", ""]
        self.first_language.data, self.second_language.data = first, second

    def result(self) -> HostValues:
        languages = (self.first_language.data, self.second_language.data)
        return HostValues(
            names=texts_of(self, "names"),
            short_name=self.short_name.data or "",
            country=self.country.data,
            city=self.city.data,
            time_zone=self.time_zone.data or "UTC",
            contact_email=self.contact_email.data,
            certificate_languages=tuple(code for code in languages if code),
            director_title=texts_of(self, "director_title"),
            official_title=texts_of(self, "official_title"),
            show_hijri=bool(self.show_hijri.data),
        )
