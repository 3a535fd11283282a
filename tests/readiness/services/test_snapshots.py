"""Snapshots: frozen figures, numbers without gaps, one report a language, and what is learnt later."""

import threading
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from accounts.permissions import Role
from certification.models import (
    CertificateAction,
    CertificateActionKind,
    CertificateActionState,
)
from foundation import clock, jobs
from foundation.db import db, transaction
from foundation.errors import Forbidden
from readiness.models import Snapshot, SnapshotFile, Team
from readiness.services import snapshots
from readiness.services.assessing import assess
from tests.factories.accounts import make_agency, make_officer, make_user
from tests.factories.certification import issue, make_assessed_cohort
from tests.factories.readiness import get_edition, join, make_members, make_team


def freeze(team: Team, *, on: date | None = None) -> Snapshot:
    return snapshots.freeze(team, team.edition, on=on or clock.today(), actor=None)


def test_numbers_run_without_gaps_within_a_year(app: Flask) -> None:
    team = make_team()
    year = clock.now().year
    assert [freeze(team).number for _ in range(3)] == [f"S-{year}-{n:04d}" for n in (1, 2, 3)]
    with clock.frozen_at(datetime.fromisoformat(f"{year + 1}-01-02T10:00:00+00:00")):
        assert freeze(team).number == f"S-{year + 1}-0001"


def test_two_freezes_at_once_get_two_numbers(app: Flask) -> None:
    team_id = make_team().id
    db.session.commit()
    numbers: list[str] = []
    start = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            start.wait(10)
            with transaction():
                team = db.session.get_one(Team, team_id)
                numbers.append(freeze(team).number)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    year = clock.now().year
    assert sorted(numbers) == [f"S-{year}-0001", f"S-{year}-0002"]


def test_revocation_leaves_the_snapshot_and_a_fresh_assessment_follows_the_rule(app: Flask) -> None:
    agency = make_agency()
    cohort = make_assessed_cohort(agency, competent=1)
    cohort.edition.course.code = "MCM-201"
    (certificate,) = issue(cohort)
    team = make_team(agency)
    join(team, [certificate.person])
    today = clock.today()
    snapshot = freeze(team)
    assert snapshot.assessment.filled == 1
    later = clock.now() + timedelta(days=40)
    with clock.frozen_at(later):
        official = make_user(Role.CERTIFYING_OFFICIAL)
        db.session.add(
            CertificateAction(
                agency_id=agency.id,
                certificate_id=certificate.id,
                kind=CertificateActionKind.REVOKE,
                state=CertificateActionState.APPROVED,
                reason="A prerequisite was forged",
                proposed_at=later,
                proposed_by_id=make_user(Role.PROGRAMME_MANAGER).id,
                decided_at=later,
                decided_by_id=official.id,
            )
        )
        db.session.commit()
        db.session.expire_all()
        assert snapshots.get_whole(snapshot.id).assessment.filled == 1
        assert assess(team, team.edition, on=later.date()).filled == 0
        assert assess(team, team.edition, on=today).filled == 1


def test_snapshot_of_a_past_day_answers_the_same_later(app: Flask) -> None:
    team = make_team()
    make_members(team, 1, "M-MIM-320")
    past = clock.today() - timedelta(days=3)
    snapshot = freeze(team, on=past)
    key, sha256, text = snapshot.id, snapshot.sha256, snapshot.assessment.to_json()
    make_members(team, 1, "M-MIM-320")
    db.session.commit()
    db.session.expunge_all()
    again = snapshots.get_whole(key)
    assert (again.sha256, again.assessment.to_json()) == (sha256, text)
    assert again.assessment.on == past


def test_only_manager_and_own_officer_keep_figures(app: Flask) -> None:
    team = make_team()
    for stranger in (make_officer(make_agency()), make_user(Role.AUDITOR)):
        with pytest.raises(Forbidden):
            snapshots.freeze(team, team.edition, on=clock.today(), actor=stranger)
    snapshots.freeze(team, team.edition, on=clock.today(), actor=make_officer(team.agency))


def test_previous_is_the_last_of_the_same_team_and_standard_of_a_day_not_later(app: Flask) -> None:
    team = make_team()
    today = clock.today()
    first = freeze(team, on=today - timedelta(days=2))
    freeze(make_team(team.agency))
    other = snapshots.freeze(team, get_edition("who-emt-type2"), on=today, actor=None)
    last = freeze(team)
    assert snapshots.find_previous(last) is first
    assert snapshots.find_previous(first) is None
    assert snapshots.find_previous(other) is None
    assert snapshots.find_previous(freeze(team, on=today - timedelta(days=3))) is None


def test_report_is_printed_once_in_each_language_and_goes_on_where_it_stopped(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = make_team()
    snapshot = freeze(team)
    first, second = (snapshots.start_report(snapshot, actor=None) for _ in range(2))
    assert first.id == second.id
    db.session.commit()
    printed: list[str] = []

    def render(_snapshot: Snapshot, *, language: str) -> bytes:
        printed.append(language)
        if len(printed) == 2:
            raise RuntimeError("the power failed")
        return f"%PDF-1.7 {language}".encode()

    monkeypatch.setattr(snapshots, "render", render)
    snapshot_id = snapshot.id
    with pytest.raises(RuntimeError):
        snapshots.print_reports(snapshot_id, unit=transaction, progress=lambda *_: None)
    assert snapshots.print_reports(snapshot_id, unit=transaction, progress=lambda *_: None) == ["ar", "fr"]
    assert snapshots.print_reports(snapshot_id, unit=transaction, progress=lambda *_: None) == []
    assert printed == ["en", "ar", "ar", "fr"]
    files = {row.language: snapshots.read_file(row) for row in db.session.query(SnapshotFile)}
    assert files == {code: f"%PDF-1.7 {code}".encode() for code in ("en", "ar", "fr")}


def test_job_prints_the_three_reports(app: Flask) -> None:
    snapshot = freeze(make_team())
    job = snapshots.start_report(snapshot, actor=None)
    db.session.commit()
    jobs.run_pending()
    db.session.expire_all()
    assert db.session.get_one(jobs.Job, job.id).state is jobs.JobState.DONE
    bodies = {row.language: snapshots.read_file(row) for row in db.session.query(SnapshotFile)}
    assert sorted(bodies) == ["ar", "en", "fr"]
    assert all(body.startswith(b"%PDF-") for body in bodies.values())
    assert len(set(bodies.values())) == 3
