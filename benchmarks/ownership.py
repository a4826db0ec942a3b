"""Ownership: whom listed holders reach among 3 million entities, beside a plain numpy sweep and networkx.

One graph from a fixed seed: 500 thousand stakes, 1.25 owners a company, rings, 10 thousand listed holders. Every method
solves the same question (50 % or more in the aggregate), has to find as many companies, and gives for each of them a
holder that leads up to a listed one. Ours answers more: who may be reached by the upper bounds, with a path as well.
Rounds are interleaved, and each method runs in a process of its own; read the ratios of one run.

`python benchmarks/ownership.py [ROUNDS] [ENTITIES STAKES LISTED]`; `make bench` runs it. networkx is in
requirements/peers.txt; without it that row is left out.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Graph = tuple[int, Ints, Ints, Ints, Ints, Ints]

SIZES = (3_000_000, 500_000, 10_000)
UNIT = 1_000_000
HALF = 50 * UNIT


def generated(entities: int, stakes: int, listed: int) -> Graph:
    """Owners, owned, shares and listed holders of a graph that is the same everywhere.

    Returns:
        How many entities there are; owner, owned, lower and upper bound (1e-6 percent) of each stake; the listed ones.
    """
    chance = np.random.default_rng(20261126)
    companies = int(stakes / 1.25)
    owned = chance.choice(entities, companies, replace=False)
    # Every fourth company has a second owner.
    second = owned[chance.random(companies) < 0.25]
    owned = np.concatenate((owned, second))[:stakes]
    # Half of the owners are companies that are owned themselves, so that there are chains and rings.
    owner = np.where(
        chance.random(len(owned)) < 0.5, chance.choice(owned, len(owned)), chance.integers(0, entities, len(owned))
    )
    share = chance.choice(np.array([5, 10, 25, 40, 49, 50, 51, 60, 75, 100, 100, 100]) * UNIT, len(owned))
    # Rings: the last of three in a row owns the first.
    rings = len(owned) // 1000
    owner[:rings], owner[rings : 2 * rings] = owned[rings : 2 * rings], owned[:rings]
    keep = owner != owned
    _, first = np.unique(owner * entities + owned, return_index=True)
    keep &= np.isin(np.arange(len(owned)), first)
    owner, owned, share = owner[keep].astype(np.int64), owned[keep].astype(np.int64), share[keep].astype(np.int64)
    # Every tenth share is a range.
    high = np.where(chance.random(len(share)) < 0.1, np.minimum(share + 10 * UNIT, 100 * UNIT), share)
    return entities, owner, owned, share, high, chance.choice(owner, listed, replace=False)


def ours(graph: Graph) -> int:
    """The kernel of the product, with both bounds, both sums, and all paths."""
    from beholden.kb.ownership.bulk import sweep_arrays

    entities, owner, owned, share, high, seeds = graph
    none = np.zeros(0, np.int64)
    low, possible = sweep_arrays((owner, owned, share, high), entities, seeds, none, (none, none), HALF)
    assert len(possible.reached) >= len(low.reached)
    return int((low.leading >= 0).sum())


def plain(graph: Graph) -> int:
    """A frontier sweep over a CSR graph in numpy, one sum, one holder kept per company."""
    entities, owner, owned, share, _, seeds = graph
    order = np.argsort(owner)
    start = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=entities))))
    owned, share = owned[order], share[order]
    total = np.zeros(entities, np.int64)
    blocked = np.zeros(entities, np.bool_)
    above = np.full(entities, -1, np.int64)
    blocked[seeds] = True
    frontier = np.flatnonzero(blocked)
    while len(frontier):
        count = start[frontier + 1] - start[frontier]
        ends = np.cumsum(count)
        at = np.arange(ends[-1]) + np.repeat(start[frontier] - ends + count, count)
        np.add.at(total, owned[at], share[at])
        met = at[(total[owned[at]] >= HALF) & ~blocked[owned[at]]]
        above[owned[met]] = order[met]
        frontier = np.unique(owned[met])
        blocked[frontier] = True
    return int((above >= 0).sum())


def worklist(graph: Graph) -> int:
    """Networkx and a Python work list."""
    import networkx as nx

    _, owner, owned, share, _, seeds = graph
    net = nx.DiGraph()
    net.add_weighted_edges_from(zip(owner.tolist(), owned.tolist(), share.tolist(), strict=True))
    listed = set(seeds.tolist())
    total: dict[int, int] = {}
    above: dict[int, int] = {}
    waiting = list(listed)
    while waiting:
        holder = waiting.pop()
        for held, stake in net[holder].items():
            total[held] = total.get(held, 0) + stake["weight"]
            if total[held] >= HALF and held not in above and held not in listed:
                above[held] = holder
                waiting.append(held)
    return len(above)


METHODS: dict[str, tuple[str, Callable[[Graph], int]]] = {
    "ours": ("beholden, both bounds, all paths", ours),
    "plain": ("plain numpy frontier sweep, one bound", plain),
    "networkx": ("networkx and a Python work list", worklist),
}


def measure(name: str, sizes: tuple[int, ...]) -> None:
    """Solve once and print what was found, CPU seconds and wall seconds; making the graph and imports are left out."""
    graph = generated(*sizes)
    solve = METHODS[name][1]
    solve(generated(1000, 500, 10))
    cpu, wall = time.process_time(), time.perf_counter()
    found = solve(graph)
    print(found, time.process_time() - cpu, time.perf_counter() - wall)


def main() -> None:
    """Interleave the methods and print medians, and ratios to ours."""
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2], tuple(int(text) for text in sys.argv[3:6]))
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    sizes = [int(text) for text in sys.argv[2:5]] or list(SIZES)
    names = [name for name in METHODS if name != "networkx" or find_spec("networkx")]
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    found: set[str] = set()
    for _ in range(rounds):
        for name in names:
            command = [sys.executable, __file__, "--one", name, *(str(size) for size in sizes)]
            count, cpu, wall = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
            found.add(count)
            times[name].append((float(cpu), float(wall)))
    assert len(found) == 1, f"the methods do not agree: {found}"
    shown = f"{sizes[0]:,} entities, {sizes[1]:,} stakes, {sizes[2]:,} listed"
    print(f"{shown}: {int(found.pop()):,} reached; median of {rounds}")
    print(f"{'':44} {'CPU s':>8} {'wall s':>8} {'CPU / ours':>11} {'wall / ours':>12}")
    for name in names:
        cpu, wall = (statistics.median(column) for column in zip(*times[name], strict=True))
        ratios = [
            [theirs[at] / own[at] for theirs, own in zip(times[name], times["ours"], strict=True)] for at in (0, 1)
        ]
        times_ours = [statistics.median(column) for column in ratios]
        print(f"{METHODS[name][0]:44} {cpu:8.3f} {wall:8.3f} {times_ours[0]:11.2f} {times_ours[1]:12.2f}")


if __name__ == "__main__":
    main()
