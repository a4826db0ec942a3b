"""A frame that a test fills by hand, and the rows that come of it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Protocol

from beholden.scan.interface import Watch
from beholden.scan.network.sides import Sides
from beholden.scan.source import Source
from beholden.schema.naming import NAMING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

NOON = 1_714_521_600.0
OWN, FAR, OTHER = "10.0.0.5", "203.0.113.7", "198.51.100.9"
PROXY = "10.0.0.8"


class Frame(Protocol):
    """What sums records."""

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""

    def tell(self) -> None:
        """Note what is left out."""


class Desk:
    """Source, watch and sides for a frame."""

    def __init__(self, folder: Path, own: str | None = None) -> None:
        networks = () if own is None else (ipaddress.ip_network(own),)
        self.source = Source(folder / "x.log", "x.log")
        self.watch = Watch(own_networks=networks)
        self.sides = Sides(self.watch)

    def close(self, frame: Frame) -> tuple[list[dict[str, Any]], list[tuple[str, str, str]]]:
        """The rows, and each name with its address and what told it."""
        frame.tell()
        batches = list(frame.rest())
        rows = [row for batch in batches if not batch.schema.equals(NAMING) for row in batch.to_pylist()]
        told = [row for batch in batches if batch.schema.equals(NAMING) for row in batch.to_pylist()]
        return rows, [(row["name"], text_of(row["address"]), row["told_by"]) for row in told]


def text_of(packed: bytes) -> str:
    """A packed address as text."""
    address = ipaddress.IPv6Address(packed)
    return str(address.ipv4_mapped or address)
