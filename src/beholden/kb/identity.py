"""Which ids may mean one party, and which parties share a name that nobody has decided about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beholden.kb.base import KnowledgeBase

# Kinds of names by which a party can be meant; a brand or a weak alias is shared by many.
MEANT_BY = frozenset({"legal", "alias", "former"})
# Numberings in which one party may stand several times under different ids.
REPEATING = frozenset({"bods", "csl", "ftm", "in_house"})
_THINGS = {"Vessel": "vessel", "Airplane": "aircraft", "Person": "person"}


def sort_of(schema: str) -> str:
    """What a party is, as far as it tells two apart: a person, a vessel, an aircraft, or an organisation."""
    return _THINGS.get(schema, "organisation")


def numbering(entity_id: str) -> str:
    """How a party is numbered: `ofac` of `ofac:36`; empty: by the packs."""
    return entity_id.partition(":")[0] if ":" in entity_id else ""


def namesakes(kb: KnowledgeBase, entity_id: str) -> tuple[str, ...]:
    """Parties of which nobody can say yet whether they are this one: a name in common, or a question left open.

    Not those that one numbering, a person or a number keeps apart, and not a person and a company.

    Returns:
        Their ids, in order.
    """
    entity = kb.entity(entity_id)
    if entity is None:
        return ()
    norms = sorted({row.norm for row in kb.names(entity_id) if row.kind in MEANT_BY and row.norm})
    found = {row.entity_id for row in kb.named(norms) if row.kind in MEANT_BY} - {entity_id}
    own = numbering(entity_id)
    if own not in REPEATING:
        found = {other for other in found if numbering(other) != own}
    found |= kb.may_also_be(entity_id)
    if not found:
        return ()
    others = kb.entities_with(sorted(found - kb.kept_apart_from(entity_id)))
    return tuple(sorted(other.id for other in others.values() if sort_of(other.schema) == sort_of(entity.schema)))
