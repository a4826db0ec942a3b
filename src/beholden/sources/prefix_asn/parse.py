"""Rows of four cells: two addresses, the AS number, the name printed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.schema.rows import Prefix
from beholden.sources.interface import no_layout
from beholden.sources.internet.ranges import as_number, is_range, span
from beholden.sources.record import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    # A hundred thousand names for half a million ranges: each is kept once.
    names: dict[str, str | None] = {}
    for document in publication.documents:
        layout = _layout(publication, document)
        reading.layout = reading.layout or layout
        for line, cells in document.rows():
            try:
                row = _row(publication, Origin(document.name, line), cells, names)
            except UnexpectedValueError as error:
                reading.reject(error)
                continue
            reading.read += 1
            yield row


def _layout(publication: Publication, document: Document) -> str:
    first = next((row for _, row in document.rows()), [])
    if len(first) != 4 or not is_range(first[0], first[1]) or not first[2].isdecimal():
        shown = ",".join(first)[:100]
        raise no_layout(publication, f"the first row is {shown!r}", Origin(document.name, 1))
    return "csv-numbers" if first[0].isdecimal() else "csv"


def _row(publication: Publication, origin: Origin, cells: list[str], names: dict[str, str | None]) -> Prefix:
    if len(cells) != 4:
        raise UnexpectedValueError("wrong number of cells", f"{len(cells)} cells; expected 4", origin=origin)
    first, last = span(cells[0], cells[1], origin)
    number = names.get(cells[2])
    if number is None:
        number = names[cells[2]] = as_number(cells[2], origin)
    if cells[3] not in names:
        names[cells[3]] = text_of(cells[3], origin)
    return Prefix(first=first, last=last, asn=number, organisation=names[cells[3]], valid_from=publication.edition)
