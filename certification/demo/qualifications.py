"""What the people of the demonstration hold from elsewhere: first aid of the nominees, and who could lead and sort before the course.

Of the agency's people one holds the licence of a scene leader, and four may sort casualties: three by the certificates of the long
finished cohort, one by an equivalence. None of them is a nominee of the story's cohort. Whoever is to become the second leader is
the story's first nominee: he may sort casualties too, which is what the leaders' course asks for.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from accounts.models import Person
from certification.demo.cast import NOMINEES, Cast, find_course
from certification.demo.mass_casualty import FIRST_AID_EXPIRED, StoryCohort
from certification.demo.setting import SHEET_CAME
from certification.demo.timeline import Scene, at
from curriculum.models import QualificationKind
from curriculum.services.qualifications import QualificationValues, record_qualification
from foundation.dates import add_months

FIRST_AID, TRIAGE, LEADERSHIP = "C-FA-110", "M-TRI-101", "M-MIM-320"
NOMINATED = 24
# Numbers of the agency's people; the three before them hold the certificates of the finished cohort.
TRIAGE_CERTIFIED, TRIAGE_EQUIVALENT, LEADER = (31, 32, 33), 34, 35
SECOND_LEADER = 1


def qualification_scenes(cast: Cast) -> Iterator[Scene]:
    """Yield what was recorded: the leader's licence, an equivalence in triage, and the nominees' first aid."""
    day = cast.timeline.day
    yield Scene(
        at(day(-410), "10:10"),
        lambda: _record(
            cast,
            "manager",
            cast.person("CPD", LEADER),
            LEADERSHIP,
            QualificationKind.LICENCE,
            issuer="Institute of Disaster Medicine",
            reference="IDM-2291",
            starts_on=day(-420),
            months=48,
        ),
    )
    yield Scene(
        at(day(-200), "14:20"),
        lambda: _record(
            cast,
            "director",
            cast.person("CPD", TRIAGE_EQUIVALENT),
            TRIAGE,
            QualificationKind.EQUIVALENCE,
            issuer="University Hospital",
            reference="Attestation of the emergency department 14",
            starts_on=day(-200),
            months=24,
        ),
    )
    for rank in range(1, NOMINATED + 1):
        yield Scene(
            at(day(SHEET_CAME + 1), "11:00") + timedelta(minutes=rank), partial(_record_first_aid, cast, rank)
        )
    story = StoryCohort(cast)
    yield Scene(
        at(story.day(-23), "09:05"),
        lambda: _record(
            cast,
            "director",
            cast.person(NOMINEES, FIRST_AID_EXPIRED),
            FIRST_AID,
            QualificationKind.EQUIVALENCE,
            issuer="University Hospital",
            reference="Refresher of the emergency department",
            starts_on=story.day(-23),
            months=6,
        ),
    )


def _record_first_aid(cast: Cast, rank: int) -> None:
    """Two years each; that of one nominee ended three weeks before the sheet came."""
    ended = cast.timeline.day(SHEET_CAME - 20)
    starts_on = cast.timeline.day(-500 - 7 * rank)
    if rank == FIRST_AID_EXPIRED:
        starts_on = date(ended.year - 2, ended.month, min(ended.day, 28))
    _record(
        cast,
        "director",
        cast.person(NOMINEES, rank),
        FIRST_AID,
        QualificationKind.LICENCE,
        issuer="National Ambulance School",
        reference=f"FA-{starts_on.year}-{300 + rank}",
        starts_on=starts_on,
        months=24,
    )


def _record(
    cast: Cast,
    by: str,
    person: Person,
    code: str,
    kind: QualificationKind,
    *,
    issuer: str,
    reference: str,
    starts_on: date,
    months: int,
) -> None:
    values = QualificationValues(
        course_id=find_course(code).id,
        kind=kind,
        issuer=issuer,
        reference=reference,
        starts_on=starts_on,
        ends_on=add_months(starts_on, months),
    )
    record_qualification(person, values, actor=cast.host(by))
