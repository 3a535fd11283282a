"""Snapshots: an assessment frozen under a number, and its report printed once in each language.

A snapshot is read back, never judged again: what was reported then stays what was reported, whatever is learnt later.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, undefer

from accounts.models import Agency, User
from accounts.permissions import Permission
from accounts.services.hosts import get_host
from certification.documents.facts import Host as HostNames
from foundation import audit, clock, jobs, storage
from foundation.access import visible
from foundation.db import conflict_as, db, reading
from foundation.errors import DomainConflict, Forbidden, NotFound
from foundation.i18n import LANGUAGES, _
from foundation.tenancy import EVERYTHING, within
from foundation.web import app_config
from readiness.assessment import Assessment
from readiness.models import Snapshot, SnapshotFile, Standard, StandardEdition, Team
from readiness.services.assessing import assess

REPORT_JOB = "readiness.print_report"
MOST_TRIES = 20
Unit = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], None]


class NumberTaken(DomainConflict):
    """Another snapshot got this number a moment ago."""


class FileExists(DomainConflict):
    """Another worker made the file first."""


def freeze(
    team: Team, edition: StandardEdition, *, on: date, hold_days: int = 0, actor: User | None
) -> Snapshot:
    """Assess a team and keep the result under the next number of the year. Raises Forbidden, and as `assess` does."""
    if actor is not None and not actor.may(Permission.READINESS_REPORT, team):
        raise Forbidden(_("Only a programme manager or an officer of the agency reports on its teams."))
    assessment = assess(team, edition, on=on, hold_days=hold_days)
    text = assessment.to_json()
    row: dict[str, Any] = {
        "agency_id": team.agency_id,
        "team": team,
        "edition": edition,
        "as_of": on,
        "known_at": assessment.known_at,
        "level": int(assessment.level) if assessment.level is not None else None,
        "content": json.loads(text),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "made_by_id": actor.id if actor is not None else None,
    }
    snapshot = _number(row, year=clock.day_of(assessment.known_at).year)
    changes = {
        "number": (None, snapshot.number),
        "as_of": (None, on),
        "level": (None, snapshot.level),
        "sha256": (None, snapshot.sha256),
    }
    audit.record("snapshot:frozen", snapshot, actor=actor, changes=changes)
    return snapshot


def _number(row: dict[str, Any], *, year: int) -> Snapshot:
    """Write the snapshot under the year's next number; whoever comes second in a race takes the one after."""
    taken = NumberTaken(_("Too many snapshots are made at this moment. Try again."))
    for _try in range(MOST_TRIES):
        last = select(func.max(Snapshot.sequence)).where(Snapshot.year == year)
        # The snapshots of all agencies share one row of numbers.
        with within(EVERYTHING):
            sequence = (db.session.execute(last).scalar() or 0) + 1
        snapshot = Snapshot(number=f"S-{year}-{sequence:04d}", year=year, sequence=sequence, **row)
        try:
            # Both are violated by the same race, and which one the database names is its own choice.
            with conflict_as("uq_snapshot_number", taken), conflict_as("uq_snapshot_year_sequence", taken):
                db.session.add(snapshot)
            return snapshot
        except NumberTaken:
            continue
    raise taken


def start_report(snapshot: Snapshot, *, actor: User | None) -> jobs.Job:
    """Have the reports of a snapshot printed in the background; once for ever, however often it is asked for."""
    return jobs.enqueue(
        REPORT_JOB, snapshot.id, key=_key(snapshot), actor=actor, agency_id=snapshot.agency_id
    )


def find_report(snapshot: Snapshot) -> jobs.Job | None:
    """Return the job that prints a snapshot's reports, or None."""
    return jobs.find_job_by_key(_key(snapshot))


def _key(snapshot: Snapshot) -> str:
    return f"{REPORT_JOB}:{snapshot.number}"


