"""For the reference: columns of addresses → the bits of `beholden.scan.network.sides`, and the addresses as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beholden.engine import Engine
from beholden.scan.kernel.columns import as_bytes, is_text
from beholden.scan.kernel.ranges import NO_ADDRESS, PACKED
from beholden.scan.network.sides import FOREIGN, GROUP, OURS, WATCHED, no_party, parse_address

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from beholden.scan.kernel.judge import AddressJudge
    from beholden.scan.kernel.ranges import LabelledRanges

    Bits = NDArray[np.uint8]
    Numbers = NDArray[np.uint64]
    Flags = NDArray[np.bool_]


class ColumnJudge:
    """Judges whole columns.

    Args:
        judge: Says whose an address is.
    """

    def __init__(self, judge: AddressJudge) -> None:
        watch = judge.watch
        self._no_party = no_party(watch.own_networks)
        self._places, self._watched = judge.ranges(Engine.PYTHON)

    def bits(self, column: pa.Array) -> Bits:
        """The bits of every address; 0 where the value is none, or null.

        Args:
            column: Text in any Arrow layout, or binary(16).

        Raises:
            TypeError: The column is of another type.
            ValueError: The column points outside its own bytes.
        """
        _check(column)
        place = _labels(self._places, column)
        bits = np.where(place < 0, FOREIGN, OURS).astype(np.uint8)
        bits |= (
            np.uint8(WATCHED)
            if self._watched is None
            else np.where(_labels(self._watched, column) >= 0, WATCHED, 0).astype(np.uint8)
        )
        bits[place == self._no_party] = GROUP
        bits[place == NO_ADDRESS] = 0
        return bits

    def halves(self, column: pa.Array) -> tuple[Numbers, Numbers, Flags]:
        """Both halves of every address, and which values are addresses.

        Args:
            column: As for `bits`.

        Raises:
            TypeError: The column is of another type.
            ValueError: The column points outside its own bytes.
        """
        _check(column)
        high, low = np.zeros(len(column), np.uint64), np.zeros(len(column), np.uint64)
        is_one = np.zeros(len(column), np.bool_)
        is_packed = column.type == PACKED
        known: dict[bytes, bytes | None] = {}
        for row, value in enumerate((column if is_packed else as_bytes(column)).to_pylist()):
            # The null slots of string views may hold anything; `as_bytes` keeps them null.
            if value is None:
                continue
            if value not in known:
                known[value] = value if is_packed else parse_address(value.decode(errors="replace"))
            if (packed := known[value]) is not None:
                high[row], low[row] = int.from_bytes(packed[:8]), int.from_bytes(packed[8:])
                is_one[row] = True
        return high, low, is_one


def _check(column: pa.Array) -> None:
    if not (is_text(column.type) or column.type == PACKED):
        raise TypeError(f"addresses are text or binary(16), this is {column.type}")


def _labels(ranges: LabelledRanges, column: pa.Array) -> NDArray[np.int32]:
    return np.asarray(ranges.find(column).fill_null(NO_ADDRESS).to_numpy(zero_copy_only=False), np.int32)
