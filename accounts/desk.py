"""What this floor shows on the start page, on the rail and in the search."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import url_for
from sqlalchemy import func, or_, select

from accounts.models import Affiliation, Agency, Agreement, Person, User
from accounts.permissions import Permission, Role
from accounts.services import persons
from accounts.views.agencies import names_like
from foundation.access import visible
from foundation.dated import not_over
from foundation.db import db
from foundation.desk import Hit, Place, Waiting
from foundation.i18n import _, country_name, format_date_for, language, ngettext, text_in
from foundation.jobs import JobState, count_jobs

AGREEMENT_NOTICE = timedelta(days=90)
MOST_HITS = 10


def list_waiting(viewer: User, on: date) -> Sequence[Waiting]:
    """Return the work of this floor that waits for the viewer on a day."""
    lines: list[Waiting] = []
    if viewer.has(Role.ADMINISTRATOR):
        lines += _invitations_not_accepted(on) + _dead_jobs()
    if viewer.has(Role.PROGRAMME_MANAGER):
        lines += _agreements_ending(on)
    if viewer.has(Role.AGENCY_OFFICER) and viewer.agency_id is not None:
        lines += _documents_expiring(viewer, on)
    return lines


def list_places(viewer: User) -> Sequence[Place]:
    """Return the places of this floor where the viewer's roles work."""
    places = []
    if viewer.may(Permission.PERSON_LIST):
        places.append(Place("persons", _("Personnel"), url_for("persons.list"), "people"))
    if viewer.has(Role.AGENCY_OFFICER) and viewer.agency_id is not None:
        own = url_for("agencies.show", agency_id=viewer.agency_id)
        places.append(Place("agencies", _("Agency"), own, "agency"))
    elif viewer.may(Permission.AGENCY_READ):
        places.append(Place("agencies", _("Agencies"), url_for("agencies.list"), "agency"))
    if viewer.may(Permission.USER_MANAGE):
        places.append(Place("users", _("Users"), url_for("users.list"), "person"))
    if viewer.may(Permission.TOKEN_MANAGE):
        places.append(Place("tokens", _("Tokens"), url_for("tokens.list"), "key"))
    if viewer.may(Permission.AUDIT_READ):
        places.append(Place("audit", _("Audit trail"), url_for("audit.list"), "audit"))
    if viewer.may(Permission.JOB_READ):
        places.append(Place("jobs", _("Background work"), url_for("jobs.list"), "clock"))
    if viewer.may(Permission.HOST_MANAGE):
        places.append(Place("host", _("Settings"), url_for("host.edit"), "settings"))
    return places


def search(viewer: User, text: str) -> Sequence[Hit]:
    """Return persons, agencies and users that fit a text, within the viewer's sight."""
    hits: list[Hit] = []
    if viewer.may(Permission.PERSON_LIST):
        hits += _find_persons(viewer, text)
    if viewer.may(Permission.AGENCY_READ):
        hits += _find_agencies(viewer, text)
    if viewer.may(Permission.USER_MANAGE):
        hits += _find_users(text)
    return hits


def _invitations_not_accepted(on: date) -> list[Waiting]:
    count = db.session.execute(
        select(func.count())
        .select_from(User)
        .where(User.password_hash.is_(None), User.disabled_at.is_(None), User.is_service.is_(False))
    ).scalar_one()
    if not count:
        return []
    sentence = ngettext(
        "%(num)s invitation is not accepted yet.", "%(num)s invitations are not accepted yet.", count
    )
    return [Waiting(sentence, url_for("users.list", state="invited"), count=count, act=_("Look"))]


def _dead_jobs() -> list[Waiting]:
    count = count_jobs()[JobState.DEAD]
    if not count:
        return []
    sentence = ngettext(
        "%(num)s piece of background work failed for good.",
        "%(num)s pieces of background work failed for good.",
        count,
    )
    return [Waiting(sentence, url_for("jobs.list", state="dead"), tone="bad", count=count, act=_("Look"))]


def _agreements_ending(on: date) -> list[Waiting]:
    """Name the agencies whose last agreement ends soon: from then on they cannot nominate."""
    last = (
        select(Agreement.agency_id, func.max(Agreement.ends_on).label("ends_on"))
        .group_by(Agreement.agency_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Agency.id, Agency.code, last.c.ends_on)
        .join(last, last.c.agency_id == Agency.id)
        .where(Agency.closed_at.is_(None), last.c.ends_on >= on, last.c.ends_on <= on + AGREEMENT_NOTICE)
        .order_by(last.c.ends_on)
        .limit(20)
    )
    return [
        Waiting(
            _("The agreement with %(code)s ends; from then on it cannot nominate.", code=row.code),
            url_for("agencies.show", agency_id=row.id),
            due_on=row.ends_on,
            act=_("Renew"),
        )
        for row in rows
    ]


def _documents_expiring(viewer: User, on: date) -> list[Waiting]:
    serving = select(Affiliation.person_id).where(
        Affiliation.agency_id == viewer.agency_id,
        not_over(Affiliation, on),
    )
    soon = on + AGREEMENT_NOTICE
    rows = db.session.execute(
        select(Person.id, Person.family_name, Person.given_names, Person.document_expires_on)
        .where(Person.id.in_(serving), Person.document_expires_on >= on, Person.document_expires_on <= soon)
        .order_by(Person.document_expires_on, Person.id)
        .limit(5)
    )
    return [
        Waiting(
            _(
                "The identity document of %(name)s runs out.",
                name=f"{row.given_names} {row.family_name}".strip(),
            ),
            url_for("persons.show", person_id=row.id),
            due_on=row.document_expires_on,
            act=_("Update"),
        )
        for row in rows
    ]


def _find_persons(viewer: User, text: str) -> list[Hit]:
    rows = db.session.execute(
        select(Person.id, Person.family_name, Person.given_names, Person.native_name, Person.birth_date)
        .where(visible(Person, viewer), persons.name_matches(text))
        .order_by(Person.family_name, Person.given_names, Person.id)
        .limit(MOST_HITS)
    )
    kind, code = _("Person"), language()
    return [
        Hit(
            kind,
            f"{row.given_names} {row.family_name}".strip(),
            " · ".join(part for part in (row.native_name, format_date_for(code, row.birth_date)) if part),
            url_for("persons.show", person_id=row.id),
        )
        for row in rows
    ]


def _find_agencies(viewer: User, text: str) -> list[Hit]:
    rows = db.session.execute(
        select(Agency.id, Agency.code, Agency.names, Agency.country)
        .where(
            visible(Agency, viewer),
            or_(Agency.code.startswith(text.upper(), autoescape=True), names_like(text)),
        )
        .order_by(Agency.code)
        .limit(MOST_HITS)
    )
    kind = _("Agency")
    return [
        Hit(
            kind,
            text_in(row.names),
            f"{row.code} · {country_name(row.country)}",
            url_for("agencies.show", agency_id=row.id),
        )
        for row in rows
    ]


def _find_users(text: str) -> list[Hit]:
    wanted = f"%{text.casefold()}%"
    rows = db.session.execute(
        select(User.id, User.name, User.email)
        .where(or_(func.lower(User.name).like(wanted), User.email.like(wanted)), User.is_service.is_(False))
        .order_by(User.name, User.id)
        .limit(MOST_HITS)
    )
    kind = _("User")
    return [Hit(kind, row.name, row.email, url_for("users.show", app_user_id=row.id)) for row in rows]
