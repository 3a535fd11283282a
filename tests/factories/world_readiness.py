"""The world's teams: each side has one with a member, an item, an exercise, evidence, and a snapshot with its reports."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from accounts.models import Agency, Person, User
from accounts.permissions import Role
from foundation import clock, storage
from foundation.db import db
from foundation.i18n import LANGUAGES
from readiness.models import SnapshotFile, TeamExercise
from readiness.services import snapshots
from tests.factories.equipment import hand_over, make_items
from tests.factories.readiness import allot, exercise, join, make_line_type, make_team, show

if TYPE_CHECKING:
    from tests.factories.world import Side, World

FORMED = date(2026, 1, 5)


def furnish(
    world: "World", side: "Side", agency: Agency, people: list[Person], staff: dict[Role, User]
) -> None:
    """Give a side its team and what belongs to it; the standards are everybody's."""
    team = make_team(
        agency,
        code=f"{side.stem[:4].upper()}-MCM",
        names={"en": f"{side.stem} team", "ar": f"فريق {side.native_stem}", "fr": f"Équipe {side.stem}"},
        formed_on=FORMED,
    )
    world.shared["standard_code"] = ["mcm-team", "insarag-usar-medium"]
    world.shared["report_language"] = list(LANGUAGES)
    item_type = make_line_type("EQ-02")
    items = make_items(2, item_type=item_type)
    hand_over(agency, items)
    allot(team, items[:1])
    join(team, people[:2], since=FORMED)
    exercise(team, clock.today() - timedelta(days=40), note=f"{side.stem} exercise")
    show(team, "MC-01", note=f"{side.stem} paper")
    snapshot = snapshots.freeze(
        team, team.edition, on=clock.today(), actor=db.session.get_one(User, side.officer)
    )
    for language in LANGUAGES:
        stored = storage.put(f"%PDF-1.7 {side.stem} report {language}".encode(), suffix=".pdf")
        db.session.add(
            SnapshotFile(
                agency_id=agency.id,
                snapshot_id=snapshot.id,
                language=language,
                storage_key=stored.key,
                sha256=stored.sha256,
                size=stored.size,
                made_at=clock.now(),
            )
        )
    db.session.flush()
    side.keep(team, *db.session.query(TeamExercise).filter_by(team_id=team.id))
    side.objects["snapshot_number"] = [snapshot.number]
