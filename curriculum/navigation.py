"""Addresses that pages of this floor share: the tabs of a cohort, and the heads by which a list is sorted."""

from flask import current_app, g, request, url_for

from accounts.permissions import Permission
from curriculum.models import Cohort
from foundation.i18n import lazy
from foundation.paging import Page

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
