"""VPC text in the executors of a Spark session against the same job in one process: steady processor time.

Both are run twice, and the second time counts: imports, the start of Spark and of its Python workers are left out. The
time of Spark is that of the driver, of Java, of the executors and of their Python workers together. What is found
must be the same table.

    python benchmarks/network/spark.py --rows 5000000 --rounds 3
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.feather
from generate import ROWS, generate  # a neighbour of this program

from beholden.engine import engine
from beholden.run.scan import scan
from beholden.run.spark.runner import SparkRunner
from beholden.run.spark.session import session
from beholden.scan import SCANNERS
from beholden.scan.interface import Watch
from beholden.values.ranges import RANGES, AddressRanges

if TYPE_CHECKING:
    import pyarrow as pa

    from beholden.run.interface import Runner

GATE, REACH = 1.3, 1.0
_TICKS = os.sysconf("SC_CLK_TCK")


def spent() -> float:
    """Processor seconds of this process and all below it, those that ended included."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(folder.name)] = int(fields[1])
            ticks[int(folder.name)] = sum(map(int, fields[11:15]))

    def is_ours(pid: int) -> bool:
        while pid not in (0, os.getpid()):
            pid = parents.get(pid, 0)
        return pid != 0

    return sum(count for pid, count in ticks.items() if is_ours(pid)) / _TICKS


def timed(folder: Path, watch: Watch, runner: Runner | None) -> tuple[float, float, pa.Table]:
    """Processor and wall seconds of one job, and what it found.

    Raises:
        SystemExit: A file was not read whole.
    """
    cpu, wall = spent(), time.perf_counter()
    done = scan([folder], SCANNERS, watch, lambda _: {}, lambda _: None, runner=runner)
    cpu, wall = spent() - cpu, time.perf_counter() - wall
    if {row.status for row in done.coverage} != {"read"}:
        sys.exit("not every file was read")
    return cpu, wall, done.observations


def main() -> None:
    """Generate, run both by turns, print the ratio; 1 where the gate is not held."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--master", default=f"local-cluster[{os.cpu_count()},1,2048]")
    parser.add_argument("--folder", type=Path, default=Path("build/network-benchmark"), help="where the logs are kept")
    options = parser.parse_args()
    folder = options.folder / str(options.rows)
    generate(folder, options.rows, ["text"])
    ranges = pyarrow.feather.read_table(folder / "watched.arrow").cast(RANGES)
    own = tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "fd00::/8"))
    watch = Watch(addresses=AddressRanges(ranges), own_networks=own)
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"--master {options.master} pyspark-shell"
    session()
    before = os.getloadavg()[0]
    rounds = []
    # The first round warms both.
    for _ in range(options.rounds + 1):
        here, there = (timed(folder / "text", watch, runner) for runner in (None, SparkRunner()))
        if not here[2].equals(there[2]):
            sys.exit("the two did not find the same")
        rounds.append((*here[:2], *there[:2]))
    first, *steady = rounds
    if any(there <= 0 for _, _, there, _ in steady):
        sys.exit("an executor was lost, and its time with it: measure again on a machine that is less busy")
    ratios = [there / here for here, _, there, _ in steady]
    ratio = statistics.median(ratios)
    print(f"{options.rows:,} rows, {options.master}, engine {engine()}, {options.rounds} rounds")
    print(f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after")
    columns = [statistics.median(values) for values in zip(*steady, strict=True)]
    print(f"{'':24}{'CPU s':>9}{'wall s':>9}{'first CPU s':>13}")
    print(f"{'one process':24}{columns[0]:9.2f}{columns[1]:9.2f}{first[0]:13.2f}")
    print(f"{'Spark':24}{columns[2]:9.2f}{columns[3]:9.2f}{first[2]:13.2f}")
    is_held = ratio <= GATE
    span = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(
        f"Spark, steady CPU / one process: {ratio:.2f} ({span}), gate {GATE}, reach {REACH}: "
        f"{'held' if is_held else 'MISSED'}"
    )
    sys.exit(not is_held)


if __name__ == "__main__":
    main()
