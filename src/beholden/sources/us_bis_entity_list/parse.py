"""Entity List (eCFR XML): one table row per entity, with the country printed above the first of each."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Edition, Entity, Entry, Name
from beholden.sources.interface import no_layout
from beholden.sources.places import place_code
from beholden.sources.record import Record
from beholden.sources.transcriptions.parties import party_key
from beholden.sources.us_bis_entity_list.cell import Cell, lines_of, read_cell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from lxml.etree import _Element

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_COLUMNS = ("country", "entity", "license requirement", "license review policy", "federal register citation")
_SUPPLEMENT = re.compile(r"supplement no\. 4 to part 744\b", re.IGNORECASE)
_CITATION = re.compile(
    r"\d{1,3} FR \d[\d,]*(?:,?\s*\(?(?P<day>\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})|[A-Z][a-z]+ \d{1,2}, \d{4})\)?)?"
)
_DAYS = ("%m/%d/%Y", "%m/%d/%y", "%B %d, %Y")
_REGIME = "us-bis-el"


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the table of Supplement No. 4; the rest of the part is not read.

    Raises:
        SourceError: No such table, or it has other columns.
    """
    document = publication.documents[0]
    if len(publication.documents) > 1:
        raise no_layout(publication, f"{len(publication.documents)} files")
    country: str | None = None
    keys: set[str] = set()
    for row in _table(publication, document):
        cells = [lines_of(cell) for cell in row if str(cell.tag).rpartition("}")[2].upper() == "TD"]
        if len(cells) == len(_COLUMNS):
            country = " ".join(cells[0]) or country
            if not cells[1] or cells[1] == ["[Reserved]"]:
                continue  # a country without an entity
        rows: list[Row] = []
        with reading.record():
            record = Record({}, document.origin(row))
            if len(cells) != len(_COLUMNS):
                raise record.error("wrong number of cells", f"{len(cells)} cells; expected {len(_COLUMNS)}")
            rows = _rows(record, publication, country, cells, keys)
        yield from rows
    reading.layout = "ecfr-xml"
    yield Edition(
        regime_id=_REGIME,
        date=publication.edition,
        is_complete=reading.rejects == 0,
        title=f"{publication.descriptor.title}, eCFR of {publication.edition}",
    )


def _table(publication: Publication, document: Document) -> Iterator[_Element]:
    """Body rows of the supplement, once its head was seen to have the known columns."""
    is_known = False
    for row in document.elements("TR"):
        if not any(_SUPPLEMENT.match(above.get("N") or "") for above in row.iterancestors("DIV9", "{*}DIV9")):
            continue
        heads = [" ".join(lines_of(cell)).lower() for cell in row if str(cell.tag).rpartition("}")[2].upper() == "TH"]
        if heads:
            if heads != list(_COLUMNS):
                raise no_layout(publication, f"a table of {', '.join(heads)[:300]}", document.origin(row))
            is_known = True
        elif is_known and not _is_note(row):
            yield row
    if not is_known:
        raise no_layout(publication, "no table in a DIV9 called Supplement No. 4 to Part 744")


def _is_note(row: _Element) -> bool:
    """Whether the row is one cell over the whole width: a footnote."""
    return len(row) == 1 and row[0].get("colspan") == str(len(_COLUMNS))


def _rows(
    record: Record, publication: Publication, country: str | None, cells: list[list[str]], keys: set[str]
) -> list[Row]:
    requirement, policy, citation = (" ".join(lines) for lines in cells[2:])
    if country is None:
        raise record.error("no country", "expected one in this row or above it")
    if not requirement:
        raise record.error("no license requirement", "expected a text")
    place = place_code(record, "country", country, publication.descriptor.lookup("places"))
    cited = list(_CITATION.finditer(citation))
    if not cited:
        raise record.error("no Federal Register citation", f"{citation[:80]!r}; expected '76 FR 71869, 11/21/11'")
    days = [record.as_day("citation", match["day"], *_DAYS) for match in cited if match["day"]]
    cell = read_cell(cells[1])
    if not cell.name:
        raise record.error("no name", f"{' '.join(cells[1])[:80]!r}; expected one before other names and address")
    entity_id = f"{publication.slug}:{_key(record, place, cell, keys)}"
    basis = "; ".join(text for text in (requirement, policy) if text)
    rows: list[Row] = [
        Entity(
            id=entity_id,
            schema="LegalEntity",
            caption=cell.name,
            jurisdictions=[place],
            addresses=cell.addresses,
        ),
        *(Name(entity_id=entity_id, name=name, kind="alias") for name in cell.aliases if name != cell.name),
        *(Name(entity_id=entity_id, name=name, kind="former") for name in cell.former if name != cell.name),
        Entry(
            regime_id=_REGIME,
            edition=publication.edition,
            entity_id=entity_id,
            listed_as=cell.name,
            basis=basis if days else f"{basis}; {citation}",
        ),
    ]
    if days:
        rows.append(_designation(entity_id, cell.name, basis, citation, min(days)))
    return rows


def _designation(entity_id: str, name: str, basis: str, citation: str, day: date) -> Designation:
    # The table prints the day of each notice; rules of the list take effect on publication as a rule.
    return Designation(
        id=f"{_REGIME}:{entity_id}",
        regime_id=_REGIME,
        entity_id=entity_id,
        listed_as=name,
        basis=basis,
        citation=citation,
        valid_from=day,
        published_at=day,
    )


def _key(record: Record, place: str, cell: Cell, keys: set[str]) -> str:
    """Country and name; a second entry of that name is another one, told apart by its text."""
    key = party_key(record, place, cell.name)
    if key in keys:
        text = "|".join((*cell.aliases, *cell.addresses))
        key = f"{key}-{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8]}"
    if key in keys:
        raise record.error("one entry twice", f"{cell.name!r}")
    keys.add(key)
    return key
