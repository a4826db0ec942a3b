"""Which entity is meant: by id, identifier or name; never a silent pick."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from beholden.errors import LookupFailedError
from beholden.kb.layer import tokens_of
from beholden.schema.rows import Name
from beholden.schema.vocabulary import Kind
from beholden.values.names import bracketed, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from beholden.kb.base import KnowledgeBase
    from beholden.match.interface import Found
    from beholden.schema.rows import Entity, Identifier


def entity_called(kb: KnowledgeBase, asked: str) -> Entity:
    """The one entity with this id, identifier or name; an id under which it was published elsewhere will do.

    Raises:
        LookupFailedError: Nothing has it, or several entities do; the message lists the candidates.
    """
    entity = kb.entity(kb.canonical(asked))
    if entity is not None:
        return entity
    ids = _meant(kb, asked)
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


def _meant(kb: KnowledgeBase, asked: str) -> set[str]:
    """Who is meant by an identifier or a name, as far as what was asked tells.

    What names one party goes before what several may share: numbers, legal names, other names and brands, then weak
    aliases and tickers (BYD is a car maker, and the ticker of a casino). Of equal ones, the name that is printed just
    as it was asked.
    """
    numbers = kb.identified(asked)
    names = kb.named([normalise(asked)])
    tiers: list[Sequence[Identifier | Name]] = [
        [row for row in numbers if row.kind != "ticker"],
        [row for row in names if row.kind == "legal"],
        [row for row in names if row.kind != "weak"],
        [*names, *numbers],
    ]
    rows = next((tier for tier in tiers if tier), [])
    printed = {row.entity_id for row in rows if isinstance(row, Name) and _as_asked(row.name) == _as_asked(asked)}
    found = printed if len(printed) == 1 else {row.entity_id for row in rows}
    return found or _with_id_alike(kb, asked) or _before_brackets(kb, asked)


def _before_brackets(kb: KnowledgeBase, asked: str) -> set[str]:
    """Who is meant by a name as lists print it, with a short or former one in brackets behind it."""
    if bracketed(asked) is None:
        return set()
    return {found.entity_id for found in _found(kb, asked) if found.decision == "confirmed"}


def _found(kb: KnowledgeBase, asked: str, **threshold: float) -> Iterator[Found]:
    # They take 50 ms to load, and only a name that nobody has needs them here.
    from beholden.match.interface import Query
    from beholden.match.name import find

    return find(kb, Query(Kind.NAME, asked, None, asked, None, None), **threshold)


def _with_id_alike(kb: KnowledgeBase, asked: str) -> set[str]:
    """Who has what was asked as its id, in small letters: an id of the packs is a short name."""
    entity = kb.entity("-".join(asked.casefold().split()))
    return set() if entity is None else {entity.id}


def others_called(kb: KnowledgeBase, asked: str, meant: Entity) -> list[str]:
    """Ids of those who have what was asked as well, and were not taken for meant: nobody is picked in silence."""
    if asked in (meant.id, *kb.referents(meant.id)):
        return []
    rows: list[Identifier | Name] = [*kb.identified(asked), *kb.named([normalise(asked)])]
    return sorted(({row.entity_id for row in rows} | _with_id_alike(kb, asked)) - {meant.id})


def _as_asked(name: str) -> str:
    return " ".join(name.split()).casefold()


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
    near = list(dict.fromkeys(found.entity_id for found in _found(kb, asked, threshold=0.6)))[:10]
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
