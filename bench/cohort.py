"""An invented cohort to measure pages with: trainees of ten agencies, half of the sheets signed, gates of every kind."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle

from accounts.models import User
from accounts.permissions import Role
from curriculum.models import CourseDirector, Gate, GateState, NominationState
from foundation.db import db
from tests.factories.accounts import make_agency, make_user
from tests.factories.curriculum import (
    attend_all,
    make_cohort,
    make_course,
    make_edition,
    make_enrolment,
    make_nomination,
    post_instructor,
    record_attempt,
)

ITEMS = 8
AGENCIES = 10


@dataclass(frozen=True)
class MeasuredCohort:
    """What requests need to know of it: the ids in its addresses, and who asks. `draft_ids`: trainees whose sheet is open."""

    cohort_id: int
    station_id: int
    item_ids: tuple[int, ...]
    draft_ids: tuple[int, ...]
    manager: User
    instructor: User
    official: User


def make_measured_cohort(people: int) -> MeasuredCohort:
    """Make and commit a running cohort of so many people: nine in ten are enrolled, the others wait or were refused."""
    manager = make_user(Role.PROGRAMME_MANAGER)
    director = make_user(Role.COURSE_DIRECTOR)
    instructor = make_user(Role.INSTRUCTOR)
    edition = make_edition(make_course(), sessions=10, items=ITEMS)
    db.session.add(CourseDirector(course_id=edition.course_id, user_id=director.id))
    cohort = make_cohort(edition, seats=max(people, 1))
    post_instructor(cohort, instructor, lead=True)
    agencies = cycle([make_agency() for _ in range(AGENCIES)])
    officer = make_user(Role.AGENCY_OFFICER, agency=next(agencies))
    station, paper = edition.assessments
    draft_ids = []
    for position in range(people):
        agency = next(agencies)
        if position % 10 == 9:
            state = NominationState.WAITING if position % 20 == 9 else NominationState.REFUSED
            nomination = make_nomination(cohort, agency, state=state, nominated_by=officer)
            _vary(nomination.gates, position)
            continue
        enrolment = make_enrolment(cohort, agency)
        attend_all(enrolment, instructor)
        signed = position % 2 == 0
        draft_ids += [] if signed else [enrolment.id]
        values = {item.code: Decimal(1 + (position + item.position) % 3) for item in station.items}
        record_attempt(enrolment, station, instructor, values, signed=signed)
        if position % 3:
            record_attempt(enrolment, paper, instructor, {"score": Decimal(60 + position % 40)})
    db.session.commit()
    return MeasuredCohort(
        cohort_id=cohort.id,
        station_id=station.id,
        item_ids=tuple(item.id for item in station.items),
        draft_ids=tuple(draft_ids),
        manager=manager,
        instructor=instructor,
        official=make_user(Role.CERTIFYING_OFFICIAL),
    )


def _vary(gates: list[Gate], position: int) -> None:
    """Leave gates open, waived and refused, so that badges are drawn."""
    states = (GateState.OPEN, GateState.WAIVED, GateState.NOT_CLEARED)
    for offset, gate in enumerate(gates[:3]):
        gate.state = states[(position // 10 + offset) % 3]
