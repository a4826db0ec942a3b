"""Consolidated Screening List (CSV): one row per party and list."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from beholden.errors import UnexpectedValueError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name
from beholden.sources.interface import no_layout
from beholden.sources.places import codes, place_code
from beholden.sources.us_trade_csl.ids import Ids, read_ids
from beholden.sources.us_trade_csl.printed_name import names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

_OLD = (
    *("source", "entity_number", "type", "programs", "name", "title", "addresses", "federal_register_notice"),
    *("start_date", "end_date", "standard_order", "license_requirement", "license_policy", "call_sign", "vessel_type"),
    *("gross_tonnage", "gross_registered_tonnage", "vessel_flag", "vessel_owner", "remarks", "source_list_url"),
    *("alt_names", "citizenships", "dates_of_birth", "nationalities", "places_of_birth", "source_information_url"),
)
_LAYOUTS = {frozenset(("_id", *_OLD, "ids")): "csv-29", frozenset(_OLD): "csv-27"}
# Not read: titles and places of birth; citizenship and nationality (no rule of ours keys on them); tonnage; the owner
# of a vessel, a name without an entry that it points to; addresses of pages that are the same for a whole list.
_IGNORED = (
    *("title", "citizenships", "nationalities", "places_of_birth", "gross_tonnage", "gross_registered_tonnage"),
    *("vessel_owner", "source_list_url", "source_information_url"),
)
_ABBREVIATION = re.compile(r"\(([A-Z-]+)(?: List)?\)")
# Lists whose rows say no type and whose addresses end in a country; those of denied persons often end in a US state.
_PLACED = frozenset({"us-bis-el", "us-bis-meu", "us-bis-uvl"})
_NO_FLAG = frozenset({"None Identified", "Unknown"})
_STANDARD = {"Y": "standard order", "y": "standard order", "N": "no standard order"}


@dataclass(slots=True)
class _Party:
    """What one row says of a party and of its entry on one list."""

    regime: str
    entity: Entity
    names: list[Name]
    identifiers: list[Identifier]
    entry: Entry
    designation: Designation | None

    def rows(self) -> list[Row]:
        ended = self.designation.valid_to if self.designation is not None else None
        # A row whose end lies before the copy is printed in it, and nobody is on the list by it any more.
        listing: list[Row] = [] if ended is not None and ended <= self.entry.edition else [self.entry]
        listing += [] if self.designation is None else [self.designation]
        return [self.entity, *self.names, *self.identifiers, *listing]


@dataclass(slots=True)
class _Held:
    """A party with several rows: what they said so far."""

    entity: Entity
    given: set[str]
    named: dict[str, str] = field(default_factory=dict)

    def add(self, record: Record, own: str | None, party: _Party) -> list[Row]:
        """The rows of one more row of the list, without its entity and without what was given before.

        Raises:
            UnexpectedValueError: Two rows give one number to two types of party, or one id of a row to two names.
        """
        ours, theirs = self.entity, party.entity
        if ours.schema != theirs.schema:
            raise record.error("two types under one number", f"{theirs.id}; {ours.schema} and {theirs.schema}")
        if own is not None and (before := self.named.setdefault(own, theirs.caption)) != theirs.caption:
            raise record.error("two names under one _id", f"{own}; {before!r:.120} and {theirs.caption!r:.120}")
        rows = party.rows()[1:]
        if theirs.caption != ours.caption:
            rows.insert(0, Name(entity_id=theirs.id, name=theirs.caption, kind="alias"))
        self.entity = replace(
            ours,
            jurisdictions=sorted({*ours.jurisdictions, *theirs.jurisdictions}),
            addresses=list(dict.fromkeys((*ours.addresses, *theirs.addresses))),
            birth_dates=list(dict.fromkeys((*ours.birth_dates, *theirs.birth_dates))),
            note=ours.note or theirs.note,
        )
        fresh = [row for row in rows if repr(row) not in self.given]
        ids = {row.id for row in fresh if isinstance(row, Designation)}
        if ids & self.given:
            # A second entry on one list, with other days.
            fresh = [
                replace(row, id=f"{row.id}:{row.valid_from}") if isinstance(row, Designation) else row for row in fresh
            ]
        self.given |= {repr(row) for row in fresh} | ids
        return fresh


@dataclass(slots=True)
class _Copies:
    """Which lists the file copies, and which of them it copies with gaps."""

    seen: set[str] = field(default_factory=set)
    gaps: set[str] = field(default_factory=set)
    any_gap: bool = False

    def editions(self, publication: Publication) -> Iterator[Row]:
        """One edition per list that has a row; a list with a row that cannot be read is no complete copy.

        Otherwise the party of that row would count as gone from the list.
        """
        for item in publication.descriptor.lists:
            if item.regime in self.seen:
                yield Edition(
                    regime_id=item.regime,
                    date=publication.edition,
                    is_complete=not self.any_gap and item.regime not in self.gaps,
                    title=f"{publication.descriptor.title}, copy of {publication.edition}",
                )


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the list; a party on several lists is one entity, with its number at OFAC.

    Raises:
        SourceError: Not one CSV with the columns of the list.
    """
    document = publication.documents[0]
    if len(publication.documents) > 1:
        raise no_layout(publication, f"{len(publication.documents)} files")
    reading.layout = _layout_of(publication, document)
    repeated = _repeated(document, publication.descriptor)
    held: dict[str, _Held] = {}
    copies = _Copies()
    again = 0
    for record in document.records():
        rows: list[Row] = []
        rejects, regime = reading.rejects, None
        with reading.record():
            head = _Head.taken(record, publication.descriptor)
            regime = head.regime
            party = _party(record, head, publication)
            copies.seen.add(regime)
            rows = party.rows()
            if party.entity.id in repeated:
                rows = held.setdefault(party.entity.id, _Held(party.entity, set())).add(record, head.own, party)
                again += not rows
        if reading.rejects > rejects:
            copies.gaps |= {regime} if regime else set()
            copies.any_gap |= regime is None
        yield from rows
    if again:
        reading.notes.append(f"rows that say nothing that a row before them does not: {again}")
    yield from (party.entity for party in held.values())
    yield from copies.editions(publication)


