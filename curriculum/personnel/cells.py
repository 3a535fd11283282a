"""Read the cells of a checked XLSX as a stream of rows.

An XLSX is a ZIP of XML, and a personnel sheet needs little of it: shared strings, which styles are dates, the first visible
worksheet. Declined after measuring: openpyxl's read-only mode, which takes ten times the processor time for the same rows
and parses a sheet without a stated size twice; the tests hold this reader against it.
"""

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

from curriculum.personnel.problems import Refusal, SheetRefused
from curriculum.personnel.workbook import damage_refused, is_sheet_part, read_column

_CHUNK = 65_536
_LONGEST_FORMULA_SHOWN = 200
_LONGEST_TEXT = 32_767
_EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"
_STRICT_RELATION = "http://purl.oclc.org/ooxml/officeDocument/relationships id"


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that computes instead of holding a value; its result is never used."""

    text: str


Cell = str | int | float | bool | datetime | date | time | Formula | None


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A visible worksheet and the part it stands in."""

    title: str
    part: str


class Workbook:
    """A workbook that passed `check_workbook`: its visible worksheets, and the rows of the first."""

    def __init__(self, data: bytes) -> None:
        with damage_refused():
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            self._names = {name.casefold(): name for name in self._archive.namelist()}
            self.is_1904 = False
            self.worksheets = self._list_worksheets()
            if not self.worksheets:
                raise SheetRefused(Refusal.NOT_A_SHEET)
            self._strings = self._read_strings()
            self._date_styles = self._read_date_styles()

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield row number and cells, from column A, of each row of the first visible sheet that holds anything."""
        reader = _SheetReader(self._strings, self._date_styles, self.is_1904)
        with damage_refused(), self._archive.open(self.worksheets[0].part) as stream:
            while chunk := stream.read(_CHUNK):
                reader.parser.Parse(chunk, False)
                yield from reader.take()
            reader.parser.Parse(b"", True)
            yield from reader.take()

    def _list_worksheets(self) -> list[Worksheet]:
        targets: dict[str, str] = {}
        sheets: list[tuple[str, str]] = []

        def hear_relation(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        def hear_sheet(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr":
                self.is_1904 = attributes.get("date1904") in ("1", "true")
            elif name == "sheet" and attributes.get("state", "visible") == "visible":
                relation = attributes.get(_RELATION) or attributes.get(_STRICT_RELATION, "")
                sheets.append((attributes.get("name", ""), relation))

        self._hear("xl/_rels/workbook.xml.rels", hear_relation)
        self._hear("xl/workbook.xml", hear_sheet)
        found = []
        for title, relation in sheets:
            target = targets.get(relation, "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            part = self._names.get(path.casefold(), "")
            if is_sheet_part(part):
                found.append(Worksheet(title, part))
        return found

    def _read_strings(self) -> list[str]:
        strings: list[str] = []
        collector = _Text()
        phonetic = [0]

        def start(name: str, _attributes: dict[str, str]) -> None:
            if name == "si":
                collector.clear()
            elif name == "rPh":
                phonetic[0] += 1
            collector.listens = name == "t" and not phonetic[0]

        def end(name: str) -> None:
            collector.listens = False
            if name == "rPh":
                phonetic[0] -= 1
            elif name == "si":
                strings.append(collector.text)

        self._hear("xl/sharedstrings.xml", start, end, collector.hear)
        return strings

    def _read_date_styles(self) -> frozenset[int]:
        formats: dict[int, str] = {}
        styles: list[int] = []
        inside = [""]

        def start(name: str, attributes: dict[str, str]) -> None:
            if name in ("cellXfs", "cellStyleXfs", "dxfs"):
                inside[0] = name
            elif name == "numFmt" and inside[0] == "":
                formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
            elif name == "xf" and inside[0] == "cellXfs":
                styles.append(int(attributes.get("numFmtId", "0")))

        # Imported where it is used: the library costs every start-up a third of a second.
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

        self._hear("xl/styles.xml", start)

        kinds = {kind: formats.get(kind) or BUILTIN_FORMATS.get(kind, "") for kind in set(styles)}
        return frozenset(style for style, kind in enumerate(styles) if is_date_format(kinds[kind]))

    def _hear(
        self,
        part: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        name = self._names.get(part)
        if name is None:
            return
        parser = _parser(start, end, text)
        with self._archive.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
        parser.Parse(b"", True)


def _parser(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None,
    text: Callable[[str], None] | None,
) -> Any:
    """Return an XML parser whose elements come by local name; namespaces differ between transitional and strict files."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(" ")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    return parser


