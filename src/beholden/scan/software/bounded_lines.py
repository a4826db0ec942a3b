"""Lines of a file that is held in memory as a whole: no larger than a document may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.source import MAX_DOCUMENT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.source import Source


def bounded_lines(source: Source) -> Iterator[tuple[int, str]]:
    """Give the lines of a source, as `source.lines()` does, within the bound for one document.

    Raises:
        ScanError: The data is damaged, expands too much, or is larger than the bound.
    """
    size = 0
    for number, text in source.lines():
        size += len(text) + 1
        if size > MAX_DOCUMENT_BYTES:
            raise source.error(
                f"larger than {MAX_DOCUMENT_BYTES // 2**20} MiB, the bound for one document",
                code="scan.too-large",
                line=number,
            )
        yield number, text
