"""Who is in a team: put in and taken out with dates, listed as of a day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, exists, or_, select

from accounts.models import Affiliation, Person, User
from foundation import audit
from foundation.access import visible
from foundation.dated import runs_on
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict
from foundation.i18n import _
from readiness.models import Team, TeamMember
from readiness.services.teams import TeamRefused, check_first_day, end_row, require_manage


class MemberAlready(DomainConflict):
    """The person was put into the team a moment ago."""


def add_members(
    team: Team, persons: Sequence[Person], *, starts_on: date, actor: User | None
) -> list[TeamMember]:
    """Put persons of the agency into a team from a day on; who is in it then stays as he is. Return the new rows.

    A person must serve the agency on that day, and may serve in other teams too. All or none: raises Forbidden, TeamClosed, TeamRefused.
    """
    require_manage(team, actor)
    check_first_day(team, starts_on)
    ids = [person.id for person in persons]
    serving = set(db.session.execute(_serving_ids(team.agency_id, starts_on, ids)).scalars())
    for person in persons:
        if person.id not in serving:
            raise TeamRefused(
                _("%(name)s does not serve in the agency on this day.", name=person.latin_name), field="ids"
            )
    here = set(
        db.session.execute(
            select(TeamMember.person_id).where(
                TeamMember.team_id == team.id,
                TeamMember.person_id.in_(ids),
                or_(TeamMember.ends_on.is_(None), TeamMember.ends_on >= starts_on),
            )
        ).scalars()
    )
    rows = [
        TeamMember(agency_id=team.agency_id, team=team, person=person, starts_on=starts_on)
        for person in persons
        if person.id not in here
    ]
    taken = MemberAlready(_("Somebody of these was put into the team a moment ago. Look at the list again."))
    with conflict_as("uq_team_member_team_id_person_id_open", taken):
        db.session.add_all(rows)
    audit.record_many(
        [
            audit.Change(
                "team:member_added",
                team,
                None,
                {"person": (None, row.person_id), "starts_on": (None, starts_on)},
            )
            for row in rows
        ],
        actor=actor,
    )
    return rows


def remove_members(rows: Sequence[TeamMember], *, on: date, reason: str | None, actor: User) -> int:
    """End persons' time in their team with a last day; return how many. Raises Forbidden, TeamClosed, TeamRefused."""
    for row in rows:
        require_manage(row.team, actor)
        end_row(row, on)
    audit.record_many(
        [
            audit.Change(
                "team:member_removed",
                row.team,
                reason,
                {"person": (row.person_id, None), "ends_on": (None, row.ends_on)},
            )
            for row in rows
        ],
        actor=actor,
    )
    return len(rows)


def _serving_ids(agency_id: int, on: date, ids: Sequence[int] | None = None) -> Select[Any]:
    query = select(Affiliation.person_id).where(
        Affiliation.agency_id == agency_id,
        Affiliation.starts_on <= on,
        or_(Affiliation.ends_on.is_(None), Affiliation.ends_on >= on),
    )
    return query if ids is None else query.where(Affiliation.person_id.in_(ids))


def query_members(team: Team, viewer: User, *, on: date) -> Select[Any]:
    """Return the Core select of a team's members on a day."""
    columns: list[Any] = [
        TeamMember.id,
        TeamMember.person_id,
        TeamMember.starts_on,
        TeamMember.ends_on,
        Person.given_names,
        Person.family_name,
        Person.native_name,
        Person.rank,
    ]
    return (
        select(*columns)
        .join(Person, Person.id == TeamMember.person_id)
        .where(TeamMember.team_id == team.id, runs_on(TeamMember, on), visible(TeamMember, viewer))
    )


def query_candidates(team: Team, viewer: User, *, on: date, text: str | None = None) -> Select[Any]:
    """Return the Core select of the agency's people who serve on a day and are not in the team then, or later."""
    inside = exists().where(
        TeamMember.team_id == team.id,
        TeamMember.person_id == Person.id,
        or_(TeamMember.ends_on.is_(None), TeamMember.ends_on >= on),
    )
    columns: list[Any] = [
        Person.id,
        Person.given_names,
        Person.family_name,
        Person.native_name,
        Person.rank,
        Person.birth_date,
    ]
    query = select(*columns).where(
        Person.id.in_(_serving_ids(team.agency_id, on)), ~inside, visible(Person, viewer)
    )
    if text:
        names = (Person.folded_latin, Person.native_name, Person.family_name, Person.given_names)
        query = query.where(or_(*(name.icontains(text, autoescape=True) for name in names)))
    return query
