"""EU financial sanctions: annexes as tables, or the consolidated list as XML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import Origin
from beholden.schema.rows import Edition
from beholden.sources.eu_fsf.annexes import annex_rows, is_annex
from beholden.sources.eu_fsf.consolidated import LIST, consolidated_rows
from beholden.sources.eu_fsf.whole import whole_rows
from beholden.sources.interface import no_layout
from beholden.sources.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

# Root → name of the layout, element of a party, and the attribute of the root that has the day with its format.
_ROOTS = {
    "export": ("fsf-xml", "sanctionEntity", "generationDate", "%Y-%m-%d"),
    "WHOLE": ("fsf-xml-1.0", "ENTITY", "Date", "%d/%m/%Y"),
}


def printed_date(documents: tuple[Document, ...], _: Descriptor) -> date | None:
    """The day that an XML file prints; tables print none."""
    for document in documents:
        if _is_xml(document):
            name, attributes = _root(document)
            if name in _ROOTS:
                field, pattern = _ROOTS[name][2:]
                return attributes.as_day(field, (attributes.pop_any(field) or "")[:10], pattern)
    return None


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Rows of the list; see `beholden.sources.interface`."""
    if all(not _is_xml(document) for document in publication.documents):
        others = [document.name for document in publication.documents if not is_annex(document)]
        if others:
            raise no_layout(publication, f"not the columns of an annex: {', '.join(others)[:300]}")
        reading.layout = "per-regulation-csv"
        yield from annex_rows(publication, reading)
        return
    if len(publication.documents) != 1:
        raise no_layout(publication, f"{len(publication.documents)} files, not all of them tables")
    (document,) = publication.documents
    name, _ = _root(document)
    if name not in _ROOTS:
        raise no_layout(publication, f"the root is {name or 'not found'}")
    reading.layout = _ROOTS[name][0]
    read = consolidated_rows if name == "export" else whole_rows
    yield from read(publication, document, reading)
    # A party of a rejected record may still be listed: then absence from this copy says nothing.
    yield Edition(
        regime_id=LIST,
        date=publication.edition,
        is_complete=reading.rejects == 0,
        title=f"EU consolidated list of financial sanctions of {publication.edition}",
    )


def _is_xml(document: Document) -> bool:
    return document.head(256).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _root(document: Document) -> tuple[str, Record]:
    """Name and attributes of the root, read as far as the first party; no name where there is no party."""
    for element in document.elements(*(party for _, party, _, _ in _ROOTS.values())):
        root = element.getroottree().getroot()
        attributes = {str(key): str(value) for key, value in root.attrib.items()}
        return str(root.tag).rpartition("}")[2], Record(attributes, document.origin(root))
    return "", Record({}, Origin(document.name))
