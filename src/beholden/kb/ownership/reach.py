"""`reach`: whom an ownership rule reaches on a day, over the whole base or among the owners of one entity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from beholden.kb.law import ownership_rule_state
from beholden.kb.listing import listing_state
from beholden.kb.ownership.graph import ancestors, standing, undated
from beholden.kb.ownership.holders import Counted, counted, is_domestic, place_of, programmes_of
from beholden.kb.ownership.outcome import Outcome
from beholden.kb.ownership.rules import Coverage, test_of
from beholden.kb.ownership.stakes import Stakes
from beholden.kb.ownership.strictest import Strictest, strictest
from beholden.schema.vocabulary import ConsequenceStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from decimal import Decimal

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.law import ConsequenceState
    from beholden.kb.listing import ListingState
    from beholden.kb.ownership.holders import States
    from beholden.kb.ownership.outcome import Reached
    from beholden.kb.ownership.stakes import Held
    from beholden.schema.rows import Entity, Ownership, OwnershipRule, Regime

# Holdings from which on columns are faster than the time that it takes to load numpy.
BULK = 100_000
_NEVER = (ConsequenceStatus.NOT_IN_FORCE, ConsequenceStatus.ENDED)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a rule covers one entity, and on what that rests.

    Attributes:
        coverage: Covered, not covered or unknown.
        status: Standing of the rule itself, where it has one; where it is suspended or unknown, coverage is what its
            text would give.
        low: Sum of the lower bounds of the stakes that count, percent; None: no stake counts.
        high: Sum of the upper bounds.
        stakes: The direct stakes that it rests on.
        path: A shortest line of stakes up to a holder that counts by itself.
        counted: The listings or the place by which the entity counts without its owners.
        question: What would settle an unknown that is not a share.
        note: Why a sum that meets the test does not cover.
        state: The sum as it was made.
    """

    coverage: Coverage
    status: ConsequenceState | None
    low: Decimal | None = None
    high: Decimal | None = None
    stakes: tuple[Ownership, ...] = ()
    path: tuple[Ownership, ...] = ()
    counted: tuple[Counted, ...] = ()
    question: str | None = None
    note: str | None = None
    state: Reached | None = None


class Reach:
    """What `reach` found; entities that count by themselves are holders, the others are reached through shares."""

    def __init__(
        self,
        kb: KnowledgeBase,
        rule: OwnershipRule,
        holders: dict[str, tuple[Counted, ...]],
        outcome: Outcome | None,
        status: ConsequenceState | None,
    ) -> None:
        self._kb = kb
        self.rule = rule
        self.holders = holders
        self.status = status
        self._outcome = outcome

    @cached_property
    def covered(self) -> frozenset[str]:
        """Entities that the rule covers through their owners."""
        return frozenset(one for one, state in self._states.items() if state is Coverage.COVERED)

    @cached_property
    def possible(self) -> frozenset[str]:
        """Entities of which it is not known whether the rule covers them through their owners."""
        return frozenset(one for one, state in self._states.items() if state is Coverage.UNKNOWN)

    @cached_property
    def _states(self) -> dict[str, Coverage]:
        """What `coverage` says of each entity that is reached through shares, without the stakes."""
        if self._outcome is None:
            return {}
        states = dict.fromkeys(self._outcome.possible, Coverage.UNKNOWN)
        states |= dict.fromkeys(self._outcome.covered, Coverage.COVERED)
        if self.rule.foreign_only:
            entities = self._kb.entities_with(states)
            states = {one: self._foreign(one, entities.get(one), state) for one, state in states.items()}
        return states

    def _foreign(self, entity_id: str, entity: Entity | None, state: Coverage) -> Coverage:
        """What a rule for foreign entities makes of what shares make of an entity."""
        if entity is not None and is_domestic(self._kb, self.rule, entity):
            # Of a holder that may count by itself it is not known, whatever its owners do.
            return Coverage.UNKNOWN if entity_id in self.holders else Coverage.NOT_COVERED
        return state if _has_place(entity) else Coverage.UNKNOWN

    def of(self, entity_id: str) -> Reached | None:
        """The sum of an entity's owners; None: it does not meet the test, or the rule is not there."""
        return None if self._outcome is None else self._outcome.of(entity_id)

    def stakes(self, entity_id: str) -> tuple[Ownership, ...]:
        """Direct stakes that the answer about an entity rests on."""
        return () if self._outcome is None else self._outcome.stakes(entity_id)

    def is_sure(self, row: Ownership) -> bool:
        """Whether a stake counts in the lower bound."""
        return self._outcome is not None and self._outcome.is_sure(row)

    def paths(self, entity_id: str) -> list[tuple[Ownership, ...]]:
        """A shortest line of stakes up to each holder that counts by itself, nearest stake first."""
        return [] if self._outcome is None else self._outcome.paths(entity_id)

    def line(self, entity_id: str, holder_id: str) -> tuple[Ownership, ...]:
        """A shortest line of stakes up to one holder; empty: none leads there."""
        return () if self._outcome is None else self._outcome.line(entity_id, holder_id)

    def coverage(self, entity_id: str) -> Answer:
        """Whether the rule covers an entity, by itself or through its owners."""
        own = self.holders.get(entity_id, ())
        if any(one.is_sure for one in own):
            return Answer(Coverage.COVERED, self.status, counted=own)
        answer = self.through(entity_id)
        if own and answer.coverage is Coverage.NOT_COVERED:
            return replace(answer, coverage=Coverage.UNKNOWN, counted=own, question=own[0].question)
        return replace(answer, counted=own)

    def through(self, entity_id: str) -> Answer:
        """Whether the rule covers an entity through its owners."""
        state = None if self._outcome is None else self._outcome.sum(entity_id)
        if state is None:
            return Answer(Coverage.NOT_COVERED, self.status)
        paths = self.paths(entity_id)
        answer = Answer(
            state.coverage, self.status, state.low, state.high, state.stakes, paths[0] if paths else (), state=state
        )
        if state.coverage is Coverage.NOT_COVERED:
            return answer
        entity = self._kb.entity(entity_id)
        name = entity.caption if entity else entity_id
        if entity is not None and is_domestic(self._kb, self.rule, entity):
            country = self._kb.regimes[self.rule.regime_id].jurisdiction
            note = f"The rule reaches foreign entities only; {name} is organised in {country}."
            return replace(answer, coverage=Coverage.NOT_COVERED, note=note)
        if self.rule.foreign_only and not _has_place(entity):
            return replace(answer, coverage=Coverage.UNKNOWN, question=f"Where is {name} incorporated?")
        if state.coverage is Coverage.UNKNOWN:
            return replace(answer, question=next((one.question for one in self._open(entity_id)), None))
        return answer

    def _open(self, entity_id: str) -> list[Counted]:
        """Holders above an entity of which it is not known whether they count."""
        tops = {path[-1].held_for for path in self.paths(entity_id)}
        return [one for top in sorted(tops) for one in self.holders.get(top, ()) if not one.is_sure]

    def strictest(self, entity_id: str) -> Strictest | None:
        """Of the lists that the holders above an entity are on, the one that asks most; None: there is only one."""
        tops = {path[-1].held_for for path in self.paths(entity_id)}
        return strictest(self._kb, self.rule, [one for top in sorted(tops) for one in self.holders.get(top, ())])


