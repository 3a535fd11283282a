"""Settings of the host, the audit trail, background work, start page and search."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update

from accounts.models import Host, User
from accounts.permissions import Role
from accounts.services import hosts
from foundation import audit, clock, jobs
from foundation.access import AccessEntry
from foundation.audit import AuditDetail, AuditEntry
from foundation.db import db
from foundation.jobs import Job, JobState
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.support.client import LintingClient
from tests.support.statements import counted_statements

SignIn = Callable[[User], LintingClient]
HOST = {
    "names_en": "Rescue Service",
    "names_ar": "خدمة الإنقاذ",
    "names_fr": "",
    "short_name": "RS",
    "country": "JO",
    "city": "Amman",
    "time_zone": "Asia/Amman",
    "contact_email": "help@host.example",
    "first_language": "en",
    "second_language": "ar",
    "director_title_en": "Director",
    "director_title_ar": "المدير",
    "director_title_fr": "",
    "official_title_en": "Official",
    "official_title_ar": "المسؤول",
    "official_title_fr": "",
    "show_hijri": "y",
}


@pytest.fixture
def admin(app: Flask) -> User:
    admin = make_user(Role.ADMINISTRATOR)
    db.session.commit()
    return admin


@pytest.fixture
def auditor(app: Flask) -> User:
    auditor = make_user(Role.AUDITOR)
    db.session.commit()
    return auditor


def make_job(state: JobState = JobState.QUEUED, **values: Any) -> Job:
    job = Job(
        **{
            "kind": "accounts.send_reset_link",
            "payload": {"v": 1, "args": [0]},
            "version": 1,
            "state": state,
            "run_at": clock.now(),
            "max_attempts": 3,
            "lease_seconds": 60,
            "created_at": clock.now(),
        }
        | values
    )
    db.session.add(job)
    db.session.flush()
    return job


def test_settings_are_saved_and_pages_carry_the_new_name(sign_in: SignIn, admin: User) -> None:
    client = sign_in(admin)
    assert "National Disaster Response Service" in client.get("/settings").text
    assert client.post("/settings", data=HOST).status_code == 303
    assert "Rescue Service" in client.get("/").text
    host = db.session.get_one(Host, 1)
    assert (host.certificate_languages, host.time_zone, host.show_hijri) == (["en", "ar"], "Asia/Amman", True)
    assert db.session.scalars(select(AuditEntry.action)).all() == ["host:changed"]


def test_settings_saved_twice_leave_one_trace(sign_in: SignIn, admin: User) -> None:
    client = sign_in(admin)
    client.post("/settings", data=HOST)
    client.post("/settings", data=HOST)
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"names_en": ""}, "Type the English name."),
        ({"names_en": "x" * 161}, "160"),
        ({"short_name": "  "}, "Type the short name."),
        ({"short_name": "x" * 41}, "40"),
        ({"country": "QQ"}, "Not a valid choice"),
        ({"time_zone": "../etc/passwd"}, "not a time zone"),
        ({"contact_email": "x@"}, "not an e-mail address"),
        ({"second_language": "en"}, "two different languages"),
        ({"second_language": "fr"}, "Certificates print this text in this language"),
        ({"first_language": "xx"}, "Not a valid choice"),
        ({"director_title_en": ""}, "Type the English title."),
    ],
)
def test_poor_settings_are_refused_and_nothing_written(
    sign_in: SignIn, admin: User, changes: dict[str, str], sentence: str
) -> None:
    answer = sign_in(admin).post("/settings", data=HOST | changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.get(Host, 1) is None


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_change_the_settings(sign_in: SignIn, app: Flask, role: Role) -> None:
    client = sign_in(make_user(role))
    assert client.get("/settings").status_code == 403
    assert client.post("/settings", data=HOST).status_code == 403


def test_stand_in_host_is_never_stored_by_reading(app: Flask) -> None:
    assert hosts.get_host().short_name == "NDRS"
    db.session.flush()
    assert db.session.scalar(select(func.count()).select_from(Host)) == 0


def record_some(actor: User) -> None:
    agency = make_agency("CPD")
    audit.record(
        "agency:changed", agency, actor=actor, changes={"kind": ("hospital", "other")}, reason="Wrong kind."
    )
    audit.record(
        "agency:changed",
        agency,
        actor=None,
        changes={"contact_name": (None, "Rana Haddad")},
        personal={"contact_name"},
    )
    db.session.commit()


def test_trail_lists_the_newest_first_with_reason_and_actor(sign_in: SignIn, auditor: User) -> None:
    record_some(auditor)
    page = sign_in(auditor).get("/audit").text
    assert "Wrong kind." in page
    assert page.index("the system") < page.index("Wrong kind.")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"action": "agency:"}, 2),
        ({"action": "user:"}, 0),
        ({"subject": "agency"}, 2),
        ({"subject": "agency", "number": "999"}, 0),
        ({"actor": "USER"}, 1),
        ({"since": "2999-01-01"}, 0),
        ({"until": "2000-01-01"}, 0),
        ({"since": "nonsense", "until": "2999-99-99"}, 2),
        ({"number": "9" * 60}, 2),
        ({"action": "%"}, 0),
    ],
)
def test_trail_is_filtered(sign_in: SignIn, auditor: User, query: dict[str, str], count: int) -> None:
    record_some(auditor)
    page = sign_in(auditor).get("/audit", query_string=query).text
    assert page.count("data-row-link") == count


def test_trail_of_thirty_costs_as_many_statements_as_of_three(sign_in: SignIn, auditor: User) -> None:
    client = sign_in(auditor)
    agency = make_agency()
    costs = []
    for count in (3, 27):
        for _ in range(count):
            audit.record("agency:changed", agency, actor=auditor)
        db.session.commit()
        with counted_statements() as statements:
            client.get("/audit")
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 8


def test_personal_values_are_covered_until_asked_for_and_the_reading_is_logged(
    sign_in: SignIn, auditor: User
) -> None:
    record_some(auditor)
    client = sign_in(auditor)
    assert "Rana Haddad" not in client.get("/audit/2").text
    assert "Rana Haddad" in client.post("/audit/2/personal-values").text
    assert db.session.scalars(
        select(AccessEntry.subject_id).where(AccessEntry.kind == "audit_detail_read")
    ).all() == [2]


def test_erased_personal_value_leaves_the_chain_whole(sign_in: SignIn, auditor: User) -> None:
    record_some(auditor)
    db.session.execute(delete(AuditDetail))
    db.session.commit()
    client = sign_in(auditor)
    assert "Whole" in client.post("/audit/verification").text
    assert client.get("/audit/2").status_code == 200


def test_medical_reasons_stay_covered_for_the_auditor(sign_in: SignIn, auditor: User) -> None:
    agency = make_agency()

    class Subject:
        __tablename__ = "medical_reason"
        id = agency.id

    audit.record(
        "gate:decided", Subject(), actor=None, changes={"reason": (None, "Asthma")}, personal={"reason"}
    )
    db.session.commit()
    client = sign_in(auditor)
    assert "Asthma" not in client.post("/audit/1/personal-values").text


def test_verification_says_whole_or_names_the_fault(sign_in: SignIn, auditor: User) -> None:
    record_some(auditor)
    client = sign_in(auditor)
    page = client.post("/audit/verification").text
    assert "Whole" in page
    assert "2 entries were read" in page
    _break_the_chain()
    page = client.post("/audit/verification").text
    assert "Not whole" in page
    assert "entry 1 was altered" in page


def _break_the_chain() -> None:
    """Do what only somebody with the database in his hands can: take the guard away and rewrite an entry."""
    if db.engine.dialect.name == "sqlite":
        names = db.session.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'")
        ).all()
        for name in names:
            db.session.execute(text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
    db.session.execute(update(AuditEntry).where(AuditEntry.id == 1).values(reason="Another reason."))
    db.session.commit()


def test_readings_and_refusals_are_listed(sign_in: SignIn, auditor: User) -> None:
    sign_in(make_user(Role.INSTRUCTOR, name="Curious Instructor")).get("/users")
    client = sign_in(auditor)
    page = client.get("/audit/readings").text
    assert "refused" in page
    assert "Curious Instructor" in page
    assert "Curious" not in client.get("/audit/readings", query_string={"action": "signed_in"}).text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_only_auditors_read_the_trail(sign_in: SignIn, app: Flask, role: Role) -> None:
    user = make_user(role)
    record_some(user)
    client = sign_in(user)
    assert client.get("/audit").status_code == 403
    assert client.get("/audit/1").status_code == 404
    assert client.get("/audit/readings").status_code == 403
    assert client.post("/audit/verification").status_code == 403


def test_background_work_is_listed_for_administrators(sign_in: SignIn, admin: User) -> None:
    make_job(JobState.DEAD, attempts=3)
    make_job(JobState.DONE)
    client = sign_in(admin)
    assert "Send a link for a new password" in client.get("/jobs").text
    assert client.get("/jobs", query_string={"state": "dead"}).text.count("data-row-link") == 1
    assert client.get("/jobs", query_string={"state": "x", "kind": "'"}).status_code == 200


def test_progress_is_seen_by_who_asked_and_by_administrators(sign_in: SignIn, admin: User) -> None:
    officer = make_officer(make_agency())
    job = make_job(JobState.RUNNING, created_by=officer.id, done_n=3, total_n=17, message="Certificate 3")
    for user in (officer, admin):
        client = sign_in(user)
        assert "3/17" in client.get(f"/jobs/{job.id}").text
        fragment = client.get(f"/jobs/{job.id}/progress").text
        assert "Certificate 3" in fragment
        assert f'data-progress-url="/jobs/{job.id}/progress"' in fragment
        assert "<html" not in fragment


def test_progress_of_others_is_not_found(sign_in: SignIn, app: Flask) -> None:
    job = make_job(created_by=make_officer(make_agency()).id)
    client = sign_in(make_officer(make_agency()))
    assert client.get(f"/jobs/{job.id}").status_code == 404
    assert client.get(f"/jobs/{job.id}/progress").status_code == 404
    assert client.post(f"/jobs/{job.id}/retry").status_code == 404


def test_ended_work_is_not_asked_again_and_shows_its_error_to_administrators_alone(
    sign_in: SignIn, admin: User
) -> None:
    officer = make_officer(make_agency())
    job = make_job(JobState.DEAD, created_by=officer.id, error="ValueError in send", attempts=3)
    own = sign_in(officer).get(f"/jobs/{job.id}").text
    assert "failed for good after 3 tries" in own
    assert "data-progress-url" not in own
    assert "ValueError" not in own
    assert "ValueError in send" in sign_in(admin).get(f"/jobs/{job.id}").text


def test_dead_work_is_tried_again_by_administrators_once(sign_in: SignIn, admin: User) -> None:
    job = make_job(JobState.DEAD, attempts=3)
    client = sign_in(admin)
    assert client.post(f"/jobs/{job.id}/retry").status_code == 303
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    assert client.post(f"/jobs/{job.id}/retry").status_code == 409
    assert db.session.scalars(select(AuditEntry.action)).all() == ["job:retried"]


def test_auditor_sees_work_and_does_not_start_it(sign_in: SignIn, auditor: User) -> None:
    job = make_job(JobState.DEAD)
    client = sign_in(auditor)
    assert client.get("/jobs").status_code == 200
    assert client.post(f"/jobs/{job.id}/retry").status_code == 403
    assert job.state == JobState.DEAD


def test_page_of_work_leads_back_within_the_site_alone(sign_in: SignIn, admin: User) -> None:
    job = make_job()
    client = sign_in(admin)
    assert 'href="/agencies"' in client.get(f"/jobs/{job.id}?next=/agencies").text
    assert 'href="//elsewhere' not in client.get(f"/jobs/{job.id}?next=//elsewhere.example").text


def test_start_page_tells_the_administrator_of_dead_work_and_open_invitations(
    sign_in: SignIn, admin: User
) -> None:
    admin.password_hash = "x"
    make_job(JobState.DEAD)
    make_user(Role.AUDITOR)
    page = sign_in(admin).get("/").text
    assert "1 piece of background work failed for good." in page
    assert "1 invitation is not accepted yet." in page


def test_start_page_without_work_says_so_kindly(sign_in: SignIn, app: Flask) -> None:
    page = sign_in(make_user(Role.QUARTERMASTER, password_hash="x")).get("/").text
    assert "Nothing waits for you" in page


def test_rail_shows_a_role_its_places_and_marks_the_present_one(sign_in: SignIn, admin: User) -> None:
    page = sign_in(admin).get("/users").text
    assert '<a class="place" href="/users" aria-current="page">' in page
    assert 'href="/audit"' not in page


@pytest.mark.parametrize("text_typed", ["", "a", " ", "x" * 500, "<b>", "%", "\x00", "\u202e\u0627"])
def test_search_survives_what_people_type(sign_in: SignIn, admin: User, text_typed: str) -> None:
    answer = sign_in(admin).get("/search", query_string={"q": text_typed})
    assert answer.status_code == 200
    assert "<b>" not in answer.text


def test_search_finds_users_and_agencies_for_who_may_see_them(sign_in: SignIn, admin: User) -> None:
    make_agency("FINDME", names={"en": "Findable Agency"})
    make_user(Role.AUDITOR, name="Findable Person")
    page = sign_in(admin).get("/search?q=find").text
    assert "Findable Agency" in page
    assert "Findable Person" in page
    trainee = sign_in(make_user(Role.TRAINEE)).get("/search?q=find").text
    assert "Findable" not in trainee


def test_counts_name_every_state(app: Flask) -> None:
    make_job(JobState.DEAD)
    assert jobs.count_jobs()[JobState.DEAD] == 1
