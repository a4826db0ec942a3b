"""Parties of which nobody can say whether they are on a list: an entry has their name, or a later copy prints them.

They make no finding, and no finding is not an answer about them: the result says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.kb.listing import listing_state
from beholden.kb.ownership.graph import ancestors
from beholden.schema.result import EntityRef, UndecidedListing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from beholden.kb.base import KnowledgeBase


def undecided(
    kb: KnowledgeBase, operators: Iterable[str], *, as_of: date, known_at: date | None
) -> list[UndecidedListing]:
    """Every list on which an operator, or an owner of it, may stand without our being able to say so.

    Args:
        kb: Knowledge base.
        operators: Ids of those who stand behind what was read.
        as_of: The date of the answer.
        known_at: Use only what was public by then; None: everything we hold.

    Returns:
        Sorted by party and list.
    """
    parties: dict[str, str] = {}
    for operator in sorted(set(operators)):
        holders = [edge.held_for for edge in ancestors(kb, operator, as_of=as_of, known_at=known_at)]
        for party in (operator, *holders):
            parties.setdefault(party, operator)
    found = []
    for party in sorted(parties):
        called = (party, *kb.identities.of_one_name(party))
        lists = {row.regime_id for other in called for row in kb.designations(other)}
        for regime_id in sorted(lists):
            state = listing_state(kb, kb.regimes[regime_id], party, as_of=as_of, known_at=known_at)
            # Where something was last known, that makes a finding.
            listed_by = state.listed_by if state.last_known is None else None
            if state.namesakes or listed_by is not None:
                party_row, behind = kb.entity(party), kb.entity(parties[party])
                assert party_row is not None
                assert behind is not None
                entries = [EntityRef.of(entity) for one in state.namesakes if (entity := kb.entity(one)) is not None]
                found.append(
                    UndecidedListing(
                        entity=EntityRef.of(party_row),
                        behind=EntityRef.of(behind),
                        regime=regime_id,
                        entries=entries,
                        listed_by=listed_by.isoformat() if listed_by is not None else None,
                    )
                )
    return found
