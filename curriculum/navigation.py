"""Addresses that pages share: the tabs of a cohort, the heads by which a list is sorted, the page behind what somebody holds."""

from dataclasses import dataclass

from flask import current_app, g, request, url_for

from accounts.models import User
from accounts.permissions import Permission
from accounts.scopes import is_host_staff
from curriculum.models import Cohort
from foundation.access import declared_access
from foundation.i18n import lazy
from foundation.paging import Page
from foundation.registry import Holding

_TABS = (
    ("cohorts.show", lazy("Overview"), Permission.COHORT_READ),
    ("nominations.index", lazy("People"), Permission.COHORT_READ),
    ("attendances.index", lazy("Attendance"), Permission.COHORT_ROSTER),
    ("assessments.index", lazy("Assessments"), Permission.ASSESSMENT_READ),
    ("results.index", lazy("Results"), Permission.COHORT_ROSTER),
    ("certifications.show", lazy("Certification"), Permission.CERTIFICATION_READ),
)


def cohort_tab_items(cohort: Cohort, here: str) -> list[tuple[str, str, bool]]:
    """Return the sub-pages of a cohort as (label, address, whether it is the one at hand).

    A tab is there only when this installation has its page and the viewer may open it, so that a floor above adds its page
    without this one looking up.
    """
    return [
        (str(label), url_for(endpoint, cohort_id=cohort.id), endpoint == here)
        for endpoint, label, permission in _TABS
        if endpoint in current_app.view_functions and g.viewer.may(permission, cohort)
    ]


def sort_url(page: Page, name: str) -> str:
    """Return the address of the list at hand sorted by a column, or turned round when it is sorted by it already."""
    arguments = {key: value for key, value in request.args.items() if key not in ("after", "before", "sort")}
    arguments["sort"] = f"-{name}" if page.sort == name and not page.descending else name
    return url_for(request.endpoint or "", **(request.view_args or {}), **arguments)  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Evidence:
    """What the permission table asks of the page behind a holding, without loading its row."""

    agency_id: int | None
    person_id: int
    director_ids: frozenset[int]
    __tablename__ = "holding"


def sees_evidence(viewer: User, holding: Holding) -> bool:
    """Return whether a viewer may read on what a holding rests; an officer never reads what another agency's person earned by it."""
    return holding.agency_id is None or is_host_staff(viewer) or viewer.agency_id == holding.agency_id


def find_evidence_url(viewer: User, holding: Holding, *, director_ids: frozenset[int]) -> str | None:
    """Return the address of the page behind a holding, when this installation has it and the viewer may open it.

    `director_ids` are the directors of the course that is held. No statement is asked.
    """
    if holding.url_of is None or not sees_evidence(viewer, holding):
        return None
    endpoint, values = holding.url_of
    access = declared_access(current_app, endpoint) if endpoint in current_app.view_functions else None
    if access is None:
        return None
    # What is the person's own follows the person, who is in the viewer's sight here.
    agency_id = viewer.agency_id if holding.agency_id is None else holding.agency_id
    subject = _Evidence(agency_id, holding.person_id, director_ids)
    if access.permission is not None and not viewer.may(access.permission, subject):
        return None
    return url_for(endpoint, **values)
