"""Approval by two: the course director and the certifying official, each of exactly the list they saw."""

from collections.abc import Sequence

from sqlalchemy import select

from accounts.models import User
from certification.models import Approval, ApprovalKind
from certification.services.candidates import Candidate, compute_digest
from curriculum.models import Cohort
from foundation import audit, clock
from foundation.db import conflict_as, db
from foundation.errors import DomainConflict, DomainError
from foundation.i18n import _


class NothingToApprove(DomainError):
    """Nobody of the cohort is eligible."""


class AlreadyApproved(DomainConflict):
    """This list has that approval already."""


class SamePerson(DomainError):
    """One person may not give both approvals."""


class OwnCertificate(DomainError):
    """Nobody approves his own certificate."""


class ListChanged(DomainConflict):
    """The list is no longer the one that was shown."""


def approve(
    cohort: Cohort, kind: ApprovalKind, *, candidates: Sequence[Candidate], seen_digest: str, actor: User
) -> Approval:
    """Approve the list of eligible trainees as it stands now.

    `seen_digest` is the digest of the list the actor was shown: raises ListChanged when it differs from today's. Raises
    NothingToApprove, SamePerson, OwnCertificate and AlreadyApproved.
    """
    digest = compute_digest(candidates)
    if digest != seen_digest:
        raise ListChanged(_("The list changed while you were looking at it. Read it again, then approve."))
    listed = [candidate for candidate in candidates if candidate.is_listed]
    if not any(candidate.eligibility.eligible for candidate in listed):
        raise NothingToApprove(_("Nobody on this list is waiting for a certificate."))
    if actor.person_id is not None and any(c.enrolment.person_id == actor.person_id for c in listed):
        raise OwnCertificate(_("You are on this list yourself. Somebody else must approve it."))
    given = list_approvals(cohort, digest)
    if any(approval.approved_by_id == actor.id and approval.kind != kind for approval in given):
        raise SamePerson(_("You gave the other approval. A second person must give this one."))
    approval = Approval(
        cohort=cohort,
        kind=kind,
        digest=digest,
        eligible=len(listed),
        approved_at=clock.now(),
        approved_by_id=actor.id,
    )
    with conflict_as(
        "uq_approval_cohort_id_kind_digest", AlreadyApproved(_("This list is approved already."))
    ):
        db.session.add(approval)
    audit.record(
        "certification:approved",
        approval,
        actor=actor,
        changes={
            "kind": (None, kind),
            "cohort": (None, cohort.code),
            "eligible": (None, len(listed)),
            "digest": (None, digest),
        },
    )
    return approval


def list_approvals(cohort: Cohort, digest: str) -> list[Approval]:
    """Return the approvals that fit a list, oldest first."""
    query = (
        select(Approval)
        .where(Approval.cohort_id == cohort.id, Approval.digest == digest)
        .order_by(Approval.id)
    )
    return list(db.session.execute(query).scalars())


def is_approved(approvals: Sequence[Approval]) -> bool:
    """Return whether both have approved, two different people."""
    kinds = {approval.kind for approval in approvals}
    people = {approval.approved_by_id for approval in approvals}
    return kinds == set(ApprovalKind) and len(people) >= len(ApprovalKind)
