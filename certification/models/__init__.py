"""The tables of what is earned: approvals, certificates and their frozen versions, actions against them."""

from certification.models.approvals import Approval, ApprovalKind
from certification.models.certificates import (
    Certificate,
    CertificateAction,
    CertificateActionKind,
    CertificateActionState,
    CertificateFile,
    CertificateVersion,
)

__all__ = [
    "Approval",
    "ApprovalKind",
    "Certificate",
    "CertificateAction",
    "CertificateActionKind",
    "CertificateActionState",
    "CertificateFile",
    "CertificateVersion",
]
