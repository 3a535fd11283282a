"""The two signatures of a deed: the giver's, and the receiver's with what he counted, which moves custody. One list, one act.

Both are drawn on one screen and bound to the hash of the content that was seen. The receiver needs no account: his name and
function are typed by whoever holds the screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm.attributes import set_committed_value

from accounts.models import User
from accounts.permissions import Permission
from equipment.ledger import Condition, CustodyKind, compute_digest
from equipment.models import (
    CaseKind,
    CustodyEntry,
    Deed,
    DeedKind,
    DeedLine,
    DeedReceipt,
    DeedSignature,
    DeedState,
    SignatureMethod,
    SignatureSide,
)
from equipment.services import cases, deed_files, ledger
from equipment.services.ledger import Movement
from equipment.strokes import EmptyStrokes, UnreadableStrokes, check_strokes
from equipment.usability import ISSUABLE_CONDITIONS
from foundation import audit, clock
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _

Strokes = Sequence[Sequence[Sequence[int]]]
_Counted = Sequence[tuple[DeedLine, DeedReceipt]]
_DAMAGED = frozenset(Condition) - ISSUABLE_CONDITIONS - {Condition.UNKNOWN}


class BadSignature(DomainError):
    """A signature has a name and is drawn, neither a dot nor a novel."""


class BadCount(DomainError):
    """The counts of a line do not add up, or lack a reason; `field` is line_<position>."""


class HashDiffers(DomainConflict):
    """What was signed is not what the deed says: it was shown in another state."""


class DeedClosed(DomainConflict):
    """The deed is signed by both, void, or not issued yet."""


class SignatureMissing(DomainConflict):
    """The giver signs first."""


@dataclass(frozen=True)
class Signature:
    """A drawn signature: strokes as `equipment.strokes` reads them; name and function as typed."""

    name: str
    title: str | None
    strokes: Strokes


@dataclass(frozen=True)
class Count:
    """What was counted of one line. `condition` None: as it was issued."""

    line_id: int
    accepted: int
    refused: int = 0
    missing: int = 0
    reason: str | None = None
    condition: Condition | None = None


def sign_giver(deed: Deed, *, signature: Signature, seen_hash: str, actor: User) -> DeedSignature:
    """Take the giver's signature of an issued deed. The same one sent twice is taken once.

    Raises Forbidden, BadSignature, HashDiffers, DeedClosed.
    """
    _require_manager(actor)
    _check_signature(signature)
    db.session.refresh(deed, with_for_update=True)
    given = deed.signature_of(SignatureSide.GIVER)
    if given is not None and _is_same(given, signature):
        return given
    if deed.state is not DeedState.ISSUED or given is not None:
        raise DeedClosed(_("This deed does not wait for the giver's signature."))
    _require_hash(deed, seen_hash)
    return _sign(deed, SignatureSide.GIVER, signature, actor=actor)


def accept_deed(
    deed: Deed,
    *,
    receipts: Sequence[Count],
    signature: Signature,
    seen_hash: str,
    actor: User,
    happened_on: date | None = None,
) -> Deed:
    """Take the receiver's signature with what he counted: receipts and custody entries are written in this one transaction.

    What he accepts changes hands on `happened_on` (default: today); what he refuses or misses stays with the giver. A missing
    item opens a case as lost, one that comes in a bad condition as damaged. The same acceptance sent twice has one effect.
    Raises Forbidden, BadSignature, HashDiffers, SignatureMissing, DeedClosed, BadCount, NotHeld, BadDay.
    """
    _require_manager(actor)
    _check_signature(signature)
    db.session.refresh(deed, with_for_update=True)
    if deed.state is DeedState.CLOSED and _was_accepted(deed, receipts, signature):
        return deed
    if deed.state is not DeedState.ISSUED:
        raise DeedClosed(_("This deed does not wait for the receiver's signature."))
    _require_hash(deed, seen_hash)
    if deed.signature_of(SignatureSide.GIVER) is None:
        raise SignatureMissing(_("The giver signs first."))
    counts = _check_counts(deed, receipts)
    on = happened_on or clock.today()
    assert deed.issued_on is not None
    if on < deed.issued_on:
        raise ledger.BadDay(_("A deed is not accepted before it is issued."), field="happened_on")
    rows = [(line, _make_receipt(line, counts[line.id])) for line in deed.lines]
    db.session.add_all([receipt for _line, receipt in rows])
    db.session.flush()
    for line, receipt in rows:
        set_committed_value(line, "receipt", receipt)
    entries = _move(deed, rows, on=on, actor=actor)
    _open_cases(deed, rows, on=on, actor=actor)
    _sign(deed, SignatureSide.RECEIVER, signature, actor=actor)
    deed.state, deed.closed_on, deed.closed_at = DeedState.CLOSED, on, clock.now()
    db.session.flush()
    audit.record("deed:accepted", deed, actor=actor, changes=_sums(rows, entries))
    deed_files.start_printing(deed, actor=actor)
    return deed


def _require_manager(actor: User) -> None:
    if not actor.may(Permission.DEED_MANAGE):
        raise Forbidden(_("Only a quartermaster takes signatures."))


def _require_hash(deed: Deed, seen_hash: str) -> None:
    if seen_hash != deed.content_hash:
        raise HashDiffers(_("The deed was shown in another state. Open it again before it is signed."))


def _check_signature(signature: Signature) -> None:
    if not signature.name.strip():
        raise BadSignature(_("Type the name of whoever signs."), field="name")
    try:
        check_strokes(signature.strokes)
    except EmptyStrokes:
        raise BadSignature(
            _("Sign in the field with a pen, a finger or the mouse."), field="strokes"
        ) from None
    except UnreadableStrokes:
        raise BadSignature(
            _("The signature could not be read. Clear the field and sign again."), field="strokes"
        ) from None


def _sign(deed: Deed, side: SignatureSide, signature: Signature, *, actor: User) -> DeedSignature:
    row = DeedSignature(
        agency_id=deed.agency_id,
        deed_id=deed.id,
        side=side,
        name=signature.name,
        title=signature.title,
        method=SignatureMethod.DRAWN,
        strokes=_plain(signature),
        content_hash=deed.content_hash,
        signed_at=clock.now(),
        captured_by_id=actor.id,
    )
    closed = DeedClosed(_("This deed was signed just now."))
    with conflict_as("uq_deed_signature_deed_id_side", closed):
        db.session.add(row)
    db.session.expire(deed, ["signatures"])
    audit.record(
        "deed:signed",
        deed,
        actor=actor,
        changes={
            "side": (None, side),
            "name": (None, signature.name),
            "content_hash": (None, deed.content_hash),
        },
        personal={"name"},
    )
    return row


def _is_same(row: DeedSignature, signature: Signature) -> bool:
    return (row.name, row.title, row.strokes) == (signature.name, signature.title, _plain(signature))


def _plain(signature: Signature) -> list[list[list[int]]]:
    """Return the strokes as the database gives them back."""
    return [[list(point) for point in stroke] for stroke in check_strokes(signature.strokes)]


def _was_accepted(deed: Deed, receipts: Sequence[Count], signature: Signature) -> bool:
    """Return whether a closed deed was closed by this very acceptance."""
    given = deed.signature_of(SignatureSide.RECEIVER)
    if given is None or not _is_same(given, signature):
        return False
    counted = {one.line_id: (one.accepted, one.refused, one.missing) for one in receipts}
    written = {
        line.id: (line.receipt.accepted, line.receipt.refused, line.receipt.missing)
        for line in deed.lines
        if line.receipt is not None
    }
    return counted == written


def _check_counts(deed: Deed, receipts: Sequence[Count]) -> Mapping[int, Count]:
    """Return the counts by line. Raises BadCount, which names the first line that is wrong."""
    counts = {one.line_id: one for one in receipts}
    if len(counts) != len(receipts) or counts.keys() - {line.id for line in deed.lines}:
        raise BadCount(_("Count each line of this deed once."))
    for line in deed.lines:
        field = f"line_{line.position}"
        count = counts.get(line.id)
        if count is None:
            raise BadCount(_("Line %(line)s is not counted.", line=line.position), field=field)
        if min(count.accepted, count.refused, count.missing) < 0:
            raise BadCount(_("Line %(line)s: no count is below zero.", line=line.position), field=field)
        if count.accepted + count.refused + count.missing != line.quantity:
            raise BadCount(
                _(
                    "Line %(line)s: accepted, refused and missing must add up to %(issued)s, not to %(counted)s.",
                    line=line.position,
                    issued=line.quantity,
                    counted=count.accepted + count.refused + count.missing,
                ),
                field=field,
            )
        if count.accepted < line.quantity and not (count.reason or "").strip():
            raise BadCount(
                _("Line %(line)s: say why something was refused or is missing.", line=line.position),
                field=field,
            )
    return counts


def _make_receipt(line: DeedLine, count: Count) -> DeedReceipt:
    return DeedReceipt(
        agency_id=line.agency_id,
        deed_line_id=line.id,
        quantity=line.quantity,
        accepted=count.accepted,
        refused=count.refused,
        missing=count.missing,
        reason=(count.reason or "").strip() or None,
        condition_received=count.condition or line.condition_issued,
        recorded_at=clock.now(),
    )


def _move(deed: Deed, rows: _Counted, *, on: date, actor: User) -> list[CustodyEntry]:
    kind = CustodyKind.HANDED_OVER if deed.kind is DeedKind.HANDOVER else CustodyKind.RETURNED
    movements = [
        Movement(
            line.thing,
            kind,
            deed.giver,
            deed.receiver,
            receipt.condition_received,
            quantity=receipt.accepted,
            deed_line_id=line.id,
            note=receipt.reason,
        )
        for line, receipt in rows
        if receipt.accepted
    ]
    return ledger.append(movements, happened_on=on, actor=actor)


def _open_cases(deed: Deed, rows: _Counted, *, on: date, actor: User) -> None:
    """Open a case about each item that did not come or came damaged, unless one is open already."""
    for line, receipt in rows:
        if line.item is None:
            continue
        if receipt.missing:
            kind, holder = CaseKind.LOST, deed.giver
        elif receipt.accepted and receipt.condition_received in _DAMAGED:
            kind, holder = CaseKind.DAMAGED, deed.receiver
        else:
            continue
        if cases.find_open(line.item) is None:
            words = receipt.reason or line.note or _("Came to light on deed %(number)s.", number=deed.number)
            report = cases.Report(kind=kind, found_on=on, circumstances=words)
            cases.open_case(line.item, report, holder=holder, deed_line=line, actor=actor)


def _sums(rows: _Counted, entries: Sequence[CustodyEntry]) -> dict[str, tuple[object, object]]:
    """Return what the audit trail keeps of an acceptance: the sums, and a digest of the custody entries, whose hashes it anchors."""
    digest = compute_digest(entry.hash for entry in entries)
    receipts = [receipt for _line, receipt in rows]
    return {
        "state": (DeedState.ISSUED, DeedState.CLOSED),
        "accepted": (None, sum(receipt.accepted for receipt in receipts)),
        "refused": (None, sum(receipt.refused for receipt in receipts)),
        "missing": (None, sum(receipt.missing for receipt in receipts)),
        "custody": (None, digest),
    }
