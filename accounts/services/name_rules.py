"""What is wrong with a name, in a sentence beside its field."""

from typing import Any

from accounts.names import MAX_NAME_LENGTH, NameFault, find_latin_fault, find_native_fault
from foundation.errors import DomainError
from foundation.i18n import _, lazy

FAULT_TEXTS: dict[NameFault, Any] = {
    NameFault.EMPTY: lazy("Type the name."),
    NameFault.TOO_LONG: lazy("This name is too long."),
    NameFault.CONTROL_CHARACTER: lazy("This contains a character that cannot be shown. Type the name again."),
    NameFault.BIDI_OVERRIDE: lazy(
        "This contains a sign that turns the direction of writing. Type the name again."
    ),
    NameFault.FORMULA: lazy("A name does not begin with this sign."),
    NameFault.NOT_LATIN: lazy("Type this name in Latin letters, as in the passport."),
    NameFault.FORBIDDEN_CHARACTER: lazy("A name has letters, spaces, hyphens and apostrophes only."),
    NameFault.MIXED_SCRIPTS: lazy("This mixes letters of two scripts. Type the name in one."),
    NameFault.NO_LETTER: lazy("A name has at least one letter."),
}


class BadName(DomainError):
    """A text that cannot be a name."""


def refuse_latin(text: str, *, field: str) -> None:
    """Raise BadName when a text is no name in Latin letters."""
    _refuse(find_latin_fault(text), field)


def refuse_native(text: str, *, field: str) -> None:
    """Raise BadName when a text is no name in any one script."""
    _refuse(find_native_fault(text), field)


def _refuse(fault: NameFault | None, field: str) -> None:
    if fault is None:
        return
    if fault is NameFault.TOO_LONG:
        raise BadName(_("Use at most %(most)s characters.", most=MAX_NAME_LENGTH), field=field)
    raise BadName(str(FAULT_TEXTS[fault]), field=field)
