"""Covered List (CSV): one row per entry, in the words of the list, with the day on which it was included."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Edition, Entity, Entry, Ownership
from beholden.sources.interface import no_layout
from beholden.sources.transcriptions.parties import DAYS, party_key
from beholden.sources.us_fcc_covered_list.entry import Subject, subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

_TEXT, _DAY = "covered_equipment_or_services", "date_of_inclusion_on_covered_list"
_REGIME = "us-fcc-cl"
_ALL = Decimal(100)


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the list; an entry about things rather than parties gets an entity for these things.

    Raises:
        SourceError: Not one CSV with these two columns.
    """
    document = publication.documents[0]
    header = [cell.strip() for cell in next(document.rows(), (1, []))[1]]
    if len(publication.documents) > 1 or sorted(header) != sorted((_TEXT, _DAY)):
        raise no_layout(publication, f"{len(publication.documents)} files, header {', '.join(header)[:300] or 'none'}")
    reading.layout = "csv-two-columns"
    given: set[str] = set()
    for record in document.records():
        rows: list[Row] = []
        with reading.record():
            rows = _rows(record, publication, reading)
            record.close()
        for row in rows:
            # A party may have two entries; it is one entity, and an entry of two days has two ids.
            if not isinstance(row, Entity) or row.id not in given:
                yield row
            if isinstance(row, Entity):
                given.add(row.id)
    yield Edition(
        regime_id=_REGIME,
        date=publication.edition,
        is_complete=reading.rejects == 0,
        title=f"FCC Covered List, copy of {publication.edition}",
    )


def _rows(record: Record, publication: Publication, reading: Reading) -> list[Row]:
    about = subject(record, record.require(_TEXT))
    days = [record.as_day(_DAY, part.strip(), *DAYS) for part in record.require(_DAY).split("Updated:")]
    if days != sorted(days):
        raise record.error("updated before it was included", f"{', '.join(map(str, days))}")
    note = f"updated {', '.join(map(str, days[1:]))}" if days[1:] else None
    slug = publication.slug
    rows: list[Row] = []
    for name in about.parties:
        entity = Entity(
            id=f"{slug}:{party_key(record, name)}", schema="LegalEntity", caption=name, published_at=days[0]
        )
        rows += [entity, *_listing(publication, about, entity.id, name, days[0], note)]
    if about.wholly_owned:
        owner, owned = (f"{slug}:{party_key(record, name)}" for name in about.parties[:2])
        rows.append(
            Ownership(
                id=f"{owner}>{owned}:capital@",
                owner_id=owner,
                owned_id=owned,
                percentage_low=_ALL,
                percentage_high=_ALL,
                note="named as its wholly-owned subsidiary",
                published_at=days[0],
            )
        )
    if about.things is not None:
        rows += _things(record, publication, reading, about, days[0], note)
    if about.statute is not None:
        entity = _asset(f"{slug}:{party_key(record, about.statute)}", about.statute, days[0])
        rows += [entity, *_listing(publication, about, entity.id, about.statute, days[0], note)]
    return rows


def _things(
    record: Record, publication: Publication, reading: Reading, about: Subject, day: date, note: str | None
) -> list[Row]:
    """Entries by place of production, one for each category that an inventory can tell apart."""
    things = about.things or ""
    known = publication.descriptor.lookup("categories").get(things.lower())
    if known is None:
        reading.notes.append(f"{things!r} is no category that an inventory can say; the entry is kept without one")
    listed_as = f"{things[0].upper()}{things[1:]} produced in a foreign country"
    rows: list[Row] = []
    for category in known.split() if known else [None]:
        entity = _asset(f"{publication.slug}:{category or party_key(record, things)}", listed_as, day)
        rows += [entity, *_listing(publication, about, entity.id, listed_as, day, note, category)]
    return rows


def _asset(entity_id: str, caption: str, day: date) -> Entity:
    return Entity(
        id=entity_id,
        schema="Asset",
        caption=caption,
        caption_kind="brand",
        note="a category of things, not a party",
        published_at=day,
    )


def _listing(
    publication: Publication,
    about: Subject,
    entity_id: str,
    listed_as: str,
    day: date,
    note: str | None,
    category: str | None = None,
) -> list[Row]:
    return [
        Entry(
            regime_id=_REGIME,
            edition=publication.edition,
            entity_id=entity_id,
            listed_as=listed_as,
            basis=about.text,
        ),
        Designation(
            id=f"{_REGIME}:{entity_id}:{day}",
            regime_id=_REGIME,
            entity_id=entity_id,
            category=category,
            produced_in=["foreign"] if about.things is not None and category is not None else [],
            listed_as=listed_as,
            basis=about.text,
            citation=f"FCC Covered List, entry of {day}",
            valid_from=day,
            published_at=day,
            note=note,
        ),
    ]