def _layout_of(publication: Publication, document: Document) -> str:
    header = [cell.strip() for cell in next(document.rows(), (1, []))[1]]
    found = _LAYOUTS.get(frozenset(header))
    if found is None or len(set(header)) < len(header):
        raise no_layout(publication, f"a header of {', '.join(header)[:300] or 'nothing'}")
    return found


@dataclass(frozen=True, slots=True)
class _Head:
    """The columns by which a row is told apart from others.

    OFAC numbers its parties, and one party has one number on all its lists; the rest has an id that the list makes.
    The old layout prints no such id, and how the later one is made is not documented: there it is made of these texts.
    """

    regime: str
    name: str
    number: str | None
    own: str | None
    addresses: str | None
    start: str | None

    @classmethod
    def taken(cls, record: Record, descriptor: Descriptor) -> _Head:
        return cls(
            _regime(record, descriptor),
            record.require("name"),
            record.pop("entity_number"),
            record.require("_id") if record.has("_id") else None,
            record.pop("addresses"),
            record.pop("start_date"),
        )

    @property
    def is_ofac(self) -> bool:
        return self.regime.startswith("us-ofac-")

    @property
    def entity_id(self) -> str:
        if self.is_ofac:
            return f"ofac:{self.number}"
        if self.own is not None:
            return f"csl:{self.own}"
        text = "|".join((self.regime, self.name, self.addresses or "", self.start or ""))
        return f"csl:{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()}"


def _regime(record: Record, descriptor: Descriptor) -> str:
    printed = record.require("source")
    match = _ABBREVIATION.search(printed)
    return record.known("source", match[1] if match else printed, descriptor.lookup("lists"))


def _repeated(document: Document, descriptor: Descriptor) -> set[str]:
    """Parties with more than one row: a first pass, so that only those have to be held until the end."""
    seen: set[str] = set()
    repeated: set[str] = set()
    for record in document.records():
        try:
            entity_id = _Head.taken(record, descriptor).entity_id
        except UnexpectedValueError:
            continue  # The second pass counts it.
        (repeated if entity_id in seen else seen).add(entity_id)
    return repeated


