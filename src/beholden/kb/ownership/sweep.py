"""The kernel: two monotone sweeps over stakes. The only place where shares are added to a fixed point.

A running sum per entity and kind of share, and a frontier of holders that have just been reached: each stake is added
once, so rings need no special case. The first sweep adds lower bounds of covered holders, the second upper bounds of
covered or possibly covered ones. `bulk` does the same over arrays, for bases of millions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Edge(NamedTuple):
    """What one holder's stake adds to one sum of an entity.

    Attributes:
        holder: Who holds, by number.
        slot: `tally * entities + owned`: what is held, and the sum that it counts in.
        low: Lower bound, in units of 1e-6 percent.
        high: Upper bound.
    """

    holder: int
    slot: int
    low: int
    high: int


class Swept(NamedTuple):
    """What one sweep found.

    Attributes:
        total: Sum by slot.
        rank: The round in which an entity was reached, from 1 for those that were there from the start.
        leading: For each entity reached through shares, one edge of the round that lifted it: following it, and that of
            its holder, ends at a holder that was there from the start. One that adds something leads before one that
            adds nothing, then capital before votes, then the holder with the smaller number.
    """

    total: Mapping[int, int]
    rank: Mapping[int, int]
    leading: Mapping[int, Edge]


def sweep(
    edges: Sequence[Edge],
    size: int,
    sure: Iterable[int],
    maybe: Iterable[int],
    undisclosed: Mapping[int, int],
    needed: int,
) -> tuple[Swept, Swept]:
    """Whom the seeds reach: for sure, and possibly.

    Args:
        edges: What each holder's stake adds, one per holder and slot.
        size: How many entities there are.
        sure: Entities that are covered from the start.
        maybe: Entities that may be.
        undisclosed: Upper bound by slot of stakes whose holder nobody knows: they count as possible beside a holder
            that is reached, and reach nobody by themselves.
        needed: Smallest sum that covers.
    """
    held: dict[int, list[Edge]] = {}
    for edge in edges:
        held.setdefault(edge.holder, []).append(edge)
    low = _spread(held, {}, sorted(sure), size, needed, is_low=True)
    start = sorted({*low.rank, *maybe})
    return low, _spread(held, dict(undisclosed), start, size, needed, is_low=False)


def _spread(
    held: Mapping[int, list[Edge]], total: dict[int, int], frontier: list[int], size: int, needed: int, *, is_low: bool
) -> Swept:
    """Add the stakes of the frontier, and go on with those that this lifts to the sum needed."""
    rank = dict.fromkeys(frontier, 1)
    leading: dict[int, Edge] = {}

    def order(edge: Edge) -> tuple[bool, int]:
        return not (edge.low if is_low else edge.high), edge.slot

    while frontier:
        touched = [edge for holder in frontier for edge in held.get(holder, ())]
        for edge in touched:
            total[edge.slot] = total.get(edge.slot, 0) + (edge.low if is_low else edge.high)
        following: dict[int, Edge] = {}
        for edge in touched:
            owned = edge.slot % size
            if owned not in rank and total[edge.slot] >= needed:
                known = following.get(owned)
                if known is None or order(edge) < order(known):
                    following[owned] = edge
        number = rank[frontier[0]] + 1
        frontier = sorted(following)
        rank.update(dict.fromkeys(frontier, number))
        leading.update(following)
    return Swept(total, rank, leading)
