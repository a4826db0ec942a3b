"""A printed name that several entries have: where each of them leads to one rule, the level does not wait for which.

Nothing is joined here, and nobody is picked: each entry keeps its own finding. A name that somebody on no list has as
well stays a question, and so does that of two persons: such a name is common.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from beholden.kb.identity import sort_of
from beholden.kb.ownership import Coverage
from beholden.schema.vocabulary import ListingStatus

if TYPE_CHECKING:
    from datetime import date

    from beholden.policy.situation import Situation
    from beholden.schema.rows import Consequence, Entity


def readings(situation: Situation, consequence: Consequence, day: date) -> tuple[str, ...]:
    """Who may be meant by the name of an artefact, where a rule reaches it on a day whoever it is.

    A reading either leads to the rule by itself, or is an entry of another list that may print a party that does: more
    lists that print one party never make a level less sure.

    Returns:
        Ids of the operator and the others, in order; empty where who is meant matters, or the match is open otherwise.
    """
    exposure = situation.exposure
    if not exposure.namesakes:
        return ()
    identities = situation.kb.identities
    rows = situation.kb.entities_with((exposure.operator_id, *exposure.namesakes))
    holders = [rows[one] for one in sorted(rows)]
    reached = [one for one in holders if _is_reached(situation, consequence, one, day)]
    others = [one for one in holders if one not in reached]
    if all(one.id != exposure.operator_id for one in reached):
        return ()
    if not all(situation.kb.designations(one.id) for one in others):
        return ()
    if not all(any(identities.is_plausibly_one(one, other) for other in reached) for one in others):
        return ()
    # Two entries that are two parties cannot both print the one that is reached; a name of two persons is common.
    persons = [one for one in holders if sort_of(one.schema) == "person"]
    for group in (others, persons):
        if not all(identities.is_plausibly_one(one, other) for one, other in combinations(group, 2)):
            return ()
    return tuple(one.id for one in holders)


def _is_reached(situation: Situation, consequence: Consequence, entity: Entity, day: date) -> bool:
    """Whether a rule surely reaches a party on a day: by an entry of its own, or through owners."""
    reach = situation.reach
    for behind in reach.behind(entity.id, day):
        is_of_list = behind.regime.id == consequence.regime_id and behind.placed is None
        if not is_of_list or (consequence.scope_entities and behind.entity_id not in consequence.scope_entities):
            continue
        state = reach.state(behind.regime, behind.entity_id, day)
        is_sure = state.designation is not None and state.designation.certainty == "confirmed"
        if state.effective is not ListingStatus.LISTED or not is_sure:
            continue
        if situation.standing(consequence, behind, day) != situation.standing(consequence, situation.behind, day):
            continue
        if reach.holding(entity.id, behind, consequence, day).coverage is Coverage.COVERED:
            return True
    return False
