"""Fields that several forms of this floor share."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from wtforms import Field, SelectField
from wtforms.validators import Length, ValidationError

from accounts.contacts import MAIL_ADDRESS, PHONE_NUMBER
from accounts.labels import country_choices
from accounts.models import Agency
from foundation.forms import Form, TextField, choices_of
from foundation.i18n import LANGUAGE_NAMES, _, text_in


class MailAddress:
    """Refuse what cannot be an e-mail address."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data and not re.fullmatch(MAIL_ADDRESS, field.data):
            raise ValidationError(_("This is not an e-mail address."))


class PhoneNumber:
    """Refuse what cannot be dialled: digits, spaces and a few signs, with the country's prefix where there is one."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data and not re.fullmatch(PHONE_NUMBER, field.data):
            raise ValidationError(_("Type the number with digits, for example +962 6 555 0100."))


class CountryField(SelectField):
    """One country, by its name in the reader's language."""

    choices: Any

    def __init__(self, label: Any = None, validators: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(label, list(validators), coerce=str, **kwargs)

    def iter_choices(self) -> Any:
        self._fill()
        return super().iter_choices()

    def pre_validate(self, form: Any) -> None:
        self._fill()
        if not self.data:
            return  # whether it may be empty is said by the validators
        super().pre_validate(form)

    def _fill(self) -> None:
        # At the time of use: the names depend on who reads.
        if not self.choices:
            self.choices = choices_of([("", str(_("Choose a country"))), *country_choices()])


class WordField(SelectField):
    """One word of an enumeration, by its label; empty is None when `empty` gives the label of nothing."""

    def __init__(
        self,
        label: Any,
        words: Mapping[Any, Any],
        validators: Iterable[Any] = (),
        *,
        empty: Any = None,
        **kwargs: Any,
    ) -> None:
        first = [("", empty)] if empty is not None else []
        choices = [*first, *((str(word.value), text) for word, text in words.items())]
        super().__init__(label, list(validators), coerce=str, choices=choices_of(choices), **kwargs)

    def word(self, enumeration: type[StrEnum]) -> Any:
        """Return the chosen word, or None."""
        return enumeration(self.data) if self.data else None


def texts_of(form: Form, prefix: str) -> dict[str, str]:
    """Return {language: text} of the fields `<prefix>_<language>` that were filled in."""
    found = {code: form[f"{prefix}_{code}"].data for code, _name in LANGUAGE_NAMES}
    return {code: text for code, text in found.items() if text}


def show_texts(form: Form, prefix: str, texts: Mapping[str, str]) -> None:
    """Fill the fields `<prefix>_<language>` with what is stored."""
    for code, _name in LANGUAGE_NAMES:
        form[f"{prefix}_{code}"].data = texts.get(code)


def name_field(label: Any, *validators: Any) -> TextField:
    """Return a field for a name in one language."""
    return TextField(label, [*validators, Length(max=160)])


def agency_choices(agencies: Iterable[Agency]) -> list[tuple[str, str]]:
    """Return agencies as choices of a select field."""
    return [(str(agency.id), f"{agency.code} · {text_in(agency.names)}") for agency in agencies]
