"""Where the keys of the document seal come from.

In production the operator gives a PKCS#12 file (`IJAZA_SEAL`). Everywhere else the installation makes a small authority of its own
at first start: a root and a seal certificate, so that the whole life of a certificate can be tried, with a root that checkers
can be given. Two processes starting at once end with the same keys: each prepares a folder of its own, and renaming it into
place succeeds for one of them only.

P-256 with SHA-256 throughout: validators in desktop readers know it, and it signs in microseconds.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

FOLDER = "issuer"
_ROOT_CERTIFICATE, _ROOT_KEY = "trust-root.crt", "trust-root.key"
_SEAL_CERTIFICATE, _SEAL_KEY = "seal.crt", "seal.key"
_ROOT_LIFE = timedelta(days=20 * 365)
_SEAL_LIFE = timedelta(days=10 * 365)
_BACKDATED = timedelta(days=1)  # clocks of two machines differ; a seal must not precede its certificate


class UnusableSeal(Exception):
    """The seal's key file cannot be used; the message says what the operator has to change."""


@dataclass(frozen=True)
class IssuerKeys:
    """The seal's private key with its certificate, the certificates between, and the root that checkers trust."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    root: x509.Certificate
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Sign with ECDSA over SHA-256; deterministic (RFC 6979), so equal documents get equal seals."""
        return self._key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def load_issuer_keys(
    *, instance_dir: Path, seal: str | None, password: str | None, host: str, now: datetime
) -> IssuerKeys:
    """Load the operator's seal, or the installation's own test keys, made now if there are none.

    `seal` is the path of a PKCS#12 file; its password is `password` or the first line of a file beside it with `.password`
    added to its name. `host` names the issuer in test certificates. Raises `UnusableSeal`.
    """
    if seal:
        return _load_pkcs12(Path(seal), password)
    folder = instance_dir / FOLDER
    if not folder.exists():
        _make_test_keys(folder, host=host, now=now)
    return _load_folder(folder)


def trust_root(keys: IssuerKeys) -> bytes:
    """Write the root certificate as PEM, for `trust-root.crt` and for checkers."""
    return keys.root.public_bytes(serialization.Encoding.PEM)


def read_trust_roots(pem: bytes) -> list[x509.Certificate]:
    """Read the certificates of a PEM file."""
    return x509.load_pem_x509_certificates(pem)


# --- the operator's seal ----------------------------------------------------------------------------------------------------


def _load_pkcs12(path: Path, password: str | None) -> IssuerKeys:
    beside = path.with_name(path.name + ".password")
    if password is None and beside.is_file():
        password = beside.read_text(encoding="utf-8").splitlines()[0]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnusableSeal(f"IJAZA_SEAL names {path}, which cannot be read: {error.strerror}.") from error
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(
            content, (password or "").encode() or None
        )
    except ValueError as error:
        raise UnusableSeal(
            f"{path} is no PKCS#12 file or its password is wrong (IJAZA_SEAL_PASSWORD, or {beside.name})."
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnusableSeal(f"{path} must hold a private key on the curve P-256.")
    if certificate is None:
        raise UnusableSeal(f"{path} must hold the certificate that belongs to its key.")
    return IssuerKeys(certificate, tuple(others), _find_root(certificate, others), key)


def _find_root(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> x509.Certificate:
    """Climb from the seal's certificate to the highest issuer in the file."""
    by_subject = {other.subject.public_bytes(): other for other in others}
    current, seen = certificate, 0
    while current.issuer != current.subject and seen <= len(others):
        issuer = by_subject.get(current.issuer.public_bytes())
        if issuer is None:
            break
        current, seen = issuer, seen + 1
    return current


# --- the installation's own test keys ---------------------------------------------------------------------------------------


def _load_folder(folder: Path) -> IssuerKeys:
    try:
        key = serialization.load_pem_private_key((folder / _SEAL_KEY).read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate((folder / _SEAL_CERTIFICATE).read_bytes())
        root = x509.load_pem_x509_certificate((folder / _ROOT_CERTIFICATE).read_bytes())
    except (OSError, ValueError) as error:
        raise UnusableSeal(f"The issuer's keys in {folder} cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise UnusableSeal(f"The seal key in {folder} is not on the curve P-256.")
    return IssuerKeys(certificate, (), root, key)


def _make_test_keys(folder: Path, *, host: str, now: datetime) -> None:
    """Make root and seal and move them into place; whoever comes second uses what the first one made."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        root_key, seal_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certify_root(root_key, host=host, now=now.astimezone(UTC))
        seal = _certify_seal(seal_key, root_key=root_key, root=root, host=host, now=now.astimezone(UTC))
        _write(draft / _ROOT_KEY, _private_pem(root_key), mode=0o600)
        _write(draft / _SEAL_KEY, _private_pem(seal_key), mode=0o600)
        _write(draft / _ROOT_CERTIFICATE, root.public_bytes(serialization.Encoding.PEM), mode=0o644)
        _write(draft / _SEAL_CERTIFICATE, seal.public_bytes(serialization.Encoding.PEM), mode=0o644)
        os.rename(draft, folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not folder.exists():
            raise


def _write(path: Path, content: bytes, *, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _name(host: str, purpose: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, host[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{host[: 62 - len(purpose)]}, {purpose}"),
        ]
    )


def _key_usage(*, signs_documents: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs_documents,
        content_commitment=signs_documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs_documents,
        crl_sign=not signs_documents,
        encipher_only=False,
        decipher_only=False,
    )


def _certify_root(key: ec.EllipticCurvePrivateKey, *, host: str, now: datetime) -> x509.Certificate:
    name = _name(host, "demonstration root")
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_documents=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _certify_seal(
    key: ec.EllipticCurvePrivateKey,
    *,
    root_key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    host: str,
    now: datetime,
) -> x509.Certificate:
    root_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(_name(host, "document seal"))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _SEAL_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_documents=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(root_identifier, critical=False)
        .sign(root_key, hashes.SHA256())
    )
