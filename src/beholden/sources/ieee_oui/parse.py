"""The registry as text, as CSV, or as one JSON object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.schema.rows import Oui
from beholden.sources.interface import no_layout
from beholden.sources.record import clean, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

_COLUMNS = ("Registry", "Assignment", "Organization Name", "Organization Address")
_HEX = re.compile(r"([0-9A-F]{2})-([0-9A-F]{2})-([0-9A-F]{2})\s+\(hex\)\s*(.*)")
_BASE = re.compile(r"([0-9A-F]{6})(?:-([0-9A-F]{6}))?\s+\(base 16\)\s*(.*)")
_BLOCK = re.compile(r"[0-9A-F]{6}|[0-9A-F]{7}|[0-9A-F]{9}")


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    for document in publication.documents:
        head = document.head(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        if head.startswith(b"{"):
            layout, rows = "json", _json(publication, document, reading)
        elif head.startswith(b"Registry,"):
            layout, rows = "csv", _csv(publication, document, reading)
        elif b"(hex)" in head and b"(base 16)" in head:
            layout, rows = "text", _text(publication, document, reading)
        else:
            raise no_layout(publication, "neither the registry's text, its CSV nor JSON", Origin(document.name))
        reading.layout = reading.layout or layout
        yield from rows


def _csv(publication: Publication, document: Document, reading: Reading) -> Iterator[Row]:
    digits = publication.descriptor.lookup("registries")
    for record in document.records(required=_COLUMNS):
        rows: list[Row] = []
        with reading.record():
            rows = [_assigned(publication, record, digits)]
        yield from rows


def _assigned(publication: Publication, record: Record, digits: Mapping[str, str]) -> Oui:
    length = record.known("Registry", record.require("Registry"), digits)
    block = _block(record.require("Assignment").upper(), record.origin)
    if len(block) != int(length):
        raise record.error("wrong length of block", f"{block}; expected {length} digits")
    organisation = record.require("Organization Name")
    record.close(("Organization Address",))
    return _row(publication, block, organisation)


def _json(publication: Publication, document: Document, reading: Reading) -> Iterator[Row]:
    blocks = document.json()
    if not isinstance(blocks, dict) or not any(_BLOCK.fullmatch(key) for key in list(blocks)[:100]):
        raise no_layout(publication, "no object of blocks", Origin(document.name))
    for key, value in blocks.items():
        rows: list[Row] = []
        with reading.record():
            origin = Origin(f"{document.name}#{key[:20]}")
            block = _block(key, origin)
            # The lines after the first are the postal address.
            organisation = text_of(value.partition("\n")[0], origin) if isinstance(value, str) else None
            if organisation is None:
                raise UnexpectedValueError("no organisation", f"{str(value)[:60]!r}; expected a text", origin=origin)
            rows = [_row(publication, block, organisation)]
        yield from rows


def _text(publication: Publication, document: Document, reading: Reading) -> Iterator[Row]:
    above: tuple[int, str, str] | None = None  # line, OUI and organisation of the last (hex) line
    for number, line in document.lines():
        if (found := _HEX.match(line)) is not None:
            if above is not None:
                reading.reject(_alone(document, above[0]))
            above = (number, "".join(found.group(1, 2, 3)), found.group(4))
        elif "(base 16)" in line:
            rows: list[Row] = []
            with reading.record():
                rows = [_pair(publication, line, above, Origin(document.name, number))]
            above = None
            yield from rows
        elif "(hex)" in line:
            reading.reject(UnexpectedValueError("no block", repr(line[:60]), origin=Origin(document.name, number)))
            above = None
        # Other lines are the heading and postal addresses.
    if above is not None:
        reading.reject(_alone(document, above[0]))


def _alone(document: Document, line: int) -> UnexpectedValueError:
    detail = "a (hex) line without its (base 16) line"
    return UnexpectedValueError("half an entry", detail, origin=Origin(document.name, line))


def _pair(publication: Publication, line: str, above: tuple[int, str, str] | None, origin: Origin) -> Oui:
    found = _BASE.match(line)
    if found is None:
        raise UnexpectedValueError("no block", f"{line[:60]!r}; expected hexadecimal digits", origin=origin)
    if above is None:
        raise UnexpectedValueError("half an entry", "a (base 16) line without its (hex) line", origin=origin)
    first, last, printed = found.group(1, 2, 3)
    organisation = text_of(printed, origin)
    if organisation is None or organisation != clean(above[2]):
        detail = f"{printed[:60]!r} below {above[2][:60]!r}; expected one organisation"
        raise UnexpectedValueError("no organisation", detail, origin=origin)
    if last is None:
        if first != above[1]:
            raise UnexpectedValueError("two blocks in one entry", f"{above[1]} and {first}", origin=origin)
        return _row(publication, first, organisation)
    return _row(publication, above[1] + _common(first, last, origin), organisation)


def _common(first: str, last: str, origin: Origin) -> str:
    """Digits below the OUI that a medium or small block is: those that both ends share."""
    for length in (1, 3):
        if first[:length] == last[:length] and set(first[length:]) == {"0"} and set(last[length:]) == {"F"}:
            return first[:length]
    raise UnexpectedValueError("no block", f"{first}-{last}; expected a block of 28 or 36 bits", origin=origin)


def _block(printed: str, origin: Origin) -> str:
    if not _BLOCK.fullmatch(printed):
        detail = f"{printed[:40]!r}; expected 6, 7 or 9 hexadecimal digits"
        raise UnexpectedValueError("no block", detail, origin=origin)
    return printed


def _row(publication: Publication, block: str, organisation: str) -> Oui:
    # When a block was assigned is not printed; the day of the copy would make all older records of ours doubtful.
    return Oui(prefix=block, organisation=organisation, published_at=publication.edition)
