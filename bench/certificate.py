"""What a sealed certificate costs: the way tutorials show it against the way Ijaza does it, in turns, in one process.

Both make the same two pages from the same facts: same template, stylesheets, typefaces, QR link, attachment, profile and key. The tutorial
way is honest code, not a crippled one: fonts by @font-face, a fresh document with its own font configuration each time, the QR code
as rectangles, pyHanko's `sign_pdf` with its defaults. Times are CPU time of this process; the ratio of each round is its own, so a
busy machine moves both sides.
"""

import io
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import segno
import weasyprint
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

import certification.documents.certificate as printing
from bench.figures import Figure
from certification.codes import new_code
from certification.documents.certificate import CertificateFacts, Host, Signatory, render_certificate
from certification.issuer_keys import FOLDER, load_issuer_keys
from certification.qr import QrDrawing
from certification.sealing import Seal, inspect_seal, seal_pdf
from foundation.pdf import Attachment

NAMES = (
    ("Salah Abdallah Al-Khatib", "صلاح عبدالله الخطيب"),
    ("Maria-Magdalena Konstantinopoulou-Przybyszewska von Hohenstaufen", None),
    ("İbrahim Işık Çağlayan", None),
    ("Nguyễn Thị Ánh Tuyết", None),
    ("Leila Haddad", "ليلى حداد"),
    ("Abdul Rahman Al-Ahmadi", "عبدالرحمن عبدالعزيز محمد صلاح الدين الأحمدي"),
    ("Bo Li", None),
)
CREDENTIAL = Attachment("credential.json", b'{"claim": "x"}' * 200, "application/json", "Data", "Credential")
AIM = 0.5
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def make_facts(position: int) -> CertificateFacts:
    """Make the facts of one certificate; neighbours differ in name, number and code."""
    name, native = NAMES[position % len(NAMES)]
    code = new_code()
    return CertificateFacts(
        number=f"MCM201-7-{position:03}", version=1, code=code, verify_url=f"https://certificates.host.example/verify/{code}",
        name_latin=name, name_native=native, native_language="ar", course_code="MCM-201",
        course_title={"en": "Mass Casualty Management", "ar": "إدارة حوادث الإصابات الجماعية"}, edition="1.4",
        cohort_code="MCM-201/7", hours=40, sessions=10, domain={"en": "emergency medicine", "ar": "طب الطوارئ"},
        outcomes=({"en": "sort casualties by urgency", "ar": "فرز المصابين حسب الأولوية"},) * 4,
        held_from=date(2026, 11, 15), held_to=date(2026, 11, 19), venue={"en": "Amman", "ar": "عمان"},
        country={"en": "Jordan", "ar": "الأردن"}, issued_on=date(2026, 11, 22), expires_on=date(2029, 11, 22),
        host=Host("Disaster Response Service", "هيئة الاستجابة للكوارث"),
        signatories=(
            Signatory("Leila Haddad", "ليلى حداد", {"en": "Course Director", "ar": "مديرة الدورة"}),
            Signatory("Jean-Marc Lefèvre", "جان مارك لوفيفر", {"en": "Certifying Official", "ar": "مسؤول الاعتماد"}),
        ),
        languages=("en", "ar"), demonstration=False,
    )  # fmt: skip


class _TutorialFetcher(weasyprint.urls.URLFetcher):
    """Give the template's assets to a plain WeasyPrint."""

    def __init__(self, assets: Any) -> None:
        super().__init__()
        self._assets = assets

    def fetch(self, url: str, headers: Any = None) -> Any:
        return weasyprint.urls.URLFetcherResponse(url, self._assets[url.removeprefix("asset:")])


def _tutorial_render(html: str, *, assets: Any, stylesheets: Any, attachments: Any, **_: Any) -> bytes:
    fetcher = _TutorialFetcher(assets)
    files = [
        weasyprint.Attachment(string=each.content.decode(), name=each.name, relationship=each.relationship)
        for each in attachments
    ]
    fonts = weasyprint.text.fonts.FontConfiguration()
    sheets = [weasyprint.CSS(string=text, url_fetcher=fetcher, font_config=fonts) for text in stylesheets]
    page = weasyprint.HTML(string=html, url_fetcher=fetcher)
    pdf: bytes = page.write_pdf(
        stylesheets=sheets, font_config=fonts, pdf_variant="pdf/a-3a", attachments=files
    )
    return pdf


