"""Brand → who makes devices that are sold under it.

A brand may buy from several makers, and neither its hardware addresses nor its name on the case tells which one built a
device. So the maker is a question, never a fact.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from beholden.kb.precedence import is_outside
from beholden.match.interface import Found, hop
from beholden.schema.vocabulary import Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.kb.base import KnowledgeBase

_SCORE = 0.5


def makers_of_brand(kb: KnowledgeBase, found: Found) -> Iterator[Found]:
    """Those whose devices are sold under the brand that a piece of hardware bears, as probable.

    Args:
        kb: Knowledge base; its assets of kind `oem_brand` have the brand's entity as their value.
        found: Hardware of the brand.
    """
    for asset in kb.assets("oem_brand", [found.entity_id]):
        maker = kb.entity(asset.entity_id) if asset.entity_id else None
        if maker is None or is_outside(found.query, asset):
            continue
        brand = kb.entity(found.entity_id)
        name = brand.caption if brand else found.entity_id
        yield replace(
            found,
            entity_id=maker.id,
            relation=Relation.OEM_OF,
            score=_SCORE,
            decision="probable",
            features={**found.features, "brand": name},
            question=f"{name} sells devices made by {maker.caption}, among others: did {maker.caption} make this one? "
            "Its label, FCC ID or firmware tells.",
            valid_from=asset.valid_from,
            valid_to=asset.valid_to,
            hops=(*found.hops, hop(name, maker.caption, "brand_of_devices_made_by", asset, asset.note)),
        )
