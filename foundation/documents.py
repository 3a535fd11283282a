"""Paper without a web: fill a document template from plain data, outside any request.

Certificates are made in background jobs and made again from their frozen facts years later, so a document template sees
neither the session nor the translation catalogue nor the clock: only what its maker hands over. Missing data is an error, never
an empty place on paper.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from foundation.fonts import as_printed, font_assets

ROOT = Path(__file__).resolve().parent.parent


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def compose(template: str, /, **content: object) -> str:
    """Fill a template of `templates/documents/` and return its HTML; every value is escaped."""
    return _environment().get_template(f"documents/{template}").render(**content)


@cache
def read_stylesheet(name: str) -> str:
    """Read a stylesheet of `static/css/` once, for `render_pdf`."""
    return (ROOT / "static" / "css" / name).read_text(encoding="utf-8")


@cache
def read_static(name: str) -> bytes:
    """Read a file of `static/` once, for use as an asset."""
    return (ROOT / "static" / name).read_bytes()


def document_assets(assets: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Put the document fonts beside a document's own assets."""
    return {**font_assets(), **assets}


def printed_in(texts: Mapping[str, str], language: str) -> str:
    """Give a text kept in several languages as paper of one language prints it; in English where that is missing."""
    return as_printed(texts.get(language) or texts.get("en", ""))


def direction_of(text: str) -> str:
    """Return 'rtl' or 'ltr' by the first strong letter of a text."""
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in {"L", "R", "AL"}), "L")
    return "ltr" if strong == "L" else "rtl"


def isolated(text: str) -> Markup:
    """Keep a text's own direction out of the sentence round it; its first strong letter decides, said aloud to the renderer."""
    return Markup('<bdi dir="{}">{}</bdi>').format(direction_of(text), as_printed(text))


def as_code(text: str) -> Markup:
    """Numbers and codes: `MCM-201/7` would be reordered inside Arabic."""
    return Markup('<bdi dir="ltr" class="code">{}</bdi>').format(as_printed(text))
