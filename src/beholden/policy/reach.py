"""Which parties that a rule counts stand behind an operator: itself, and those above it in the ownership chain."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.kb.law import ConsequenceState, ownership_rule_state
from beholden.kb.listing import ListingState, listing_state
from beholden.kb.ownership import (
    RULES,
    Counted,
    Coverage,
    Stakes,
    Test,
    ancestors,
    holders_among,
    place_of,
    programmes_of,
    reach_among,
    rule_of,
    test_of,
    undated,
)
from beholden.kb.ownership.holders import meant_by, name_of
from beholden.schema.vocabulary import ConsequenceStatus, ListingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.ownership import Reach as Found
    from beholden.kb.ownership import Reached, Rule
    from beholden.schema.rows import Consequence, Designation, Ownership, OwnershipRule, Regime

_NEVER = (ConsequenceStatus.NOT_IN_FORCE, ConsequenceStatus.ENDED)


@dataclass(frozen=True, slots=True)
class Holding:
    """How an ownership test came out for one consequence.

    Attributes:
        coverage: Covered, unknown or not covered.
        rule: The test; None where the rule names parties only, or its test is unknown to us.
        reached: The sum and its stakes.
        line: Stakes from the operator up to the listed party.
        status: Standing of the ownership rule itself, where it has a life of its own.
        question: What would settle it, where it is not the share.
        note: Why a sum that meets the test does not cover.
        found: The whole answer, for the lists of the holders.
    """

    coverage: Coverage
    rule: Rule | None = None
    reached: Reached | None = None
    line: tuple[Ownership, ...] = ()
    status: ConsequenceState | None = None
    question: str | None = None
    note: str | None = None
    found: Found | None = None

    def limit(self, state: ConsequenceState) -> ConsequenceState:
        """A rule's standing for this case: through owners it stands no better than the ownership rule it rests on."""
        own = self.status
        if own is None or own.status is ConsequenceStatus.IN_FORCE or state.status is not ConsequenceStatus.IN_FORCE:
            return state
        return own


@dataclass(frozen=True, slots=True)
class Placed:
    """A party that a rule counts by its place, whether or not it is on the list.

    Attributes:
        place: Where it is organised or has its principal place of business.
        rule: The rule whose text names the place.
    """

    place: str
    rule: OwnershipRule


@dataclass(frozen=True, slots=True)
class Behind:
    """A party behind an operator that a list names, or that a rule counts by its place.

    Attributes:
        entity_id: The party.
        regime: The list.
        line: Stakes from the operator up to it; empty where it is the operator.
        is_direct: Whether the operator itself is the party.
        placed: Set where it counts by its place and not by a listing.
        owner_id: Set where the party is an entry that may mean an owner, by its name: that owner.
    """

    entity_id: str
    regime: Regime
    line: tuple[Ownership, ...]
    is_direct: bool
    placed: Placed | None = None
    owner_id: str | None = None

    @property
    def holder_id(self) -> str:
        """Who holds the stakes: the party, or the owner that it may be."""
        return self.owner_id or self.entity_id


