"""IP address → longest announced prefix → AS → operator, valid when the traffic was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.kb.precedence import Candidate, deciding, is_outside
from beholden.match.interface import Found, Query, hop, queries, to_batch
from beholden.schema.vocabulary import Kind, Relation
from beholden.values.address import pack

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    candidates = [Candidate(prefix, _asset(kb, prefix)) for prefix in covering]
    for choice, candidate in enumerate(deciding(query, candidates)):
        prefix, asset = candidate.prefix, candidate.asset
        if asset is None or asset.entity_id is None:
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


def _asset(kb: KnowledgeBase, prefix: Prefix) -> Asset | None:
    """The asset that a range is itself, or the AS with a known operator that announces it."""
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
