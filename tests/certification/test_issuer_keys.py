import multiprocessing
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from certification.issuer_keys import UnusableSeal, load_issuer_keys, read_trust_roots, trust_root
from tests.certification.paper import SEALED_AT, make_keys


def _serial_after_first_start(folder: str) -> int:
    return make_keys(Path(folder)).certificate.serial_number


def test_the_first_start_makes_keys_and_the_second_uses_them(tmp_path: Path) -> None:
    first, second = make_keys(tmp_path), make_keys(tmp_path)

    assert first.certificate == second.certificate
    assert read_trust_roots(trust_root(first)) == [first.root]
    first.certificate.verify_directly_issued_by(first.root)


def test_private_keys_are_for_the_owner_alone_and_no_draft_is_left(tmp_path: Path) -> None:
    make_keys(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["issuer"]
    assert stat.S_IMODE((tmp_path / "issuer").stat().st_mode) == 0o700
    for name in ("seal.key", "trust-root.key"):
        assert stat.S_IMODE((tmp_path / "issuer" / name).stat().st_mode) == 0o600


def test_processes_starting_at_once_end_with_the_same_keys(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        serials = pool.map(_serial_after_first_start, [str(tmp_path)] * 8, chunksize=1)

    assert len(set(serials)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["issuer"]


def _pkcs12(folder: Path, password: bytes) -> Path:
    keys = make_keys(folder)
    private = serialization.load_pem_private_key((folder / "issuer" / "seal.key").read_bytes(), password=None)
    assert not isinstance(private, rsa.RSAPrivateKey)
    path = folder / "seal.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal",
            private,  # type: ignore[arg-type]
            keys.certificate,
            [keys.root],
            serialization.BestAvailableEncryption(password),
        )
    )
    return path


def test_a_pkcs12_file_is_used_with_its_password_from_setting_or_file(tmp_path: Path) -> None:
    path = _pkcs12(tmp_path, b"right")
    made = make_keys(tmp_path)

    loaded = load_issuer_keys(
        instance_dir=tmp_path / "unused", seal=str(path), password="right", host="H", now=SEALED_AT
    )
    (tmp_path / "seal.p12.password").write_text("right\n")
    beside = load_issuer_keys(
        instance_dir=tmp_path / "unused", seal=str(path), password=None, host="H", now=SEALED_AT
    )

    assert loaded.certificate == beside.certificate == made.certificate
    assert loaded.root == made.root
    assert not (tmp_path / "unused").exists()


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_wrong_password_is_said(password: str | None, tmp_path: Path) -> None:
    path = _pkcs12(tmp_path, b"right")

    with pytest.raises(UnusableSeal, match="password is wrong"):
        load_issuer_keys(instance_dir=tmp_path, seal=str(path), password=password, host="H", now=SEALED_AT)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnusableSeal, match="cannot be read"):
        load_issuer_keys(
            instance_dir=tmp_path, seal=str(tmp_path / "none.p12"), password=None, host="H", now=SEALED_AT
        )


def test_damaged_keys_are_said_and_not_silently_replaced(tmp_path: Path) -> None:
    make_keys(tmp_path)
    (tmp_path / "issuer" / "seal.key").write_text("damaged")

    with pytest.raises(UnusableSeal):
        make_keys(tmp_path)


def test_the_seal_may_sign_documents_and_nothing_else(tmp_path: Path) -> None:
    certificate = make_keys(tmp_path).certificate

    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment and not usage.key_cert_sign
    assert certificate.not_valid_after_utc > SEALED_AT + timedelta(days=9 * 365)
