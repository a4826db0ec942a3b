"""What each id of a pair said by itself, kept beside what joined them: a person can look at it and undo it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, cast

import msgspec

from beholden.schema.rows import Designation, Entity, Entry, Identifier, Name
from beholden.schema.side import Side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.compile.stage import Stage
    from beholden.schema.rows import Row

# Enough to tell two parties apart; lists of vessels and their owners have hundreds of names and addresses.
MOST = 12


def sides(stage: Stage, printed: Iterable[Row], ids: set[str]) -> dict[str, Side]:
    """What is said under each of some ids, before any of them is renamed.

    Args:
        stage: Entities, names and identifiers.
        printed: Entries and designations of all lists.
        ids: Those that are asked for; one that nothing describes has a side with its id only.
    """
    if not ids:
        return {}
    entities: dict[str, list[Entity]] = defaultdict(list)
    for row in stage.named("entities", "id", ids):
        entities[cast("Entity", row).id].append(cast("Entity", row))
    sources: dict[str, set[str]] = {one: {row.source_id or "" for row in entities[one]} for one in ids}
    names: dict[str, list[str]] = defaultdict(list)
    for row in stage.named("names", "entity_id", ids):
        names[cast("Name", row).entity_id].append(cast("Name", row).name)
        sources[cast("Name", row).entity_id].add(row.source_id or "")
    numbers: dict[str, list[str]] = defaultdict(list)
    for row in stage.named("identifiers", "entity_id", ids):
        number = cast("Identifier", row)
        numbers[number.entity_id].append(f"{number.kind} {number.value}")
        sources[number.entity_id].add(row.source_id or "")
    lists: dict[str, list[str]] = defaultdict(list)
    for row in printed:
        if isinstance(row, Entry | Designation) and row.entity_id in ids:
            lists[str(row.entity_id)].append(f"{row.regime_id}: {row.listed_as}" if row.listed_as else row.regime_id)
            sources[str(row.entity_id)].add(row.source_id or "")
    return {
        one: msgspec.structs.replace(
            _side(one, entities[one], sorted(names[one]), numbers[one], lists[one]), sources=sorted(sources[one])
        )
        for one in ids
    }


def _side(one: str, entities: list[Entity], names: list[str], numbers: list[str], lists: list[str]) -> Side:
    captions = [row.caption for row in entities]
    return Side(
        id=one,
        schema=entities[0].schema if entities else "Thing",
        names=_first([*captions, *names]),
        jurisdictions=_first(place for row in entities for place in row.jurisdictions),
        addresses=_first(place for row in entities for place in row.addresses),
        birth_dates=_first(day for row in entities for day in row.birth_dates),
        identifiers=_first(sorted(numbers)),
        lists=_first(sorted(lists)),
    )


def _first(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))[:MOST]
