"""What a rule reaches, entity by entity: sum, stakes that made it, and the lines up to the holders it began with."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from beholden.kb.ownership.rules import Coverage, Test, percent
from beholden.kb.ownership.stakes import CAPITAL, VOTING, Stakes, groups, needed, of_tally, share, weight

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from decimal import Decimal

    from beholden.kb.ownership.rules import Rule
    from beholden.kb.ownership.stakes import Held, Stake
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

    def __init__(self, stakes: Held, rule: Rule, sure: Collection[str], maybe: Collection[str] = ()) -> None:
        self.rule = rule
        self.sure = frozenset(sure)
        self.maybe = frozenset(maybe) - self.sure
        self._stakes = stakes
        self._needed = needed(rule)
        self._low, self._high = stakes.swept(rule, self.sure, self.maybe)
        self._states: dict[str, Reached | None] = {}

    @cached_property
    def covered(self) -> frozenset[str]:
        """Entities that are covered through shares; holders that it began with are not among them."""
        return self._stakes.ids(self._low.leading)

    @cached_property
    def possible(self) -> frozenset[str]:
        """Entities that may be covered through shares."""
        return self._stakes.ids(self._high.leading)

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

    def is_sure(self, row: Ownership) -> bool:
        """Whether a stake counts in the lower bound: its holder is covered, and it has a date and a source."""
        number = self._stakes.number_of(row.owned_id)
        return number is not None and any(
            stake.row == row and stake.is_sure and stake.holder in self._low.rank
            for stake in self._stakes.owners(number)
        )

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

    def _state(self, entity_id: str) -> Reached | None:
        number = self._stakes.number_of(entity_id)
        if number is None:
            return None
        stakes = self._stakes.owners(number)
        return self._sum(number, stakes) if self.rule.test is Test.AGGREGATE else self._best(number, stakes)

    def _sum(self, number: int, stakes: list[Stake]) -> Reached | None:
        """Capital and votes are two tallies; the surer one decides, and of equal ones the one that lifted it."""
        found = [(tally, self._tally(number, stakes, tally)) for tally in (CAPITAL, VOTING)]
        told = [(tally, state) for tally, state in found if state is not None]
        if not told:
            return None
        # The other sum may rest on the entity itself, in a ring.
        edge = self._low.leading.get(number) or self._high.leading.get(number)
        lifted = CAPITAL if edge is None else edge.slot // self._stakes.size
        return min(told, key=lambda one: (_SURER.index(one[1].coverage), one[0] != lifted, -one[1].high))[1]

    def _tally(self, number: int, stakes: list[Stake], tally: int) -> Reached | None:
        slot = tally * self._stakes.size + number
        low, high = self._low.total.get(slot, 0), self._high.total.get(slot, 0)
        return self._reached(of_tally(stakes, tally), low, high, self._coverage(slot), _TALLY[tally])

    def _coverage(self, slot: int) -> Coverage:
        if self._low.total.get(slot, 0) >= self._needed:
            return Coverage.COVERED
        return Coverage.UNKNOWN if self._high.total.get(slot, 0) >= self._needed else Coverage.NOT_COVERED

    def _reached(
        self, stakes: list[Stake], low: int, high: int, coverage: Coverage, tally: str | None
    ) -> Reached | None:
        """Put the stakes of an answer together: those that it rests on, and the others that may count."""
        held = [stake for stake in stakes if stake.holder in self._high.rank]
        if not held:
            return None
        if coverage is Coverage.COVERED:
            held = [stake for stake in held if stake.holder in self._low.rank and stake.is_sure]
        others = [stake for stake in stakes if stake not in held and (stake.is_open or stake.holder in self._high.rank)]
        rows, beside = tuple(stake.row for stake in held), tuple(stake.row for stake in others)
        return Reached(coverage, percent(low), percent(high), rows, beside, tally)

    def _best(self, number: int, stakes: list[Stake]) -> Reached | None:
        """Of holders that each count by themselves, the one nearest to a listed party that meets the test."""
        coverage = self._coverage(number)
        is_sure = coverage is Coverage.COVERED
        rank = (self._low if is_sure else self._high).rank
        own = rank.get(number, 0)
        # A holder that was reached after the entity rests on it.
        held = [s for s in stakes if s.holder in rank and (rank[s.holder] < own or own <= 1)]
        if not held:
            return None
        # Where nobody's stake meets the test, the largest is told.
        _, best = min(
            (
                (
                    not weight(*share(those), those, self.rule)[not is_sure],
                    rank[holder],
                    -share(those)[1],
                    # Numbers differ between the ways of keeping holdings; names do not.
                    (those[0].row.held_for, kind),
                ),
                those,
            )
            for (holder, kind), those in groups(held).items()
        )
        hidden = [stake for stake in stakes if stake.is_open and stake not in best]
        return self._reached([*best, *hidden], *share(best), coverage, None)


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
