"""Whose stakes count from the start: parties of the rule's lists, and parties of places that its text names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.schema.vocabulary import ListingStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.listing import ListingState
    from beholden.schema.rows import Entity, OwnershipRule, Regime

    States = Callable[[Regime, str, date], ListingState]


@dataclass(frozen=True, slots=True)
class Counted:
    """Why an entity counts as a holder by itself.

    Attributes:
        entity_id: The holder.
        regime_id: The list that it is on; None: it counts by its place.
        place: Its place, where the rule's text names that place.
        is_sure: False: whether it counts is not known; it is in the high bound only.
        question: What would settle that.
        is_listed: False: that it is on the list is what the question asks.
    """

    entity_id: str
    regime_id: str | None = None
    place: str | None = None
    is_sure: bool = True
    question: str | None = None
    is_listed: bool = True


def programmes_of(rule: OwnershipRule) -> dict[str, frozenset[str]]:
    """The lists whose parties count under a rule, its own first; and of which programmes, where not all do."""
    found: dict[str, frozenset[str]] = {rule.regime_id: frozenset()}
    for text in rule.lists:
        regime_id, _, programme = text.partition(":")
        found[regime_id] = found.get(regime_id, frozenset()) | frozenset([programme] if programme else [])
    return found


def counted(
    kb: KnowledgeBase,
    rule: OwnershipRule,
    entity_id: str,
    as_of: date,
    known_at: date | None,
    states: States,
    supposed: str | None = None,
) -> Iterator[Counted]:
    """Why an entity counts as a holder under a rule, list by list, then by place.

    Args:
        kb: Knowledge base.
        rule: The ownership rule.
        entity_id: The entity.
        as_of: The day.
        known_at: What was public by this day; None for everything we hold.
        states: Standing of a party on a list on a day.
        supposed: A party that counts as listed where our copies leave it open: it is asked by itself whether it was.
    """
    for regime_id, wanted in programmes_of(rule).items():
        regime = kb.regimes.get(regime_id)
        if regime is None:
            continue
        state = states(regime, entity_id, as_of)
        if state.effective is not ListingStatus.LISTED and not state.is_open:
            for other in meant_by(kb, entity_id, state, regime, as_of, states):
                question = f"Is {name_of(kb, entity_id)} the party that {regime.title} names as {name_of(kb, other)}?"
                yield Counted(entity_id, regime_id, is_sure=False, question=question, is_listed=False)
            continue
        is_open, name = state.is_open and entity_id != supposed, name_of(kb, entity_id)
        if is_open:
            question = f"Was {name} on {regime.title} on {as_of}? Our copies of other days leave it open."
            yield Counted(entity_id, regime_id, is_sure=False, question=question, is_listed=False)
            continue
        if not wanted:
            yield Counted(entity_id, regime_id)
            continue
        told = _programmes(kb, regime, entity_id, as_of, known_at)
        if state.is_open and state.designation is not None:
            told = told or [state.designation.programmes]
        if any(wanted.intersection(tags) for tags in told):
            yield Counted(entity_id, regime_id)
        elif not all(told):
            question = f"Under which programme is {name} on {regime_id}? Only {', '.join(sorted(wanted))} count."
            yield Counted(entity_id, regime_id, is_sure=False, question=question)
    place = place_of(kb, rule, kb.entity(entity_id))
    if place is not None:
        yield Counted(entity_id, place=place)


def meant_by(
    kb: KnowledgeBase, entity_id: str, state: ListingState, regime: Regime, as_of: date, states: States
) -> list[str]:
    """Parties on a list that may be one whose standing there is open, as they have a name of it; in order."""
    if not state.namesakes:
        return []
    plausible = set(kb.identities.meant_by_name(entity_id)).intersection(state.namesakes)
    return [one for one in sorted(plausible) if states(regime, one, as_of).effective is ListingStatus.LISTED]


def name_of(kb: KnowledgeBase, entity_id: str) -> str:
    """What a party is called; its id where the base does not have it."""
    entity = kb.entity(entity_id)
    return entity.caption if entity else entity_id


def _programmes(
    kb: KnowledgeBase, regime: Regime, entity_id: str, as_of: date, known_at: date | None
) -> list[list[str]]:
    """Programme tags of each running entry of a party; past the end of our copy, of its last day."""
    day = as_of if regime.checked_until is None else min(as_of, regime.checked_until)
    running = []
    for row in kb.designations(entity_id):
        ended = row.ended(known_at)
        is_running = row.is_known(known_at) and (row.valid_from is None or row.valid_from <= day)
        if row.regime_id == regime.id and is_running and (ended is None or day < ended):
            running.append(row.programmes)
    return running


def place_of(kb: KnowledgeBase, rule: OwnershipRule, entity: Entity | None) -> str | None:
    """The place by which an entity counts under a rule's own text; never by where a person comes from."""
    if entity is None or entity.schema == "Person" or is_domestic(kb, rule, entity):
        return None
    return next((place for place in entity.jurisdictions if place in rule.places), None)


def is_domestic(kb: KnowledgeBase, rule: OwnershipRule, entity: Entity) -> bool:
    """Whether a rule for foreign entities leaves an entity out because it is organised in the issuer's own country.

    The first of an entity's places is where it is organised; an office at home makes no foreign entity a domestic one.
    """
    regime = kb.regimes.get(rule.regime_id)
    return rule.foreign_only and regime is not None and entity.jurisdictions[:1] == [regime.jurisdiction]
