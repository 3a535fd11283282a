"""What a user sets for himself."""

from functools import lru_cache
from zoneinfo import available_timezones

from wtforms import SelectField
from wtforms.validators import ValidationError

from foundation.forms import Form, TextField, choices_of
from foundation.i18n import LANGUAGE_NAMES, _, lazy


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    """Return the names of all time zones; to gather them reads six hundred files."""
    return frozenset(available_timezones())


def time_zone_names() -> list[str]:
    """Return the time zones people choose from: places, not offsets or abbreviations."""
    regions = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    return ["UTC", *sorted(name for name in _known_zones() if name.startswith(regions))]


class TimeZoneField(TextField):
    """The name of a time zone, picked from a list that the field suggests."""

    def pre_validate(self, form: object) -> None:
        if self.data not in _known_zones():
            raise ValidationError(
                _("This is not a time zone. Choose one of the list, for example Asia/Amman.")
            )


class PreferencesForm(Form):
    """Language and time zone."""

    language = SelectField(lazy("Language"), choices=choices_of(LANGUAGE_NAMES))
    time_zone = TimeZoneField(lazy("Time zone"))