def _party(record: Record, head: _Head, publication: Publication) -> _Party:
    descriptor = publication.descriptor
    if head.is_ofac and (head.number is None or not head.number.isdigit()):
        raise record.error("no entity_number", f"{head.number!r}; a party on a list of OFAC has a number")
    entity_id = head.entity_id
    printed_type = record.lookup("type", descriptor.lookup("types"))
    schema = printed_type or "LegalEntity"
    ids = read_ids(record, descriptor, entity_id) if record.has("ids") else Ids()
    addresses = _split(head.addresses)
    flag = record.pop("vessel_flag")
    places = ids.registered
    if flag is not None and flag not in _NO_FLAG:
        places.append(place_code(record, "vessel_flag", flag, descriptor.lookup("places")))
    if schema == "Organization" or head.regime in _PLACED:
        places += _countries(addresses)
    vessel, remarks = record.pop("vessel_type"), record.pop("remarks")
    entity = Entity(
        id=entity_id,
        schema=schema,
        caption=head.name,
        jurisdictions=sorted(set(places)) if schema != "Person" else [],
        addresses=addresses,
        birth_dates=record.split("dates_of_birth"),
        note="; ".join(part for part in (vessel, remarks if head.is_ofac else None) if part) or None,
    )
    others = dict.fromkeys(_split(_unwrapped(record.pop("alt_names"))), "alias")
    # OFAC prints other names in fields of their own; the other lists have them in brackets.
    others |= {} if head.is_ofac or schema == "Person" else dict(names_in(head.name))
    names = [Name(entity_id=entity_id, name=name, kind=kind) for name, kind in others.items() if name != head.name]
    identifiers = list(ids.identifiers)
    if call_sign := record.pop("call_sign"):
        identifiers.append(Identifier(entity_id=entity_id, kind="callsign", value=call_sign))
    if head.number and not head.is_ofac:
        identifiers.append(Identifier(entity_id=entity_id, kind="other", value=head.number, note="entity number"))
    entry, designation = _listing(record, head, ids, remarks, publication)
    record.close(ignore=_IGNORED)
    return _Party(head.regime, entity, names, list(dict.fromkeys(identifiers)), entry, designation)


def _listing(
    record: Record, head: _Head, ids: Ids, remarks: str | None, publication: Publication
) -> tuple[Entry, Designation | None]:
    """The entry in this copy; with a day of its own, where the row prints one, the designation."""
    programmes = record.split("programs")
    citation = record.pop("federal_register_notice")
    licence = [text for text in (record.pop("license_requirement"), record.pop("license_policy")) if text]
    order = record.lookup("standard_order", _STANDARD)
    misprinted = publication.descriptor.lookup("misprinted_days")
    start = record.as_day("start_date", misprinted.get(head.start, head.start)) if head.start else None
    end = record.day("end_date")
    listed = min(ids.listed.get(head.regime, []), default=None)
    begins = start or listed
    if begins and end and end < begins:
        raise record.error("end_date before the entry begins", f"{end}; the entry began on {begins}")
    basis = "; ".join((*programmes, *licence)) or None
    designation = None
    if begins or end:
        designation = Designation(
            id=f"{head.regime}:{head.entity_id}",
            regime_id=head.regime,
            entity_id=head.entity_id,
            listed_as=head.name,
            basis=basis,
            programmes=programmes,
            citation=citation,
            valid_from=begins,
            valid_to=end,
            published_at=listed,
            applies_from=min(ids.effective.get(head.regime, []), default=None),
            note="; ".join(text for text in (order, None if head.is_ofac else remarks) if text) or None,
        )
        citation = None
    entry = Entry(
        regime_id=head.regime,
        edition=publication.edition,
        entity_id=head.entity_id,
        listed_as=head.name,
        # A citation would be lost where no designation can carry it.
        basis="; ".join(text for text in (basis, citation) if text) or None,
    )
    return entry, designation


def _split(text: str | None) -> list[str]:
    """Parts of a cell; some lists write "and" before the last one."""
    parts = (part.strip().removeprefix("and ").strip() for part in (text or "").split(";"))
    return list(dict.fromkeys(part for part in parts if part))


def _unwrapped(text: str | None) -> str | None:
    """Other names without `(a.k.a. …)` around them all, as rows of 2016 have it."""
    match = re.fullmatch(r"\(a\.k\.a\.\s*(.*)\)", text or "")
    return match[1] if match else text


def _countries(addresses: list[str]) -> list[str]:
    """Codes of countries at the end of addresses."""
    ends = (address.rpartition(",")[2].strip() for address in addresses)
    return [end.lower() for end in ends if end.isupper() and end.lower() in codes()]
