"""Cohorts: those that take nominations, and those in which the agency has people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from flask import g
from sqlalchemy import or_, select

from accounts.models import ApiScope
from accounts.permissions import Permission
from curriculum.models import Cohort, CohortState, Course, Edition, Nomination
from foundation import clock
from foundation.access import requires, visible
from foundation.api.operations import Listing, PageQuery, api_blueprint, list_page, operation
from foundation.api.shapes import Says

bp = api_blueprint("cohorts", __name__)


@dataclass(frozen=True)
class CohortRecord:
    """One delivery of a course. Texts are kept by language."""

    code: str
    course: str
    title: Mapping[str, str]
    edition: str
    state: CohortState
    takes_nominations: Annotated[bool, Says("Whether people can be nominated today.")]
    nominations_close_on: date | None
    starts_on: date
    ends_on: date
    seats: int
    venue: Mapping[str, str]
    country: str
    languages: Sequence[str]
    time_zone: str


@dataclass(frozen=True)
class CohortsQuery(PageQuery):
    """Which cohorts."""

    state: CohortState | None = None


@bp.get("/cohorts", endpoint="list")
@requires(Permission.COHORT_LIST)
@operation(ApiScope.NOMINATIONS_READ, answer=CohortRecord, listing=True, query=CohortsQuery)
def list_cohorts(query: CohortsQuery) -> Listing:
    """List the cohorts open for nomination and those in which the agency nominated somebody, by their first day."""
    own = select(Nomination.cohort_id).where(visible(Nomination, g.viewer))
    wanted = _query().where(or_(Cohort.state == CohortState.OPEN, Cohort.id.in_(own)))
    if query.state is not None:
        wanted = wanted.where(Cohort.state == query.state)
    page = list_page(wanted, keys=[Cohort.starts_on, Cohort.code], asked=query)
    return Listing([_record(row) for row in page.rows], page.next_cursor)


@bp.get("/cohorts/<cohort:cohort_code>")
@requires(Permission.COHORT_READ, on=Cohort, by="code")
@operation(ApiScope.NOMINATIONS_READ, answer=CohortRecord)
def show(cohort: Cohort) -> CohortRecord:
    """Read one cohort."""
    edition = cohort.edition
    values = {name: getattr(cohort, name) for name in _OWN}
    return _record_of(values, course=edition.course.code, title=edition.titles, edition=edition.number)


_OWN = "code state nominations_close_on starts_on ends_on seats venue country languages time_zone".split()


def _query() -> Any:
    columns: list[Any] = [getattr(Cohort, name) for name in _OWN]
    return (
        select(
            *columns,
            Course.code.label("course"),
            Edition.titles.label("title"),
            Edition.number.label("edition"),
        )
        .join(Edition, Edition.id == Cohort.edition_id)
        .join(Course, Course.id == Edition.course_id)
        .where(visible(Cohort, g.viewer))
    )


def _record(row: Any) -> CohortRecord:
    values = {name: getattr(row, name) for name in _OWN}
    return _record_of(values, course=row.course, title=row.title, edition=row.edition)


def _record_of(values: dict[str, Any], **more: Any) -> CohortRecord:
    closes = values["nominations_close_on"]
    takes = values["state"] is CohortState.OPEN and (
        closes is None or clock.today(values["time_zone"]) <= closes
    )
    return CohortRecord(**values, **more, takes_nominations=takes)
