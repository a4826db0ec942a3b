"""The id of a finding, and the ids it had while a party of it went by another id."""

from __future__ import annotations

import hashlib
import json
from itertools import islice, product
from typing import TYPE_CHECKING

from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.kb.base import KnowledgeBase

MOST_PREVIOUS = 64


def finding_id(key: tuple[str, str, str, str], listed_id: str, regime: str) -> str:
    """A stable id: never of date, location or knowledge base."""
    kind, value, relation, operator = key
    shown = normalise(value) if kind == "name" else value
    text = json.dumps([kind, shown, relation, operator, listed_id, regime], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def previous_ids(kb: KnowledgeBase, key: tuple[str, str, str, str], listed_id: str, regime: str) -> list[str]:
    """The ids that a finding had, or would have had, under the other ids of its operator and listed party.

    Waivers, baselines and comparisons that were written before two ids were found to mean one party go by them.

    Returns:
        At most `MOST_PREVIOUS`, in the order of the ids of the parties; empty where nothing was merged.
    """
    kind, value, relation, operator_id = key
    operators, listed = (operator_id, *kb.referents(operator_id)), (listed_id, *kb.referents(listed_id))
    if len(operators) == len(listed) == 1:
        return []
    parties = islice(_parties(operators, listed), 1, MOST_PREVIOUS + 1)  # the first are the present ids
    return [finding_id((kind, value, relation, operator), party, regime) for operator, party in parties]


def _parties(operators: tuple[str, ...], listed: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if operators != listed:
        yield from product(operators, listed)
        return
    # A listed operator was both under one id, before anything else.
    yield from zip(operators, operators, strict=True)
    yield from ((one, other) for one, other in product(operators, operators) if one != other)
