import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from certification.documents.certificate import (
    CertificateFacts,
    Host,
    Signatory,
    UnknownTemplate,
    UnprintableFacts,
    list_unprintable,
    render_certificate,
)
from foundation.fonts import as_printed
from foundation.pdf import Attachment, RenderError
from tests.certification.paper import FACTS, ask, make_facts, plain, read_text

ARABIC_NAMES = (
    "صلاح عبدالله", "علاء الدين", "جلال السلام", "محمد صالح", "عبدالسلام اللامي", "السالك ولد أحمد", "الكعبي مالك",
    "بكر الكريم", "إلياس اللطيف", "لؤلؤة الليثي", "هلال بن بلال", "آلاء الزهراء", "رؤى الشيخلي", "مؤمن الدليمي",
    "فاطمة الزهراء لالا", "عائشة أبو الخير", "زياد يزيد", "مريم الزيتوني", "يحيى زكريا", "ليلى العلي", "نجلاء للاهم",
    "خليل الله", "كلثوم شكري", "طارق السريع", "غزالة ضياء", "ثامر الحجّاج", "شيماء القحطاني", "وائل الطويل",
    "حمزة البغدادي", "سناء فؤاد", "قاسم ظافر", "أسامة خضر", "دلال الملا", "عبدالرحمن الجليل", "إسلام كمال", "هناء للّو",
)  # fmt: skip

OTHER_NAMES = (
    "İbrahim Işık Çağlayan", "Şükrü Öztürk", "Anne-Cécile Lœuvre d’Aÿ", "Nguyễn Thị Ánh Tuyết", "Trần Đức Hoàng",
    "Łukasz Żółć-Święcicki", "Małgorzata Wiśniewska", "Bo Li", "Siti Nur Aisyah", "Ólafur Þórðarson", "Đặng Hữu Phước",
)  # fmt: skip

URDU_AND_PERSIAN_NAMES = ("گلچین پژمان چهره", "ٹیپو سلطان ڈار", "شازیہ ککڑ سکینہ")


def _names_page(names: tuple[str, ...]) -> CertificateFacts:
    """Print many names in one file: whatever one name does to the letters of the next shows."""
    return make_facts(outcomes=tuple({"en": name, "ar": name} for name in names))


@pytest.mark.parametrize("names", [ARABIC_NAMES, URDU_AND_PERSIAN_NAMES, OTHER_NAMES])
def test_every_name_is_copied_from_the_file_as_it_was_written(names: tuple[str, ...], tmp_path: Path) -> None:
    text = read_text(render_certificate(_names_page(names)), tmp_path)

    missing = [name for name in names if as_printed(name) not in text]
    assert missing == []


def test_a_name_in_each_script_and_every_printed_fact_can_be_read(tmp_path: Path) -> None:
    text = read_text(render_certificate(FACTS), tmp_path)

    for expected in (
        "Salah Abdallah Al-Khatib", "صلاح عبدالله الخطيب", "Certificate of Competence", "شهادة كفاءة", "MCM201-7-001",
        "Mass Casualty Management", "إدارة حوادث الإصابات الجماعية", "22 November 2029", "هيئة الاستجابة للكوارث",
        "JQEX-WA65-1TY4-XNEA-HG23-CHJS-ZNAK", "certificates.service.example/verify", "Leila Haddad", "Jean-Marc Lefèvre",
    ):  # fmt: skip
        assert expected in text


def test_the_same_facts_give_the_same_bytes_after_a_journey_through_json() -> None:
    again = CertificateFacts.from_json(FACTS.to_json())

    assert again == FACTS
    assert render_certificate(again) == render_certificate(FACTS)


def test_another_name_gives_another_file_identifier() -> None:
    first, second = (
        pikepdf.open(io.BytesIO(render_certificate(facts))).trailer.ID[0] for facts in (FACTS, make_facts(name_latin="Bo Li"))
    )

    assert bytes(first) != bytes(second)


