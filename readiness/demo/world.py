"""The demonstration as a whole: when it may be built, and what it consists of."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select

from accounts.demo.accounts import DEMO_ACCOUNTS
from accounts.models import Agency, Person, User
from certification import issuer
from certification.demo import setting
from certification.demo.cast import Cast
from certification.demo.mass_casualty import StoryCohort
from certification.demo.qualifications import qualification_scenes
from certification.demo.sheet import sheet_scenes
from certification.demo.timeline import Progress, Scene, Timeline, at
from certification.demo.training import CyberCohort, RescueCohort, SecondMedicalCohort, TriageCohort
from curriculum.models import Cohort
from equipment.services.deed_files import PRINT_JOB
from foundation import audit, clock, jobs
from foundation.audit import AuditEntry
from foundation.db import db, reading, transaction
from readiness.demo.handovers import Handovers
from readiness.demo.stores import Store
from readiness.demo.teams import team_scenes
from readiness.models import Team
from readiness.services.snapshots import REPORT_JOB

BEGUN, FINISHED = "demo:begun", "demo:finished"
PRINTED_LATER = (PRINT_JOB, REPORT_JOB)


class Content(StrEnum):
    """What a database holds as far as the demonstration is concerned."""

    EMPTY = "empty"
    DEMO = "demo"
    HALF_A_DEMO = "half a demo"
    OTHER = "other"


@dataclass(frozen=True)
class Built:
    """How much a build made."""

    agencies: int
    persons: int
    cohorts: int
    teams: int


def look_at_database() -> Content:
    """Say whether the database is empty, holds a demonstration (whole, or left when a build was interrupted), or something else."""
    with reading():
        marks = select(AuditEntry.action).where(AuditEntry.action.in_((BEGUN, FINISHED)))
        found = set(db.session.execute(marks).scalars())
        if found:
            return Content.DEMO if FINISHED in found else Content.HALF_A_DEMO
        tables = (User, Agency, Person, Cohort)
        empty = all(db.session.execute(select(table.id).limit(1)).first() is None for table in tables)
    return Content.EMPTY if empty else Content.OTHER


def build(*, scale: int = 1, progress: Progress = lambda *_: None) -> Built:
    """Build the demonstration into an empty database: the acceptance story's world, and `scale` - 1 further ones like it."""
    timeline = Timeline(clock.now())
    shared = setting.Passwords()
    casts = [Cast(timeline, world) for world in range(scale)]
    scenes: list[Scene] = []
    for cast in casts:
        if cast.world == 0:
            scenes += [*setting.host_scenes(cast, shared), *setting.trainee_scenes(cast, shared)]
        scenes += setting.agency_scenes(cast, shared)
        story = StoryCohort(cast)
        scenes += story.scenes()
        for cohort in (TriageCohort, SecondMedicalCohort, RescueCohort, CyberCohort):
            scenes += cohort(cast).scenes()
        scenes += [*qualification_scenes(cast), *sheet_scenes(cast)]
        scenes += _response_scenes(cast, story)
    founded = at(timeline.day(setting.FOUNDED), "07:59")
    with transaction(), clock.frozen_at(founded):
        host = setting.name_host()
        audit.record(BEGUN, host, actor=None, changes={"scale": (None, scale)})
    with clock.frozen_at(founded):
        # The first seal of this installation, if it has none yet, has to be older than what it seals.
        issuer.get_seal()
    timeline.play(scenes, progress=progress)
    # Letters go out and the sheet is rehearsed, as a worker would have done long ago. What is printed takes longer: a worker does it.
    jobs.run_pending(limit=100_000, raising=False, but=PRINTED_LATER)
    with transaction():
        audit.record(FINISHED, host, actor=None)
    with reading():
        counts = [
            db.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (Agency, Person, Cohort, Team)
        ]
    return Built(*counts)


def _response_scenes(cast: Cast, story: StoryCohort) -> list[Scene]:
    """Return what is handed out in a world and what becomes of its teams."""
    store = Store(cast)
    handovers = Handovers(cast, store, story)
    return [*store.scenes(), *handovers.scenes(), *team_scenes(cast, story, handovers)]


def list_account_lines() -> list[str]:
    """Return the demonstration's accounts as they are shown to somebody who wants to sign in."""
    width = max(len(account.email) for account in DEMO_ACCOUNTS)
    return [f"{account.email:<{width}}  {account.role.replace('_', ' ')}" for account in DEMO_ACCOUNTS]
