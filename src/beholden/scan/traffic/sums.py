"""Sums of contacts at three grains, whatever their number: by day, by our host, and by what was reached.

Months of logs hold more pairs of a host and an address on a day than a machine holds rows. What is asked is less: how
much passed with one operator on each day (which rule was in force then), which of our hosts took part, and which of the
operator's addresses were reached. Each of the three is summed by itself, so that memory follows the number of hosts and
operators, not of records.

A `class` is what one operator's asset is: a label of the watched ranges, a name, or the address itself where nobody
says what is watched. `sums_reference` and `native/src/sums.rs` give the same rows.
"""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple, Protocol

import polars as pl
import pyarrow as pa

from beholden.engine import Engine, engine
from beholden.schema.vocabulary import Grain

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY_US = 86_400_000_000
# A place is a file and a line in one number, so that the least is the first; logs of 10^12 lines are read in parts.
PLACE_BITS = 40
MAX_PORTS = 8

_CLASS = ("ends", "verdict", "kind", "class")
KEYS: dict[Grain, tuple[str, ...]] = {
    Grain.DAY: (*_CLASS, "network", "day"),
    Grain.HOST: (*_CLASS, "own_hi", "own_lo"),
    Grain.VALUE: (*_CLASS, "network", "remote_hi", "remote_lo"),
}
TEXTS = ("protocol", "service", "state", "account", "interface")
_MEASURES = ("count", "start", "end", "places")
COLUMNS: dict[Grain, tuple[str, ...]] = {
    Grain.DAY: (*KEYS[Grain.DAY], *_MEASURES, "first_bytes", "second_bytes"),
    Grain.HOST: (*KEYS[Grain.HOST], *_MEASURES, "first_bytes", "second_bytes", *TEXTS, "ports"),
    Grain.VALUE: (*KEYS[Grain.VALUE], *_MEASURES),
}
# What the native kernel takes, and what it gives for each grain.
_TAKEN = (
    "file", "ends", "verdict", "kind", "class", "network", "remote_hi", "remote_lo", "own_hi", "own_lo",
    "start", "end", "count", "first_bytes", "second_bytes", "port", "lines", *TEXTS,
)  # fmt: skip
_GIVEN = (
    *_CLASS, "network", "day", "address_hi", "address_lo", *_MEASURES, "first_bytes", "second_bytes", *TEXTS, "ports",
)  # fmt: skip


class Sums(NamedTuple):
    """Sums at each grain."""

    by_day: pl.DataFrame
    by_host: pl.DataFrame
    by_value: pl.DataFrame

    @property
    def rows(self) -> int:
        """Rows at all grains."""
        return self.by_day.height + self.by_host.height + self.by_value.height


class Pile(Protocol):
    """The contacts of a run, summed up as they come."""

    def take(self, contacts: pl.DataFrame) -> None:
        """Add contacts.

        Args:
            contacts: CONTACT with `file`, `ends` (which names its address fields have), `kind` (0 an address, 1 a
                name), `class` and `network` (which of ours; -1: none that is named).
        """

    def add(self, part: Sums) -> None:
        """Add what was summed elsewhere."""

    def whole(self) -> Sums | None:
        """All sums; None where there was no contact."""


def pile(running: Engine | None = None) -> Pile:
    """An empty one.

    Args:
        running: The engine; None: the one of this process.
    """
    if (running or engine()) is Engine.NATIVE:
        return _NativePile()
    from beholden.scan.traffic.sums_reference import ReferencePile

    return ReferencePile()


class _NativePile:
    def __init__(self) -> None:
        from beholden._native import Sums as NativeSums
        from beholden.scan.traffic.sums_reference import ReferencePile

        self._sums = NativeSums()
        self._is_empty = True
        # What was summed elsewhere, and rows of tables, which need more than their place to have an order.
        self._others = ReferencePile()

    def take(self, contacts: pl.DataFrame) -> None:
        """`Pile.take`."""
        if (contacts["lines"].list.first() == 0).any():
            self._others.take(contacts)
            return
        table = contacts.select(_TAKEN).to_arrow(compat_level=pl.CompatLevel.oldest())
        for batch in table.combine_chunks().to_batches():
            self._sums.add(batch)
            self._is_empty = False

    def add(self, part: Sums) -> None:
        """`Pile.add`."""
        self._others.add(part)

    def whole(self) -> Sums | None:
        """`Pile.whole`."""
        if not self._is_empty:
            self._others.add(Sums(*starmap(_frame, zip(KEYS, self._sums.columns(), strict=True))))
            self._sums, self._is_empty = type(self._sums)(), True
        return self._others.whole()


def _frame(grain: Grain, columns: list[pa.Array]) -> pl.DataFrame:
    names = {name: "address" + name[-3:] if name.endswith(("_hi", "_lo")) else name for name in COLUMNS[grain]}
    known = dict(zip(_GIVEN, columns, strict=True))
    frame = pl.from_arrow(pa.RecordBatch.from_arrays([known[given] for given in names.values()], names=list(names)))
    assert isinstance(frame, pl.DataFrame)
    return frame


def exact_sum(name: str) -> pl.Expr:
    """The sum of a column of 64 bits, which ends at the greatest number rather than wrapping."""
    return pl.col(name).cast(pl.Int128).sum().clip(upper_bound=2**63 - 1).cast(pl.Int64)


def renumbered(sums: Sums, files: Sequence[int], ends: Sequence[int]) -> Sums:
    """Sums with other numbers for their logs and for the names of address fields.

    Args:
        sums: Of other numbers.
        files: The new number of each log; ascending, so that the first stays the first.
        ends: The new number of each pair of names.
    """
    file, line = pl.element() // 2**PLACE_BITS, pl.element() % 2**PLACE_BITS
    new = file.replace_strict(list(range(len(files))), list(files), return_dtype=pl.Int64)
    columns = [
        pl.col("places").list.eval(new * 2**PLACE_BITS + line),
        pl.col("ends").replace_strict(list(range(len(ends))), list(ends), return_dtype=pl.Int32),
    ]
    return Sums(*(frame.with_columns(*columns) for frame in sums))
