"""The order of rows in a table, as a key: two bases are compared by reading both in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.schema.knowledge import SORT_KEYS

if TYPE_CHECKING:
    from beholden.schema.rows import Row

Key = tuple[str, ...]


def row_key(table: str, row: Row) -> Key:
    """What a table is sorted by; rows with equal keys stand side by side, in an order of their own."""
    return tuple(str(getattr(row, column) or "") for column in SORT_KEYS[table])
