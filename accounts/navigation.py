"""Addresses that pages of this floor share with those above: the tabs of a person."""

from flask import current_app, g, url_for

from accounts.models import Person
from accounts.permissions import Permission
from foundation.i18n import lazy

_TABS = (
    ("persons.show", lazy("Record"), Permission.PERSON_READ),
    ("qualifications.index", lazy("Qualifications"), Permission.QUALIFICATION_READ),
)


def person_tab_items(person: Person, here: str) -> list[tuple[str, str, bool]]:
    """Return the sub-pages of a person as (label, address, whether it is the one at hand).

    A tab is there only when this installation has its page and the viewer may open it, so that a floor above adds its page
    without this one looking up.
    """
    return [
        (str(label), url_for(endpoint, person_id=person.id), endpoint == here)
        for endpoint, label, permission in _TABS
        if endpoint in current_app.view_functions and g.viewer.may(permission, person)
    ]
