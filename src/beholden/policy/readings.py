"""A printed name that several entries have: where each of them leads to one rule, the level does not wait for which.

Nothing is joined here, and nobody is picked: each entry keeps its own finding. A name that somebody on no list has as
well stays a question, and so does one that may be of two persons: such a name is common.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from beholden.kb.identity import born_alike, sort_told
from beholden.kb.ownership import Coverage
from beholden.policy.facts import excepted
from beholden.schema.vocabulary import ListingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.listing import ListingState
    from beholden.policy.exposure import Exposure
    from beholden.policy.facts import Excepted
    from beholden.policy.reach import Behind, Holding
    from beholden.policy.situation import Situation
    from beholden.policy.terms import Terms
    from beholden.schema.rows import Consequence, Entity

# Behind the end of our copy, or of what was public, a listing goes on as it was last known.
_GOES_ON = ("after_our_copy", "after_known_at")


def readings(situation: Situation, consequence: Consequence, terms: Terms) -> tuple[str, ...]:
    """Who may be meant by the name of an artefact, where a rule reaches it on a day whoever it is.

    A reading either leads to the rule by itself and comes out alike, or stands on another list that day and may be a
    party that does: more lists that print one party never make a level less sure. Who is or was on the rule's own list
    and is not reached is a reading of its own, whoever else it may be.

    Args:
        situation: Of one of those who have the name.
        consequence: The rule.
        terms: Of what is judged; their day is the one asked about, else the as-of date.

    Returns:
        Ids of the operator and the others, in order; empty where who is meant matters, or the match is open otherwise.
    """
    exposure = situation.exposure
    if not exposure.namesakes:
        return ()
    day = terms.day or situation.as_of
    identities = situation.kb.identities
    ids = {exposure.operator_id, *exposure.namesakes}
    rows = situation.kb.entities_with(ids)
    holders = [rows[one] for one in sorted(rows)]
    if rows.keys() != ids or not _is_of_one_sort(situation, holders):
        return ()
    reached = [one for one in holders if _is_reached(situation, consequence, one, terms, day)]
    if all(one.id != exposure.operator_id for one in reached):
        return ()
    others = [one for one in holders if one not in reached]
    if not all(_may_be_behind(situation, consequence, one, reached, terms, day) for one in others):
        return ()
    # Two entries that are two parties cannot both print the one that is reached.
    if not all(identities.is_plausibly_one(one, other) for one, other in combinations(others, 2)):
        return ()
    return tuple(one.id for one in holders)


def settle(kb: KnowledgeBase, exposures: Iterable[Exposure]) -> None:
    """Where an answer says who of a name is meant, take out those of the name that cannot be that party.

    Who may be the same party under another number stays as it was, and so does whoever has an answer of its own.
    """
    groups: dict[tuple[str, str, str], list[Exposure]] = defaultdict(list)
    for exposure in exposures:
        if exposure.identity is not None and exposure.of_one_name:
            groups[exposure.printed].append(exposure)
    for group in groups.values():
        meant = [one for one in group if one.identity is not None and one.identity.is_covered]
        rows = kb.entities_with([one.operator_id for one in group]) if meant else {}
        for exposure in group if meant else ():
            fact, entity = exposure.identity, rows.get(exposure.operator_id)
            if fact is None or fact.is_covered is not None or entity is None:
                continue
            parties = {one.operator_id: one.identity for one in meant if one.operator_id in exposure.of_one_name}
            if not parties or any(
                one not in rows or kb.identities.is_plausibly_one(entity, rows[one]) for one in parties
            ):
                continue
            party, said = next(iter(sorted(parties.items())))
            source = said.asked.source if said is not None else ""
            because = f"the name means {rows[party].caption} ({party}), says {source}"
            exposure.identity = replace(fact, is_covered=False, because=because)


def lists_of(situation: Situation, entity_id: str, day: date) -> tuple[str, ...]:
    """Lists on which a party surely stands on a day, as far as it was known, in order."""
    regimes = {row.regime_id for row in situation.kb.designations(entity_id) if row.is_known(situation.known_at)}
    states = {one: situation.reach.state(situation.kb.regimes[one], entity_id, day) for one in regimes}
    return tuple(sorted(one for one, state in states.items() if _is_sure(state)))


def _is_sure(state: ListingState) -> bool:
    """Whether a party is on a list: nothing leaves it open, and the entry means this party."""
    is_listed = state.status is ListingStatus.LISTED or (
        state.effective is ListingStatus.LISTED and state.reason in _GOES_ON
    )
    return is_listed and state.designation is not None and state.designation.certainty == "confirmed"


def _is_of_one_sort(situation: Situation, holders: Sequence[Entity]) -> bool:
    """Whether a name is not that of several persons; a list that does not say what it prints may print one."""
    sorts = {sort_told(one) for one in holders}
    if "person" not in sorts and (None not in sorts or "organisation" in sorts):
        return True
    identities = situation.kb.identities
    return all(
        identities.is_plausibly_one(one, other) and born_alike(one, other) for one, other in combinations(holders, 2)
    )


def _is_reached(situation: Situation, consequence: Consequence, entity: Entity, terms: Terms, day: date) -> bool:
    """Whether a rule surely reaches a party on a day, by an entry of its own or through owners, and comes out alike."""
    reach = situation.reach
    own = reach.holding(situation.exposure.operator_id, situation.behind, consequence, day)
    wanted = _outcome(situation, consequence, own, terms, day)
    for behind in reach.behind(entity.id, day):
        is_of_list = behind.regime.id == consequence.regime_id and behind.placed is None
        if not is_of_list or (consequence.scope_entities and behind.entity_id not in consequence.scope_entities):
            continue
        state = reach.state(behind.regime, behind.entity_id, day)
        # Where an entry goes by the place of production, it may cover the goods of one and not those of another.
        if not _is_sure(state) or (state.designation is not None and state.designation.produced_in):
            continue
        holding = reach.holding(entity.id, behind, consequence, day)
        if holding.coverage is not Coverage.COVERED:
            continue
        if _outcome(_read_as(situation, entity, behind), consequence, holding, terms, day) == wanted:
            return True
    return False


def _may_be_behind(
    situation: Situation,
    consequence: Consequence,
    entity: Entity,
    reached: Sequence[Entity],
    terms: Terms,
    day: date,
) -> bool:
    """Whether a party that a rule does not reach stands on another list that day and may be one that it reaches."""
    if any(
        row.regime_id == consequence.regime_id and row.is_known(situation.known_at)
        for row in situation.kb.designations(entity.id)
    ):
        return False
    if not lists_of(situation, entity.id, day):
        return False
    if not any(situation.kb.identities.is_plausibly_one(entity, other) for other in reached):
        return False
    # What we hold or concluded under its id would be about the party that is reached.
    same = excepted(_read_as(situation, entity, situation.behind), consequence, terms, day)
    return _told(same) == _told(excepted(situation, consequence, terms, day))


def _read_as(situation: Situation, entity: Entity, behind: Behind) -> Situation:
    """The same artefact, read as another party that has the name."""
    exposure = situation.exposure
    kind, value, relation, _ = exposure.key
    return replace(situation, exposure=replace(exposure, key=(kind, value, relation, entity.id)), behind=behind)


def _outcome(situation: Situation, consequence: Consequence, holding: Holding, terms: Terms, day: date) -> object:
    """How a rule stands for a reading, that of its ownership rule included, and how its exceptions come out."""
    stands = holding.limit(situation.standing(consequence, situation.behind, day))
    return stands.status, stands.by_text, _told(excepted(situation, consequence, terms, day))


def _told(found: Excepted) -> object:
    states = {name: status for name, (status, _) in found.states.items()}
    return found.by, states, [item.is_covered for item in found.facts]
