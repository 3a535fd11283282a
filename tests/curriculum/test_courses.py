"""Courses, their editions, and the catalogue that comes with the system."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.permissions import Role
from curriculum.models import Assessment, AssessmentItem, Course, Edition, EditionState
from curriculum.services import courses, editions
from curriculum.services.records import scheme_of_assessment
from foundation.audit import AuditEntry
from foundation.db import db
from foundation.errors import Forbidden
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.curriculum import make_cohort, make_course, make_edition
from tests.support.client import LintingClient

SignIn = Callable[..., LintingClient]


def test_load_catalogue_twice_writes_once(app: Flask) -> None:
    first = courses.load_catalogue()
    second = courses.load_catalogue()

    assert len(first.courses) == 61
    assert first.published == ["M-TRI-101 1.0", "MCM-201 1.4", "U-TEC-310 1.0", "Y-INC-220 2.1"]
    assert len(first.drafts) == 57
    assert (second.courses, second.published, second.drafts, second.unchanged) == ([], [], [], 61)
    assert db.session.scalar(select(func.count()).select_from(Course)) == 61


def test_load_catalogue_writes_an_edition_whole(app: Flask) -> None:
    courses.load_catalogue()

    edition = db.session.scalars(
        select(Edition).join(Course, Course.id == Edition.course_id).where(Course.code == "MCM-201")
    ).one()
    assert edition.state is EditionState.PUBLISHED
    assert (edition.hours, edition.sessions_required, edition.validity_months) == (35, 9, 36)
    assert len(edition.sessions) == 10
    assert [one.code for one in edition.assessments] == ["ST1", "ST2", "ST3", "WP"]
    assert [len(one.items) for one in edition.assessments] == [12, 12, 12, 1]
    assert edition.prerequisites == [{"course": "C-FA-110", "in_date": True}]
    assert edition.course.titles["ar"] == "إدارة حوادث الإصابات الجماعية"


def test_load_catalogue_keeps_the_limits_of_a_drill(app: Flask) -> None:
    courses.load_catalogue()

    drill = db.session.scalars(select(Assessment).where(Assessment.code == "DR")).one()
    scheme = scheme_of_assessment(drill)
    assert all(item.at_least is not None or item.at_most is not None for item in scheme.items)
    assert db.session.scalar(select(func.count()).where(AssessmentItem.unit.is_not(None))) > 0


def test_load_catalogue_leaves_an_edition_that_was_stored(app: Flask) -> None:
    course = make_course("MCM-201")
    make_edition(course, number="1.4", hours=12)

    report = courses.load_catalogue()

    assert "MCM-201 1.4" not in report.published
    assert db.session.scalars(select(Edition).where(Edition.course_id == course.id)).one().hours == 12


def test_publish_of_a_whole_draft_is_audited(app: Flask) -> None:
    edition = make_edition(state=EditionState.DRAFT)
    manager = make_user(Role.PROGRAMME_MANAGER)

    editions.publish_edition(edition, actor=manager)

    assert edition.state is EditionState.PUBLISHED
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "edition:published")).one()
    assert entry.actor_id == manager.id
    assert entry.changes["state"] == ["draft", "published"]


def test_publish_of_an_outline_says_what_is_missing(app: Flask) -> None:
    courses.load_catalogue()
    outline = db.session.scalars(select(Edition).where(Edition.state == EditionState.DRAFT).limit(1)).one()

    with pytest.raises(editions.EditionIncomplete) as refusal:
        editions.publish_edition(outline, actor=None)

    assert "No session is planned." in refusal.value.message
    assert "No assessment is defined" in refusal.value.message


def test_publish_twice_is_refused(app: Flask) -> None:
    with pytest.raises(editions.EditionNotDraft):
        editions.publish_edition(make_edition(), actor=make_user(Role.PROGRAMME_MANAGER))


def test_publish_by_a_director_is_refused(app: Flask) -> None:
    director = make_user(Role.COURSE_DIRECTOR)
    edition = make_edition(make_course(director=director), state=EditionState.DRAFT)

    with pytest.raises(Forbidden):
        editions.publish_edition(edition, actor=director)


def test_courses_page_filters_and_searches(app: Flask, sign_in: SignIn) -> None:
    courses.load_catalogue()
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))

    assert "MCM-201" in client.get("/courses?q=MCM").text
    assert "U-TEC-310" not in client.get("/courses?domain=cyber").text
    assert "Y-INC-220" in client.get("/courses?domain=cyber&sort=-title").text
    assert "No course fits" in client.get("/courses?q=%25&domain=nonsense").text
    assert "MCM-201" in client.get("/courses?q=حوادث").text


def test_an_officer_sees_published_editions_alone(app: Flask, sign_in: SignIn) -> None:
    course = make_course()
    published, draft = make_edition(course), make_edition(course, number="2.0", state=EditionState.DRAFT)
    client = sign_in(make_officer(make_agency()))

    page = client.get(f"/courses/{course.id}").text
    assert f"/editions/{published.id}" in page
    assert f"/editions/{draft.id}" not in page
    assert client.get(f"/editions/{draft.id}").status_code == 404
    assert client.get(f"/editions/{published.id}").status_code == 200


def test_edition_page_publishes_for_a_manager_and_refuses_others(app: Flask, sign_in: SignIn) -> None:
    director = make_user(Role.COURSE_DIRECTOR)
    edition = make_edition(make_course(director=director), state=EditionState.DRAFT)

    assert sign_in(director).post(f"/editions/{edition.id}/publish").status_code == 403
    assert sign_in(make_officer(make_agency())).post(f"/editions/{edition.id}/publish").status_code == 404
    response = sign_in(make_user(Role.PROGRAMME_MANAGER)).post(f"/editions/{edition.id}/publish")
    assert response.status_code == 302
    assert db.session.get_one(Edition, edition.id, populate_existing=True).state is EditionState.PUBLISHED


def test_edition_page_shows_an_incomplete_draft_why_it_waits(app: Flask, sign_in: SignIn) -> None:
    edition = make_edition(state=EditionState.DRAFT, sessions=2)
    db.session.delete(edition.outcomes[0])
    db.session.flush()
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))

    assert "No outcome is written" in client.get(f"/editions/{edition.id}").text
    assert client.post(f"/editions/{edition.id}/publish").status_code == 422


def test_course_page_lists_its_cohorts(app: Flask, sign_in: SignIn) -> None:
    cohort = make_cohort()
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))

    assert cohort.code in client.get(f"/courses/{cohort.edition.course_id}").text
    assert client.get("/courses/999999").status_code == 404


def test_catalogue_load_command_answers_json(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["catalogue", "load", "--json"])

    assert result.exit_code == 0
    assert '"MCM-201 1.4"' in result.output
