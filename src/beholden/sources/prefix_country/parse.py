"""Rows of three cells: two addresses and a country code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError
from beholden.schema.rows import Prefix
from beholden.sources.internet.range_rows import range_rows
from beholden.sources.places import codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.errors import Origin
    from beholden.schema.rows import Row
    from beholden.sources.interface import Publication, Reading


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    places = {code.upper(): code for code in codes()}

    def row(first: str, last: str, cells: Sequence[str], origin: Origin) -> Prefix:
        place = places.get(cells[0])
        if place is None:
            detail = f"{cells[0][:50]!r}; expected an ISO 3166-1 code of two letters"
            raise UnexpectedValueError("unknown country", detail, origin=origin)
        return Prefix(first=first, last=last, jurisdiction=place, valid_from=publication.edition)

    yield from range_rows(publication, reading, width=3, is_expected=_is_code, made=row)


def _is_code(cells: Sequence[str]) -> bool:
    return len(cells[0]) == 2 and cells[0].isalpha()
