"""`targets.simple.csv`: one target a row, lists in one cell divided by semicolons."""

from __future__ import annotations

import csv
import re
from datetime import date
from typing import TYPE_CHECKING

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Entity, Name
from beholden.sources.ftm.entity import PREFIX
from beholden.sources.ftm.party import identifier, made_from
from beholden.sources.ftm.relation import OTHER_LIST
from beholden.sources.places import codes
from beholden.sources.record import clean, is_plausible
from beholden.sources.schemata import things

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Identifier, Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

COLUMNS = (
    *("id", "schema", "name", "aliases", "birth_date", "countries", "addresses", "identifiers", "sanctions"),
    *("dataset", "first_seen", "last_seen"),
)
# Phones are of no use to a rule; the days are those of whoever made the export.
_IGNORED = ("phones", "first_seen", "last_seen", "last_change")
_IMO = re.compile(r"IMO\d{7}")
_WIKIDATA = re.compile(r"Q\d+")


def simple_rows(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Rows of the tables."""
    for document in publication.documents:
        for record in document.records(required=COLUMNS):
            rows: list[Row] = []
            with reading.record():
                rows = _rows(record, publication.descriptor)
            yield from rows


def simple_day(document: Document) -> date | None:
    """The latest day on which one of the first thousand targets was last seen."""
    days: list[date] = []
    try:
        for number, record in enumerate(document.records(required=COLUMNS)):
            if number > 1000:
                break
            try:
                days.append(date.fromisoformat((record.pop("last_seen") or "")[:10]))
            except ValueError:
                continue
            except SourceError:
                continue  # a row of another width: said when it is read
    except SourceError:
        return None  # no such table: said when it is read
    return max(filter(is_plausible, days), default=None)


def _rows(record: Record, descriptor: Descriptor) -> list[Row]:
    printed_id = record.require("id")
    entity_id = PREFIX + printed_id
    schema = record.known("schema", record.require("schema"), things())
    name = record.require("name")
    birth_dates, places = record.split("birth_date"), _places(record, descriptor)
    is_person = schema == "Person"
    rows: list[Row] = [
        Entity(
            id=entity_id,
            schema=schema,
            caption=name,
            jurisdictions=[] if is_person else places,
            addresses=_cell(record, "addresses"),
            birth_dates=birth_dates if is_person else [],
        )
    ]
    aliases = dict.fromkeys(_cell(record, "aliases"))
    rows += [Name(entity_id=entity_id, name=one, kind="alias") for one in aliases if one != name]
    rows += _identifiers(record, entity_id, printed_id)
    datasets = record.pop("dataset")
    programmes = _cell(record, "program_ids") if record.has("program_ids") else []
    printed = record.pop("sanctions")
    if printed is not None or programmes:
        rows.append(
            Designation(
                id=f"{OTHER_LIST}:{entity_id}",
                regime_id=OTHER_LIST,
                entity_id=entity_id,
                listed_as=name,
                basis=datasets,
                programmes=programmes,
                note="; ".join(_list(printed))[:500] or None,
            )
        )
    record.close(ignore=_IGNORED)
    return rows


def _identifiers(record: Record, entity_id: str, printed_id: str) -> list[Identifier]:
    found = []
    for value in _cell(record, "identifiers"):
        kind = "imo" if _IMO.fullmatch(value) else "wikidata" if _WIKIDATA.fullmatch(value) else "other"
        found.append(identifier(entity_id, kind, value, "identifiers"))
    found += [identifier(entity_id, "email", value, "emails") for value in _cell(record, "emails")]
    found += [identifier(entity_id, kind, value, "id of the export") for kind, value in made_from(printed_id)]
    return list({(one.kind, one.value): one for one in found}.values())


def _places(record: Record, descriptor: Descriptor) -> list[str]:
    others = descriptor.lookup("places")
    found = []
    for printed in record.split("countries"):
        key = printed.lower()
        head = key.partition("-")[0]
        code = key if key in codes() else others.get(key, head if head in codes() else None)
        if code is None:
            raise record.error("unknown place in countries", f"{printed!r}; expected a code of ISO 3166-1")
        if code:
            found.append(code)
    return list(dict.fromkeys(found))


def _cell(record: Record, field: str) -> list[str]:
    return _list(record.pop(field))


def _list(cell: str | None) -> list[str]:
    """A list in one cell: divided by semicolons; a value that has one, or a quotation mark, stands in quotes."""
    if cell is None:
        return []
    values = next(csv.reader([cell], delimiter=";"), [])
    return [value for value in map(clean, values) if value is not None]
