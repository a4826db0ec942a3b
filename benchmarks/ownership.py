"""Ownership: whom listed holders reach among 3 million entities, beside a plain numpy sweep and networkx.

One base from a fixed seed: 500 thousand holdings as Arrow columns in memory, as a compiled base maps them (ids are
texts of 20 characters, shares decimals, sorted by what is owned), 1.25 owners a company, rings, 10 thousand listed.
Every line solves the same question (50 % or more in the aggregate), has to find as many companies, and keeps for each
of them the edge that leads up to a listed holder: paths are pointers. Ours answers more: who may be reached by the
upper bounds, with a path as well. What each line includes:

* `beholden, first question`: from Arrow columns to the ids of the covered: coding of ids, the day, dates and sources,
  nominees, exact shares, packets, the seeds, both sweeps.
* `beholden, next question`: the same without coding the ids, which a base does once.
* `beholden, kernel`: numbered edges; sorting them by holder, and both sweeps.
* `plain numpy, from the columns`: coding of ids by Arrow, shares, CSR, one sweep, ids; no dates, no packets, one bound.
* `plain numpy, from numbers`: integer arrays over 3 million entities; CSR and one sweep.
* `networkx`: from the columns; texts and numbers as Python objects, the graph, a work list.

Making the columns, and imports, are in no line; neither is the law: which parties are listed on the day. Rounds are
interleaved, and each line runs in a process of its own; read the ratios of one run.

`python benchmarks/ownership.py [ROUNDS] [ENTITIES STAKES LISTED]`; `make bench` runs it. networkx is in
requirements/peers.txt; without it that row is left out.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beholden.kb.layer import coded
from beholden.kb.ownership import RULES, bulk
from beholden.kb.ownership.columns import seeded, standing, weighed
from beholden.schema.knowledge import PERCENT, TABLES

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


class Base(NamedTuple):
    """One base: integers, and the same as columns.

    Attributes:
        graph: As `generated` gives it, sorted by what is owned.
        table: The holdings, in the schema of a compiled base.
        numbered: The same with coded ids.
        listed: Ids of the listed holders.
    """

    graph: Graph
    table: pa.Table
    numbered: pa.Table
    listed: list[str]


def base(sizes: tuple[int, ...]) -> Base:
    """The generated graph as a compiled base has it."""
    entities, owner, owned, share, high, seeds = generated(*sizes)
    order = np.lexsort((owner, owned))
    owner, owned, share, high = owner[order], owned[order], share[order], high[order]
    count = len(owner)
    told = {
        "id": _ids(np.arange(count)),
        "owner_id": _ids(owner),
        "owned_id": _ids(owned),
        "percentage_low": _decimals(share),
        "percentage_high": _decimals(high),
        "ownership_type": pa.array(["capital"] * count),
        "valid_from": pa.array(np.full(count, 18_000, np.int32)).view(pa.date32()),
        "published_at": pa.array(np.full(count, 18_000, np.int32)).view(pa.date32()),
        "source_id": pa.array(["register"] * count),
        "grade": pa.array(["B"] * count),
    }
    schema = TABLES["ownership"]
    columns = [told[field.name] if field.name in told else pa.nulls(count, field.type) for field in schema]
    table = pa.Table.from_arrays(columns, schema=schema)
    return Base((entities, owner, owned, share, high, seeds), table, coded(table), _ids(seeds).to_pylist())


def _ids(numbers: Ints) -> pa.Array:
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), 20, "0")


def _decimals(units: Ints) -> pa.Array:
    words = np.zeros((len(units), 2), np.int64)
    words[:, 0] = units
    return pa.Array.from_buffers(PERCENT, len(units), [None, pa.py_buffer(words)])


def _units(column: pa.ChunkedArray) -> Ints:
    units: Ints = np.frombuffer(column.chunk(0).buffers()[1], np.int64).reshape(-1, 2)[:, 0]
    return units


def first(asked: Base) -> int:
    """The product, from the columns to ids, with both bounds and all paths."""
    return _ours(coded(asked.table), asked.listed)


def following(asked: Base) -> int:
    """The product, of a base that was asked before."""
    return _ours(asked.numbered, asked.listed)


def _ours(table: pa.Table, listed: list[str]) -> int:
    rule = RULES["aggregate_50"]
    names = table["owner_id"].chunk(0).dictionary
    held = standing(table, date(2026, 6, 8), None, lambda _: frozenset())
    edges, undisclosed = weighed(held, len(names), rule)
    seeds = seeded(names, listed)
    low, high = bulk.sweep(edges, len(names), seeds, seeds[:0], undisclosed, rule.needed)
    assert len(high.reached) >= len(low.reached)
    return len(names.take(pa.array(low.reached[low.leading >= 0])).to_pylist())


def kernel(asked: Base) -> int:
    """The sweeps of the product, of edges by number."""
    entities, owner, owned, share, high, seeds = asked.graph
    none = np.zeros(0, np.int64)
    order = np.argsort(owner, kind="stable")
    edges = bulk.Edges(owner[order], owned[order], share[order], high[order])
    low, _ = bulk.sweep(edges, entities, seeds, none, (none, none), HALF)
    return int((low.leading >= 0).sum())


def plain(asked: Base) -> int:
    """A plain sweep, from numbers."""
    entities, owner, owned, share, _, seeds = asked.graph
    return len(_plain(entities, owner, owned, share, seeds))


def plain_columns(asked: Base) -> int:
    """A plain sweep, from the columns to ids."""
    owners, owned, listed = asked.table["owner_id"], asked.table["owned_id"], pa.array(asked.listed)
    ids = pa.chunked_array([listed, *owners.chunks, *owned.chunks]).dictionary_encode()
    names = ids.chunk(0).dictionary
    seeds, above, below = (chunk.indices.to_numpy().astype(np.int64) for chunk in ids.chunks)
    reached = _plain(len(names), above, below, _units(asked.table["percentage_low"]), seeds)
    return len(names.take(pa.array(reached)).to_pylist())


def _plain(entities: int, owner: Ints, owned: Ints, share: Ints, seeds: Ints) -> Ints:
    """A frontier sweep over a CSR graph in numpy, one sum, one holder kept per company."""
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
    reached: Ints = np.flatnonzero(above >= 0)
    return reached


def worklist(asked: Base) -> int:
    """Networkx and a Python work list."""
    import networkx as nx

    owner, owned = asked.table["owner_id"].to_pylist(), asked.table["owned_id"].to_pylist()
    net = nx.DiGraph()
    net.add_weighted_edges_from(zip(owner, owned, _units(asked.table["percentage_low"]).tolist(), strict=True))
    listed = set(asked.listed)
    total: dict[str, int] = {}
    above: dict[str, str] = {}
    waiting = list(listed)
    while waiting:
        holder = waiting.pop()
        for held, stake in net[holder].items():
            total[held] = total.get(held, 0) + stake["weight"]
            if total[held] >= HALF and held not in above and held not in listed:
                above[held] = holder
                waiting.append(held)
    return len(above)


METHODS: dict[str, tuple[str, Callable[[Base], int]]] = {
    "ours": ("beholden, first question", first),
    "again": ("beholden, next question", following),
    "kernel": ("beholden, kernel", kernel),
    "columns": ("plain numpy, from the columns", plain_columns),
    "plain": ("plain numpy, from numbers", plain),
    "networkx": ("networkx and a Python work list", worklist),
}


def measure(name: str, sizes: tuple[int, ...]) -> None:
    """Solve once and print what was found, CPU seconds and wall seconds; making the base and imports are left out."""
    asked = base(sizes)
    solve = METHODS[name][1]
    solve(base((1000, 500, 10)))
    cpu, wall = time.process_time(), time.perf_counter()
    found = solve(asked)
    print(found, time.process_time() - cpu, time.perf_counter() - wall)


def main() -> None:
    """Interleave the lines and print medians, and ratios to three of them."""
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
    print(f"{'':34} {'CPU s':>8} {'wall s':>8} {'CPU / first':>12} {'CPU / next':>11} {'CPU / numbers':>14}")
    for name in names:
        cpu, wall = (statistics.median(column) for column in zip(*times[name], strict=True))
        ratios = [
            statistics.median(own[0] / other[0] for own, other in zip(times[name], times[beside], strict=True))
            for beside in ("ours", "again", "plain")
        ]
        print(f"{METHODS[name][0]:34} {cpu:8.3f} {wall:8.3f} {ratios[0]:12.2f} {ratios[1]:11.2f} {ratios[2]:14.2f}")


if __name__ == "__main__":
    main()
