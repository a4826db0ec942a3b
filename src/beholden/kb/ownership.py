"""Who is covered through whose shares. The only place where ownership is summed.

Percentages are compared as exact decimals. Unknown shares give a low and a high bound: the low bound meets the test →
covered; only the high bound does → unknown; neither → not covered.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Ownership

_HUNDRED = Decimal(100)
_MAX_ANCESTORS = 10_000


class Coverage(StrEnum):
    """Whether a rule reaches an entity through its owners."""

    COVERED = "covered"
    UNKNOWN = "unknown"
    NOT_COVERED = "not_covered"


class Test(StrEnum):
    """How a rule counts shares."""

    AGGREGATE = "aggregate"  # stakes of covered holders are added up
    SINGLE = "single"  # each holder by itself
    LINK = "link"  # any subsidiary or affiliate link, whatever the share


@dataclass(frozen=True, slots=True)
class Rule:
    """A named ownership test.

    Attributes:
        name: As consequences call it.
        test: How shares count.
        threshold: Percent.
        is_strict: Met only above the threshold.
        control: Whether control alone meets it.
    """

    name: str
    test: Test
    threshold: Decimal
    is_strict: bool = False
    control: bool = False

    def meets(self, share: Decimal) -> bool:
        """Whether a share meets the threshold."""
        return share > self.threshold if self.is_strict else share >= self.threshold


RULES: dict[str, Rule] = {
    "aggregate_50": Rule("aggregate_50", Test.AGGREGATE, Decimal(50)),
    "aggregate_50_places": Rule("aggregate_50_places", Test.AGGREGATE, Decimal(50)),
    "over_50_or_control": Rule("over_50_or_control", Test.SINGLE, Decimal(50), is_strict=True, control=True),
    "control": Rule("control", Test.SINGLE, Decimal(50), is_strict=True, control=True),
    "subsidiary_or_affiliate": Rule("subsidiary_or_affiliate", Test.LINK, Decimal(50), is_strict=True, control=True),
    "affiliate_10": Rule("affiliate_10", Test.SINGLE, Decimal(10), control=True),
}


@dataclass(frozen=True, slots=True)
class Reached:
    """An entity that a rule reaches, or may reach.

    Attributes:
        coverage: Covered, or unknown.
        low: Sum of the lower bounds of the contributing stakes, percent.
        high: Sum of the upper bounds, percent.
        stakes: The contributing direct stakes, by owner.
    """

    coverage: Coverage
    low: Decimal
    high: Decimal
    stakes: tuple[Ownership, ...]


def fixed_point(edges: Iterable[Ownership], seeds: Collection[str], rule: Rule) -> dict[str, Reached]:
    """Entities that the rule reaches from the seeds, over direct stakes valid on one day.

    A fixed point, not a product along the chain: 60 % of 60 % is reached, because the middle one is. Cycles need no
    special case; a cycle without a seed reaches nothing.

    Args:
        edges: Direct stakes.
        seeds: Listed entities; they are not in the answer.
        rule: The test.
    """
    owners = _by_owned(edges)
    reached: dict[str, Reached] = {}
    changed = True
    while changed:
        changed = False
        for owned_id in sorted(owners):
            if owned_id in seeds:
                continue
            state = _test(owners[owned_id], seeds, reached, rule)
            if state is not None and _is_news(reached.get(owned_id), state, rule):
                reached[owned_id] = state
                changed = True
    return reached


def through_listed(
    edges: Iterable[Ownership], seeds: Collection[str], rule: Rule, reached: Mapping[str, Reached]
) -> dict[str, Reached]:
    """The same answer with listed entities in it that the rule would also reach: what stands above a listed middle."""
    owners = _by_owned(edges)
    above = {seed: _test(owners[seed], seeds, reached, rule) for seed in sorted(seeds) if seed in owners}
    return {**reached, **{seed: state for seed, state in above.items() if state is not None}}


def _by_owned(edges: Iterable[Ownership]) -> dict[str, list[Ownership]]:
    owners: dict[str, list[Ownership]] = defaultdict(list)
    for edge in sorted(edges, key=lambda edge: (edge.owned_id, edge.owner_id, edge.id)):
        owners[edge.owned_id].append(edge)
    return owners


def _test(
    stakes: list[Ownership], seeds: Collection[str], reached: Mapping[str, Reached], rule: Rule
) -> Reached | None:
    sure = [edge for edge in stakes if edge.owner_id in seeds or _is_covered(reached, edge.owner_id)]
    maybe = [edge for edge in stakes if edge.owner_id in reached and not _is_covered(reached, edge.owner_id)]
    if not sure and not maybe:
        return None
    if rule.test is Test.AGGREGATE:
        return _sum(sure, maybe, rule)
    best: Reached | None = None
    for edge, certain in [(edge, True) for edge in sure] + [(edge, False) for edge in maybe]:
        state = _single(edge, rule, certain=certain)
        if state is not None and (
            best is None or (state.coverage is Coverage.COVERED and best.coverage is Coverage.UNKNOWN)
        ):
            best = state
    return best


def _is_news(known: Reached | None, state: Reached, rule: Rule) -> bool:
    """Whether a state replaces what is known: sums may grow, but stakes seen later may rest on the entity itself."""
    if known is None or known.coverage is not state.coverage:
        return True
    return rule.test is Test.AGGREGATE and known != state and all(stake in state.stakes for stake in known.stakes)


def _is_covered(reached: Mapping[str, Reached], entity_id: str) -> bool:
    return entity_id in reached and reached[entity_id].coverage is Coverage.COVERED


def _sum(sure: list[Ownership], maybe: list[Ownership], rule: Rule) -> Reached | None:
    """Capital and votes are two tallies; the surer one decides."""
    tallies = [_tally(_counted(sure, kind), _counted([*sure, *maybe], kind), rule) for kind in ("capital", "voting")]
    met = [tally for tally in tallies if tally is not None]
    return min(met, key=lambda tally: tally.coverage is not Coverage.COVERED, default=None)


def _counted(stakes: list[Ownership], kind: str) -> list[Ownership]:
    """Stakes of one kind; control, a share of unknown size, stands in for a holder whose shares are not given."""
    given = {edge.owner_id for edge in stakes if edge.ownership_type in ("capital", "voting")}
    return [
        edge
        for edge in stakes
        if edge.ownership_type == kind or (edge.ownership_type == "control" and edge.owner_id not in given)
    ]


def _tally(certain: list[Ownership], possible: list[Ownership], rule: Rule) -> Reached | None:
    low = sum((edge.percentage_low or Decimal(0) for edge in certain), Decimal(0))
    high = min(sum((_high(edge) for edge in possible), Decimal(0)), _HUNDRED)
    if rule.meets(low):
        return Reached(Coverage.COVERED, low, high, tuple(certain))
    if rule.meets(high):
        return Reached(Coverage.UNKNOWN, low, high, tuple(possible))
    return None


def _single(edge: Ownership, rule: Rule, *, certain: bool) -> Reached | None:
    low, high = edge.percentage_low or Decimal(0), _high(edge)
    if (
        (edge.ownership_type == "control" and rule.control)
        or (rule.test is Test.LINK and edge.ownership_type == "affiliate")
        or (edge.percentage_low is not None and rule.meets(low))
    ):
        coverage = Coverage.COVERED
    elif rule.meets(high) or rule.control:
        # Below the share test, control is a question of fact that shares alone do not answer; a small stake asks none.
        if not rule.meets(high) and high < Decimal(25):
            return None
        coverage = Coverage.UNKNOWN
    else:
        return None
    return Reached(coverage if certain else Coverage.UNKNOWN, low, high, (edge,))


def _high(edge: Ownership) -> Decimal:
    return _HUNDRED if edge.percentage_high is None else edge.percentage_high


def ancestors(kb: KnowledgeBase, entity_id: str, *, as_of: date, known_at: date | None) -> list[Ownership]:
    """Every stake above an entity that holds on a day, nearest first."""
    edges: dict[str, Ownership] = {}
    waiting, seen = [entity_id], {entity_id}
    while waiting and len(seen) < _MAX_ANCESTORS:
        following: list[str] = []
        for owned_id in waiting:
            for edge in kb.owners(owned_id):
                if edge.holds(as_of) and edge.is_known(known_at):
                    edges[edge.id] = edge
                    if edge.owner_id not in seen:
                        seen.add(edge.owner_id)
                        following.append(edge.owner_id)
        waiting = following
    return list(edges.values())


def chain(reached: Mapping[str, Reached], seeds: Collection[str], entity_id: str) -> list[Ownership]:
    """One shortest line of stakes from an entity up to a listed one, nearest stake first."""
    queue: list[tuple[str, list[Ownership]]] = [(entity_id, [])]
    seen = {entity_id}
    while queue:
        current, line = queue.pop(0)
        if current in seeds:
            return line
        for stake in reached[current].stakes if current in reached else ():
            if stake.owner_id not in seen:
                seen.add(stake.owner_id)
                queue.append((stake.owner_id, [*line, stake]))
    return []
