"""Rows of three cells: two addresses and a country code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.schema.rows import Prefix
from beholden.sources.interface import no_layout
from beholden.sources.internet.ranges import is_range, span
from beholden.sources.places import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    places = {code.upper(): code for code in codes()}
    for document in publication.documents:
        layout = _layout(publication, document)
        reading.layout = reading.layout or layout
        for line, cells in document.rows():
            try:
                row = _row(publication, Origin(document.name, line), cells, places)
            except UnexpectedValueError as error:
                reading.reject(error)
                continue
            reading.read += 1
            yield row


def _layout(publication: Publication, document: Document) -> str:
    first = next((row for _, row in document.rows()), [])
    if len(first) != 3 or not is_range(first[0], first[1]) or not (len(first[2]) == 2 and first[2].isalpha()):
        shown = ",".join(first)[:100]
        raise no_layout(publication, f"the first row is {shown!r}", Origin(document.name, 1))
    return "csv-numbers" if first[0].isdecimal() else "csv"


def _row(publication: Publication, origin: Origin, cells: list[str], places: dict[str, str]) -> Prefix:
    if len(cells) != 3:
        raise UnexpectedValueError("wrong number of cells", f"{len(cells)} cells; expected 3", origin=origin)
    first, last = span(cells[0], cells[1], origin)
    place = places.get(cells[2])
    if place is None:
        detail = f"{cells[2][:50]!r}; expected an ISO 3166-1 code of two letters"
        raise UnexpectedValueError("unknown country", detail, origin=origin)
    return Prefix(first=first, last=last, jurisdiction=place, valid_from=publication.edition)