def print_reports(snapshot_id: int, *, unit: Unit, progress: Progress) -> list[str]:
    """Print what is missing of a snapshot's reports and return the languages printed. May be killed at any point.

    Rendering holds no transaction open; each file is kept by a short one of its own.
    """
    printed = []
    for done, language in enumerate(LANGUAGES):
        progress(done, len(LANGUAGES), language)
        with reading():
            if _has_file(snapshot_id, language):
                continue
            body = render(get_whole(snapshot_id), language=language)
        stored = storage.put(body, suffix=".pdf")
        with unit():
            if not _has_file(snapshot_id, language):
                _keep(snapshot_id, language, stored)
                printed.append(language)
    progress(len(LANGUAGES), len(LANGUAGES), "")
    return printed


def _has_file(snapshot_id: int, language: str) -> bool:
    query = select(SnapshotFile.id).where(
        SnapshotFile.snapshot_id == snapshot_id, SnapshotFile.language == language
    )
    return db.session.execute(query).first() is not None


def _keep(snapshot_id: int, language: str, stored: storage.StoredObject) -> None:
    snapshot = db.session.get_one(Snapshot, snapshot_id)
    row = SnapshotFile(
        agency_id=snapshot.agency_id,
        snapshot_id=snapshot_id,
        language=language,
        storage_key=stored.key,
        sha256=stored.sha256,
        size=stored.size,
        made_at=clock.now(),
    )
    with conflict_as("uq_snapshot_file_snapshot_id_language", FileExists(_("The report is there already."))):
        db.session.add(row)
    audit.record(
        "snapshot:printed",
        snapshot,
        actor=None,
        changes={"language": (None, language), "sha256": (None, stored.sha256)},
    )


def render(snapshot: Snapshot, *, language: str) -> bytes:
    """Return the report of a snapshot as PDF, compared with the one before it of the same team and standard."""
    previous = find_previous(snapshot)
    return render_assessment(
        snapshot.assessment,
        previous=previous.assessment if previous is not None else None,
        language=language,
        edition=snapshot.edition,
        number=snapshot.number,
        check_code=snapshot.check_code,
    )


def render_assessment(
    assessment: Assessment,
    *,
    previous: Assessment | None,
    language: str,
    edition: StandardEdition,
    number: str,
    check_code: str,
) -> bytes:
    """Return the report of an assessment as PDF. `number` is that of its snapshot, and names the page where it can be compared."""
    # The PDF library takes a second to import, and pages never print.
    from readiness.documents.report import render_report

    host = get_host()
    return render_report(
        assessment,
        previous=previous,
        language=language,
        snapshot_number=number,
        check_code=check_code,
        verify_hint=f"{app_config().public_url}/snapshots/{number}",
        show_names=True,
        known_on=clock.day_of(assessment.known_at),
        host=HostNames(
            name_en=host.names["en"],
            name_ar=host.names.get("ar", ""),
            name_fr=host.names.get("fr", ""),
            short=host.short_name,
        ),
        limits=edition.definition.rules.area("P").bands,
        demonstration=app_config().demonstration,
    )


def find_previous(snapshot: Snapshot) -> Snapshot | None:
    """Return the last snapshot made before this one of the same team and standard, of a day that is not later, or None."""
    query = (
        select(Snapshot)
        .join(StandardEdition, StandardEdition.id == Snapshot.edition_id)
        .where(
            Snapshot.team_id == snapshot.team_id,
            StandardEdition.standard_id == snapshot.edition.standard_id,
            Snapshot.id < snapshot.id,
            Snapshot.as_of <= snapshot.as_of,
        )
        .order_by(Snapshot.id.desc())
        .options(undefer(Snapshot.content))
        .limit(1)
    )
    return db.session.execute(query).scalar_one_or_none()


def find_last(team: Team, standard_id: int, *, on: date) -> Snapshot | None:
    """Return the newest snapshot of a team against a standard, of a day before this one, or None."""
    query = (
        select(Snapshot)
        .join(StandardEdition, StandardEdition.id == Snapshot.edition_id)
        .where(Snapshot.team_id == team.id, StandardEdition.standard_id == standard_id, Snapshot.as_of < on)
        .order_by(Snapshot.as_of.desc(), Snapshot.id.desc())
        .options(undefer(Snapshot.content))
        .limit(1)
    )
    return db.session.execute(query).scalar_one_or_none()


