"""The forms of nominations: withdrawing one. Nominating and ranking are lists of rows, read by their ids."""

from collections.abc import Mapping

from wtforms.validators import DataRequired, Length

from foundation.errors import DomainError
from foundation.forms import Form, LinesField
from foundation.i18n import _, lazy

MOST_RANK = 9999


class BadRank(DomainError):
    """A place in the order is no whole number above zero."""


class WithdrawForm(Form):
    """Why a person is withdrawn."""

    reason = LinesField(lazy("Reason"), [DataRequired(), Length(max=500)])

    def result(self) -> str:
        """Return the reason."""
        return str(self.reason.data)


def read_ranks(posted: Mapping[str, str]) -> dict[int, int]:
    """Return {nomination id: wished place} from the fields 'rank-ID'. Raises BadRank; empty fields are left out."""
    ranks = {}
    for name, value in posted.items():
        prefix, _dash, number = name.partition("-")
        if prefix != "rank" or not number.isdecimal() or not value.strip():
            continue
        text = value.strip()
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= MOST_RANK:
            raise BadRank(_("A place in the order is a whole number from 1."))
        ranks[int(number)] = int(text)
    return ranks