class _Text:
    """Collects character data while it listens."""

    def __init__(self) -> None:
        self.listens = False
        self._pieces: list[str] = []

    def hear(self, piece: str) -> None:
        if self.listens:
            self._pieces.append(piece)

    def clear(self) -> None:
        self._pieces.clear()

    @property
    def text(self) -> str:
        return "".join(self._pieces)


class _SheetReader:
    """Turns the XML of one worksheet into rows."""

    def __init__(self, strings: list[str], date_styles: frozenset[int], is_1904: bool) -> None:
        self._strings = strings
        self._date_styles = date_styles
        self._epoch = _EPOCH_1904 if is_1904 else _EPOCH_1900
        self._done: list[tuple[int, list[Cell]]] = []
        self._number = 0
        self._column = 0
        self._row: list[Cell] = []
        self._kind = ""
        self._style = 0
        self._formula: str | None = None
        self._value: str | None = None
        self._text = _Text()
        self._phonetic = 0
        self.parser = _parser(self._start, self._end, self._text.hear)

    def take(self) -> list[tuple[int, list[Cell]]]:
        """Return the rows finished since the last call."""
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._column = read_column(attributes.get("r")) or self._column + 1
            self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))
            self._formula = self._value = None
            self._text.clear()
        elif name in ("v", "f", "t") and not self._phonetic:
            if name != "t":
                self._text.clear()
            self._text.listens = True
        elif name == "rPh":
            self._phonetic += 1
        elif name == "row":
            self._number = int(attributes["r"]) if "r" in attributes else self._number + 1
            self._column, self._row = 0, []

    def _end(self, name: str) -> None:
        self._text.listens = False
        if name == "v":
            self._value = self._text.text
        elif name == "f":
            self._formula = self._text.text
        elif name == "is":
            self._value = self._text.text
        elif name == "c":
            self._keep(self._cell())
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "row" and self._row:
            self._done.append((self._number, self._row))

    def _keep(self, cell: Cell) -> None:
        if cell is None:
            return
        self._row.extend([None] * (self._column - 1 - len(self._row)))
        if len(self._row) >= self._column:
            self._row[self._column - 1] = cell
        else:
            self._row.append(cell)

    def _cell(self) -> Cell:
        if self._formula is not None:
            return Formula(f"={self._formula}"[:_LONGEST_FORMULA_SHOWN])
        value = self._value
        if value is None or value == "":
            return None
        if len(value) > _LONGEST_TEXT:
            raise SheetRefused(Refusal.CELL_TOO_LONG, row=self._number)
        if self._kind == "s":
            return self._string(value)
        if self._kind in ("inlineStr", "str", "e"):
            return value
        if self._kind == "b":
            return value in ("1", "true")
        if self._kind == "d":
            return datetime.fromisoformat(value).replace(tzinfo=None)
        return self._number_cell(value)

    def _string(self, position: str) -> str:
        if not position.isdecimal():
            raise ValueError("not the position of a shared string")
        text = self._strings[int(position)]
        if len(text) > _LONGEST_TEXT:
            raise SheetRefused(Refusal.CELL_TOO_LONG, row=self._number)
        return text

    def _number_cell(self, value: str) -> Cell:
        number = float(value)
        if self._style in self._date_styles:
            from openpyxl.utils.datetime import from_excel

            try:
                moment: datetime | date | time | timedelta = from_excel(number, self._epoch)
            except (ValueError, OverflowError):
                return value
            return value if isinstance(moment, timedelta) else moment
        return int(number) if number.is_integer() and "e" not in value.casefold() else number
