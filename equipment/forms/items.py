"""The forms of types, items and lots."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from accounts.forms.fields import WordField, name_field, texts_of
from equipment import labels
from equipment.ledger import Condition
from equipment.models import ItemCategory, ItemType, Tracking, Unit
from equipment.services.items import MOST_ITEMS, Arrival, TypeValues
from foundation.forms import DayField, Form, LinesField, TextField, choices_of, past_day
from foundation.i18n import _, lazy, text_in

MOST_QUANTITY = 1_000_000
LONGEST_SERIAL = 80


def type_choices(types: Iterable[ItemType]) -> list[tuple[str, str]]:
    """Return item types as choices of a select field."""
    return [(str(one.id), f"{one.code} · {text_in(one.names)}") for one in types]


class ItemTypeForm(Form):
    """A type of equipment that the catalogue does not bring."""

    code = TextField(
        lazy("Code"),
        [
            InputRequired(lazy("Give the type a short code.")),
            Regexp(
                r"^[A-Z][A-Z0-9-]{1,39}\Z",
                message=lazy("Use 2 to 40 capitals, digits or hyphens, a letter first."),
            ),
        ],
        description=lazy("For example RADIO-VHF. It stands in lists and is not changed later."),
    )
    names_en = name_field(lazy("Name in English"), InputRequired(lazy("Type the English name.")))
    names_ar = name_field(lazy("Name in Arabic"))
    names_fr = name_field(lazy("Name in French"))
    tracking = WordField(lazy("How it is followed"), labels.TRACKING)
    tag_prefix = TextField(
        lazy("Letters of its tags"),
        [
            Optional(),
            Regexp(r"^[A-Z][A-Z0-9]{0,7}\Z", message=lazy("Use 1 to 8 capitals or digits, a letter first.")),
        ],
        description=lazy("The tag R-0001 begins with R. Only for what is followed piece by piece."),
    )
    unit = WordField(lazy("Counted in"), labels.UNIT)
    category = WordField(lazy("What it is for"), labels.CATEGORY)
    critical = BooleanField(lazy("A team without it is not ready"))
    inspect_every_months = IntegerField(
        lazy("Inspected every so many months"), [Optional(), NumberRange(min=1, max=240)]
    )
    receive_qualification = TextField(
        lazy("Qualification needed to receive it"),
        [Optional(), Length(max=60)],
        description=lazy("It is then handed over only to agencies where somebody holds this qualification."),
    )

    def result(self) -> TypeValues:
        return TypeValues(
            code=self.code.data or "",
            names=texts_of(self, "names"),
            tracking=self.tracking.word(Tracking),
            unit=self.unit.word(Unit),
            category=self.category.word(ItemCategory),
            tag_prefix=self.tag_prefix.data,
            critical=self.critical.data,
            inspect_every_months=self.inspect_every_months.data,
            receive_qualification=self.receive_qualification.data,
        )


@dataclass(frozen=True)
class NewItems:
    """Items as they came in: of one type, a serial number or None for each."""

    item_type_id: int
    serials: tuple[str | None, ...]
    arrival: Arrival


class _ArrivalForm(Form):
    """How things came in."""

    item_type = SelectField(lazy("Type"), [InputRequired(lazy("Choose the type."))])
    acquired_on = DayField(lazy("Came in on"), [InputRequired(lazy("Type the day.")), past_day])
    donor = TextField(lazy("Given or paid by"), [Length(max=200)])

    def __init__(self, *args: Any, types: Iterable[ItemType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item_type.choices = choices_of([("", _("Choose a type")), *type_choices(types)])


class ItemsForm(_ArrivalForm):
    """Many items of one type at once."""

    serials = LinesField(
        lazy("Serial numbers, one a line"),
        [Length(max=MOST_ITEMS * (LONGEST_SERIAL + 2))],
        description=lazy("Typed, pasted or scanned. Each becomes one item with a tag of its own."),
    )
    without_serial = IntegerField(
        lazy("Pieces without a serial number"), [Optional(), NumberRange(min=0, max=MOST_ITEMS)]
    )
    condition = WordField(
        lazy("Condition"), {key: word for key, (word, _tone) in labels.CONDITION.items()}, default="A"
    )
    maker = TextField(lazy("Maker and model"), [Length(max=120)])

    def validate_serials(self, field: LinesField) -> None:
        """Refuse what no label can carry, naming the line."""
        lines = self._lines()
        for number, line in enumerate((field.data or "").splitlines(), start=1):
            if len(line.strip()) > LONGEST_SERIAL:
                raise ValidationError(
                    _("Line %(number)s is longer than %(most)s letters.", number=number, most=LONGEST_SERIAL)
                )
        if not lines and not self.without_serial.data:
            raise ValidationError(_("Type at least one serial number, or how many pieces have none."))

    def _lines(self) -> list[str]:
        return [line.strip() for line in (self.serials.data or "").splitlines() if line.strip()]

    def result(self) -> NewItems:
        assert self.acquired_on.data is not None
        return NewItems(
            item_type_id=int(self.item_type.data),
            serials=(*self._lines(), *[None] * (self.without_serial.data or 0)),
            arrival=Arrival(
                acquired_on=self.acquired_on.data,
                condition=self.condition.word(Condition),
                maker=self.maker.data,
                donor=self.donor.data,
            ),
        )


@dataclass(frozen=True)
class NewStock:
    """Stock as it came in."""

    item_type_id: int
    lot_number: str
    quantity: int
    expires_on: date | None
    arrival: Arrival


class LotForm(_ArrivalForm):
    """Consumables that came in under one number."""

    lot_number = TextField(
        lazy("Lot number"), [InputRequired(lazy("Type the number on the box.")), Length(max=60)]
    )
    quantity = IntegerField(
        lazy("Quantity"),
        [InputRequired(lazy("Type how many came.")), NumberRange(min=1, max=MOST_QUANTITY)],
    )
    expires_on = DayField(lazy("Last day of use"), [Optional()])

    def result(self) -> NewStock:
        assert self.quantity.data is not None
        assert self.acquired_on.data is not None
        return NewStock(
            item_type_id=int(self.item_type.data),
            lot_number=self.lot_number.data or "",
            quantity=self.quantity.data,
            expires_on=self.expires_on.data,
            arrival=Arrival(acquired_on=self.acquired_on.data, donor=self.donor.data),
        )


@dataclass(frozen=True)
class Spent:
    """So much of a lot that is no longer there: used up, or written off."""

    is_consumed: bool
    quantity: int
    holder_id: int | None
    on: date
    note: str | None


class SpentForm(Form):
    """What of a lot was used up or written off, by whom it was held."""

    what = SelectField(
        lazy("What happened"),
        choices=choices_of(
            [("consumed", lazy("Used up")), ("written_off", lazy("Written off: expired, broken, lost"))]
        ),
    )
    holder = SelectField(lazy("Held by"))
    quantity = IntegerField(
        lazy("Quantity"), [InputRequired(lazy("Type how many.")), NumberRange(min=1, max=MOST_QUANTITY)]
    )
    on = DayField(lazy("Day"), [InputRequired(lazy("Type the day.")), past_day])
    note = LinesField(lazy("Note"), [Length(max=1000)])

    def __init__(self, *args: Any, holders: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holder.choices = choices_of(holders)

    def validate_note(self, field: LinesField) -> None:
        """Ask for the reason of a loss."""
        if self.what.data == "written_off" and not field.data:
            raise ValidationError(_("Say why it is written off."))

    def result(self) -> Spent:
        assert self.quantity.data is not None
        assert self.on.data is not None
        return Spent(
            is_consumed=self.what.data == "consumed",
            quantity=self.quantity.data,
            holder_id=None if self.holder.data == "host" else int(self.holder.data),
            on=self.on.data,
            note=self.note.data,
        )
