"""Deeds: drafted line by line, issued (from then on frozen, numbered and hashed), signed by the giver, accepted by the receiver.

Signatures and the acceptance are in `signing.py`, which this module hands on; what hinders an issue is judged in `issue_checks.py`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from accounts.models import Agency, User
from accounts.permissions import Permission
from accounts.services.hosts import get_host
from curriculum.models import Cohort
from equipment.contents import compute_hash
from equipment.ledger import Condition
from equipment.models import Deed, DeedKind, DeedLine, DeedSignature, DeedState, Item, Lot, SignatureSide
from equipment.services import issue_checks, ledger
from equipment.services.deed_contents import build_content
from equipment.services.holdings import read_facts
from equipment.services.signing import (
    BadCount,
    BadSignature,
    Count,
    DeedClosed,
    HashDiffers,
    Signature,
    SignatureMissing,
    accept_deed,
    sign_giver,
)
from foundation import audit, clock
from foundation.access import visible
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import LANGUAGES, _

__all__ = [
    "BadCount",
    "BadSignature",
    "Count",
    "DeedClosed",
    "DeedFrozen",
    "HashDiffers",
    "NotIssuable",
    "Signature",
    "SignatureMissing",
    "Terms",
    "accept_deed",
    "add_items",
    "add_lot",
    "draft_deed",
    "edit_terms",
    "issue_deed",
    "query_deeds",
    "remove_line",
    "sign_giver",
    "void_deed",
]
MOST_LINES = 500
NUMBER_TRIES = 20


class DeedFrozen(DomainConflict):
    """From its issue on a deed is not changed any more."""


class DeedIncomplete(DomainError):
    """A deed lacks something it needs."""


class LineRefused(DomainError):
    """Something cannot stand on this deed; the message names it."""


class NotIssuable(DomainError):
    """A deed cannot be issued as it is; `problems` are the reasons, each a sentence."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


class NumberTaken(DomainConflict):
    """Another deed took the number first."""


class VoidRefused(DomainConflict):
    """Only a deed that the receiver has not signed can be made void."""


@dataclass(frozen=True)
class Terms:
    """Under what conditions things change hands. `language` is the one in which the deed is shown to both parties."""

    purpose: str
    use: str | None = None
    retransfer_allowed: bool = False
    inspection_right: bool = True
    return_due_on: date | None = None
    language: str = "en"


def draft_deed(
    agency: Agency, *, kind: DeedKind, terms: Terms, actor: User, cohort: Cohort | None = None
) -> Deed:
    """Begin a deed with an agency: a handover to it, or a return from it. Raises Forbidden, DeedIncomplete."""
    _require_manager(actor)
    if kind is DeedKind.HANDOVER and agency.closed_at is not None:
        raise DeedIncomplete(
            _("This agency is closed: nothing is handed over to it any more."), field="agency"
        )
    _check_terms(terms)
    deed = Deed(
        agency_id=agency.id,
        kind=kind,
        state=DeedState.DRAFT,
        cohort_id=cohort.id if cohort is not None else None,
        drafted_at=clock.now(),
        drafted_by_id=actor.id,
        **asdict(terms),
    )
    db.session.add(deed)
    db.session.flush()
    audit.record(
        "deed:drafted",
        deed,
        actor=actor,
        changes={"kind": (None, kind), "agency": (None, agency.code), "purpose": (None, terms.purpose)},
    )
    return deed


def edit_terms(deed: Deed, *, terms: Terms, cohort: Cohort | None, actor: User) -> None:
    """Change the conditions of a draft. Raises Forbidden, DeedFrozen, DeedIncomplete."""
    _require_draft(deed, actor)
    _check_terms(terms)
    changes = audit.changes_of(deed, **asdict(terms), cohort_id=cohort.id if cohort is not None else None)
    if changes:
        audit.record("deed:changed", deed, actor=actor, changes=changes)


def _check_terms(terms: Terms) -> None:
    if not terms.purpose.strip():
        raise DeedIncomplete(_("Say what the equipment is for."), field="purpose")
    if terms.language not in LANGUAGES:
        raise DeedIncomplete(_("Choose a language."), field="language")
    if terms.return_due_on is not None and terms.return_due_on < clock.today():
        raise DeedIncomplete(_("This day has passed."), field="return_due_on")


