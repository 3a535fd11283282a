import io
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from certification.documents.certificate import render_certificate
from certification.issuer_keys import IssuerKeys, trust_root
from certification.sealing import Seal, SealingError, inspect_seal, seal_pdf
from foundation.pdf import Attachment, render_pdf
from tests.certification.paper import FACTS, SEALED_AT, ask, make_keys

CREDENTIAL = Attachment("credential.json", b'{"grade": "pass"}', "application/json", "Data", "Credential")


@dataclass(frozen=True)
class Sealed:
    plain: bytes
    pdf: bytes
    keys: IssuerKeys

    @property
    def trust(self) -> list[x509.Certificate]:
        return [self.keys.root]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    keys = make_keys(tmp_path_factory.mktemp("instance"))
    plain = render_certificate(FACTS, attachments=(CREDENTIAL,))
    return Sealed(plain, seal_pdf(plain, Seal(keys), at=SEALED_AT), keys)


def test_an_untouched_certificate_is_genuine(sealed: Sealed) -> None:
    report = inspect_seal(sealed.pdf, sealed.trust)

    assert report.problems == ()
    assert report.genuine
    assert report.signed_at == SEALED_AT
    assert report.signer == "Test Service, document seal"


def test_sealing_twice_gives_the_same_bytes(sealed: Sealed) -> None:
    assert seal_pdf(sealed.plain, Seal(sealed.keys), at=SEALED_AT) == sealed.pdf


def test_the_seal_is_appended_and_leaves_the_page_as_it_was(sealed: Sealed) -> None:
    assert sealed.pdf.startswith(sealed.plain)
    with pikepdf.open(io.BytesIO(sealed.pdf)) as pdf, pikepdf.open(io.BytesIO(sealed.plain)) as before:
        assert pdf.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert len(pdf.Root.AcroForm.Fields) == 1


def test_poppler_finds_a_valid_signature_over_the_whole_document(sealed: Sealed, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed.pdf)

    said = ask("pdfsig", path)
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "No syntax or stream encoding errors found" in ask("qpdf", "--check", path)


def test_openssl_finds_the_signature_good_under_the_published_root(sealed: Sealed, tmp_path: Path) -> None:
    start, length, resume, rest = _byte_range(sealed.pdf)
    (tmp_path / "content").write_bytes(sealed.pdf[start:length] + sealed.pdf[resume : resume + rest])
    (tmp_path / "signature").write_bytes(bytes.fromhex(sealed.pdf[length + 1 : resume - 1].decode()))
    (tmp_path / "root").write_bytes(trust_root(sealed.keys))

    done = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "signature", "-content",
         tmp_path / "content", "-CAfile", tmp_path / "root", "-purpose", "any", "-out", tmp_path / "out"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "successful" in done.stderr.lower()


def test_the_credential_inside_is_covered_by_the_seal(sealed: Sealed) -> None:
    with pikepdf.open(io.BytesIO(sealed.pdf)) as pdf:
        assert pdf.attachments["credential.json"].get_file().read_bytes() == CREDENTIAL.content


def _byte_range(pdf: bytes) -> tuple[int, int, int, int]:
    found = re.search(rb"/ByteRange\s*\[(\d+) (\d+) (\d+) (\d+)\]", pdf)
    assert found
    start, length, resume, rest = (int(group) for group in found.groups())
    return start, length, resume, rest


def _flip_a_byte(pdf: bytes) -> bytes:
    return pdf[:5000] + bytes([pdf[5000] ^ 1]) + pdf[5001:]


def _swap_the_attachment(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    file = writer.root["/AF"][0].get_object()["/EF"].raw_get("/F")
    stream = generic.StreamObject(stream_data=b'{"grade": "distinction"}')
    writer.objects[(file.generation, file.idnum)] = stream
    return _written(writer)


def _paint_over_the_page(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    stream = writer.add_object(generic.StreamObject(stream_data=b"1 1 1 rg 0 0 900 300 re f"))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), stream])
    writer.update_container(page)
    return _written(writer)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _save_again(pdf: bytes) -> bytes:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(output, linearize=True)
    return output.getvalue()


def _take_the_signature_out(pdf: bytes) -> bytes:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        del document.Root.AcroForm.Fields[0].V
        document.save(output)
    return output.getvalue()


def _cut_the_seal_off(pdf: bytes) -> bytes:
    return pdf[: pdf.index(b"%%EOF") + 6]


def _append_bytes(pdf: bytes) -> bytes:
    return pdf + b"\n% a remark\n"


@pytest.mark.parametrize(
    "tamper",
    [_flip_a_byte, _swap_the_attachment, _paint_over_the_page, _save_again, _take_the_signature_out,
     _cut_the_seal_off, _append_bytes],
)  # fmt: skip
def test_a_tampered_certificate_is_not_genuine(tamper: Callable[[bytes], bytes], sealed: Sealed) -> None:
    forged = tamper(sealed.pdf)

    assert forged != sealed.pdf
    report = inspect_seal(forged, sealed.trust)
    assert not report.genuine
    assert report.problems


def test_a_seal_of_somebody_else_is_not_genuine(sealed: Sealed, tmp_path: Path) -> None:
    stranger = make_keys(tmp_path)

    report = inspect_seal(seal_pdf(sealed.plain, Seal(stranger), at=SEALED_AT), sealed.trust)

    assert not report.genuine
    assert "unknown_signer" in report.problems


def test_a_seal_stays_genuine_when_its_certificate_has_run_out_but_not_when_dated_after(
    sealed: Sealed,
) -> None:
    late = seal_pdf(sealed.plain, Seal(sealed.keys), at=SEALED_AT + timedelta(days=11 * 365))

    assert not inspect_seal(late, sealed.trust).genuine


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"no pdf", b"%PDF-1.7\n" + b"<<" * 5000])
def test_what_is_no_pdf_is_not_genuine_and_breaks_nothing(content: bytes, sealed: Sealed) -> None:
    assert not inspect_seal(content, sealed.trust).genuine


def test_a_document_without_a_field_cannot_be_sealed_nor_one_sealed_already(sealed: Sealed) -> None:
    plain = render_pdf("<title>A</title><p>A", assets={}, language="en", identifier=b"a")

    for document in (plain, sealed.pdf):
        with pytest.raises(SealingError):
            seal_pdf(document, Seal(sealed.keys), at=SEALED_AT)
