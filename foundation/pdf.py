"""The one door to WeasyPrint: HTML in, an archival and accessible PDF out.

Every file is PDF/A-3a and PDF/UA-1 at once. WeasyPrint writes one of the two; the finisher adds the other, as described at
`_finish`. What a page may load is a dictionary in memory and nothing else, so that neither a name in a form nor an uploaded
emblem can make the server read a file or open a connection. The same input gives the same bytes, which lets a certificate be
made again from its frozen facts after a crash.

Speed: fonts are loaded and stylesheets parsed once per process; a new font configuration per document would cost as much as the
whole page and leak memory. That configuration must not cross a fork (the child would delete the parent's font files when it
exits), hence `_forget_after_fork`. Pango gives no promise about threads, so one document is made at a time in a process.
"""

import gc
import os
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pydyf
import weasyprint
from weasyprint.pdf import tags as weasyprint_tags
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

ASSET_SCHEME = "asset:"
VARIANT = "pdf/a-3a"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_PARSED_STYLESHEETS_KEPT = 64


class RenderError(Exception):
    """The document cannot be made: an asset is missing, a reference leads outside, or it has no title."""


@dataclass(frozen=True)
class Attachment:
    """A file inside the PDF. `relationship` is an AFRelationship of ISO 32000-2, 7.11.3: Data, Alternative, Source …"""

    name: str
    content: bytes
    media_type: str
    relationship: str
    description: str


def render_pdf(
    html: str,
    *,
    assets: Mapping[str, bytes],
    language: str,
    identifier: bytes,
    stylesheets: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
    created: datetime | None = None,
) -> bytes:
    """Make an unsigned PDF/A-3a + PDF/UA-1 from HTML.

    `assets` maps the part after `asset:` in the HTML's and stylesheets' references to bytes; anything else referred to, present
    or not, raises `RenderError`. `stylesheets` are CSS texts, parsed once per process: the assets they name (fonts) must not
    change under the same text. `identifier` becomes the file identifier and should be unique to the content. `created` is
    written as creation time of the file and its attachments; without it a fixed day is used, because the clock would make equal
    input unequal output. An element with `data-signature-field="name"` receives an empty signature field over its box, spoken as
    its `title`.
    """
    moment = (created or _EPOCH).astimezone(UTC)
    fetcher = _MemoryFetcher(assets)
    with _lock, _without_garbage_collection():
        try:
            page = weasyprint.HTML(string=html, base_url=ASSET_SCHEME, url_fetcher=fetcher)
            document = page.render(
                font_config=_font_configuration(),
                stylesheets=[_parse_stylesheet(text, fetcher) for text in stylesheets],
                pdf_variant=VARIANT,
            )
            if not document.metadata.title:
                raise RenderError(
                    "A document needs a title: PDF/UA readers announce it instead of the file name."
                )
            document.metadata.lang = language
            document.metadata.created = document.metadata.modified = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            pdf: bytes = document.write_pdf(
                finisher=_finish,
                pdf_variant=VARIANT,
                pdf_identifier=identifier,
                attachments=[_as_weasyprint_attachment(attachment, moment) for attachment in attachments],
            )
        except FatalURLFetchingError:
            pdf = b""
    # WeasyPrint lets this error pass everywhere but while it draws an SVG, where it goes on without the picture.
    if fetcher.refused:
        raise RenderError(f"The document refers to {fetcher.refused[0][:200]!r}, which it was not given.")
    return pdf


class _MemoryFetcher(URLFetcher):
    """Answer from the dictionary or stop the document. The parent's protocol handlers are never set up."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        self._assets = assets
        self._fail_on_errors = True
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        name = url.removeprefix(ASSET_SCHEME).lstrip("/")
        if not url.startswith(ASSET_SCHEME) or name not in self._assets:
            self.refused.append(url)
            raise FatalURLFetchingError(url)
        return URLFetcherResponse(url, self._assets[name])

    def open(self, url: Any, data: Any = None, timeout: Any = None) -> URLFetcherResponse:
        return self.fetch(url if isinstance(url, str) else url.full_url)

    def __call__(self, url: str) -> URLFetcherResponse:
        return self.fetch(url)


class _AttachmentFetcher(_MemoryFetcher):
    """Hand one attachment over with its own media type, which WeasyPrint would otherwise guess from the file name."""

    def __init__(self, attachment: Attachment) -> None:
        super().__init__({})
        self._attachment = attachment

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        return URLFetcherResponse(
            url, self._attachment.content, {"Content-Type": self._attachment.media_type}
        )


def _as_weasyprint_attachment(attachment: Attachment, moment: datetime) -> weasyprint.Attachment:
    return weasyprint.Attachment(
        url=ASSET_SCHEME + "attachment",
        url_fetcher=_AttachmentFetcher(attachment),
        name=attachment.name,
        description=attachment.description,
        relationship=attachment.relationship,
        created=moment,
        modified=moment,
    )


# --- what one process keeps -------------------------------------------------------------------------------------------------

_lock = threading.Lock()
_fonts: FontConfiguration | None = None
_stylesheets: dict[bytes, weasyprint.CSS] = {}


def _font_configuration() -> FontConfiguration:
    global _fonts
    if _fonts is None:
        _fonts = FontConfiguration()
    return _fonts


def _parse_stylesheet(text: str, fetcher: _MemoryFetcher) -> weasyprint.CSS:
    key = sha256(text.encode()).digest()
    if key not in _stylesheets:
        if len(_stylesheets) >= _PARSED_STYLESHEETS_KEPT:
            _stylesheets.clear()
        _stylesheets[key] = weasyprint.CSS(
            string=text, base_url=ASSET_SCHEME, url_fetcher=fetcher, font_config=_font_configuration()
        )
    return _stylesheets[key]


def _forget_after_fork() -> None:
    """Start afresh in a forked child, and keep the child from deleting the parent's font files when it ends."""
    global _fonts, _lock
    _lock = threading.Lock()
    if _fonts is not None:
        _fonts._folder = None
    _fonts = None
    _stylesheets.clear()


