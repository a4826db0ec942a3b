"""UFLPA Entity List (HTML): tables of names with the day from which each is listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Edition, Entity, Entry, Name, Ownership
from beholden.sources.interface import no_layout
from beholden.sources.record import Record
from beholden.sources.transcriptions.one_name import one_name
from beholden.sources.transcriptions.parties import DAYS, Parties, party_key
from beholden.sources.us_dhs_uflpa.names import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_SECTION = re.compile(r"2\(d\)\(2\)\(B\)\((?:i|ii|iv|v)\)")
_NAME = frozenset({"name of entity", "entity name"})
_DAY = "effective date"
_REGIME = "us-uflpa"


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read every table of the page that has a name and an effective date.

    Raises:
        SourceError: Not HTML, no such table, or one with a column twice.
    """
    document = publication.documents[0]
    if len(publication.documents) > 1:
        raise no_layout(publication, f"{len(publication.documents)} files")
    parties = Parties()
    listed: set[str] = set()
    is_known = False
    for section, table in _tables(document):
        header: list[str] | None = None
        for line in table.iter("tr"):
            cells = [(str(cell.tag), " ".join("".join(map(str, cell.itertext())).split())) for cell in line]
            if header is None:
                header = [text.lower() for _, text in cells]
                if not (_NAME & set(header) and _DAY in header):
                    break  # another table of the page
                if len(set(header)) < len(header) or set(header) >= _NAME:
                    raise document.error(
                        f"columns {', '.join(header)[:300]}; expected each once, and one with the name of the entity",
                        "source.unknown-layout",
                        document.origin(line).line,
                    )
                is_known = True
                continue
            rows: list[Row] = []
            with reading.record():
                record = Record({}, document.origin(line))
                if len(cells) != len(header):
                    raise record.error("wrong number of cells", f"{len(cells)} cells; expected {len(header)}")
                fields = dict(zip(header, (text for _, text in cells), strict=True))
                rows = _rows(Record(fields, record.origin), publication, section, parties, listed)
            yield from rows
    if not is_known:
        raise no_layout(publication, "no table of names and effective dates")
    reading.layout = "html-page"
    yield Edition(
        regime_id=_REGIME,
        date=publication.edition,
        is_complete=reading.rejects == 0,
        title=f"UFLPA Entity List, copy of {publication.edition}",
    )


def _tables(document: Document) -> Iterator[tuple[str | None, _Element]]:
    """Tables of the page with the section of the Act that was named last before each."""
    from beholden.sources.xml_stream import html_tree

    try:
        root = html_tree(document.whole())
    except ValueError as error:
        raise document.error(str(error)) from error
    if root is None:
        raise document.error("not HTML: it is empty")
    section: str | None = None
    for element in root.iter():
        if element.tag == "table":
            yield section, element
        elif next(element.iterancestors("table"), None) is None:
            for text in (element.text, element.tail):
                if found := _SECTION.findall(text or ""):
                    section = found[-1]


def _rows(
    record: Record, publication: Publication, section: str | None, parties: Parties, listed: set[str]
) -> list[Row]:
    (column,) = (name for name in _NAME if record.has(name))
    cell = named(record.require(column))
    for name in (cell.name, *cell.aliases, *cell.former, *cell.owned):
        one_name(record, name, may_have_and=True)
    day = record.as_day("effective date", record.require(_DAY), *DAYS, "%m/%d/%Y")
    record.close()
    if section is None:
        raise record.error("no section", "expected the section of the Act before the table")
    rows: list[Row] = []
    owner = f"{publication.slug}:{party_key(record, cell.name)}"
    for name in (cell.name, *cell.owned):
        entity_id = f"{publication.slug}:{party_key(record, name)}"
        is_main = name == cell.name
        entity = Entity(id=entity_id, schema="Organization", caption=name, note=cell.note if is_main else None)
        rows += parties.rows(entity, cell.aliases if is_main else [])
        if is_main:
            rows += [Name(entity_id=entity_id, name=former, kind="former") for former in cell.former]
        else:
            rows.append(
                Ownership(
                    id=f"{owner}>{entity_id}:control@",
                    owner_id=owner,
                    owned_id=entity_id,
                    ownership_type="control",
                    note="named as its subsidiary; share not stated",
                )
            )
        designation_id = f"{_REGIME}:{entity_id}:{section}"
        if designation_id in listed:
            raise record.error("one entry twice", f"{name!r}, section {section}")
        listed.add(designation_id)
        basis = f"section {section}"
        rows += [
            Entry(regime_id=_REGIME, edition=publication.edition, entity_id=entity_id, listed_as=name, basis=basis),
            Designation(
                id=designation_id,
                regime_id=_REGIME,
                entity_id=entity_id,
                listed_as=name,
                basis=basis,
                citation=f"UFLPA Entity List, section {section}",
                valid_from=day,
                note=cell.note if is_main else f"named as a subsidiary of {cell.name}",
            ),
        ]
    return rows
