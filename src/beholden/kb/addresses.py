"""Longest-prefix lookup over address ranges: sorted disjoint segments, each with the ranges that cover it.

A segment lists its ranges from the most specific to the widest, so that validity can be judged at the time of an
observation. The arrays are written as one Arrow file and probed in place.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.values.address import pack

if TYPE_CHECKING:
    from pathlib import Path

    from beholden.schema.rows import Prefix

_SCHEMA = pa.schema(
    [
        pa.field("first", pa.binary(16), nullable=False),
        pa.field("last", pa.binary(16), nullable=False),
        pa.field("rows", pa.list_(pa.int32()), nullable=False),
    ]
)


class _Packed(Sequence[bytes]):
    """A fixed-width column read straight from its buffer."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        self._view = memoryview(array.buffers()[1]) if len(array) else memoryview(b"")
        self._base = array.offset * 16
        self._length = len(array)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]  # slices are never asked for
        start = self._base + index * 16
        return bytes(self._view[start : start + 16])


class AddressIndex:
    """Which rows of `prefixes` cover an address."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._first = _Packed(table.column("first"))
        self._last = _Packed(table.column("last"))
        self._rows = table.column("rows")

    @classmethod
    def build(cls, prefixes: Iterable[Prefix]) -> AddressIndex:
        """Flatten ranges; positions in `rows` are positions in `prefixes`."""
        ranges = [
            (int.from_bytes(pack(row.first)), int.from_bytes(pack(row.last)), position)
            for position, row in enumerate(prefixes)
        ]
        opening: dict[int, list[tuple[int, int]]] = {}
        closing: dict[int, list[tuple[int, int]]] = {}
        for first, last, position in ranges:
            entry = (last - first, position)
            opening.setdefault(first, []).append(entry)
            closing.setdefault(last + 1, []).append(entry)
        firsts: list[bytes] = []
        lasts: list[bytes] = []
        rows: list[list[int]] = []
        active: set[tuple[int, int]] = set()
        points = sorted(opening.keys() | closing.keys())
        for point, following in itertools.pairwise(points):
            active.difference_update(closing.get(point, ()))
            active.update(opening.get(point, ()))
            if active:
                firsts.append(point.to_bytes(16))
                lasts.append((following - 1).to_bytes(16))
                rows.append([position for _, position in sorted(active)])
        return cls(pa.table({"first": firsts, "last": lasts, "rows": rows}, schema=_SCHEMA))

    @classmethod
    def open(cls, path: Path) -> AddressIndex:
        """Map a written index."""
        with pa.memory_map(str(path)) as source:
            return cls(pa.ipc.open_file(source).read_all())

    def write(self, path: Path) -> None:
        """Write the index as an uncompressed Arrow file."""
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, _SCHEMA) as writer:
            writer.write_table(self._table.combine_chunks())

    def __len__(self) -> int:
        return len(self._first)

    def __contains__(self, packed: bytes) -> bool:
        return self._segment(packed) is not None

    def rows(self, packed: bytes) -> list[int]:
        """Positions of the covering ranges, most specific first."""
        segment = self._segment(packed)
        return [] if segment is None else [int(row) for row in self._rows[segment].as_py()]

    def _segment(self, packed: bytes) -> int | None:
        position = bisect_right(self._first, packed) - 1
        return position if position >= 0 and packed <= self._last[position] else None
