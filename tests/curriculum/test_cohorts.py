"""Cohorts: planned on real days, staffed, moved on and found again."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import User
from accounts.permissions import Role
from accounts.sessions import scope_for
from curriculum import desk
from curriculum.models import (
    Cohort,
    CohortState,
    EditionState,
    EvaluatorQualification,
    GateState,
    Posting,
    PostingRole,
)
from curriculum.services import cohorts, courses, postings
from curriculum.services.cohorts import CohortPlan
from curriculum.timetable import plan_days
from foundation import clock
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.errors import Forbidden
from foundation.tenancy import EVERYTHING, within
from tests.factories.accounts import make_agency, make_agreement, make_officer, make_user
from tests.factories.curriculum import (
    make_cohort,
    make_course,
    make_edition,
    make_enrolment,
    make_nomination,
    post_instructor,
)
from tests.support.client import LintingClient

SignIn = Callable[..., LintingClient]
PLAN = CohortPlan(
    seats=20, venue={"en": "Training ground"}, country="JO", languages=("ar", "en"), time_zone="Asia/Amman"
)
FORM = {
    "starts_on": "2027-01-10",
    "seats": "20",
    "venue_en": "Training ground",
    "country": "JO",
    "time_zone": "Asia/Amman",
    "languages": ["ar", "en"],
}


def test_days_run_on_and_leave_out_days_of_rest() -> None:
    friday_and_saturday = {4, 5}

    days = plan_days(6, date(2027, 1, 12), rest_days=friday_and_saturday)

    assert [days[n].isoformat() for n in range(1, 7)] == [
        "2027-01-12",
        "2027-01-13",
        "2027-01-14",
        "2027-01-17",
        "2027-01-18",
        "2027-01-19",
    ]
    assert plan_days(2, date(2027, 1, 12), rest_days=range(7)) == {1: date(2027, 1, 12), 2: date(2027, 1, 13)}


def test_open_cohort_lays_the_sessions_on_real_days(app: Flask) -> None:
    edition = make_edition(make_course("MCM-201"), sessions=4)

    cohort = cohorts.open_cohort(
        edition, starts_on=date(2027, 1, 10), plan=PLAN, actor=make_user(Role.PROGRAMME_MANAGER)
    )

    assert (cohort.code, cohort.certificate_stem, cohort.state) == ("MCM-201/1", "MCM201-1", CohortState.OPEN)
    assert [(one.on.day, one.half) for one in cohort.sessions] == [
        (10, "am"),
        (10, "pm"),
        (11, "am"),
        (11, "pm"),
    ]
    assert cohort.ends_on == date(2027, 1, 11)
    assert (
        db.session.scalars(select(AuditEntry).where(AuditEntry.action == "cohort:opened")).one().subject_id
        == cohort.id
    )


def test_numbers_run_through_all_editions_of_a_course(app: Flask) -> None:
    course = make_course("MCM-201")
    first, second = make_edition(course), make_edition(course, number="2.0")
    cohorts.open_cohort(first, starts_on=date(2027, 1, 10), plan=PLAN, actor=None, number=6)

    cohort = cohorts.open_cohort(second, starts_on=date(2027, 3, 10), plan=PLAN, actor=None)

    assert cohort.code == "MCM-201/7"
    with pytest.raises(cohorts.CohortExists) as refusal:
        cohorts.open_cohort(second, starts_on=date(2027, 4, 10), plan=PLAN, actor=None, number=6)
    assert "8" in refusal.value.message


def test_open_cohort_refuses_drafts_and_impossible_plans(app: Flask) -> None:
    draft = make_edition(state=EditionState.DRAFT)
    edition = make_edition()
    late = CohortPlan(5, {"en": "x"}, "JO", ("en",), "UTC", nominations_close_on=date(2027, 1, 11))

    for wanted, plan in ((draft, PLAN), (edition, late), (edition, CohortPlan(0, {}, "JO", ("en",), "UTC"))):
        with pytest.raises(cohorts.CohortRefused):
            cohorts.open_cohort(wanted, starts_on=date(2027, 1, 10), plan=plan, actor=None)


def test_a_director_plans_own_courses_alone(app: Flask) -> None:
    director = make_user(Role.COURSE_DIRECTOR)
    own, foreign = make_edition(make_course(director=director)), make_edition()

    assert cohorts.open_cohort(own, starts_on=date(2027, 1, 10), plan=PLAN, actor=director).number == 1
    with pytest.raises(Forbidden):
        cohorts.open_cohort(foreign, starts_on=date(2027, 1, 10), plan=PLAN, actor=director)


def test_seats_never_fall_below_those_confirmed(app: Flask) -> None:
    cohort = make_cohort(seats=3)
    for _ in range(2):
        make_enrolment(cohort, make_agency())
    fewer = CohortPlan(1, cohort.venue, "JO", ("en",), "UTC")

    with pytest.raises(cohorts.CohortRefused) as refusal:
        cohorts.change_plan(cohort, plan=fewer, actor=None)

    assert refusal.value.field == "seats"


def test_move_sessions_keeps_first_and_last_day_in_step(app: Flask) -> None:
    cohort = make_cohort(starts_on=date(2027, 1, 10))
    last = cohort.sessions[-1]

    cohorts.move_sessions(cohort, days={last.id: (date(2027, 1, 14), "am")}, actor=None)

    assert cohort.ends_on == date(2027, 1, 14)
    with pytest.raises(cohorts.CohortRefused):
        cohorts.move_sessions(cohort, days={last.id: (date(2027, 1, 10), "am")}, actor=None)


def test_a_new_lead_makes_the_one_before_an_instructor(app: Flask) -> None:
    cohort = make_cohort()
    first, second = make_user(Role.LEAD_INSTRUCTOR), make_user(Role.LEAD_INSTRUCTOR)
    postings.post_instructor(cohort, first, role=PostingRole.LEAD, actor=None)

    postings.post_instructor(cohort, second, role=PostingRole.LEAD, actor=None)
    postings.post_instructor(cohort, second, role=PostingRole.LEAD, actor=None)

    rows = {one.user_id: one.role for one in db.session.scalars(select(Posting))}
    assert rows == {first.id: PostingRole.INSTRUCTOR, second.id: PostingRole.LEAD}


def test_candidates_show_whose_licence_covers_every_day(app: Flask) -> None:
    cohort = make_cohort(starts_on=date(2027, 1, 10))
    course_id = cohort.edition.course_id
    holds, lapsed, without, endless = (make_user(Role.INSTRUCTOR, name=name) for name in "ABCD")
    for user, until in ((holds, date(2027, 1, 11)), (lapsed, date(2027, 1, 10)), (endless, None)):
        db.session.add(
            EvaluatorQualification(
                user_id=user.id, course_id=course_id, starts_on=date(2020, 1, 1), ends_on=until
            )
        )
    post_instructor(make_cohort(starts_on=date(2027, 1, 11)), without, qualified=False)
    db.session.flush()

    found = {one.name: one for one in postings.list_candidates(cohort)}

    assert found["A"].qualified_until == date(2027, 1, 11)
    assert (found["B"].qualified_until, found["B"].lapsed_on) == (None, date(2027, 1, 10))
    assert (found["C"].qualified_until, len(found["C"].elsewhere)) == (None, 1)
    assert found["D"].qualified_until == date.max
    assert postings.is_qualified(holds.id, course_id=course_id, on=date(2027, 1, 11))
    assert not postings.is_qualified(lapsed.id, course_id=course_id, on=date(2027, 1, 11))


def test_only_an_instructor_is_posted(app: Flask) -> None:
    with pytest.raises(cohorts.CohortRefused):
        postings.post_instructor(
            make_cohort(), make_user(Role.AUDITOR), role=PostingRole.INSTRUCTOR, actor=None
        )


def test_a_cohort_goes_from_open_to_closed_in_its_time(app: Flask) -> None:
    cohort = make_cohort(state=CohortState.OPEN, starts_on=date(2027, 1, 10))
    manager = make_user(Role.PROGRAMME_MANAGER)

    def move(to: CohortState, **given: str) -> None:
        cohorts.move_cohort(cohort, to=to, actor=manager, **given)

    for too_early in (CohortState.CONFIRMED, CohortState.RUNNING, CohortState.CLOSED):
        with pytest.raises(cohorts.CohortRefused):
            move(too_early)
    make_enrolment(cohort, make_agency())
    move(CohortState.CONFIRMED)
    with pytest.raises(cohorts.CohortRefused):
        move(CohortState.OPEN)
    move(CohortState.OPEN, reason="Two seats came free")
    move(CohortState.CONFIRMED)
    post_instructor(cohort, make_user(Role.LEAD_INSTRUCTOR), lead=True)
    db.session.expire(cohort)
    with clock.frozen_at(datetime(2027, 1, 10, 5, tzinfo=UTC)):
        move(CohortState.RUNNING)
        with pytest.raises(cohorts.CohortRefused):
            move(CohortState.CLOSED)
    with clock.frozen_at(datetime(2027, 1, 11, 15, tzinfo=UTC)):
        move(CohortState.CLOSED)
    assert cohort.state is CohortState.CLOSED
    with pytest.raises(cohorts.CohortClosed):
        cohorts.change_plan(cohort, plan=PLAN, actor=manager)


def test_new_cohort_page_opens_one_and_keeps_what_was_typed(app: Flask, sign_in: SignIn) -> None:
    edition = make_edition(make_course("MCM-201"))
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))

    assert client.get(f"/cohorts/new?edition_id={edition.id}").status_code == 200
    bad = client.post("/cohorts/new", data=FORM | {"edition": edition.id, "starts_on": "soon", "seats": "-3"})
    assert bad.status_code == 422
    assert "Training ground" in bad.text
    assert client.post("/cohorts/new", data={}).status_code == 422
    assert client.post("/cohorts/new", data=FORM | {"edition": 99999}).status_code == 422
    assert client.post("/cohorts/new", data=FORM | {"edition": edition.id}).status_code == 302
    assert db.session.scalars(select(Cohort)).one().code == "MCM-201/1"
    again = client.post("/cohorts/new", data=FORM | {"edition": edition.id, "number": "1"})
    assert again.status_code == 409
    assert sign_in(make_officer(make_agency())).get("/cohorts/new").status_code == 403


def test_a_director_is_offered_own_editions_alone(app: Flask, sign_in: SignIn) -> None:
    director = make_user(Role.COURSE_DIRECTOR)
    make_edition(make_course("OWN-100", director=director))
    foreign = make_edition(make_course("FAR-100"))
    client = sign_in(director)

    page = client.get("/cohorts/new").text
    assert "OWN-100" in page
    assert "FAR-100" not in page
    assert client.post("/cohorts/new", data=FORM | {"edition": foreign.id}).status_code == 422


def test_cohort_pages_open_for_planners(app: Flask, sign_in: SignIn) -> None:
    cohort = make_cohort(state=CohortState.OPEN, starts_on=date(2027, 1, 10))
    instructor = make_user(Role.INSTRUCTOR, Role.LEAD_INSTRUCTOR)
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    path = f"/cohorts/{cohort.id}"

    for page in ("", "/edit", "/timetable", "/staff", "/people", "/move/confirmed", "/move/open", "/roster"):
        assert client.get(path + page).status_code == 200, page
    assert client.get(f"{path}/move/nonsense").status_code == 404
    assert client.post(f"{path}/move/closed").status_code == 422
    assert client.post(f"{path}/edit", data=FORM | {"seats": "x"}).status_code == 422
    assert client.post(f"{path}/edit", data=FORM | {"seats": "24"}).status_code == 302
    assert db.session.get_one(Cohort, cohort.id).seats == 24
    assert client.post(f"{path}/staff", data={"user": "x", "role": "lead"}).status_code == 422
    assert client.post(f"{path}/staff", data={"user": instructor.id, "role": "lead"}).status_code == 302
    posting_id = db.session.scalars(select(Posting.id)).one()
    assert client.post(f"{path}/staff/{posting_id}/end").status_code == 302
    assert client.post(f"{path}/staff/{posting_id}/end").status_code == 404


def test_timetable_page_moves_a_session(app: Flask, sign_in: SignIn) -> None:
    cohort = make_cohort(starts_on=date(2027, 1, 10))
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    path = f"/cohorts/{cohort.id}/timetable"
    lines = {f"sessions-{n}-on": one.on.isoformat() for n, one in enumerate(cohort.sessions)}
    lines |= {f"sessions-{n}-half": one.half for n, one in enumerate(cohort.sessions)}

    assert client.post(path, data=lines | {"sessions-3-on": "2027-01-10"}).status_code == 422
    assert client.post(path, data=lines | {"sessions-3-on": "tomorrow"}).status_code == 422
    assert client.post(path, data=lines | {"sessions-9-on": "2027-01-10"}).status_code == 302
    assert client.post(path, data={"sessions-0-on": "2027-01-09", "sessions-0-half": "am"}).status_code == 302
    assert client.post(path, data=lines | {"sessions-3-on": "2027-01-13"}).status_code == 302
    assert db.session.get_one(Cohort, cohort.id).ends_on == date(2027, 1, 13)
    assert len(db.session.get_one(Cohort, cohort.id).sessions) == 4


def test_cohort_list_filters_within_sight(app: Flask, sign_in: SignIn) -> None:
    mine, other = (
        make_cohort(make_edition(make_course("AAA-1"))),
        make_cohort(make_edition(make_course("BBB-1"))),
    )
    instructor = make_user(Role.INSTRUCTOR)
    post_instructor(mine, instructor)
    db.session.commit()

    page = sign_in(instructor).get("/cohorts").text
    assert mine.code in page
    assert other.code not in page
    assert sign_in(instructor).get(f"/cohorts/{other.id}").status_code == 404
    manager = sign_in(make_user(Role.PROGRAMME_MANAGER))
    assert other.code not in manager.get("/cohorts?q=AAA").text
    assert mine.code not in manager.get("/cohorts?state=open").text
    assert manager.get("/cohorts?state=x&domain=y&sort=-starts&when=today&after=%00").status_code == 200
    assert sign_in(make_user(Role.TRAINEE)).get("/cohorts").status_code == 403


def test_another_director_may_not_open_the_cohort(app: Flask, sign_in: SignIn) -> None:
    cohort = make_cohort()
    client = sign_in(make_user(Role.COURSE_DIRECTOR))

    assert client.get(f"/cohorts/{cohort.id}").status_code == 403
    assert client.get(f"/cohorts/{cohort.id}/edit").status_code == 403


def waiting_of(app: Flask, user: User) -> list[str]:
    with app.test_request_context(), within(scope_for(user)):
        return [line.sentence for line in desk.list_waiting(user, clock.today())]


def test_desk_says_what_waits_for_each_role(app: Flask) -> None:
    director, medical = make_user(Role.COURSE_DIRECTOR), make_user(Role.MEDICAL_REVIEWER)
    agency = make_agency()
    make_agreement(agency)
    course = make_edition(make_course(director=director))
    cohort = make_cohort(course, state=CohortState.OPEN, starts_on=date(2030, 1, 10))
    make_nomination(cohort, agency, gates=GateState.OPEN)
    vetting, keeper = make_user(Role.VETTING_OFFICER), make_user(Role.QUARTERMASTER)
    officer, elsewhere = make_officer(agency), make_officer(make_agency())
    db.session.commit()

    assert any("3 gates" in line for line in waiting_of(app, director))
    assert any("1 medical gate" in line for line in waiting_of(app, medical))
    assert any("vetting" in line for line in waiting_of(app, vetting))
    assert waiting_of(app, officer) == [f"{cohort.code}: 1 of your nominees has a gate that is still open."]
    assert waiting_of(app, elsewhere) == [f"{cohort.code}, Test edition, is open for nomination."]
    assert not waiting_of(app, keeper)


def test_desk_search_finds_cohorts_and_courses_in_sight(app: Flask) -> None:
    courses.load_catalogue()
    cohort = make_cohort(make_edition(make_course("ZZZ-9")))
    manager, trainee = make_user(Role.PROGRAMME_MANAGER), make_user(Role.TRAINEE)
    db.session.commit()

    with app.test_request_context(), within(EVERYTHING):
        assert [hit.title for hit in desk.search(manager, "ZZZ-9/")] == [cohort.code]
        assert any(hit.title.startswith("MCM-201") for hit in desk.search(manager, "mass-casualty"))
        assert desk.search(trainee, "MCM") == []
