"""Parties and things of an export → entities, names, identifiers and what the export merged into them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.schema.rows import Entity, Identifier, Name, Resolution
from beholden.sources.ftm.entity import PREFIX
from beholden.sources.places import codes
from beholden.values.identifiers import GLOBAL, normal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.ftm.entity import Printed

_NAMES = {"name": "alias", "alias": "alias", "abbreviation": "weak", "weakAlias": "weak", "previousName": "former"}
_PLACES = ("jurisdiction", "country", "mainCountry", "flag")
# Ids that OpenSanctions makes from the number of an authority: what number it is.
_MADE_FROM = (
    (re.compile(r"ofac-(\d+)"), "ofac_uid", "{0}"),
    (re.compile(r"eu-fsf-eu-(\d+)-(\d+)"), "eu_reference", "EU.{0}.{1}"),
    (re.compile(r"gb-fcdo-([a-z]{3}\d{4})"), "uk_reference", "{0}"),
    (re.compile(r"lei-([a-z0-9]{20})"), "lei", "{0}"),
    (re.compile(r"(q\d+)"), "wikidata", "{0}"),
)


def party_rows(entity: Printed, descriptor: Descriptor, addresses: Mapping[str, str]) -> list[Row]:
    """Rows of a party or thing; `addresses` are texts of address entities by id."""
    is_person = "Person" in entity.schema.lineage
    printed = {name: entity.get(name) for name in _NAMES}
    every = [name for names in printed.values() for name in names]
    caption = entity.caption or (every[0] if every else entity.id)
    rows: list[Row] = [
        Entity(
            id=entity.entity_id,
            schema=entity.schema.name,
            caption=caption,
            # Where a person is from is no fact that a rule uses.
            jurisdictions=[] if is_person else _places(entity, descriptor),
            addresses=_addresses(entity, addresses),
            birth_dates=entity.get("birthDate") if is_person else [],
            note=None if every or entity.caption else "the export prints no name",
        )
    ]
    seen = {caption}
    for field, names in printed.items():
        for name in names:
            if name not in seen:
                seen.add(name)
                rows.append(Name(entity_id=entity.entity_id, name=name, kind=_NAMES[field]))
    rows += identifier_rows(entity, descriptor)
    rows += [
        Resolution(
            entity_id=entity.entity_id,
            referent=PREFIX + one,
            rule="reviewed",
            reason="the publication merged them",
        )
        for one in dict.fromkeys(entity.referents)
        if one != entity.id
    ]
    return rows


def identifier_rows(entity: Printed, descriptor: Descriptor) -> list[Row]:
    """Identifiers that properties print, and those of which the ids of the export are made."""
    found: dict[tuple[str, str], Row] = {}
    for field, kind in descriptor.lookup("identifiers").items():
        for value in entity.get(field):
            row = identifier(entity.entity_id, kind, value, field)
            found.setdefault((row.kind, row.value), row)
    for kind, value in (pair for one in (entity.id, *entity.referents) for pair in made_from(one)):
        row = identifier(entity.entity_id, kind, value, "an id that the export merged")
        found.setdefault((row.kind, row.value), row)
    return list(found.values())


def identifier(entity_id: str, kind: str, value: str, field: str) -> Identifier:
    """An identifier; one whose check digits do not hold is kept as another."""
    held = normal(kind, value)
    if held is None:
        note = f"{field}, check digits do not hold: {value}"
        return Identifier(entity_id=entity_id, kind="other", value=value, note=note)
    return Identifier(entity_id=entity_id, kind=kind, value=held, note=None if kind in GLOBAL else field)


def made_from(printed_id: str) -> Iterator[tuple[str, str]]:
    """Kind and value of the number of which an id of OpenSanctions is made."""
    for pattern, kind, form in _MADE_FROM:
        match = pattern.fullmatch(printed_id.lower())
        if match is not None:
            yield kind, form.format(*match.groups()).upper()


def address_text(entity: Printed) -> str | None:
    """The text of an address entity."""
    full = entity.get("full")
    parts = [part for name in ("street", "city", "postalCode", "region", "country") for part in entity.get(name)[:1]]
    return full[0] if full else ", ".join(parts) or None


def _addresses(entity: Printed, texts: Mapping[str, str]) -> list[str]:
    linked = [texts[one] for one in entity.get("addressEntity") if one in texts]
    return list(dict.fromkeys([*entity.get("address"), *linked]))


def _places(entity: Printed, descriptor: Descriptor) -> list[str]:
    others = descriptor.lookup("places")
    found = []
    for printed in (value for field in _PLACES for value in entity.get(field)):
        key = printed.lower()
        code = key if key in codes() else others.get(key)
        if code is None and key.partition("-")[0] in codes():
            code = key.partition("-")[0]  # a part of a country, such as us-ca
        if code is None:
            raise entity.error("unknown place", f"{printed!r}; expected a code of ISO 3166-1")
        if code:
            found.append(code)
    return list(dict.fromkeys(found))
