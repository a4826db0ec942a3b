"""Which listed parties stand behind an operator: itself, and those above it in the ownership chain."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.kb.law import ConsequenceState, ListingState, listing_state, ownership_rule_state
from beholden.kb.ownership import RULES, Coverage, Test, ancestors, chain, fixed_point, through_listed
from beholden.schema.vocabulary import ConsequenceStatus, ListingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.ownership import Reached, Rule
    from beholden.schema.rows import Consequence, Designation, Ownership, Regime


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
    """

    coverage: Coverage
    rule: Rule | None = None
    reached: Reached | None = None
    line: tuple[Ownership, ...] = ()
    status: ConsequenceState | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """A listed party behind an operator.

    Attributes:
        entity_id: The listed party.
        regime: The list.
        line: Stakes from the operator up to it; empty where it is the operator.
        is_direct: Whether the operator itself is the listed party.
    """

    entity_id: str
    regime: Regime
    line: tuple[Ownership, ...]
    is_direct: bool


class Reach:
    """Answers for one knowledge base and one pair of clocks; remembers what it was asked."""

    def __init__(self, kb: KnowledgeBase, *, known_at: date | None) -> None:
        self._kb = kb
        self._known_at = known_at
        self._states: dict[tuple[str, str, date], ListingState] = {}
        self._above: dict[tuple[str, date], list[Ownership]] = {}
        self._turning: dict[str, list[date]] = {}
        self._designations: dict[str, list[Designation]] = {}
        self._reached: dict[tuple[str, str, str, str, date], dict[str, Reached]] = {}

    def state(self, regime: Regime, entity_id: str, day: date) -> ListingState:
        """Standing of a party on a list on a day."""
        key = (regime.id, entity_id, day)
        if key not in self._states:
            self._states[key] = listing_state(self._kb, regime, entity_id, as_of=day, known_at=self._known_at)
        return self._states[key]

    def above(self, entity_id: str, day: date) -> list[Ownership]:
        """Stakes above an entity on a day."""
        key = (entity_id, day)
        if key not in self._above:
            self._above[key] = ancestors(self._kb, entity_id, as_of=day, known_at=self._known_at)
        return self._above[key]

    def behind(self, operator_id: str, day: date) -> list[Behind]:
        """Listed (or once listed) parties at or above an operator, sorted by list and party."""
        edges = self.above(operator_id, day)
        parties = [operator_id, *sorted({edge.owner_id for edge in edges} - {operator_id})]
        found = []
        for party in parties:
            for regime_id in sorted({row.regime_id for row in self._entries(party)}):
                line = () if party == operator_id else tuple(_line(edges, operator_id, party))
                found.append(Behind(party, self._kb.regimes[regime_id], line, party == operator_id))
        return sorted(found, key=lambda item: (item.regime.id, not item.is_direct, item.entity_id))

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
        return behind.is_direct or any(edge.owner_id == behind.entity_id for edge in self.above(operator_id, day))

    def _turns(self, operator_id: str) -> list[date]:
        """Days on which a stake above an operator begins or ends."""
        if operator_id not in self._turning:
            turns: set[date] = set()
            waiting, seen = [operator_id], {operator_id}
            while waiting:
                for edge in self._kb.owners(waiting.pop()):
                    turns.update(day for day in (edge.valid_from, edge.valid_to) if day is not None)
                    if edge.owner_id not in seen:
                        seen.add(edge.owner_id)
                        waiting.append(edge.owner_id)
            self._turning[operator_id] = sorted(turns)
        return self._turning[operator_id]

    def holding(self, operator_id: str, behind: Behind, consequence: Consequence, day: date) -> Holding:
        """Whether a consequence reaches the operator through a listed owner."""
        if behind.is_direct:
            return Holding(Coverage.COVERED)
        status, test, is_foreign_only = self._test_of(consequence, day)
        if test == "unknown":
            return Holding(Coverage.UNKNOWN, line=behind.line)
        operator = self._kb.entity(operator_id)
        places = operator.jurisdictions if operator else []
        if test not in RULES or (is_foreign_only and behind.regime.jurisdiction in places):
            return Holding(Coverage.NOT_COVERED, line=behind.line)
        rule = RULES[test]
        reached = self._reached_from(operator_id, behind, rule, day)
        own = reached.get(operator_id)
        line = tuple(chain(reached, {behind.entity_id}, operator_id))
        if own is None or not line:
            return Holding(Coverage.NOT_COVERED, rule, None, behind.line, status)
        coverage = own.coverage
        question = None
        if is_foreign_only and not places and coverage is Coverage.COVERED:
            coverage, question = (
                Coverage.UNKNOWN,
                f"Where is {operator.caption if operator else operator_id} incorporated?",
            )
        return Holding(coverage, rule, own, line, status, question)

    def _test_of(self, consequence: Consequence, day: date) -> tuple[ConsequenceState | None, str, bool]:
        """The ownership test that extends a rule; its own standing and scope where it is a rule of its own."""
        for row in self._kb.ownership_rules:
            if row.regime_id == consequence.regime_id and consequence.ownership == row.rule:
                state = ownership_rule_state(self._kb, row, as_of=day, known_at=self._known_at)
                never = (ConsequenceStatus.NOT_IN_FORCE, ConsequenceStatus.ENDED)
                return state, "none" if state.status in never else row.rule, row.foreign_only
        return None, consequence.ownership, False

    def _reached_from(self, operator_id: str, behind: Behind, rule: Rule, day: date) -> dict[str, Reached]:
        """What the rule reaches from a listed party: by itself, or together with the others where stakes add up."""
        key = (operator_id, behind.regime.id, behind.entity_id, rule.name, day)
        if key not in self._reached:
            edges = self.above(operator_id, day)
            if rule.test is not Test.AGGREGATE:
                self._reached[key] = fixed_point(edges, {behind.entity_id}, rule)
            else:
                seeds = frozenset(
                    edge.owner_id
                    for edge in edges
                    if self.state(behind.regime, edge.owner_id, day).effective is ListingStatus.LISTED
                )
                self._reached[key] = through_listed(edges, seeds, rule, fixed_point(edges, seeds, rule))
        return self._reached[key]

    def _entries(self, entity_id: str) -> list[Designation]:
        if entity_id not in self._designations:
            rows = self._kb.designations(entity_id)
            self._designations[entity_id] = [row for row in rows if row.is_known(self._known_at)]
        return self._designations[entity_id]


def _line(edges: list[Ownership], start: str, end: str) -> list[Ownership]:
    """A shortest line of stakes from an entity up to one of its owners."""
    queue: list[tuple[str, list[Ownership]]] = [(start, [])]
    seen = {start}
    while queue:
        current, line = queue.pop(0)
        if current == end:
            return line
        for edge in edges:
            if edge.owned_id == current and edge.owner_id not in seen:
                seen.add(edge.owner_id)
                queue.append((edge.owner_id, [*line, edge]))
    return []
