"""Suspension, its lifting, and revocation: proposed by one, decided by another, public at once, never undone by deletion."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from accounts.models import User
from accounts.permissions import Permission
from certification.models import Certificate, CertificateAction, CertificateActionKind, CertificateActionState
from certification.services.certificates import list_approved_actions
from foundation import audit, clock
from foundation.access import visible
from foundation.db import db
from foundation.errors import DomainConflict, DomainError, Forbidden
from foundation.i18n import _

LEAST_REASON = 10


class ReasonNeeded(DomainError):
    """Such an act needs a reason that can be read years later."""


class ActionPending(DomainConflict):
    """A proposal about this certificate is already waiting."""


class ActionPointless(DomainConflict):
    """The certificate is in that state already, or may not be brought into it."""


class ActionDecided(DomainConflict):
    """The proposal was decided meanwhile."""


class SamePerson(Forbidden):
    """Whoever proposed may not decide."""


def propose(
    certificate: Certificate, kind: CertificateActionKind, *, reason: str | None, actor: User
) -> CertificateAction:
    """Propose to suspend, to lift a suspension, or to revoke; a certifying official decides.

    Raises ReasonNeeded, ActionPending while another proposal waits, and ActionPointless for what would change nothing.
    """
    if reason is None or len(reason) < LEAST_REASON:
        raise ReasonNeeded(_("Give the reason in a sentence: it stays with the certificate."), field="reason")
    if any(action.state == CertificateActionState.PROPOSED for action in certificate.actions):
        raise ActionPending(_("A proposal about this certificate is already waiting for a decision."))
    _refuse_pointless(certificate, kind)
    action = CertificateAction(
        agency_id=certificate.agency_id,
        certificate=certificate,
        kind=kind,
        state=CertificateActionState.PROPOSED,
        reason=reason,
        proposed_at=clock.now(),
        proposed_by_id=actor.id,
    )
    db.session.add(action)
    db.session.flush()
    audit.record(
        "certificate_action:proposed",
        action,
        actor=actor,
        reason=reason,
        changes={"kind": (None, kind), "certificate": (None, certificate.number)},
    )
    return action


def decide(action: CertificateAction, *, approve: bool, note: str | None, actor: User) -> None:
    """Approve or decline a proposal. Raises SamePerson, ActionDecided, and ReasonNeeded for a refusal without a note."""
    db.session.refresh(action, with_for_update=True)
    if action.state != CertificateActionState.PROPOSED:
        raise ActionDecided(_("This proposal has been decided already."))
    if action.proposed_by_id == actor.id:
        raise SamePerson(_("You made this proposal. A second person must decide about it."))
    if not actor.may(Permission.CERTIFICATE_APPROVE_REVOCATION, action):
        raise Forbidden(_("Only a certifying official decides about this."))
    if not approve and not note:
        raise ReasonNeeded(_("Say why the proposal is declined."), field="note")
    if approve:
        _refuse_pointless(action.certificate, action.kind)
    action.state = CertificateActionState.APPROVED if approve else CertificateActionState.DECLINED
    action.decided_at = clock.now()
    action.decided_by_id = actor.id
    action.decision_note = note
    db.session.flush()
    audit.record(
        "certificate_action:approved" if approve else "certificate_action:declined",
        action,
        actor=actor,
        reason=note,
        changes={
            "state": (CertificateActionState.PROPOSED, action.state),
            "kind": (None, action.kind),
            "certificate": (None, action.certificate.number),
        },
    )


def find_pending(certificate: Certificate) -> CertificateAction | None:
    """Return the proposal about a certificate that waits for a decision."""
    return next((one for one in certificate.actions if one.state == CertificateActionState.PROPOSED), None)


def list_possible(certificate: Certificate) -> list[CertificateActionKind]:
    """Return the acts that would change something about a certificate today."""
    if find_pending(certificate) is not None:
        return []
    kinds = []
    for kind in CertificateActionKind:
        try:
            _refuse_pointless(certificate, kind)
        except ActionPointless:
            continue
        kinds.append(kind)
    return kinds


def list_waiting(viewer: User) -> list[CertificateAction]:
    """Return the proposals in sight that wait for a decision, the oldest first."""
    query = (
        select(CertificateAction)
        .where(CertificateAction.state == CertificateActionState.PROPOSED, visible(CertificateAction, viewer))
        .options(
            selectinload(CertificateAction.certificate).selectinload(Certificate.person),
            selectinload(CertificateAction.proposed_by),
        )
        .order_by(CertificateAction.id)
    )
    return list(db.session.execute(query).scalars())


def _refuse_pointless(certificate: Certificate, kind: CertificateActionKind) -> None:
    kinds = [action.kind for action in list_approved_actions(certificate)]
    if CertificateActionKind.REVOKE in kinds:
        raise ActionPointless(_("This certificate is revoked. A revocation is final."))
    suspended = bool(kinds) and kinds[-1] == CertificateActionKind.SUSPEND
    if kind == CertificateActionKind.SUSPEND and suspended:
        raise ActionPointless(_("This certificate is suspended already."))
    if kind == CertificateActionKind.LIFT and not suspended:
        raise ActionPointless(_("This certificate is not suspended."))
