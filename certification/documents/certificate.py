"""The certificate: an A4 page people frame, a second one with what was learnt, made from frozen facts and nothing else.

Latin and native script are of equal rank: names one under the other in one size, everything else side by side. The QR code, the
field of the electronic seal and the words are real content of the tagged file; border and emblem are decoration and silent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from hashlib import sha256
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from certification.codes import group_code
from certification.documents.facts import (
    TEMPLATE_VERSION,
    CertificateFacts,
    Host,
    Signatory,
    UnknownTemplate,
    UnprintableFacts,
    list_unprintable,
)
from certification.documents.wording import (
    WORDINGS,
    Wording,
    write_date,
    write_hours,
    write_period,
    write_sessions,
)
from certification.qr import draw_qr
from foundation.documents import (
    as_code,
    compose,
    direction_of,
    document_assets,
    isolated,
    printed_in,
    read_static,
    read_stylesheet,
)
from foundation.fonts import as_printed
from foundation.pdf import Attachment, render_pdf

__all__ = [
    "TEMPLATE_VERSION",
    "CertificateFacts",
    "Host",
    "Signatory",
    "UnknownTemplate",
    "UnprintableFacts",
    "list_unprintable",
    "render_certificate",
]

# Names stand on one line as long as they can: (letters up to, size of the type) per script, measured on the page.
_LATIN_SIZES = ((30, "grand"), (44, "large"), (58, "medium"), (78, "small"))
_NATIVE_SIZES = ((26, "grand"), (36, "large"), (48, "medium"), (64, "small"))
_LONG_TITLE = 44  # letters of a course title that still fit on one line
_STROKES = re.compile(r"[MmLlHhVvCcSsQqTtZz0-9 ,.\-]*")


@dataclass(frozen=True)
class _Particular:
    """A row of the second page; `direction` is the value's own, which may differ from that of its column."""

    label: str
    value: str | Markup
    direction: str


@dataclass(frozen=True)
class _Panel:
    """The certificate in one language, every sentence finished."""

    language: str
    wording: Wording
    host: str
    course: str
    achieved: Markup
    issued: Markup
    valid: Markup
    statement: str
    particulars: tuple[_Particular, ...]
    outcomes: tuple[str, ...]


def render_certificate(facts: CertificateFacts, *, attachments: tuple[Attachment, ...] = ()) -> bytes:
    """Print a certificate: PDF/A-3a + PDF/UA-1, unsigned, with an empty field `seal` for `sealing.seal_pdf`.

    Equal facts and attachments give equal bytes. Raises `UnprintableFacts` when a font lacks a character, rather than print an
    empty box in somebody's name, `UnknownTemplate` for facts frozen for another template, and `RenderError` when an emblem
    refers to anything outside itself.
    """
    if facts.template_version != TEMPLATE_VERSION:
        raise UnknownTemplate(
            f"This program has template {TEMPLATE_VERSION}, the facts ask for {facts.template_version}."
        )
    if unprintable := list_unprintable(facts):
        raise UnprintableFacts(unprintable)
    panels = [_panel(facts, language) for language in facts.languages]
    html = compose(
        "certificate.html",
        facts=facts,
        panels=panels,
        name_latin=as_printed(facts.name_latin),
        name_native=as_printed(facts.name_native or ""),
        native_direction=direction_of(facts.name_native or ""),
        latin_size=_size(facts.name_latin, _LATIN_SIZES),
        native_size=_size(facts.name_native or "", _NATIVE_SIZES),
        code=group_code(facts.code),
        verify_address=_address(facts.verify_url),
        is_dense=any(panel.statement or len(panel.course) > _LONG_TITLE for panel in panels),
        qr=draw_qr(facts.verify_url, digits=facts.qr_digits),
        signatories=[_checked(signatory) for signatory in facts.signatories],
    )
    return render_pdf(
        html,
        assets=_assets(facts.host),
        language=facts.languages[0],
        identifier=sha256(facts.to_json().encode()).hexdigest()[:32].encode(),
        stylesheets=[read_stylesheet("document-fonts.css"), read_stylesheet("document-certificate.css")],
        attachments=attachments,
        created=datetime.combine(facts.issued_on, time(), UTC),
    )


