"""Flow logs from the file to the reduced observations, against what other programs need only to read them.

Each program runs in a process of its own, in interleaved rounds, after one round that warms the page cache. CPU time
is that of the process, its threads and its children; from it is taken what the same program needs for 1,000 rows
(start-up: imports, the table of watched ranges). A ratio is taken within a round; medians of the rounds are told. What
the job finds is compared with what was planted. Polars, isal, pytricia run in an environment of their own:

    python -m venv build/peers-network
    build/peers-network/bin/pip install polars pyarrow isal pytricia
    python benchmarks/network/measure.py build/peers-network/bin/python --rows 5000000 --rounds 3
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from generate import ROWS, generate  # a neighbour of this program

PROGRAMS = Path(__file__).with_name("programs.py")
# Bytes on the disk of a row, by kind, with some to spare.
ROOM = {"text": 120, "gz": 45, "parquet": 45, "zeek": 145}
FULL = 50_000_000


class Run(NamedTuple):
    """One process: seconds, kibibytes of peak memory, and what it found."""

    cpu: float
    wall: float
    peak: int
    found: dict[str, object]


class Program(NamedTuple):
    """What is run.

    Attributes:
        name: One of `programs.PROGRAMS`.
        kind: What it reads.
        engine: `BEHOLDEN_ENGINE`; None: as installed.
        is_ours: Whether it runs with this Python, and what it finds must be what was planted.
    """

    name: str
    kind: str
    engine: str | None = None
    is_ours: bool = False


class Measure(NamedTuple):
    """A row of the table.

    Attributes:
        title: What is measured.
        over: The program that is measured.
        under: What it is measured by.
        gate: What the ratio must not pass (for `wall`: must reach).
        reach: What is hoped for.
        is_wall: Whether wall time counts, and more is better.
    """

    title: str
    over: Program
    under: Program
    gate: float
    reach: float | None
    is_wall: bool = False


NATIVE = Program("job", "text", is_ours=True)
REFERENCE = Program("job", "text", "python", is_ours=True)
MEASURES = {
    "text": Measure("VPC text / Polars parse", NATIVE, Program("parse_text", "text"), 1.0, 0.6),
    "reference": Measure("VPC text, Python engine / Polars parse", REFERENCE, Program("parse_text", "text"), 3.5, None),
    "gz": Measure("VPC gz / isal inflate", Program("job", "gz", is_ours=True), Program("inflate", "gz"), 2.3, 1.6),
    "zeek": Measure(
        "Zeek conn / Polars parse", Program("job", "zeek", is_ours=True), Program("parse_zeek", "zeek"), 0.8, 0.5
    ),
    "parquet": Measure(
        "VPC Parquet / Polars scan",
        Program("job", "parquet", is_ours=True),
        Program("parse_parquet", "parquet"),
        4.5,
        2.5,
    ),
    "loop": Measure("pytricia loop / VPC text, wall", Program("loop", "text"), NATIVE, 20, 35, is_wall=True),
}


def run(program: Program, folder: Path, peer: str, *, few: bool) -> Run:
    """Run a program once.

    Raises:
        SystemExit: It failed.
    """
    python = sys.executable if program.is_ours else peer
    paths = [folder / (f"{program.kind}-few" if few else program.kind), folder / "watched.arrow"]
    env = {name: value for name, value in os.environ.items() if name != "BEHOLDEN_ENGINE"}
    env |= {"BEHOLDEN_ENGINE": program.engine} if program.engine else {}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [python, str(PROGRAMS), program.name, *map(str, paths)], stdout=subprocess.PIPE, env=env, text=True
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        sys.exit(f"{program.name} on {program.kind} failed")
    found = json.loads(said)
    return Run(used.ru_utime + used.ru_stime - found.get("checking", 0), wall, used.ru_maxrss, found)


class Rounds:
    """All runs of all programs."""

    def __init__(self, folder: Path, peer: str, planted: dict[str, object]) -> None:
        self._folder, self._peer, self._planted = folder, peer, planted
        self.runs: dict[Program, list[Run]] = {}
        self.unread: dict[Program, str] = {}

    def add(self, programs: list[Program], *, counts: bool) -> None:
        """One round."""
        for program in programs:
            if program in self.unread:
                continue
            few = run(program, self._folder, self._peer, few=True)
            if program.is_ours and few.found["status"] != "read":
                self.unread[program] = str(few.found["status"])
                continue
            whole = run(program, self._folder, self._peer, few=False)
            if program.is_ours:
                self._check(program, whole.found)
            if counts:
                kept = whole._replace(cpu=whole.cpu - few.cpu, wall=whole.wall - few.wall)
                self.runs.setdefault(program, []).append(kept)

    def _check(self, program: Program, found: dict[str, object]) -> None:
        wanted = {name: self._planted[name] for name in ("flows", "bytes", "groups")}
        if wrong := {name: found[name] for name in wanted if found[name] != wanted[name]}:
            sys.exit(f"{program}: found {wrong}, planted were {wanted}")


def main() -> None:
    """Generate, run the rounds, print the table; 1 where a gate is not held."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("peer", help="a Python that has polars, isal and pytricia")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"{FULL} for the measure of memory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(MEASURES), help="some of %(default)s")
    parser.add_argument("--folder", type=Path, default=Path("build/network-benchmark"), help="where the logs are kept")
    options = parser.parse_args()
    measures = {name: MEASURES[name] for name in options.only.split(",")}
    programs = list(dict.fromkeys(each for measure in measures.values() for each in (measure.under, measure.over)))
    folder = options.folder / str(options.rows)
    kinds = sorted({each.kind for each in programs})
    _check_room(options.folder, options.rows, kinds)
    # In a process of its own: what a program is said to take at most counts what this one held when it began.
    with ProcessPoolExecutor(1) as pool:
        planted = pool.submit(generate, folder, options.rows, kinds).result()
    print(f"{options.rows:,} rows in {planted['files']} files, watched: {planted['watched']}")
    print(f"planted: {planted['flows']:,} records, {planted['bytes']:,} bytes, {planted['groups']:,} groups")
    rounds = Rounds(folder, options.peer, planted)
    before = os.getloadavg()[0]
    rounds.add(programs, counts=False)
    for _ in range(options.rounds):
        rounds.add(programs, counts=True)
    print(f"{options.rounds} rounds, load {before:.1f} before and {os.getloadavg()[0]:.1f} after")
    _tell_programs(rounds, options.rows)
    sys.exit(not _tell_measures(rounds, measures, options.rows))


