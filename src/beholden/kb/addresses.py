"""Look-up over address ranges: which rows of `prefixes` cover an address.

The ranges are kept as they are, sorted by their start, as an implicit interval tree: the middle of a slice is its root,
and says how far the ranges of the slice reach. That takes the same room however ranges nest or cross, so a million
ranges stay usable, and a hostile file cannot make it square. Written as one Arrow file and probed in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.values.address import pack
from beholden.values.ranges import ENDS, packed_column

if TYPE_CHECKING:
    from beholden.schema.rows import Prefix

_INDEX = pa.schema(
    [*ENDS, pa.field("reach", pa.binary(16), nullable=False), pa.field("row", pa.int32(), nullable=False)]
)


class _Packed(Sequence[bytes]):
    """A column of 16-byte values read straight from its buffer."""

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
    """Which rows of `prefixes` cover an address.

    Args:
        table: As `build` makes it; kept as `table`.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table
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
            packed_column(ends[position][0] for position in order),
            packed_column(lasts),
            packed_column(_reaches(lasts)),
            pa.array(order, pa.int32()),
        ]
        return cls(pa.Table.from_arrays(columns, schema=_INDEX))

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

    def meeting(self, first: bytes, last: bytes) -> list[int]:
        """Positions of the ranges that have an address between two, ascending."""
        found: list[int] = []
        waiting = [(0, len(self._first))]
        while waiting:
            start, end = waiting.pop()
            if start >= end:
                continue
            middle = (start + end) // 2
            if self._reach[middle] < first:
                continue
            waiting.append((start, middle))
            if self._first[middle] > last:
                continue
            waiting.append((middle + 1, end))
            if self._last[middle] >= first:
                found.append(self._row[middle].as_py())
        return sorted(found)


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