def test_only_the_shipped_typefaces_are_embedded(tmp_path: Path) -> None:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(render_certificate(make_facts(statement={"en": "A → B – “quoted” № 5"})))

    rows = [line.split() for line in ask("pdffonts", path).splitlines()[2:]]
    assert {row[0].split("+")[1] for row in rows} == {
        "EB-Garamond", "EB-Garamond-Italic", "EB-Garamond-Semi-Bold", "Amiri", "Amiri-Semi-Bold",
    }  # fmt: skip
    assert all(row[-5:-2] == ["yes", "yes", "yes"] for row in rows)


def test_the_code_on_paper_leads_to_the_verification_page(tmp_path: Path) -> None:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(render_certificate(make_facts(demonstration=True)))
    subprocess.run(["pdftoppm", "-r", "150", "-f", "1", "-l", "1", "-png", path, tmp_path / "page"], check=True)

    (picture,) = tmp_path.glob("page*.png")
    assert ask("zbarimg", "--quiet", "--raw", picture).strip() == FACTS.verify_url.upper()


def test_the_file_is_sound_and_declares_archive_and_accessibility_profiles(tmp_path: Path) -> None:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(render_certificate(FACTS))

    assert "No syntax or stream encoding errors found" in ask("qpdf", "--check", path)
    with pikepdf.open(path) as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode()
        assert 'pdfaid:part="3"' in metadata and 'pdfaid:conformance="A"' in metadata
        assert 'pdfuaid:part="1"' in metadata
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.AcroForm.Fields[0].T == "seal"
        assert pdf.Root.AcroForm.Fields[0].FT == "/Sig"


def test_arabic_parts_of_the_file_are_announced_as_arabic() -> None:
    with pikepdf.open(io.BytesIO(render_certificate(FACTS))) as pdf:
        languages = {str(item.Lang) for item in _elements(pdf.Root.StructTreeRoot.K) if "/Lang" in item}

    assert languages == {"en", "ar"}


def test_the_signature_field_is_part_of_the_reading_order() -> None:
    with pikepdf.open(io.BytesIO(render_certificate(FACTS))) as pdf:
        forms = [item for item in _elements(pdf.Root.StructTreeRoot.K) if item.get("/S") == "/Form"]
        field = pdf.Root.AcroForm.Fields[0]

        assert len(forms) == 1
        assert forms[0].K[0].Obj.objgen == field.objgen
        assert str(field.TU).endswith("Disaster Response Service")
        assert "/StructParent" in field


