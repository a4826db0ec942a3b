"""The kernel: two monotone sweeps over stakes as arrays. The only place where shares are added.

A running sum per entity and kind of share, and a frontier of holders that have just been reached: each stake is added
once, so rings need no special case. The first sweep adds lower bounds of covered holders, the second upper bounds of
covered or possibly covered ones. One kernel serves one operator's owners and a whole base.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

TALLIES = 2  # capital and votes: two sums that are never mixed


@dataclass(frozen=True, slots=True)
class Edges:
    """What each holder's stake adds to each sum, sorted by holder and slot.

    Shape: all (edges,). `slot` is `owned * 2 + tally`; there is one edge per holder and slot.

    Units: 1e-6 percent.
    """

    holder: Ints
    slot: Ints
    low: Ints
    high: Ints

    @property
    def owned(self) -> Ints:
        """Entity of each edge."""
        return self.slot >> 1


@dataclass(frozen=True, slots=True)
class Totals:
    """What the sweeps found.

    Shape: `low`, `high` (entities * 2,) by slot; the others (entities,). A rank is the round in which an entity was
    reached: 0 for those that were there from the start, -1 for those that were not reached.
    """

    low: Ints
    high: Ints
    covered: Bools
    possible: Bools
    rank: Ints
    possible_rank: Ints


def merged(holder: Ints, slot: Ints, low: Ints, high: Ints, source: Ints | None = None) -> Edges:
    """Sort stakes by holder, and make several stakes of one holder in one sum one.

    Stakes that one source states are packets and add up. What different sources state is the same holding told again:
    the largest statement counts.

    Args:
        holder: Who holds, by number.
        slot: What is held, and the sum that it counts in.
        low: Lower bounds.
        high: Upper bounds.
        source: Who states it, by number; None: one source.
    """
    width = int(slot.max(initial=0)) + 1
    # The same slot twice for a holder is rare; one sort shows it.
    key = holder.astype(np.int64) * width + slot
    order = np.argsort(key)
    key = key[order]
    low, high = low[order], high[order]
    starts = np.flatnonzero(np.concatenate((np.ones(min(1, len(key)), bool), key[1:] != key[:-1])))
    if len(starts) == len(key):
        return Edges(holder[order], slot[order], low, high)
    if source is not None:
        within = np.lexsort((source[order], key))
        key, low, high, told = key[within], low[within], high[within], source[order][within]
        packets = np.flatnonzero(np.concatenate(([True], (key[1:] != key[:-1]) | (told[1:] != told[:-1]))))
        key, low, high = key[packets], np.add.reduceat(low, packets), np.add.reduceat(high, packets)
        starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        low, high = np.maximum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    else:
        low, high = np.add.reduceat(low, starts), np.add.reduceat(high, starts)
    return Edges(key[starts] // width, key[starts] % width, low, high)


def sweep(edges: Edges, size: int, sure: Ints, maybe: Ints, undisclosed: tuple[Ints, Ints], needed: int) -> Totals:
    """Whom the seeds reach.

    Args:
        edges: What each holder's stake adds.
        size: How many entities there are.
        sure: Entities that are covered from the start.
        maybe: Entities that may be.
        undisclosed: Slots and upper bounds of stakes whose holder nobody knows; they count as possible beside a holder
            that is reached, and reach nobody by themselves.
        needed: Smallest sum that covers.
    """
    low = np.zeros(size * TALLIES, np.int64)
    high = np.zeros(size * TALLIES, np.int64)
    np.add.at(high, undisclosed[0], undisclosed[1])
    covered = np.zeros(size, np.bool_)
    covered[sure] = True
    rank = np.full(size, -1, np.int64)
    _spread(edges, edges.low, low, np.flatnonzero(covered), covered, rank, needed)
    possible = covered.copy()
    possible[maybe] = True
    possible_rank = np.full(size, -1, np.int64)
    _spread(edges, edges.high, high, np.flatnonzero(possible), possible, possible_rank, needed)
    return Totals(low, high, covered, possible, rank, possible_rank)


def _spread(
    edges: Edges, weight: Ints, total: Ints, frontier: Ints, reached: Bools, rank: Ints, needed: int
) -> None:
    """Add the stakes of the frontier, and go on with those that this lifts to the sum needed."""
    number = 0
    while len(frontier):
        rank[frontier] = number
        number += 1
        held = _edges_of(edges.holder, frontier)
        slots = edges.slot[held]
        np.add.at(total, slots, weight[held])
        lifted = slots[total[slots] >= needed] >> 1
        frontier = np.unique(lifted[~reached[lifted]])
        reached[frontier] = True


def _edges_of(holder: Ints, frontier: Ints) -> Ints:
    """Positions of the stakes that any of the frontier holds; `holder` is sorted."""
    first = np.searchsorted(holder, frontier)
    count = np.searchsorted(holder, frontier, "right") - first
    ends = np.cumsum(count)
    found: Ints = np.arange(ends[-1]) + np.repeat(first - ends + count, count)
    return found


def nearest(edges: Edges, totals: Totals) -> tuple[Ints, Ints]:
    """For every entity that was reached, the edge from its holder nearest to a seed: all paths, as pointers.

    Returns:
        Entities that are covered or possibly covered and no seeds, sorted; and the edge that leads up from each. Following
        the edge's holder, and its edge, ends at a seed.
    """
    owned = edges.owned
    rank = np.where(totals.covered, totals.rank, totals.possible_rank)
    # A path of a covered entity leads through covered holders only.
    counts = totals.possible[edges.holder] & totals.possible[owned]
    usable = np.flatnonzero(counts)
    above, below = edges.holder[usable], owned[usable]
    leads = np.where(
        totals.covered[below],
        totals.covered[above] & (totals.rank[above] < totals.rank[below]) & (edges.low[usable] > 0),
        totals.possible_rank[above] < totals.possible_rank[below],
    )
    usable, above, below = usable[leads], above[leads], below[leads]
    order = np.lexsort((usable, rank[above], edges.high[usable] == 0, below))
    below = below[order]
    first = np.flatnonzero(np.concatenate((np.ones(min(1, len(below)), bool), below[1:] != below[:-1])))
    return below[first], usable[order][first]
