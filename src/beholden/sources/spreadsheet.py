"""Rows of an OpenDocument spreadsheet, read from its XML: bounded, with the places of rows.

The XML is read here and not with a library, because indented files, which the format allows, stop the library that we use
for workbooks, and because its cells cannot be bounded before they are in memory.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from beholden.errors import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from beholden.sources.document import Document

_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# Sheets are padded with empty rows and columns to the edge of the grid; a filled one is never repeated so often.
_MOST_REPEATS, _MOST_COLUMNS = 1000, 16384
# Content of a sheet packs to a twentieth or so; a bomb to a thousandth.
_MOST_RATIO = 200


def is_spreadsheet(document: Document) -> bool:
    """Whether a file is an archive; what is in it is seen when it is read."""
    return document.head(4) == b"PK\x03\x04"


def sheet_rows(document: Document) -> Iterator[tuple[str, Origin, list[str]]]:
    """Name of the sheet, place (row of the sheet as the line) and cells of every row that is not blank.

    Dates are given in ISO form and numbers without a trailing `.0`; everything else as it is shown.

    Raises:
        SourceError: No OpenDocument spreadsheet, damaged, or more than is allowed.
    """
    sheet, number = "", 0
    with _content(document) as stream:
        for element in document.elements_in(stream, "table-row"):
            table = next(element.iterancestors(f"{_TABLE}table"), None)
            name = str(table.get(f"{_TABLE}name", "")) if table is not None else ""
            if name != sheet:
                sheet, number = name, 0
            repeats = _repeats(document, element, "number-rows-repeated", number + 1)
            cells = _cells(document, element, number + 1)
            if cells and repeats > _MOST_REPEATS:
                raise document.error(f"a filled row {repeats} times", "source.too-large", number + 1)
            for turn in range(repeats if cells else 0):
                yield sheet, Origin(document.name, number + 1 + turn), cells
            number += repeats


@contextmanager
def _content(document: Document) -> Iterator[IO[bytes]]:
    """`content.xml`, once the archive says that it is a spreadsheet and not too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(document.whole())) as archive:
            kind, content = _member(document, archive, "mimetype"), _member(document, archive, "content.xml")
            if archive.open(kind).read(len(_TYPE) + 2).strip() != _TYPE:
                raise document.error("an archive that is no OpenDocument spreadsheet", "source.unknown-layout")
            if content.file_size > document.max_bytes or content.file_size > _MOST_RATIO * max(
                content.compress_size, 1
            ):
                raise document.error(f"says it unpacks to {content.file_size} bytes", "source.too-large")
            with archive.open(content) as stream:
                yield cast("IO[bytes]", stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, UnicodeError) as error:
        raise document.error(f"a damaged archive: {error}", "source.damaged") from error


def _member(document: Document, archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    found = [item for item in archive.infolist() if item.filename == name]
    if len(found) != 1:
        raise document.error(f"an archive with {len(found)} members {name}; expected one", "source.unknown-layout")
    (item,) = found
    if item.flag_bits & 1 or item.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise document.error(f"{name} is encrypted or packed in an unknown way", "source.unknown-layout")
    return item


def _repeats(document: Document, element: _Element, attribute: str, row: int) -> int:
    printed = str(element.get(f"{_TABLE}{attribute}", "1"))
    if not (printed.isascii() and printed.isdigit() and len(printed) <= 8 and int(printed) > 0):
        raise document.error(f"{attribute} is {printed[:20]!r}", line=row)
    return int(printed)


def _cells(document: Document, row: _Element, number: int) -> list[str]:
    cells: list[str] = []
    blanks = 0
    for cell in row:
        if cell.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            raise document.error(f"{cell.tag} in a row", line=number)
        repeats, value = _repeats(document, cell, "number-columns-repeated", number), _value(cell)
        if not value:
            blanks += repeats
            continue
        if len(cells) + blanks + repeats > _MOST_COLUMNS:
            raise document.error(f"a row of more than {_MOST_COLUMNS} cells", "source.too-large", number)
        cells += [""] * blanks + [value] * repeats
        blanks = 0
    return cells


def _value(cell: _Element) -> str:
    day = cell.get(f"{_OFFICE}date-value")
    if day is not None:
        return str(day)[:10]
    value = cell.get(f"{_OFFICE}value")
    if value is not None:
        return str(value).removesuffix(".0")
    return "\n".join(_shown(part) for part in cell if part.tag == f"{_TEXT}p").strip()


def _shown(paragraph: _Element) -> str:
    parts = [paragraph.text or ""]
    for part in paragraph:
        if part.tag in {f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"}:
            parts.append(" ")
        elif part.tag != f"{_OFFICE}annotation":
            parts.append(_shown(part))
        parts.append(part.tail or "")
    return "".join(parts)
