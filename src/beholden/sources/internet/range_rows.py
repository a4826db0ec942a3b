"""Tables whose rows begin with the two ends of an address range and have no header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.sources.interface import no_layout
from beholden.sources.internet.ranges import is_range, span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from beholden.schema.rows import Prefix
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading


def range_rows(
    publication: Publication,
    reading: Reading,
    *,
    width: int,
    is_expected: Callable[[Sequence[str]], bool],
    made: Callable[[str, str, Sequence[str], Origin], Prefix],
) -> Iterator[Prefix]:
    """Read every range of a publication; a row that cannot be read is rejected, and the rest is still read.

    Args:
        publication: Its files.
        reading: What was read and rejected; told the layout: `csv`, or `csv-numbers` where addresses are numbers.
        width: Cells of a row.
        is_expected: Whether the cells after the range, in the first row of a file, are what this publication has there.
        made: First and last address as text, the cells after them, the place → the row.

    Raises:
        SourceError: A file does not begin as expected.
    """
    for document in publication.documents:
        layout = _layout(publication, document, width, is_expected)
        reading.layout = reading.layout or layout
        for line, cells in document.rows():
            origin = Origin(document.name, line)
            try:
                row = made(*_ends(cells, width, origin), cells[2:], origin)
            except UnexpectedValueError as error:
                reading.reject(error)
                continue
            reading.read += 1
            yield row


def _layout(
    publication: Publication, document: Document, width: int, is_expected: Callable[[Sequence[str]], bool]
) -> str:
    first = next((row for _, row in document.rows()), [])
    if len(first) != width or not is_range(first[0], first[1]) or not is_expected(first[2:]):
        shown = ",".join(first)[:100]
        raise no_layout(publication, f"the first row is {shown!r}", Origin(document.name, 1))
    return "csv-numbers" if first[0].isdecimal() else "csv"


def _ends(cells: Sequence[str], width: int, origin: Origin) -> tuple[str, str]:
    if len(cells) != width:
        raise UnexpectedValueError("wrong number of cells", f"{len(cells)} cells; expected {width}", origin=origin)
    return span(cells[0], cells[1], origin)
