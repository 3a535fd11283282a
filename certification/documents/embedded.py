"""The facts a sealed certificate carries inside itself, so that a checker without network can read what it says."""

import json
from io import BytesIO
from typing import Any

import pikepdf

from certification.documents.facts import CertificateFacts
from foundation.pdf import Attachment

FILE_NAME = "certificate.json"
SCHEMA = "ijaza-certificate/1"


def facts_attachment(facts: CertificateFacts) -> Attachment:
    """Return what is printed, and nothing more, as a JSON attachment of the PDF."""
    public = {
        "schema": SCHEMA,
        "number": facts.number,
        "version": facts.version,
        "code": facts.code,
        "verify_url": facts.verify_url,
        "name": facts.name_latin,
        "name_native": facts.name_native,
        "course_code": facts.course_code,
        "course": dict(facts.course_title),
        "edition": facts.edition,
        "cohort": facts.cohort_code,
        "hours": facts.hours,
        "issued_on": facts.issued_on.isoformat(),
        "expires_on": facts.expires_on.isoformat() if facts.expires_on else None,
        "issuer": {"en": facts.host.name_en, "ar": facts.host.name_ar, "fr": facts.host.name_fr},
        "demonstration": facts.demonstration,
    }
    return Attachment(
        name=FILE_NAME,
        content=json.dumps(public, ensure_ascii=False, sort_keys=True, indent=1).encode(),
        media_type="application/json",
        relationship="Data",
        description="What this certificate says, for machines",
    )


def read_embedded_facts(pdf: bytes) -> dict[str, Any] | None:
    """Return the embedded facts of a certificate, or None when the file holds none that can be read.

    Says nothing about genuineness: ask `sealing.inspect_seal` first.
    """
    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            data = document.attachments[FILE_NAME].get_file().read_bytes()
        facts = json.loads(data)
    except (pikepdf.PdfError, KeyError, ValueError):
        return None
    return facts if isinstance(facts, dict) and facts.get("schema") == SCHEMA else None
