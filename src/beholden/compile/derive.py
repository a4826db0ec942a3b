"""Rows that follow from others: normal forms of names, designations of edition lists, address ranges of assets."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from typing import TYPE_CHECKING, cast

import msgspec

from beholden.compile.listings import Origins, listed
from beholden.errors import CompileError
from beholden.schema.rows import Asset, Designation, Edition, EffectRow, Entity, Entry, Name, Prefix, Regime, Row
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.compile.packs import PackRow

Tables = dict[str, list[Row]]


def derive(rows: Iterable[PackRow]) -> Tables:
    """Group rows by table and add what follows from them.

    Raises:
        CompileError: An address asset is not an address or network.
    """
    tables = grouped(rows)
    tables["names"] = names_of(tables)
    tables["designations"] = list(_listed(tables))
    tables["prefixes"].extend(address_assets(tables["assets"]))
    tables["effects"] = list(per_entry(tables["effects"], tables["designations"]))
    return tables


def grouped(rows: Iterable[PackRow]) -> Tables:
    """Rows by table."""
    tables: Tables = defaultdict(list)
    for item in rows:
        tables[item.table].append(item.row)
    return tables


def name_of(entity: Entity) -> Name:
    """The caption of an entity as a name; legal unless it says otherwise."""
    return Name(
        entity_id=entity.id,
        name=entity.caption,
        kind=entity.caption_kind,
        norm=normalise(entity.caption),
        source_id=entity.source_id,
        grade=entity.grade,
        published_at=entity.published_at,
    )


def normalised(name: Name) -> Name:
    """A name with its normal form."""
    return msgspec.structs.replace(name, norm=normalise(name.name))


def names_of(tables: Tables) -> list[Row]:
    """Every caption is a name; equal (entity, name) pairs are kept once."""
    names: dict[tuple[str, str], Name] = {}
    for entity in tables["entities"]:
        assert isinstance(entity, Entity)
        names[entity.id, entity.caption] = name_of(entity)
    for name in tables["names"]:
        assert isinstance(name, Name)
        names.setdefault((name.entity_id, name.name), normalised(name))
    return list(names.values())


def _listed(tables: Tables) -> Iterable[Row]:
    return listed(
        cast("list[Regime]", tables["regimes"]),
        cast("list[Edition]", tables["editions"]),
        cast("list[Entry]", tables["entries"]),
        cast("list[Designation]", tables["designations"]),
        Origins(),
    )


def per_entry(effects: Iterable[Row], designations: Iterable[Row]) -> Iterable[EffectRow]:
    """An effect on a notice becomes one row for each entry that the notice made."""
    made: dict[str, list[Designation]] = defaultdict(list)
    for row in designations:
        if isinstance(row, Designation) and row.notice is not None:
            made[row.notice].append(row)
    for effect in effects:
        assert isinstance(effect, EffectRow)
        if effect.notice is None:
            yield effect
            continue
        for row in made[effect.notice]:
            yield msgspec.structs.replace(effect, id=f"{effect.id}:{row.id}", designation_id=row.id)


def taken_out(source_id: str | None) -> str | None:
    """The next step where a row of a publication does not fit; None: it is of a pack."""
    slug, at, edition = (source_id or "").partition("@")
    if not at:
        return None
    return f"it is of {source_id}: `beholden kb drop {slug} --edition {edition}` takes that out, if it is held"


def address_assets(assets: Iterable[Row]) -> Iterable[Prefix]:
    """The address ranges of assets that are addresses.

    Raises:
        CompileError: One is not an address or network.
    """
    for asset in assets:
        if not isinstance(asset, Asset) or asset.kind != "ip":
            continue
        try:
            network = ipaddress.ip_network(asset.value)
        except ValueError as error:
            raise CompileError(
                f"asset {asset.id}: {error}", code="compile.wrong-value", hint=taken_out(asset.source_id)
            ) from error
        yield Prefix(
            first=str(network[0]),
            last=str(network[-1]),
            asset_id=asset.id,
            valid_from=asset.valid_from,
            valid_to=asset.valid_to,
            published_at=asset.published_at,
            source_id=asset.source_id,
            grade=asset.grade,
        )
