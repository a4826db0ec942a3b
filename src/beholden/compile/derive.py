"""Rows that follow from others: normal forms of names, designations of edition lists, address ranges of assets."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import CompileError
from beholden.schema.rows import Asset, Designation, Edition, EffectRow, Entity, Entry, Name, Prefix, Regime, Row
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from beholden.compile.packs import PackRow

Tables = dict[str, list[Row]]


def derive(rows: Iterable[PackRow]) -> Tables:
    """Group rows by table and add what follows from them.

    Raises:
        CompileError: An address asset is not an address or network.
    """
    tables: Tables = defaultdict(list)
    for item in rows:
        tables[item.table].append(item.row)
    tables["names"] = _names(tables)
    tables["designations"] = list(_with_editions(tables))
    tables["prefixes"].extend(_address_assets(tables))
    tables["effects"] = list(_per_entry(tables))
    return tables


def _names(tables: Tables) -> list[Row]:
    """Every caption is a name (legal unless it says otherwise); equal (entity, name) pairs are kept once."""
    names: dict[tuple[str, str], Name] = {}
    for entity in tables["entities"]:
        assert isinstance(entity, Entity)
        names[entity.id, entity.caption] = Name(
            entity_id=entity.id,
            name=entity.caption,
            kind=entity.caption_kind,
            norm=normalise(entity.caption),
            source_id=entity.source_id,
            grade=entity.grade,
            published_at=entity.published_at,
        )
    for name in tables["names"]:
        assert isinstance(name, Name)
        names.setdefault((name.entity_id, name.name), msgspec.structs.replace(name, norm=normalise(name.name)))
    return list(names.values())


def _with_editions(tables: Tables) -> Iterable[Designation]:
    """The designations of the packs, and those that follow from editions.

    A party is listed from the first edition that prints it until a complete edition does not. Between editions:

    * A designation of its own adds the party; without an end it too lasts until a complete edition omits it.
    * A designation that starts with an edition and has an end is a removal: the party leaves on that day, and is listed
      again only by an edition from then on that prints it.
    """
    lists = {row.id for row in tables["regimes"] if isinstance(row, Regime) and row.list_kind == "edition"}
    editions: dict[str, list[Edition]] = defaultdict(list)
    for edition in tables["editions"]:
        if isinstance(edition, Edition) and edition.regime_id in lists:
            editions[edition.regime_id].append(edition)
    for rows in editions.values():
        rows.sort(key=lambda edition: edition.date)
    printed: dict[tuple[str, str], dict[date, Entry]] = defaultdict(dict)
    for entry in tables["entries"]:
        if isinstance(entry, Entry) and entry.regime_id in lists:
            printed[entry.regime_id, entry.entity_id].setdefault(entry.edition, entry)
    removed: dict[tuple[str, str, date], date] = {}
    for row in tables["designations"]:
        assert isinstance(row, Designation)
        if row.regime_id not in lists or row.entity_id is None or row.valid_from is None:
            yield row
        elif row.valid_to is not None:
            removed[row.regime_id, row.entity_id, row.valid_from] = row.valid_to
            yield row
        else:
            names = printed[row.regime_id, row.entity_id]
            yield _until_omitted(row, names, editions[row.regime_id])
    for (regime_id, entity_id), entries in sorted(printed.items()):
        ends = {on: day for (regime, entity, on), day in removed.items() if (regime, entity) == (regime_id, entity_id)}
        yield from _intervals(regime_id, entity_id, entries, editions[regime_id], ends)


def _until_omitted(row: Designation, entries: dict[date, Entry], states: list[Edition]) -> Designation:
    """An addition between editions ends with the first complete edition that does not print the party."""
    assert row.valid_from is not None
    for state in states:
        if state.date > row.valid_from and state.is_complete and state.date not in entries:
            return msgspec.structs.replace(
                row,
                valid_to=state.date,
                end_published_at=state.published_at or state.date,
                end_reason=_omitted(state),
            )
    return row


def _omitted(state: Edition) -> str:
    return f"not named in the edition of {state.date}"


def _intervals(
    regime_id: str, entity_id: str, entries: dict[date, Entry], states: list[Edition], removed: dict[date, date]
) -> Iterable[Designation]:
    opened: Edition | None = None
    latest: Entry | None = None
    for state in states:
        entry = entries.get(state.date)
        if opened is not None and opened.date in removed and removed[opened.date] <= state.date:
            opened = latest = None  # its own row says from when to when
        if entry is not None:
            opened, latest = opened or state, entry
        elif opened is not None and state.is_complete:
            yield _designation(regime_id, entity_id, opened, latest, state)
            opened = latest = None
    if opened is not None and opened.date not in removed:
        yield _designation(regime_id, entity_id, opened, latest, None)


def _designation(
    regime_id: str, entity_id: str, opened: Edition, latest: Entry | None, closed: Edition | None
) -> Designation:
    return Designation(
        id=f"{regime_id}:{entity_id}:{opened.date}",
        regime_id=regime_id,
        entity_id=entity_id,
        listed_as=latest.listed_as if latest else None,
        basis=latest.basis if latest else None,
        citation=opened.title,
        gazette=opened.gazette,
        gazette_on=opened.gazette_on,
        valid_from=opened.date,
        valid_to=closed.date if closed else None,
        published_at=opened.published_at or opened.date,
        end_published_at=(closed.published_at or closed.date) if closed else None,
        end_reason=_omitted(closed) if closed else None,
        source_id=(latest.source_id if latest else None) or opened.source_id,
        grade=(latest.grade if latest else None) or opened.grade,
    )


def _per_entry(tables: Tables) -> Iterable[EffectRow]:
    """An effect on a notice becomes one row for each entry that the notice made."""
    made: dict[str, list[Designation]] = defaultdict(list)
    for row in tables["designations"]:
        if isinstance(row, Designation) and row.notice is not None:
            made[row.notice].append(row)
    for effect in tables["effects"]:
        assert isinstance(effect, EffectRow)
        if effect.notice is None:
            yield effect
            continue
        for row in made[effect.notice]:
            yield msgspec.structs.replace(effect, id=f"{effect.id}:{row.id}", designation_id=row.id)


def _address_assets(tables: Tables) -> Iterable[Prefix]:
    for asset in tables["assets"]:
        if not isinstance(asset, Asset) or asset.kind != "ip":
            continue
        try:
            network = ipaddress.ip_network(asset.value)
        except ValueError as error:
            raise CompileError(f"asset {asset.id}: {error}", code="compile.wrong-value") from error
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
