"""Letters: one row and one delivery a key, in the recipient's language, and none twice."""

import email
import email.policy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from foundation import clock, mail
from foundation.db import db, transaction
from foundation.jobs import JobState, find_job_by_key, list_jobs, retry, run_pending
from foundation.mail import BadAddress, OutboxMail, send
from tests.support.mail_server import MailServer, running_mail_server


@pytest.fixture
def server(bare_app: Flask, tmp_path: Path) -> Iterator[MailServer]:
    with running_mail_server() as running:
        mail.init_app(bare_app, mail_url=running.url, public_url="https://ijaza.example", folder=tmp_path)
        yield running


def greet(
    key: str = "greeting:1", to: str = "amina@cpd.example", name: str = "Amina", language: str = "en"
) -> int:
    with transaction():
        return send(
            "greeting", to=to, language=language, key=key, name=name, link="https://ijaza.example/x"
        ).id


def reload(mail_id: int) -> OutboxMail:
    db.session.expire_all()
    return db.session.get_one(OutboxMail, mail_id)


def job_state(key: str = "greeting:1") -> JobState:
    job = find_job_by_key(f"mail:{key}")
    assert job is not None
    db.session.refresh(job)
    return job.state


def test_a_letter_is_written_in_its_readers_language(bare_app: Flask) -> None:
    letter = reload(greet(language="ar"))

    assert letter.subject == "Welcome, Amina"
    assert letter.body_text == "Dear Amina, open https://ijaza.example/x (ar, rtl).\n"
    assert '<html lang="ar" dir="rtl">' in letter.body_html


def test_a_letter_exists_once_for_its_key_and_not_at_all_after_a_rollback(bare_app: Flask) -> None:
    assert greet() == greet()
    assert len(list_jobs()) == 1
    send("greeting", to="a@cpd.example", language="en", key="other", name="A", link="x")
    db.session.rollback()
    assert len(list_jobs()) == 1


def test_without_a_server_letters_become_files_once(bare_app: Flask, tmp_path: Path) -> None:
    mail_id = greet()
    run_pending()

    (path,) = (tmp_path / "outbox").glob("*.eml")
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (message["To"], message["Subject"]) == ("amina@cpd.example", "Welcome, Amina")
    assert message["From"] == "Ijaza <ijaza@ijaza.example>"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert reload(mail_id).sent_at is not None


def test_the_html_part_is_escaped_and_a_name_cannot_add_a_header(bare_app: Flask, tmp_path: Path) -> None:
    greet(name="<b>Amina</b>\r\nBcc: thief@else.example")
    run_pending()

    (path,) = (tmp_path / "outbox").glob("*.eml")
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["Bcc"] is None
    assert message["Subject"] == "Welcome, <b>Amina</b> Bcc: thief@else.example"
    assert "&lt;b&gt;Amina" in message.get_body(("html",)).get_content()


@pytest.mark.parametrize(
    "to",
    [
        "",
        "amina",
        "amina@",
        "@cpd.example",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "a@host",
        "é@b.example",
    ],
)
def test_a_text_that_is_no_address_is_refused(bare_app: Flask, to: str) -> None:
    with pytest.raises(BadAddress):
        greet(to=to)


def test_a_server_gets_the_letter_once(bare_app: Flask, server: MailServer) -> None:
    mail_id = greet()
    run_pending()
    run_pending()

    (letter,) = server.letters
    assert b"Message-ID: <" in letter and b"From: Ijaza <training@host.example>" in letter
    assert (reload(mail_id).attempts, job_state()) == (1, JobState.DONE)


def test_a_server_that_is_busy_gets_the_letter_later(bare_app: Flask, server: MailServer) -> None:
    mail_id = greet()
    server.answers = {"RCPT": "451 come back"}
    run_pending(raising=False)
    assert (job_state(), reload(mail_id).error) == (JobState.QUEUED, "SMTPResponseException")
    server.answers = {"END": "452 disk full"}
    with clock.frozen_at(clock.now() + timedelta(hours=1)):
        run_pending(raising=False)
    server.answers = {}
    with clock.frozen_at(clock.now() + timedelta(hours=3)):
        run_pending()

    assert len(server.letters) == 1
    assert (job_state(), reload(mail_id).error) == (JobState.DONE, None)


def test_a_letter_refused_for_good_is_not_tried_again(bare_app: Flask, server: MailServer) -> None:
    server.answers = {"RCPT": "550 no such user"}
    mail_id = greet()
    run_pending(raising=False)

    assert (job_state(), reload(mail_id).error) == (JobState.DEAD, "MailRefused")


def test_a_letter_that_may_have_left_waits_for_a_person_and_then_looks_the_same(
    bare_app: Flask, server: MailServer
) -> None:
    server.answers = {"END": "drop"}
    greet()
    run_pending(raising=False)
    with clock.frozen_at(clock.now() + timedelta(hours=1)):
        run_pending(raising=False)
    assert job_state() == JobState.DEAD
    assert len(server.letters) == 1

    server.answers = {}
    job = find_job_by_key("mail:greeting:1")
    assert job is not None
    with transaction():
        retry(job, actor=None)
    run_pending()

    first, second = (email.message_from_bytes(letter)["Message-ID"] for letter in server.letters)
    assert first == second
    assert job_state() == JobState.DONE


def test_a_password_is_not_sent_in_the_clear(
    bare_app: Flask, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "LOOPBACK", frozenset())
    url = server.url.replace("smtp://", "smtp://user:secret@")
    mail.init_app(bare_app, mail_url=url, public_url="https://ijaza.example", folder=Path("unused"))
    greet()
    run_pending(raising=False)

    assert (job_state(), server.letters) == (JobState.QUEUED, [])


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "mail.example:25"])
def test_another_kind_of_address_is_refused_at_start(bare_app: Flask, url: str) -> None:
    with pytest.raises(ValueError):
        mail.init_app(bare_app, mail_url=url, public_url="https://ijaza.example", folder=Path("unused"))


def test_a_host_known_by_its_number_alone_can_send(bare_app: Flask, tmp_path: Path) -> None:
    mail.init_app(bare_app, mail_url=None, public_url="https://[::1]:8000", folder=tmp_path)
    mail.init_app(bare_app, mail_url=None, public_url="http://127.0.0.1:8000", folder=tmp_path)