def add_items(deed: Deed, items: Sequence[Item], *, actor: User, note: str | None = None) -> list[DeedLine]:
    """Put items on a draft, one line each, in their order. All or none.

    Raises Forbidden, DeedFrozen, and LineRefused for what the giver does not hold or what stands on another open deed.
    """
    _require_draft(deed, actor)
    db.session.flush()
    hindrance = issue_checks.find_hindrance(deed, items)
    if hindrance is not None:
        raise LineRefused(hindrance, field="items")
    facts = read_facts([item.id for item in items], on=clock.today())
    lines = [
        DeedLine(item=item, quantity=1, condition_issued=facts[item.id].condition, note=note)
        for item in items
    ]
    _append(deed, lines)
    names = ", ".join(item.tag for item in items)
    audit.record("deed:line_added", deed, actor=actor, changes={"items": (None, names)})
    return lines


def add_lot(
    deed: Deed,
    lot: Lot,
    quantity: int,
    *,
    actor: User,
    condition: Condition = Condition.SERVICEABLE,
    note: str | None = None,
) -> DeedLine:
    """Put so many of a lot on a draft. Raises Forbidden, DeedFrozen, LineRefused."""
    _require_draft(deed, actor)
    if quantity < 1:
        raise LineRefused(_("A quantity is at least one."), field="quantity")
    if any(line.lot_id == lot.id for line in deed.lines):
        raise LineRefused(_("Lot %(lot)s stands on this deed already.", lot=lot.lot_number), field="lot")
    free = issue_checks.count_free(deed, [lot])[lot.id]
    if free < quantity:
        raise LineRefused(
            _("Of lot %(lot)s %(free)s can be given.", lot=lot.lot_number, free=free), field="quantity"
        )
    line = DeedLine(lot=lot, quantity=quantity, condition_issued=condition, note=note)
    _append(deed, [line])
    audit.record(
        "deed:line_added",
        deed,
        actor=actor,
        changes={"lot": (None, lot.lot_number), "quantity": (None, quantity)},
    )
    return line


def _append(deed: Deed, lines: Sequence[DeedLine]) -> None:
    if len(deed.lines) + len(lines) > MOST_LINES:
        raise LineRefused(_("A deed has at most %(most)s lines.", most=MOST_LINES))
    last = max((line.position for line in deed.lines), default=0)
    for position, line in enumerate(lines, start=last + 1):
        line.agency_id, line.position = deed.agency_id, position
        deed.lines.append(line)
    taken = LineRefused(_("One of these stands on this deed already."), field="items")
    with (
        conflict_as("uq_deed_line_deed_id_item_id", taken),
        conflict_as("uq_deed_line_deed_id_lot_id", taken),
        conflict_as("uq_deed_line_deed_id_position", DeedFrozen(_("Somebody added to this deed just now."))),
    ):
        db.session.flush()


def remove_line(line: DeedLine, *, actor: User) -> None:
    """Take a line off a draft; positions are numbered anew at issue. Raises Forbidden, DeedFrozen."""
    deed = line.deed
    _require_draft(deed, actor)
    deed.lines.remove(line)
    db.session.delete(line)
    db.session.flush()
    audit.record("deed:line_removed", deed, actor=actor, changes={"line": (line.name, None)})


def issue_deed(deed: Deed, *, actor: User) -> Deed:
    """Freeze a draft: give it its number, its content and the content's hash. From now on it can only be signed or made void.

    Raises Forbidden, DeedFrozen, and NotIssuable with every reason at once.
    """
    _require_draft(deed, actor)
    ledger.lock([line.thing for line in deed.lines])
    on = clock.today()
    problems = issue_checks.list_problems(deed, on=on)
    if problems:
        raise NotIssuable(problems)
    _number_lines(deed)
    _take_number(deed, on.year)
    content = build_content(deed, get_host(), on=on)
    deed.issued_on, deed.issued_at, deed.issued_by_id = on, clock.now(), actor.id
    deed.content, deed.content_hash = content, compute_hash(content)
    deed.state = DeedState.ISSUED
    db.session.flush()
    audit.record(
        "deed:issued",
        deed,
        actor=actor,
        changes={
            "number": (None, deed.number),
            "lines": (None, len(deed.lines)),
            "content_hash": (None, deed.content_hash),
        },
    )
    return deed


