"""What `measure.py` times, each in a process of its own; prints as JSON what was found.

    python programs.py PROGRAM FOLDER WATCHED

`job` is ours and needs beholden; the other ones need the package that their function imports. `checking` is the
processor time, in seconds, that was spent to sum up what the job found; it is no part of the job.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

Found = dict[str, object]

# Rows of the loop; its time is scaled up.
LOOPED = 1_000_000
_VPC = ("srcaddr", "dstaddr", "bytes", "start", "end")
# What the job reads of a connection, `beholden.scan.kernel.zeek.COLUMNS`; written again, since the peer that parses it
# runs where beholden is not installed.
_ZEEK = [
    "ts",
    "id.orig_h",
    "id.resp_h",
    "local_orig",
    "local_resp",
    "missed_bytes",
    "id.orig_p",
    "id.resp_p",
    "proto",
    "service",
    "orig_bytes",
    "resp_bytes",
    "conn_state",
    "history",
    "orig_ip_bytes",
    "duration",
]


def job(folder: Path, watched: Path) -> Found:
    """From the files to the reduced table of observations."""
    import ipaddress

    import pyarrow.compute as pc
    import pyarrow.feather

    from beholden.engine import engine
    from beholden.run.scan import scan
    from beholden.scan import SCANNERS
    from beholden.scan.interface import Watch
    from beholden.schema.vocabulary import Grain
    from beholden.values.ranges import RANGES, AddressRanges

    ranges = pyarrow.feather.read_table(watched).cast(RANGES)
    own = tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "fd00::/8"))
    watch = Watch(addresses=AddressRanges(ranges), own_networks=own)
    done = scan([folder], SCANNERS, watch, lambda _: {}, lambda _: None)
    began = time.process_time()
    statuses = {row.status for row in done.coverage}
    rows = done.observations
    by_host = rows.filter(pc.equal(rows["grain"], Grain.HOST.value))
    sent = by_host.filter(pc.equal(by_host["what"], "sent"))
    return {
        "flows": pc.sum(by_host["count"]).as_py() or 0,
        "bytes": int(pc.sum(sent["amount"]).as_py() or 0),
        "groups": len(by_host.group_by(["own_host", "value"]).aggregate([])),
        "status": "read" if statuses == {"read"} else ", ".join(sorted(statuses)),
        "engine": str(engine()),
        "checking": time.process_time() - began,
    }


def parse_text(folder: Path, _: Path) -> Found:
    """Polars reads five columns of VPC text."""
    import polars as pl

    types = dict.fromkeys(("bytes", "start", "end"), pl.Int64)
    frame = pl.scan_csv(folder / "*.log", separator=" ", null_values="-", schema_overrides=types, quote_char=None)
    return _counted(frame, _VPC)


def parse_zeek(folder: Path, _: Path) -> Found:
    """Polars reads of Zeek conn what the job reads."""
    import polars as pl

    first = min(folder.glob("*.log"))
    with first.open(encoding="utf-8") as lines:
        names = next(line for line in lines if line.startswith("#fields")).split()[1:]
    types = dict.fromkeys(names, pl.String)
    types |= dict.fromkeys(("ts", "duration"), pl.Float64)
    types |= dict.fromkeys((name for name in names if name.endswith(("_p", "_bytes", "_pkts"))), pl.Int64)
    frame = pl.scan_csv(
        folder / "*.log",
        separator="\t",
        has_header=False,
        comment_prefix="#",
        null_values="-",
        schema=types,
        quote_char=None,
    )
    return _counted(frame, _ZEEK)


def parse_parquet(folder: Path, _: Path) -> Found:
    """Polars reads the same five columns of Parquet."""
    import polars as pl

    return _counted(pl.scan_parquet(folder / "*.parquet"), _VPC)


def _counted(frame: object, names: object) -> Found:
    import polars as pl

    # Every value is read; counting those that are none costs next to nothing.
    counts = frame.select(pl.col(*names).count()).collect(engine="streaming")
    return {"values": sum(counts.row(0))}


def inflate(folder: Path, _: Path) -> Found:
    """Inflate by isal, a thread a file."""
    from isal import igzip

    def length(path: Path) -> int:
        size = 0
        with igzip.open(path) as stream:
            while chunk := stream.read(1 << 20):
                size += len(chunk)
        return size

    with ThreadPoolExecutor(2) as pool:
        return {"bytes": sum(pool.map(length, sorted(folder.glob("*.gz"))))}


def loop(folder: Path, watched: Path) -> Found:
    """Split each line, look both addresses up in pytricia, sum by host and network; of the first rows only."""
    import socket

    import pyarrow.feather
    import pytricia

    tries = {False: pytricia.PyTricia(32, socket.AF_INET), True: pytricia.PyTricia(128, socket.AF_INET6)}
    table = pyarrow.feather.read_table(watched)
    for first, last, label in zip(*(column.to_pylist() for column in table.columns), strict=True):
        low, high = int.from_bytes(first), int.from_bytes(last)
        is_v6 = low >> 32 != 0xFFFF
        for address, length in _cidrs(low, high):
            packed = address.to_bytes(16)
            text = socket.inet_ntop(*((socket.AF_INET6, packed) if is_v6 else (socket.AF_INET, packed[12:])))
            tries[is_v6].insert(text, length if is_v6 else length - 96, label)
    sums: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    rows = 0
    v4, v6 = tries[False], tries[True]
    for path in sorted(folder.glob("*.log")):
        with path.open(encoding="ascii") as lines:
            next(lines)
            for line in lines:
                rows += 1
                cells = line.split()
                source, target = cells[3], cells[4]
                if source != "-":
                    known = v6 if ":" in target else v4
                    label = known.get(target)
                    if label is not None:
                        found = sums[source, label]
                    else:
                        label = known.get(source)
                        found = None if label is None else sums[target, label]
                    if found is not None:
                        found[0] += 1
                        found[1] += int(cells[9])
                if rows >= LOOPED:
                    return {"rows": rows, "groups": len(sums)}
    return {"rows": rows, "groups": len(sums)}


def _cidrs(first: int, last: int) -> list[tuple[int, int]]:
    found = []
    while first <= last:
        bits = min((first & -first).bit_length() - 1 if first else 128, (last - first + 1).bit_length() - 1)
        found.append((first, 128 - bits))
        first += 1 << bits
    return found


PROGRAMS = {each.__name__: each for each in (job, parse_text, parse_zeek, parse_parquet, inflate, loop)}

if __name__ == "__main__":
    program, *paths = sys.argv[1:]
    print(json.dumps(PROGRAMS[program](*(Path(path) for path in paths))))
