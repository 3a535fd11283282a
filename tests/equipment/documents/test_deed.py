"""The deed on paper: what is printed can be read back exactly, in three languages, and stands on its pages as it should."""

import hashlib
import math
import re
import subprocess
import unicodedata
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from equipment.documents.deed import (
    PrintedReceipt,
    PrintedSignature,
    UnknownSchema,
    UnprintableDeed,
    list_unprintable,
    render_deed,
)
from equipment.documents.wording import WORDINGS
from equipment.strokes import Strokes, check_strokes

HASH = hashlib.sha256(b"content").hexdigest()
CODE = "9F2C-4B7A"
HOST = {
    "names": {
        "en": "Disaster Response Service",
        "ar": "هيئة الاستجابة للكوارث",
        "fr": "Service de réponse aux catastrophes",
    },
    "code": "DRS",
    "country": "JO",
}
AGENCY = {
    "names": {
        "en": "Civil Protection Directorate",
        "ar": "مديرية الحماية المدنية",
        "fr": "Direction de la protection civile",
    },
    "code": "CPD",
    "country": "JO",
}
RADIO = {"en": "VHF handheld radio", "ar": "جهاز لاسلكي محمول", "fr": "Radio portative VHF"}
TAG = {"en": "Triage tag", "ar": "بطاقة فرز", "fr": "Étiquette de triage"}
AMMAN = timezone(timedelta(hours=3))


def make_content(items: int = 12, *, kind: str = "handover", **changes: Any) -> dict[str, Any]:
    lines: list[dict[str, Any]] = [
        {
            "position": number,
            "type": "RADIO-VHF",
            "names": RADIO,
            "tag": f"R-{number:04d}",
            "serial": f"VX/{7000 + number}-Q",
            "lot": None,
            "expires_on": None,
            "quantity": 1,
            "unit": "piece",
            "condition": "A",
            "note": "",
        }
        for number in range(1, items + 1)
    ]
    lines.append(
        {
            "position": items + 1,
            "type": "TRIAGE-TAG",
            "names": TAG,
            "tag": None,
            "serial": None,
            "lot": "TT-2026-04",
            "expires_on": "2029-04-30",
            "quantity": 200,
            "unit": "piece",
            "condition": "A",
            "note": "",
        }
    )
    giver, receiver = (HOST, AGENCY) if kind == "handover" else (AGENCY, HOST)
    content = {
        "schema": "deed/1",
        "number": "D-2026-0007",
        "kind": kind,
        "issued_on": "2026-11-22",
        "giver": giver,
        "receiver": receiver,
        "cohort": "MCM-201/7",
        "purpose": "Equipment of the team after its course",
        "terms": {
            "use": "Response and training",
            "retransfer_allowed": False,
            "inspection_right": True,
            "return_due_on": "2028-11-30",
        },
        "language": "en",
        "lines": lines,
        "totals": {"items": items, "units": items + 200},
    }
    return content | changes


def make_strokes() -> Strokes:
    wave = [[20 * n, 500 + 300 * math.sin(n / 4), 10 * n] for n in range(48)]
    return check_strokes([wave])


def make_signatures() -> dict[str, PrintedSignature]:
    return {
        "giver": PrintedSignature(
            "Leila Haddad", "Quartermaster", make_strokes(), datetime(2026, 11, 22, 14, 3, tzinfo=AMMAN)
        ),
        "receiver": PrintedSignature(
            "صلاح عبدالله الخطيب",
            "رئيس وحدة الدعم",
            make_strokes(),
            datetime(2026, 11, 22, 14, 6, tzinfo=AMMAN),
        ),
    }


def make_receipts(content: dict[str, Any]) -> dict[int, PrintedReceipt]:
    return {line["position"]: PrintedReceipt(line["quantity"], 0, 0) for line in content["lines"]}


def print_deed(content: dict[str, Any], language: str, **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "receipts": make_receipts(content),
        "signatures": make_signatures(),
        "language": language,
        "content_hash": HASH,
        "check_code": CODE,
        "verify_hint": "register.example",
    }
    return render_deed(content, **(values | changes))


def read(pdf: bytes, folder: Path) -> str:
    """Read a PDF's text with poppler, one page after another, without marks of direction and blanks between words."""
    path = folder / "deed.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    marks = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
    return " ".join(unicodedata.normalize("NFC", marks.sub("", done.stdout)).split())


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_what_is_printed_is_read_back(language: str, tmp_path: Path) -> None:
    content = make_content()

    text = read(print_deed(content, language), tmp_path)

    for number in range(1, 13):
        assert f"R-{number:04d}" in text
        assert f"VX/{7000 + number}-Q" in text
    for said in ("D-2026-0007", "TT-2026-04", "200", "212", HASH, CODE, "MCM-201/7", "register.example"):
        assert said in text
    for names in (HOST["names"], AGENCY["names"], RADIO, TAG):
        assert isinstance(names, dict)
        assert names[language] in text
    assert "Leila Haddad" in text
    assert "صلاح عبدالله الخطيب" in text
    assert WORDINGS[language].kinds["handover"].title in text


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_a_deed_of_twelve_items_stands_on_one_page(language: str) -> None:
    pdf = print_deed(make_content(), language)

    with pikepdf.open(BytesIO(pdf)) as document:
        assert len(document.pages) == 1


