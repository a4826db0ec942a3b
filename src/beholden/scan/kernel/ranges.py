"""Addresses → the label of the range they lie in, for whole columns.

`ranges_reference` and `native/src/ranges.rs` give the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from beholden.engine import Engine, engine
from beholden.scan.kernel.columns import answered, is_text, whole

if TYPE_CHECKING:
    from beholden._native import Ranges
    from beholden.scan.kernel.ranges_reference import ReferenceRanges

NO_RANGE = -1
NO_ADDRESS = -2

PACKED = pa.binary(16)
SCHEMA = pa.schema([("first", PACKED), ("last", PACKED), ("label", pa.int32())])


class LabelledRanges:
    """Address ranges, each of which stands for something.

    Args:
        table: Of `SCHEMA`: both ends of each range as 16 bytes, big-endian, IPv4 mapped into ::ffff:0:0/96, and a label
            of 0 or more. Sorted, and no two have an address in common.
        running: The engine; None: the one of this process.

    Attributes:
        native: What other native kernels take; None with the reference.

    Raises:
        ValueError: The table is not so.
    """

    def __init__(self, table: pa.Table, running: Engine | None = None) -> None:
        first, last, label = (whole(column) for column in table.select(SCHEMA.names).cast(SCHEMA).columns)
        _check(first, last, label)
        self.native: Ranges | None = None
        self._kernel: Ranges | ReferenceRanges
        if (running or engine()) is Engine.NATIVE:
            from beholden._native import Ranges

            self.native = self._kernel = Ranges(first, last, label)
        else:
            from beholden.scan.kernel.ranges_reference import ReferenceRanges

            self._kernel = ReferenceRanges(first, last, label)

    def find(self, column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        """The label of each address.

        Args:
            column: Addresses as text (string, large_string or string_view; in any spelling that
                `beholden.scan.network.sides.parse_address` takes), or packed as in the table.

        Returns:
            int32, chunked as the column is: the label, `NO_RANGE`, `NO_ADDRESS`, or null where the slot is null.

        Raises:
            TypeError: The column is of another type.
            ValueError: The column points outside its own bytes.
        """
        if not (is_text(column.type) or column.type == PACKED):
            raise TypeError(f"addresses are text or binary(16), this is {column.type}")
        return answered(column, self._kernel.find)


def _check(first: pa.Array, last: pa.Array, label: pa.Array) -> None:
    if first.null_count or last.null_count or label.null_count:
        raise ValueError("a range lacks an end or a label")
    wrong = {
        "ends before it begins": pc.greater(first, last),
        "has a negative label": pc.less(label, 0),
        "is not behind the one before it": pc.less_equal(first[1:], last[:-1]),
    }
    for what, where in wrong.items():
        if (row := where.index(True).as_py()) >= 0:
            raise ValueError(f"the range of row {row + (len(first) - len(where))} {what}")
