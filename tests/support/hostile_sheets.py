"""Workbooks that mean harm, made by the tests themselves: small files that are refused before they can do any."""

import io
import struct
import zipfile
import zlib

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>'
)
_WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)
_SHEET_HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_SHEET_TAIL = "</sheetData></worksheet>"
HEADINGS = ("family_name", "given_names", "birth_date")
HEADING_ROW = (
    '<row r="1">'
    + "".join(
        f'<c r="{"ABC"[i]}1" t="inlineStr"><is><t>{heading}</t></is></c>'
        for i, heading in enumerate(HEADINGS)
    )
    + "</row>"
)


def workbook(
    sheet: str | bytes = "",
    *,
    head: str = _SHEET_HEAD,
    types: str = _TYPES,
    extra: dict[str, bytes] | None = None,
) -> bytes:
    """Return an XLSX whose worksheet holds the given rows below the headings, and further parts."""
    body = sheet if isinstance(sheet, bytes) else f"{head}{HEADING_ROW}{sheet}{_SHEET_TAIL}".encode()
    parts = {
        "[Content_Types].xml": types.encode(),
        "xl/workbook.xml": _WORKBOOK.encode(),
        "xl/_rels/workbook.xml.rels": _RELATIONS.encode(),
        "xl/worksheets/sheet1.xml": body,
        **(extra or {}),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def person_row(number: int, *cells: str) -> str:
    """Return the XML of one row of text cells from column A."""
    texts = "".join(
        f'<c r="{"ABCDEFGH"[i]}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for i, text in enumerate(cells)
    )
    return f'<row r="{number}">{texts}</row>'


def zip_bomb(megabytes: int = 400) -> bytes:
    """Return a workbook of some hundred kB whose worksheet unpacks to hundreds of MB of blanks."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("xl/workbook.xml", _WORKBOOK),
            ("xl/_rels/workbook.xml.rels", _RELATIONS),
        ):
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(f"{_SHEET_HEAD}{HEADING_ROW}".encode())
            for _megabyte in range(megabytes):
                part.write(b" " * 1024 * 1024)
            part.write(_SHEET_TAIL.encode())
    return buffer.getvalue()


def lying_header(declared: int = 2_000) -> bytes:
    """Return a zip bomb whose headers declare a small size."""
    honest = zip_bomb(80)
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        true_size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return honest.replace(struct.pack("<L", true_size), struct.pack("<L", declared)).replace(
        struct.pack("<Q", true_size), struct.pack("<Q", declared)
    )


def lying_checksum() -> bytes:
    """Return a workbook whose worksheet is longer than declared, with the checksum of what is declared."""
    rows = "".join(person_row(n, "Smith", "Ann", "1990-01-01") for n in range(2, 9000))
    full = f"{_SHEET_HEAD}{HEADING_ROW}{rows}{_SHEET_TAIL}".encode()
    cut = full[:4000]
    honest = workbook(full)
    return honest.replace(struct.pack("<L", len(full)), struct.pack("<L", len(cut))).replace(
        struct.pack("<L", zlib.crc32(full)), struct.pack("<L", zlib.crc32(cut))
    )


def far_corner() -> bytes:
    """Return a workbook with one cell in the last column of the last row."""
    return workbook('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def far_row() -> bytes:
    """Return a workbook with one cell in the first column of the last row."""
    return workbook('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')


def many_small_cells(cells: int = 5_000_000) -> bytes:
    """Return a workbook of millions of cells."""
    row = "<row>" + "<c><v>1</v></c>" * 50 + "</row>"
    return workbook(row * (cells // 50))


def too_many_rows(rows: int = 100_000) -> bytes:
    """Return a workbook of very many short rows that differ."""
    return workbook("".join(f"<row><c><v>{(n * 7_919) % 1_000_003}</v></c></row>" for n in range(rows)))


def entity_bomb() -> bytes:
    """Return a workbook whose worksheet defines entities that grow by powers of ten."""
    definitions = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "lol"}">' for i in range(10))
    head = _SHEET_HEAD.replace("?><worksheet", f"?><!DOCTYPE worksheet [{definitions}]><worksheet")
    return workbook(person_row(2, "&e9;", "Ann", "1990-01-01"), head=head)


def doctype_in_utf16() -> bytes:
    """Return a workbook with a document type hidden from a search for ASCII bytes."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE worksheet [<!ENTITY x "y">]><worksheet/>'
    return workbook(text.encode("utf-16"))


def many_parts(count: int = 10_000) -> bytes:
    """Return a workbook of ten thousand parts."""
    return workbook(extra={f"xl/media/{n}.txt": b"x" for n in range(count)})


def macro_workbook() -> bytes:
    """Return a workbook that carries a macro project."""
    return workbook(extra={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"})


def macro_type() -> bytes:
    """Return a workbook that declares itself macro-enabled, without a project under the usual name."""
    return workbook(
        types=_TYPES.replace(
            "openxmlformats-officedocument.spreadsheetml.sheet", "ms-excel.sheet.macroEnabled"
        )
    )


def strange_reference() -> bytes:
    """Return a workbook with a cell reference of many letters, which a careless reader takes for a far column."""
    return workbook('<row r="2"><c r="ZZZZZZZ2"><v>1</v></c></row>')


def many_styles(count: int = 200_000) -> bytes:
    """Return a workbook with more cell formats than a spreadsheet program can have."""
    xfs = '<xf numFmtId="14"/>' * count
    text = f'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>{xfs}</cellXfs></styleSheet>'
    return workbook(person_row(2, "Smith", "Ann", "1990-01-01"), extra={"xl/styles.xml": text.encode()})


def sheet_elsewhere() -> bytes:
    """Return a workbook whose worksheet stands where worksheets are not looked for."""
    book = workbook(extra={"xl/media/sheet.xml": f"{_SHEET_HEAD}{HEADING_ROW}{_SHEET_TAIL}".encode()})
    old, new = b'worksheets/sheet1.xml"/>', b'media/sheet.xml"/>      '
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels").replace(old, new)
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/_rels/workbook.xml.rels"] = relations
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
