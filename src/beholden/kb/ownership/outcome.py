"""What a rule reaches, entity by entity: sum, stakes that made it, and the lines up to the holders it began with."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from beholden.kb.ownership.rules import Coverage, Test, percent
from beholden.kb.ownership.stakes import CAPITAL, CONTROL, VOTING, Stakes
from beholden.kb.ownership.sweep import TALLIES, Totals, sweep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from beholden.kb.ownership.rules import Rule
    from beholden.schema.rows import Ownership

_SURER = [Coverage.COVERED, Coverage.UNKNOWN, Coverage.NOT_COVERED]
_TALLY = {CAPITAL: "capital", VOTING: "voting"}


@dataclass(frozen=True, slots=True)
class Reached:
    """What a rule says of an entity's owners.

    Attributes:
        coverage: Covered, unknown, or not covered although holders that count have a stake.
        low: Sum of the lower bounds of the stakes that count for sure, percent.
        high: Sum of the upper bounds of all that may count.
        stakes: The direct stakes that the answer rests on, by owner.
        others: Stakes that count in the high bound only and that it does not rest on: of holders who may be covered,
            and of holders nobody knows.
        tally: The sum that decides, `capital` or `voting`; None where the rule adds nothing up.
    """

    coverage: Coverage
    low: Decimal
    high: Decimal
    stakes: tuple[Ownership, ...]
    others: tuple[Ownership, ...] = ()
    tally: str | None = None


class Outcome:
    """One rule over the holdings of one day; what it says of an entity is put together when asked.

    Attributes:
        sure: Holders that it began with.
        maybe: Holders that may count from the start.
    """

    def __init__(self, stakes: Stakes, rule: Rule, sure: Collection[str], maybe: Collection[str] = ()) -> None:
        self.rule = rule
        self.sure = frozenset(sure)
        self.maybe = frozenset(maybe) - self.sure
        self._stakes = stakes
        edges, undisclosed = stakes.weighed(rule)
        # The needed sum of a test that adds nothing up is one stake that meets it.
        self._needed = rule.needed if rule.test is Test.AGGREGATE else 1
        self._totals: Totals = sweep(
            edges,
            len(stakes.names),
            self._numbers(self.sure),
            self._numbers(self.maybe),
            undisclosed,
            self._needed,
        )
        self._states: dict[str, Reached | None] = {}

    def _numbers(self, ids: Iterable[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        known = (self._stakes.number.get(one) for one in sorted(ids))
        return np.array([one for one in known if one is not None], np.int64)

    @cached_property
    def covered(self) -> frozenset[str]:
        """Entities that are covered through shares; holders that it began with are not among them."""
        names = self._stakes.names
        return frozenset(names[at] for at in np.flatnonzero(self._totals.covered).tolist()) - self.sure

    @cached_property
    def possible(self) -> frozenset[str]:
        """Entities that may be covered through shares."""
        names = self._stakes.names
        found = np.flatnonzero(self._totals.possible & ~self._totals.covered)
        return frozenset(names[at] for at in found.tolist()) - self.maybe

    @property
    def is_certain(self) -> bool:
        """Whether the answer about every entity is yes or no."""
        return not self.possible

    def of(self, entity_id: str) -> Reached | None:
        """What the rule says of an entity's owners; None: they do not make it reach the entity.

        A holder that the rule began with is answered for as well: what stands above it.
        """
        state = self.sum(entity_id)
        return None if state is None or state.coverage is Coverage.NOT_COVERED else state

    def sum(self, entity_id: str) -> Reached | None:
        """The same, also where the sum does not meet the test; None: no holder that counts has a stake."""
        if entity_id not in self._states:
            self._states[entity_id] = self._state(entity_id)
        return self._states[entity_id]

    def stakes(self, entity_id: str) -> tuple[Ownership, ...]:
        """Direct stakes that the answer about an entity rests on."""
        state = self.of(entity_id)
        return state.stakes if state else ()

    def paths(self, entity_id: str) -> list[tuple[Ownership, ...]]:
        """A shortest line of stakes up to each holder that the rule began with, nearest stake first."""
        return [line for _, line in self._lines(entity_id, self.sure | self.maybe)]

    def line(self, entity_id: str, holder_id: str) -> tuple[Ownership, ...]:
        """A shortest line of stakes up to one holder, also past other holders; empty: none leads there."""
        return next((line for found, line in self._lines(entity_id, {holder_id}) if found == holder_id), ())

    def _lines(self, entity_id: str, ends: Collection[str]) -> Iterator[tuple[str, tuple[Ownership, ...]]]:
        queue: deque[tuple[str, tuple[Ownership, ...]]] = deque([(entity_id, ())])
        seen = {entity_id}
        while queue:
            current, line = queue.popleft()
            if line and current in ends:
                yield current, line
                continue
            for stake in self.stakes(current):
                if stake.held_for not in seen:
                    seen.add(stake.held_for)
                    queue.append((stake.held_for, (*line, stake)))

    @cached_property
    def _rows_of(self) -> Mapping[int, list[int]]:
        grouped: dict[int, list[int]] = {}
        for at, owned in enumerate(self._stakes.owned.tolist()):
            grouped.setdefault(owned, []).append(at)
        return grouped

    def _state(self, entity_id: str) -> Reached | None:
        number = self._stakes.number.get(entity_id)
        if number is None:
            return None
        rows = self._rows_of.get(number, [])
        if self.rule.test is Test.AGGREGATE:
            return self._sum(number, rows)
        return self._best(number, rows)

    def _sum(self, number: int, rows: list[int]) -> Reached | None:
        """Capital and votes are two tallies; the surer one decides, and of equal ones capital."""
        found = [self._tally(number, rows, tally) for tally in (CAPITAL, VOTING)]
        told = [state for state in found if state is not None]
        return min(told, key=lambda state: (_SURER.index(state.coverage), -_unmet(state)), default=None)

    def _tally(self, number: int, rows: list[int], tally: int) -> Reached | None:
        slot = number * TALLIES + tally
        low, high = int(self._totals.low[slot]), int(self._totals.high[slot])
        kinds, holders = self._stakes.kind, self._stakes.holder
        shared = {int(holders[at]) for at in rows if kinds[at] <= VOTING}
        counted = [at for at in rows if kinds[at] == tally or (kinds[at] == CONTROL and holders[at] not in shared)]
        return self._reached(counted, low, high, self._coverage(low, high), _TALLY[tally])

    def _coverage(self, low: int, high: int) -> Coverage:
        if low >= self._needed:
            return Coverage.COVERED
        return Coverage.UNKNOWN if high >= self._needed else Coverage.NOT_COVERED

    def _reached(
        self, rows: list[int], low: int, high: int, coverage: Coverage, tally: str | None
    ) -> Reached | None:
        """Put the stakes of an answer together: those that it rests on, and the others that may count."""
        stakes, totals = self._stakes, self._totals
        held = [at for at in rows if totals.possible[stakes.holder[at]]]
        if not held:
            return None
        if coverage is Coverage.COVERED:
            held = [
                at
                for at in held
                if totals.covered[stakes.holder[at]] and stakes.is_sure[at] and not stakes.is_open[at]
            ]
        rest = set(held)
        others = [
            at for at in rows if at not in rest and (stakes.is_open[at] or totals.possible[stakes.holder[at]])
        ]
        return Reached(
            coverage,
            percent(low),
            percent(high),
            tuple(stakes.rows[at] for at in held),
            tuple(stakes.rows[at] for at in others),
            tally,
        )

    def _best(self, number: int, rows: list[int]) -> Reached | None:
        """Of holders that each count by themselves, the one nearest to a listed party that meets the test."""
        totals = self._totals
        slot = number * TALLIES
        coverage = self._coverage(int(totals.low[slot]), int(totals.high[slot]))
        is_sure = coverage is Coverage.COVERED
        rank, reached = (totals.rank, totals.covered) if is_sure else (totals.possible_rank, totals.possible)
        groups: dict[tuple[int, int], list[int]] = {}
        for at in rows:
            holder = int(self._stakes.holder[at])
            # A holder that was reached after the entity rests on it.
            if reached[holder] and (rank[holder] < rank[number] or rank[number] <= 0):
                groups.setdefault((holder, int(self._stakes.kind[at])), []).append(at)
        if not groups:
            return None
        # Where nobody's stake meets the test, the largest is told; of those that do, the nearest to a listed party.
        told = {
            key: (
                not self._stakes.meets(group, self.rule, is_sure=is_sure),
                int(rank[key[0]]),
                -self._stakes.share(group)[1],
                group,
            )
            for key, group in groups.items()
        }
        best = groups[min(told, key=lambda key: told[key])]
        low, high = self._stakes.share(best)
        hidden = [at for at in rows if self._stakes.is_open[at] and at not in best]
        return self._reached([*best, *hidden], low, high, coverage, None)


def _unmet(state: Reached) -> Decimal:
    """Of two sums that do not meet the test, the larger is told."""
    return state.high if state.coverage is Coverage.NOT_COVERED else Decimal(0)


def fixed_point(
    edges: Iterable[Ownership], seeds: Collection[str], rule: Rule, maybe: Collection[str] = ()
) -> dict[str, Reached]:
    """Entities that the rule reaches from the seeds, over direct stakes valid on one day.

    A fixed point, not a product along the chain: 60 % of 60 % is reached, because the middle one is. Rings need no
    special case; a ring without a seed reaches nothing.

    Args:
        edges: Direct stakes.
        seeds: Covered holders; they are not in the answer.
        rule: The test.
        maybe: Holders that may be covered; they are not in the answer either.
    """
    outcome = Outcome(Stakes.of(edges), rule, seeds, maybe)
    found = {one: outcome.of(one) for one in sorted(outcome.covered | outcome.possible)}
    return {one: state for one, state in found.items() if state is not None}
