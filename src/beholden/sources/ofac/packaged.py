"""The SDN list as others package it: names, types, programmes and alternate names, as JSON or CSV.

Layout: README of https://github.com/kindrat86/ofac-sdn-json
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin
from beholden.sources.ofac import kinds
from beholden.sources.ofac.lists import list_by_programme
from beholden.sources.ofac.party import Party, party_number, programme_tags
from beholden.sources.record import Record, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.sources.document import Document
    from beholden.sources.interface import Publication
    from beholden.sources.ofac.party import Progress

_LISTS = ("programs", "alternateNames")
_COLUMNS = ("uid", "name", "type", "programs", "alternate_names")
# Of the head, what we leave out: where it was taken from, what the fields mean, what can be counted.
_IGNORED = (
    "name", "description", "source", "sourceUrl", "altSourceUrl", "officialSearchUrl", "published", "retrieved",
    "counts", "typeCounts", "topPrograms", "scope", "disclaimer", "license", "fields",
)  # fmt: skip


def fits(document: Document) -> str | None:
    """The name of the layout, if the file has it."""
    head = document.head(4096).decode("utf-8-sig", errors="replace").lstrip()
    if head.startswith("{"):
        return "packaged-json"
    first = [cell.strip() for cell in head.partition("\n")[0].split(",")]
    return "packaged-csv" if tuple(first) == _COLUMNS else None


def printed_date(document: Document) -> date | None:
    """The day of the list; the CSV prints none.

    Raises:
        SourceError: Not this layout, or no day.
    """
    if fits(document) != "packaged-json":
        return None
    published = _head(document).get("published")
    if not isinstance(published, str):
        raise document.error("no published day; expected YYYY-MM-DD", "source.unknown-layout")
    return Record({}, Origin(document.name)).as_day("published", published)


def read(publication: Publication, progress: Progress) -> Iterator[Party]:
    """Parties of the file; those that cannot be read are counted."""
    document = publication.documents[0]
    seen: set[str] = set()
    for entry in _json(document, progress) if fits(document) == "packaged-json" else _csv(document):
        found: list[Party] = []
        with progress.party():
            party = _party(*entry())
            if party.uid in seen:
                raise party.record.error("the same number twice", party.uid)
            list_by_programme(publication, party)
            found.append(party)
        for party in found:
            seen.add(party.uid)
            yield party


def _party(record: Record, names: list[str]) -> Party:
    uid = party_number(record, record.require("uid"))
    name, kind = record.require("name"), record.require("type")
    party = Party(record, uid, record.known("type", kind.lower(), kinds.table("types")), name)
    party.programmes = programme_tags(record, record.require("programs"))
    record.close()
    for other in names:
        party.name(other, "alias")
    return party


def _head(document: Document) -> dict[str, Any]:
    whole = document.json()
    if not isinstance(whole, dict) or not isinstance(whole.get("entries"), list):
        raise document.error("no object with a list of entries", "source.unknown-layout")
    return whole


# What gives one entry: its record, and its other names.
_Entry = Callable[[], tuple[Record, list[str]]]


def _json(document: Document, progress: Progress) -> Iterator[_Entry]:
    whole = _head(document)
    entries, counts = whole.pop("entries"), whole.get("counts")
    unknown = sorted(whole.keys() - set(_IGNORED))
    if unknown:
        raise document.error(f"unknown fields {', '.join(unknown)[:300]}", "source.unknown-layout")
    said = counts.get("entries") if isinstance(counts, dict) else None
    if said != len(entries):
        progress.lost += 1
        progress.reading.notes.append(f"the file says that it has {said} entries; it has {len(entries)}")
    for number, entry in enumerate(entries):
        yield partial(_entry, Record({}, Origin(f"{document.name}: entries[{number}]")), entry)


def _entry(record: Record, entry: object) -> tuple[Record, list[str]]:
    if not isinstance(entry, dict):
        raise record.error("an entry that is no object", repr(entry)[:200])
    fields = dict(entry)
    for name in _LISTS:
        value = fields.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise record.error(f"{name} is no list of texts", repr(value)[:200])
    others = fields.pop("alternateNames")
    fields["programs"] = "; ".join(fields["programs"])
    for name, value in fields.items():
        # `type`, because a truth value is a number too.
        if value is not None and type(value) is not str and (name != "uid" or type(value) is not int):
            raise record.error(f"{name} is no text", repr(value)[:200])
    shown = {name: None if value is None else str(value) for name, value in fields.items()}
    return Record(shown, record.origin), _texts(record, others)


def _texts(record: Record, value: list[str]) -> list[str]:
    return [text for text in (text_of(item, record.origin) for item in value) if text]


def _csv(document: Document) -> Iterator[_Entry]:
    for record in document.records(required=_COLUMNS):
        yield partial(_row, record)


def _row(record: Record) -> tuple[Record, list[str]]:
    # A name with `; ` inside cannot be told from two; the JSON tells them apart.
    return record, record.split("alternate_names", "; ")
