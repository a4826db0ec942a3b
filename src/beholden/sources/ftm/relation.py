"""Relations of an export → designations, holdings and identity papers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Identifier, Ownership
from beholden.sources.ftm.entity import PREFIX, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.ftm.entity import Printed

OTHER_LIST = "ftm-sanctions"
# Schema → property with the owner, property with what is owned, type of the holding.
_HOLDINGS = {"Ownership": ("owner", "asset", "capital"), "Control": ("controller", "controlled", "control")}
# Properties of a party or thing that name its owner: schema → property, type of the holding.
_OWNERS = {"LegalEntity": ("parent", "control"), "Vehicle": ("owner", "capital"), "CryptoWallet": ("holder", "control")}
_PAPERS = {"Identification": "other", "Passport": "passport"}
# Schemata of relations that make rows; every other one is read and says nothing of listing or ownership.
RELATIONS = frozenset({"Sanction", *_HOLDINGS, *_PAPERS})
_SHARE = re.compile(r"(-?\d{1,9}(?:[.,]\d{1,9})?)(?:\s*%)?(?:\s*(?:-|–|to)\s*(-?\d{1,9}(?:[.,]\d{1,9})?)(?:\s*%)?)?")


def pointed_at(entity: Printed) -> Iterator[str]:
    """Ids of the entities that the rows of an entity name."""
    if entity.schema.name == "Sanction":
        yield from entity.get("entity")
    elif entity.schema.name in _HOLDINGS:
        for name in _HOLDINGS[entity.schema.name][:2]:
            yield from entity.get(name)
    elif entity.schema.name in _PAPERS:
        yield from entity.get("holder")
    elif has_owner(entity):
        yield entity.id
        for name, _ in _owner_properties(entity):
            yield from entity.get(name)


def has_owner(entity: Printed) -> bool:
    """Whether a party or thing names its owner."""
    return any(entity.get(name) for name, _ in _owner_properties(entity))


def _owner_properties(entity: Printed) -> Iterator[tuple[str, str]]:
    return (found for schema, found in _OWNERS.items() if schema in entity.schema.lineage)


def relation_rows(entity: Printed, descriptor: Descriptor, captions: Mapping[str, str | None]) -> list[Row]:
    """Rows of a relation.

    Args:
        entity: A relation, or a party or thing that names its owner.
        descriptor: For its lookups.
        captions: Of the entities that relations point at; None for one that the export does not have.

    Raises:
        UnexpectedValueError: It points at nothing, or at an entity that the export does not have.
    """
    name = entity.schema.name
    if name == "Sanction":
        return _designations(entity, descriptor, captions)
    if name in _HOLDINGS:
        owner, owned, kind = _HOLDINGS[name]
        return _holdings(entity, _known(entity, owner, captions), _known(entity, owned, captions), kind)
    if name in _PAPERS:
        return _papers(entity, captions)
    rows: list[Row] = []
    for field, kind in _owner_properties(entity):
        if entity.get(field):
            rows += _named_owners(entity, _known(entity, field, captions), kind, field)
    return rows


def _known(entity: Printed, field: str, captions: Mapping[str, str | None]) -> list[str]:
    """Entities that a property names."""
    found = entity.get(field)
    if not found:
        raise entity.error(f"{field} is empty", f"{entity.schema.name} {entity.id!r} names none")
    lost = [one for one in found if captions.get(one) is None]
    if lost:
        raise entity.error("names an entity that the export does not have", f"{field} {', '.join(lost)[:200]}")
    return found


def _designations(entity: Printed, descriptor: Descriptor, captions: Mapping[str, str | None]) -> list[Row]:
    start, end, is_start_latest, is_end_latest, notes = span(entity)
    listed = entity.days("listingDate")
    if start is None and listed:
        _, start, printed = listed[0]
        is_start_latest = listed[0][0] != start
        notes += [f"listing printed as {printed}"] if is_start_latest else []
    if start is not None and end is not None and end < start:
        raise entity.error("ends before it is listed", f"{end} is before {start}")
    published = min((day for day in (listed[0][1] if listed else None, start) if day is not None), default=None)
    if published is not None and listed and listed[0][0] > published:
        # The day of the latest notice about the entry: the EU list prints it so.
        notes.append(f"listing printed as {listed[0][2]}")
    regimes = dict.fromkeys(one for one in map(descriptor.lookup("datasets").get, entity.datasets) if one is not None)
    numbers = [*entity.get("authorityId"), *entity.get("unscId")]
    notes = [*(f"no. {number}" for number in numbers), *entity.get("provisions"), *notes]
    return [
        Designation(
            id=f"{regime}:{PREFIX}{party}:{entity.id}",
            regime_id=regime,
            entity_id=PREFIX + party,
            listed_as=captions[party],
            basis=_basis(entity),
            programmes=list(dict.fromkeys([*entity.get("program"), *entity.get("programId")])),
            valid_from=start,
            valid_to=end,
            published_at=published,
            is_start_latest=is_start_latest,
            is_end_latest=is_end_latest,
            note="; ".join(notes)[:500] or None,
        )
        for party in _known(entity, "entity", captions)
        for regime in regimes or (OTHER_LIST,)
    ]


def listing_topics(entity: Printed, descriptor: Descriptor) -> list[str]:
    """Topics of a party or thing that say that an authority lists it."""
    return [one for one in entity.get("topics") if one in descriptor.lookup("topics")]


def topic_rows(entity: Printed, descriptor: Descriptor) -> list[Row]:
    """An undated entry of a party or thing that the export calls listed, without the sanction that lists it."""
    names = descriptor.lookup("topics")
    said = [f"{names[one]} (topic {one})" for one in listing_topics(entity, descriptor)]
    every = entity.get("name")
    return [
        Designation(
            id=f"{OTHER_LIST}:{entity.entity_id}",
            regime_id=OTHER_LIST,
            entity_id=entity.entity_id,
            listed_as=entity.caption or (every[0] if every else entity.id),
            basis=", ".join(said),
            programmes=list(dict.fromkeys([*entity.get("program"), *entity.get("programId")])),
            note=f"datasets: {', '.join(entity.datasets)}"[:500] if entity.datasets else None,
        )
    ]


def _basis(entity: Printed) -> str | None:
    said = [*entity.get("authority"), *(entity.get("program") or entity.get("programId"))]
    return ", ".join(said)[:500] or None


def _holdings(entity: Printed, owners: list[str], assets: list[str], kind: str) -> list[Row]:
    start, end, _, _, notes = span(entity)
    low, high, share = _percentage(entity) if kind == "capital" else (None, None, None)
    notes = [*notes, *([share] if share else [])]
    return [
        Ownership(
            id=f"{PREFIX}{owner}>{PREFIX}{owned}:{kind}@{start or ''}:{entity.id}",
            owner_id=PREFIX + owner,
            owned_id=PREFIX + owned,
            percentage_low=low,
            percentage_high=high,
            ownership_type=kind,
            valid_from=start,
            valid_to=end,
            note="; ".join(notes) or None,
        )
        for owner in owners
        for owned in assets
        if owner != owned  # treasury shares are nobody's
    ]


def _percentage(entity: Printed) -> tuple[Decimal | None, Decimal | None, str | None]:
    """Bounds of a share, and what is printed where it is no number."""
    found: list[Decimal] = []
    for printed in entity.get("percentage"):
        match = _SHARE.fullmatch(printed)
        if match is None:
            return None, None, f"share printed as {printed}"[:200]
        found += [Decimal(part.replace(",", ".")) for part in match.groups() if part is not None]
    if not found:
        return None, None, None
    if not 0 <= min(found) <= max(found) <= 100:
        raise entity.error("percentage is no share", f"{', '.join(map(str, found))}; expected 0 to 100")
    return min(found), max(found), None


def _named_owners(entity: Printed, owners: list[str], kind: str, field: str) -> list[Row]:
    return [
        Ownership(
            id=f"{PREFIX}{owner}>{entity.entity_id}:{kind}@:{field}",
            owner_id=PREFIX + owner,
            owned_id=entity.entity_id,
            ownership_type=kind,
            note=f"named as {field}",
        )
        for owner in owners
        if owner != entity.id
    ]


def _papers(entity: Printed, captions: Mapping[str, str | None]) -> list[Row]:
    numbers = [*entity.get("number"), *entity.get("passportNumber")]
    if not numbers:
        return []
    note = ", ".join([*entity.get("type"), *entity.get("country")]) or None
    return [
        Identifier(entity_id=PREFIX + holder, kind=_PAPERS[entity.schema.name], value=number, note=note)
        for holder in _known(entity, "holder", captions)
        for number in dict.fromkeys(numbers)
    ]
