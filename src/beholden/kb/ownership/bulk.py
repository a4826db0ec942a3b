"""The sweeps over arrays, for bases of millions of stakes: the same answers as `sweep`, which is its reference.

numpy is imported where this module is, and nowhere else (docs/adr/0011-two-kernels.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from beholden.kb.ownership.sweep import Edge, Swept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Ranks = NDArray[np.int32]


class Arrays(NamedTuple):
    """What one sweep found; see `Swept`.

    Shape: `total` (slots,); `rank` (entities,), 0 for those that were not reached; `reached` (reached,) in the order of
    rounds; `leading` (reached,), the position of an edge, or -1 for those that were there from the start.
    """

    total: Ints
    rank: Ranks
    reached: Ints
    leading: Ints


def sweep(
    edges: Sequence[Edge],
    size: int,
    sure: Iterable[int],
    maybe: Iterable[int],
    undisclosed: Mapping[int, int],
    needed: int,
) -> tuple[Swept, Swept]:
    """As `sweep.sweep`, edge by edge the same."""
    holder, slot, low, high = np.array(edges, np.int64).reshape(-1, 4).T
    hidden = np.array(list(undisclosed.items()), np.int64).reshape(-1, 2)
    found = sweep_arrays(
        (holder, slot, low, high), size, _ints(sure), _ints(maybe), (hidden[:, 0], hidden[:, 1]), needed
    )
    # Of a total only what was touched is told.
    return _told(found[0], edges), _told(found[1], edges)


def _ints(values: Iterable[int]) -> Ints:
    return np.array(sorted(values), np.int64)


def _told(found: Arrays, edges: Sequence[Edge]) -> Swept:
    slots = np.flatnonzero(found.total)
    total = dict(zip(slots.tolist(), found.total[slots].tolist(), strict=True))
    rank = dict(zip(found.reached.tolist(), found.rank[found.reached].tolist(), strict=True))
    leading = zip(found.reached.tolist(), found.leading.tolist(), strict=True)
    return Swept(total, rank, {one: edges[at] for one, at in leading if at >= 0})


def sweep_arrays(
    edges: tuple[Ints, Ints, Ints, Ints],
    size: int,
    sure: Ints,
    maybe: Ints,
    undisclosed: tuple[Ints, Ints],
    needed: int,
) -> tuple[Arrays, Arrays]:
    """Whom the seeds reach: for sure, and possibly.

    Args:
        edges: Holder, slot, lower and upper bound of each edge.
        size: How many entities there are.
        sure: Entities that are covered from the start.
        maybe: Entities that may be.
        undisclosed: Slots and upper bounds of stakes whose holder nobody knows.
        needed: Smallest sum that covers.
    """
    holder, slot, low, high = edges
    order = np.argsort(holder, kind="stable")
    holder = holder[order]
    # Zeros that are never touched cost no memory: a base has far more entities than stakes that matter.
    last = max(int(slot.max(initial=0)), int(undisclosed[0].max(initial=0)))
    tallies = size * (last // max(size, 1) + 1)
    certain = _spread(holder, order, slot, low, np.zeros(tallies, np.int64), np.unique(sure), size, needed)
    total = np.zeros(tallies, np.int64)
    np.add.at(total, undisclosed[0], undisclosed[1])
    start = np.union1d(certain.reached, maybe)
    return certain, _spread(holder, order, slot, high, total, start, size, needed)


def _spread(
    holder: Ints, order: Ints, slot: Ints, weight: Ints, total: Ints, frontier: Ints, size: int, needed: int
) -> Arrays:
    rank = np.zeros(size, np.int32)
    rounds, leading = [frontier], [np.full(len(frontier), -1)]
    while len(frontier):
        rank[frontier] = len(rounds)
        held = order[_positions(holder, frontier)]
        slots = slot[held]
        np.add.at(total, slots, weight[held])
        # The first edge that adds something leads up; one that adds nothing only where there is no other.
        met = held[(total[slots] >= needed) & (rank[slots % size] == 0)]
        met = np.concatenate((met[weight[met] > 0], met[weight[met] == 0]))
        frontier, first = np.unique(slot[met] % size, return_index=True)
        rounds.append(frontier)
        leading.append(met[first])
    return Arrays(total, rank, np.concatenate(rounds), np.concatenate(leading))


def _positions(holder: Ints, frontier: Ints) -> Ints:
    """Positions of the edges that any of the frontier holds, holder by holder; `holder` is sorted."""
    first = np.searchsorted(holder, frontier)
    count = np.searchsorted(holder, frontier, "right") - first
    ends = np.cumsum(count)
    found: Ints = np.arange(ends[-1]) + np.repeat(first - ends + count, count)
    return found