def _tutorial_qr(link: str, *, digits: str = "") -> QrDrawing:
    """One closed square for each dark module, as QR libraries draw them."""
    matrix = segno.make(link.upper(), error="m", boost_error=False, micro=False).matrix
    squares = "".join(
        f"M{column + 4} {row + 4}.5h1"
        for row, modules in enumerate(matrix)
        for column, dark in enumerate(modules)
        if dark
    )
    return QrDrawing(len(matrix), squares)


def tutorial_way(facts: CertificateFacts, keys: Path) -> bytes:
    """Render and sign as the libraries' introductions show."""
    with (
        patch.object(printing, "render_pdf", _tutorial_render),
        patch.object(printing, "draw_qr", _tutorial_qr),
    ):
        pdf = render_certificate(facts, attachments=(CREDENTIAL,))
    signer: Any = signers.SimpleSigner.load(  # type: ignore[no-untyped-call]
        keys / "seal.key", keys / "seal.crt", ca_chain_files=(keys / "trust-root.crt",)
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    metadata = signers.PdfSignatureMetadata(
        field_name="seal-of-issuer", certify=True, subfilter=fields.SigSeedSubFilter.PADES
    )
    signed: bytes = signers.sign_pdf(writer, metadata, signer=signer).getvalue()
    return signed


def our_way(facts: CertificateFacts, seal: Seal) -> bytes:
    """Render and seal as the application does."""
    return seal_pdf(render_certificate(facts, attachments=(CREDENTIAL,)), seal, at=AT)


def run(rounds: int = 9) -> dict[str, Any]:
    """Measure both ways in turns: `{"rows": [{name, cpu_ms, min, max, ratio, bytes}], "rounds"}`; ratio is to the tutorial way."""
    with tempfile.TemporaryDirectory() as folder:
        keys = load_issuer_keys(instance_dir=Path(folder), seal=None, password=None, host="Bench", now=AT)
        seal = Seal(keys)
        rendered: dict[int, bytes] = {}

        def render_only(facts: CertificateFacts) -> bytes:
            rendered[0] = render_certificate(facts, attachments=(CREDENTIAL,))
            return rendered[0]

        ways: dict[str, Callable[[CertificateFacts], bytes]] = {
            "tutorial way, sealed": lambda facts: tutorial_way(facts, Path(folder) / FOLDER),
            "ours, sealed": lambda facts: our_way(facts, seal),
            "ours, render only": render_only,
            "ours, seal only": lambda facts: seal_pdf(rendered[0], seal, at=AT),
        }
        for way in ways.values():  # warm up: imports, fonts, parsed stylesheets
            way(make_facts(0))
        times: dict[str, list[float]] = {name: [] for name in ways}
        sizes: dict[str, int] = {}
        for position in range(1, rounds + 1):
            facts = make_facts(position)
            for name, way in ways.items():
                started = time.process_time()
                sizes[name] = len(way(replace(facts)))
                times[name].append((time.process_time() - started) * 1000)
        genuine = inspect_seal(our_way(make_facts(1), seal), [keys.root]).genuine
    return {"rounds": rounds, "genuine": genuine, "rows": [_row(name, times, sizes) for name in ways]}


def _row(name: str, times: dict[str, list[float]], sizes: dict[str, int]) -> dict[str, Any]:
    first = next(iter(times.values()))
    ratios = [own / tutorial for own, tutorial in zip(times[name], first, strict=True)]
    return {
        "name": name,
        "cpu_ms": round(statistics.median(times[name]), 1),
        "min": round(min(times[name]), 1),
        "max": round(max(times[name]), 1),
        "ratio": round(statistics.median(ratios), 3),
        "bytes": sizes[name],
    }


def figures(rounds: int = 9) -> list[Figure]:
    """Measure both ways; ours should take half of the tutorial's time, and what is compared must be a genuine certificate."""
    result = run(rounds)
    found = [
        Figure(row["name"], row["cpu_ms"], "ms CPU", None, f"{row['ratio']:.2f} of the first, {row['bytes'] // 1024} kB")
        for row in result["rows"]
    ]  # fmt: skip
    sealed = result["rows"][1]["ratio"]
    genuine = "the seal is genuine" if result["genuine"] else "THE SEAL IS NOT GENUINE"
    return [Figure("ours, sealed, as a part of the tutorial way", sealed, "ratio", AIM, genuine), *found]
