"""us_ndaa_889: the parties that it names (CSV)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.sources.transcriptions.statutes import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.interface import Publication, Reading


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the table; see `transcriptions.statutes`.

    Raises:
        SourceError: Not one CSV with the columns of that layout.
    """
    yield from events(publication, reading)