os.register_at_fork(after_in_child=_forget_after_fork)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Pause the collector: the box tree is large, alive to the end, and walking it again and again costs a tenth and more."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


# --- the finisher: from PDF/A-3a to PDF/A-3a and PDF/UA-1 -------------------------------------------------------------------

_PDFUA_DESCRIPTION = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


def _finish(document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    """Complete what WeasyPrint leaves open, just before the file is written.

    PDF/UA-1 is declared in the metadata, with the extension schema PDF/A-3 asks for (rule 6.6.2.3.1). Each attachment stays
    listed once as associated file. Then every object is serialised and deflated, once: to make the file identifier pydyf asks
    for the bytes of the whole file a second time.
    """
    metadata = pdf.objects[_number(pdf.catalog["Metadata"])]
    closing = b"</rdf:RDF>"
    metadata.stream = [b"".join(metadata.stream).replace(closing, _PDFUA_DESCRIPTION + closing, 1)]
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    pdf.objects[1:] = [_Serialised(object_) for object_ in pdf.objects[1:]]


class _Serialised(pydyf.Object):
    """An object of the file that has been turned into bytes and will not change."""

    def __init__(self, original: pydyf.Object) -> None:
        super().__init__()
        self.number = original.number
        self._compressible = original.compressible
        if isinstance(original, pydyf.Stream) and original.compress:
            _deflate(original)
        self._data = original.data

    @property
    def data(self) -> bytes:
        return self._data  # type: ignore[no-any-return]

    @property
    def compressible(self) -> bool:
        return self._compressible  # type: ignore[no-any-return]


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _deflate(stream: pydyf.Stream) -> None:
    content = b"\n".join(pydyf._to_bytes(part) for part in stream.stream)
    stream.stream = [zlib.compress(content, 6)]
    stream.extra = pydyf.Dictionary({**stream.extra, "Filter": "/FlateDecode"})
    stream.compress = False


# --- the tag tree -----------------------------------------------------------------------------------------------------------
# WeasyPrint 70 writes the language of the document only, and an Arabic paragraph in an English file would be read aloud as
# English. It also has no signature fields. Both are mended while it builds the tag tree, by wrapping its one recursive function;
# the version is pinned and tests read language and field back from the file.

_build_box_tree = weasyprint_tags._build_box_tree


def _build_box_tree_with_language(
    box: Any, parent: Any, pdf: pydyf.PDF, page_number: int, nums: Any, annotations: Any, tags: Any
) -> Iterator[Any]:
    element = getattr(box, "_box", box).element
    attributes = {} if element is None else element.attrib
    if "data-signature-field" in attributes and "AcroForm" not in pdf.catalog:
        _add_signature_field(getattr(box, "_box", box), attributes, pdf, page_number)
    is_page_part = element is None or element.tag in {"html", "body"}
    for structure in _build_box_tree(box, parent, pdf, page_number, nums, annotations, tags):
        if "lang" in attributes and not is_page_part:
            structure["Lang"] = pydyf.String(attributes["lang"])
        yield structure


weasyprint_tags._build_box_tree = _build_box_tree_with_language


def _add_signature_field(box: Any, attributes: Mapping[str, str], pdf: pydyf.PDF, page_number: int) -> None:
    """Lay an empty signature field over a box; WeasyPrint then ties it into the tag tree as it does its own form fields."""
    page = pdf.objects[_number(pdf.page_references[page_number])]
    page_height = page["MediaBox"][3]
    left, top = box.border_box_x() * 0.75, page_height - box.border_box_y() * 0.75
    width, height = box.border_width() * 0.75, box.border_height() * 0.75
    appearance = pydyf.Stream(
        [], {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array([0, 0, width, height])}
    )
    pdf.add_object(appearance)
    field = pydyf.Dictionary(
        {
            "Type": "/Annot",
            "Subtype": "/Widget",
            "FT": "/Sig",
            "T": pydyf.String(attributes["data-signature-field"]),
            "TU": pydyf.String(attributes.get("title", attributes["data-signature-field"])),
            "Contents": pydyf.String(attributes.get("title", attributes["data-signature-field"])),
            "Rect": pydyf.Array([left, top - height, left + width, top]),
            "F": 132,  # print, locked
            "P": page.reference,
            "AP": pydyf.Dictionary({"N": appearance.reference}),
        }
    )
    pdf.add_object(field)
    box.widget_annotation = field
    page.setdefault("Annots", pydyf.Array()).append(field.reference)
    pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": pydyf.Array([field.reference])})
