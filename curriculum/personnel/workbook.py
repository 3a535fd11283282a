"""Look into an XLSX file before anything opens it, and refuse what could do harm.

A workbook is a ZIP of XML: it can unpack to a thousand times its size, lie about that size, define entities, carry
macros, or place one cell at the far corner of a million rows. The check unpacks every part once as a stream, counts what
really comes out and listens to the XML, so the reader of the cells afterwards meets nothing it cannot bear.
Source of the limits: the product's rule (10 MB, 20,000 rows, 60 columns, 60 MB unpacked) and measured crashes.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.parsers import expat

from curriculum.personnel.problems import Refusal, SheetRefused

MAX_ROWS = 20_000
MAX_COLUMNS = 60
MAX_UNPACKED_BYTES = 60 * 1024 * 1024

_MAX_PARTS = 200
_MAX_RATIO = 100
_RATIO_COUNTS_FROM = 1024 * 1024
_MAX_SMALL_PART_ELEMENTS = 50_000
_MAX_SHARED_STRINGS = MAX_ROWS * MAX_COLUMNS
_CHUNK = 65_536
# Title lines above the headings, and the headings themselves, are no rows of people.
HEAD_ROWS = 20
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_CELL_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,8})")
# All that the standard library raises over a spoiled file; NotImplementedError is its word for an unknown way of packing.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
)


def check_workbook(data: bytes) -> None:
    """Refuse a workbook that is damaged, hostile or beyond the limits; return when it is safe to open.

    Raises `SheetRefused`.
    """
    with damage_refused(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        _check_directory(parts)
        unpacked = 0
        for part in parts:
            for chunk_size in _stream_part(archive, part):
                unpacked += chunk_size
                if unpacked > MAX_UNPACKED_BYTES:
                    raise SheetRefused(Refusal.UNPACKED_TOO_BIG)


@contextmanager
def damage_refused() -> Iterator[None]:
    """Refuse the file when what is in the block meets damage."""
    try:
        yield
    except _DAMAGE as error:
        raise SheetRefused(Refusal.DAMAGED) from error


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > _MAX_PARTS:
        raise SheetRefused(Refusal.TOO_MANY_PARTS)
    names = {part.filename.casefold() for part in parts}
    if len(names) < len(parts):
        raise SheetRefused(Refusal.DAMAGED)
    if any("vbaproject" in name or "/macrosheets/" in name or "/activex/" in name for name in names):
        raise SheetRefused(Refusal.MACRO)
    if "xl/workbook.bin" in names or "mimetype" in names:
        raise SheetRefused(Refusal.OTHER_SPREADSHEET)
    if "xl/workbook.xml" not in names:
        raise SheetRefused(Refusal.NOT_A_SHEET)
    for part in parts:
        if part.flag_bits & 0x1:
            raise SheetRefused(Refusal.ENCRYPTED)
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SheetRefused(Refusal.DAMAGED)
        if part.file_size > _RATIO_COUNTS_FROM and part.file_size > _MAX_RATIO * max(part.compress_size, 1):
            raise SheetRefused(Refusal.UNPACKED_TOO_BIG)
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise SheetRefused(Refusal.UNPACKED_TOO_BIG)


def _stream_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[int]:
    """Unpack one part in chunks, yielding their sizes; XML is listened to on the way."""
    name = part.filename.casefold()
    listener = _Listener(name) if name.endswith((".xml", ".rels", ".vml")) else None
    total = 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            if total > _RATIO_COUNTS_FROM and total > _MAX_RATIO * max(part.compress_size, 1):
                raise SheetRefused(Refusal.UNPACKED_TOO_BIG)
            yield len(chunk)
            if listener is not None:
                listener.feed(chunk)
    if listener is not None and total:
        listener.close()


@dataclass(slots=True)
class _Extent:
    """What a worksheet holds so far: rows with a value, the last of them, and whether the current cell counted."""

    row: int = 0
    column: int = 0
    filled_rows: int = 0
    last_filled_row: int = 0


class _Listener:
    """Hears one XML part and refuses what a spreadsheet program never writes."""

    def __init__(self, name: str) -> None:
        self._extent = _Extent()
        self._elements = 0
        self._limit = (
            _MAX_SHARED_STRINGS * 8 if name.endswith("sharedstrings.xml") else _MAX_SMALL_PART_ELEMENTS
        )
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._hear_cell if _SHEET_PART.fullmatch(name) else self._count
        if name == "[content_types].xml":
            self._parser.StartElementHandler = self._hear_content_type

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, False)

    def close(self) -> None:
        self._parser.Parse(b"", True)

    def _refuse_doctype(self, *_declaration: object) -> None:
        raise SheetRefused(Refusal.FORBIDDEN_XML)

    def _count(self, _name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > self._limit:
            raise SheetRefused(Refusal.UNPACKED_TOO_BIG)

    def _hear_content_type(self, name: str, attributes: dict[str, str]) -> None:
        self._count(name, attributes)
        if "macroenabled" in attributes.get("ContentType", "").casefold():
            raise SheetRefused(Refusal.MACRO)

    def _hear_cell(self, name: str, attributes: dict[str, str]) -> None:
        extent = self._extent
        local = name.rpartition(" ")[2]
        if local == "c":
            extent.column = read_column(attributes.get("r")) or extent.column + 1
        elif local == "row":
            extent.row = int(attributes["r"]) if "r" in attributes else extent.row + 1
            extent.column = 0
        elif local in ("v", "is", "f"):
            self._hear_value(extent)

    @staticmethod
    def _hear_value(extent: _Extent) -> None:
        if extent.column > MAX_COLUMNS:
            raise SheetRefused(Refusal.TOO_MANY_COLUMNS, limit=MAX_COLUMNS)
        if extent.row != extent.last_filled_row:
            extent.last_filled_row = extent.row
            extent.filled_rows += 1
            if extent.filled_rows > MAX_ROWS + HEAD_ROWS or extent.row > MAX_ROWS * 2:
                raise SheetRefused(Refusal.TOO_MANY_ROWS, limit=MAX_ROWS)


def is_sheet_part(name: str) -> bool:
    """Tell whether a part is one that was listened to as a worksheet; no other may be read as one."""
    return _SHEET_PART.fullmatch(name) is not None


def read_column(reference: str | None) -> int:
    """Return the column of a cell reference such as AB12, counted from 1; 0 if it is not given.

    Raises `ValueError` for anything else, so that a strange reference is damage and never a place far away.
    """
    if reference is None:
        return 0
    parts = _CELL_REFERENCE.fullmatch(reference)
    if parts is None:
        raise ValueError("not a cell reference")
    number = 0
    for letter in parts.group(1):
        number = number * 26 + ord(letter) - 64
    return number
