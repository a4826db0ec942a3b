"""Sums of contacts in Polars: what `sums` says, for any machine."""

from __future__ import annotations

import polars as pl

from beholden.scan.traffic.sums import COLUMNS, DAY_US, KEYS, MAX_PORTS, PLACE_BITS, TEXTS, Sums, exact_sum
from beholden.schema.observation import MAX_LINES
from beholden.schema.vocabulary import Grain

_ROWS_HELD = 200_000


class ReferencePile:
    """Sums of the parts of a run, put together whenever as much has come in as was there.

    So that a row is grouped anew a few times, and not once for every part.
    """

    def __init__(self) -> None:
        self._whole: Sums | None = None
        self._parts: list[Sums] = []

    def take(self, contacts: pl.DataFrame) -> None:
        """`Pile.take`."""
        self.add(summed(contacts))

    def add(self, part: Sums) -> None:
        """`Pile.add`."""
        self._parts.append(part)
        held = self._whole.rows if self._whole is not None else 0
        if sum(part.rows for part in self._parts) > max(_ROWS_HELD, held):
            self.whole()

    def whole(self) -> Sums | None:
        """`Pile.whole`."""
        parts = [*([] if self._whole is None else [self._whole]), *self._parts]
        if len(parts) > 1:
            self._whole = Sums(*(_merged(grain, frames) for grain, *frames in zip(KEYS, *parts, strict=True)))
        elif parts:
            self._whole = parts[0]
        self._parts = []
        return self._whole


def summed(contacts: pl.DataFrame) -> Sums:
    """Sum contacts; `sums.Pile.take`."""
    first = pl.col("lines").list.first()
    ordered = contacts.with_columns(
        (pl.col("start") // DAY_US).alias("day"),
        (pl.col("lines") + pl.col("file").cast(pl.Int64) * 2**PLACE_BITS).alias("places"),
        pl.concat_list("port").alias("ports"),
    ).sort("file", first, *_beside((contacts["lines"].list.first() == 0).any()))
    return Sums(*(_grouped(grain, ordered) for grain in KEYS))


def _merged(grain: Grain, parts: list[pl.DataFrame]) -> pl.DataFrame:
    rows, first = pl.concat(parts), pl.col("places").list.first()
    if grain is not Grain.HOST:
        return _grouped(grain, rows.sort(first))
    return _grouped(grain, rows.sort(first, *_beside((rows["places"].list.first() % 2**PLACE_BITS == 0).any())))


def _beside(is_placeless: bool) -> tuple[str, ...]:
    """What tells the first record beside its place, which several may share: a line of JSON can hold hundreds.

    Rows of a table have no place at all, and come in no order.
    """
    return ("start", *TEXTS) if is_placeless else TEXTS


def _grouped(grain: Grain, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in the order of their places → one row for each key; of the texts the first record's."""
    sums = [
        exact_sum("count"),
        pl.col("start").min(),
        pl.col("end").max(),
        _least("places", MAX_LINES),
    ]
    if grain is not Grain.VALUE:
        sums += [exact_sum("first_bytes"), exact_sum("second_bytes")]
    if grain is Grain.HOST:
        sums += [*(pl.col(name).first() for name in TEXTS), _least("ports", MAX_PORTS)]
    return rows.group_by(KEYS[grain]).agg(sums).select(COLUMNS[grain])


def _least(name: str, count: int) -> pl.Expr:
    # The least few of the least few of parts are those of the whole.
    return pl.col(name).list.explode(keep_nulls=False, empty_as_null=False).unique().sort().head(count)