def get_whole(snapshot_id: int) -> Snapshot:
    """Return a snapshot with its content; raise NotFound."""
    query = (
        select(Snapshot)
        .where(Snapshot.id == snapshot_id)
        .options(
            undefer(Snapshot.content),
            joinedload(Snapshot.edition, innerjoin=True).undefer(StandardEdition.content),
        )
    )
    snapshot = db.session.execute(query).scalar_one_or_none()
    if snapshot is None:
        raise NotFound(_("There is no such snapshot."))
    return snapshot


def find_file(snapshot: Snapshot, language: str) -> SnapshotFile | None:
    """Return the report of a snapshot in a language, or None while it is not printed."""
    return next((one for one in snapshot.files if one.language == language), None)


def read_file(file: SnapshotFile) -> bytes:
    """Return the bytes of a report as they were printed."""
    return storage.get(file.storage_key)


def list_of_team(team: Team, viewer: User, *, most: int) -> list[Snapshot]:
    """Return the newest snapshots of a team."""
    query = (
        select(Snapshot)
        .where(Snapshot.team_id == team.id, visible(Snapshot, viewer))
        .order_by(Snapshot.id.desc())
        .limit(most)
    )
    return list(db.session.execute(query).scalars())


def query_snapshots(
    viewer: User, *, team: Team | None = None, text: str | None = None, level: int | None = None
) -> Select[Any]:
    """Return the Core select of the snapshots in sight, one row a snapshot."""
    columns: list[Any] = [
        Snapshot.id,
        Snapshot.number,
        Snapshot.as_of,
        Snapshot.known_at,
        Snapshot.level,
        Team.code.label("team_code"),
        Team.names.label("team_names"),
        Agency.code.label("agency_code"),
        Standard.code.label("standard_code"),
        StandardEdition.titles.label("standard_titles"),
    ]
    query: Select[Any] = (
        select(*columns)
        .join(Team, Team.id == Snapshot.team_id)
        .join(Agency, Agency.id == Snapshot.agency_id)
        .join(StandardEdition, StandardEdition.id == Snapshot.edition_id)
        .join(Standard, Standard.id == StandardEdition.standard_id)
        .where(visible(Snapshot, viewer))
    )
    if team is not None:
        query = query.where(Snapshot.team_id == team.id)
    if level is not None:
        query = query.where(Snapshot.level == level)
    if text:
        query = query.where(
            Snapshot.number.icontains(text, autoescape=True) | Team.code.icontains(text, autoescape=True)
        )
    return query


def map_newest_levels(team_ids: list[int]) -> dict[int, tuple[int, int | None, date]]:
    """Return {team id: (snapshot id, level, as of)} of each team's newest snapshot, in one statement."""
    newest = select(func.max(Snapshot.id)).where(Snapshot.team_id.in_(team_ids)).group_by(Snapshot.team_id)
    query = select(Snapshot.team_id, Snapshot.id, Snapshot.level, Snapshot.as_of).where(
        Snapshot.id.in_(newest)
    )
    return {row.team_id: (row.id, row.level, row.as_of) for row in db.session.execute(query)}


def list_newest_of_open_teams(
    viewer: User, *, most: int, agency: Agency | None = None
) -> list[tuple[int, dict[str, str], date, Snapshot | None]]:
    """Return (team id, names, formed on, newest snapshot with its content or None) of the open teams in sight, by code.

    With an agency, those of its own.
    """
    query = (
        select(Team.id, Team.names, Team.formed_on)
        .where(Team.closed_on.is_(None), visible(Team, viewer))
        .order_by(Team.code)
        .limit(most)
    )
    if agency is not None:
        query = query.where(Team.agency_id == agency.id)
    rows = db.session.execute(query).all()
    newest = (
        select(func.max(Snapshot.id))
        .where(Snapshot.team_id.in_([row.id for row in rows]))
        .group_by(Snapshot.team_id)
    )
    whole = select(Snapshot).where(Snapshot.id.in_(newest)).options(undefer(Snapshot.content))
    found = {one.team_id: one for one in db.session.execute(whole).scalars()}
    return [(row.id, row.names, row.formed_on, found.get(row.id)) for row in rows]
