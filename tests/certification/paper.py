"""Certificates to test with, and the outside programs that judge them."""

import re
import subprocess
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from certification.codes import normalise_code
from certification.documents.certificate import CertificateFacts, Host, Signatory
from certification.issuer_keys import IssuerKeys, load_issuer_keys

CODE = "JQEXWA651TY4XNEAHG23CHJSZNAK"
SEALED_AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

FACTS = CertificateFacts(
    number="MCM201-7-001",
    version=1,
    code=CODE,
    verify_url=f"https://certificates.service.example/verify/{CODE}",
    name_latin="Salah Abdallah Al-Khatib",
    name_native="صلاح عبدالله الخطيب",
    native_language="ar",
    course_code="MCM-201",
    course_title={"en": "Mass Casualty Management", "ar": "إدارة حوادث الإصابات الجماعية"},
    edition="1.4",
    cohort_code="MCM-201/7",
    hours=40,
    sessions=10,
    domain={"en": "emergency medicine", "ar": "طب الطوارئ"},
    outcomes=({"en": "sort casualties by urgency", "ar": "فرز المصابين حسب الأولوية"},),
    held_from=date(2026, 11, 15),
    held_to=date(2026, 11, 19),
    venue={"en": "Amman", "ar": "عمان"},
    country={"en": "Jordan", "ar": "الأردن"},
    issued_on=date(2026, 11, 22),
    expires_on=date(2029, 11, 22),
    host=Host("Disaster Response Service", "هيئة الاستجابة للكوارث", "Service de réponse aux catastrophes", "DRS"),
    signatories=(
        Signatory("Leila Haddad", "ليلى حداد", {"en": "Course Director", "ar": "مديرة الدورة"}),
        Signatory("Jean-Marc Lefèvre", "جان مارك لوفيفر", {"en": "Certifying Official", "ar": "مسؤول الاعتماد"}),
    ),
    languages=("en", "ar"),
    demonstration=False,
)


def make_facts(**changes: Any) -> CertificateFacts:
    assert normalise_code(CODE) == CODE
    return replace(FACTS, **changes)


def make_keys(folder: Path) -> IssuerKeys:
    return load_issuer_keys(instance_dir=folder, seal=None, password=None, host="Test Service", now=SEALED_AT)


def ask(*command: object) -> str:
    """Run an outside program and give its standard output."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return done.stdout


def read_text(pdf: bytes, folder: Path) -> str:
    """Read a PDF's text with poppler, without the marks it adds for direction."""
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    return plain(ask("pdftotext", "-layout", path, "-"))


def plain(text: str) -> str:
    return unicodedata.normalize("NFC", re.sub("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", text))
