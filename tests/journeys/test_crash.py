"""Processes are killed without warning while certificates are issued and marks saved: nothing is lost, nothing is made twice.

Real processes, killed with SIGKILL: the worker, the web, and everything at once. Power loss itself cannot be tried here.
"""

import hashlib
import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from accounts.models import User
from accounts.permissions import Role
from certification import issuer
from certification.checking import judge_file
from certification.models import Certificate, CertificateFile, CertificateVersion
from certification.services import issuing
from curriculum.models import Mark, MarkOperation
from foundation import clock, storage
from foundation.audit import verify_chain
from foundation.db import db, transaction
from foundation.jobs import Job, JobState
from tests.conftest import POSTGRES
from tests.factories.accounts import make_agency, make_user
from tests.factories.certification import approve_both, make_assessed_cohort
from tests.factories.curriculum import make_cohort, make_edition, make_enrolment, post_instructor
from tests.support.client import LintingClient, sign_in_client
from tests.support.installation import Installation, installation
from tests.support.postgres import fresh_database
from tests.support.waiting import eventually

INSTRUCTORS = 4
ITEMS = 6
LONG = 300.0


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)] if POSTGRES else ["sqlite"]
)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    if request.param == "sqlite":
        with installation(tmp_path) as made:
            yield made
        return
    with fresh_database() as url, installation(tmp_path, url) as made:
        yield made


@dataclass
class Instructor:
    """Somebody at a device that saves marks one after the other, and sends again what was not answered."""

    port: int
    cookie: str
    token: str
    path: str
    items: list[int]
    acknowledged: dict[str, tuple[int, int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def work(self, stop: threading.Event) -> None:
        versions = dict.fromkeys(self.items, 0)
        values = dict.fromkeys(self.items, 0)
        while not stop.is_set():
            for item in self.items:
                values[item] = values[item] % 3 + 1
                body = {
                    "uuid": str(uuid4()),
                    "item_id": item,
                    "value": values[item],
                    "base_version": versions[item],
                }
                answer = self._send_until_answered(body, stop)
                if answer is None:
                    return
                versions[item] = answer["version"]
                self.acknowledged[str(body["uuid"])] = (item, values[item])
                stop.wait(0.05)

    def _send_until_answered(self, body: dict[str, object], stop: threading.Event) -> dict[str, int] | None:
        while not stop.is_set():
            try:
                status, answer = self._send(body)
            except (TimeoutError, OSError, http.client.HTTPException):
                stop.wait(0.1)
                continue
            if status == 200:
                return answer
            if status < 500:
                self.faults.append(f"{status}: {answer}")
                return None
            stop.wait(0.1)
        return None

    def _send(self, body: dict[str, object]) -> tuple[int, dict[str, int]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {
                "Cookie": f"ijaza={self.cookie}",
                "X-CSRFToken": self.token,
                "Content-Type": "application/json",
                "Accept": "application/json",
            }
            connection.request("POST", self.path, json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


def _instructors(server: Installation) -> list[Instructor]:
    """Post four instructors to a running cohort, one trainee each."""
    agency = make_agency()
    cohort = make_cohort(make_edition(items=ITEMS), starts_on=clock.today("Asia/Amman"))
    station = cohort.edition.assessments[0]
    found = []
    for _ in range(INSTRUCTORS):
        user = make_user(Role.INSTRUCTOR)
        post_instructor(cohort, user)
        enrolment = make_enrolment(cohort, agency)
        db.session.commit()
        client = _signed_in(server, user)
        cookie = client.get_cookie("ijaza")
        assert cookie is not None
        path = f"/enrolments/{enrolment.id}/assessments/{station.id}/marks"
        # Asking for the token wrote it into the session that the cookie holds.
        token = client._token()
        cookie = client.get_cookie("ijaza")
        assert cookie is not None
        found.append(Instructor(0, cookie.value, token, path, [item.id for item in station.items]))
    db.session.commit()
    return found


def _signed_in(server: Installation, user: User) -> LintingClient:
    server.app.test_client_class = LintingClient
    return sign_in_client(server.app, user)


def _sealed(server: Installation) -> int:
    with server.app.app_context():
        count = db.session.execute(select(func.count(CertificateFile.id))).scalar_one()
        db.session.remove()
        return count


def _let_the_lease_run_out(server: Installation) -> None:
    """A killed worker's job is taken over when its minute is over: let that minute pass."""
    with server.app.app_context(), transaction():
        for job in db.session.query(Job).filter_by(state=JobState.RUNNING):
            if job.lease_until is not None:
                job.lease_until -= timedelta(seconds=120)


def _await_sealed(server: Installation, count: int) -> None:
    assert eventually(lambda: _sealed(server) >= count, within=LONG), server.said()


@pytest.mark.parametrize("certificates", [12, pytest.param(100, marks=pytest.mark.deep)])
def test_killed_processes_lose_nothing_and_make_nothing_twice(
    server: Installation, certificates: int
) -> None:
    with server.app.app_context():
        cohort = make_assessed_cohort(competent=certificates)
        _director, official = approve_both(cohort)
        cohort_id = cohort.id
        with transaction():
            issuing.start_issue(cohort, actor=official)
        instructors = _instructors(server)
        db.session.remove()
        db.engine.dispose()
    server.start()
    stop = threading.Event()
    threads = []
    for instructor in instructors:
        instructor.port = server.port
        threads.append(threading.Thread(target=instructor.work, args=(stop,)))
    for thread in threads:
        thread.start()
    try:
        step = certificates // 4
        _await_sealed(server, step)
        assert server.kill("worker") > 0
        _let_the_lease_run_out(server)
        _await_sealed(server, 2 * step)
        assert server.kill("web") > 0
        _await_sealed(server, 3 * step)
        assert server.kill() > 0
        assert server.process is not None
        server.process.wait()
        server.start()
        _let_the_lease_run_out(server)
        _await_sealed(server, certificates)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    server.stop()
    with server.app.app_context():
        _check_certificates(cohort_id, certificates)
        _check_marks(instructors)
        _check_database()


def _check_certificates(cohort_id: int, count: int) -> None:
    found = db.session.query(Certificate).filter_by(cohort_id=cohort_id).order_by(Certificate.sequence).all()
    assert [one.sequence for one in found] == list(range(1, count + 1))
    assert len({one.enrolment_id for one in found}) == count
    assert db.session.query(CertificateVersion).count() == count
    files = db.session.query(CertificateFile).order_by(CertificateFile.id).all()
    assert len({file.version_id for file in files}) == len(files) == count
    trust = issuer.list_trust_roots()
    for number, file in enumerate(files):
        pdf = storage.get(file.storage_key)
        assert hashlib.sha256(pdf).hexdigest() == file.sha256
        if number % 4 == 0:
            assert judge_file(pdf, trust=trust, known=None, on=clock.today()).verdict == "valid"


def _check_marks(instructors: list[Instructor]) -> None:
    stored = {
        operation.uuid: (operation.item_id, int(operation.value))
        for operation in db.session.execute(select(MarkOperation)).scalars()
        if operation.value is not None
    }
    for instructor in instructors:
        assert instructor.faults == []
        assert len(instructor.acknowledged) > len(instructor.items)
        lost = {uuid for uuid, said in instructor.acknowledged.items() if stored.get(uuid) != said}
        assert lost == set()
    assert db.session.query(Mark).filter(Mark.version > 1).count() >= INSTRUCTORS * ITEMS


def _check_database() -> None:
    assert verify_chain().problems == ()
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []
