"""Package or model name → longest reviewed namespace → whoever publishes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.kb.precedence import alternatives
from beholden.match.interface import Found, Query, hop, queries, to_batch
from beholden.schema.vocabulary import Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Asset

_MAX_LENGTH = 300


class PackageMatcher:
    """The longest reviewed namespace or package decides, also that it is *not* the vendor's."""

    name = "package"
    kinds = frozenset({Kind.PURL, Kind.MODEL})

    def match(self, kb: KnowledgeBase, batch: pa.RecordBatch) -> pa.RecordBatch:
        """See `Matcher.match`."""
        asked = queries(batch, self.kinds)
        found: list[Found] = []
        for kind in sorted(self.kinds):
            some = [query for query in asked if query.kind == kind and len(query.value) <= _MAX_LENGTH]
            wanted = {pattern for query in some for pattern in _patterns(query.value)}
            known: dict[str, list[Asset]] = {}
            for asset in kb.assets(kind, sorted(wanted)):
                known.setdefault(asset.value, []).append(asset)
            found.extend(item for query in some for item in _match(kb, query, known))
        return to_batch(found)


def _patterns(value: str) -> list[str]:
    """Every namespace that could cover a value, most specific first."""
    return [value, *(f"{value[:end]}*" for end in range(len(value), 3, -1))]


def _match(kb: KnowledgeBase, query: Query, known: dict[str, list[Asset]]) -> Iterator[Found]:
    assets = next((known[pattern] for pattern in _patterns(query.value) if pattern in known), None)
    if assets is None:
        return
    nearest, is_held = alternatives(query, assets)
    for choice, asset in enumerate(nearest):
        if asset.entity_id is not None:
            yield _found(kb, query, asset, choice, is_held=is_held)


def _found(kb: KnowledgeBase, query: Query, asset: Asset, choice: int, *, is_held: bool) -> Found:
    entity = kb.entity(asset.entity_id or "")
    name = entity.caption if entity else str(asset.entity_id)
    return Found(
        query=query,
        entity_id=asset.entity_id or "",
        relation=_relation(query, asset),
        artefact_kind=Kind(query.kind),
        artefact_value=query.value,
        method="namespace",
        score=1.0 if is_held else 0.7,
        decision="confirmed" if is_held else "probable",
        features={"namespace": asset.value},
        question=None if is_held else f"Who published under {asset.value} then?",
        valid_from=asset.valid_from,
        valid_to=asset.valid_to,
        choice=choice,
        hops=(hop(query.value, name, "published_by", asset, _namespace_note(query, asset)),),
    )


def _relation(query: Query, asset: Asset) -> str:
    if asset.relation is not None:
        return asset.relation
    return Relation.MODEL_WEIGHTS if query.kind == Kind.MODEL else Relation.CODE_DEPENDENCY


def _namespace_note(query: Query, asset: Asset) -> str | None:
    namespace = None if asset.value == query.value else f"namespace {asset.value}"
    return "; ".join(part for part in (namespace, asset.note) if part) or None
