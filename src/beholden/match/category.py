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
        assets = kb.assets(Kind.CATEGORY, sorted({word for query in asked for word in _words(query.value)}))
        known = {asset.value for asset in assets}
        found = []
        for query in asked:
            category = next((word for word in _words(query.value) if word in known), None)
            for asset in assets:
                entity = kb.entity(asset.entity_id) if asset.entity_id else None
                if asset.value != category or entity is None:
                    continue
                found.append(
                    Found(
                        query=query,
                        entity_id=entity.id,
                        relation=query.relation or asset.relation or Relation.HARDWARE,
                        artefact_kind=Kind.CATEGORY,
                        artefact_value=f"{category}/{query.value.partition('/')[2]}",
                        method="category",
                        score=1.0,
                        hops=(hop(query.value, entity.caption, "category_of", asset, asset.note),),
                    )
                )
        return to_batch(found)


def _words(value: str) -> tuple[str, ...]:
    """The category as it is written, and what it is one of."""
    category = value.partition("/")[0]
    return (category, category[:-1]) if category.endswith("s") else (category,)
