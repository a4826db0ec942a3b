"""Runs a scanner over one file and gives its rows as dicts."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from beholden.scan.interface import Acceptance, InputHead, Scanner, Watch
from beholden.scan.source import Source
from beholden.scan.traffic.stage import Traffic
from beholden.schema.naming import NAMING
from beholden.schema.observation import OBSERVATION
from beholden.schema.vocabulary import Grain
from beholden.values.address import pack
from beholden.values.ranges import AddressRanges, labelled

DATA = Path(__file__).resolve().parents[2] / "data"


@dataclass(frozen=True)
class Read:
    """What came out of one file.

    Attributes:
        rows: Observations, those of traffic by day.
        source: Its counts and notes.
        names: NAMING.
        hosts: Observations of traffic by our host.
        values: Observations of traffic by what was reached.
    """

    rows: list[dict[str, Any]]
    source: Source
    names: list[dict[str, Any]] = field(default_factory=list)
    hosts: list[dict[str, Any]] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)

    def total(self, what: str, value: str) -> int:
        """The sum of one quantity for one value."""
        return sum(int(row["amount"]) for row in self.rows if (row["what"], row["value"]) == (what, value))

    def totals(self, what: str) -> dict[str, int]:
        """The sums of one quantity by value."""
        values = sorted({row["value"] for row in self.rows if row["what"] == what})
        return {value: self.total(what, value) for value in values}


def accepts(scanner: Scanner, data: bytes, name: str = "input.log") -> Acceptance:
    """Ask a scanner about bytes."""
    return scanner.accepts(InputHead(PurePosixPath(name), data[: 64 * 1024], len(data) <= 64 * 1024))


def read(scanner: Scanner, path: Path, watch: Watch | None = None) -> Read:
    """Scan a file."""
    source = Source(path, path.name)
    asked = watch or Watch()
    traffic = Traffic(asked)
    rows: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    for batch in scanner.scan(source, asked):
        if batch.schema.equals(OBSERVATION):
            rows += batch.to_pylist()
        else:
            traffic.add(source, batch)
            names += batch.to_pylist() if batch.schema.equals(NAMING) else []
    by_grain: dict[str, list[dict[str, Any]]] = {grain: [] for grain in Grain}
    for row in traffic.table().to_pylist():
        by_grain[row["grain"]].append(row)
    return Read([*rows, *by_grain[Grain.DAY]], source, names, by_grain[Grain.HOST], by_grain[Grain.VALUE])


def watching(*addresses: str) -> AddressRanges:
    """A watch of a few addresses, each of somebody else."""
    numbers = sorted(int.from_bytes(pack(address)) for address in addresses)
    return AddressRanges(labelled([(number, number, number) for number in numbers]))


def text_of(path: Path) -> str:
    """The text of a file, inflated where it is gz."""
    raw = path.read_bytes()
    return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
