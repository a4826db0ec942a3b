"""The ranges that the network benchmarks watch: 437 networks that own some 42,000 CIDRs of the real table.

Where a table of addresses and networks is at hand (two files of lines `first,last,number,name`, gz, for IPv4 and IPv6),
the networks are chosen from it: from all of them in the order of their CIDRs, every n-th, with the n whose CIDRs are
nearest in number. Without one, ranges are made up.
"""

from __future__ import annotations

import csv
import gzip
import ipaddress
import socket
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

NETWORKS = 437
CIDRS = 42_000
TABLE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "internet" / "asn"
_MAPPED = 0xFFFF << 32

Range = tuple[int, int, int]


class Watched(NamedTuple):
    """What is watched.

    Attributes:
        ranges: First and last address (128 bits, IPv4 mapped) and the number of the network; sorted and disjoint.
        told: Where they are from.
    """

    ranges: list[Range]
    told: str

    def table(self) -> pa.Table:
        """As `beholden.values.ranges.RANGES`."""
        firsts, lasts, labels = zip(*self.ranges, strict=True)
        packed = [pa.array([end.to_bytes(16) for end in ends], pa.binary(16)) for ends in (firsts, lasts)]
        return pa.table([*packed, pa.array(labels, pa.int32())], ["first", "last", "label"])


def watched(table: Path = TABLE) -> Watched:
    """Choose them, the same ones every time.

    Args:
        table: A folder with `asn-ipv4.csv.gz` and `asn-ipv6.csv.gz`.
    """
    files = [table / f"asn-{family}.csv.gz" for family in ("ipv4", "ipv6")]
    is_real = all(file.is_file() for file in files)
    ranges = [found for file in files for found in _read(file)] if is_real else _made_up()
    chosen = _chosen(ranges) if is_real else ranges
    source = "the real table" if is_real else f"made up: there is no table of networks in {table}"
    cidrs = sum(_cidrs(first, last) for first, last, _ in chosen)
    networks = len({label for *_, label in chosen})
    return Watched(sorted(chosen), f"{len(chosen):,} ranges, {cidrs:,} CIDRs of {networks} networks ({source})")


def _read(file: Path) -> list[Range]:
    family, base = (socket.AF_INET6, 0) if "ipv6" in file.name else (socket.AF_INET, _MAPPED)
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return [
            (*(base + int.from_bytes(socket.inet_pton(family, end)) for end in row[:2]), int(row[2]))
            for row in csv.reader(lines)
        ]


def _chosen(ranges: list[Range]) -> list[Range]:
    """Of the networks, the largest first, every n-th; their labels are their ranks among the chosen ones."""
    sizes: dict[int, int] = {}
    for first, last, number in ranges:
        sizes[number] = sizes.get(number, 0) + _cidrs(first, last)
    ranked = sorted(sizes, key=lambda number: (-sizes[number], number))
    picks = [ranked[step // 2 :: step][:NETWORKS] for step in range(1, len(ranked) // NETWORKS + 1)]
    best = min(picks, key=lambda pick: abs(sum(sizes[number] for number in pick) - CIDRS))
    labels = {number: label for label, number in enumerate(sorted(best))}
    return [(first, last, labels[number]) for first, last, number in ranges if number in labels]


def _cidrs(first: int, last: int) -> int:
    """How many CIDRs a range is: those below the highest boundary inside it, and those above."""
    end = last + 1
    middle = end >> (first ^ end).bit_length() - 1 << (first ^ end).bit_length() - 1
    return (middle - first).bit_count() + (end - middle).bit_count()


def _made_up() -> list[Range]:
    dice = np.random.default_rng(437)
    blocks = np.sort(dice.choice(np.arange(0x0B0000, 0xDF0000), CIDRS * 5 // 6, replace=False))
    wide = np.sort(dice.choice(1 << 24, CIDRS // 6, replace=False))
    private = [ipaddress.ip_network(text) for text in ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")]
    private += [ipaddress.ip_network(text) for text in ("172.16.0.0/12", "192.168.0.0/16")]
    is_private = [any(ipaddress.ip_address(int(block) << 8) in network for network in private) for block in blocks]
    v4 = [_MAPPED + (int(block) << 8) for block, skip in zip(blocks, is_private, strict=True) if not skip]
    v6 = [0x2A << 120 | int(block) << 96 for block in wide]
    labels = dice.integers(0, NETWORKS, len(v4) + len(v6)).tolist()
    ends = [*((first, first + 255) for first in v4), *((first, first + (1 << 96) - 1) for first in v6)]
    return [(*pair, label) for pair, label in zip(ends, labels, strict=True)]
