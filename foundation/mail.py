"""Letters to people: a row in the sender's transaction, and a job that brings it out once.

A letter is written in its recipient's language when it is sent for, so what it says is what was true then,
and the job's arguments hold no address. In development letters become files in `instance/outbox`;
IJAZA_MAIL_URL names a mail server.
"""

import hashlib
import logging
import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from flask import Flask, current_app, render_template
from sqlalchemy import String, Text, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from foundation import clock
from foundation.db import Model, Moment, db, reading
from foundation.errors import DomainError
from foundation.i18n import _, direction, in_language
from foundation.jobs import JobContext, enqueue, job

log = logging.getLogger("ijaza.mail")

_EXTENSION = "ijaza_mail"
SMTP_TIMEOUT_SECONDS = 20
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class OutboxMail(Model):
    """A letter. `key` makes it exist once; `handed_over_at` says that a server was being given its text.

    With `handed_over_at` but no `sent_at` nobody can know whether it left: it is not sent again unless a
    person asks.
    """

    __tablename__ = "outbox_mail"

    key: Mapped[str] = mapped_column(String(180), unique=True)
    to: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(250))
    body_text: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    handed_over_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(300))


class BadAddress(DomainError):
    """The text is no mail address."""


class MailRefused(DomainError):
    """The mail server refuses this letter for good, or nobody knows whether it left; a person must look."""


@dataclass(frozen=True)
class _Post:
    """Where letters go: a server, or a folder when there is none."""

    sender: Address
    host: str | None
    port: int
    username: str | None
    password: str | None
    implicit_tls: bool
    folder: Path


def init_app(app: Flask, *, mail_url: str | None, public_url: str, folder: Path) -> None:
    """Read where letters go: `smtp://user:password@host:587` or `smtps://…:465`, optionally `?from=address`.

    Without `from` the sender is `ijaza@` the host of the public address. Raises ValueError for another
    scheme.
    """
    parts = urlsplit(mail_url or "")
    if mail_url and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise ValueError("IJAZA_MAIL_URL must look like smtp://user:password@host:587 or smtps://…")
    given = parse_qs(parts.query).get("from", [""])[0]
    host = urlsplit(public_url).hostname or "localhost"
    sender = given or f"ijaza@{f'[IPv6:{host}]' if ':' in host else host}"
    implicit = parts.scheme == "smtps"
    app.extensions[_EXTENSION] = _Post(
        sender=Address(display_name="Ijaza", addr_spec=sender),
        host=parts.hostname,
        port=parts.port or (465 if implicit else 587),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        implicit_tls=implicit,
        folder=folder,
    )


def send(name: str, /, *, to: str, language: str, key: str, **context: Any) -> OutboxMail:
    """Write the letter `name` to one person in their language, in the caller's transaction; have it delivered.

    Renders `templates/emails/<name>/{subject.txt,body.txt,body.html}` with `context`, `language`, `direction`
    and `to`. With the `key` of an earlier letter that one is returned and nothing new is sent. Raises
    BadAddress.
    """
    _require_address(to)
    known = db.session.execute(select(OutboxMail).where(OutboxMail.key == key)).scalar_one_or_none()
    if known is not None:
        return known
    given = {**context, "language": language, "direction": direction(language), "to": to}
    with in_language(language):
        subject = " ".join(render_template(f"emails/{name}/subject.txt", **given).split())
        body_text = render_template(f"emails/{name}/body.txt", **given).strip() + "\n"
        body_html = render_template(f"emails/{name}/body.html", **given)
    insert = (
        sqlite.insert(OutboxMail) if db.engine.dialect.name == "sqlite" else postgresql.insert(OutboxMail)
    )
    statement = insert.values(
        key=key,
        to=to,
        language=language,
        subject=subject[:250],
        body_text=body_text,
        body_html=body_html,
        created_at=clock.now(),
        attempts=0,
    ).on_conflict_do_nothing(index_elements=["key"])
    db.session.execute(statement)
    mail = db.session.execute(select(OutboxMail).where(OutboxMail.key == key)).scalar_one()
    enqueue("foundation.deliver_mail", mail.id, key=f"mail:{key}")
    return mail