def _has_place(entity: Entity | None) -> bool:
    return entity is not None and bool(entity.jurisdictions)


def reach(kb: KnowledgeBase, rule: OwnershipRule, as_of: date, known_at: date | None = None) -> Reach:
    """Whom a rule reaches on a day, over every holding of the base.

    An owner that an entry may mean by its name alone is not looked for here, as `coverage` does: that would ask for
    every name of every list.

    Args:
        kb: Knowledge base.
        rule: The ownership rule; `rule_of` gives that of a consequence that names a test of its own.
        as_of: The day.
        known_at: What was public by this day; None for everything we hold.
    """
    listed = {
        row.entity_id for regime_id in programmes_of(rule) for row in kb.designations_under(regime_id) if row.entity_id
    }
    placed = {one.id for one in kb.entities() if place_of(kb, rule, one)} if rule.places else set()
    return _reach(
        kb, rule, lambda: _held(kb, as_of=as_of, known_at=known_at), listed | placed, as_of=as_of, known_at=known_at
    )


def _held(kb: KnowledgeBase, *, as_of: date, known_at: date | None) -> Held:
    """The holdings of a day: in columns where there are many of them and numpy is installed, with the same answers."""
    if kb.ownership_count() >= BULK:
        from beholden.kb.ownership.columns import ColumnStakes

        return ColumnStakes(kb, as_of=as_of, known_at=known_at)
    rows = standing(kb, as_of=as_of, known_at=known_at)
    return Stakes.of(rows, undated(kb, rows))


def coverage(
    kb: KnowledgeBase, entity_id: str, rule: OwnershipRule, as_of: date, known_at: date | None = None
) -> Answer:
    """Whether a rule covers one entity on a day, with the path and the stakes; reads only what is above it."""
    rows = ancestors(kb, entity_id, as_of=as_of, known_at=known_at)
    parties = {entity_id, *(row.held_for for row in rows)}
    found = _reach(kb, rule, lambda: Stakes.of(rows, undated(kb, rows)), parties, as_of=as_of, known_at=known_at)
    return found.coverage(entity_id)


def _reach(
    kb: KnowledgeBase,
    rule: OwnershipRule,
    stakes: Callable[[], Held],
    parties: Iterable[str],
    *,
    as_of: date,
    known_at: date | None,
) -> Reach:
    def states(regime: Regime, entity_id: str, day: date) -> ListingState:
        return listing_state(kb, regime, entity_id, as_of=day, known_at=known_at)

    status = ownership_rule_state(kb, rule, as_of=as_of, known_at=known_at)
    holders = holders_among(kb, rule, parties, as_of, known_at, states)
    if test_of(rule) is None or status.status in _NEVER:
        # Whom the list names is named whatever becomes of the ownership rule; a place counts by that rule only.
        named = {one: tuple(why for why in held if why.place is None) for one, held in holders.items()}
        return Reach(kb, rule, {one: held for one, held in named.items() if held}, None, status)
    return reach_among(kb, rule, stakes(), holders, status)


def holders_among(
    kb: KnowledgeBase,
    rule: OwnershipRule,
    parties: Iterable[str],
    as_of: date,
    known_at: date | None,
    states: States,
    supposed: str | None = None,
) -> dict[str, tuple[Counted, ...]]:
    """Those of some parties that count as holders by themselves, and why; see `counted`."""
    found = {one: tuple(counted(kb, rule, one, as_of, known_at, states, supposed)) for one in sorted(parties)}
    return {one: held for one, held in found.items() if held}


def reach_among(
    kb: KnowledgeBase,
    rule: OwnershipRule,
    stakes: Held,
    holders: dict[str, tuple[Counted, ...]],
    status: ConsequenceState | None = None,
) -> Reach:
    """Whom holders reach through given stakes, whatever the standing of the rule is."""
    test = test_of(rule)
    assert test is not None
    sure = {one for one, held in holders.items() if any(why.is_sure for why in held)}
    return Reach(kb, rule, holders, Outcome(stakes, test, sure, holders.keys() - sure), status)
