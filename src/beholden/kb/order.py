"""The order of rows in a table, as a key: two bases are compared by reading both in it."""

from __future__ import annotations

from heapq import merge
from typing import TYPE_CHECKING

from beholden.schema.knowledge import SORT_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.schema.rows import Row

Key = tuple[str, ...]


def row_key(table: str, row: Row) -> Key:
    """What a table is sorted by; rows with equal keys stand side by side, in an order of their own."""
    return tuple(str(getattr(row, column) or "") for column in SORT_KEYS[table])


def in_order(table: str, streams: Sequence[Iterator[Row]]) -> Iterator[Row]:
    """Rows of one table, from streams that are each in its order, as one stream."""
    return streams[0] if len(streams) == 1 else merge(*streams, key=lambda row: row_key(table, row))
