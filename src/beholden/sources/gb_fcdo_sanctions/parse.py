"""The UK Sanctions List: a table or `Designations` in XML, grouped by unique id."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from beholden.schema.rows import Edition
from beholden.sources.gb_fcdo_sanctions.designations import date_generated, parties_of
from beholden.sources.gb_fcdo_sanctions.party import LIST
from beholden.sources.gb_fcdo_sanctions.tables import Table, report_date
from beholden.sources.interface import Publication, no_layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.gb_fcdo_sanctions.party import Party
    from beholden.sources.interface import Reading


# The consolidated list of OFSI, which is another publication in Windows-1252, begins so.
_OFSI = b"Last Updated,"
# The error for an unknown layout names the publication, which has no day yet.
_ANY_DAY = date(1970, 1, 1)


def printed_date(documents: tuple[Document, ...], descriptor: Descriptor) -> date | None:
    """`DateGenerated` of the XML, or the line `Report Date` of a table; the summary prints none."""
    for document in documents:
        if document.head(len(_OFSI)) == _OFSI:
            what = "the consolidated list of OFSI (a line Last Updated, then Name 6, Name 1, …), which is not read here"
            raise no_layout(Publication(descriptor, (document,), _ANY_DAY), what)
        found = date_generated(document) if _is_xml(document) else report_date(document)
        if found is not None:
            return found
    return None


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Rows of the list; see `beholden.sources.interface`."""
    if len(publication.documents) != 1:
        raise no_layout(publication, f"{len(publication.documents)} files; expected one")
    for party in _parties(publication, publication.documents[0], reading):
        yield from party.rows(publication)
    # A party of a rejected record may still be listed: then absence from this copy says nothing.
    yield Edition(
        regime_id=LIST,
        date=publication.edition,
        is_complete=reading.rejects == 0,
        title=f"UK Sanctions List of {publication.edition}",
    )


def _parties(publication: Publication, document: Document, reading: Reading) -> Iterator[Party]:
    if _is_xml(document):
        reading.layout = "designations-xml"
        yield from parties_of(publication, document, reading)
        return
    table = Table(document)
    if table.layout is None:
        raise no_layout(publication, f"the columns are {', '.join(table.columns)[:300] or 'not found'}")
    reading.layout = table.layout
    yield from table.parties(publication, reading)


def _is_xml(document: Document) -> bool:
    return document.head(256).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