def test_what_was_refused_or_missing_says_why(tmp_path: Path) -> None:
    content = make_content(2)
    receipts = {
        1: PrintedReceipt(1, 0, 0),
        2: PrintedReceipt(0, 1, 0, "The aerial is broken", "D"),
        3: PrintedReceipt(198, 0, 2, "The box holds 198"),
    }

    text = read(print_deed(content, "en", receipts=receipts), tmp_path)

    assert "Reason: The aerial is broken" in text
    assert "Received in condition D" in text
    assert "Reason: The box holds 198" in text
    assert "202 199 1 2" in text
    assert "D unserviceable, can be repaired" in text


def test_a_return_names_the_host_as_receiver_and_has_no_terms(tmp_path: Path) -> None:
    text = read(print_deed(make_content(1, kind="return"), "en"), tmp_path)

    assert "Deed of return" in text
    assert (
        "Civil Protection Directorate returns to Disaster Response Service the equipment listed in this deed."
        in text
    )
    assert "passed on" not in text
    assert "returned by 30 November" not in text


def test_terms_are_written_as_sentences(tmp_path: Path) -> None:
    terms = {"use": None, "retransfer_allowed": True, "inspection_right": False, "return_due_on": None}

    text = read(print_deed(make_content(1, terms=terms, cohort=None, purpose="On loan"), "en"), tmp_path)

    assert "It may be passed on to others under the same terms." in text
    assert "No day of return is agreed." in text
    assert "Purpose: On loan" in text
    assert "cohort" not in text
    assert "inspect" not in text


def test_before_it_is_signed_there_are_lines_for_a_pen(tmp_path: Path) -> None:
    text = read(print_deed(make_content(1), "en", receipts={}, signatures={}), tmp_path)

    assert text.count("Name") == text.count("Title") == 2
    assert "Both signatures were drawn" not in text
    assert CODE in text


def test_signatures_are_lines_and_not_pictures() -> None:
    pdf = print_deed(make_content(1), "en", demonstration=True)

    with pikepdf.open(BytesIO(pdf)) as document:
        images = [one for one in document.objects if getattr(one, "get", None) and _is_image(one)]
        drawn = b"".join(bytes(page.Contents.read_bytes()) for page in document.pages)
    assert images == []
    assert drawn.count(b" c\n") + drawn.count(b" v\n") + drawn.count(b" y\n") > 40


def _is_image(one: Any) -> bool:
    return isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image"


@pytest.mark.parametrize("language", ["en", "ar", "fr"])
def test_a_long_deed_repeats_the_head_and_numbers_its_pages(language: str, tmp_path: Path) -> None:
    content = make_content(120)
    wording = WORDINGS[language]

    pdf = print_deed(content, language)

    with pikepdf.open(BytesIO(pdf)) as document:
        pages = len(document.pages)
    text = read(pdf, tmp_path)
    assert pages in (3, 4, 5)
    assert text.count(wording.serial) in (pages, pages - 1)
    closed_up = text.replace(" ", "")  # between Arabic letters and figures a blank is not always read
    for page in (1, pages):
        assert f"{wording.page[0]}{page}{wording.page[1]}{pages}" in closed_up
    assert all(f"R-{number:04d}" in text for number in range(1, 121))


def test_a_deed_is_tagged_and_in_its_language() -> None:
    pdf = print_deed(make_content(1), "ar")

    with pikepdf.open(BytesIO(pdf)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "ar"
        assert b"pdfuaid" in document.Root.Metadata.read_bytes()
        kinds = {
            str(one.S) for one in document.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one
        }
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= kinds


def test_equal_deeds_are_equal_files_and_languages_differ() -> None:
    content = make_content(1)

    assert print_deed(content, "en") == print_deed(content, "en")
    assert print_deed(content, "en") != print_deed(content, "fr")


def test_what_no_font_can_print_is_refused_before_it_becomes_a_box() -> None:
    content = make_content(1)
    content["lines"][0]["serial"] = "序列-1"

    assert list_unprintable(content) == {"序", "列"}
    with pytest.raises(UnprintableDeed):
        print_deed(content, "en")


def test_a_content_of_another_layout_is_refused() -> None:
    with pytest.raises(UnknownSchema):
        print_deed(make_content(1, schema="deed/2"), "en")


def test_html_in_a_name_stays_text(tmp_path: Path) -> None:
    content = make_content(1)
    content["lines"][0]["note"] = "<b>bold</b> & <img src=x>"

    assert "<b>bold</b> & <img src=x>" in read(print_deed(content, "en"), tmp_path)


def test_every_language_says_every_thing() -> None:
    for wording in WORDINGS.values():
        assert set(wording.kinds) == {"handover", "return"}
        assert list(wording.conditions) == ["A", "B", "C", "D", "E", "U"]
