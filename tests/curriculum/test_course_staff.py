"""Directors and evaluators of a course: appointed and licensed on its page, refused to everybody else."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from accounts.models import User
from accounts.permissions import Role
from curriculum.models import EvaluatorQualification
from foundation import clock
from foundation.db import db
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.curriculum import make_course
from tests.support.client import LintingClient

SignIn = Callable[[User], LintingClient]


def test_manager_appoints_a_director_and_licenses_an_evaluator(app: Flask, sign_in: SignIn) -> None:
    course, director = make_course(), make_user(Role.COURSE_DIRECTOR, name="Dina Director")
    instructor = make_user(Role.INSTRUCTOR, name="Ivan Instructor")
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    page = f"/courses/{course.id}/staff"

    assert client.post(f"{page}/directors", data={"director-user": director.id}).status_code == 302
    licence = {
        "licence-user": instructor.id,
        "licence-starts_on": (clock.today() - timedelta(days=300)).isoformat(),
        "licence-ends_on": (clock.today() + timedelta(days=400)).isoformat(),
    }
    assert client.post(f"{page}/licences", data=licence).status_code == 302
    assert client.post(f"{page}/licences", data=licence).status_code == 409

    text = client.get(page).text
    assert "Dina Director" in text and "Ivan Instructor" in text and "In date" in text
    assert db.session.execute(select(func.count(EvaluatorQualification.id))).scalar_one() == 1


def test_bad_licences_are_refused_with_what_was_typed(app: Flask, sign_in: SignIn) -> None:
    course, instructor = make_course(), make_user(Role.INSTRUCTOR)
    client = sign_in(make_user(Role.PROGRAMME_MANAGER))
    for typed in (
        {},
        {"licence-user": "999999", "licence-starts_on": "2026-01-01"},
        {"licence-user": instructor.id, "licence-starts_on": "yesterday"},
        {"licence-user": instructor.id, "licence-starts_on": "2026-02-01", "licence-ends_on": "2026-01-01"},
    ):
        assert client.post(f"/courses/{course.id}/staff/licences", data=typed).status_code == 422
    assert db.session.execute(select(func.count(EvaluatorQualification.id))).scalar_one() == 0


def test_staff_of_a_course_is_for_those_who_plan_it(app: Flask, sign_in: SignIn) -> None:
    course, other = make_course(), make_user(Role.COURSE_DIRECTOR)
    for user in (other, make_officer(make_agency()), make_user(Role.INSTRUCTOR)):
        assert sign_in(user).get(f"/courses/{course.id}/staff").status_code == 403