@job(
    "foundation.deliver_mail",
    max_attempts=8,
    retry_seconds=30,
    lease_seconds=120,
    time_limit_seconds=180,
    priority=10,
)
def deliver_mail(ctx: JobContext, mail_id: int) -> None:
    """Bring one letter out, unless it is out already.

    A server may have accepted a letter although the worker died before it could say so. Such a letter is not
    sent again by itself: a second reminder is worse than a question to a person, whose retry (attempt 1)
    sends it with the same Message-ID.
    """
    with reading():
        mail = db.session.get(OutboxMail, mail_id)
        if mail is None or mail.sent_at is not None:
            return
        unsure = mail.handed_over_at is not None and ctx.attempt > 1
        db.session.expunge(mail)
    if unsure:
        raise MailRefused(
            _("It is not known whether this letter left. Look at the mail server's log before trying again.")
        )
    with ctx.unit():
        db.session.get_one(OutboxMail, mail_id).attempts += 1
    post = _post()
    message = compose(mail, sender=post.sender)
    try:
        if post.host is None:
            _write_file(post.folder, mail, message)
        else:
            _send_by_smtp(post, message, handing_over=lambda: _mark_handed_over(ctx, mail_id))
    except (MailRefused, smtplib.SMTPException, OSError) as exc:
        _note_failure(ctx, mail_id, exc)
        raise
    sent = db.session.get_one(OutboxMail, mail_id)
    sent.sent_at = clock.now()
    sent.error = None


def compose(mail: OutboxMail, *, sender: Address) -> EmailMessage:
    """Return the message: plain text and HTML, and a Message-ID that is the same each time.

    The message object refuses line ends in header values, so no text of a person can add a header.
    """
    message = EmailMessage(policy=SMTP_POLICY)
    message["Subject"] = mail.subject
    message["From"] = sender
    message["To"] = Address(addr_spec=mail.to)
    message["Date"] = mail.created_at
    message["Message-ID"] = f"<{_digest(mail.key)}@{sender.domain}>"
    message["Content-Language"] = mail.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body_text)
    message.add_alternative(mail.body_html, subtype="html")
    return message


def _require_address(to: str) -> None:
    try:
        address = Address(addr_spec=to)
    except (ValueError, IndexError, MessageError) as exc:
        raise BadAddress(_("This is not a mail address."), field="email") from exc
    # A letter to characters beyond ASCII needs an extension that mail servers on the way may lack.
    if not to.isascii() or not address.username or "." not in address.domain.strip("."):
        raise BadAddress(_("This is not a mail address."), field="email")


def _write_file(folder: Path, mail: OutboxMail, message: EmailMessage) -> None:
    """Write the letter under a name that its key decides: a second time it replaces itself."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{mail.created_at:%Y%m%d-%H%M%S}-{_digest(mail.key)[:12]}.eml"
    draft = path.with_suffix(".part")
    draft.write_bytes(bytes(message))
    os.replace(draft, path)


def _send_by_smtp(post: _Post, message: EmailMessage, *, handing_over: Callable[[], None]) -> None:
    recipient = message["To"].addresses[0].addr_spec
    with _connected(post) as server:
        for code, answer in (server.mail(post.sender.addr_spec), server.rcpt(recipient)):
            if code >= 400:
                _refuse(code, answer)
        handing_over()
        code, answer = server.data(bytes(message))
        if code >= 400:
            _refuse(code, answer)


def _refuse(code: int, answer: bytes) -> None:
    """Raise: a 5xx answer will be the same next time, a 4xx one may pass."""
    if code >= 500:
        raise MailRefused(_("The mail server refused this letter (code %(code)s).", code=code))
    raise smtplib.SMTPResponseException(code, answer)


@contextmanager
def _connected(post: _Post) -> Iterator[smtplib.SMTP]:
    assert post.host is not None
    context = ssl.create_default_context()
    if post.implicit_tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            post.host, post.port, timeout=SMTP_TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(post.host, post.port, timeout=SMTP_TIMEOUT_SECONDS)
    with server:
        server.ehlo()
        if not post.implicit_tls and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif not post.implicit_tls and post.username and post.host not in LOOPBACK:
            raise smtplib.SMTPNotSupportedError(
                "the server offers no encryption, so it is not given a password"
            )
        if post.username:
            server.login(post.username, post.password or "")
        yield server


def _mark_handed_over(ctx: JobContext, mail_id: int) -> None:
    with ctx.unit():
        db.session.get_one(OutboxMail, mail_id).handed_over_at = clock.now()


def _note_failure(ctx: JobContext, mail_id: int, exc: BaseException) -> None:
    """Keep the kind of failure; an answer from the server means that the letter did not leave."""
    with ctx.unit():
        mail = db.session.get_one(OutboxMail, mail_id)
        mail.error = type(exc).__name__
        if isinstance(exc, MailRefused | smtplib.SMTPResponseException):
            mail.handed_over_at = None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def _post() -> _Post:
    return cast("_Post", current_app.extensions[_EXTENSION])
