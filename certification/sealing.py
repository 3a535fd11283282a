"""The seal on a document: a PAdES certification signature that allows no change, and its checker.

The only file that knows pyHanko. Signing fills the tagged field that `render_pdf` left over the printed panel, without drawing
anything of its own: a stamp by the signing library would bring in a font that is not embedded and break PDF/A and PDF/UA.

Checking must read more than "the signature is valid": a file with a page painted over after signing still has a valid signature
over its first part, and a file whose signature was taken out has none that could fail. `inspect_seal` therefore asks for exactly
one seal, over the whole file, that forbids changes, by a signer under a given root, and needs no network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from asn1crypto import algos, cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, ensure_sig_flags
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers import constants
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PdfSignedData
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certification.issuer_keys import IssuerKeys

SEAL_FIELD = "seal"
_DIGEST = "sha256"
_MECHANISM = "sha256_ecdsa"
_ATTRIBUTES_RESERVED = 2048  # bytes of a CMS beside its certificates; 700 are used


class SealingError(Exception):
    """The document cannot be sealed: it has no empty signature field, or is no PDF of ours."""


class Seal:
    """The issuer's seal, made once per process from its keys and used for every document.

    Everything in a signature but the digest and the signature value is the same for each document, so it is encoded here, once.
    Letting pyHanko build each structure anew takes longer than all the rest of sealing together.
    """

    def __init__(self, keys: IssuerKeys) -> None:
        self._keys = keys
        own = _to_asn1(keys.certificate)
        certificates = {_to_asn1(each).dump() for each in (keys.certificate, *keys.chain, keys.root)}
        self.bytes_reserved = 2 * (_ATTRIBUTES_RESERVED + sum(map(len, certificates)))
        self._certificates = b"".join(sorted(certificates))
        self._digest_algorithm = algos.DigestAlgorithm({"algorithm": _DIGEST}).dump()
        self._signature_algorithm = algos.SignedDigestAlgorithm({"algorithm": _MECHANISM}).dump()
        self._signer_id = cms.IssuerAndSerialNumber(
            {"issuer": own.issuer, "serial_number": own.serial_number}
        ).dump()
        protection = {
            "digest_algorithm": {"algorithm": _DIGEST},
            "signature_algorithm": {"algorithm": _MECHANISM},
        }
        self._attributes = [
            _attribute("content_type", "data"),
            _attribute("signing_certificate_v2", as_signing_certificate_v2(own)),
            _attribute("cms_algorithm_protection", protection),
        ]

    def sign_digest(self, digest: bytes) -> bytes:
        """Make the detached CMS (RFC 5652) for a SHA-256 digest, with the attributes of PAdES B-B.

        EN 319 142-1 wants the signing certificate named among the signed attributes, and the time in the signature dictionary
        of the PDF instead of here.
        """
        attributes = b"".join(sorted([*self._attributes, _attribute("message_digest", digest)]))
        signature = self._keys.sign(_der(_SET, attributes))
        signer = _der(
            _SEQUENCE,
            _VERSION_1,
            self._signer_id,
            self._digest_algorithm,
            _der(_CONTEXT_0, attributes),
            self._signature_algorithm,
            _der(_OCTETS, signature),
        )
        content = _der(
            _SEQUENCE,
            _VERSION_1,
            _der(_SET, self._digest_algorithm),
            _der(_SEQUENCE, _DATA),
            _der(_CONTEXT_0, self._certificates),
            _der(_SET, signer),
        )
        return _der(_SEQUENCE, _SIGNED_DATA, _der(_CONTEXT_0, content))


_SEQUENCE, _SET, _CONTEXT_0, _OCTETS = 0x30, 0x31, 0xA0, 0x04
_VERSION_1 = b"\x02\x01\x01"
_DATA = cms.ContentType("data").dump()
_SIGNED_DATA = cms.ContentType("signed_data").dump()


def _der(tag: int, *parts: bytes) -> bytes:
    """Wrap parts in a DER tag and length (X.690, 8.1.3)."""
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def _attribute(name: str, value: object) -> bytes:
    encoded: bytes = cms.CMSAttribute({"type": name, "values": [value]}).dump()
    return encoded


class _Writer(IncrementalPdfFileWriter):
    """Append the seal and nothing else.

    pyHanko would also rewrite the metadata with the moment of signing by its own clock and under its own name: equal documents
    would get unequal bytes, and the PDF/UA declaration would come back in a form not every validator reads.
    """

    def __init__(self, pdf: bytes, *, identifier: bytes) -> None:
        super().__init__(BytesIO(pdf), strict=True)
        # The second half of the file identifier must change with the file; pyHanko draws it at random.
        self._document_id[1] = generic.ByteStringObject(identifier)

    def _update_meta(self) -> None:
        return None


def seal_pdf(pdf: bytes, seal: Seal, *, at: datetime) -> bytes:
    """Seal a document for good: PAdES B-B, ECDSA P-256, certified with "no changes allowed" (ISO 32000-2, 12.8.2.2).

    `pdf` comes from `render_pdf` and carries the empty field `seal`. `at` is the aware moment written as signing time. Equal
    arguments give equal bytes. Nothing may touch the bytes afterwards. Raises `SealingError`.
    """
    writer = _Writer(pdf, identifier=sha256(pdf + at.isoformat().encode()).digest()[:16])
    if not _has_empty_field(writer):
        raise SealingError("The document has no empty signature field to be sealed in.")
    writer.register_extension(constants.ESIC_EXTENSION_1)
    ensure_sig_flags(writer)
    embedder = PdfCMSEmbedder().write_cms(SEAL_FIELD, writer, existing_fields_only=True)
    next(embedder)
    placeholder = PdfSignedData(
        obj_type=generic.pdf_name("/Sig"),
        subfilter=SigSeedSubFilter.PADES,
        timestamp=at,
        bytes_reserved=seal.bytes_reserved,
    )
    no_changes = SigMDPSetup(md_algorithm=_DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    embedder.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=no_changes))
    prepared, output = embedder.send(SigIOSetup(md_algorithm=_DIGEST))
    embedder.send(seal.sign_digest(prepared.document_digest))
    sealed: bytes = output.getvalue()
    return sealed


def _has_empty_field(writer: IncrementalPdfFileWriter) -> bool:
    form = writer.root.get("/AcroForm", {})
    return any(
        field.get_object().get("/T") == SEAL_FIELD and "/V" not in field.get_object()
        for field in form.get("/Fields", ())
    )


def _to_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


# --- checking ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SealReport:
    """What a check found. `genuine` means every byte is as the issuer sealed it; otherwise `problems` says why not."""

    genuine: bool
    problems: tuple[str, ...]
    signed_at: datetime | None = None
    signer: str | None = None


def inspect_seal(pdf: bytes, trust: Sequence[x509.Certificate]) -> SealReport:
    """Check a file against trusted roots, without network.

    The signer's certificate is judged at the signing time written in the seal: a certificate stays genuine when the seal's
    own certificate runs out years later. (Whoever steals an expired key could date back; the issuer's record of SHA-256 sums and
    the public page answer that.) Never raises for what a file contains: a file that cannot be read is not genuine.
    """
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        seals = reader.embedded_regular_signatures
        if len(seals) != 1:
            return SealReport(False, ("no_seal" if not seals else "several_seals",))
        return _judge(seals[0], trust)
    except Exception as error:  # A hostile file may make the parser fail in any way: it is not genuine.
        return SealReport(False, ("unreadable", f"{type(error).__name__}: {error}"[:200]))


def _judge(embedded: Any, trust: Sequence[x509.Certificate]) -> SealReport:
    signed_at: datetime | None = embedded.self_reported_timestamp
    context = ValidationContext(
        trust_roots=[_to_asn1(root) for root in trust],
        moment=signed_at,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    status = validate_pdf_signature(embedded, signer_validation_context=context)
    # Later archive time stamps (PAdES B-LTA) are the only thing that may follow the sealed bytes; not even a remark may.
    whole = (
        status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        or status.modification_level == ModificationLevel.LTA_UPDATES
    )
    findings = {
        "changed": status.intact,
        "bad_signature": status.valid,
        "changed_after_sealing": whole and bool(status.docmdp_ok),
        "changes_not_forbidden": embedded.docmdp_level == MDPPerm.NO_CHANGES,
        "unknown_signer": status.trusted,
        "not_in_force": status.bottom_line,
    }
    problems = tuple(problem for problem, passed in findings.items() if not passed)
    if problems != ("not_in_force",):
        problems = tuple(problem for problem in problems if problem != "not_in_force")
    return SealReport(
        not problems, problems, signed_at, status.signing_cert.subject.native.get("common_name")
    )
