"""Military-intelligence end users (CSV): one row per body, with the day of the rule that named it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Edition, Entity
from beholden.sources.interface import no_layout
from beholden.sources.places import place_code
from beholden.sources.transcriptions.parties import DAYS, Parties, gazette_day, party_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

_COLUMNS = ("Type", "Name", "Alias", "Country", "Topics", "Program", "Date", "End date", "Source URL")


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the table; bodies of one name in two countries are two.

    Raises:
        SourceError: Not one CSV with these columns.
    """
    document = publication.documents[0]
    header = [cell.strip() for cell in next(document.rows(), (1, []))[1]]
    if len(publication.documents) > 1 or sorted(header) != sorted(_COLUMNS):
        raise no_layout(publication, f"{len(publication.documents)} files, header {', '.join(header)[:300] or 'none'}")
    reading.layout = "csv-mieu"
    parties = Parties()
    ids: set[str] = set()
    for record in document.records():
        rows: list[Row] = []
        with reading.record():
            rows = _rows(record, publication, parties, ids)
        yield from rows
    for item in publication.descriptor.lists:
        yield Edition(
            regime_id=item.regime,
            date=publication.edition,
            is_complete=False,
            title=f"state of {publication.edition}",
        )


def _rows(record: Record, publication: Publication, parties: Parties, ids: set[str]) -> list[Row]:
    descriptor = publication.descriptor
    schema = record.known("Type", record.require("Type"), descriptor.lookup("schemas"))
    name, country = record.require("Name"), record.require("Country")
    place = place_code(record, "Country", country, descriptor.lookup("places"))
    regime = record.known("Program", record.require("Program"), descriptor.lookup("programmes"))
    start, end = record.day("Date", *DAYS), record.day("End date", *DAYS)
    address = record.pop("Source URL")
    aliases = record.split("Alias")
    published = gazette_day(record, address)
    record.close(ignore=("Topics",))  # a label of the transcriber
    if start is None:
        raise record.error("Date is empty", "expected the day from which the rule counts")
    if end is not None and end < start:
        raise record.error("an end before the start", f"{end}; the entry began on {start}")
    entity_id = f"{publication.slug}:{party_key(record, place, name)}"
    designation_id = f"{regime}:{entity_id}:{start}"
    if designation_id in ids:
        raise record.error("one entry twice", f"{name!r}, {start}")
    ids.add(designation_id)
    entity = Entity(
        id=entity_id,
        schema=schema,
        caption=name,
        jurisdictions=[place] if schema != "Person" else [],
        published_at=published,
    )
    designation = Designation(
        id=designation_id,
        regime_id=regime,
        entity_id=entity_id,
        listed_as=name,
        citation=f"15 CFR 744.22; {address}" if address else "15 CFR 744.22",
        valid_from=start,
        valid_to=end,
        published_at=published,
    )
    return [*parties.rows(entity, aliases), designation]
