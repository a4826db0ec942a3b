"""Domain name → longest known suffix → operator."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from beholden.kb.precedence import alternatives
from beholden.match.interface import Found, Query, hop, queries, to_batch
from beholden.schema.vocabulary import Kind, Relation
from beholden.values.domain import registrable, suffixes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Asset


class DomainMatcher:
    """The name itself or the nearest parent that somebody holds; never a public suffix."""

    name = "domain"
    kinds = frozenset({Kind.DOMAIN})

    def match(self, kb: KnowledgeBase, batch: pa.RecordBatch) -> pa.RecordBatch:
        """See `Matcher.match`. The finding is keyed on the operator's domain, not on each host."""
        asked = queries(batch, self.kinds)
        wanted = {suffix for query in asked for suffix in suffixes(query.value)}
        known: dict[str, list[Asset]] = {}
        for asset in kb.assets("domain", sorted(wanted)):
            known.setdefault(asset.value, []).append(asset)
        return to_batch([found for query in asked for found in _match(kb, query, known)])


def _match(kb: KnowledgeBase, query: Query, known: dict[str, list[Asset]]) -> Iterator[Found]:
    for suffix in suffixes(query.value):
        assets = known.get(suffix)
        if not assets:
            continue
        nearest, is_held = alternatives(query, assets)
        for choice, asset in enumerate(nearest):
            if asset.entity_id is not None:
                yield _found(kb, query, asset, choice, is_held=is_held)
        return


def _found(kb: KnowledgeBase, query: Query, asset: Asset, choice: int, *, is_held: bool) -> Found:
    entity = kb.entity(asset.entity_id or "")
    steps = [] if query.value == asset.value else [hop(query.value, asset.value, "below", asset)]
    steps.append(hop(asset.value, entity.caption if entity else str(asset.entity_id), "domain_of", asset, asset.note))
    return Found(
        query=query,
        entity_id=asset.entity_id or "",
        # A lockfile says `mirror`, a BOM or log `service_endpoint`; only a plain mention leaves it to the asset.
        relation=_relation(query.relation, asset.relation),
        artefact_kind=Kind.DOMAIN,
        artefact_value=asset.value,
        method="domain_suffix",
        score=1.0 if is_held else 0.7,
        decision="confirmed" if is_held else "probable",
        features={"registrable_domain": _registrable(asset.value)},
        question=None if is_held else f"Who held {asset.value} when it was used?",
        valid_from=asset.valid_from,
        valid_to=asset.valid_to,
        choice=choice,
        hops=tuple(steps),
    )


def _relation(asked: str | None, asset: str | None) -> str:
    if asked in (None, Relation.SERVICE_ENDPOINT) and asset is not None:
        return asset
    return asked or Relation.SERVICE_ENDPOINT


@cache
def _registrable(name: str) -> str:
    return registrable(name) or name
