"""The place of a person in a cohort, by which nominations and enrolments are addressed: a person has one of each in a cohort."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from accounts.models import Person
from curriculum.models import Cohort, Enrolment, Nomination


def at_place(model: type[Nomination] | type[Enrolment]) -> Callable[[Any], ColumnElement[bool]]:
    """Return the function place (MCM-201/7/P0123456789) -> condition that names one row of a table."""

    def condition(place: Any) -> ColumnElement[bool]:
        code, _stroke, ref = str(place).rpartition("/")
        cohort = select(Cohort.id).where(Cohort.code == code).scalar_subquery()
        person = select(Person.id).where(Person.public_ref == ref).scalar_subquery()
        return and_(model.cohort_id == cohort, model.person_id == person)

    return condition
