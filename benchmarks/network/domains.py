"""The domain suffix probe against a loop over tldextract: CPU time a name, in interleaved rounds.

tldextract is no dependency of ours; it runs in an environment of its own, with the suffix list that it ships:

    python3 -m venv build/peers-domains && build/peers-domains/bin/pip install tldextract
    python benchmarks/network/domains.py build/peers-domains/bin/python

Names are made up: 100,000 watched registrable domains, host names of one to three labels below a domain, one in ten of
them below a watched one. Each program reads all it needs first; what is timed is one pass over the column (ours, once
with each engine) or over a list of the same names (tldextract, then a dictionary). All have to find the same names.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

WATCHED = 100_000
SUFFIXES = ("com", "net", "org", "cn", "de", "io", "co.uk", "com.cn", "com.br", "fr")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

OURS = """
import json, os, sys, time
import pyarrow as pa
from beholden.engine import Engine
from beholden.scan.kernel.suffixes import WatchedSuffixes
engine, watched, names = sys.argv[1:]
lines = lambda path: open(path, encoding="ascii").read().split()
found = WatchedSuffixes(pa.array(lines(watched)), Engine(engine))
column = pa.array(lines(names), pa.string_view())
begun = time.process_time()
answer = found.find(column)
spent = time.process_time() - begun
print(json.dumps([spent, sum(position >= 0 for position in answer.to_pylist())]))
"""
THEIRS = """
import json, sys, time
import tldextract
watched, names = sys.argv[1:]
lines = lambda path: open(path, encoding="ascii").read().split()
positions = {name: position for position, name in enumerate(lines(watched))}
extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
extract("a.example")
hosts = lines(names)
begun = time.process_time()
answer = [positions.get(extract(host).top_domain_under_public_suffix, -1) for host in hosts]
spent = time.process_time() - begun
print(json.dumps([spent, sum(position >= 0 for position in answer)]))
"""


def label(dice: random.Random, shortest: int) -> str:
    """A label that was made up."""
    return "".join(dice.choices(LETTERS, k=dice.randrange(shortest, 13)))


def write(folder: Path, rows: int) -> tuple[Path, Path]:
    """Watched names and host names, one a line."""
    dice = random.Random(6)
    watched = [f"{label(dice, 4)}-{number:x}.{dice.choice(SUFFIXES)}" for number in range(WATCHED)]
    names = []
    for _ in range(rows):
        domain = dice.choice(watched) if dice.random() < 0.1 else f"{label(dice, 4)}.{dice.choice(SUFFIXES)}"
        names.append(".".join([*(label(dice, 1) for _ in range(dice.randrange(3))), domain]))
    for name, lines in {"watched": watched, "names": names}.items():
        (folder / name).write_text("\n".join(lines), encoding="ascii")
    return folder / "watched", folder / "names"


def timed(command: list[str]) -> tuple[float, int]:
    """CPU seconds and names found, as a program tells them."""
    spent, found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return float(spent), int(found)


def main() -> None:
    """Time every program in interleaved rounds and print the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("peer", help="a Python that has tldextract")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = [str(path) for path in write(Path(folder), options.rows)]
        programs = {
            "native": [sys.executable, "-c", OURS, "native", *files],
            "python": [sys.executable, "-c", OURS, "python", *files],
            "tldextract": [options.peer, "-c", THEIRS, *files],
        }
        rounds: dict[str, list[float]] = {name: [] for name in programs}
        counts = set()
        for _ in range(options.rounds):
            for name, command in programs.items():
                spent, found = timed(command)
                rounds[name].append(spent)
                counts.add(found)
    if len(counts) != 1:
        sys.exit(f"they do not agree on how many names are watched: {sorted(counts)}")
    print(f"{options.rows:,} names, {counts.pop():,} of them watched, load {os.getloadavg()[0]:.1f}, CPU time, medians")
    theirs = rounds["tldextract"]
    for name, times in rounds.items():
        ratio = statistics.median(their / our for their, our in zip(theirs, times, strict=True))
        print(f"{name:12}{statistics.median(times) / options.rows * 1e9:10.1f} ns a name {ratio:8.1f} x tldextract")


if __name__ == "__main__":
    main()