def _number_lines(deed: Deed) -> None:
    """Number the lines from 1 without gaps. Two steps, because no two lines may have one position even for a moment."""
    lines = sorted(deed.lines, key=lambda line: line.position)
    if [line.position for line in lines] == list(range(1, len(lines) + 1)):
        return
    for ahead in (MOST_LINES * 2, 0):
        for position, line in enumerate(lines, start=1):
            line.position = ahead + position
        db.session.flush()


def _take_number(deed: Deed, year: int) -> None:
    """Give a deed the next number of the year. Who comes second waits for the first and takes the one after."""
    for _try in range(NUMBER_TRIES):
        last = select(func.max(Deed.sequence)).where(Deed.year == year)
        sequence = (db.session.execute(last).scalar_one() or 0) + 1
        try:
            with conflict_as("uq_deed_year_sequence", NumberTaken("")):
                deed.year, deed.sequence = year, sequence
        except NumberTaken:
            continue
        deed.number = f"D-{year}-{sequence:04d}"
        return
    raise NumberTaken(_("Too many deeds are being issued at this moment. Try again."))


def void_deed(deed: Deed, *, reason: str, actor: User) -> None:
    """Make a deed void; an issued one keeps its number and content. Raises Forbidden, VoidRefused, DeedIncomplete without a reason."""
    _require_manager(actor)
    db.session.refresh(deed, with_for_update=True)
    if deed.state not in (DeedState.DRAFT, DeedState.ISSUED):
        raise VoidRefused(_("This deed is signed by both or void already."))
    if not reason.strip():
        raise DeedIncomplete(_("Say why the deed is made void."), field="reason")
    changes = audit.changes_of(deed, state=DeedState.VOID)
    deed.voided_at, deed.voided_by_id, deed.void_reason = clock.now(), actor.id, reason
    db.session.flush()
    audit.record("deed:voided", deed, actor=actor, reason=reason, changes=changes)


def _require_manager(actor: User) -> None:
    if not actor.may(Permission.DEED_MANAGE):
        raise Forbidden(_("Only a quartermaster draws up deeds."))


def _require_draft(deed: Deed, actor: User) -> None:
    _require_manager(actor)
    db.session.flush()
    db.session.refresh(deed, with_for_update=True)
    if deed.state is not DeedState.DRAFT:
        raise DeedFrozen(_("This deed is issued: it is not changed any more."))


def query_deeds(
    viewer: User,
    *,
    state: DeedState | None = None,
    kind: DeedKind | None = None,
    text: str | None = None,
) -> Select[Any]:
    """Return the Core select of the deeds in sight, one row a deed; an officer does not see drafts."""
    lines = select(func.count()).where(DeedLine.deed_id == Deed.id).scalar_subquery()
    signed = (
        select(func.count())
        .where(DeedSignature.deed_id == Deed.id, DeedSignature.side == SignatureSide.GIVER)
        .scalar_subquery()
    )
    columns: list[Any] = [
        Deed.id,
        Deed.number,
        Deed.kind,
        Deed.state,
        Deed.purpose,
        Deed.drafted_at,
        Deed.issued_on,
        Deed.closed_on,
        Deed.return_due_on,
        Agency.code.label("agency_code"),
        Agency.names.label("agency_names"),
        lines.label("lines"),
        signed.label("giver_signatures"),
    ]
    query = select(*columns).join(Agency, Agency.id == Deed.agency_id).where(visible(Deed, viewer))
    if viewer.agency_id is not None:
        query = query.where(Deed.state != DeedState.DRAFT)
    if state is not None:
        query = query.where(Deed.state == state)
    if kind is not None:
        query = query.where(Deed.kind == kind)
    if text:
        like = (
            column.icontains(text, autoescape=True) for column in (Deed.number, Deed.purpose, Agency.code)
        )
        query = query.where(or_(*like))
    return query
