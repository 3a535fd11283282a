"""Which day a page speaks of: the one in its address, else today, or the last day of a team that is closed."""

from datetime import date

from flask import request

from foundation import clock
from readiness.models import Team


def day_asked(team: Team) -> date:
    """Return the day that the address asks about, kept within the team's life; nonsense is today."""
    today = clock.today()
    try:
        on = date.fromisoformat(request.args.get("on", "")[:10])
    except ValueError:
        on = today
    last = team.closed_on if team.closed_on is not None else max(on, today)
    return max(team.formed_on, min(on, last))
