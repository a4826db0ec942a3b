"""Which entity is meant: by id, identifier or name; never a silent pick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import LookupFailedError
from beholden.match.interface import Query
from beholden.match.name import find
from beholden.schema.vocabulary import Kind
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Entity


def entity_called(kb: KnowledgeBase, asked: str) -> Entity:
    """The one entity with this id, an id that stands for it, identifier or name.

    Raises:
        LookupFailedError: Nothing has it, or several entities do; the message lists the candidates.
    """
    # A party that several publications have is found by the id that each of them gives it.
    entity = kb.entity(asked) or kb.entity(kb.canonical(asked))
    if entity is not None:
        return entity
    ids = {row.entity_id for row in kb.identified(asked)} or {row.entity_id for row in kb.named([normalise(asked)])}
    if len(ids) == 1:
        entity = kb.entity(ids.pop())
        assert entity is not None
        return entity
    if ids:
        raise LookupFailedError(
            f"“{asked}” is a name of several entities:\n{_listed(kb, sorted(ids))}",
            code="show.ambiguous",
            hint="ask with one of the ids",
        )
    query = Query(Kind.NAME, asked, None, asked, None, None)
    near = list(dict.fromkeys(found.entity_id for found in find(kb, query, threshold=0.6)))[:10]
    if near:
        raise LookupFailedError(
            f"nothing is called “{asked}”; the nearest names:\n{_listed(kb, near)}",
            code="show.not-found",
            hint="ask with one of the ids",
        )
    raise LookupFailedError(f"nothing in the base is called “{asked}”", code="show.not-found")


def _listed(kb: KnowledgeBase, ids: Iterable[str]) -> str:
    rows = [kb.entity(entity_id) for entity_id in ids]
    return "\n".join(f"  {row.id}: {row.caption}" for row in rows if row is not None)
