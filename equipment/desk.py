"""What this floor shows on the start page, on the rail and in the search."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from accounts.models import User
from accounts.permissions import Permission
from equipment.models import CaseState, Deed, DeedState, EquipmentCase, Item
from equipment.services import deeds, dues, holdings
from foundation.access import visible
from foundation.db import db
from foundation.desk import Hit, Place, Waiting
from foundation.i18n import _, ngettext, pgettext, text_in
from foundation.paging import fetch_page

MOST_HITS = 8
INSPECTIONS_AHEAD = timedelta(days=30)
RETURNS_AHEAD = timedelta(days=30)
# A case keeps an item out of use until it is decided.
DECIDE_WITHIN = timedelta(days=14)


def list_waiting(viewer: User, on: date) -> Sequence[Waiting]:
    """Return the work of this floor that waits for the viewer on a day."""
    lines: list[Waiting] = []
    if viewer.may(Permission.DEED_MANAGE):
        lines += [*_drafts(viewer), *_unsigned(viewer, on)]
    if viewer.may(Permission.EQUIPMENT_CHECK):
        lines += [*_open_cases(viewer, on), *_inspections_due(on)]
    if viewer.may(Permission.DEED_MANAGE) or (
        viewer.agency_id is not None and viewer.may(Permission.EQUIPMENT_READ)
    ):
        lines += _returns_due(viewer, on)
    return lines


def _tone(due: date, on: date) -> str:
    return "bad" if due < on else "warn"


def _drafts(viewer: User) -> Iterator[Waiting]:
    query = select(func.count()).where(Deed.state == DeedState.DRAFT, visible(Deed, viewer))
    number = db.session.execute(query).scalar_one()
    if number:
        sentence = ngettext(
            "%(num)s deed is drafted and not issued yet.",
            "%(num)s deeds are drafted and not issued yet.",
            number,
        )
        yield Waiting(
            sentence, url_for("deeds.index", state=DeedState.DRAFT.value), count=number, act=_("Issue")
        )


def _unsigned(viewer: User, on: date) -> Iterator[Waiting]:
    columns: list[Any] = [Deed.id, Deed.number, Deed.issued_on]
    query = (
        select(*columns)
        .where(Deed.state == DeedState.ISSUED, visible(Deed, viewer))
        .order_by(Deed.id)
        .limit(MOST_HITS)
    )
    for deed_id, number, issued_on in db.session.execute(query):
        due = issued_on + dues.SIGN_WITHIN
        sentence = _("Deed %(number)s is issued and waits for signatures.", number=number)
        yield Waiting(sentence, url_for("deeds.sign", deed_id=deed_id), due, _tone(due, on), act=_("Sign"))


def _open_cases(viewer: User, on: date) -> Iterator[Waiting]:
    query = select(func.count(EquipmentCase.id), func.min(EquipmentCase.found_on)).where(
        EquipmentCase.state == CaseState.OPEN, visible(EquipmentCase, viewer)
    )
    number, oldest = db.session.execute(query).one()
    if number:
        sentence = ngettext(
            "%(num)s case about an item waits for your decision.",
            "%(num)s cases about items wait for your decision.",
            number,
        )
        due = oldest + DECIDE_WITHIN
        yield Waiting(sentence, url_for("cases.index"), due, _tone(due, on), number, _("Decide"))


def _inspections_due(on: date) -> Iterator[Waiting]:
    due = dues.list_due_inspections(until=on + INSPECTIONS_AHEAD, on=on)
    if due:
        sentence = ngettext(
            "%(num)s item is due for inspection within 30 days.",
            "%(num)s items are due for inspection within 30 days.",
            len(due),
        )
        first = min(one.due_on for one in due)
        yield Waiting(sentence, url_for("inspections.new"), first, _tone(first, on), len(due), _("Inspect"))


def _returns_due(viewer: User, on: date) -> Iterator[Waiting]:
    for one in dues.list_due_returns(viewer, until=on + RETURNS_AHEAD)[:MOST_HITS]:
        sentence = ngettext(
            "Deed %(number)s: %(num)s thing is to be returned.",
            "Deed %(number)s: %(num)s things are to be returned.",
            one.quantity,
            number=one.number,
        )
        url = url_for("deeds.show", deed_id=one.deed_id)
        yield Waiting(sentence, url, one.due_on, _tone(one.due_on, on), one.quantity)


def list_places(viewer: User) -> Sequence[Place]:
    """Return the equipment and the deeds, for whoever may read them; for instructors the way to report damage."""
    if not viewer.may(Permission.EQUIPMENT_READ):
        report = Place("cases", _("Report damage"), url_for("cases.new"), "warn")
        return [report] if viewer.may(Permission.EQUIPMENT_REPORT) else []
    return [
        Place("items", _("Equipment"), url_for("items.index"), "kit"),
        Place("deeds", _("Deeds"), url_for("deeds.index"), "sign"),
    ]


def search(viewer: User, text: str) -> Sequence[Hit]:
    """Return the items and deeds in sight that fit a text: tag, serial, type; number, purpose, agency."""
    if not viewer.may(Permission.EQUIPMENT_READ):
        return []
    items = fetch_page(holdings.query_items(viewer, text=text), keys=[Item.tag, Item.id], size=MOST_HITS)
    found = fetch_page(deeds.query_deeds(viewer, text=text), keys=[Deed.id], descending=True, size=MOST_HITS)
    hits = [
        Hit(
            pgettext("equipment", "Item"),
            row.tag,
            text_in(row.type_names),
            url_for("items.show", item_id=row.id),
        )
        for row in items.rows
    ]
    for row in found.rows:
        title = row.number or _("Draft")
        hits.append(Hit(_("Deed"), title, text_in(row.agency_names), url_for("deeds.show", deed_id=row.id)))
    return hits
