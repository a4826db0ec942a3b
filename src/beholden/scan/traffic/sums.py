"""Sums of contacts at three grains, whatever their number: by day, by our host, and by what was reached.

Months of logs hold more pairs of a host and an address on a day than a machine holds rows. What is asked is less: how
much passed with one operator on each day (which rule was in force then), which of our hosts took part, and which of the
operator's addresses were reached. Each of the three is summed by itself, so that memory follows the number of hosts and
operators, not of records.

A `class` is what one operator's asset is: a label of the watched ranges, a name, or the address itself where nobody
says what is watched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from beholden.schema.observation import MAX_LINES
from beholden.schema.vocabulary import Grain

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY_US = 86_400_000_000
# A place is a file and a line in one number, so that the least is the first; logs of 10^12 lines are read in parts.
PLACE_BITS = 40
MAX_PORTS = 8
_ROWS_HELD = 200_000

_CLASS = ("ends", "verdict", "kind", "class")
KEYS: dict[Grain, tuple[str, ...]] = {
    Grain.DAY: (*_CLASS, "network", "day"),
    Grain.HOST: (*_CLASS, "own_hi", "own_lo"),
    Grain.VALUE: (*_CLASS, "network", "remote_hi", "remote_lo"),
}
TEXTS = ("protocol", "service", "state", "account", "interface")


class Sums(NamedTuple):
    """Sums at each grain."""

    by_day: pl.DataFrame
    by_host: pl.DataFrame
    by_value: pl.DataFrame

    @property
    def rows(self) -> int:
        """Rows at all grains."""
        return self.by_day.height + self.by_host.height + self.by_value.height


class Pile:
    """Sums of the parts of a run, put together whenever as much has come in as was there.

    So that a row is grouped anew a few times, and not once for every part.
    """

    def __init__(self) -> None:
        self._whole: Sums | None = None
        self._parts: list[Sums] = []

    def add(self, part: Sums) -> None:
        """Add a part."""
        self._parts.append(part)
        held = self._whole.rows if self._whole is not None else 0
        if sum(part.rows for part in self._parts) > max(_ROWS_HELD, held):
            self.whole()

    def whole(self) -> Sums | None:
        """All of them together; None where none was added."""
        parts = [*([] if self._whole is None else [self._whole]), *self._parts]
        if len(parts) > 1:
            self._whole = Sums(*(_merged(grain, frames) for grain, *frames in zip(KEYS, *parts, strict=True)))
        elif parts:
            self._whole = parts[0]
        self._parts = []
        return self._whole


def summed(contacts: pl.DataFrame) -> Sums:
    """Sum contacts.

    Args:
        contacts: CONTACT with `file`, `ends` (which names its address fields have), `kind` (0 an address, 1 a name),
            `class` and `network` (which of ours; -1: none that is named).
    """
    first = pl.col("lines").list.first()
    ordered = contacts.with_columns(
        (pl.col("start") // DAY_US).alias("day"),
        (pl.col("lines") + pl.col("file").cast(pl.Int64) * 2**PLACE_BITS).alias("places"),
        pl.concat_list("port").alias("ports"),
    ).sort("file", first, *_beside((contacts["lines"].list.first() == 0).any()))
    return Sums(*(_grouped(grain, ordered) for grain in KEYS))


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


def _merged(grain: Grain, parts: list[pl.DataFrame]) -> pl.DataFrame:
    rows, first = pl.concat(parts), pl.col("places").list.first()
    is_placeless = grain is Grain.HOST and (rows["places"].list.first() % 2**PLACE_BITS == 0).any()
    return _grouped(grain, rows.sort(first, *_beside(is_placeless)))


def _beside(is_placeless: bool) -> tuple[str, ...]:
    """What tells the first record beside its place: rows of a table have none, and come in no order."""
    return ("start", *TEXTS) if is_placeless else ()


def _grouped(grain: Grain, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in the order of their places → one row for each key; of the texts the first record's."""
    sums = [
        pl.col("count").sum(),
        pl.col("start").min(),
        pl.col("end").max(),
        _least("places", MAX_LINES),
    ]
    if grain is not Grain.VALUE:
        sums += [pl.col("first_bytes", "second_bytes").sum()]
    if grain is Grain.HOST:
        sums += [*(pl.col(name).first() for name in TEXTS), _least("ports", MAX_PORTS)]
    return rows.group_by(KEYS[grain]).agg(sums)


def _least(name: str, count: int) -> pl.Expr:
    # The least few of the least few of parts are those of the whole.
    return pl.col(name).list.explode(keep_nulls=False, empty_as_null=False).unique().sort().head(count)
