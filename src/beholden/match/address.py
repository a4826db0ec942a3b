"""IP address → longest announced prefix → AS → operator, valid when the traffic was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.match.interface import Found, Query, alternatives, hop, is_outside, queries, to_batch
from beholden.schema.vocabulary import Kind, Relation
from beholden.values.address import pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Asset, Prefix


class AddressMatcher:
    """Longest prefix, IPv4 and IPv6."""

    name = "address"
    kinds = frozenset({Kind.IP})

    def match(self, kb: KnowledgeBase, batch: pa.RecordBatch) -> pa.RecordBatch:
        """See `Matcher.match`. The finding is keyed on the AS or the address asset, not on each address."""
        return to_batch([found for query in queries(batch, self.kinds) for found in _match(kb, query)])


class AsnMatcher:
    """An AS number by itself, as flow exports and people name it."""

    name = "asn"
    kinds = frozenset({Kind.ASN})

    def match(self, kb: KnowledgeBase, batch: pa.RecordBatch) -> pa.RecordBatch:
        """See `Matcher.match`."""
        asked = queries(batch, self.kinds)
        known = {asset.value: asset for asset in kb.assets("asn", (query.value for query in asked)) if asset.entity_id}
        found = []
        for query in asked:
            asset = known.get(query.value)
            if asset is not None and asset.entity_id is not None:
                found.append(_registered(kb, query, asset, asset.entity_id))
        return to_batch(found)


def _registered(kb: KnowledgeBase, query: Query, asset: Asset, entity_id: str) -> Found:
    entity = kb.entity(entity_id)
    name = entity.caption if entity else entity_id
    return Found(
        query=query,
        entity_id=entity_id,
        relation=asset.relation or Relation.HOSTING,
        artefact_kind=Kind.ASN,
        artefact_value=asset.value,
        method="asn",
        score=1.0,
        valid_from=asset.valid_from,
        valid_to=asset.valid_to,
        hops=(hop(asset.value, name, "registered_to", asset, asset.note),),
    )


def _match(kb: KnowledgeBase, query: Query) -> Iterator[Found]:
    try:
        covering = kb.prefixes(pack(query.value))
    except ValueError:  # a third-party reader may give anything
        return
    leading = {id(prefix): asset for prefix in covering if (asset := _asset(kb, prefix)) is not None}
    nearest, _ = alternatives(query, _competing(query, covering, leading))
    for choice, prefix in enumerate(nearest):
        asset = leading[id(prefix)]
        if asset.entity_id is None:
            continue
        outside = is_outside(query, prefix) or is_outside(query, asset)
        span = f"{prefix.first}-{prefix.last}"
        steps = [hop(query.value, span, "in_range", prefix)]
        if prefix.asn is not None:
            steps.append(hop(span, prefix.asn, "announced_by", prefix))
        start = prefix.asn or span
        entity = kb.entity(asset.entity_id)
        steps.append(hop(start, entity.caption if entity else asset.entity_id, "registered_to", asset, asset.note))
        yield Found(
            query=query,
            entity_id=asset.entity_id,
            relation=asset.relation or Relation.HOSTING,
            artefact_kind=Kind.ASN if prefix.asn else Kind.IP,
            artefact_value=prefix.asn or asset.value,
            method="longest_prefix",
            score=1.0 if not outside else 0.7,
            decision="probable" if outside else "confirmed",
            features={"range": span},
            question=_question(query, prefix) if outside else None,
            valid_from=prefix.valid_from,
            valid_to=prefix.valid_to,
            choice=choice,
            hops=tuple(steps),
        )


def _competing(query: Query, covering: Sequence[Prefix], leading: Mapping[int, Asset]) -> list[Prefix]:
    """The ranges that can say who operates an address, most specific first.

    Among announced ranges the longest wins, even if we do not know who announces it: then the wider one of a known AS
    says nothing. It leaves an asset's own range alone: a provider that publishes its ranges may have others announce
    them. Where a range is registered never counts.
    """
    routed, _ = alternatives(query, [prefix for prefix in covering if prefix.asset_id is None and prefix.asn])
    seen = {id(prefix) for prefix in routed}
    return [prefix for prefix in covering if id(prefix) in leading and (prefix.asset_id or id(prefix) in seen)]


def _asset(kb: KnowledgeBase, prefix: Prefix) -> Asset | None:
    if prefix.asset_id is not None:
        return kb.asset(prefix.asset_id)
    if prefix.asn is None:
        return None
    return next((asset for asset in kb.assets("asn", [prefix.asn]) if asset.entity_id), None)


def _question(query: Query, prefix: Prefix) -> str:
    return (
        f"Our table of announced prefixes is of {prefix.valid_from}; the traffic is of {query.first_day}. "
        f"Who announced {prefix.first}-{prefix.last} then?"
    )
