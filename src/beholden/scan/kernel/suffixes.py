"""Host names → the longest watched domain that they are or are below, for whole columns.

The reference, here, needs nothing but Arrow; `native/src/suffixes.rs` gives the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.engine import Engine, engine
from beholden.scan.kernel.columns import answered, as_bytes, is_text, whole

if TYPE_CHECKING:
    from beholden._native import Suffixes

NO_SUFFIX = -1


class WatchedSuffixes:
    """Domain names, each of which stands for itself and everything below it.

    Args:
        names: Text, in lower case and without a dot at the end. An empty name and a null match nothing; of two equal
            names the first counts. That none is a public suffix is for the caller to see to.
        running: The engine; None: the one of this process.

    Attributes:
        native: What other native kernels take; None with the reference.

    Raises:
        TypeError: The names are no text.
    """

    def __init__(self, names: pa.Array | pa.ChunkedArray, running: Engine | None = None) -> None:
        _check(names)
        self.native: Suffixes | None = None
        self._kernel: Suffixes | ReferenceSuffixes
        if (running or engine()) is Engine.NATIVE:
            from beholden._native import Suffixes

            self.native = self._kernel = Suffixes(whole(names))
        else:
            self._kernel = ReferenceSuffixes(whole(names))

    def find(self, column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        """Which watched name each host name is or is below.

        Args:
            column: Host names (string, large_string or string_view): letters of ASCII in either case, and one dot at
                the end that is no part of the name.

        Returns:
            int32, chunked as the column is: the position of the longest watched name, `NO_SUFFIX`, or null where the
            slot is null.

        Raises:
            TypeError: The column is no text.
            ValueError: The column points outside its own bytes.
        """
        _check(column)
        return answered(column, self._kernel.find)


class ReferenceSuffixes:
    """The reference: each name of a column once, and of each its parents from the longest on."""

    def __init__(self, names: pa.Array) -> None:
        self._positions: dict[bytes, int] = {}
        for position, name in enumerate(as_bytes(names).to_pylist()):
            if name:
                self._positions.setdefault(name, position)
        self._longest = max(map(len, self._positions), default=0)

    def __len__(self) -> int:
        return len(self._positions)

    def find(self, column: pa.Array) -> pa.Array:
        """int32: the position for each name of one array."""
        names = as_bytes(column).dictionary_encode()
        answers = pa.array([self._one(name) for name in names.dictionary.to_pylist()], pa.int32())
        return answers.take(names.indices)

    def _one(self, host: bytes) -> int:
        name = host.lower().removesuffix(b".")
        # What is left of the longest watched name decides nothing, however much of it there is.
        if (begin := len(name) - self._longest) > 0:
            begin = name.find(b".", begin - 1) + 1 or len(name)
        begin = max(begin, 0)
        while begin < len(name):
            if (position := self._positions.get(name[begin:])) is not None:
                return position
            begin = name.find(b".", begin) + 1 or len(name)
        return NO_SUFFIX


def _check(column: pa.Array | pa.ChunkedArray) -> None:
    if not is_text(column.type):
        raise TypeError(f"host names are text, this is {column.type}")
