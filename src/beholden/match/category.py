"""Category of a product → the category entries of lists, which name what is covered instead of a party."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.match.interface import Found, hop, queries, to_batch
from beholden.schema.vocabulary import Kind, Relation

if TYPE_CHECKING:
    import pyarrow as pa

    from beholden.kb.base import KnowledgeBase


class CategoryMatcher:
    """The category that a record states is the one that an entry is about; where it is produced is asked later."""

    name = "category"
    kinds = frozenset({Kind.CATEGORY})

    def match(self, kb: KnowledgeBase, batch: pa.RecordBatch) -> pa.RecordBatch:
        """See `Matcher.match`."""
        asked = queries(batch, self.kinds)
        # `category/product`: the category is what entries are about, the product is what we have.
        assets = kb.assets(Kind.CATEGORY, sorted({_category(query.value) for query in asked}))
        found = []
        for query in asked:
            for asset in assets:
                entity = kb.entity(asset.entity_id) if asset.entity_id else None
                if asset.value != _category(query.value) or entity is None:
                    continue
                found.append(
                    Found(
                        query=query,
                        entity_id=entity.id,
                        relation=query.relation or asset.relation or Relation.HARDWARE,
                        artefact_kind=Kind.CATEGORY,
                        artefact_value=query.value,
                        method="category",
                        score=1.0,
                        hops=(hop(query.value, entity.caption, "category_of", asset, asset.note),),
                    )
                )
        return to_batch(found)


def _category(value: str) -> str:
    return value.partition("/")[0]
