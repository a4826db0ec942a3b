"""Ownership: whom listed holders reach, beside a plain numpy sweep and networkx, in two tables.

One graph from a fixed seed: 500 thousand stakes among 3 million entities, 1.25 owners a company, rings, 10 thousand
listed holders. Every method solves the same question (50 % or more in the aggregate of one kind of share), has to find
as many companies, and gives for each of them a holder that leads up to a listed one: a path by pointers, not each path.

* Kernels: from arrays of numbers. Ours sweeps twice, by lower and by upper bounds, so it tells too who may be reached.
* Rows: from the rows of a base as they lie in memory, ids as text and shares as decimals. Ours is what `reach` does
  with them: weigh them by the rule, for capital and votes, by both bounds, and sweep. Reading rows from disk and who is
  listed are not in it. The others first turn the rows into what they need.

Rounds are interleaved, and each method runs in a process of its own; read the ratios of one run.

`python benchmarks/ownership.py [ROUNDS] [ENTITIES STAKES LISTED]`; `make bench` runs it. The second table is over a
quarter of the sizes. networkx is in requirements/peers.txt; without it that row is left out.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from beholden.schema.rows import Ownership

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
    """The kernel of the product: two sweeps over one kind of share, and a leading edge for each company reached."""
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


def from_rows(graph: Graph, rows: list[Ownership]) -> int:
    """What `reach` does with rows in memory: weigh them by the rule, and sweep by both bounds."""
    from beholden.kb.ownership import RULES, Outcome, Stakes

    outcome = Outcome(Stakes.of(rows), RULES["aggregate_50"], {_name(one) for one in graph[5].tolist()})
    assert not outcome.covered & outcome.possible
    return len(outcome.covered)


def plain_from_rows(graph: Graph, rows: list[Ownership]) -> int:
    """The plain sweep, after the rows are turned into arrays."""
    number: dict[str, int] = {}
    owner = np.array([number.setdefault(row.owner_id, len(number)) for row in rows], np.int64)
    owned = np.array([number.setdefault(row.owned_id, len(number)) for row in rows], np.int64)
    share = np.array([float(row.percentage_low or 0) for row in rows])
    seeds = np.array([number[name] for one in graph[5].tolist() if (name := _name(one)) in number], np.int64)
    return plain((len(number), owner, owned, (share * UNIT).astype(np.int64), share.astype(np.int64), seeds))


def worklist_from_rows(graph: Graph, rows: list[Ownership]) -> int:
    """Networkx and a Python work list, after the rows are turned into arrays."""
    number: dict[str, int] = {}
    owner = np.array([number.setdefault(row.owner_id, len(number)) for row in rows], np.int64)
    owned = np.array([number.setdefault(row.owned_id, len(number)) for row in rows], np.int64)
    share = np.array([int(float(row.percentage_low or 0) * UNIT) for row in rows], np.int64)
    seeds = np.array([number[name] for one in graph[5].tolist() if (name := _name(one)) in number], np.int64)
    return worklist((len(number), owner, owned, share, share, seeds))


def rows_of(graph: Graph) -> list[Ownership]:
    """The stakes as rows of a base."""
    from beholden.schema.rows import Ownership

    _, owner, owned, share, high, _ = graph
    return [
        Ownership(
            id=f"o{at}",
            owner_id=_name(one),
            owned_id=_name(other),
            percentage_low=Decimal(low).scaleb(-6),
            percentage_high=Decimal(most).scaleb(-6),
            source_id="generated",
        )
        for at, (one, other, low, most) in enumerate(
            zip(owner.tolist(), owned.tolist(), share.tolist(), high.tolist(), strict=True)
        )
    ]


def _name(number: int) -> str:
    return f"entity-{number}"


METHODS: dict[str, tuple[str, Callable[[Graph], int]]] = {
    "ours": ("beholden, both bounds, leading edges", ours),
    "plain": ("plain numpy frontier sweep, one bound", plain),
    "networkx": ("networkx and a Python work list", worklist),
}
ROW_METHODS: dict[str, tuple[str, Callable[[Graph, list[Ownership]], int]]] = {
    "ours": ("beholden, both kinds of share and bounds", from_rows),
    "plain": ("plain numpy frontier sweep, one bound", plain_from_rows),
    "networkx": ("networkx and a Python work list", worklist_from_rows),
}


def measure(table: str, name: str, sizes: tuple[int, ...]) -> None:
    """Solve once and print what was found, CPU seconds and wall seconds; making the graph and imports are left out."""
    graph, small = generated(*sizes), generated(1000, 500, 10)
    if table == "rows":
        rows, few = rows_of(graph), rows_of(small)
        solve_rows = ROW_METHODS[name][1]
        solve_rows(small, few)
        cpu, wall = time.process_time(), time.perf_counter()
        found = solve_rows(graph, rows)
    else:
        solve = METHODS[name][1]
        solve(small)
        cpu, wall = time.process_time(), time.perf_counter()
        found = solve(graph)
    print(found, time.process_time() - cpu, time.perf_counter() - wall)


def main() -> None:
    """Print both tables."""
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2], sys.argv[3], tuple(int(text) for text in sys.argv[4:7]))
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    sizes = [int(text) for text in sys.argv[2:5]] or list(SIZES)
    report("kernels", {one: title for one, (title, _) in METHODS.items()}, sizes, rounds)
    print()
    report("rows", {one: title for one, (title, _) in ROW_METHODS.items()}, [size // 4 for size in sizes], rounds)


def report(table: str, titles: dict[str, str], sizes: list[int], rounds: int) -> None:
    """Interleave the methods and print medians, and ratios to ours."""
    names = [name for name in titles if name != "networkx" or find_spec("networkx")]
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    found: set[str] = set()
    for _ in range(rounds):
        for name in names:
            command = [sys.executable, __file__, "--one", table, name, *(str(size) for size in sizes)]
            count, cpu, wall = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
            found.add(count)
            times[name].append((float(cpu), float(wall)))
    assert len(found) == 1, f"the methods do not agree: {found}"
    shown = f"{sizes[0]:,} entities, {sizes[1]:,} stakes, {sizes[2]:,} listed"
    print(f"{table}: {shown}: {int(found.pop()):,} reached; median of {rounds}")
    print(f"{'':44} {'CPU s':>8} {'wall s':>8} {'CPU / ours':>11} {'wall / ours':>12}")
    for name in names:
        cpu, wall = (statistics.median(column) for column in zip(*times[name], strict=True))
        ratios = [
            [theirs[at] / own[at] for theirs, own in zip(times[name], times["ours"], strict=True)] for at in (0, 1)
        ]
        times_ours = [statistics.median(column) for column in ratios]
        print(f"{titles[name]:44} {cpu:8.3f} {wall:8.3f} {times_ours[0]:11.2f} {times_ours[1]:12.2f}")


if __name__ == "__main__":
    main()
