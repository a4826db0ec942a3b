"""The user's own table: one row per name, rows of one id are one entity.

Columns: `id`, `schema` (of FollowTheMoney: Company, Person, Vessel …) and `name`; more are told in `_Party.add`. The
first name of an id is its caption. The id is kept as it is after `in_house:`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from beholden.errors import Origin
from beholden.schema.rows import Entity, Identifier, Name, Ownership
from beholden.sources.document import WideRecord
from beholden.sources.interface import no_layout
from beholden.sources.pack_ids import pack_ids
from beholden.sources.places import place_code
from beholden.sources.record import clean
from beholden.sources.schemata import things
from beholden.values.identifiers import KINDS, normal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

PREFIX = "in_house:"
_REQUIRED = ("id", "schema", "name")
_OPTIONAL = (
    *("kind", "lang", "country", "address", "birth_date", "identifiers", "note"),
    *("owner_id", "percentage", "ownership_type"),
)
_NAME_KINDS = {kind: kind for kind in ("legal", "alias", "weak", "brand", "former", "unit")}
_OWNERSHIP_TYPES = {kind: kind for kind in ("capital", "voting", "control", "affiliate")}


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the tables; an id that two of them have is one entity."""
    reading.layout = "csv"
    tables = [(document, *_header(publication, document)) for document in publication.documents]
    # Twice, because a row may name an owner that stands further down.
    known = {
        cells[columns.index("id")].strip()
        for document, delimiter, columns in tables
        for _, cells in _body(document, delimiter)
        if len(cells) > columns.index("id")
    }
    parties: dict[str, _Party] = {}
    for document, delimiter, columns in tables:
        for line, cells in _body(document, delimiter):
            with reading.record():
                record = WideRecord(columns, cells, Origin(document.name, line))
                printed_id = record.require("id")
                if len(cells) == len(columns):
                    printed_id = cells[columns.index("id")].strip()
                party = parties.get(printed_id)
                added = _Added.of(record, PREFIX + printed_id, party, known)
                parties.setdefault(printed_id, _Party()).add(added)
    for party in parties.values():
        yield from party.rows()
    for ownership in (held for party in parties.values() for held in party.holdings()):
        if ownership.owner_id.removeprefix(PREFIX) in parties or not ownership.owner_id.startswith(PREFIX):
            yield ownership
        else:
            reading.notes.append(f"{ownership.id} is left out: the row of the owner was rejected")


def _header(publication: Publication, document: Document) -> tuple[str, list[str]]:
    """The delimiter and the columns."""
    for _, line in document.lines():
        if not line.strip():
            continue
        for delimiter in (",", ";", "\t"):
            for _, cells in document.rows(delimiter=delimiter):
                columns = [cell.strip().casefold() for cell in cells]
                break
            if set(_REQUIRED) <= set(columns):
                return delimiter, _checked(document, columns)
        break
    raise no_layout(publication, "no header with the columns id, schema and name", Origin(document.name, 1))


def _checked(document: Document, columns: list[str]) -> list[str]:
    unknown = [name for name in columns if name not in _REQUIRED and name not in _OPTIONAL]
    if unknown:
        known = ", ".join((*_REQUIRED, *_OPTIONAL))
        raise document.error(
            f"unknown column {', '.join(unknown)[:200]!r}; known are {known}", "source.unknown-layout", 1
        )
    if len(set(columns)) < len(columns):
        raise document.error(f"a column twice in {', '.join(columns)[:200]}", "source.unknown-layout", 1)
    return columns