def _elements(node: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        yield from _elements(node.get("/K", pikepdf.Array()))


def test_an_attachment_is_listed_once_with_type_and_relationship() -> None:
    credential = Attachment("credential.json", b'{"a": 1}', "application/vc", "Data", "Open Badges credential")

    with pikepdf.open(io.BytesIO(render_certificate(FACTS, attachments=(credential,)))) as pdf:
        (associated,) = pdf.Root.AF
        assert associated.AFRelationship == "/Data"
        assert associated.EF.F.Subtype == "/application/vc"
        assert associated.EF.F.read_bytes() == b'{"a": 1}'


@pytest.mark.parametrize(
    "changes",
    [
        {"name_latin": "Maria-Magdalena Konstantinopoulou-Przybyszewska von Hohenstaufen-Lichtenberg"},
        {"name_native": "عبدالرحمن عبدالعزيز محمد صلاح الدين عبدالله الأحمدي الهاشمي"},
        {"name_latin": "Bo Li", "name_native": None},
        {"languages": ("fr", "en"), "name_native": None, "expires_on": None},
        {"languages": ("en",)},
        {"languages": ("ar", "en"), "course_title": {"en": "Regional Coordination " * 4, "ar": "التنسيق الإقليمي " * 5}},
    ],
)
def test_every_certificate_takes_two_pages(changes: dict[str, object]) -> None:
    with pikepdf.open(io.BytesIO(render_certificate(make_facts(**changes)))) as pdf:
        assert len(pdf.pages) == 2


def test_many_outcomes_flow_to_a_third_page_and_none_is_lost(tmp_path: Path) -> None:
    outcomes = tuple({"en": f"outcome number {position} of the course", "ar": "مخرج"} for position in range(1, 31))

    text = read_text(render_certificate(make_facts(outcomes=outcomes)), tmp_path)

    assert all(f"outcome number {position} of" in text for position in range(1, 31))


def test_only_a_demonstration_says_so(tmp_path: Path) -> None:
    assert "Demonstration – not a valid certificate" in read_text(render_certificate(make_facts(demonstration=True)), tmp_path)
    assert "Demonstration" not in read_text(render_certificate(FACTS), tmp_path)


def test_letters_without_a_glyph_are_refused_before_anything_is_printed() -> None:
    facts = make_facts(name_native="王小明", signatories=(Signatory("A\u202eB"), Signatory("C")))

    assert list_unprintable(facts) == {"name_native": "小明王", "signatories.0.name": "\u202e"}
    with pytest.raises(UnprintableFacts) as refused:
        render_certificate(facts)
    assert "name_native" in str(refused.value) and "U+202E" in str(refused.value)


def test_facts_of_another_template_are_not_printed_in_this_one() -> None:
    with pytest.raises(UnknownTemplate):
        render_certificate(make_facts(template_version=99))


def test_facts_with_unknown_fields_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown facts: colour"):
        CertificateFacts.from_json(FACTS.to_json().replace('"code"', '"colour": "red", "code"'))


HOSTILE = "<img src=file:///etc/passwd><link rel=attachment href=file:///etc/passwd>"
HOSTILE_STYLE = "</style><style>body{background:url(http://127.0.0.1:9/x)}</style>{{ 7*7 }}"


def _hostile_facts(text: str) -> CertificateFacts:
    words = {"en": text, "ar": text, "fr": text}
    return make_facts(
        number=text, name_latin=text, name_native=text, native_language='ar" onload="', course_code=text,
        course_title=words, edition=text, cohort_code=text, domain=words, outcomes=(words,), venue=words, country=words,
        statement=words, host=Host(text, text, text, text),
        signatories=(Signatory(text, text, words), Signatory(text, text, words)),
    )  # fmt: skip


_AUDITED = """
import sys
from pathlib import Path
from certification.documents.certificate import CertificateFacts, render_certificate
from tests.certification.paper import FACTS
render_certificate(FACTS)
touched = []
def watch(event, arguments):
    if event.startswith("socket.") or (event == "open" and "passwd" in str(arguments[0])):
        touched.append((event, arguments))
sys.addaudithook(watch)
pdf = render_certificate(CertificateFacts.from_json(Path(sys.argv[1]).read_text()))
assert b"root:" not in pdf
print("touched", touched)
"""


@pytest.mark.parametrize("text", [HOSTILE, HOSTILE_STYLE])
def test_markup_in_any_field_is_printed_as_letters_and_contacts_nothing(text: str, tmp_path: Path) -> None:
    frozen = tmp_path / "facts.json"
    frozen.write_text(_hostile_facts(text).to_json())

    done = subprocess.run([sys.executable, "-c", _AUDITED, frozen], capture_output=True, text=True, check=False)

    assert done.stdout == "touched []\n", done.stderr
    printed = read_text(render_certificate(_hostile_facts(text)), tmp_path)
    assert plain(text[:20]) in printed


@pytest.mark.parametrize("reference", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "data:image/png;base64,AAAA", "x.png"])
def test_an_emblem_that_refers_outside_itself_stops_the_certificate(reference: str) -> None:
    emblem = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
        f'<image xlink:href="{reference}" width="9" height="9"/></svg>'
    )
    with pytest.raises(RenderError):
        render_certificate(make_facts(host=replace(FACTS.host, emblem=emblem)))


def test_a_drawn_signature_is_path_data_and_nothing_else() -> None:
    drawn = (Signatory("Leila Haddad", strokes="M10 40C40 0 60 60 90 30"), FACTS.signatories[1])
    assert render_certificate(make_facts(signatories=drawn)) != render_certificate(FACTS)

    with pytest.raises(ValueError, match="path data"):
        render_certificate(make_facts(signatories=(Signatory("Leila", strokes='M0 0"/><image/>'), FACTS.signatories[1])))