def _assets(host: Host) -> Mapping[str, bytes]:
    emblem = host.emblem.encode() or read_static("brand/host-emblem.svg")
    drawings = (
        "certificate-frame.svg",
        "certificate-lattice.svg",
        "certificate-frame-plain.svg",
        "seal-panel.svg",
    )
    return document_assets({"emblem.svg": emblem} | {name: read_static(f"brand/{name}") for name in drawings})


def _panel(facts: CertificateFacts, language: str) -> _Panel:
    wording = WORDINGS[language]
    place = _place(facts, language)
    achieved = escape(wording.achieved).format(
        hours=isolated(write_hours(language, facts.hours)),
        sessions=isolated(write_sessions(language, facts.sessions)),
        domain=isolated(printed_in(facts.domain, language)),
        place=escape(wording.place).format(place=isolated(place)) if place else "",
        period=isolated(write_period(language, facts.held_from, facts.held_to)),
    )
    until = facts.expires_on
    return _Panel(
        language=language,
        wording=wording,
        host=facts.host.name_in(language),
        course=printed_in(facts.course_title, language),
        achieved=achieved,
        issued=escape(wording.issued).format(date=isolated(write_date(language, facts.issued_on))),
        valid=escape(wording.valid_until).format(date=isolated(write_date(language, until)))
        if until
        else escape(wording.valid_always),
        statement=printed_in(facts.statement, language),
        particulars=_particulars(facts, language),
        outcomes=tuple(printed_in(outcome, language) for outcome in facts.outcomes),
    )


def _particulars(facts: CertificateFacts, language: str) -> tuple[_Particular, ...]:
    """Pair each label with its value, leaving out what is not known; all languages give the same rows in the same order."""
    wording = WORDINGS[language]
    comma = "، " if language == "ar" else ", "
    until = facts.expires_on
    values: tuple[str | Markup, ...] = (
        _holder(facts, language),
        isolated(printed_in(facts.course_title, language)) + " " + as_code(facts.course_code),
        as_code(f"{facts.edition} · {facts.cohort_code}"),
        printed_in(facts.domain, language),
        write_hours(language, facts.hours) + comma + write_sessions(language, facts.sessions),
        write_period(language, facts.held_from, facts.held_to),
        _place(facts, language),
        as_code(f"{facts.number} · {facts.version}"),
        write_date(language, facts.issued_on),
        write_date(language, until) if until else wording.unlimited,
        facts.host.name_in(language),
        as_code(group_code(facts.code)),
    )
    return tuple(
        _Particular(label, value, wording.direction if isinstance(value, Markup) else direction_of(value))
        for label, value in zip(wording.labels, values, strict=True)
        if value
    )


def _holder(facts: CertificateFacts, language: str) -> str | Markup:
    """Name the holder in the script of the language; where no Arabic column follows, the native name stands beside."""
    latin, native = as_printed(facts.name_latin), as_printed(facts.name_native or "")
    if not native:
        return latin
    if "ar" in facts.languages:
        return native if language == "ar" else latin
    return isolated(latin) + " · " + isolated(native)


def _place(facts: CertificateFacts, language: str) -> str:
    parts = [
        part for part in (printed_in(facts.venue, language), printed_in(facts.country, language)) if part
    ]
    return ("، " if language == "ar" else ", ").join(parts)


def _size(name: str, sizes: tuple[tuple[int, str], ...]) -> str:
    return next((size for letters, size in sizes if len(name) <= letters), "tiny")


def _address(verify_url: str) -> str:
    """Give the address a person types by hand: the link without scheme and code."""
    parts = urlsplit(verify_url)
    return (parts.netloc + parts.path.rpartition("/")[0]).lower()


def _checked(signatory: Signatory) -> Signatory:
    if not _STROKES.fullmatch(signatory.strokes):
        raise ValueError("A drawn signature is SVG path data and nothing else.")
    return signatory
