"""Which entity is meant: by id, identifier or name; never a silent pick."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from beholden.errors import LookupFailedError
from beholden.kb.layer import tokens_of
from beholden.schema.vocabulary import Kind
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Entity, Identifier, Name


def entity_called(kb: KnowledgeBase, asked: str) -> Entity:
    """The one entity with this id, identifier or name; an id under which it was published elsewhere will do.

    Raises:
        LookupFailedError: Nothing has it, or several entities do; the message lists the candidates.
    """
    entity = kb.entity(kb.canonical(asked))
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
    raise _nothing(kb, asked)


def parties_called(kb: KnowledgeBase, asked: str) -> list[str]:
    """Ids of all entities with this id, identifier or name, else of those that have all its words in a name.

    Raises:
        LookupFailedError: There is none; the message lists the nearest.
    """
    entity = kb.entity(kb.canonical(asked))
    if entity is not None:
        return [entity.id]
    norm = normalise(asked)
    found: Sequence[Identifier | Name] = kb.identified(asked) or kb.named([norm])
    if not found:
        words = tokens_of(norm)
        shared = Counter(kb.norms_with(words))
        found = kb.named(one for one, count in shared.items() if count >= len(words))
    if not found:
        raise _nothing(kb, asked)
    return sorted({row.entity_id for row in found})


def _nothing(kb: KnowledgeBase, asked: str) -> LookupFailedError:
    # They take 50 ms to load, and only a name that nobody has needs them here.
    from beholden.match.interface import Query
    from beholden.match.name import find

    query = Query(Kind.NAME, asked, None, asked, None, None)
    near = list(dict.fromkeys(found.entity_id for found in find(kb, query, threshold=0.6)))[:10]
    if near:
        return LookupFailedError(
            f"nothing is called “{asked}”; the nearest names:\n{_listed(kb, near)}",
            code="show.not-found",
            hint="ask with one of the ids",
        )
    return LookupFailedError(f"nothing in the base is called “{asked}”", code="show.not-found")


def _listed(kb: KnowledgeBase, ids: Iterable[str]) -> str:
    rows = [kb.entity(entity_id) for entity_id in ids]
    return "\n".join(f"  {row.id}: {row.caption}" for row in rows if row is not None)