def _check_room(folder: Path, rows: int, kinds: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    needed = rows * sum(ROOM[kind] for kind in {*kinds, "text"})
    free = shutil.disk_usage(folder).free
    # As much again, for what the job itself writes away meanwhile.
    if free < 2 * needed:
        sys.exit(f"{folder} has {free / 2**30:.1f} GiB left, and {2 * needed / 2**30:.1f} GiB are needed")


def _tell_programs(rounds: Rounds, rows: int) -> None:
    print(f"\n{'program':34}{'CPU s':>9}{'wall s':>9}{'rows/s':>14}{'peak MiB':>10}")
    for program, runs in rounds.runs.items():
        cpu, wall, peak = (statistics.median(values) for values in zip(*(each[:3] for each in runs), strict=True))
        title = f"{program.name} {program.kind}" + (f" ({program.engine})" if program.engine else "")
        title += f" [{runs[0].found['engine']}]" if program.is_ours and not program.engine else ""
        done = min(rows, int(str(runs[0].found.get("rows", rows))))
        print(f"{title:34}{cpu:9.2f}{wall:9.2f}{done / wall:14,.0f}{peak / 1024:10.0f}")


def _tell_measures(rounds: Rounds, measures: dict[str, Measure], rows: int) -> bool:
    print(f"\n{'measure':42}{'measured':>10}{'rounds':>18}{'gate':>8}{'reach':>8}")
    is_held = True
    for measure in measures.values():
        if problem := rounds.unread.get(measure.over):
            print(f"{measure.title:42}{'-':>10} not measured: {problem}")
            is_held = False
            continue
        over, under = (rounds.runs[each] for each in (measure.over, measure.under))
        if measure.is_wall:
            scale = rows / int(str(over[0].found["rows"]))
            ratios = [mine.wall * scale / theirs.wall for mine, theirs in zip(over, under, strict=True)]
        else:
            ratios = [mine.cpu / theirs.cpu for mine, theirs in zip(over, under, strict=True)]
        middle = statistics.median(ratios)
        good = middle >= measure.gate if measure.is_wall else middle <= measure.gate
        is_held &= good
        span, sign = f"{min(ratios):.2f} to {max(ratios):.2f}", ">=" if measure.is_wall else "<="
        reach = f"{measure.reach:g}" if measure.reach else ""
        gate = f"{sign} {measure.gate:g}"
        print(f"{measure.title:42}{middle:10.2f}{span:>18}{gate:>8}{reach:>8}  {'held' if good else 'MISSED'}")
    if runs := rounds.runs.get(NATIVE):
        peak = max(each.peak for each in runs) / 1024
        note = "" if rows >= FULL else f"  gate and reach are for {FULL:,} rows"
        print(f"{'peak RSS of the job, MiB':42}{peak:10.0f}{'':18}{'<= 1024':>8}{'400':>8}{note}")
        is_held &= peak <= 1024
    return is_held


if __name__ == "__main__":
    main()
