"""Doing it once: a repeated request with the same `Idempotency-Key` gets the answer of the first, and has no second effect.

The key and the answer are rows of the very transaction that has the effect: either both are there or neither. A refused
request keeps nothing, so it may be corrected and sent again under its key. Two at once meet at the unique constraint:
the second waits for the first and then gets its answer.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g, request
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from foundation import clock
from foundation.api.problems import Refusal
from foundation.api.shapes import tag_of
from foundation.db import Model, Moment, conflict_as, db
from foundation.errors import DomainConflict
from foundation.i18n import _

HEADER = "Idempotency-Key"
PATTERN = r"[A-Za-z0-9_-]{1,64}"
KEPT_FOR = timedelta(hours=48)


class KeptAnswer(Model):
    """What a caller was answered under a key; `fingerprint` tells whether the same is asked again."""

    __tablename__ = "kept_answer"
    __table_args__ = (UniqueConstraint("user_id", "key"),)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(Text, default="")
    location: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)


class _Taken(DomainConflict):
    """The key was used before."""


def once(act: Callable[[], Response], *, body: Any) -> Response:
    """Do what a request asks and keep the answer; or, when its key was used before, give the kept answer.

    Raises Refusal: 400 without a key, 422 when the key was used for something else.
    """
    key, fingerprint = _read_key(), _fingerprint(body)
    kept = KeptAnswer(user_id=g.viewer.id, key=key, fingerprint=fingerprint, created_at=clock.now())
    _forget_old()
    try:
        with conflict_as("uq_kept_answer_user_id_key", _Taken("used")):
            db.session.add(kept)
    except _Taken:
        return _repeat(key, fingerprint)
    response = act()
    kept.status = response.status_code
    kept.body = response.get_data(as_text=True)
    kept.location = response.headers.get("Location")
    return response


def _repeat(key: str, fingerprint: str) -> Response:
    query = select(KeptAnswer).where(KeptAnswer.user_id == g.viewer.id, KeptAnswer.key == key)
    kept = db.session.execute(query).scalar_one()
    if kept.fingerprint != fingerprint:
        raise Refusal(
            _("This key was used for another request. Take a new one for each thing to be done."),
            status=422,
            kind="idempotency-key-reused",
        )
    response = Response(kept.body, kept.status, mimetype="application/json")
    if kept.location:
        response.headers["Location"] = kept.location
    response.headers["Idempotency-Replayed"] = "true"
    set_tag(response, kept.body)
    return response


def set_tag(response: Response, body: str) -> None:
    """Give an answer the tag by which it is recognised later, and say that it is one caller's own."""
    response.set_etag(tag_of(body))
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization, Accept-Language"


def _read_key() -> str:
    key = request.headers.get(HEADER, "").strip()
    if re.fullmatch(PATTERN, key, re.ASCII):
        return key
    raise Refusal(
        _("Name this request by an Idempotency-Key of 1 to 64 letters, digits, hyphens or underscores."),
        status=400,
        kind="idempotency-key-missing",
    )


def _fingerprint(body: Any) -> str:
    asked = json.dumps([request.method, request.full_path, body], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def forget_answers(user_id: int) -> None:
    """Delete what is kept for a caller who will not ask again."""
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.user_id == user_id))


def _forget_old() -> None:
    """Delete the answers, whosever they are, that are older than anybody repeats a request; they hold names of persons."""
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.created_at < clock.now() - KEPT_FOR))