def _body(document: Document, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    rows = document.rows(delimiter=delimiter)
    next(rows, None)
    # Spreadsheets write rows of nothing but delimiters below a table.
    return ((line, cells) for line, cells in rows if any(cell.strip() for cell in cells))


@dataclass(frozen=True, slots=True)
class _Added:
    """What one row adds to its entity."""

    entity_id: str
    schema: str
    name: Name
    country: str | None
    address: str | None
    birth_date: str | None
    identifiers: list[Identifier]
    note: str | None
    ownership: Ownership | None

    @classmethod
    def of(cls, record: Record, entity_id: str, party: _Party | None, known: set[str]) -> _Added:
        """Read a row; `party` is what earlier rows of the id said."""
        schema = record.known("schema", record.require("schema"), things())
        if party is not None and party.rows_of[0].schema != schema:
            raise record.error("schema differs", f"{schema!r}; earlier rows of the id say {party.rows_of[0].schema!r}")
        name = record.require("name")
        printed_kind = record.pop_any("kind")
        default = "legal" if party is None else "alias"
        kind = default if printed_kind is None else record.known("kind", printed_kind, _NAME_KINDS)
        if party is None and kind == "weak":
            raise record.error("the first name is weak", f"{name[:80]!r}; expected one that names the party by itself")
        country = record.pop_any("country")
        address, birth_date, note = record.pop_any("address"), record.pop_any("birth_date"), record.pop_any("note")
        if birth_date is not None and not _is_birth_date(birth_date):
            raise record.error("birth_date is no date", f"{birth_date[:40]!r}; expected YYYY-MM-DD, YYYY-MM or YYYY")
        added = cls(
            entity_id,
            schema,
            Name(entity_id=entity_id, name=name, kind=kind, lang=_language(record)),
            place_code(record, "country", country) if country is not None else None,
            address,
            birth_date,
            _identifiers(record, entity_id),
            note,
            _ownership(record, entity_id, known),
        )
        record.close()
        return added


def _is_birth_date(text: str) -> bool:
    """Whether a text is a day, a month or a year: parties are told apart by it."""
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", text, re.ASCII):
        return False
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


@dataclass(slots=True)
class _Party:
    """The rows of one id, in their order."""

    rows_of: list[_Added] = field(default_factory=list)

    def add(self, added: _Added) -> None:
        self.rows_of.append(added)

    def rows(self) -> Iterator[Row]:
        first = self.rows_of[0]
        # Where a person lives or is from is no fact that a rule uses.
        countries = [] if first.schema == "Person" else [one.country for one in self.rows_of]
        yield Entity(
            id=first.entity_id,
            schema=first.schema,
            caption=first.name.name,
            caption_kind=first.name.kind,
            jurisdictions=_each(countries),
            addresses=_each([one.address for one in self.rows_of]),
            birth_dates=_each([one.birth_date for one in self.rows_of]),
            note="; ".join(_each([one.note for one in self.rows_of])) or None,
        )
        names = {(one.name.name, one.name.kind): one.name for one in self.rows_of}
        caption = names.pop((first.name.name, first.name.kind))
        if caption.lang is not None:
            yield caption
        yield from (name for name in names.values() if name.name != caption.name)
        yield from {(one.kind, one.value): one for added in self.rows_of for one in added.identifiers}.values()

    def holdings(self) -> Iterator[Ownership]:
        """Each holding once."""
        yield from {one.id: one for one in (added.ownership for added in self.rows_of) if one is not None}.values()


def _each(values: list[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value is not None))


def _language(record: Record) -> str | None:
    printed = record.pop_any("lang")
    if printed is None:
        return None
    if len(printed) != 2 or not printed.isascii() or not printed.isalpha():
        raise record.error("lang is no language", f"{printed!r}; expected an ISO 639-1 code such as 'en'")
    return printed.lower()


def _identifiers(record: Record, entity_id: str) -> list[Identifier]:
    printed = record.pop_any("identifiers")
    found = []
    for part in [] if printed is None else printed.split("|"):
        kind, colon, value = (clean(piece) or "" for piece in part.partition(":"))
        if not colon or not value:
            raise record.error("identifiers is no list", f"{part.strip()!r}; expected kind:value, divided by |")
        record.known("identifiers", kind.lower(), {one: one for one in sorted(KINDS)})
        held = normal(kind.lower(), value)
        if held is None:
            raise record.error("check digits do not hold", f"{part.strip()!r}")
        found.append(Identifier(entity_id=entity_id, kind=kind.lower(), value=held))
    return found


def _ownership(record: Record, entity_id: str, known: set[str]) -> Ownership | None:
    owner = record.pop_any("owner_id")
    percentage = _percentage(record)
    printed = record.pop_any("ownership_type")
    if owner is None:
        if percentage is not None or printed is not None:
            raise record.error("owner_id is empty", "a percentage or ownership_type needs the id of the owner")
        return None
    if owner in known:
        owner = PREFIX + owner
    elif ":" not in owner and owner not in pack_ids():
        raise record.error(
            "unknown owner_id", f"{owner!r}; expected an id of this list or of the packs, or one such as lei:…"
        )
    if owner == entity_id:
        raise record.error("owner_id is the id itself", f"{owner!r}")
    default = "control" if percentage is None else "capital"
    kind = default if printed is None else record.known("ownership_type", printed, _OWNERSHIP_TYPES)
    return Ownership(
        id=f"{owner}>{entity_id}:{kind}@",
        owner_id=owner,
        owned_id=entity_id,
        percentage_low=percentage,
        percentage_high=percentage,
        ownership_type=kind,
    )


def _percentage(record: Record) -> Decimal | None:
    printed = record.pop_any("percentage")
    if printed is None:
        return None
    try:
        found = Decimal(printed.removesuffix("%").strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 <= found <= 100:
        raise record.error("percentage is no share", f"{printed!r}; expected a number from 0 to 100")
    return found
