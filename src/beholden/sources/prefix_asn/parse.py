"""Rows of four cells: two addresses, the AS number, the name printed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.schema.rows import Prefix
from beholden.sources.internet.range_rows import range_rows
from beholden.sources.internet.ranges import as_number
from beholden.sources.record import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.errors import Origin
    from beholden.schema.rows import Row
    from beholden.sources.interface import Publication, Reading


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    # A hundred thousand names for half a million ranges: each is kept once.
    names: dict[str, str | None] = {}
    numbers: dict[str, str] = {}

    def row(first: str, last: str, cells: Sequence[str], origin: Origin) -> Prefix:
        printed, name = cells
        if printed not in numbers:
            numbers[printed] = as_number(printed, origin)
        if name not in names:
            names[name] = text_of(name, origin)
        return Prefix(
            first=first, last=last, asn=numbers[printed], organisation=names[name], valid_from=publication.edition
        )

    yield from range_rows(publication, reading, width=4, is_expected=lambda cells: cells[0].isdecimal(), made=row)