class Reach:
    """Answers for one knowledge base and one pair of clocks; remembers what it was asked."""

    def __init__(self, kb: KnowledgeBase, *, known_at: date | None) -> None:
        self._kb = kb
        self._known_at = known_at
        self._states: dict[tuple[str, str, date], ListingState] = {}
        self._above: dict[tuple[str, date], list[Ownership]] = {}
        self._stakes: dict[tuple[str, date], Stakes] = {}
        self._turning: dict[str, list[date]] = {}
        self._designations: dict[str, list[Designation]] = {}
        self._found: dict[tuple[str, str, str, str | None, date], Found] = {}

    def state(self, regime: Regime, entity_id: str, day: date) -> ListingState:
        """Standing of a party on a list on a day."""
        key = (regime.id, entity_id, day)
        if key not in self._states:
            self._states[key] = listing_state(self._kb, regime, entity_id, as_of=day, known_at=self._known_at)
        return self._states[key]

    def effective(self, behind: Behind, day: date) -> ListingStatus:
        """The status that levels go by: that of the listing, or of the rule that counts the party by its place."""
        if behind.owner_id is not None and not self._may_mean_owner(behind, day):
            return ListingStatus.NOT_LISTED
        if behind.placed is None:
            return self.state(behind.regime, behind.entity_id, day).effective
        return ListingStatus.LISTED if self._is_there(behind.placed.rule, day) else ListingStatus.NOT_LISTED

    def is_open(self, behind: Behind, day: date) -> bool:
        """Whether it is open if a party was on a list that day, and a copy that we hold says that it may have been."""
        return behind.placed is None and self.state(behind.regime, behind.entity_id, day).is_open

    def is_untold(self, behind: Behind, day: date) -> bool:
        """Whether it is unknown if a party was on a list that day, and no entry prints that it began later."""
        state = self.state(behind.regime, behind.entity_id, day)
        if behind.placed is not None or state.effective is not ListingStatus.UNKNOWN:
            return False
        rows = [row for row in self._entries(behind.entity_id) if row.regime_id == behind.regime.id]
        later = [row for row in rows if row.valid_from is not None and row.valid_from > day]
        first = min(later, key=lambda row: row.valid_from or day, default=None)
        return first is None or first.is_start_latest

    def above(self, entity_id: str, day: date) -> list[Ownership]:
        """Stakes above an entity on a day."""
        key = (entity_id, day)
        if key not in self._above:
            self._above[key] = ancestors(self._kb, entity_id, as_of=day, known_at=self._known_at)
        return self._above[key]

    def behind(self, operator_id: str, day: date) -> list[Behind]:
        """Parties at or above an operator that are (or were) listed or count by place, sorted by list and party."""
        edges = self.above(operator_id, day)
        lines = _lines(edges, operator_id)
        found = [
            Behind(party, self._kb.regimes[regime_id], line, party == operator_id)
            for party, line in lines.items()
            for regime_id in {row.regime_id for row in self._entries(party)}
        ]
        found += self._of_one_name(operator_id, lines)
        listed = {(item.regime.id, item.entity_id) for item in found}
        found += [item for item in self._placed(operator_id, lines) if (item.regime.id, item.entity_id) not in listed]
        return sorted(found, key=lambda item: (item.regime.id, not item.is_direct, item.entity_id))

    def _of_one_name(self, operator_id: str, lines: dict[str, tuple[Ownership, ...]]) -> Iterable[Behind]:
        """Entries that may mean an owner by its name, where nobody decided; the nearest owner of each."""
        seen: set[tuple[str, str]] = set()
        for owner, line in lines.items():
            for party in self._kb.identities.meant_by_name(owner) if line else ():
                for regime_id in sorted({row.regime_id for row in self._entries(party)}):
                    if party not in lines and (party, regime_id) not in seen:
                        seen.add((party, regime_id))
                        yield Behind(party, self._kb.regimes[regime_id], line, is_direct=False, owner_id=owner)

    def _may_mean_owner(self, behind: Behind, day: date) -> bool:
        state = self.state(behind.regime, behind.holder_id, day)
        return behind.entity_id in meant_by(self._kb, behind.holder_id, state, behind.regime, day, self.state)

    def _placed(self, operator_id: str, lines: dict[str, tuple[Ownership, ...]]) -> Iterable[Behind]:
        """Parties that a rule's own text counts by their place; of several on one line the nearest."""
        for rule in self._kb.ownership_rules:
            places = {
                party: place
                for party in lines
                if rule.places and (place := place_of(self._kb, rule, self._kb.entity(party))) is not None
            }
            for party, place in sorted(places.items()):
                line = lines[party]
                if not any(stake.owned_id in places for stake in line):
                    regime = self._kb.regimes[rule.regime_id]
                    yield Behind(party, regime, line, party == operator_id, Placed(place, rule))

    def behind_on(self, operator_id: str, days: Iterable[date]) -> list[Behind]:
        """Listed parties at or above an operator on any of these days; the first day that has one gives its line."""
        turns = self._turns(operator_id)
        # Between two turns of the stakes above nothing changes: one day of each span will do.
        spans: dict[int, date] = {}
        for day in days:
            spans.setdefault(bisect_right(turns, day), day)
        found: dict[tuple[str, str], Behind] = {}
        for day in spans.values():
            for item in self.behind(operator_id, day):
                found.setdefault((item.regime.id, item.entity_id), item)
        return sorted(found.values(), key=lambda item: (item.regime.id, not item.is_direct, item.entity_id))

    def stands_behind(self, operator_id: str, behind: Behind, day: date) -> bool:
        """Whether a party is the operator or above it on a day."""
        return behind.is_direct or any(edge.held_for == behind.holder_id for edge in self.above(operator_id, day))

    def _turns(self, operator_id: str) -> list[date]:
        """Days on which a stake above an operator begins or ends."""
        if operator_id not in self._turning:
            turns: set[date] = set()
            waiting, seen = [operator_id], {operator_id}
            while waiting:
                edges = [edge for edge in self._kb.owners_of(waiting) if edge.is_known(self._known_at)]
                for edge in edges:
                    turns.update(day for day in (edge.valid_from, edge.ended(self._known_at)) if day is not None)
                waiting = sorted({edge.held_for for edge in edges} - seen)
                seen.update(waiting)
            self._turning[operator_id] = sorted(turns)
        return self._turning[operator_id]

    def holding(self, operator_id: str, behind: Behind, consequence: Consequence, day: date) -> Holding:
        """Whether a consequence reaches the operator through a listed owner."""
        if behind.placed is not None and self._own_rule(consequence) != behind.placed.rule:
            # The place counts for what that rule extends, and for nothing else that is keyed to the list.
            return Holding(Coverage.NOT_COVERED, line=behind.line)
        if behind.is_direct:
            return Holding(
                Coverage.COVERED, status=self._status(behind.placed.rule, day) if behind.placed is not None else None
            )
        if consequence.ownership == "unknown":
            return Holding(Coverage.UNKNOWN, line=behind.line)
        own = self._own_rule(consequence)
        status = self._status(own, day) if own else None
        if consequence.ownership not in RULES or (status is not None and status.status in _NEVER):
            return Holding(Coverage.NOT_COVERED, line=behind.line)
        rule = own or rule_of(consequence)
        found, test = self._find(operator_id, behind, rule, day), test_of(rule)
        answer = found.through(operator_id)
        line = found.line(operator_id, behind.holder_id)
        if answer.coverage is Coverage.NOT_COVERED or not line:
            return Holding(Coverage.NOT_COVERED, test, answer.state, behind.line, status, note=answer.note, found=found)
        return Holding(answer.coverage, test, answer.state, line, status, answer.question, found=found)

    def _own_rule(self, consequence: Consequence) -> OwnershipRule | None:
        """The ownership rule with a life of its own that extends a consequence: its list's, or one that adds lists."""
        rows = [row for row in self._kb.ownership_rules if row.rule == consequence.ownership]
        of_list = next((row for row in rows if row.regime_id == consequence.regime_id), None)
        return of_list or next(
            (row for row in rows if programmes_of(row).get(consequence.regime_id) == frozenset()), None
        )

    def _status(self, rule: OwnershipRule, day: date) -> ConsequenceState:
        return ownership_rule_state(self._kb, rule, as_of=day, known_at=self._known_at)

    def _is_there(self, rule: OwnershipRule, day: date) -> bool:
        return self._status(rule, day).status not in _NEVER

    def _find(self, operator_id: str, behind: Behind, rule: OwnershipRule, day: date) -> Found:
        """What the rule reaches from a listed party: by itself, or together with the others where stakes add up."""
        is_sum = RULES[rule.rule].test is Test.AGGREGATE
        # Of whom it is open if it was listed, that is asked by itself: the sum is that of the case that it was.
        supposed = behind.entity_id if self.is_open(behind, day) else None
        key = (operator_id, rule.id, supposed or "" if is_sum else behind.entity_id, behind.owner_id, day)
        if key not in self._found:
            stakes = self._stakes_above(operator_id, day)
            holders: dict[str, tuple[Counted, ...]]
            holders = {behind.holder_id: (self._counted(behind),)}
            if is_sum:
                parties = {edge.held_for for edge in self.above(operator_id, day)}
                holders = holders_among(self._kb, rule, parties, day, self._known_at, self.state, supposed)
            self._found[key] = reach_among(self._kb, rule, stakes, holders)
        return self._found[key]

    def _counted(self, behind: Behind) -> Counted:
        """A listed party as the one holder; an owner whom an entry may mean is not sure to be it."""
        if behind.owner_id is None:
            return Counted(behind.entity_id, behind.regime.id)
        names = [name_of(self._kb, one) for one in (behind.owner_id, behind.entity_id)]
        question = f"Is {names[0]} the party that {behind.regime.title} names as {names[1]}?"
        return Counted(behind.owner_id, behind.regime.id, is_sure=False, question=question, is_listed=False)

    def _stakes_above(self, operator_id: str, day: date) -> Stakes:
        key = (operator_id, day)
        if key not in self._stakes:
            edges = self.above(operator_id, day)
            self._stakes[key] = Stakes.of(edges, undated(self._kb, edges))
        return self._stakes[key]

    def _entries(self, entity_id: str) -> list[Designation]:
        if entity_id not in self._designations:
            rows = self._kb.designations(entity_id)
            self._designations[entity_id] = [row for row in rows if row.is_known(self._known_at)]
        return self._designations[entity_id]


def _lines(edges: list[Ownership], start: str) -> dict[str, tuple[Ownership, ...]]:
    """A shortest line of stakes from an entity up to each party above it; edges stand nearest first."""
    lines: dict[str, tuple[Ownership, ...]] = {start: ()}
    for edge in edges:
        lines.setdefault(edge.held_for, (*lines[edge.owned_id], edge))
    return lines
