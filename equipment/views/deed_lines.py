"""What stands on a draft: chosen from one list, typed or scanned by tag, taken off again."""

from flask import Blueprint, abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.models import Agency
from accounts.permissions import Permission
from equipment.models import CustodyEntry, Deed, DeedKind, DeedLine, DeedState, Item, Lot
from equipment.services import deed_choices, deeds, holdings
from equipment.services.deeds import Terms
from equipment.usability import judge_issue
from equipment.views.shared import asked_text, read_ids
from foundation import clock
from foundation.access import requires
from foundation.db import db
from foundation.i18n import _, language, ngettext, text_in
from foundation.paging import page_of_request
from foundation.web import wants_json

bp = Blueprint("deed_lines", __name__)
PAGE_SIZE = 100


@bp.get("/deeds/<int:deed_id>/lines/new")
@requires(Permission.DEED_MANAGE, on=Deed)
def new(deed: Deed) -> ResponseReturnValue:
    """Show what can be put on a draft: the giver's items, narrowed by type and text, and his lots."""
    if deed.state is not DeedState.DRAFT:
        return redirect(url_for("deeds.show", deed_id=deed.id))
    text, item_type = asked_text(), request.args.get("type", "")[:40]
    page = page_of_request(
        deed_choices.query_choosable(deed, g.viewer, text=text, item_type=item_type),
        sorts={"tag": [Item.tag], "since": [CustodyEntry.happened_on, Item.id]},
        default="tag",
        size=PAGE_SIZE,
    )
    on = clock.today()
    facts = holdings.read_facts([row.id for row in page.rows], on=on)
    return render_template(
        "equipment/deed_lines/new.html",
        deed=deed,
        page=page,
        conditions={item_id: known.condition for item_id, known in facts.items()},
        hindrances={item_id: judge_issue(known, on) for item_id, known in facts.items()},
        lots=deed_choices.list_free_lots(deed),
        text=text,
        item_type=item_type,
        type_choices=[
            (code, f"{code} · {text_in(names)}") for code, names in deed_choices.list_types(deed, g.viewer)
        ],
        today=on,
    )


@bp.post("/deeds/<int:deed_id>/lines")
@requires(Permission.DEED_MANAGE, on=Deed)
def add(deed: Deed) -> ResponseReturnValue:
    """Put the chosen items and so many of each lot on a draft. All or none."""
    chosen = deed_choices.list_chosen(deed, g.viewer, read_ids(request.form.getlist("ids"), most=PAGE_SIZE))
    quantities = _read_quantities()
    if not chosen and not quantities:
        flash(_("Nothing was chosen."), "warning")
        return redirect(url_for("deed_lines.new", deed_id=deed.id), 303)
    if chosen:
        deeds.add_items(deed, chosen, actor=g.viewer)
    for lot, quantity in quantities:
        deeds.add_lot(deed, lot, quantity, actor=g.viewer)
    number = len(chosen) + len(quantities)
    flash(ngettext("%(num)s line is added.", "%(num)s lines are added.", number), "success")
    return redirect(url_for("deed_lines.new", deed_id=deed.id), 303)


def _read_quantities() -> list[tuple[Lot, int]]:
    """Return the lots for which a quantity was typed; a quantity that is no number is refused."""
    wanted = {}
    for name, value in request.form.items():
        prefix, _dash, number = name.partition("-")
        if prefix != "lot" or not number.isdecimal() or len(number) > 9 or not value.strip():
            continue
        if not value.strip().isdecimal() or len(value.strip()) > 9:
            abort(422, _("Type a quantity as a whole number."))
        if int(value):
            wanted[int(number)] = int(value)
    lots = db.session.execute(select(Lot).where(Lot.id.in_(wanted))).scalars().all()
    return [(lot, wanted[lot.id]) for lot in lots]


@bp.post("/deeds/<int:deed_id>/lines/scan")
@requires(Permission.DEED_MANAGE, on=Deed)
def scan(deed: Deed) -> ResponseReturnValue:
    """Put the items with these tags or serial numbers on a draft: what a scanner types, or a pasted list."""
    marks = request.form.get("marks", "").replace(",", " ").split()
    if not marks:
        abort(422, _("Type or scan a tag."))
    found = deed_choices.find_by_marks(marks)
    on_deed = {line.item_id for line in deed.lines}
    fresh = [item for item in found if item.id not in on_deed]
    if fresh:
        deeds.add_items(deed, fresh, actor=g.viewer)
        message = _(
            "%(tags)s: added. Lines on the deed: %(lines)s.",
            tags=" ".join(item.tag for item in fresh),
            lines=len(deed.lines),
        )
    else:
        message = _("%(tags)s: on the deed already.", tags=" ".join(item.tag for item in found))
    if wants_json():
        lines = render_template("equipment/deed_lines/_lines.html", deed=deed)
        return jsonify(message=message, lines=lines)
    flash(message, "success" if fresh else "info")
    return redirect(url_for("deed_lines.new", deed_id=deed.id), 303)


@bp.post("/deeds/<int:deed_id>/lines/<int:deed_line_id>/remove")
@requires(Permission.DEED_MANAGE, on=Deed)
def remove(deed: Deed, deed_line_id: int) -> ResponseReturnValue:
    """Take a line off a draft."""
    query = select(DeedLine).where(DeedLine.id == deed_line_id, DeedLine.deed_id == deed.id)
    line = db.session.execute(query).scalar_one_or_none()
    if line is None:
        abort(404)
    deeds.remove_line(line, actor=g.viewer)
    return redirect(url_for("deed_lines.new", deed_id=deed.id), 303)


@bp.post("/deeds/take-back/<int:agency_id>")
@requires(Permission.DEED_MANAGE, on=Agency)
def take_back(agency: Agency) -> ResponseReturnValue:
    """Begin a return deed with items chosen from what an agency holds."""
    ids = read_ids(request.form.getlist("ids"), most=PAGE_SIZE)
    terms = Terms(purpose=_("Return of equipment"), language=language())
    deed = deeds.draft_deed(agency, kind=DeedKind.RETURN, terms=terms, actor=g.viewer)
    chosen = deed_choices.list_chosen(deed, g.viewer, ids)
    if not chosen:
        abort(422, _("Choose at least one item that stands on no other deed."))
    deeds.add_items(deed, chosen, actor=g.viewer)
    return redirect(url_for("deed_lines.new", deed_id=deed.id), 303)
