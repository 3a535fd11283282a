"""The words and tones in which pages say the states of this floor: one place, so that a state reads the same everywhere."""

from collections.abc import Mapping
from typing import Any

from certification.models import ApprovalKind, CertificateActionKind, CertificateActionState
from certification.status import CertificateStatus, Standing
from foundation.i18n import lazy

STATUS: Mapping[CertificateStatus, tuple[Any, str]] = {
    CertificateStatus.VALID: (lazy("Valid"), "ok"),
    CertificateStatus.EXPIRED: (lazy("Expired"), "warn"),
    CertificateStatus.SUSPENDED: (lazy("Suspended"), "warn"),
    CertificateStatus.REPLACED: (lazy("Replaced"), "warn"),
    CertificateStatus.REVOKED: (lazy("Revoked"), "bad"),
}
STANDING: Mapping[Standing, Any] = {
    Standing.VALID: lazy("Valid"),
    Standing.ENDING: lazy("Ending within 90 days"),
}
ACTION: Mapping[CertificateActionKind, Any] = {
    CertificateActionKind.SUSPEND: lazy("Suspend"),
    CertificateActionKind.LIFT: lazy("Lift the suspension"),
    CertificateActionKind.REVOKE: lazy("Revoke"),
}
ACTION_STATE: Mapping[CertificateActionState, tuple[Any, str]] = {
    CertificateActionState.PROPOSED: (lazy("Waiting for a decision"), "info"),
    CertificateActionState.APPROVED: (lazy("Approved"), "ok"),
    CertificateActionState.DECLINED: (lazy("Declined"), "neutral"),
}
CONSEQUENCE: Mapping[CertificateActionKind, Any] = {
    CertificateActionKind.SUSPEND: lazy(
        "Once approved, everybody who checks this certificate reads that it is suspended, until the suspension is lifted."
    ),
    CertificateActionKind.LIFT: lazy("Once approved, the certificate counts again until its last valid day."),
    CertificateActionKind.REVOKE: lazy(
        "Once approved, everybody who checks this certificate reads that it is revoked. A revocation cannot be undone."
    ),
}
APPROVAL: Mapping[ApprovalKind, Any] = {
    ApprovalKind.DIRECTOR: lazy("Course director"),
    ApprovalKind.OFFICIAL: lazy("Certifying official"),
}
EXPLANATION: Mapping[CertificateStatus, Any] = {
    CertificateStatus.VALID: lazy("This certificate was issued by this service and is valid today."),
    CertificateStatus.EXPIRED: lazy("This certificate is genuine, but its last valid day has passed."),
    CertificateStatus.SUSPENDED: lazy(
        "This certificate is genuine, but it is suspended and does not count at present."
    ),
    CertificateStatus.REPLACED: lazy(
        "This certificate is genuine, but a newer version of it was issued. This one no longer counts."
    ),
    CertificateStatus.REVOKED: lazy(
        "This certificate was revoked by the service that issued it. It does not count."
    ),
}
