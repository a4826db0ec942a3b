"""Of holders on several lists, whose list asks most: the reached entity takes that requirement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.kb.ownership.holders import programmes_of
from beholden.schema.vocabulary import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.ownership.holders import Counted
    from beholden.schema.rows import OwnershipRule

_ORDER = [Effect.PROHIBIT, Effect.LICENCE, Effect.CONDITIONS, Effect.REPORT]


@dataclass(frozen=True, slots=True)
class Strictest:
    """The list whose requirement counts.

    Attributes:
        regime_id: The list.
        holders: Those of the holders that are on it.
        why: One sentence.
    """

    regime_id: str
    holders: tuple[str, ...]
    why: str


def strictest(kb: KnowledgeBase, rule: OwnershipRule, held: Iterable[Counted]) -> Strictest | None:
    """The list that asks most, where holders of several lists count under one rule.

    What an entry asks beyond its list (its own licence requirement and policy) is not in the base: between equal lists
    the rule's own comes first, and the sentence says that the entries decide.
    """
    order = list(programmes_of(rule))
    lists: dict[str, set[str]] = {}
    for one in held:
        if one.regime_id is not None and one.is_sure:
            lists.setdefault(one.regime_id, set()).add(one.entity_id)
    if len(lists) < 2:
        return None
    asks = {regime_id: _worst(kb, rule, regime_id) for regime_id in lists}
    ranked = sorted(lists, key=lambda one: (asks[one][0], order.index(one)))
    first, second = ranked[0], ranked[1]
    if asks[first][0] < asks[second][0]:
        why = f"{asks[first][1]} ({first}) outranks {asks[second][1]} ({second})"
    else:
        equal = [one for one in ranked if asks[one][0] == asks[first][0]]
        why = f"{' and '.join(equal)} ask the same, {asks[first][1]}; what each entry asks is to be read there"
    return Strictest(first, tuple(sorted(lists[first])), why)


def _worst(kb: KnowledgeBase, rule: OwnershipRule, regime_id: str) -> tuple[int, str]:
    """Rank and word of the strictest effect that a list has through this rule.

    A list that the rule adds in part only, by programmes, has under it what the rule's own list asks: what else is
    keyed to it (the blocking of OFAC) reaches by a rule of its own.
    """
    is_whole = regime_id == rule.regime_id or not programmes_of(rule).get(regime_id)
    rows = kb.consequences.get(regime_id if is_whole else rule.regime_id, ())
    effects = [Effect(row.effect) for row in rows if row.effect]
    rank = min((_ORDER.index(effect) for effect in effects), default=len(_ORDER))
    return rank, str(_ORDER[rank]) if rank < len(_ORDER) else "nothing that is known"
