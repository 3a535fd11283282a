"""The files of a signed deed: one PDF a language, printed by a job from the frozen content, kept once and for ever."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.services.hosts import get_host
from equipment.models import Deed, DeedFile, DeedSignature, DeedState
from equipment.strokes import check_strokes
from foundation import audit, clock, jobs, storage
from foundation.db import conflict_as, db, reading
from foundation.errors import DomainConflict, NotFound
from foundation.i18n import LANGUAGES, _
from foundation.web import app_config

PRINT_JOB = "equipment.print_deed"
Unit = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], None]


class FileExists(DomainConflict):
    """Another worker made the file first."""


def start_printing(deed: Deed, *, actor: User | None) -> jobs.Job:
    """Ask for the files of a signed deed; asked again, the same job is returned."""
    return jobs.enqueue(PRINT_JOB, deed.id, key=_key(deed), actor=actor, agency_id=deed.agency_id)


def find_printing(deed: Deed) -> jobs.Job | None:
    """Return the job that prints a deed, or None before it is signed."""
    return jobs.find_job_by_key(_key(deed))


def _key(deed: Deed) -> str:
    return f"{PRINT_JOB}:{deed.id}"


def print_deed(deed_id: int, *, unit: Unit, progress: Progress) -> list[str]:
    """Print a signed deed in every language that has no file yet; return those languages. Killed at any point, it goes on.

    `unit()` opens one short transaction; `progress(done, total, message)` is called between them. Rendering holds none open.
    """
    made = []
    for done, language in enumerate(LANGUAGES, start=1):
        if _print_in(deed_id, language, unit=unit):
            made.append(language)
        progress(done, len(LANGUAGES), "")
    return made


def _print_in(deed_id: int, language: str, *, unit: Unit) -> bool:
    with reading():
        deed = db.session.get_one(Deed, deed_id)
        if deed.state is not DeedState.CLOSED or any(file.language == language for file in deed.files):
            return False
        facts = _facts(deed)
    # Imported where it is used: drawing is the worker's, and its libraries cost every start-up seconds.
    from equipment.documents.deed import render_deed

    stored = storage.put(render_deed(language=language, **facts), suffix=".pdf")
    try:
        with unit():
            deed = db.session.get_one(Deed, deed_id)
            file = DeedFile(
                deed_id=deed.id,
                agency_id=deed.agency_id,
                language=language,
                storage_key=stored.key,
                sha256=stored.sha256,
                size=stored.size,
                made_at=clock.now(),
            )
            with conflict_as("uq_deed_file_deed_id_language", FileExists("")):
                db.session.add(file)
            audit.record(
                "deed:printed",
                deed,
                actor=None,
                changes={"language": (None, language), "sha256": (None, stored.sha256)},
            )
    except FileExists:
        return False
    return True


def _facts(deed: Deed) -> dict[str, Any]:
    """Return what a deed prints, as plain data."""
    from equipment.documents.deed import PrintedReceipt

    config = app_config()
    return {
        "content": deed.content,
        "content_hash": deed.content_hash,
        "check_code": deed.check_code,
        "receipts": {
            line.position: PrintedReceipt(
                accepted=line.receipt.accepted,
                refused=line.receipt.refused,
                missing=line.receipt.missing,
                reason=line.receipt.reason or "",
                condition=line.receipt.condition_received.value,
            )
            for line in deed.lines
            if line.receipt is not None
        },
        "signatures": {signature.side.value: _signature(signature) for signature in deed.signatures},
        "verify_hint": config.public_url.partition("://")[2],
        "demonstration": config.demonstration,
    }


def _signature(signature: DeedSignature) -> Any:
    from equipment.documents.deed import PrintedSignature

    return PrintedSignature(
        name=signature.name,
        title=signature.title or "",
        strokes=check_strokes(signature.strokes),
        signed_at=signature.signed_at.astimezone(ZoneInfo(get_host().time_zone)),
    )


def read_file(deed: Deed, language: str) -> bytes:
    """Return a deed's file in a language; raise NotFound while there is none."""
    file = next((file for file in deed.files if file.language == language), None)
    if file is None:
        raise NotFound(_("This file is not made yet."))
    return storage.get(file.storage_key)


def file_name(deed: Deed, language: str) -> str:
    """Return the name under which a deed's file is saved."""
    return f"{deed.number}-{language}.pdf"
