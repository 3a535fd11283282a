"""The deed on paper: what changed hands between whom, on which terms, counted and signed by both.

Everything that binds comes from the frozen content of the deed; what was counted and the two drawings of a hand come after it. One
file a language, A4 upright, the head of the table on every page. Signatures are lines, not pictures; names stand in HTML beside
them, for text inside a drawing is neither shaped nor read aloud. Before it is signed the same paper has empty columns and lines,
to be counted and signed with a pen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from markupsafe import Markup, escape

from equipment.documents.wording import WORDINGS, KindWording, Wording
from equipment.strokes import HEIGHT, SPAN, Strokes, to_svg_path
from foundation.documents import (
    as_code,
    compose,
    document_assets,
    isolated,
    printed_in,
    read_static,
    read_stylesheet,
)
from foundation.fonts import as_printed, find_unprintable
from foundation.i18n import country_name, format_date_for
from foundation.pdf import render_pdf

SCHEMA = "deed/1"
SIDES = ("giver", "receiver")


class UnknownSchema(Exception):
    """The content was frozen for another layout than this program has."""


class UnprintableDeed(Exception):
    """A text holds a character that the document fonts do not have; `characters` are those."""

    def __init__(self, characters: set[str]) -> None:
        super().__init__("cannot be printed: " + " ".join(sorted(map(ascii, characters))))
        self.characters = characters


@dataclass(frozen=True)
class PrintedReceipt:
    """What the receiver counted of one line; `condition` is a letter A to E or U."""

    accepted: int
    refused: int
    missing: int
    reason: str = ""
    condition: str = ""


@dataclass(frozen=True)
class PrintedSignature:
    """A party's signature: who signed, as what, the drawn strokes, and when (an aware moment, printed in its own zone)."""

    name: str
    title: str
    strokes: Strokes
    signed_at: datetime


@dataclass(frozen=True)
class _Line:
    """A row of the table, every cell finished."""

    position: int
    tag: str
    name: str
    serial: str
    expires: Markup | str
    quantity: str
    condition: str
    counted: tuple[str, str, str]
    remarks: tuple[Markup, ...]


@dataclass(frozen=True)
class _Party:
    """A side of the deed: its heading, its names, and its signature, if it has signed."""

    label: str
    name: str
    code: str
    country: str
    signed_for: Markup
    signature: PrintedSignature | None
    path: str
    signed: Markup | str


def render_deed(
    content: Mapping[str, Any],
    *,
    receipts: Mapping[int, PrintedReceipt],
    signatures: Mapping[str, PrintedSignature],
    language: str,
    content_hash: str,
    check_code: str,
    verify_hint: str = "",
    demonstration: bool = False,
) -> bytes:
    """Print a deed in one language: PDF/A-3a + PDF/UA-1.

    `content` is the frozen content (schema `deed/1`), `receipts` what was counted by the position of the line, `signatures` by side
    ('giver', 'receiver'); either may be empty before the deed is signed. Equal input gives equal bytes. Raises UnprintableDeed when a
    font lacks a character, rather than print an empty box in a name or serial number, and UnknownSchema.
    """
    if content.get("schema") != SCHEMA:
        raise UnknownSchema(str(content.get("schema")))
    if unprintable := list_unprintable(content, receipts=receipts, signatures=signatures):
        raise UnprintableDeed(unprintable)
    wording = WORDINGS[language]
    kind = wording.kinds[content["kind"]]
    lines = [_line(line, receipts.get(line["position"]), wording, language) for line in content["lines"]]
    issued_on = date.fromisoformat(content["issued_on"])
    host = content["giver" if content["kind"] == "handover" else "receiver"]
    html = compose(
        "deed.html",
        language=language,
        wording=wording,
        kind=kind,
        number=as_printed(content["number"]),
        issued=format_date_for(language, issued_on),
        host=printed_in(host["names"], language),
        parties=[_party(content, side, signatures.get(side), wording, kind, language) for side in SIDES],
        terms=_terms(content, wording, kind, language),
        lines=lines,
        sums=_sums(content["lines"], receipts),
        conditions=_conditions(content["lines"], receipts, wording),
        content_hash=content_hash,
        check_code=check_code,
        drawn=escape(wording.drawn).format(code=as_code(check_code)),
        kept=escape(wording.kept).format(address=as_code(verify_hint)) if verify_hint else "",
        is_signed=set(signatures) >= set(SIDES),
        demonstration=demonstration,
        span=SPAN,
        height=HEIGHT,
    )
    newest = max((signature.signed_at for signature in signatures.values()), default=None)
    return render_pdf(
        html,
        assets=document_assets({"emblem.svg": read_static("brand/host-emblem.svg")}),
        language=language,
        identifier=sha256(f"{content_hash} {language} {newest}".encode()).hexdigest()[:32].encode(),
        stylesheets=[read_stylesheet("document-fonts.css"), read_stylesheet("document-deed.css")],
        created=newest,
    )


def list_unprintable(
    content: Mapping[str, Any],
    *,
    receipts: Mapping[int, PrintedReceipt] | None = None,
    signatures: Mapping[str, PrintedSignature] | None = None,
) -> set[str]:
    """Return the characters of a deed's texts that the document fonts cannot draw; ask before a deed is issued or signed."""
    texts = _texts_of(content)
    texts += [receipt.reason for receipt in (receipts or {}).values()]
    texts += [text for signature in (signatures or {}).values() for text in (signature.name, signature.title)]
    return set().union(*(find_unprintable(text) for text in texts)) if texts else set()


