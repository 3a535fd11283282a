"""Letters about seats: written to every officer of an agency and to everyone who plans a cohort, each in his own language."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import or_, select

from accounts.models import User, UserRole
from accounts.permissions import Role
from curriculum.models import Cohort, CourseDirector
from foundation import clock, mail
from foundation.db import db
from foundation.web import app_config


def tell_agency(agency_id: int, letter: str, *, cohort: Cohort, about: Any, **context: Any) -> int:
    """Write a letter to every officer of an agency; return how many. `about` tells two letters of one moment apart."""
    query = (
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            User.agency_id == agency_id,
            UserRole.role == Role.AGENCY_OFFICER,
            User.disabled_at.is_(None),
            User.is_service.is_(False),
        )
    )
    return _write(db.session.execute(query).scalars().all(), letter, cohort=cohort, about=about, **context)


def tell_planners(cohort: Cohort, letter: str, *, about: Any, **context: Any) -> int:
    """Write a letter to the programme managers and to the directors of the cohort's course; return how many."""
    directors = select(CourseDirector.user_id).where(CourseDirector.course_id == cohort.edition.course_id)
    managers = select(UserRole.user_id).where(UserRole.role == Role.PROGRAMME_MANAGER)
    query = select(User).where(or_(User.id.in_(directors), User.id.in_(managers)), User.disabled_at.is_(None))
    return _write(db.session.execute(query).scalars().all(), letter, cohort=cohort, about=about, **context)


def _write(readers: Sequence[User], letter: str, *, cohort: Cohort, about: Any, **context: Any) -> int:
    link = f"{app_config().public_url}/cohorts/{cohort.id}/people"
    for reader in readers:
        mail.send(
            letter,
            to=reader.email,
            language=reader.language,
            key=f"{letter}:{cohort.id}:{about}:{reader.id}:{clock.now():%Y%m%dT%H%M%S%f}",
            addressee=reader.name,
            cohort_code=cohort.code,
            course_titles=cohort.edition.titles,
            starts_on=cohort.starts_on,
            link=link,
            **context,
        )
    return len(readers)


def names_of(people: Iterable[Any]) -> list[str]:
    """Return the names of persons or rows of persons as a letter lists them."""
    return [f"{one.given_names} {one.family_name}".strip() for one in people]
