"""Which layout the files of an OFAC publication have, and the rows of its parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.schema.rows import Edition, Row
from beholden.sources.interface import no_layout
from beholden.sources.ofac import enhanced_xml, legacy_csv, packaged
from beholden.sources.ofac.party import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.ofac.party import Party

# Layouts of one file, in the order in which they are tried.
_SINGLE = (enhanced_xml, packaged)


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Rows of a publication in any of its layouts.

    Raises:
        SourceError: No layout fits.
    """
    progress = Progress(reading)
    for party in _parties(publication, progress):
        for error in party.problems:
            reading.reject(error)
        if party.lists:
            yield from party.rows(publication)
    if progress.lost:
        reading.notes.append(f"{progress.lost} parties could not be read, so that this copy does not count as complete")
    for item in publication.descriptor.lists:
        yield Edition(
            regime_id=item.regime,
            date=publication.edition,
            is_complete=not progress.lost,
            title=f"{publication.descriptor.title}, as of {publication.edition}",
        )


def printed_date(documents: tuple[Document, ...], descriptor: Descriptor) -> date | None:
    """The day that the file prints; the comma-separated files print none."""
    del descriptor
    for module in _SINGLE:
        if module.fits(documents[0]):
            return module.printed_date(documents[0])
    return None


def _parties(publication: Publication, progress: Progress) -> Iterator[Party]:
    first = publication.documents[0]
    for module in _SINGLE:
        name = module.fits(first)
        if name:
            if len(publication.documents) > 1:
                raise no_layout(publication, f"{len(publication.documents)} files; {name} is one file")
            _known(publication, name)
            progress.reading.layout = name
            return module.read(publication, progress)
    parts = []
    for document in publication.documents:
        part = legacy_csv.part_of(document)
        if part is None:
            raise no_layout(publication, f"{document.name} is in no layout that is known")
        parts.append(part)
    _known(publication, "legacy-csv")
    progress.reading.layout = "legacy-csv"
    return legacy_csv.read(publication, progress, parts)


def _known(publication: Publication, name: str) -> None:
    if name not in {layout.name for layout in publication.descriptor.layouts}:
        raise no_layout(publication, f"the layout is {name}")
