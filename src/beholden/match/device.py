"""Hardware address → longest assigned OUI block → organisation → entity.

The block tells who made the radio or network part. The device around it may be somebody else's: a module maker's radio
is built into devices of others, and one maker's devices are sold under other brands.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from beholden.kb.precedence import is_outside
from beholden.match.interface import Found, Query, hop, queries, to_batch
from beholden.match.oem import makers_of_brand
from beholden.schema.vocabulary import Kind, Relation
from beholden.values.mac import is_locally_administered, oui_prefixes, parse_mac

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Asset, Oui


_TRAP = "the maker of the radio or network part, not necessarily of the device"


class DeviceMatcher:
    """Longest block; locally administered addresses have no maker."""

    name = "device"
    kinds = frozenset({Kind.MAC})

    def match(self, kb: KnowledgeBase, batch: pa.RecordBatch) -> pa.RecordBatch:
        """See `Matcher.match`. The finding is keyed on the OUI block, not on each device."""
        asked = [query for query in queries(batch, self.kinds) if _has_maker(query.value)]
        wanted = {prefix for query in asked for prefix in oui_prefixes(query.value)}
        blocks: dict[str, list[Oui]] = {}
        for row in kb.ouis(sorted(wanted)):
            blocks.setdefault(row.prefix.upper(), []).append(row)
        names = sorted({row.organisation for rows in blocks.values() for row in rows})
        makers: dict[str, list[Asset]] = {}
        for asset in kb.assets("oui_organisation", names):
            makers.setdefault(asset.value, []).append(asset)
        return to_batch([found for query in asked for found in _match(kb, query, blocks, makers)])


def _match(
    kb: KnowledgeBase, query: Query, blocks: dict[str, list[Oui]], makers: dict[str, list[Asset]]
) -> Iterator[Found]:
    assigned = next((blocks[prefix] for prefix in oui_prefixes(query.value) if prefix in blocks), None)
    if assigned is None:
        return
    block = _in_time(query, assigned)
    asset = next((asset for asset in makers.get(block.organisation, ()) if not is_outside(query, asset)), None)
    if asset is None or asset.entity_id is None:
        return
    entity = kb.entity(asset.entity_id)
    shown = _colons(block.prefix)
    features = {"organisation": block.organisation}
    if asset.part is not None:
        features["part"] = asset.part
    found = Found(
        query=query,
        entity_id=asset.entity_id,
        relation=asset.relation or Relation.HARDWARE,
        artefact_kind=Kind.MAC,
        artefact_value=shown,
        method="oui",
        score=1.0,
        features=features,
        valid_from=asset.valid_from,
        valid_to=asset.valid_to,
        hops=(
            hop(shown, block.organisation, "oui_assigned_to", block, _TRAP),
            hop(block.organisation, entity.caption if entity else asset.entity_id, "name_of", asset, asset.note),
        ),
    )
    yield found
    yield from makers_of_brand(kb, found)


def _in_time(query: Query, assigned: Sequence[Oui]) -> Oui:
    """Of the editions that print a block, the newest one of the day on which it was last seen, else the oldest."""
    dated = sorted(assigned, key=lambda row: (row.published_at is not None, row.published_at or date.min))
    if query.last_day is None:
        return dated[-1]
    known = [row for row in dated if row.published_at is None or row.published_at <= query.last_day]
    return known[-1] if known else dated[0]


def _has_maker(value: str) -> bool:
    mac = parse_mac(value)
    return mac is not None and not is_locally_administered(mac)


def _colons(prefix: str) -> str:
    lower = prefix.lower()
    return ":".join(lower[start : start + 2] for start in range(0, len(lower), 2))
