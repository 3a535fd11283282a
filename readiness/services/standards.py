"""Standards that come with the system, brought into the database once; a file that changed becomes a further edition.

Declined: updating an edition. Teams are measured against it and snapshots name it, so its figures stay what they were.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import undefer

from accounts.models import User
from curriculum.catalogue.loading import read_catalogue, read_editions
from foundation import audit, clock
from foundation.access import visible
from foundation.db import db
from foundation.errors import DomainError
from foundation.i18n import _
from readiness.models import Standard, StandardEdition, Team
from readiness.plain import canonical
from readiness.standards.data import StandardDefinition
from readiness.standards.loading import read_standards


class UnknownStandard(DomainError):
    """No standard has this code."""


@dataclass
class StandardsReport:
    """What a load wrote: codes of standards added, editions as 'CODE NUMBER', and how many were there as they are."""

    standards: list[str] = field(default_factory=list)
    editions: list[str] = field(default_factory=list)
    unchanged: int = 0


def load_standards(*, actor: User | None = None) -> StandardsReport:
    """Write the standards and editions that are not stored yet; a second load changes nothing.

    An edition is known by the hash of its whole content, texts included. Raises CatalogueError when a data file is wrong.
    """
    return store_definitions(read_standards(list_course_codes()), actor=actor)


def list_course_codes() -> frozenset[str]:
    """Return the codes of the courses that the catalogue knows: what a standard may ask for."""
    return frozenset(
        {course.code for course in read_catalogue()} | {edition.course.code for edition in read_editions()}
    )


def store_definitions(
    definitions: tuple[StandardDefinition, ...], *, actor: User | None = None
) -> StandardsReport:
    """Store each definition whose content is not stored as the newest edition of its standard."""
    report = StandardsReport()
    known = {standard.code: standard for standard in db.session.execute(select(Standard)).scalars()}
    newest = {row.standard_id: row for row in db.session.execute(_newest_editions())}
    for definition in definitions:
        standard = known.get(definition.id)
        if standard is None:
            standard = known[definition.id] = Standard(code=definition.id, domain=definition.domain)
            db.session.add(standard)
            db.session.flush()
            audit.record("standard:added", standard, actor=actor, changes={"code": (None, definition.id)})
            report.standards.append(definition.id)
        text = canonical(asdict(definition))
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        last = newest.get(standard.id)
        if last is not None and last.sha256 == sha256:
            report.unchanged += 1
            continue
        edition = StandardEdition(
            standard=standard,
            number=last.number + 1 if last is not None else 1,
            label=definition.edition_label,
            titles=definition.titles,
            headcount=definition.headcount,
            content=json.loads(text),
            sha256=sha256,
            loaded_at=clock.now(),
        )
        db.session.add(edition)
        db.session.flush()
        audit.record(
            "standard_edition:loaded",
            edition,
            actor=actor,
            changes={"label": (None, edition.label), "sha256": (None, sha256)},
        )
        report.editions.append(f"{definition.id} {edition.number}")
    return report


def find_current(code: str) -> StandardEdition | None:
    """Return the newest edition of a standard by its code in any case, with its content, or None."""
    query = (
        select(StandardEdition)
        .join(Standard, Standard.id == StandardEdition.standard_id)
        .where(func.lower(Standard.code) == code.strip().lower())
        .order_by(StandardEdition.number.desc())
        .options(undefer(StandardEdition.content))
        .limit(1)
    )
    return db.session.execute(query).scalar_one_or_none()


def get_current(code: str) -> StandardEdition:
    """Return the newest edition of a standard; raise UnknownStandard, naming those that there are."""
    edition = find_current(code)
    if edition is None:
        known = ", ".join(db.session.execute(select(Standard.code).order_by(Standard.code)).scalars())
        raise UnknownStandard(
            _("There is no standard %(code)s. There are: %(known)s.", code=code, known=known or "–"),
            field="standard",
        )
    return edition


def list_current() -> list[StandardEdition]:
    """Return the newest edition of each standard, by code."""
    newest = _newest_editions().subquery()
    query = (
        select(StandardEdition)
        .join(newest, newest.c.id == StandardEdition.id)
        .join(Standard, Standard.id == StandardEdition.standard_id)
        .order_by(Standard.code)
    )
    return list(db.session.execute(query).scalars())


def _newest_editions() -> Select[Any]:
    last = (
        select(StandardEdition.standard_id, func.max(StandardEdition.number).label("number"))
        .group_by(StandardEdition.standard_id)
        .subquery()
    )
    columns: list[Any] = [
        StandardEdition.id,
        StandardEdition.standard_id,
        StandardEdition.number,
        StandardEdition.sha256,
    ]
    return select(*columns).join(
        last,
        (last.c.standard_id == StandardEdition.standard_id) & (last.c.number == StandardEdition.number),
    )


def query_standards(viewer: User, *, domain: str | None = None, text: str | None = None) -> Select[Any]:
    """Return the Core select of the standards in sight with their newest edition and how many teams in sight aim at it."""
    newest = _newest_editions().subquery()
    teams = (
        select(func.count())
        .select_from(Team)
        .join(aimed := StandardEdition.__table__.alias("aimed"), aimed.c.id == Team.edition_id)
        .where(aimed.c.standard_id == Standard.id, Team.closed_on.is_(None), visible(Team, viewer))
        .scalar_subquery()
    )
    query: Select[Any] = (
        select(
            Standard.id,
            Standard.code,
            Standard.domain,
            StandardEdition.titles,
            StandardEdition.label,
            StandardEdition.headcount,
            teams.label("teams"),
        )
        .join(newest, newest.c.standard_id == Standard.id)
        .join(StandardEdition, StandardEdition.id == newest.c.id)
        .where(visible(Standard, viewer))
    )
    if domain:
        query = query.where(Standard.domain == domain)
    if text:
        titles = [
            StandardEdition.titles[code].as_string().icontains(text, autoescape=True)
            for code in ("en", "ar", "fr")
        ]
        query = query.where(or_(Standard.code.icontains(text, autoescape=True), *titles))
    return query
