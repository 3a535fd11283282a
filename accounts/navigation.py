"""Addresses that pages of this floor share with those above: the tabs of a person and of an agency.

A tab is there only when this installation has its page and the viewer may open it, so that a floor above adds its page without
this one looking up.
"""

from flask import current_app, g, url_for

from accounts.models import Agency, Person
from accounts.permissions import Permission
from foundation.i18n import lazy

_OF_PERSON = (
    ("persons.show", lazy("Record"), Permission.PERSON_READ),
    ("qualifications.index", lazy("Qualifications"), Permission.QUALIFICATION_READ),
)
_OF_AGENCY = (
    ("overviews.show", lazy("Overview"), Permission.TEAM_READ),
    ("agencies.show", lazy("Agreements and contacts"), Permission.AGENCY_READ),
)


def person_tab_items(person: Person, here: str) -> list[tuple[str, str, bool]]:
    """Return the sub-pages of a person as (label, address, whether it is the one at hand)."""
    return [
        (str(label), url_for(endpoint, person_id=person.id), endpoint == here)
        for endpoint, label, permission in _OF_PERSON
        if endpoint in current_app.view_functions and g.viewer.may(permission, person)
    ]


def agency_tab_items(agency: Agency, here: str) -> list[tuple[str, str, bool]]:
    """Return the sub-pages of an agency as (label, address, whether it is the one at hand)."""
    return [
        (str(label), url_for(endpoint, agency_id=agency.id), endpoint == here)
        for endpoint, label, permission in _OF_AGENCY
        if endpoint in current_app.view_functions and g.viewer.may(permission, agency)
    ]