def _texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for part in value.values() for text in _texts_of(part)]
    if isinstance(value, Sequence):
        return [text for part in value for text in _texts_of(part)]
    return []


def _party(
    content: Mapping[str, Any],
    side: str,
    signature: PrintedSignature | None,
    wording: Wording,
    kind: KindWording,
    language: str,
) -> _Party:
    party = content[side]
    name = printed_in(party["names"], language)
    country = country_name(party.get("country"), language)
    return _Party(
        label=kind.giver if side == "giver" else kind.receiver,
        name=name,
        code=as_printed(party.get("code") or ""),
        country=as_printed(country),
        signed_for=escape(wording.signed_for).format(party=isolated(name)),
        signature=signature,
        path=to_svg_path(signature.strokes) if signature else "",
        signed=_signed(signature, wording, language) if signature else "",
    )


def _signed(signature: PrintedSignature, wording: Wording, language: str) -> Markup:
    moment = signature.signed_at
    zone = moment.strftime("%z")
    day = isolated(format_date_for(language, moment.date()))
    hour = as_code(f"{moment:%H:%M} UTC{zone[:3]}:{zone[3:5]}")
    return escape(wording.signed).format(date=day + ("، " if language == "ar" else ", ") + hour)


def _terms(content: Mapping[str, Any], wording: Wording, kind: KindWording, language: str) -> list[Markup]:
    """Write purpose and terms as numbered paragraphs of sentences; a return has no terms but that things come back."""
    terms = content.get("terms") or {}
    giver, receiver = (isolated(printed_in(content[side]["names"], language)) for side in SIDES)
    paragraphs = [escape(kind.opening).format(giver=giver, receiver=receiver)]
    if content["kind"] == "handover" and content.get("cohort"):
        paragraphs[0] += " " + escape(wording.cohort).format(cohort=as_code(content["cohort"]))
    if content.get("purpose"):
        paragraphs.append(escape(wording.purpose).format(purpose=isolated(content["purpose"])))
    if content["kind"] == "return":
        return paragraphs
    if terms.get("use"):
        paragraphs.append(escape(wording.use).format(use=isolated(terms["use"])))
    allowed = wording.retransfer_allowed if terms.get("retransfer_allowed") else wording.retransfer_refused
    paragraphs.append(escape(allowed).format(giver=giver))
    if terms.get("inspection_right"):
        paragraphs[-1] += " " + escape(wording.inspection).format(giver=giver)
    if terms.get("return_due_on"):
        due = format_date_for(language, date.fromisoformat(terms["return_due_on"]))
        paragraphs.append(escape(wording.return_due).format(date=isolated(due)))
    else:
        paragraphs.append(escape(wording.no_return_due))
    return paragraphs


def _line(line: Mapping[str, Any], receipt: PrintedReceipt | None, wording: Wording, language: str) -> _Line:
    remarks = []
    if line.get("note"):
        remarks.append(escape(wording.note).format(note=isolated(line["note"])))
    if receipt and receipt.reason:
        remarks.append(escape(wording.reason).format(reason=isolated(receipt.reason)))
    if receipt and receipt.condition and receipt.condition != line["condition"]:
        remarks.append(escape(wording.received_in).format(condition=as_code(receipt.condition)))
    expires = line.get("expires_on")
    return _Line(
        position=line["position"],
        tag=as_printed(line.get("tag") or ""),
        name=printed_in(line["names"], language),
        serial=as_printed(line.get("serial") or line.get("lot") or ""),
        expires=escape(wording.expires).format(
            date=isolated(format_date_for(language, date.fromisoformat(expires)))
        )
        if expires
        else "",
        quantity=str(line["quantity"]),
        condition=as_printed(line.get("condition") or ""),
        counted=(str(receipt.accepted), str(receipt.refused), str(receipt.missing))
        if receipt
        else ("", "", ""),
        remarks=tuple(remarks),
    )


def _sums(
    lines: Sequence[Mapping[str, Any]], receipts: Mapping[int, PrintedReceipt]
) -> tuple[str, str, str, str]:
    issued = str(sum(line["quantity"] for line in lines))
    if not receipts:
        return issued, "", "", ""
    counted = receipts.values()
    return (
        issued,
        str(sum(receipt.accepted for receipt in counted)),
        str(sum(receipt.refused for receipt in counted)),
        str(sum(receipt.missing for receipt in counted)),
    )


def _conditions(
    lines: Sequence[Mapping[str, Any]], receipts: Mapping[int, PrintedReceipt], wording: Wording
) -> list[tuple[str, str]]:
    """Explain the letters of condition that stand on this deed."""
    used = {line.get("condition") for line in lines} | {receipt.condition for receipt in receipts.values()}
    return [(letter, meaning) for letter, meaning in wording.conditions.items() if letter in used]


__all__ = [
    "PrintedReceipt",
    "PrintedSignature",
    "UnknownSchema",
    "UnprintableDeed",
    "list_unprintable",
    "render_deed",
]
