"""Sets of addresses as ranges: cut where they cross, merged where they meet, and labelled, in columns.

Addresses are numbers of 128 bits, or the 16 bytes of `values.address.pack`. What is handed to others is a table of
`RANGES`: whoever looks up millions of addresses bisects its columns, in whatever language.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from heapq import heappop, heappush
from typing import Any, TypeVar

import pyarrow as pa

ENDS = (pa.field("first", pa.binary(16), nullable=False), pa.field("last", pa.binary(16), nullable=False))
# Sorted, disjoint ranges, first and last address included; neighbours that meet differ in their label.
RANGES = pa.schema([*ENDS, pa.field("label", pa.int32(), nullable=False)])

K = TypeVar("K", bound=Any)
H = TypeVar("H", bound=Hashable)


class AddressRanges:
    """Labelled ranges of addresses, asked for one address at a time.

    Args:
        table: RANGES; kept as `watch_ranges`.
    """

    def __init__(self, table: pa.Table) -> None:
        self.watch_ranges = table

    @cached_property
    def _firsts(self) -> list[bytes]:
        values: list[bytes] = self.watch_ranges["first"].to_pylist()
        return values

    @cached_property
    def _lasts(self) -> list[bytes]:
        values: list[bytes] = self.watch_ranges["last"].to_pylist()
        return values

    @cached_property
    def _labels(self) -> list[int]:
        values: list[int] = self.watch_ranges["label"].to_pylist()
        return values

    def __len__(self) -> int:
        return len(self.watch_ranges)

    def __contains__(self, packed: bytes) -> bool:
        at = bisect_right(self._firsts, packed) - 1
        return at >= 0 and packed <= self._lasts[at]

    def label(self, packed: bytes) -> int | None:
        """The label of the range that holds a packed address."""
        at = bisect_right(self._firsts, packed) - 1
        return self._labels[at] if at >= 0 and packed <= self._lasts[at] else None

    def meets(self, first: bytes, last: bytes) -> bool:
        """Whether any address between two is in a range."""
        at = bisect_right(self._firsts, last) - 1
        return at >= 0 and first <= self._lasts[at]


def packed_column(values: Iterable[bytes]) -> pa.Array:
    """Values of 16 bytes each as a column."""
    data = b"".join(values)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(data) // 16, [None, pa.py_buffer(data)])


def numbers_of(column: pa.ChunkedArray) -> list[int]:
    """A column of 16 bytes each as numbers."""
    return [int.from_bytes(packed) for packed in column.to_pylist()]


def cut(ranges: Iterable[tuple[int, int, K]]) -> Iterator[tuple[int, int, list[K]]]:
    """Cut ranges wherever one starts or ends.

    Args:
        ranges: First and last address, and a key; keys must have an order.

    Yields:
        First and last address of each piece that is covered, ascending, and the keys that cover it, ascending. The
        list is the walk's own, good until the next piece: a copy of each would make nested ranges cost their square.
    """
    waiting = sorted(ranges, key=lambda item: item[0])
    ends: list[tuple[int, K]] = []
    covering: list[K] = []
    at = start = 0
    while at < len(waiting) or ends:
        if not covering:
            start = waiting[at][0]
        while at < len(waiting) and waiting[at][0] == start:
            _, last, key = waiting[at]
            insort(covering, key)
            heappush(ends, (last, key))
            at += 1
        end = ends[0][0]
        if at < len(waiting):
            end = min(end, waiting[at][0] - 1)
        yield start, end, covering
        while ends and ends[0][0] == end:
            _, key = heappop(ends)
            del covering[bisect_left(covering, key)]
        start = end + 1


def joined(ranges: Iterable[tuple[int, int, H]]) -> list[tuple[int, int, H]]:
    """Make one of neighbours that meet and have the same value; the ranges are sorted and disjoint."""
    found: list[tuple[int, int, H]] = []
    for first, last, value in ranges:
        if found and found[-1][1] + 1 == first and found[-1][2] == value:
            found[-1] = (found[-1][0], last, value)
        else:
            found.append((first, last, value))
    return found


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Make one of ranges that meet or overlap."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def by_precedence(ranges: Iterable[tuple[int, int, tuple[int, int]]]) -> pa.Table:
    """Ranges that may nest and cross, each address with the label of the one that goes first; RANGES.

    Args:
        ranges: First and last address, and a pair of its rank and its label. The least pair goes first.
    """
    pieces = joined((first, last, covering[0][1]) for first, last, covering in cut(ranges))
    return _table(pieces, [label for _, _, label in pieces])


def labelled(ranges: Sequence[tuple[int, int, Hashable]]) -> pa.Table:
    """Ranges with a number for each distinct value, from 0 on, ascending by first appearance; RANGES.

    Args:
        ranges: Sorted and disjoint.
    """
    pieces = joined(ranges)
    return _table(pieces, numbered(value for _, _, value in pieces))


def with_labels(table: pa.Table, column: str) -> pa.Table:
    """Sorted, disjoint ranges with a number for each distinct value of a column; RANGES."""
    labels = pa.array(numbered(table[column].to_pylist()), pa.int32())
    return pa.Table.from_arrays([table["first"], table["last"], labels], schema=RANGES)


def combined(tables: Sequence[pa.Table]) -> pa.Table:
    """The addresses of any of several tables, with a label for each distinct combination of labels; RANGES.

    Args:
        tables: RANGES. Where an address is in one of them only, that is a combination, too.
    """
    if len(tables) == 1:
        return tables[0]
    keyed = (
        (first, last, (number, label))
        for number, table in enumerate(tables)
        for first, last, label in zip(
            numbers_of(table["first"]), numbers_of(table["last"]), table["label"].to_pylist(), strict=True
        )
    )
    return labelled([(first, last, tuple(covering)) for first, last, covering in cut(keyed)])


def numbered(values: Iterable[Hashable]) -> list[int]:
    """A number for each distinct value, from 0 on, ascending by first appearance."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(value, len(numbers)) for value in values]


def _table(ranges: Sequence[tuple[int, int, Hashable]], labels: Sequence[int]) -> pa.Table:
    firsts = packed_column(first.to_bytes(16) for first, _, _ in ranges)
    lasts = packed_column(last.to_bytes(16) for _, last, _ in ranges)
    return pa.Table.from_arrays([firsts, lasts, pa.array(labels, pa.int32())], schema=RANGES)
