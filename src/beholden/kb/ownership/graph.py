"""Holdings of the base on one day, with what was public: those above an entity, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Ownership


def ancestors(kb: KnowledgeBase, entity_id: str, *, as_of: date, known_at: date | None) -> list[Ownership]:
    """Every stake above an entity that holds on a day, nearest first."""
    edges: list[Ownership] = []
    waiting, seen = [entity_id], {entity_id}
    while waiting:
        following: dict[str, None] = {}
        for edge in kb.owners_of(waiting):
            if edge.stands(as_of, known_at):
                edges.append(edge)
                following.setdefault(edge.held_for)
        waiting = [one for one in following if one not in seen]
        seen.update(waiting)
    return edges


def standing(kb: KnowledgeBase, *, as_of: date, known_at: date | None) -> list[Ownership]:
    """Every stake of the base that holds on a day."""
    return [row for row in kb.ownership() if row.stands(as_of, known_at)]


def undated(kb: KnowledgeBase, rows: Iterable[Ownership]) -> frozenset[str]:
    """Ids of stakes without a source, or without any date: their own, their publication's or their source's.

    Nobody can say on which day such a stake holds: it may count, and never counts for sure.
    """
    dated: dict[str, bool] = {}

    def is_dated(source_id: str) -> bool:
        if source_id not in dated:
            source = kb.source(source_id)
            dated[source_id] = source is not None and source.date is not None
        return dated[source_id]

    return frozenset(
        row.id
        for row in rows
        if row.source_id is None
        or ((row.valid_from or row.valid_to or row.published_at) is None and not is_dated(row.source_id))
    )
