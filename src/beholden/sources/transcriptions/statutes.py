"""Parties that a statute or a determination under it names: thirteen columns, one row per party and source.

Several publications share this layout. They differ in what their dates mean, which each says in its `source.toml`:
`lookups.programmes` (programme as printed → list), `lookups.dates` (column → column of a designation),
`lookups.enacted` (programme → day, where the rows print none), `lookups.schemas` and `lookups.places`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Edition, Entity
from beholden.sources.interface import no_layout
from beholden.sources.places import place_code
from beholden.sources.transcriptions.parties import DAYS, Parties, party_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

COLUMNS = (
    *("schema", "name", "aliases", "topics", "program", "authority", "reason", "report-date", "start-date"),
    *("end-date", "country", "notes", "source_url"),
)
LAYOUT = "csv-statute"
# Topics are labels of the transcriber; the authority is the issuer of the list, which the descriptor says.
IGNORED = ("topics", "authority")
_DATES = ("report-date", "start-date", "end-date")


@dataclass(frozen=True, slots=True)
class Named:
    """What every row of the layout says, whatever its dates mean.

    Attributes:
        regime: The list.
        entity: The party.
        aliases: Its other names.
        citation: Programme and address, as printed.
        basis: The reason, where one is printed.
        note: Remarks.
    """

    regime: str
    entity: Entity
    aliases: list[str]
    citation: str
    programme: str
    basis: str | None
    note: str | None


def table(publication: Publication, reading: Reading) -> Document:
    """The one file in this layout.

    Raises:
        SourceError: More files, or other columns.
    """
    document = publication.documents[0]
    header = [cell.strip() for cell in next(document.rows(), (1, []))[1]]
    if len(publication.documents) > 1 or sorted(header) != sorted(COLUMNS):
        raise no_layout(publication, f"{len(publication.documents)} files, header {', '.join(header)[:300] or 'none'}")
    reading.layout = LAYOUT
    return document


def named(record: Record, publication: Publication, *, by_country: bool = True) -> Named:
    """Take the columns of a row but for its dates.

    Args:
        record: The row.
        publication: For the reviewed tables.
        by_country: Whether parties of one name and several countries are several parties; not where only later
            editions print a country.
    """
    descriptor = publication.descriptor
    schema = record.known("schema", record.require("schema"), descriptor.lookup("schemas"))
    name, country = record.require("name"), record.pop("country")
    places = []
    if country is not None and schema != "Person":  # nationalities of persons are not read
        places = [place_code(record, "country", country, descriptor.lookup("places"))]
    key = party_key(record, name, *(places if by_country else []))
    programme = re.sub(r"(?<=\d) - (?=\d)", "-", record.require("program"))
    entity = Entity(id=f"{publication.slug}:{key}", schema=schema, caption=name, jurisdictions=places)
    address = record.pop("source_url")
    return Named(
        regime=record.known("program", programme, descriptor.lookup("programmes")),
        entity=entity,
        aliases=record.split("aliases"),
        citation=f"{programme}; {address}" if address else programme,
        programme=programme,
        basis=record.pop("reason"),
        note=record.pop("notes"),
    )


def events(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read a table whose rows are designations with their own days.

    Raises:
        SourceError: Not one file in this layout.
    """
    parties = Parties()
    ids: set[str] = set()
    for record in table(publication, reading).records():
        rows: list[Row] = []
        with reading.record():
            row = named(record, publication)
            designation = _designation(record, row, publication)
            record.close(ignore=IGNORED)
            if designation.id in ids:
                raise record.error("one entry twice", f"{row.entity.caption!r}, {designation.valid_from}")
            ids.add(designation.id)
            rows = [*parties.rows(row.entity, row.aliases), designation]
        yield from rows
    for item in publication.descriptor.lists:
        yield Edition(
            regime_id=item.regime,
            date=publication.edition,
            is_complete=False,
            title=f"state of {publication.edition}",
        )


def _designation(record: Record, row: Named, publication: Publication) -> Designation:
    descriptor = publication.descriptor
    meaning, enacted = descriptor.lookup("dates"), descriptor.lookup("enacted")
    days: dict[str, date] = {}
    for column in _DATES:
        day = record.day(column, *DAYS)
        if day is None:
            continue
        if column not in meaning:
            raise record.error(f"unexpected {column}", f"{day}; rows of this list print none")
        for target in meaning[column].split():
            days[target] = day
    if "valid_from" not in days and row.programme in enacted:
        day = record.as_day("enacted", enacted[row.programme])
        days |= {"valid_from": day, "published_at": days.get("published_at", day)}
    start, end = days.get("valid_from"), days.get("valid_to")
    if start and end and end < start:
        raise record.error("an end before the start", f"{end}; the entry began on {start}")
    return Designation(
        id=f"{row.regime}:{row.entity.id}" + (f":{start}" if start else ""),
        regime_id=row.regime,
        entity_id=row.entity.id,
        listed_as=row.entity.caption,
        basis=row.basis,
        citation=row.citation,
        note=row.note,
        valid_from=start,
        valid_to=end,
        published_at=days.get("published_at"),
        applies_from=days.get("applies_from"),
    )
