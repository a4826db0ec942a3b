"""Look-up over address ranges: which rows of `prefixes` cover an address, and whether anyone's range does.

`AddressIndex` keeps the ranges as they are, sorted by their start, as an implicit interval tree: the middle of a slice
is its root, and says how far the ranges of the slice reach. That takes the same room however ranges nest or cross, so a
million ranges stay usable, and a hostile file cannot make it square. `AddressRanges` is a merged set of ranges, without
rows: log readers ask it for every address they meet. Both are written as one Arrow file each and probed in place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.values.address import pack

if TYPE_CHECKING:
    from pathlib import Path

    from beholden.schema.rows import Prefix

_ENDS = (pa.field("first", pa.binary(16), nullable=False), pa.field("last", pa.binary(16), nullable=False))
_RANGES = pa.schema(_ENDS)
_INDEX = pa.schema(
    [*_ENDS, pa.field("reach", pa.binary(16), nullable=False), pa.field("row", pa.int32(), nullable=False)]
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
        self._reach = _Packed(table.column("reach"))
        self._row = table.column("row")

    @classmethod
    def build(cls, prefixes: Iterable[Prefix]) -> AddressIndex:
        """Order ranges; positions in the answers are positions in `prefixes`."""
        ends = [(pack(row.first), pack(row.last)) for row in prefixes]
        order = sorted(range(len(ends)), key=ends.__getitem__)
        lasts = [ends[position][1] for position in order]
        columns = [
            _fixed(b"".join(ends[position][0] for position in order)),
            _fixed(b"".join(lasts)),
            _fixed(b"".join(_reaches(lasts))),
            pa.array(order, pa.int32()),
        ]
        return cls(pa.Table.from_arrays(columns, schema=_INDEX))

    @classmethod
    def open(cls, path: Path) -> AddressIndex:
        """Map a written index."""
        return cls(_mapped(path))

    def write(self, path: Path) -> None:
        """Write the index as an uncompressed Arrow file."""
        _write(self._table, path)

    def __len__(self) -> int:
        return len(self._first)

    def __contains__(self, packed: bytes) -> bool:
        return bool(self.rows(packed))

    def rows(self, packed: bytes) -> list[int]:
        """Positions of the covering ranges, most specific first."""
        found: list[tuple[int, int]] = []
        waiting = [(0, len(self._first))]
        while waiting:
            start, end = waiting.pop()
            if start >= end:
                continue
            middle = (start + end) // 2
            if self._reach[middle] < packed:
                continue
            waiting.append((start, middle))
            first = self._first[middle]
            if first > packed:
                continue
            waiting.append((middle + 1, end))
            last = self._last[middle]
            if last >= packed:
                found.append((int.from_bytes(last) - int.from_bytes(first), self._row[middle].as_py()))
        return [row for _, row in sorted(found)]


class AddressRanges:
    """A set of addresses."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._first = _Packed(table.column("first"))
        self._last = _Packed(table.column("last"))

    @classmethod
    def build(cls, ranges: Iterable[tuple[str, str]]) -> AddressRanges:
        """Merge ranges that meet or overlap.

        Args:
            ranges: First and last address of each.
        """
        firsts: list[bytes] = []
        lasts: list[bytes] = []
        for first, last in sorted((pack(first), pack(last)) for first, last in ranges):
            if lasts and int.from_bytes(first) <= int.from_bytes(lasts[-1]) + 1:
                lasts[-1] = max(lasts[-1], last)
            else:
                firsts.append(first)
                lasts.append(last)
        return cls(pa.Table.from_arrays([_fixed(b"".join(firsts)), _fixed(b"".join(lasts))], schema=_RANGES))

    @classmethod
    def open(cls, path: Path) -> AddressRanges:
        """Map written ranges."""
        return cls(_mapped(path))

    def write(self, path: Path) -> None:
        """Write the ranges as an uncompressed Arrow file."""
        _write(self._table, path)

    def __len__(self) -> int:
        return len(self._first)

    def __contains__(self, packed: bytes) -> bool:
        position = bisect_right(self._first, packed) - 1
        return position >= 0 and packed <= self._last[position]


def _reaches(lasts: Sequence[bytes]) -> list[bytes]:
    """For the middle of each slice that `rows` visits, the greatest end in the slice."""
    reaches = list(lasts)

    def reach(start: int, end: int) -> bytes:
        if end - start == 1:
            return reaches[start]
        middle = (start + end) // 2
        greatest = max(reaches[middle], reach(start, middle))
        if middle + 1 < end:
            greatest = max(greatest, reach(middle + 1, end))
        reaches[middle] = greatest
        return greatest

    if reaches:
        reach(0, len(reaches))  # as deep as the tree: 31 at most
    return reaches


def _fixed(data: bytes) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(data) // 16, [None, pa.py_buffer(data)])


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _write(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
