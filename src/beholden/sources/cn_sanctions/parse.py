"""China's lists and countermeasures (CSV): one row per party and decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from beholden.schema.rows import Designation, Edition, Entity, Name
from beholden.sources.interface import no_layout
from beholden.sources.places import place_code
from beholden.sources.transcriptions.parties import alias_kind, party_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

COLUMNS = (
    *("Type", "QID", "Name", "Alias", "Chinese name", "Country", "Topics", "Summary", "Chinese summary", "Body"),
    *("List", "Date", "End date", "Source URL", "Address"),
)
# Topics are labels of the transcriber; QID is a number that the transcriber looked up and no issuer prints.
_IGNORED = ("QID", "Topics", "Chinese summary")
# 04.03.2025 and 16.02.23; the four digits first, because a year of two digits fits no other pattern.
_DAYS = ("%d.%m.%Y", "%d.%m.%y")


@dataclass(slots=True)
class _Party:
    """One party as all its rows print it.

    Attributes:
        name: As first printed.
        schema: Of the entity.
        day: Of its first decision.
        places: Where it sits, each once.
        addresses: As printed, each once.
        names: Other names → kind, language and the day of the first decision that prints it.
    """

    name: str
    schema: str
    day: date
    places: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    names: dict[str, tuple[str, str | None, date]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Printed:
    """What one row says of its party."""

    key: str
    name: str
    schema: str
    places: list[str]
    address: str | None
    aliases: list[str]
    chinese: str | None


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the table; a decision that was published twice makes one entry with both addresses.

    Raises:
        SourceError: Not one CSV with these columns.
    """
    document = publication.documents[0]
    header = [cell.strip() for cell in next(document.rows(), (1, []))[1]]
    if len(publication.documents) > 1 or sorted(header) != sorted(COLUMNS):
        raise no_layout(publication, f"{len(publication.documents)} files, header {', '.join(header)[:300] or 'none'}")
    reading.layout = "csv-decisions"
    parties: dict[str, _Party] = {}
    entries: dict[str, Designation] = {}
    for record in document.records():
        with reading.record():
            printed = _printed(record, publication)
            entry = _entry(record, printed, publication)
            record.close(ignore=_IGNORED)
            known = parties.get(printed.key)
            if known is not None and known.schema != printed.schema:
                raise record.error(
                    "one name of two kinds of party", f"{printed.name!r}, {printed.schema}; before {known.schema}"
                )
            entries[entry.id] = _together(record, entries.get(entry.id), entry)
            _add(parties, printed, entry)
    for key, party in parties.items():
        yield from _rows(f"{publication.slug}:{key}", party)
    yield from entries.values()
    for item in publication.descriptor.lists:
        yield Edition(
            regime_id=item.regime,
            date=publication.edition,
            is_complete=False,
            title=f"state of {publication.edition}",
        )


def _printed(record: Record, publication: Publication) -> _Printed:
    schema = record.known("Type", record.require("Type"), publication.descriptor.lookup("schemas"))
    name, country = record.require("Name"), record.pop("Country")
    places = []
    if country is not None and schema != "Person":  # countries of persons are not read
        places = [place_code(record, "Country", country, publication.descriptor.lookup("places"))]
    return _Printed(
        key=party_key(record, publication.descriptor.lookup("same_party").get(name, name)),
        name=name,
        schema=schema,
        places=places,
        address=record.pop("Address"),
        aliases=record.split("Alias"),
        chinese=record.pop("Chinese name"),
    )


def _entry(record: Record, printed: _Printed, publication: Publication) -> Designation:
    body, programme = record.require("Body"), record.pop("List")
    regime = record.known("Body and List", f"{body} | {programme or ''}", publication.descriptor.lookup("lists"))
    start = record.as_day("Date", record.require("Date"), *_DAYS)
    end = record.day("End date", *_DAYS)
    if end is not None and end < start:
        raise record.error("an end before the start", f"{end}; the entry began on {start}")
    entity_id = f"{publication.slug}:{printed.key}"
    address = record.pop("Source URL")
    return Designation(
        id=f"{regime}:{entity_id}:{start}",
        regime_id=regime,
        entity_id=entity_id,
        listed_as=printed.name,
        programmes=[programme] if programme else [],
        citation="; ".join(part for part in (body, programme, address) if part),
        note=record.pop("Summary"),
        valid_from=start,
        valid_to=end,
        published_at=start,
    )


def _together(record: Record, known: Designation | None, entry: Designation) -> Designation:
    """One entry of rows for one party, list and day.

    Raises:
        UnexpectedValueError: They end on different days, or say the same twice.
    """
    if known is None:
        return entry
    if known.valid_to != entry.valid_to:
        raise record.error("one entry with two ends", f"{entry.listed_as!r}, {entry.valid_to}; before {known.valid_to}")
    if entry.citation is not None and entry.citation in (known.citation or "").split(" / "):
        raise record.error("one entry twice", f"{entry.listed_as!r}, {entry.valid_from}, of the same page")
    return replace(
        known,
        programmes=list(dict.fromkeys([*known.programmes, *entry.programmes])),
        citation=f"{known.citation} / {entry.citation}",
        note=known.note or entry.note,
    )


def _add(parties: dict[str, _Party], printed: _Printed, entry: Designation) -> None:
    assert entry.valid_from is not None
    party = parties.setdefault(printed.key, _Party(printed.name, printed.schema, entry.valid_from))
    party.day = min(party.day, entry.valid_from)
    party.places += [place for place in printed.places if place not in party.places]
    if printed.address is not None and printed.address not in party.addresses:
        party.addresses.append(printed.address)
    found = [(name, alias_kind(name), None) for name in (printed.name, *printed.aliases)]
    for name, kind, lang in (*found, *([(printed.chinese, "alias", "zh")] if printed.chinese else [])):
        if name != party.name:
            day = party.names[name][2] if name in party.names else entry.valid_from
            party.names[name] = (kind, lang, min(day, entry.valid_from))


def _rows(entity_id: str, party: _Party) -> Iterator[Row]:
    yield Entity(
        id=entity_id,
        schema=party.schema,
        caption=party.name,
        jurisdictions=party.places,
        addresses=party.addresses,
        published_at=party.day,
    )
    for name, (kind, lang, day) in party.names.items():
        yield Name(entity_id=entity_id, name=name, kind=kind, lang=lang, published_at=day)
