"""The sweeps over arrays, for bases of millions of stakes: the same answers as `sweep`, which is its reference.

numpy is imported here and in `columns`, and nowhere else (docs/adr/0011-two-kernels.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from beholden.kb.ownership.sweep import Edge, Swept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Ranks = NDArray[np.int32]


class Edges(NamedTuple):
    """What each holder's stake adds to one sum of an entity; see `sweep.Edge`.

    Shape: each (edges,), sorted by `holder`.
    """

    holder: Ints
    slot: Ints
    low: Ints
    high: Ints


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
    edges: Edges, size: int, sure: Ints, maybe: Ints, undisclosed: tuple[Ints, Ints], needed: int
) -> tuple[Arrays, Arrays]:
    """Whom the seeds reach: for sure, and possibly.

    Args:
        edges: What each holder's stake adds.
        size: How many entities there are.
        sure: Entities that are covered from the start.
        maybe: Entities that may be.
        undisclosed: Slots and upper bounds of stakes whose holder nobody knows.
        needed: Smallest sum that covers.
    """
    # Zeros that are never touched cost no memory: a base has far more entities than stakes that matter.
    last = max(int(edges.slot.max(initial=0)), int(undisclosed[0].max(initial=0)))
    tallies = size * (last // max(size, 1) + 1)
    certain = _spread(edges, edges.low, np.zeros(tallies, np.int64), np.unique(sure), size, needed)
    total = np.zeros(tallies, np.int64)
    np.add.at(total, undisclosed[0], undisclosed[1])
    return certain, _spread(edges, edges.high, total, np.union1d(certain.reached, maybe), size, needed)


def _spread(edges: Edges, weight: Ints, total: Ints, frontier: Ints, size: int, needed: int) -> Arrays:
    rank = np.zeros(size, np.int32)
    rounds, leading = [frontier], [np.full(len(frontier), -1)]
    while len(frontier):
        rank[frontier] = len(rounds)
        held = _positions(edges.holder, frontier)
        slots = edges.slot[held]
        np.add.at(total, slots, weight[held])
        met = held[(total[slots] >= needed) & (rank[slots % size] == 0)]
        # One that adds something leads before one that adds nothing, then capital before votes.
        met = met[np.lexsort((edges.slot[met] // size, weight[met] == 0))]
        frontier, first = np.unique(edges.slot[met] % size, return_index=True)
        rounds.append(frontier)
        leading.append(met[first])
    return Arrays(total, rank, np.concatenate(rounds), np.concatenate(leading))


def _positions(holder: Ints, frontier: Ints) -> Ints:
    """Positions of the edges that any of the frontier holds, holder by holder."""
    first = np.searchsorted(holder, frontier)
    count = np.searchsorted(holder, frontier, "right") - first
    ends = np.cumsum(count)
    found: Ints = np.arange(ends[-1]) + np.repeat(first - ends + count, count)
    return found


def told(found: Arrays, edges: Edges) -> Swept:
    """What a sweep found, as the reference tells it; nothing is copied."""
    return Swept(_Told(found.total), _Told(found.rank), _Leading(found, edges))


class _Told(Mapping[int, int]):
    """An array as a mapping from positions; zeros are not in it."""

    def __init__(self, values: NDArray[np.int64] | Ranks) -> None:
        self._values = values

    def __getitem__(self, at: int) -> int:
        value = int(self._values[at]) if at < len(self._values) else 0
        if not value:
            raise KeyError(at)
        return value

    def __iter__(self) -> Iterator[int]:
        yield from np.flatnonzero(self._values).tolist()

    def __len__(self) -> int:
        return int(np.count_nonzero(self._values))


class _Leading(Mapping[int, Edge]):
    """The edge that leads up from each entity that was reached through shares."""

    def __init__(self, found: Arrays, edges: Edges) -> None:
        self._found = found
        self._edges = edges

    @cached_property
    def _at(self) -> dict[int, int]:
        through = self._found.leading >= 0
        return dict(zip(self._found.reached[through].tolist(), self._found.leading[through].tolist(), strict=True))

    def __getitem__(self, number: int) -> Edge:
        at = self._at[number]
        return Edge(*(int(column[at]) for column in self._edges))

    def __iter__(self) -> Iterator[int]:
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)
